#pragma once
// The twelve standard leads, their order and the names under which files carry them.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/tensor.hpp"

namespace systolic {

inline constexpr Index standard_lead_count = 12;

/// The canonical order of every 12-lead array in the library.
inline constexpr std::array<const char*, 12> standard_leads = {"I",  "II", "III", "aVR", "aVL", "aVF",
                                                               "V1", "V2", "V3",  "V4",  "V5",  "V6"};

/// Leads 6..11, V1 to V6, are measured on the chest; no other lead can stand in for one of them.
inline constexpr int first_precordial_lead = 6;

/// The place (0..11) of the standard lead that `name` means, or -1. Forgiving: case, spaces around, the prefixes "ECG",
/// "EKG" and "lead" ("ECG Lead II"), the modified limb leads of monitors (MLII means II), DI, DII, DIII, and dots or
/// underscores inside ("V_1"). A sign is not skipped: -aVR is another signal than aVR.
template <class = void>
inline int find_standard_lead(std::string_view name) {
  std::string plain;
  for (const char c : name)
    if (c != ' ' && c != '\t' && c != '_' && c != '.' && c != '\0')
      plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const std::string_view prefix : {"ecg", "ekg", "lead"})
    if (plain.starts_with(prefix)) plain.erase(0, prefix.size());
  for (const std::string_view prefix : {"mli", "di"})
    if (plain.starts_with(prefix)) plain.erase(0, prefix.size() - 1);
  constexpr std::array<std::string_view, 12> lower = {"i",  "ii", "iii", "avr", "avl", "avf",
                                                      "v1", "v2", "v3",  "v4",  "v5",  "v6"};
  for (std::size_t lead = 0; lead < lower.size(); ++lead)
    if (plain == lower[lead]) return static_cast<int>(lead);
  return -1;
}

/// For each standard lead the first column of that name, or -1.
template <class = void>
inline std::array<int, 12> find_standard_leads(const std::vector<std::string>& names) {
  std::array<int, 12> columns;
  columns.fill(-1);
  for (std::size_t column = 0; column < names.size(); ++column)
    if (const int lead = find_standard_lead(names[column]); lead >= 0) {
      int& place = columns[static_cast<std::size_t>(lead)];
      if (place < 0) place = static_cast<int>(column);
    }
  return columns;
}

/// How a limb lead follows from I and II, by their weights (Einthoven's triangle, Goldberger's augmented leads).
struct LimbLead {
  double i = 0, ii = 0;
};

/// The combination for lead 0..5: III = II - I, aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2.
inline constexpr std::array<LimbLead, 6> limb_leads = {{{1, 0}, {0, 1}, {-1, 1}, {-0.5, -0.5}, {1, -0.5}, {-0.5, 1}}};

}  // namespace systolic
