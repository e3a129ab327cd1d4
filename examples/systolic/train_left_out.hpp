#pragma once
// What a data set has that cannot be used, said once at the start of a training.

#include <algorithm>
#include <string>
#include <vector>

#include "output.hpp"

namespace program {

/// Names the first few and counts the others.
inline void print_left_out(const std::vector<std::string>& problems) {
  constexpr std::size_t shown = 5;
  for (std::size_t i = 0; i < std::min(problems.size(), shown); ++i) print_message("left out: " + problems[i]);
  if (problems.size() > shown)
    print_message("left out: " + std::to_string(problems.size() - shown) + " more for such reasons");
}

}  // namespace program
