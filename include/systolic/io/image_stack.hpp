#pragma once
// Medical images in one call: MetaImage (.mhd with .raw, .mha) and NIfTI-1 (.nii); .nii.gz where the program links
// systolic::gzip (which defines SYSTOLIC_WITH_GZIP).

#include <string>

#include "systolic/io/file.hpp"
#include "systolic/io/meta_image.hpp"
#include "systolic/io/nifti.hpp"

// The names of two builds differ, so that parts of one program with other components never mix.
#ifdef SYSTOLIC_WITH_GZIP
#include "systolic/io/gzip.hpp"
#define SYSTOLIC_STACK_GZIP stack_with_gzip
#else
#define SYSTOLIC_STACK_GZIP stack_without_gzip
#endif

namespace systolic::io {
inline namespace SYSTOLIC_STACK_GZIP {

/// Reads an image or several, as the file's content says.
template <class = void>
inline Result<ImageStack> read_image_stack(const std::string& path) {
  auto bytes = read_file(path, std::uint64_t{1} << 31);
  if (!bytes) return bytes.error();
  if (bytes->starts_with("\x1F\x8B")) {
#ifdef SYSTOLIC_WITH_GZIP
    auto plain = gunzip(*bytes);
    if (!plain) return error_at(path, "", plain.error().message);
    bytes = std::move(*plain);
#else
    return error_at(path, "",
                    "is compressed by gzip; reading it needs zlib (component systolic::gzip), which this program was "
                    "built without");
#endif
  }
  const std::string_view head = std::string_view(*bytes).substr(0, 4);
  const bool text = head.size() == 4 && head.find_first_of(std::string_view("\0\x01", 2)) == std::string_view::npos;
  return text ? parse_meta_image(path, *bytes) : parse_nifti(path, *bytes);
}

}  // namespace SYSTOLIC_STACK_GZIP
}  // namespace systolic::io

#undef SYSTOLIC_STACK_GZIP
