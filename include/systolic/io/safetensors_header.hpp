#pragma once
// The header of a safetensors file: {"NAME": {"dtype": "F32", "shape": [64, 12], "data_offsets": [0, 3072]}, ...,
// "__metadata__": {"KEY": "TEXT"}}. Format: https://github.com/huggingface/safetensors#format.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/element_type.hpp"
#include "systolic/io/extents.hpp"
#include "systolic/io/json_subset.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io {

/// One tensor of the header; its bytes are [begin, end) of the data that follow the header.
struct SafetensorsEntry {
  std::string name;
  const ElementType* type = nullptr;
  Shape shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> tensors;     ///< in the header's order
  std::vector<SafetensorsEntry*> by_offset;  ///< the same, in the order of their bytes
  std::vector<std::pair<std::string, std::string>> metadata;
};

namespace detail {

template <class = void>
[[gnu::cold]] inline Status parse_safetensors_entry(JsonReader& json, std::uint64_t data_bytes,
                                                    SafetensorsEntry& entry) {
  std::string key, type;
  std::vector<std::uint64_t> extents, offsets;
  const auto integers = [&json](std::vector<std::uint64_t>& out) {
    out.clear();
    json.expect('[');
    for (bool first = true; json.more(']', first);)
      if (std::uint64_t value = 0; json.unsigned_integer(value)) out.push_back(value);
  };
  bool has_type = false, has_shape = false, has_offsets = false;
  json.expect('{');
  for (bool first = true; json.more('}', first);) {
    if (!json.string(key) || !json.expect(':')) break;
    bool& seen = key == "dtype" ? has_type : key == "shape" ? has_shape : has_offsets;
    if (key != "dtype" && key != "shape" && key != "data_offsets") return failure({"unknown key ", in_quotes(key)});
    if (std::exchange(seen, true)) return failure({in_quotes(key), " stands twice"});
    if (key == "dtype")
      json.string(type);
    else
      integers(key == "shape" ? extents : offsets);
  }
  if (json.failed()) return {};  // reported by the caller, with the place
  if (!has_type || !has_shape || !has_offsets) return Error{"dtype, shape or data_offsets is missing"};

  entry.type = find_element_type(type);
  if (!entry.type) return failure({"element type ", in_quotes(type), " is not read"});
  const auto item = static_cast<std::uint64_t>(entry.type->bytes);
  if (offsets.size() != 2 || offsets[0] > offsets[1]) return Error{"data_offsets are not a begin and an end"};
  entry.begin = offsets[0];
  entry.end = offsets[1];
  if (entry.end > data_bytes) return failure({"its bytes end at ", entry.end, ", the file's data at ", data_bytes});
  if (entry.begin % item != 0) return failure({"begins at byte ", entry.begin, ", not a multiple of its element size"});
  auto shape = checked_shape(extents, (entry.end - entry.begin) / item);
  if (!shape) return shape.error();
  entry.shape = *shape;
  if (static_cast<std::uint64_t>(shape->count()) * item != entry.end - entry.begin)
    return failure({"shape ", shape->text(), " of ", type, " does not take the ", entry.end - entry.begin,
                    " bytes between its offsets"});
  return {};
}

/// Fills `by_offset`. Every byte of the data must belong to exactly one tensor: what else lies there is damage or a
/// hiding place.
template <class = void>
[[gnu::cold]] inline Status check_safetensors_layout(SafetensorsHeader& header, std::uint64_t data_bytes) {
  using Entry = const SafetensorsEntry*;
  std::vector<SafetensorsEntry*>& order = header.by_offset;
  for (SafetensorsEntry& entry : header.tensors) order.push_back(&entry);
  const auto sort = [&order](bool (*before)(Entry, Entry)) { std::sort(order.begin(), order.end(), before); };
  sort([](Entry a, Entry b) { return a->name < b->name; });
  for (std::size_t i = 1; i < order.size(); ++i)
    if (order[i]->name == order[i - 1]->name) return failure({"tensor ", in_quotes(order[i]->name), ": stands twice"});
  sort([](Entry a, Entry b) { return a->begin != b->begin ? a->begin < b->begin : a->end < b->end; });
  std::uint64_t reached = 0;
  for (Entry entry : order) {
    if (entry->begin != reached)
      return failure({"tensor ", in_quotes(entry->name), ": begins at byte ", entry->begin,
                      entry->begin < reached ? ", inside the tensor before it" : ", after a gap"});
    reached = entry->end;
  }
  if (reached != data_bytes)
    return failure({"header: the tensors take ", reached, " bytes, the file's data ", data_bytes});
  return {};
}

}  // namespace detail

/// The header that `text` spells, of a file with `data_bytes` bytes behind it. An Error is "PLACE: CAUSE".
template <class = void>
[[gnu::cold]] inline Result<SafetensorsHeader> parse_safetensors_header(std::string_view text,
                                                                        std::uint64_t data_bytes) {
  SafetensorsHeader header;
  JsonReader json(text);
  std::string name;
  bool has_metadata = false;
  json.expect('{');
  for (bool first = true; json.more('}', first);) {
    if (!json.string(name) || !json.expect(':')) break;
    if (name == "__metadata__") {
      if (std::exchange(has_metadata, true)) return Error{"header: '__metadata__' stands twice"};
      json.expect('{');
      for (bool first_key = true; json.more('}', first_key);) {
        auto& [key, value] = header.metadata.emplace_back();
        if (!json.string(key) || !json.expect(':') || !json.string(value)) break;
      }
      continue;
    }
    SafetensorsEntry& entry = header.tensors.emplace_back();
    entry.name = name;
    if (auto status = detail::parse_safetensors_entry(json, data_bytes, entry); !status)
      return failure({"tensor ", in_quotes(name), ": ", status.error().message});
  }
  if (!json.finish()) return failure({"header, byte ", 8 + json.position(), ": ", json.problem()});
  if (auto status = detail::check_safetensors_layout(header, data_bytes); !status) return status.error();
  return header;
}

}  // namespace systolic::io
