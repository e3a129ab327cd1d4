#pragma once
// NumPy's array files (.npy): versions 1, 2 and 3 are read, version 1 is written.
// Format: numpy/doc/neps/nep-0001-npy-format.rst.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/bytes.hpp"
#include "systolic/io/extents.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/npy_header.hpp"

namespace systolic::io {
namespace detail {

/// The number of type From at `bytes` as a T.
template <class T, class From, std::endian order>
T convert_npy_element(const unsigned char* bytes) {
  return static_cast<T>(load<From, order>(bytes));
}

/// What converts elements of the header's type, in either byte order. Requires a type that T can take.
template <class T, std::endian order>
auto find_npy_conversion(const NpyHeader& header) noexcept -> T (*)(const unsigned char*) {
  if constexpr (std::is_floating_point_v<T>)
    if (header.kind == 'f')
      return header.item_size == 4 ? convert_npy_element<T, float, order> : convert_npy_element<T, double, order>;
  const bool is_signed = header.kind == 'i';
  switch (header.item_size) {
    case 1:
      return is_signed ? convert_npy_element<T, std::int8_t, order> : convert_npy_element<T, std::uint8_t, order>;
    case 2:
      return is_signed ? convert_npy_element<T, std::int16_t, order> : convert_npy_element<T, std::uint16_t, order>;
    case 4:
      return is_signed ? convert_npy_element<T, std::int32_t, order> : convert_npy_element<T, std::uint32_t, order>;
    default:
      return convert_npy_element<T, std::int64_t, order>;
  }
}

/// Converts the file's numbers, in file order, into the row-major array `out`.
template <class T>
Status convert_npy(const InputFile& file, const NpyHeader& header, TensorView<T> out) {
  const auto convert = header.order == std::endian::big ? find_npy_conversion<T, std::endian::big>(header)
                                                        : find_npy_conversion<T, std::endian::little>(header);
  const auto item = static_cast<Index>(header.item_size);
  constexpr Index chunk = 8192;  // elements
  std::vector<unsigned char> buffer(static_cast<std::size_t>(std::min(chunk, out.size()) * item));
  const Shape& shape = out.shape();
  Index position[Shape::max_rank] = {};
  Index target = 0;
  for (Index done = 0; done < out.size(); done += chunk) {
    const Index count = std::min(chunk, out.size() - done);
    const std::uint64_t offset = header.data_offset + static_cast<std::uint64_t>(done * item);
    if (auto status = file.read(offset, buffer.data(), static_cast<std::size_t>(count * item)); !status) return status;
    for (Index i = 0; i < count; ++i) {
      out.data()[target] = convert(buffer.data() + i * item);
      if (!header.fortran_order) {
        ++target;
        continue;
      }
      // Fortran order: the first index runs fastest. Its stride in `out` is the product of the later extents.
      Index stride = out.size();
      for (int d = 0; d < shape.rank(); ++d) {
        stride /= shape[d];
        target += stride;
        if (++position[d] < shape[d]) break;
        target -= position[d] * stride;
        position[d] = 0;
      }
    }
  }
  return {};
}

template <class T>
inline constexpr bool is_npy_element = std::is_same_v<T, float> || std::is_same_v<T, double> ||
                                       std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint8_t>;

template <class T>
constexpr std::string_view npy_type() {
  if constexpr (std::is_same_v<T, float>) return std::endian::native == std::endian::little ? "<f4" : ">f4";
  if constexpr (std::is_same_v<T, double>) return std::endian::native == std::endian::little ? "<f8" : ">f8";
  if constexpr (std::is_same_v<T, std::uint8_t>) return "|u1";
  return std::endian::native == std::endian::little ? "<i8" : ">i8";
}

}  // namespace detail

/// The array in `path`, in row-major order, converted to T: float, double, std::int64_t, or std::uint8_t from bytes
/// only. Read are f4 f8 i1 i2 i4 i8 u1 u2 u4 in either byte order, C and Fortran order, up to five dimensions;
/// floating-point numbers are not read as integers. Refused: pickled objects, structured types, a header that promises
/// more or fewer bytes than the file has.
template <class T>
Result<Tensor<T>> read_npy(const std::string& path) {
  static_assert(detail::is_npy_element<T>);
  auto file = InputFile::open(path);
  if (!file) return file.error();
  auto header = read_npy_header(*file);
  if (!header) return header.error();
  if (std::is_integral_v<T> && header->kind == 'f')
    return error_at(path, "header", "the array holds floating-point numbers where integers are expected");
  if (std::is_same_v<T, std::uint8_t> && (header->kind != 'u' || header->item_size != 1))
    return error_at(path, "header", "the array holds other numbers where bytes (uint8) are expected");
  Tensor<T> result(header->shape);
  const bool as_stored = !header->fortran_order && header->type == detail::npy_type<T>();
  const std::size_t bytes = static_cast<std::size_t>(result.size()) * sizeof(T);
  const Status status = as_stored ? file->read(header->data_offset, result.data(), bytes)
                                  : detail::convert_npy(*file, *header, result.view());
  if (!status) return status.error();
  return result;
}

/// Writes `array` as version 1 in C order: float as f4, double as f8, std::int64_t as i8, std::uint8_t as u1.
template <class T>
Status write_npy(const std::string& path, TensorView<const T> array) {
  static_assert(detail::is_npy_element<T>);
  const std::string header = npy_header_text(detail::npy_type<T>(), array.shape());
  return write_file_atomically(
      path,
      {header, {reinterpret_cast<const char*>(array.data()), static_cast<std::size_t>(array.size()) * sizeof(T)}});
}
template <class T>
Status write_npy(const std::string& path, TensorView<T> array) {
  return write_npy<T>(path, TensorView<const T>(array));
}
template <class T>
Status write_npy(const std::string& path, const Tensor<T>& array) {
  return write_npy<T>(path, array.view());
}

}  // namespace systolic::io
