#pragma once
// The header of an .npy file: a Python dictionary in text, {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.

#include <bit>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/bytes.hpp"
#include "systolic/io/extents.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"

namespace systolic::io {

/// What an .npy header says.
struct NpyHeader {
  std::string type;  ///< as written, for example "<f4"
  std::endian order = std::endian::little;
  char kind = 'f';  ///< 'f' floating point, 'i' signed, 'u' unsigned
  int item_size = 4;
  bool fortran_order = false;
  Shape shape;
  std::uint64_t data_offset = 0;  ///< bytes before the first element
};

namespace detail {

/// Reads the dictionary, and only the dictionary, that NumPy writes. Every function is false at the first surprise and
/// leaves `problem()` behind.
class NpyDictionary {
 public:
  explicit NpyDictionary(std::string_view text) : text_(text) {}

  std::string type;
  bool fortran_order = false;
  std::vector<std::uint64_t> extents;

  const std::string& problem() const noexcept { return problem_; }
  std::size_t position() const noexcept { return position_; }

  template <class = void>
  [[gnu::cold]] bool parse() {
    bool has_type = false, has_order = false, has_shape = false;
    if (!expect('{')) return false;
    while (!accept('}')) {
      std::string key;
      if (!string(key) || !expect(':')) return false;
      bool& seen = key == "descr" ? has_type : key == "fortran_order" ? has_order : has_shape;
      if (key != "descr" && key != "fortran_order" && key != "shape") return fail(joined({"unknown key '", key, "'"}));
      if (seen) return fail(joined({"'", key, "' stands twice"}));
      seen = true;
      if (key == "descr" ? !element_type() : key == "shape" ? !tuple() : !boolean()) return false;
      if (!accept(',') && peek() != '}') return fail("expected ',' or '}'");
    }
    if (peek() != '\0') return fail("text after the dictionary");
    if (!has_type || !has_order || !has_shape) return fail("'descr', 'fortran_order' or 'shape' is missing");
    return true;
  }

 private:
  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }
  char peek() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n')) ++position_;
    return position_ < text_.size() ? text_[position_] : '\0';
  }
  template <class = void>
  bool accept(char c) {
    if (peek() != c) return false;
    ++position_;
    return true;
  }
  template <class = void>
  bool expect(char c) {
    return accept(c) || fail(joined({"expected '", c, "'"}));
  }

  template <class = void>
  bool string(std::string& out) {
    const char quote = peek();
    if (quote != '\'' && quote != '"') return fail("expected a quoted word");
    const std::size_t end = text_.find(quote, position_ + 1);
    if (end == std::string_view::npos) return fail("a quoted word does not end");
    out = text_.substr(position_ + 1, end - position_ - 1);
    position_ = end + 1;
    return true;
  }
  template <class = void>
  bool element_type() {
    return peek() == '[' ? fail("structured types are not read") : string(type);
  }
  template <class = void>
  [[gnu::cold]] bool boolean() {
    peek();
    for (const std::string_view word : {"True", "False"})
      if (text_.substr(position_).starts_with(word)) {
        fortran_order = word == "True";
        position_ += word.size();
        return true;
      }
    return fail("expected True or False");
  }
  template <class = void>
  [[gnu::cold]] bool tuple() {
    if (!expect('(')) return false;
    while (!accept(')')) {
      peek();
      std::uint64_t extent = 0;
      const char* end = text_.data() + text_.size();
      const auto [next, problem] = std::from_chars(text_.data() + position_, end, extent);
      if (problem == std::errc::result_out_of_range) return fail("an extent of the shape is too large");
      if (problem != std::errc()) return fail("expected an extent, a number of at least 0");
      position_ = static_cast<std::size_t>(next - text_.data());
      extents.push_back(extent);
      if (!accept(',') && peek() != ')') return fail("expected ',' or ')' in the shape");
    }
    return true;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::string problem_;
};

/// Splits a type such as "<f4"; the cause where it is none that is read.
template <class = void>
[[gnu::cold]] inline Status set_npy_type(const std::string& type, NpyHeader& header) {
  if (type == "O" || type == "|O") return Error{"the array holds pickled Python objects, which are never read"};
  for (const std::string_view known : {"f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4"}) {
    if (type.size() != 3 || type.substr(1) != known) continue;
    const char order = type[0];
    if (order != '<' && order != '>' && order != '=' && !(order == '|' && known[1] == '1')) continue;
    header.type = type;
    header.order = order == '>' ? std::endian::big : order == '<' ? std::endian::little : std::endian::native;
    header.kind = known[0];
    header.item_size = known[1] - '0';
    return {};
  }
  return failure({"element type '", type.substr(0, 40), "' is not read (known: f4 f8 i1 i2 i4 i8 u1 u2 u4)"});
}

}  // namespace detail

/// Reads and checks the header; ensures that shape and type account for exactly the bytes that follow it.
template <class = void>
[[gnu::cold]] inline Result<NpyHeader> read_npy_header(const InputFile& file) {
  constexpr std::uint64_t largest_header = 65536;
  unsigned char start[12] = {};
  if (file.size() < 10) return error_at(file.path(), "", "is too short for an .npy file");
  if (auto status = file.read(0, start, 10); !status) return status.error();
  if (std::string_view(reinterpret_cast<const char*>(start), 6) != "\x93NUMPY")
    return error_at(file.path(), "byte 0", "is not an .npy file (it does not begin with \\x93NUMPY)");
  const int version = start[6];
  if (version < 1 || version > 3)
    return failure_at(file.path(), "byte 6", {"version ", version, " of .npy is not known"});
  const std::uint64_t prefix = version == 1 ? 10 : 12;
  if (version > 1)
    if (auto status = file.read(0, start, 12); !status) return status.error();
  const std::uint64_t length = version == 1 ? load<std::uint16_t>(start + 8) : load<std::uint32_t>(start + 8);
  if (length > largest_header || prefix + length > file.size())
    return failure_at(file.path(), "byte 8", {"a header of ", length, " bytes is too long"});

  std::string text(static_cast<std::size_t>(length), '\0');
  if (auto status = file.read(prefix, text.data(), text.size()); !status) return status.error();
  detail::NpyDictionary dictionary(text);
  if (!dictionary.parse())
    return error_at(file.path(), joined({"header, byte ", prefix + dictionary.position()}), dictionary.problem());
  NpyHeader header;
  if (auto status = detail::set_npy_type(dictionary.type, header); !status)
    return error_at(file.path(), "header", status.error().message);
  header.fortran_order = dictionary.fortran_order;
  header.data_offset = prefix + length;
  const std::uint64_t bytes = file.size() - header.data_offset;
  auto shape = checked_shape(dictionary.extents, bytes / static_cast<std::uint64_t>(header.item_size));
  if (!shape) return error_at(file.path(), "header", shape.error().message);
  header.shape = *shape;
  const std::uint64_t needed =
      static_cast<std::uint64_t>(shape->count()) * static_cast<std::uint64_t>(header.item_size);
  if (needed != bytes)
    return failure_at(
        file.path(), "header",
        {"shape ", shape->text(), " of ", header.type, " needs ", needed, " bytes, the file has ", bytes});
  return header;
}

/// The bytes before the data: version 1, padded so that the data begin at a multiple of 64.
template <class = void>
[[gnu::cold]] inline std::string npy_header_text(std::string_view type, const Shape& shape) {
  std::string extents;
  for (int d = 0; d < shape.rank(); ++d) extents += joined({d ? ", " : "", shape[d]});
  if (shape.rank() == 1) extents += ",";
  std::string dictionary = joined({"{'descr': '", type, "', 'fortran_order': False, 'shape': (", extents, "), }"});
  while ((10 + dictionary.size() + 1) % 64 != 0) dictionary += ' ';
  dictionary += '\n';
  std::string result("\x93NUMPY\x01\x00\x00\x00", 10);
  store_little(static_cast<std::uint16_t>(dictionary.size()), result.data() + 8);
  return result + dictionary;
}

}  // namespace systolic::io
