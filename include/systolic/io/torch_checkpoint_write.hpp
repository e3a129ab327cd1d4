#pragma once
// Weights as a checkpoint that torch.load reads: {"model_state_dict": OrderedDict of float tensors}.
// Link with -lzip; not part of systolic.hpp.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/io/bytes.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/safetensors.hpp"
#include "systolic/io/text.hpp"
#include "systolic/io/torch_checkpoint_archive.hpp"
#include "systolic/nn/parameters.hpp"

namespace systolic::io {
namespace detail {

/// The instructions of a pickle (protocol 2), in the order in which they are asked for.
class TorchPickleWriter {
 public:
  void instruction(std::string_view code) { bytes_ += code; }
  void global(std::string_view module, std::string_view name) {
    bytes_.append("c").append(module).append("\n").append(name).append("\n");
  }
  template <class = void>
  void text(std::string_view text) {
    bytes_ += 'X';
    little(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  void integer(std::int64_t value) {
    bytes_.append("\x8a\x08");  // LONG1 of 8 bytes
    little(static_cast<std::uint64_t>(value));
  }
  /// torch._utils._rebuild_tensor_v2(storage, 0, extents, strides, False, OrderedDict())
  template <class = void>
  void tensor(const Shape& shape, const std::string& storage) {
    global("torch._utils", "_rebuild_tensor_v2");
    instruction("((");
    text("storage");
    global("torch", "FloatStorage");
    text(storage);
    text("cpu");
    integer(shape.count());
    instruction("tQ");  // the tuple is a persistent id
    integer(0);
    instruction("(");
    for (int d = 0; d < shape.rank(); ++d) integer(shape[d]);
    instruction("t(");
    for (int d = 0; d < shape.rank(); ++d) {
      Index stride = 1;
      for (int later = d + 1; later < shape.rank(); ++later) stride *= shape[later];
      integer(stride);
    }
    instruction("t\x89");  // False
    ordered_dict();
    instruction("tR");
  }
  void ordered_dict() {
    global("collections", "OrderedDict");
    instruction(")R");
  }
  std::string take() { return std::move(bytes_); }

 private:
  template <class T>
  void little(T value) {
    char raw[sizeof(T)];
    store_little(value, raw);
    bytes_.append(raw, sizeof(T));
  }
  std::string bytes_;
};

}  // namespace detail

/// Writes the tensors of `state` for torch.load; metadata has no place in the format and is left out.
/// Equal states give equal bytes. Requires distinct names and finite numbers; otherwise, and where the file cannot be
/// written, an Error, and `path` is what it was.
[[gnu::cold]] inline Status write_torch_checkpoint(const std::string& path, const nn::StateDict& state) {
  std::vector<std::pair<std::string, std::string>> entries(1, {"archive/data.pkl", ""});
  detail::TorchPickleWriter pickle;
  pickle.instruction("\x80\x02}");
  pickle.text("model_state_dict");
  pickle.ordered_dict();
  pickle.instruction("(");
  for (const nn::NamedTensor& entry : state.tensors) {
    const std::string place = joined({"tensor ", in_quotes(entry.name)});
    if (!is_utf8(entry.name)) return error_at(path, place, "its name is not UTF-8");
    if (&entry.tensor != state.find(entry.name)) return error_at(path, place, "stands twice");
    const std::string storage = std::to_string(entries.size() - 1);
    std::string numbers;
    if (auto status = detail::append_elements(entry.tensor, DataType::f32, numbers); !status)
      return error_at(path, place, status.error().message);
    entries.emplace_back(joined({"archive/data/", storage}), std::move(numbers));
    pickle.text(entry.name);
    pickle.tensor(entry.tensor.shape(), storage);
  }
  pickle.instruction("us.");  // into the OrderedDict, that into the dictionary
  entries[0].second = pickle.take();
  entries.emplace_back("archive/version", "3\n");
  auto archive = zip_stored(entries);
  if (!archive) return error_at(path, "could not be written", archive.error().message);
  return write_file_atomically(path, *archive);
}

}  // namespace systolic::io
