#include "ptbxl.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <utility>

#include "csv.hpp"
#include "folders.hpp"
#include "recording.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/io/text.hpp"
#include "systolic/io/wfdb.hpp"

namespace program {
namespace {

using systolic::error_at;
using systolic::io::in_quotes;

/// The keys of a dictionary as Python prints it: {'NORM': 100.0, 'SR': 0.0}. Nothing where the text is none.
std::optional<std::vector<std::string>> dictionary_keys(std::string_view text) {
  systolic::io::TextReader reader(text);
  reader.until("{");
  if (!reader.accept('{')) return std::nullopt;
  std::vector<std::string> keys;
  for (;;) {
    const std::string_view before = reader.until("'\"}");
    if (before.find_first_not_of(" ,") != std::string_view::npos) return std::nullopt;
    if (reader.accept('}')) return keys;
    const char quote = reader.accept('\'') ? '\'' : '"';
    if (quote == '"' && !reader.accept('"')) return std::nullopt;
    keys.emplace_back(reader.until(std::string_view(&quote, 1)));
    if (!reader.accept(quote) || !reader.until(":").empty() || !reader.accept(':')) return std::nullopt;
    const std::string_view value = reader.until(",}");
    if (value.find_first_not_of(" 0123456789.-+e") != std::string_view::npos) return std::nullopt;
  }
}

/// A record's name out of a table must not lead out of the folder.
bool stays_inside(const std::string& name) {
  const std::filesystem::path path(name);
  return !name.empty() && path.is_relative() && std::find(path.begin(), path.end(), "..") == path.end();
}

bool exists(const std::string& record) {
  std::error_code ignored;
  return std::filesystem::exists(record + ".hea", ignored);
}

}  // namespace

systolic::Result<std::vector<ScpStatement>> read_scp_statements(const std::string& folder) {
  const std::string path = in_folder(folder, "scp_statements.csv");
  const auto table = read_csv(path);
  if (!table) return table.error();
  const int diagnostic = table->find("diagnostic"), superclass = table->find("diagnostic_class");
  const int description = table->find("description");
  if (diagnostic < 0 || superclass < 0) return error_at(path, "line 1", "has no columns diagnostic, diagnostic_class");
  std::vector<ScpStatement> result;
  for (const std::vector<std::string>& row : table->rows) {
    const auto cell = [&](int at) { return at < 0 ? std::string() : row[static_cast<std::size_t>(at)]; };
    const bool is_diagnostic = systolic::number_from_text<double>(cell(diagnostic)) == 1.0;
    result.push_back({row[0], cell(description), is_diagnostic ? cell(superclass) : std::string()});
  }
  return result;
}

systolic::Result<std::vector<PtbxlRecord>> read_ptbxl(const std::string& folder, const std::vector<int>& folds,
                                                      Labelled which) {
  const std::string database = in_folder(folder, "ptbxl_database.csv");
  const auto statements = read_scp_statements(folder);
  if (!statements) return statements.error();
  std::map<std::string, std::string> superclasses;
  for (const ScpStatement& statement : *statements)
    if (!statement.superclass.empty()) superclasses[statement.code] = statement.superclass;
  const auto table = read_csv(database);
  if (!table) return table.error();
  const auto column = [&](const char* name) { return table->find(name); };
  const int id = column("ecg_id"), codes = column("scp_codes"), fold = column("strat_fold");
  const int low = column("filename_lr"), high = column("filename_hr"), age = column("age"), sex = column("sex");
  for (const auto& [name, place] :
       {std::pair("ecg_id", id), std::pair("scp_codes", codes), std::pair("strat_fold", fold)})
    if (place < 0) return error_at(database, "line 1", std::string("has no column ") + name);
  if (low < 0 && high < 0) return error_at(database, "line 1", "has no column filename_lr or filename_hr");

  std::vector<std::pair<double, PtbxlRecord>> found;
  for (std::size_t i = 0; i < table->rows.size(); ++i) {
    const std::vector<std::string>& row = table->rows[i];
    const std::string place = "line " + std::to_string(table->lines[i]);
    const auto cell = [&](int at) { return at < 0 ? std::string() : row[static_cast<std::size_t>(at)]; };
    const auto fold_number = systolic::number_from_text<double>(cell(fold));
    const auto id_number = systolic::number_from_text<double>(cell(id));
    if (!fold_number) return error_at(database, place, "strat_fold " + in_quotes(cell(fold)) + " is not a number");
    if (!id_number) return error_at(database, place, "ecg_id " + in_quotes(cell(id)) + " is not a number");
    if (std::find(folds.begin(), folds.end(), static_cast<int>(*fold_number)) == folds.end()) continue;
    const auto keys = dictionary_keys(cell(codes));
    if (!keys) return error_at(database, place, "scp_codes " + in_quotes(cell(codes)) + " is not a dictionary");

    PtbxlRecord record;
    record.codes = *keys;
    for (const std::string& code : *keys) {
      const auto entry = superclasses.find(code);
      if (entry == superclasses.end()) continue;
      auto& known = record.superclasses;
      if (std::find(known.begin(), known.end(), entry->second) == known.end()) known.push_back(entry->second);
      if (entry->second != "NORM") record.abnormal = true;
    }
    if (which == Labelled::diagnostic ? record.superclasses.empty() : record.codes.empty()) continue;
    const std::string better = cell(high), smaller = cell(low);
    const std::string name =
        stays_inside(better) && (exists(in_folder(folder, better)) || smaller.empty()) ? better : smaller;
    if (!stays_inside(name)) return error_at(database, place, "record " + in_quotes(name) + " lies outside the folder");
    record.path = in_folder(folder, name);
    record.id = cell(id);
    record.fold = static_cast<int>(*fold_number);
    if (const auto years = systolic::number_from_text<double>(cell(age)); years && std::isfinite(*years))
      record.age = *years;
    const auto sex_code = systolic::number_from_text<double>(cell(sex));
    record.sex = sex_code == 0.0 ? "male" : sex_code == 1.0 ? "female" : "";
    found.emplace_back(*id_number, std::move(record));
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<PtbxlRecord> records;
  for (auto& entry : found) records.push_back(std::move(entry.second));
  return records;
}

std::array<double, systolic::attribute_names.size()> known_attributes(const PtbxlRecord& record,
                                                                      const systolic::Intervals& intervals) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  return {record.age ? std::min(*record.age, 90.0) : unknown,
          record.sex == "male"     ? 0.0
          : record.sex == "female" ? 1.0
                                   : unknown,
          intervals.heart_rate.value_or(unknown),
          intervals.pr.value_or(unknown),
          intervals.qt.value_or(unknown),
          intervals.qtc_bazett.value_or(unknown),
          intervals.qrs.value_or(unknown)};
}

std::vector<PtbxlRecord> with_ids(std::vector<PtbxlRecord> records, Ids ids) {
  std::erase_if(records, [&](const PtbxlRecord& record) {
    const bool odd = !record.id.empty() && (record.id.back() - '0') % 2 == 1;
    return ids == Ids::odd ? !odd : ids == Ids::even && odd;
  });
  return records;
}

systolic::Result<systolic::Window> read_first_window(const PtbxlRecord& record, bool allow_missing) {
  auto held = systolic::io::read_wfdb(record.path);
  if (!held) return held.error();
  auto checked = Recording(std::move(*held)).checked_window(0, allow_missing);
  if (!checked) return checked.error();
  return std::move(checked->window);
}

}  // namespace program
