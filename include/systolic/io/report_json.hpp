#pragma once
// Recordings as JSON, in the layout of the published Rare-ECG data set (Huang et al. 2026): an object with an array of
// numbers for each lead, and "info" with "sample_rate" and "unit". Needs nlohmann-json (component systolic::json).

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"
#include "systolic/io/voltage.hpp"

namespace systolic::io {

inline constexpr double report_json_rate = 1000;  ///< samples a second, where a file does not say

namespace detail {

/// Takes the tokens of such a file as they come, so that a hostile one gets no tree of values to grow. Members of the
/// names that nlohmann's parser calls; false stops it.
class ReportJsonHandler {
 public:
  struct Column {
    std::string name;
    std::vector<double> samples;
    bool is_lead = true;  // an array of anything but numbers is none, unless its name says so
  };
  std::vector<Column> columns;
  double rate = 0;
  std::string unit, problem;

  bool null() { return value(std::numeric_limits<double>::quiet_NaN()); }
  bool boolean(bool) { return other(); }
  bool number_integer(std::int64_t number) { return value(static_cast<double>(number)); }
  bool number_unsigned(std::uint64_t number) { return value(static_cast<double>(number)); }
  bool number_float(double number, const std::string&) { return value(number); }
  bool string(const std::string& text) {
    if (in_info() && key_ == "unit") unit = text;
    return other();
  }
  bool binary(const nlohmann::json::binary_t&) { return other(); }
  bool start_object(std::size_t) {
    if (depth_ == 1) parent_ = key_;
    return nest();
  }
  bool key(const std::string& name) {
    key_ = name;
    return true;
  }
  bool end_object() { return leave(); }
  template <class = void>
  bool start_array(std::size_t) {
    if (depth_ == 0) return fail("is an array, not an object with an array for each lead");
    if (depth_ == 1) {
      parent_.clear();
      for (const Column& column : columns)
        if (column.name == key_) return fail(joined({in_quotes(key_), " is there twice"}));
      columns.push_back({key_, {}, true});
      in_array_ = true;
    }
    return nest();
  }
  bool end_array() {
    if (depth_ == 2) in_array_ = false;
    return leave();
  }
  bool parse_error(std::size_t position, const std::string& token, const nlohmann::json::exception&) {
    return fail(joined({"byte ", position, ": JSON cannot be read at ", in_quotes(token)}));
  }

 private:
  bool in_info() const { return depth_ == 2 && parent_ == "info"; }
  bool fail(std::string cause) {
    if (problem.empty()) problem = std::move(cause);
    return false;
  }
  template <class = void>
  bool nest() {
    if (in_array_ && depth_ >= 2 && !other()) return false;
    ++depth_;
    return true;
  }
  bool leave() {
    --depth_;
    return true;
  }
  template <class = void>
  bool value(double number) {
    if (in_array_ && depth_ == 2) {
      columns.back().samples.push_back(number);
    } else if (in_info() && key_ == "sample_rate") {
      rate = number;
      if (!(rate >= 1e-3 && rate <= 1e6)) return fail("info: sample_rate is not between 0.001 and 1000000");
    }
    return true;
  }
  /// What is no number.
  template <class = void>
  bool other() {
    if (!in_array_) return true;
    columns.back().is_lead = false;
    const std::string& name = columns.back().name;
    return find_standard_lead(name) < 0 || fail(joined({"lead ", in_quotes(name), " holds more than numbers"}));
  }

  int depth_ = 0;
  bool in_array_ = false;     // in a member of the outermost object
  std::string key_, parent_;  // the last key; the member whose object this is
};

}  // namespace detail

/// Reads the JSON recording `path`: every array of numbers is a lead, null is NaN. Without "info": 1000 Hz (or `rate`),
/// and units that are guessed, with warnings. Refused: leads of different lengths, other units, what is no JSON.
template <class = void>
inline Result<Record> read_report_json(const std::string& path, double rate = 0) {
  constexpr std::uint64_t most_bytes = std::uint64_t{1} << 28;
  const auto text = read_file(path, most_bytes);
  if (!text) return text.error();
  detail::ReportJsonHandler handler;
  if (!nlohmann::json::sax_parse(*text, &handler)) return error_at(path, "", handler.problem);

  Record record;
  record.name = path.substr(0, path.size() - (path.ends_with(".json") ? 5 : 0));
  record.rate = handler.rate > 0 ? handler.rate : rate > 0 ? rate : report_json_rate;
  if (handler.rate == 0 && rate == 0)
    record.warnings.push_back("no sampling rate is stated; 1000 Hz is assumed, as in Rare-ECG");
  std::erase_if(handler.columns, [](const auto& column) { return !column.is_lead || column.samples.empty(); });
  if (handler.columns.empty()) return error_at(path, "", "has no lead: no array of numbers in its outermost object");
  const double factor = handler.unit.empty() ? 1 : millivolts_in(handler.unit);
  if (factor == 0) return error_at(path, "info", joined({"unit ", in_quotes(handler.unit), " is no voltage"}));
  const std::size_t length = handler.columns[0].samples.size();
  for (const auto& column : handler.columns) {
    if (column.samples.size() != length)
      return error_at(path, "",
                      joined({"lead ", in_quotes(column.name), " has ", column.samples.size(), " samples, ",
                              in_quotes(handler.columns[0].name), " has ", length}));
    for (const double sample : column.samples)
      if (std::abs(sample) > 1e12)
        return error_at(path, "", joined({"lead ", in_quotes(column.name), " has a sample that is no voltage"}));
    record.leads.push_back(column.name);
  }
  record.samples = Tensor<double>({static_cast<Index>(length), record.lead_count()});
  for (std::size_t lead = 0; lead < handler.columns.size(); ++lead)
    for (std::size_t t = 0; t < length; ++t)
      record.samples(static_cast<Index>(t), static_cast<Index>(lead)) = handler.columns[lead].samples[t] * factor;
  if (handler.unit.empty()) assume_units(record);
  return record;
}

}  // namespace systolic::io
