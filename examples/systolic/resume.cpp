#include "resume.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "csv.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/io/file.hpp"

namespace program {
namespace {

constexpr const char* standard_output = "standard output";
constexpr const char* no_results = "is not a result of detect";

/// The window that a result stands for; its weights go to `checksum`.
std::optional<std::pair<std::string, Index>> window_of(std::string_view line, std::string& checksum) {
  const auto result = nlohmann::json::parse(line, nullptr, false);
  const auto record = nlohmann::json::json_pointer("/record"), window = nlohmann::json::json_pointer("/window");
  const auto weights = nlohmann::json::json_pointer("/weights/checksum");
  if (!result.is_object() || !result.contains(record) || !result.contains(window) || !result.contains(weights))
    return std::nullopt;
  if (!result[record].is_string() || !result[window].is_number_integer() || !result[weights].is_string())
    return std::nullopt;
  checksum = result[weights].get<std::string>();
  return std::pair(result[record].get<std::string>(), result[window].get<Index>());
}

}  // namespace

systolic::Result<Finished> find_finished(Format format, const std::string& checksum) {
  using systolic::error_at;
  if (format == Format::text) return error_at("--resume", "", "only results in --format json or csv can be recognised");
  struct stat status {};
  if (::fstat(STDOUT_FILENO, &status) != 0 || !S_ISREG(status.st_mode))
    return error_at("--resume", "", "standard output must be the file with the results so far (>> FILE)");
  constexpr std::uint64_t largest = std::uint64_t{1} << 32;
  auto text = systolic::io::read_file("/proc/self/fd/1", largest);
  if (!text) return error_at(standard_output, "", "the results in its file could not be read");
  const std::size_t whole = text->rfind('\n') + 1;  // 0 where there is no line
  if (whole < text->size() && ::ftruncate(STDOUT_FILENO, static_cast<off_t>(whole)) != 0)
    return systolic::io::system_error(standard_output, "cut after its last whole line");
  if (::lseek(STDOUT_FILENO, 0, SEEK_END) < 0) return systolic::io::system_error(standard_output, "continued");
  text->resize(whole);

  Finished finished;
  const auto add = [&](int line, const std::optional<std::pair<std::string, Index>>& window,
                       const std::string& weights) -> systolic::Status {
    if (!window) return error_at(standard_output, "line " + std::to_string(line), no_results);
    if (weights != checksum)
      return error_at(standard_output, "line " + std::to_string(line), "was made with other weights; begin a new file");
    finished.windows.insert(*window);
    return {};
  };
  if (format == Format::csv) {
    const auto table = parse_csv(*text, standard_output);
    if (!table) return table.error();
    finished.has_header = whole > 0;
    const int record = table->find("record"), window = table->find("window"), sum = table->find("weights.checksum");
    if (whole > 0 && (record < 0 || window < 0 || sum < 0)) return error_at(standard_output, "line 1", no_results);
    for (std::size_t i = 0; i < table->rows.size(); ++i) {
      const auto cell = [&](int column) { return table->rows[i][static_cast<std::size_t>(column)]; };
      const auto number = systolic::number_from_text<Index>(cell(window));
      const auto key = number ? std::optional(std::pair(cell(record), *number)) : std::nullopt;
      if (const auto added = add(table->lines[i], key, cell(sum)); !added) return added.error();
    }
    return finished;
  }
  int number = 1;
  for (std::size_t start = 0; start < whole; ++number) {
    const std::size_t end = text->find('\n', start);
    std::string weights;
    const auto window = window_of(std::string_view(*text).substr(start, end - start), weights);
    if (const auto added = add(number, window, weights); !added) return added.error();
    start = end + 1;
  }
  return finished;
}

}  // namespace program
