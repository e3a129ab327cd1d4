#pragma once
// Weights in PyTorch's own files (.pt, .pth; ZIP archives, PyTorch 1.6 and later), without PyTorch and without running
// anything that the file asks for. Link with -lzip; not part of systolic.hpp.

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
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/safetensors.hpp"
#include "systolic/io/text.hpp"
#include "systolic/io/torch_checkpoint_archive.hpp"
#include "systolic/io/torch_pickle.hpp"
#include "systolic/nn/parameters.hpp"

namespace systolic::io {
namespace detail {

/// A tensor as the pickle describes it, checked against its storage.
struct TorchTensor {
  std::string name;
  Shape shape;
  std::vector<std::int64_t> strides;
  std::int64_t offset = 0;
  std::int64_t storage_elements = 0;
  const ElementType* type = nullptr;
  std::string_view storage;  // name in the archive
};

/// The cause where an element of the tensor would lie outside its storage, or all tensors together have more than
/// `budget` elements, which is taken down. A tensor may be larger than its storage (strides of 0), so the storage alone
/// bounds nothing.
template <class = void>
[[gnu::cold]] inline Status describe_torch_tensor(const TorchPickle& pickle, const PickleValue& value,
                                                  std::uint64_t& budget, TorchTensor& tensor) {
  const PickleValue& storage = pickle[value.items[0]];
  tensor.type = storage.type;
  tensor.storage = storage.text;
  tensor.storage_elements = storage.integer;
  tensor.offset = value.integer;
  std::vector<std::uint64_t> extents;
  for (const std::uint32_t item : pickle[value.items[1]].items)
    extents.push_back(static_cast<std::uint64_t>(pickle[item].integer));
  for (const std::uint32_t item : pickle[value.items[2]].items) tensor.strides.push_back(pickle[item].integer);
  auto shape = checked_shape(extents, budget);
  if (!shape) return shape.error();
  tensor.shape = *shape;
  budget -= static_cast<std::uint64_t>(shape->count());
  if (shape->count() == 0) return {};
  std::int64_t room = storage.integer - 1 - tensor.offset;  // elements behind the first
  for (int d = 0; d < shape->rank() && room >= 0; ++d) {
    const std::int64_t steps = (*shape)[d] - 1;
    const std::int64_t stride = tensor.strides[static_cast<std::size_t>(d)];
    room = steps > 0 && stride > room / steps ? -1 : room - steps * stride;
  }
  if (room < 0)
    return failure({"shape ", shape->text(), " reaches beyond the ", storage.integer, " elements of its storage"});
  return {};
}

/// Gathers the tensor from the bytes of its storage into row-major order.
template <class = void>
inline Tensor<float> gather_torch_tensor(const TorchTensor& tensor, std::string_view storage) {
  Tensor<float> result(tensor.shape);
  const auto* bytes = reinterpret_cast<const unsigned char*>(storage.data());
  const Shape& shape = tensor.shape;
  std::int64_t dense = 1;
  bool contiguous = true;
  for (int d = shape.rank(); d-- > 0; dense *= shape[d])
    contiguous = contiguous && (shape[d] == 1 || tensor.strides[static_cast<std::size_t>(d)] == dense);
  if (result.empty()) return result;
  if (contiguous) {
    convert_elements(*tensor.type, bytes + tensor.offset * tensor.type->bytes, result);
    return result;
  }
  Index position[Shape::max_rank] = {};
  std::int64_t element = tensor.offset;
  for (float& target : result) {
    target = tensor.type->convert(bytes + element * tensor.type->bytes);
    for (int d = shape.rank(); d-- > 0;) {
      const std::int64_t stride = tensor.strides[static_cast<std::size_t>(d)];
      element += stride;
      if (++position[d] < shape[d]) break;
      element -= position[d] * stride;
      position[d] = 0;
    }
  }
  return result;
}

/// The dictionary with the weights: under the key "model_state_dict" or "state_dict", or the pickle's root itself.
template <class = void>
[[gnu::cold]] inline const PickleValue* find_state_dict(const TorchPickle& pickle) noexcept {
  const PickleValue& root = pickle[pickle.root];
  for (const std::string_view key : {"model_state_dict", "state_dict"})
    if (const PickleValue* inner = pickle.find(root, key); inner && inner->kind == PickleKind::dictionary) return inner;
  return root.kind == PickleKind::dictionary ? &root : nullptr;
}

/// Names and places of all weights. An Error is "PLACE: CAUSE".
template <class = void>
[[gnu::cold]] inline Result<std::vector<TorchTensor>> list_torch_tensors(const TorchPickle& pickle,
                                                                         std::uint64_t budget) {
  const PickleValue* state = find_state_dict(pickle);
  if (!state) return Error{"holds no dictionary of tensors"};
  std::vector<TorchTensor> tensors;
  bool wrapped = true;  // by DataParallel, which puts "module." before each name
  for (std::size_t i = 0; i + 1 < state->items.size(); i += 2) {
    const PickleValue& key = pickle[state->items[i]];
    const PickleValue& value = pickle[state->items[i + 1]];
    if (key.kind != PickleKind::text) return Error{"a key of the state dict is no text"};
    if (value.kind != PickleKind::tensor) return failure({"entry ", in_quotes(key.text), ": is not a tensor"});
    wrapped = wrapped && key.text.starts_with("module.");
    if (is_training_counter(key.text)) continue;
    tensors.emplace_back().name = key.text;
    if (auto status = describe_torch_tensor(pickle, value, budget, tensors.back()); !status)
      return failure({"tensor ", in_quotes(key.text), ": ", status.error().message});
  }
  if (tensors.empty()) return Error{"holds no tensor"};
  for (TorchTensor& tensor : tensors)
    if (wrapped) tensor.name.erase(0, std::string_view("module.").size());
  std::vector<std::string_view> names;
  for (const TorchTensor& tensor : tensors) names.push_back(tensor.name);
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
    return failure({"tensor ", in_quotes(*twice), ": stands twice"});
  return tensors;
}

/// "NAME/" of the archive's folder, which holds data.pkl.
template <class = void>
[[gnu::cold]] inline Result<std::string> find_torch_folder(const ZipArchive& archive) {
  std::string folder;
  int found = 0;
  for (const std::string& name : archive.names()) {
    const auto [parent, file] = split_path(name);
    if (file != "data.pkl" || std::count(name.begin(), name.end(), '/') > 1) continue;
    folder = parent;
    ++found;
  }
  if (found != 1) return Error{found == 0 ? "has no data.pkl; is it a PyTorch checkpoint?" : "has several data.pkl"};
  return folder;
}

}  // namespace detail

/// Reads the weights of a PyTorch checkpoint as float, in the state dict's order: a state dict itself or one under the
/// key "model_state_dict" or "state_dict" (optimizer states and the like beside it are passed over), with "module."
/// taken off where every name has it. Counters of training steps (num_batches_tracked) are passed over.
/// Ensures finite numbers and distinct names. Refused: pickles that ask for any function but those of a state dict,
/// files of PyTorch before 1.6, compressed entries, more elements in all than the file has bytes.
template <class = void>
[[gnu::cold]] inline Result<nn::StateDict> read_torch_checkpoint(const std::string& path) {
  auto file = InputFile::open(path);
  if (!file) return file.error();
  char start[4] = {};
  if (auto status = file->read(0, start, std::min<std::uint64_t>(file->size(), sizeof(start))); !status)
    return status.error();
  const std::string_view magic(start, sizeof(start));
  if (magic.starts_with("\x80\x02"))
    return error_at(path, "", "is a file of PyTorch before 1.6; load and save it again with a newer one");
  if (magic != "PK\x03\x04") return error_at(path, "", "is not a PyTorch checkpoint (no ZIP archive)");
  auto archive = ZipArchive::open(path);
  if (!archive) return archive.error();
  auto folder = detail::find_torch_folder(*archive);
  if (!folder) return error_at(path, "", folder.error().message);
  if (archive->contains(joined({*folder, "byteorder"}))) {
    auto order = archive->read(joined({*folder, "byteorder"}), 16);
    if (!order) return order.error();
    if (*order != "little") return failure_at(path, "byteorder", {in_quotes(*order), " is not read, only 'little'"});
  }

  constexpr std::uint64_t largest_pickle = std::uint64_t{64} << 20;
  auto bytes = archive->read(joined({*folder, "data.pkl"}), largest_pickle);
  if (!bytes) return bytes.error();
  auto pickle = TorchPickleReader(*bytes).run();
  if (!pickle) return error_at(path, joined({"data.pkl, ", pickle.error().message}), "");
  auto tensors = detail::list_torch_tensors(*pickle, archive->file_size());
  if (!tensors) return error_at(path, tensors.error().message, "");

  // Each storage is read once, however many tensors share it.
  std::vector<std::size_t> order(tensors->size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return (*tensors)[a].storage < (*tensors)[b].storage; });
  nn::StateDict state;
  state.tensors.resize(tensors->size());
  std::string content;
  std::uint64_t budget = archive->file_size();
  for (std::size_t k = 0; k < order.size(); ++k) {
    detail::TorchTensor& tensor = (*tensors)[order[k]];
    const std::string place = joined({"tensor ", in_quotes(tensor.name)});
    if (k == 0 || tensor.storage != (*tensors)[order[k - 1]].storage) {
      auto read = archive->read(joined({*folder, "data/", tensor.storage}), budget);
      if (!read) return read.error();
      content = std::move(*read);
      budget -= content.size();
    }
    const auto elements = content.size() / static_cast<std::size_t>(tensor.type->bytes);
    if (static_cast<std::uint64_t>(tensor.storage_elements) > elements)
      return failure_at(path, place, {"its storage has ", elements, " elements, not ", tensor.storage_elements});
    Tensor<float> numbers = detail::gather_torch_tensor(tensor, content);
    if (auto status = check_finite(numbers); !status) return error_at(path, place, status.error().message);
    state.tensors[order[k]] = {std::move(tensor.name), std::move(numbers)};
  }
  return state;
}

}  // namespace systolic::io
