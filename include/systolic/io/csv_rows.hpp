#pragma once
// The rows of a text table by the names of their columns, for tables that are large and of which a few columns matter.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "systolic/io/csv_cells.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io {

/// Reads the table `path`, up to 1 GB, and calls row(cells, line number) for every row that is not blank; cells are in
/// the order of `columns`, empty where a row is too short. The header may have its columns in any order and others
/// among them; capitals, blanks and signs do not matter; cells are parted by ',', ';' or tab. An error: no such file,
/// or a header without one of the first `needed` columns, or with one twice.
template <std::size_t Count, class Row>
Status for_each_csv_row(const std::string& path, const std::array<std::string_view, Count>& columns, std::size_t needed,
                        Row&& row) {
  const auto text = read_file(path, std::uint64_t{1} << 30);
  if (!text) return text.error();
  TextReader lines(*text);
  for (const char mark : {'\xEF', '\xBB', '\xBF'}) lines.accept(mark);  // UTF-8's byte order mark
  std::int64_t line_number = 0;
  std::string_view header;
  while (!lines.at_end() && detail::trim_cell(header).empty()) {
    header = lines.line();
    ++line_number;
  }
  const char separator = detail::find_separator(header);
  std::array<std::size_t, Count> places{};
  std::array<int, Count> found{};
  std::size_t column = 0;
  for (detail::CsvLine cells(header, separator); !cells.at_end(); ++column) {
    const std::string word = detail::plain_word(cells.cell());
    for (std::size_t i = 0; i < Count; ++i)
      if (word == detail::plain_word(columns[i])) {
        places[i] = column;
        ++found[i];
      }
  }
  for (std::size_t i = 0; i < Count; ++i)
    if (found[i] > 1 || (found[i] == 0 && i < needed))
      return failure_at(path, joined({"line ", line_number}),
                        {"its header has ", found[i] == 0 ? "no" : "more than one", " column ", in_quotes(columns[i])});
  while (!lines.at_end()) {
    const std::string_view line = lines.line();
    ++line_number;
    if (detail::trim_cell(line).empty()) continue;
    std::array<std::string_view, Count> cells;
    column = 0;
    for (detail::CsvLine reader(line, separator); !reader.at_end(); ++column) {
      const std::string_view cell = reader.cell();
      for (std::size_t i = 0; i < Count; ++i)
        if (found[i] > 0 && places[i] == column) cells[i] = cell;
    }
    row(cells, line_number);
  }
  return {};
}

}  // namespace systolic::io
