#include "csv.hpp"

#include <cstdint>
#include <utility>

#include "systolic/io/file.hpp"

namespace program {
namespace {

/// Takes rows off a text, counting its lines.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  bool at_end() const noexcept { return place_ == text_.size(); }
  int line() const noexcept { return line_; }
  bool in_quotes() const noexcept { return quoted_; }

  std::vector<std::string> row() {
    std::vector<std::string> cells(1);
    while (!at_end()) {
      const char c = text_[place_++];
      if (c == '\n') ++line_;
      if (quoted_) {
        if (c != '"')
          cells.back() += c;
        else if (place_ < text_.size() && text_[place_] == '"')
          cells.back() += text_[place_++];
        else
          quoted_ = false;
      } else if (c == '"' && cells.back().empty()) {
        quoted_ = true;
      } else if (c == ',') {
        cells.emplace_back();
      } else if (c == '\n') {
        break;
      } else if (c != '\r') {
        cells.back() += c;
      }
    }
    return cells;
  }

 private:
  std::string_view text_;
  std::size_t place_ = 0;
  int line_ = 1;
  bool quoted_ = false;
};

}  // namespace

int CsvTable::find(std::string_view column) const noexcept {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i] == column) return static_cast<int>(i);
  return -1;
}

systolic::Result<CsvTable> read_csv(const std::string& path) {
  constexpr std::uint64_t largest = std::uint64_t{1} << 30;
  const auto text = systolic::io::read_file(path, largest);
  if (!text) return text.error();
  return parse_csv(*text, path);
}

systolic::Result<CsvTable> parse_csv(std::string_view content, const std::string& path) {
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);  // byte order mark
  CsvReader reader(content);
  CsvTable table;
  table.columns = reader.row();
  while (!reader.at_end()) {
    const int line = reader.line();
    std::vector<std::string> cells = reader.row();
    const auto place = [&] { return "line " + std::to_string(line); };
    if (reader.in_quotes()) return systolic::error_at(path, place(), "a quote that begins here does not end");
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (cells.size() != table.columns.size())
      return systolic::error_at(
          path, place(),
          "has " + std::to_string(cells.size()) + " cells, the header " + std::to_string(table.columns.size()));
    table.rows.push_back(std::move(cells));
    table.lines.push_back(line);
  }
  if (reader.in_quotes()) return systolic::error_at(path, "line 1", "a quote that begins here does not end");
  return table;
}

}  // namespace program
