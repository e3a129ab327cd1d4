#pragma once
// Records as WFDB files: NAME.hea and NAME.dat, format 16.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/io/bytes.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"
#include "systolic/io/wfdb_header.hpp"

namespace systolic::io {
namespace detail {

/// The shortest text that reads back as `value`, in any locale.
inline std::string number_text(double value) {
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
}

/// A gain for samples up to `largest` mV: 1000 steps a mV as most archives have, or the power of ten that makes use of
/// 16 bits where 1000 would be too coarse or too fine.
template <class = void>
inline double choose_wfdb_gain(double largest) noexcept {
  double gain = 1000;
  while (largest * gain > 32767 && gain > 1e-6) gain /= 10;
  while (largest > 0 && largest * gain < 100 && gain < 1e9) gain *= 10;
  return gain;
}

/// Text that stays on its line of the header.
inline bool is_one_line(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; });
}

}  // namespace detail

/// Writes `record` (mV) as `path`.hea and `path`.dat; `path` may end in ".hea". NaN becomes the mark of a sample that
/// was not recorded. `gains` are steps a mV, one a lead, one for all, or none: chosen by lead. Requires
/// finite or NaN samples that fit 16 bits at the given gains, and a file name without blanks; otherwise, and where a
/// file cannot be written, an Error. Each file is written whole or not at all, the header last.
template <class = void>
[[gnu::cold]] inline Status write_wfdb(const std::string& path, const Record& record,
                                       const std::vector<double>& gains = {}) {
  const std::string header_path = wfdb_header_path(path);
  const std::string data_path = joined({header_path.substr(0, header_path.size() - 4), ".dat"});
  const std::string name = split_path(data_path.substr(0, data_path.size() - 4)).second;
  const Index leads = record.lead_count();
  if (name.empty() || name.starts_with('#') || name.find_first_of(" \t\r\n\v\f") != std::string::npos)
    return error_at(header_path, "", "a record's name must have no blank and not begin with '#'");
  if (leads < 1 || record.samples.shape() != Shape{record.length(), leads} || record.length() < 1)
    return error_at(header_path, "", "the record has no samples, or not as many columns as leads");
  if (record.units != "mV")
    return failure_at(header_path, "", {"samples must be in mV, not ", in_quotes(record.units)});
  if (!gains.empty() && gains.size() != 1 && static_cast<Index>(gains.size()) != leads)
    return error_at(header_path, "", "there must be one gain a lead, or one for all");

  std::string data(static_cast<std::size_t>(record.samples.size()) * 2, '\0');
  std::string header = joined({name, " ", leads, " ", detail::number_text(record.rate), " ", record.length(), "\n"});
  for (Index lead = 0; lead < leads; ++lead) {
    const std::string& lead_name = record.leads[static_cast<std::size_t>(lead)];
    const std::string who = joined({"lead ", in_quotes(lead_name)});
    if (!detail::is_one_line(lead_name)) return error_at(header_path, who, "its name has a line break");
    double largest = 0;
    for (Index t = 0; t < record.length(); ++t)
      if (const double sample = std::abs(record.samples(t, lead)); sample > largest) largest = sample;
    if (std::isinf(largest)) return error_at(header_path, who, "has an infinite sample");
    double gain = detail::choose_wfdb_gain(largest);
    if (!gains.empty()) gain = gains[gains.size() == 1 ? 0 : static_cast<std::size_t>(lead)];
    if (!(std::abs(gain) >= 1e-6 && std::abs(gain) <= 1e9))
      return error_at(header_path, who, "gain is not between 1e-6 and 1e9");
    if (largest * std::abs(gain) > 32767.49)
      return error_at(header_path, who, "samples do not fit 16 bits at this gain");

    constexpr std::int16_t not_recorded = -32768;
    std::uint32_t sum = 0;
    std::int16_t initial = 0;
    for (Index t = 0; t < record.length(); ++t) {
      const double sample = record.samples(t, lead);
      const auto step = std::isnan(sample) ? not_recorded : static_cast<std::int16_t>(std::lround(sample * gain));
      if (t == 0) initial = step;
      sum += static_cast<std::uint32_t>(step);
      store_little(static_cast<std::uint16_t>(step), data.data() + 2 * (t * leads + lead));
    }
    // Written signed, as most programs do.
    const auto checksum = static_cast<std::int16_t>(static_cast<std::uint16_t>(sum & 0xFFFF));
    header += joined(
        {name, ".dat 16 ", detail::number_text(gain), "(0)/mV 16 0 ", initial, " ", checksum, " 0 ", lead_name, "\n"});
  }
  for (const std::string& comment : record.comments) {
    if (!detail::is_one_line(comment)) return error_at(header_path, "comments", "one has a line break");
    header += joined({"# ", comment, "\n"});
  }
  // What the reader would refuse is not written: an odd rate, too many leads.
  if (auto check = parse_wfdb_header(header, header_path); !check) return check.error();
  if (auto status = write_file_atomically(data_path, data); !status) return status;
  return write_file_atomically(header_path, header);
}

}  // namespace systolic::io
