#pragma once
// Weights in safetensors files: 8 bytes with the length of a JSON header, the header, the numbers of all tensors.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/bytes.hpp"
#include "systolic/io/element_type.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/float16.hpp"
#include "systolic/io/int8_tensor.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/safetensors_header.hpp"
#include "systolic/io/sha256.hpp"
#include "systolic/nn/parameters.hpp"

namespace systolic::io {

/// How tensors are written. int8: the large matrices of a network (io/int8_tensor.hpp), all else as f32.
enum class DataType { f32, f16, int8 };

namespace detail {

/// Appends `tensor` as `type`. The cause where a number is not finite, or too large for f16.
template <class = void>
inline Status append_elements(const Tensor<float>& tensor, DataType type, std::string& bytes) {
  if (auto status = check_finite(tensor); !status) return status;
  for (Index i = 0; i < tensor.size(); ++i) {
    char raw[4];
    if (type != DataType::f16) {
      store_little(std::bit_cast<std::uint32_t>(tensor.data()[i]), raw);
      bytes.append(raw, 4);
      continue;
    }
    const std::uint16_t half = half_from_float(tensor.data()[i]);
    if ((half & 0x7C00) == 0x7C00) return failure({"element ", i, " is too large for half precision (largest: 65504)"});
    store_little(half, raw);
    bytes.append(raw, 2);
  }
  return {};
}

}  // namespace detail

/// Reads all tensors as float, in the header's order, with the metadata.
/// Read are F32 F16 BF16 F64 I64 I32 I16 I8 U8; counters of training steps (num_batches_tracked) are passed over.
/// Ensures finite numbers, distinct names, and bytes that have the SHA-256 named by the metadata "sha256", if there.
/// Anything else is refused as "FILE: tensor 'NAME': CAUSE" or "FILE: header, byte N: CAUSE".
template <class = void>
[[gnu::cold]] inline Result<nn::StateDict> read_safetensors(const std::string& path) {
  constexpr std::uint64_t largest_header = 100'000'000;  // as the format's own library
  auto file = InputFile::open(path);
  if (!file) return file.error();
  unsigned char prefix[8];
  if (file->size() < sizeof(prefix)) return error_at(path, "", "is too short for a safetensors file");
  if (auto status = file->read(0, prefix, sizeof(prefix)); !status) return status.error();
  const std::uint64_t header_bytes = load<std::uint64_t>(prefix);
  if (header_bytes > largest_header || header_bytes > file->size() - sizeof(prefix))
    return failure_at(path, "byte 0", {"a header of ", header_bytes, " bytes does not fit; is it a safetensors file?"});
  std::string text(static_cast<std::size_t>(header_bytes), '\0');
  if (auto status = file->read(sizeof(prefix), text.data(), text.size()); !status) return status.error();
  const std::uint64_t data_offset = sizeof(prefix) + header_bytes;
  auto header = parse_safetensors_header(text, file->size() - data_offset);
  if (!header) return error_at(path, "", header.error().message);

  nn::StateDict state;
  state.metadata = std::move(header->metadata);
  state.tensors.resize(header->tensors.size());
  const std::string* promised = state.find_metadata("sha256");
  Sha256 hash;
  std::vector<unsigned char> bytes;
  for (SafetensorsEntry* entry : header->by_offset) {
    bytes.resize(static_cast<std::size_t>(entry->end - entry->begin));
    if (auto status = file->read(data_offset + entry->begin, bytes.data(), bytes.size()); !status)
      return status.error();
    if (promised) hash.update({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    Tensor<float> tensor(entry->shape);
    convert_elements(*entry->type, bytes.data(), tensor);
    if (auto status = check_finite(tensor); !status)
      return error_at(path, joined({"tensor ", in_quotes(entry->name)}), status.error().message);
    state.tensors[static_cast<std::size_t>(entry - header->tensors.data())] = {std::move(entry->name),
                                                                               std::move(tensor)};
  }
  if (promised && hash.finish() != *promised) return error_at(path, "", "checksum does not match: file is damaged");
  std::erase_if(state.tensors, [](const nn::NamedTensor& entry) { return is_training_counter(entry.name); });
  if (auto status = join_int8(state); !status) return error_at(path, "", status.error().message);
  return state;
}

/// Writes `state` to a safetensors file, tensors in their order, and the metadata "sha256" of their bytes.
/// Equal states give equal bytes. Requires distinct names and finite numbers, within +-65504 for f16; otherwise, and
/// where the file cannot be written, an Error, and `path` is what it was.
template <class = void>
[[gnu::cold]] inline Status write_safetensors(const std::string& path, const nn::StateDict& state,
                                              DataType type = DataType::f32) {
  std::string data, entries;
  std::size_t total = 0;
  for (const nn::NamedTensor& entry : state.tensors) total += static_cast<std::size_t>(entry.tensor.size());
  data.reserve(total * (type == DataType::f32 ? 4 : 2));
  const auto add_entry = [&](const std::string& name, const char* number, const Shape& shape, std::size_t begin) {
    entries += joined({",", json_quoted(name), ":{\"dtype\":\"", number, "\",\"shape\":["});
    for (int d = 0; d < shape.rank(); ++d) entries += joined({d ? "," : "", shape[d]});
    entries += joined({"],\"data_offsets\":[", begin, ",", data.size(), "]}"});
  };
  const auto is_int8 = [&](const nn::NamedTensor& entry) { return type == DataType::int8 && goes_into_int8(entry); };
  // Single bytes come last: what stands behind them would begin anywhere.
  for (const bool bytes : {false, true})
    for (const nn::NamedTensor& entry : state.tensors) {
      const std::string who = joined({"tensor ", in_quotes(entry.name)});
      if (!is_utf8(entry.name) || entry.name == "__metadata__") return error_at(path, who, "is no name for a tensor");
      if (&entry.tensor != state.find(entry.name)) return error_at(path, who, "stands twice");
      if (bytes && !is_int8(entry)) continue;
      if (auto status = check_finite(entry.tensor); !status) return error_at(path, who, status.error().message);
      const std::size_t begin = data.size();
      if (!is_int8(entry)) {
        if (auto status = detail::append_elements(entry.tensor, type, data); !status)
          return error_at(path, who, status.error().message);
        add_entry(entry.name, type == DataType::f16 ? "F16" : "F32", entry.tensor.shape(), begin);
        continue;
      }
      const Int8Tensor reduced = to_int8(entry.tensor);
      if (bytes) {
        data.append(reinterpret_cast<const char*>(reduced.values.data()), reduced.values.size());
        add_entry(entry.name, "I8", entry.tensor.shape(), begin);
      } else {
        if (auto status = detail::append_elements(reduced.scale, DataType::f32, data); !status) return status;
        add_entry(entry.name + std::string(int8_scale_ending), "F32", reduced.scale.shape(), begin);
      }
    }
  std::string header = "{\"__metadata__\":{";
  for (const auto& [key, value] : state.metadata) {
    if (!is_utf8(key) || !is_utf8(value)) return error_at(path, joined({"metadata ", in_quotes(key)}), "is not UTF-8");
    if (key != "sha256") header += joined({json_quoted(key), ":", json_quoted(value), ","});
  }
  header += joined({"\"sha256\":\"", sha256(data), "\"}", entries, "}"});
  while (header.size() % 8 != 0) header += ' ';  // tensors begin at a multiple of 8
  char prefix[8];
  store_little(static_cast<std::uint64_t>(header.size()), prefix);
  return write_file_atomically(path, {{prefix, sizeof(prefix)}, header, data});
}

/// The checksum by which people tell weights apart: the file's own (metadata "sha256"), else that of the numbers as
/// they would be written in f32.
template <class = void>
[[gnu::cold]] inline std::string weights_checksum(const nn::StateDict& state) {
  if (const std::string* stated = state.find_metadata("sha256")) return *stated;
  Sha256 hash;
  std::string bytes;
  for (const nn::NamedTensor& entry : state.tensors) {
    bytes.clear();
    if (!detail::append_elements(entry.tensor, DataType::f32, bytes)) return "";
    hash.update(bytes);
  }
  return hash.finish();
}

}  // namespace systolic::io
