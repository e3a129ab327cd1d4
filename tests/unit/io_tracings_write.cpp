#include "systolic/io/tracings_write.hpp"

#include <doctest/doctest.h>

#include "support/files.hpp"
#include "support/tracings.hpp"

using namespace systolic;

TEST_CASE("tracings that are written read back to the same numbers") {
  const testing::TemporaryFolder folder;
  std::vector<io::TracedClip> clips(2);
  clips[0].file = "a.avi";
  clips[0].frames = {{46, 21, testing::half_ellipsoid(61.7, 15.3, {{50.123456789, 20}, 7}), {}},
                     {61, 21, testing::half_ellipsoid(55, 10), {}}};
  clips[1].file = "'a name'; with commas, too";
  clips[1].frames = {{0, 21, testing::half_ellipsoid(1e-3, 1.0 / 3), {}}};
  REQUIRE(io::write_tracings(folder.path("t.csv"), clips));
  const auto read = io::read_tracings(folder.path("t.csv"));
  REQUIRE(read);
  REQUIRE(read->clips.size() == 2);
  for (std::size_t c = 0; c < 2; ++c) {
    CHECK(read->clips[c].file == clips[c].file);
    REQUIRE(read->clips[c].frames.size() == clips[c].frames.size());
    for (std::size_t f = 0; f < clips[c].frames.size(); ++f) {
      CHECK(read->clips[c].frames[f].frame == clips[c].frames[f].frame);
      CHECK(read->clips[c].frames[f].problem.empty());
      for (std::size_t r = 0; r < 21; ++r) {
        CHECK(read->clips[c].frames[f].rows[r].from == clips[c].frames[f].rows[r].from);
        CHECK(read->clips[c].frames[f].rows[r].to == clips[c].frames[f].rows[r].to);
      }
    }
  }
  clips[1].file = "a \"b\".avi";
  REQUIRE(io::write_tracings(folder.path("t.csv"), clips));
  CHECK(io::read_tracings(folder.path("t.csv"))->clips[1].file == "a 'b'.avi");
  CHECK_FALSE(io::write_tracings(folder.path("no/such/folder.csv"), clips));
}
