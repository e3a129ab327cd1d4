#pragma once
// Matrices in MATLAB files, version 4 and 5 (which MATLAB calls 6 and 7, too). Format: "MAT-File Format", The
// MathWorks. What a file claims is held against the bytes that are there before anything is taken on trust.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/bytes.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io {

/// A real matrix of numbers, column by column, in bytes that somebody else owns.
struct MatMatrix {
  std::string name;  ///< with the structures around it: "ECG.data"
  Index rows = 0, columns = 0;
  int item_size = 0;
  bool is_integer = false;
  double (*convert)(const unsigned char* bytes) = nullptr;
  const unsigned char* bytes = nullptr;

  Index size() const noexcept { return rows * columns; }
  double operator[](Index i) const noexcept { return convert(bytes + i * item_size); }
};

namespace detail {

/// How numbers of one kind are stored.
struct MatNumber {
  int type, size;
  bool is_integer;
  double (*little)(const unsigned char*);
  double (*big)(const unsigned char*);
};

template <class T, std::endian order>
double convert_mat_number(const unsigned char* bytes) {
  return static_cast<double>(load<T, order>(bytes));
}
template <class T>
constexpr MatNumber mat_number(int type) {
  return {type, sizeof(T), std::is_integral_v<T>, convert_mat_number<T, std::endian::little>,
          convert_mat_number<T, std::endian::big>};
}

/// Types of version 5 (mi...), and of version 4 (the digit P).
inline constexpr MatNumber mat5_numbers[] = {mat_number<std::int8_t>(1),   mat_number<std::uint8_t>(2),
                                             mat_number<std::int16_t>(3),  mat_number<std::uint16_t>(4),
                                             mat_number<std::int32_t>(5),  mat_number<std::uint32_t>(6),
                                             mat_number<float>(7),         mat_number<double>(9),
                                             mat_number<std::int64_t>(12), mat_number<std::uint64_t>(13)};
inline constexpr MatNumber mat4_numbers[] = {mat_number<double>(0),        mat_number<float>(1),
                                             mat_number<std::int32_t>(2),  mat_number<std::int16_t>(3),
                                             mat_number<std::uint16_t>(4), mat_number<std::uint8_t>(5)};

template <std::size_t count>
const MatNumber* find_mat_number(const MatNumber (&numbers)[count], std::uint32_t type) noexcept {
  for (const MatNumber& number : numbers)
    if (static_cast<std::uint32_t>(number.type) == type) return &number;
  return nullptr;
}

/// Sets `matrix` to `rows` x `columns` numbers at the start of `bytes`; false where they are not all there.
template <class = void>
inline bool set_matrix(MatMatrix& matrix, const MatNumber& number, bool big, std::uint64_t rows, std::uint64_t columns,
                       std::string_view bytes) noexcept {
  const std::uint64_t most = bytes.size() / static_cast<std::uint64_t>(number.size);
  if (rows > most || columns > most || (rows > 0 && columns > most / rows)) return false;
  matrix.rows = static_cast<Index>(rows);
  matrix.columns = static_cast<Index>(columns);
  matrix.item_size = number.size;
  matrix.is_integer = number.is_integer;
  matrix.convert = big ? number.big : number.little;
  matrix.bytes = reinterpret_cast<const unsigned char*>(bytes.data());
  return true;
}

/// Numbers of the file in its byte order.
inline std::uint32_t mat_word(std::string_view bytes, std::size_t offset, bool big) noexcept {
  return big ? load<std::uint32_t, std::endian::big>(bytes.data() + offset)
             : load<std::uint32_t>(bytes.data() + offset);
}

/// One tagged piece of a version 5 file.
struct MatElement {
  std::uint32_t type = 0;
  std::string_view data;
};

/// Takes the next element off the front of `bytes`. False where less is there than its tag says.
template <class = void>
inline bool take_mat_element(std::string_view& bytes, bool big, MatElement& out) noexcept {
  if (bytes.size() < 8) return false;
  const std::uint32_t first = mat_word(bytes, 0, big);
  if (const std::uint32_t small = first >> 16; small != 0) {  // type and up to 4 bytes in the tag itself
    if (small > 4) return false;
    out = {first & 0xFFFF, bytes.substr(4, small)};
    bytes.remove_prefix(8);
    return true;
  }
  const std::uint64_t length = mat_word(bytes, 4, big);
  if (length > bytes.size() - 8) return false;
  out = {first, bytes.substr(8, static_cast<std::size_t>(length))};
  constexpr std::uint32_t compressed = 15;  // alone not filled up to 8 bytes
  const std::uint64_t filled = first == compressed ? length : (length + 7) / 8 * 8;
  bytes.remove_prefix(static_cast<std::size_t>(std::min<std::uint64_t>(8 + filled, bytes.size())));
  return true;
}

inline constexpr int mat_deepest = 4;                // structures in structures
inline constexpr std::size_t mat_most_found = 1000;  // matrices

/// Appends the matrices of numbers in `body`, the content of a matrix element: itself, or the fields of a structure.
/// Cells, texts, complex and sparse matrices are passed over; false where the element is damaged.
template <class = void>
inline bool collect_mat5(std::string_view body, bool big, const std::string& parent, int depth,
                         std::vector<MatMatrix>& out) {
  constexpr std::uint32_t matrix_type = 14, structure_class = 2, first_number_class = 6, last_number_class = 15;
  if (body.empty()) return true;  // a field without a value
  MatElement flags, extents, name, part;
  if (!take_mat_element(body, big, flags) || flags.data.size() < 8 || !take_mat_element(body, big, extents) ||
      extents.data.size() < 8 || extents.data.size() % 4 != 0 || !take_mat_element(body, big, name))
    return false;
  const std::uint32_t kind = mat_word(flags.data, 0, big) & 0xFF;
  const bool is_complex = mat_word(flags.data, 0, big) & 0x0800;
  const std::string path = depth == 0 ? std::string(name.data) : parent;
  if (extents.data.size() != 8 || out.size() >= mat_most_found) return true;
  const std::uint64_t rows = mat_word(extents.data, 0, big), columns = mat_word(extents.data, 4, big);
  if (kind >= first_number_class && kind <= last_number_class && !is_complex) {
    if (!take_mat_element(body, big, part)) return false;
    const MatNumber* number = find_mat_number(mat5_numbers, part.type);
    MatMatrix matrix;
    if (!number || !set_matrix(matrix, *number, big, rows, columns, part.data)) return false;
    // Whole numbers may be stored smaller than their class: doubles 0 to 255 as bytes.
    matrix.is_integer = kind > 7;
    matrix.name = path;
    out.push_back(std::move(matrix));
  } else if (kind == structure_class && rows == 1 && columns == 1 && depth < mat_deepest) {
    MatElement width, names;
    if (!take_mat_element(body, big, width) || width.data.size() < 4 || !take_mat_element(body, big, names))
      return false;
    const std::size_t length = mat_word(width.data, 0, big);
    if (length == 0) return false;
    for (std::size_t at = 0; at + length <= names.data.size(); at += length) {
      const std::string_view field = names.data.substr(at, length);
      if (!take_mat_element(body, big, part) || part.type != matrix_type) return false;
      if (!collect_mat5(part.data, big, joined({path, ".", field.substr(0, field.find('\0'))}), depth + 1, out))
        return false;
    }
  }
  return true;
}

/// The matrices of a version 4 file; the cause where it is damaged.
template <class = void>
inline Result<std::vector<MatMatrix>> find_mat4_matrices(std::string_view bytes) {
  constexpr std::size_t header = 20;
  std::vector<MatMatrix> found;
  while (!bytes.empty() && found.size() < mat_most_found) {
    if (bytes.size() < header) return Error{"ends within the header of a matrix"};
    // The first number is below 5000 in the file's own byte order.
    const bool big = mat_word(bytes, 0, false) > 9999;
    const std::uint32_t type = mat_word(bytes, 0, big), rows = mat_word(bytes, 4, big),
                        columns = mat_word(bytes, 8, big);
    const std::uint32_t name_length = mat_word(bytes, 16, big);
    const bool is_complex = mat_word(bytes, 12, big) != 0;
    const MatNumber* number = find_mat_number(mat4_numbers, type / 10 % 10);
    if (type > 1999 || !number || name_length > bytes.size() - header)
      return Error{"is damaged: no matrix where one should be"};
    bytes.remove_prefix(header);
    const std::string_view name = bytes.substr(0, name_length);
    bytes.remove_prefix(name_length);
    MatMatrix matrix;
    if (!set_matrix(matrix, *number, big, rows, columns, bytes))
      return Error{joined({"matrix ", in_quotes(name.substr(0, name.find('\0'))), " is cut short"})};
    matrix.name = name.substr(0, name.find('\0'));
    const std::size_t taken = static_cast<std::size_t>(matrix.size() * matrix.item_size);
    bytes.remove_prefix(std::min(bytes.size(), is_complex ? 2 * taken : taken));
    if (type % 10 == 0 && !is_complex) found.push_back(std::move(matrix));
  }
  return found;
}

}  // namespace detail

}  // namespace systolic::io
