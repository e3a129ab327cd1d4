#pragma once
// What the pickle of a PyTorch checkpoint can hold, as far as it is read: plain values, containers, and tensors whose
// numbers lie elsewhere in the archive.

#include <cstdint>
#include <string_view>
#include <vector>

#include "systolic/io/element_type.hpp"

namespace systolic::io {

enum class PickleKind : std::uint8_t {
  none,
  boolean,
  integer,
  real,
  text,
  sequence,
  dictionary,
  global,
  storage,
  tensor
};

/// The only names that a pickle may ask for. Nothing is ever looked up or run: each stands for a few lines of
/// TorchPickleReader.
enum class PickleGlobal : std::uint8_t { ordered_dict, tensor, tensor_v2, parameter, size, device, storage_type };

/// A value; others are referred to by their place in TorchPickle::values, so that values which contain each other or
/// themselves are as harmless as any.
struct PickleValue {
  PickleKind kind = PickleKind::none;
  PickleGlobal global{};               ///< of a global
  const ElementType* type = nullptr;   ///< of a storage and of its global
  std::int64_t integer = 0;            ///< number; of a storage: elements; of a tensor: first element in its storage
  std::string_view text;               ///< text; of a storage: its name in the archive
  std::vector<std::uint32_t> items{};  ///< of a sequence; of a dictionary: key, value, ...; of a tensor: storage,
                                       ///< extents, strides
};

struct TorchPickle {
  std::vector<PickleValue> values;
  std::uint32_t root = 0;

  const PickleValue& operator[](std::uint32_t place) const noexcept { return values[place]; }
  /// The value of that key in a dictionary, or nullptr.
  template <class = void>
  const PickleValue* find(const PickleValue& dictionary, std::string_view key) const noexcept {
    if (dictionary.kind != PickleKind::dictionary) return nullptr;
    for (std::size_t i = 0; i + 1 < dictionary.items.size(); i += 2) {
      const PickleValue& candidate = values[dictionary.items[i]];
      if (candidate.kind == PickleKind::text && candidate.text == key) return &values[dictionary.items[i + 1]];
    }
    return nullptr;
  }
};

}  // namespace systolic::io
