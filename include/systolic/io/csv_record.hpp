#pragma once
// Recordings as text tables: a header of lead names, then a row for each sample time.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/numbers.hpp"
#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/io/csv_cells.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"
#include "systolic/io/voltage.hpp"

namespace systolic::io {
namespace detail {

/// What the columns of a table are.
struct CsvColumns {
  enum class Kind { lead, time, dropped };
  std::vector<Kind> kinds;
  std::vector<std::string> leads;  ///< names of the lead columns, in order
  std::vector<std::string> units;  ///< of each lead; "" where none are given
  double time_unit = 0;            ///< s; 0: there is no time column
  bool has_unit_row = false;       ///< the second line holds units
};

/// Cells of a line as texts.
template <class = void>
inline std::vector<std::string> csv_cells(std::string_view line, char separator) {
  std::vector<std::string> cells;
  for (CsvLine reader(line, separator); !reader.at_end();) cells.emplace_back(reader.cell());
  return cells;
}

/// The columns by the header line and the line after it; the cause where the first is no header.
template <class = void>
inline Result<CsvColumns> parse_csv_header(std::string_view line, std::string_view second, char separator) {
  const std::vector<std::string> cells = csv_cells(line, separator);
  const std::vector<std::string> below = csv_cells(second, separator);
  CsvColumns columns;
  const auto is_number = [](const std::string& cell) { return parse_number<double>(cell).has_value(); };
  const auto is_unit = [](const std::string& cell) { return millivolts_in(cell) > 0; };
  if (std::any_of(cells.begin(), cells.end(), is_number)) return Error{"has no header of lead names"};
  columns.has_unit_row = below.size() == cells.size() && std::any_of(below.begin(), below.end(), is_unit) &&
                         std::none_of(below.begin(), below.end(), is_number);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    auto [name, units] = split_units(cells[i]);
    if (columns.has_unit_row) units = below[i];
    const std::string word = plain_word(name);
    const bool is_time = word == "time" || word == "t" || word == "elapsedtime" || word == "timestamp" ||
                         ((word == "timems" || word == "times") && units.empty()) || seconds_in(word) > 0;
    if (is_time && columns.time_unit == 0) {
      // "time (ms)", "time_ms", "ms" or, without units, seconds.
      const double unit = word == "timems" ? 1e-3 : seconds_in(units.empty() ? std::string_view(word) : units);
      columns.time_unit = unit > 0 ? unit : 1;
      columns.kinds.push_back(CsvColumns::Kind::time);
    } else if (i == 0 && (word.empty() || word == "index" || word == "sample" || word == "samples" || word == "n")) {
      columns.kinds.push_back(CsvColumns::Kind::dropped);  // a running number
    } else {
      columns.kinds.push_back(CsvColumns::Kind::lead);
      columns.leads.emplace_back(name.empty() ? joined({"column ", i + 1}) : std::string(name));
      columns.units.emplace_back(units);
    }
  }
  if (columns.leads.empty()) return Error{"has no column of a lead"};
  return columns;
}

/// The rate of evenly spaced times (s). A cause where they are not: rounding of printed times is allowed for, a sample
/// more or less is not.
template <class = void>
inline Result<double> rate_of_times(const std::vector<double>& times) {
  const double steps = static_cast<double>(times.size()) - 1;
  const double span = times.empty() ? 0 : times.back() - times.front();
  if (!(steps >= 1 && span > 0)) return Error{"its times do not increase"};
  double rate = steps / span;
  // Most rates are whole; printed times have lost some digits.
  if (std::abs(rate - std::round(rate)) * span < 1) rate = std::round(rate);
  if (!(rate >= 1e-3 && rate <= 1e6)) return Error{"its times give no rate between 0.001 and 1000000"};
  for (std::size_t i = 1; i < times.size(); ++i) {
    const double step = (times[i] - times[i - 1]) * rate;
    const double drift = (times[i] - times.front()) * rate - static_cast<double>(i);
    if (!(step > 0.3 && step < 1.7) || std::abs(drift) > 0.9)
      return Error{joined({"times are not evenly spaced: row ", i + 1, " is off by most of a sample"})};
  }
  return rate;
}

/// Reads the rows into `values` (leads only, row by row) and `times`.
template <class = void>
inline Status parse_csv_rows(TextReader& lines, int line_number, char separator, const CsvColumns& columns,
                             const std::string& path, std::vector<double>& values, std::vector<double>& times) {
  while (!lines.at_end()) {
    const std::string_view line = lines.line();
    ++line_number;
    if (trim_cell(line).empty()) continue;
    const auto fail = [&](std::string_view cause) { return error_at(path, joined({"line ", line_number}), cause); };
    CsvLine cells(line, separator);
    for (const CsvColumns::Kind kind : columns.kinds) {
      if (cells.at_end()) return fail(joined({"has fewer cells than the ", columns.kinds.size(), " of the header"}));
      const std::string_view cell = cells.cell();
      if (kind == CsvColumns::Kind::time) {
        bool in_clock = false;
        const auto time = parse_time_cell(cell, in_clock);
        if (!time) return fail(joined({"time ", in_quotes(cell), " is not a number"}));
        times.push_back(*time * (in_clock ? 1 : columns.time_unit));
      } else if (kind == CsvColumns::Kind::lead) {
        const bool missing = is_missing_cell(cell);
        const auto number = parse_number<double>(cell.starts_with('+') ? cell.substr(1) : cell);
        if (!missing && !number) return fail(joined({in_quotes(cell), " is not a number (decimal sign '.')"}));
        if (!missing && std::abs(*number) > 1e12) return fail(joined({in_quotes(cell), " is no voltage"}));
        values.push_back(missing ? std::numeric_limits<double>::quiet_NaN() : *number);
      }
    }
    // A separator at the end of a line is forgiven.
    if (!cells.at_end() && !cells.cell().empty())
      return fail(joined({"has more cells than the ", columns.kinds.size(), " of the header"}));
  }
  return {};
}

}  // namespace detail

/// Reads the table `path`: a header of lead names, each perhaps with units ("II (mV)"; or a second line of units), then
/// one row a sample, cells parted by ',', ';' or tab, decimal sign '.'. Empty cells and "-" or "NaN" become NaN.
/// `rate`, samples a second, is needed where no column "time" gives it; where both are there, they must agree to 1 %.
/// Without units they are guessed, with a warning. Columns in other units are left out, with a warning.
template <class = void>
inline Result<Record> read_csv_record(const std::string& path, double rate = 0) {
  constexpr std::uint64_t most_bytes = std::uint64_t{1} << 31;
  const auto text = read_file(path, most_bytes);
  if (!text) return text.error();
  TextReader lines(*text);
  for (const char mark : {'\xEF', '\xBB', '\xBF'}) lines.accept(mark);  // UTF-8's byte order mark
  Record record;
  record.name = path.substr(0, path.size() - (path.ends_with(".csv") ? 4 : 0));
  int line_number = 0;
  std::string_view header;
  while (!lines.at_end() && (header.empty() || header.starts_with('#'))) {
    header = lines.line();
    ++line_number;
    if (header.starts_with('#')) record.comments.emplace_back(detail::trim_cell(header.substr(1)));
  }
  const char separator = detail::find_separator(header);
  TextReader ahead = lines;
  const auto columns = detail::parse_csv_header(header, ahead.line(), separator);
  if (!columns) return error_at(path, joined({"line ", line_number}), columns.error().message);
  if (columns->has_unit_row) {
    lines = ahead;
    ++line_number;
  }
  std::vector<double> values, times;
  if (auto status = detail::parse_csv_rows(lines, line_number, separator, *columns, path, values, times); !status)
    return status.error();

  const std::size_t width = columns->leads.size();
  const auto rows = static_cast<Index>(values.size() / width);
  if (rows == 0) return error_at(path, "", "has a header and no samples");
  if (columns->time_unit == 0 && rate == 0)
    return error_at(path, "", "has no time column, so its sampling rate must be given");
  if (rate != 0 && !(rate >= 1e-3 && rate <= 1e6))
    return error_at(path, "", "the sampling rate given is not between 0.001 and 1000000");
  if (columns->time_unit > 0) {
    const auto found = detail::rate_of_times(times);
    if (!found) return error_at(path, "", found.error().message);
    if (rate != 0 && std::abs(*found / rate - 1) > 0.01)
      return error_at(path, "",
                      joined({"its time column means ", number_to_text(*found), " samples a second, not the ",
                              number_to_text(rate), " given"}));
    if (rate == 0) rate = *found;
  }
  record.rate = rate;

  std::vector<std::size_t> kept;
  const bool has_units =
      std::any_of(columns->units.begin(), columns->units.end(), [](const auto& u) { return millivolts_in(u) > 0; });
  for (std::size_t i = 0; i < width; ++i) {
    // A name with a slash in it is no unit where no column has one that is known.
    const bool taken = has_units ? millivolts_in(columns->units[i]) > 0
                                 : columns->units[i].empty() || find_standard_lead(columns->leads[i]) >= 0;
    if (taken) {
      kept.push_back(i);
      record.leads.push_back(columns->leads[i]);
    } else {
      record.warnings.push_back(joined({"column ", in_quotes(columns->leads[i]), " is left out: its units ",
                                        in_quotes(columns->units[i]), " are no voltage"}));
    }
  }
  if (kept.empty()) return error_at(path, "", "has no column in V, mV or uV");
  record.samples = Tensor<double>({rows, record.lead_count()});
  for (std::size_t column = 0; column < kept.size(); ++column) {
    const double factor = has_units ? millivolts_in(columns->units[kept[column]]) : 1;
    for (Index t = 0; t < rows; ++t)
      record.samples(t, static_cast<Index>(column)) =
          values[static_cast<std::size_t>(t) * width + kept[column]] * factor;
  }
  if (!has_units) assume_units(record);
  return record;
}

}  // namespace systolic::io
