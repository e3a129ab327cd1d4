#pragma once
// HL7 annotated ECG (aECG): the rhythm series of an AnnotatedECG document. Needs pugixml (component systolic::xml).
// Format: "HL7 aECG Implementation Guide", Brown & Badilini 2005.

#include <pugixml.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
namespace detail {

/// The name without a namespace's prefix.
inline std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.rfind(':') + 1);
}
/// The first child of that name; an empty node where there is none.
template <class = void>
inline pugi::xml_node child_of(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node& child : node.children())
    if (local_name(child) == name) return child;
  return {};
}
inline std::string_view code_of(const pugi::xml_node& node) { return child_of(node, "code").attribute("code").value(); }

/// Calls visit(node) for the grandchildren <component><NAME> of `node` until it fails.
template <class Visit>
Status for_each_component(const pugi::xml_node& node, std::string_view name, Visit&& visit) {
  for (const pugi::xml_node& component : node.children())
    if (local_name(component) == "component")
      for (const pugi::xml_node& part : component.children())
        if (local_name(part) == name)
          if (Status status = visit(part); !status) return status;
  return {};
}

/// The quantity of <NAME value="..." unit="..."> in mV.
template <class = void>
inline Result<double> millivolts_of(const pugi::xml_node& node, std::string_view name) {
  const pugi::xml_node quantity = child_of(node, name);
  const auto value = parse_number<double>(quantity.attribute("value").value());
  const double factor = millivolts_in(quantity.attribute("unit").value());
  if (!value || std::abs(*value) > 1e12)
    return Error{joined({name, " ", in_quotes(quantity.attribute("value").value()), " is not a number of its kind"})};
  if (factor == 0 && *value != 0)
    return Error{
        joined({"the unit of its ", name, ", ", in_quotes(quantity.attribute("unit").value()), ", is no voltage"})};
  return *value * factor;
}

/// Samples a second of a sequence of times; the cause where it gives none.
template <class = void>
inline Result<double> rate_of_aecg(const pugi::xml_node& value) {
  const pugi::xml_node increment = child_of(value, "increment");
  const auto step = parse_number<double>(increment.attribute("value").value());
  const std::string_view unit = increment.attribute("unit").value();
  const double seconds = unit == "s" ? 1 : unit == "ms" ? 1e-3 : unit == "us" ? 1e-6 : 0;
  const double rate = step ? 1 / (*step * seconds) : 0;
  if (!(rate >= 1e-3 && rate <= 1e6)) return Error{"the times of its samples give no sampling rate"};
  // 1 / 0.002 is 500, 1 / 0.00277778 is 360 but for the digits that were cut.
  return std::abs(rate - std::round(rate)) < 1e-3 * rate && std::round(rate) > 0 ? std::round(rate) : rate;
}

/// Reads one sequence set, leads that were measured together.
template <class = void>
inline Result<Record> read_aecg_set(const pugi::xml_node& set) {
  Record record;
  std::vector<std::vector<double>> leads;
  constexpr std::string_view prefix = "MDC_ECG_LEAD_";
  const Status status = for_each_component(set, "sequence", [&](const pugi::xml_node& sequence) -> Status {
    const std::string_view code = code_of(sequence);
    const pugi::xml_node value = child_of(sequence, "value");
    if (code.starts_with("TIME_")) {
      const auto rate = rate_of_aecg(value);
      if (!rate) return rate.error();
      record.rate = *rate;
    }
    // Some writers give a plain name in place of the code.
    const bool coded = code.starts_with(prefix);
    const std::string_view name = coded ? code.substr(prefix.size()) : code;
    const int standard = find_standard_lead(name);
    if (!coded && standard < 0) return {};
    record.leads.emplace_back(standard < 0 ? name : standard_leads[static_cast<std::size_t>(standard)]);
    const auto who = [&](const Error& error) {
      return error_at("", joined({"lead ", in_quotes(name)}), error.message);
    };
    const auto origin = millivolts_of(value, "origin");
    if (!origin) return who(origin.error());
    const auto scale = millivolts_of(value, "scale");
    if (!scale) return who(scale.error());
    std::vector<double>& samples = leads.emplace_back();
    for (TextReader lines(child_of(value, "digits").text().get()); !lines.at_end();)
      for (TextReader words(lines.line()); !words.at_end();) {
        const std::string_view word = words.word();
        if (word.empty()) continue;
        const auto digit = parse_number<double>(word);
        if (!digit || std::abs(*digit) > 1e12)
          return who(Error{joined({in_quotes(word), " is not a number of its kind"})});
        samples.push_back(*origin + *digit * *scale);
      }
    return {};
  });
  if (!status) return status.error();
  if (leads.empty()) return Error{"a sequence set has no lead"};
  if (record.rate == 0) return Error{"a sequence set has no times"};
  const std::size_t length = leads[0].size();
  for (std::size_t lead = 0; lead < leads.size(); ++lead)
    if (leads[lead].size() != length || length == 0)
      return Error{joined({"lead ", in_quotes(record.leads[lead]), " has ", leads[lead].size(), " samples, ",
                           in_quotes(record.leads[0]), " has ", length})};
  record.samples = Tensor<double>({static_cast<Index>(length), record.lead_count()});
  for (std::size_t lead = 0; lead < leads.size(); ++lead)
    for (std::size_t t = 0; t < length; ++t)
      record.samples(static_cast<Index>(t), static_cast<Index>(lead)) = leads[lead][t];
  return record;
}

}  // namespace detail

/// Reads the aECG file `path`: a Record for each sequence set of its rhythm series, in mV by the file's scale and
/// origin; several are named "...#1", "...#2" and so on. Derived series (representative beats) and annotations are not
/// read.
template <class = void>
inline Result<std::vector<Record>> read_aecg(const std::string& path) {
  constexpr std::uint64_t most_bytes = std::uint64_t{1} << 27;
  auto text = read_file(path, most_bytes);
  if (!text) return text.error();
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer_inplace(text->data(), text->size());
  if (!parsed)
    return error_at(path, joined({"byte ", parsed.offset}), joined({"XML cannot be read: ", parsed.description()}));
  const pugi::xml_node root = detail::child_of(document, "AnnotatedECG");
  if (!root) return error_at(path, "", "is XML, but not of an annotated ECG (HL7 aECG)");
  std::vector<Record> records;
  const Status status = detail::for_each_component(root, "series", [&](const pugi::xml_node& series) -> Status {
    if (detail::code_of(series) != "RHYTHM") return {};
    return detail::for_each_component(series, "sequenceSet", [&](const pugi::xml_node& set) -> Status {
      auto record = detail::read_aecg_set(set);
      if (!record) return record.error();
      records.push_back(std::move(*record));
      return {};
    });
  });
  if (!status) return error_at(path, "", status.error().message);
  if (records.empty()) return error_at(path, "", "has no rhythm series");
  const std::string name = path.substr(0, path.size() - (path.ends_with(".xml") ? 4 : 0));
  for (std::size_t i = 0; i < records.size(); ++i)
    records[i].name = records.size() == 1 ? name : joined({name, "#", i + 1});
  return records;
}

}  // namespace systolic::io
