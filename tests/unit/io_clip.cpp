#include "systolic/io/clip.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace systolic;

TEST_CASE("names are ordered as people count") {
  const std::vector<std::string> ordered = {"a",         "f9.pgm",  "f10.pgm", "f010.pgm",
                                            "f010b.pgm", "f11.pgm", "frame2",  "frame10"};
  for (std::size_t i = 0; i < ordered.size(); ++i)
    for (std::size_t j = 0; j < ordered.size(); ++j) {
      CAPTURE(ordered[i]);
      CAPTURE(ordered[j]);
      CHECK(io::natural_less(ordered[i], ordered[j]) == (i < j));
    }
  CHECK(io::natural_less("", "a"));
  CHECK(io::natural_less("x99999999999999999999", "x100000000000000000000"));  // beyond every integer
}

TEST_CASE("the grey of a colour") {
  CHECK(io::detail::grey_of(255, 255, 255) == 255);
  CHECK(io::detail::grey_of(0, 0, 0) == 0);
  CHECK(io::detail::grey_of(255, 0, 0) == 76);
  CHECK(io::detail::grey_of(0, 255, 0) == 150);
  CHECK(io::detail::grey_of(0, 0, 255) == 29);
}
