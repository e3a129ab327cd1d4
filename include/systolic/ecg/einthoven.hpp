#pragma once
// Do the limb leads fit together? The six of them show two voltages (Einthoven's triangle): whatever is left when that
// plane is taken away tells of leads whose names were swapped or whose sign was turned. Electrodes that were swapped on
// the body leave the triangle whole; the commonest of these are told by the shape of the leads.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/record.hpp"

namespace systolic {

struct LimbLeadCheck {
  bool checked = false;               ///< three limb leads at least, or two and V6
  double mismatch = 0;                ///< part of the limb leads' energy that contradicts Einthoven's triangle, 0 to 1
  std::vector<std::string> problems;  ///< for a person to read; empty where all is well
};

namespace detail {

inline constexpr Index limb_lead_count = 6;
inline constexpr Index limb_check_leads = limb_lead_count + 1;  // and V6, where it is there
using LeadMoments = std::array<std::array<double, limb_check_leads>, limb_check_leads>;

/// Sums of products of the leads' slopes (differences over 10 ms), in which offsets and baseline wander vanish and QRS
/// complexes prevail. `columns` [lead], -1 for those that are absent; V6 comes last.
template <class = void>
inline LeadMoments slope_moments(TensorView<const double> samples, double rate,
                                 const std::array<int, limb_check_leads>& columns) {
  LeadMoments moments{};
  const Index step = std::max<Index>(1, std::lround(rate / 100));
  for (Index t = 0; t + step < samples.shape()[0]; ++t) {
    std::array<double, limb_check_leads> slopes{};
    bool known = true;
    for (std::size_t lead = 0; lead < slopes.size(); ++lead)
      if (columns[lead] >= 0) {
        slopes[lead] = samples(t + step, columns[lead]) - samples(t, columns[lead]);
        known = known && std::isfinite(slopes[lead]);
      }
    if (!known) continue;
    for (std::size_t a = 0; a < slopes.size(); ++a)
      for (std::size_t b = 0; b < slopes.size(); ++b) moments[a][b] += slopes[a] * slopes[b];
  }
  return moments;
}

/// The part of the energy that lies outside the plane of the triangle, if lead k is sign[k] times what standard lead
/// who[k] shows. An orthonormal basis of the plane follows from the leads' coefficients by Gram and Schmidt.
template <class = void>
inline double triangle_mismatch(const LeadMoments& moments, const std::array<int, limb_check_leads>& columns,
                                const std::array<std::size_t, limb_lead_count>& who,
                                const std::array<double, limb_lead_count>& sign) {
  std::array<double, limb_lead_count> u{}, v{};
  double uu = 0, uv = 0, total = 0;
  for (std::size_t k = 0; k < u.size(); ++k)
    if (columns[k] >= 0) {
      u[k] = sign[k] * limb_leads[who[k]].i;
      v[k] = sign[k] * limb_leads[who[k]].ii;
      uu += u[k] * u[k];
      uv += u[k] * v[k];
      total += moments[k][k];
    }
  double vv = 0;
  for (std::size_t k = 0; k < u.size(); ++k) {
    if (uu > 0) v[k] -= uv / uu * u[k];
    vv += v[k] * v[k];
  }
  double inside = 0;
  for (std::size_t a = 0; a < u.size(); ++a)
    for (std::size_t b = 0; b < u.size(); ++b)
      inside += moments[a][b] * ((uu > 0 ? u[a] * u[b] / uu : 0) + (vv > 1e-9 ? v[a] * v[b] / vv : 0));
  return total > 0 ? std::clamp(1 - inside / total, 0.0, 1.0) : 0;
}

/// What would make the leads fit: every exchange of two names and every turned sign that leaves less than `most`.
template <class = void>
inline std::vector<std::string> fitting_exchanges(const LeadMoments& moments,
                                                  const std::array<int, limb_check_leads>& columns, double most) {
  std::vector<std::string> fitting;
  std::array<std::size_t, limb_lead_count> who{};
  std::array<double, limb_lead_count> sign{};
  for (std::size_t k = 0; k < who.size(); ++k) {
    who[k] = k;
    sign[k] = 1;
  }
  for (std::size_t a = 0; a < who.size(); ++a) {
    if (columns[a] < 0) continue;
    sign[a] = -1;
    if (triangle_mismatch(moments, columns, who, sign) < most)
      fitting.push_back(std::string("lead ") + standard_leads[a] + " is upside down");
    sign[a] = 1;
    for (std::size_t b = a + 1; b < who.size(); ++b) {
      if (columns[b] < 0) continue;
      std::swap(who[a], who[b]);
      if (triangle_mismatch(moments, columns, who, sign) < most)
        fitting.push_back(std::string("leads ") + standard_leads[a] + " and " + standard_leads[b] + " are swapped");
      std::swap(who[a], who[b]);
    }
  }
  return fitting;
}

/// The part of the limb leads' energy that no two of them explain: next to nothing in true limb leads, whatever their
/// names, signs and scales. Each step takes away the largest lead that is left (Cholesky with pivots).
template <class = void>
inline double beyond_two_leads(LeadMoments moments) {
  double total = 0, left = 0;
  for (std::size_t k = 0; k < limb_lead_count; ++k) total += moments[k][k];
  for (int step = 0; step < 2; ++step) {
    std::size_t pivot = 0;
    for (std::size_t k = 1; k < limb_lead_count; ++k)
      if (moments[k][k] > moments[pivot][pivot]) pivot = k;
    if (moments[pivot][pivot] <= 0) break;
    const LeadMoments before = moments;
    for (std::size_t a = 0; a < limb_lead_count; ++a)
      for (std::size_t b = 0; b < limb_lead_count; ++b)
        moments[a][b] -= before[a][pivot] * before[pivot][b] / before[pivot][pivot];
  }
  for (std::size_t k = 0; k < limb_lead_count; ++k) left += std::max(0.0, moments[k][k]);
  return total > 0 ? left / total : 0;
}

/// Electrodes that were swapped on the body, by what each does to the leads.
template <class = void>
inline void find_swapped_electrodes(const LeadMoments& moments, const std::array<int, limb_check_leads>& columns,
                                    std::vector<std::string>& problems) {
  constexpr std::size_t i = 0, ii = 1, iii = 2, avr = 3, v6 = 6;
  if (columns[i] < 0 || columns[ii] < 0) return;
  // Two electrodes on legs, or the same potential twice: that lead shows next to nothing.
  const double energies[] = {
      moments[i][i], moments[ii][ii],
      columns[iii] < 0 ? moments[i][i] + moments[ii][ii] - 2 * moments[i][ii] : moments[iii][iii]};
  const char* const swapped[] = {"both arm electrodes with both leg electrodes",
                                 "the electrodes of the right arm and the right leg",
                                 "the electrodes of the left arm and the right leg"};
  const double largest = *std::max_element(energies, energies + 3);
  constexpr double flat = 0.03 * 0.03;  // of the largest lead's slopes
  for (std::size_t lead = 0; lead < 3; ++lead)
    if (energies[lead] < flat * largest)
      problems.push_back(std::string("lead ") + standard_leads[lead] + " is almost flat: " + swapped[lead] +
                         " may be swapped");
  if (columns[v6] < 0) return;
  const auto correlation = [&](std::size_t a, std::size_t b) {
    const double product = moments[a][a] * moments[b][b];
    return product > 0 ? moments[a][b] / std::sqrt(product) : 0;
  };
  // aVR = -(I + II) / 2, from the moments of I and II where the file has none.
  double avr_v6 = correlation(avr, v6);
  if (columns[avr] < 0) {
    const double energy = moments[i][i] + moments[ii][ii] + 2 * moments[i][ii];
    avr_v6 = energy > 0 && moments[v6][v6] > 0
                 ? -(moments[i][v6] + moments[ii][v6]) / std::sqrt(energy * moments[v6][v6])
                 : 0;
  }
  // I and V6 look at the heart from the same side, aVR from the opposite one.
  if (correlation(i, v6) < -0.5 && avr_v6 > 0.3)
    problems.push_back(
        "lead I is the reverse of V6, and aVR is not: the arm electrodes may be swapped (or dextrocardia)");
}

}  // namespace detail

/// Checks the limb leads of `samples` [time][lead], mV, whose columns `leads` names. Samples that are NaN are passed
/// over.
template <class = void>
inline LimbLeadCheck check_limb_leads(TensorView<const double> samples, const std::vector<std::string>& leads,
                                      double rate) {
  LimbLeadCheck check;
  const auto all = find_standard_leads(leads);
  std::array<int, detail::limb_check_leads> columns{};
  std::copy_n(all.begin(), detail::limb_lead_count, columns.begin());
  columns.back() = all.back();
  const auto limbs = std::count_if(columns.begin(), columns.end() - 1, [](int column) { return column >= 0; });
  check.checked = limbs >= 3 || (columns[0] >= 0 && columns[1] >= 0 && columns.back() >= 0);
  if (!check.checked) return check;
  const detail::LeadMoments moments = detail::slope_moments(samples, rate, columns);
  check.mismatch = detail::triangle_mismatch(moments, columns, {0, 1, 2, 3, 4, 5}, {1, 1, 1, 1, 1, 1});
  // Rounding to 5 uV and filters that differ a little from lead to lead stay far below; any exchange is far above.
  constexpr double most = 0.02;
  if (check.mismatch < most) {
    detail::find_swapped_electrodes(moments, columns, check.problems);
    return check;
  }
  std::string problem = "the limb leads contradict each other (III = II - I and so on)";
  const std::vector<std::string> fitting =
      detail::fitting_exchanges(moments, columns, std::min(most, check.mismatch / 4));
  for (std::size_t i = 0; i < fitting.size(); ++i)
    problem += (i == 0 ? "; they would fit if " : ", or if ") + fitting[i];
  if (fitting.empty() && detail::beyond_two_leads(moments) < 1e-3)
    problem += "; two of them do explain the others, so their scales (gains) contradict each other";
  check.problems.push_back(problem);
  return check;
}

template <class = void>
inline LimbLeadCheck check_limb_leads(const Record& record) {
  return check_limb_leads(record.samples, record.leads, record.rate);
}

}  // namespace systolic
