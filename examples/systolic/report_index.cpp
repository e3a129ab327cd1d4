#include "report_index.hpp"

#include <filesystem>
#include <optional>

#include "csv.hpp"
#include "folders.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/io/file.hpp"
#include "systolic/report/finding_text.hpp"
#include "systolic/report/quality_table.hpp"

namespace program {

using systolic::report::IndexEntry;

IndexEntry index_entry(const systolic::report::ReportInput& input, const std::string& record, Index window,
                       const std::string& file) {
  IndexEntry entry;
  entry.record = record;
  entry.window = window;
  entry.from = input.from;
  entry.file = file;
  entry.reason = input.reason;
  entry.score = input.score;
  entry.percentile = input.percentile;
  entry.abnormal = input.abnormal;
  if (input.intervals) {
    entry.heart_rate = input.intervals->heart_rate;
    entry.pr = input.intervals->pr;
    entry.qrs = input.intervals->qrs;
    entry.qtc = input.intervals->qtc_bazett;
  }
  entry.findings = static_cast<Index>(input.findings.size());
  if (!input.findings.empty()) {
    const systolic::Finding& first = input.findings.front();
    entry.most = systolic::report::finding_lead(first) + " " + systolic::report::finding_time(input, first) + " s";
    const std::string words = systolic::report::finding_text(input, first);
    if (!words.empty()) entry.most += ": " + words;
  }
  if (input.quality)
    for (const std::string& problem : systolic::report::quality_problems(*input.quality))
      entry.problems += (entry.problems.empty() ? "" : "; ") + problem;
  return entry;
}

systolic::Status ReportIndex::take_up(const Finished& finished) {
  const std::string path = in_folder(folder_, "index.csv");
  std::error_code ignored;
  if (folder_.empty() || !std::filesystem::exists(path, ignored)) return {};
  const auto table = read_csv(path);
  if (!table) return table.error();
  for (const std::vector<std::string>& row : table->rows) {
    const auto text = [&](const char* column) {
      const int place = table->find(column);
      return place < 0 ? std::string() : row[static_cast<std::size_t>(place)];
    };
    const auto figure = [&](const char* column) { return systolic::number_from_text<double>(text(column)); };
    IndexEntry entry;
    entry.record = text("record");
    entry.window = systolic::number_from_text<Index>(text("window")).value_or(-1);
    if (!finished.contains(entry.record, entry.window)) continue;
    entry.from = figure("from").value_or(0);
    entry.score = figure("score");
    entry.percentile = figure("percentile");
    if (const std::string abnormal = text("abnormal"); !abnormal.empty()) entry.abnormal = abnormal == "true";
    entry.heart_rate = figure("heart_rate");
    entry.pr = figure("pr");
    entry.qrs = figure("qrs");
    entry.qtc = figure("qtc");
    entry.findings = systolic::number_from_text<Index>(text("findings")).value_or(0);
    entry.most = text("most_abnormal");
    entry.problems = text("problems");
    entry.reason = text("reason");
    entry.file = text("report");
    entries_.push_back(std::move(entry));
  }
  return {};
}

systolic::Status ReportIndex::write(const std::string& source) const {
  if (folder_.empty()) return {};
  const systolic::Status table =
      systolic::io::write_file_atomically(in_folder(folder_, "index.csv"), systolic::report::index_csv(entries_));
  if (!table) return table;
  return systolic::io::write_file_atomically(in_folder(folder_, index_file),
                                             systolic::report::index_page(entries_, source));
}

}  // namespace program
