#pragma once
// Shapes that a file claims: checked before anything is multiplied or allocated.

#include <cstdint>
#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/message.hpp"

namespace systolic::io {

/// "[3, 5000, 12]" for messages, also of a shape that Shape could not hold.
template <class = void>
[[gnu::cold]] inline std::string extents_text(const std::vector<std::uint64_t>& extents) {
  std::string text = "[";
  for (std::size_t i = 0; i < extents.size(); ++i) text += joined({i ? ", " : "", extents[i]});
  return joined({text, "]"});
}

/// The Shape of `extents`. An Error (the cause only) where there are more dimensions than Shape has, or more elements
/// than the `most` that the file has bytes for.
template <class = void>
[[gnu::cold]] inline Result<Shape> checked_shape(const std::vector<std::uint64_t>& extents, std::uint64_t most) {
  if (extents.size() > Shape::max_rank)
    return failure({"has ", extents.size(), " dimensions; at most ", Shape::max_rank, " are read"});
  // An extent of 0 counts as 1 here, so that no order of multiplication overflows later.
  std::uint64_t count = 1;
  bool empty = false;
  Shape shape;
  for (const std::uint64_t extent : extents) {
    empty = empty || extent == 0;
    const std::uint64_t factor = extent == 0 ? 1 : extent;
    constexpr std::uint64_t limit = std::uint64_t{1} << 48;
    if (factor > limit / count) return failure({"shape ", extents_text(extents), " is too large"});
    count *= factor;
    shape.push_back(static_cast<Index>(extent));
  }
  if (!empty && count > most) return failure({"shape ", extents_text(extents), " needs more bytes than are there"});
  return shape;
}

}  // namespace systolic::io
