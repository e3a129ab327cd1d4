#include "systolic/echo/landmark_metadata.hpp"

#include <doctest/doctest.h>

#include "systolic/train/initialize.hpp"

using namespace systolic;
using namespace systolic::echo;

TEST_CASE("a network's options follow from its tensors and metadata") {
  for (const LandmarkImage image : {LandmarkImage::m_mode, LandmarkImage::frame}) {
    const LandmarkOptions options{.image = image, .network = {.width = 6, .levels = 3}, .rows = 48};
    UNet<float> network(options.network);
    train::initialize(network, 1);
    nn::StateDict state = nn::save_parameters(network);
    CHECK(is_landmark_network(state));
    CHECK_FALSE(find_landmark_options(state, "f"));  // the metadata are missing
    set_landmark_options(state, options);
    const auto found = find_landmark_options(state, "f");
    REQUIRE(found);
    CHECK(found->image == image);
    CHECK(found->rows == 48);
    CHECK(found->network.width == 6);
    CHECK(found->network.levels == 3);
    CHECK(found->columns() == (image == LandmarkImage::frame ? 48 : 64));

    for (const char* rows : {"0", "47", "100000", "x"}) {
      state.set_metadata("network.rows", rows);
      CHECK_FALSE(find_landmark_options(state, "f"));
    }
    state.set_metadata("network.rows", "48");
    state.set_metadata("network.image", "video");
    CHECK(find_landmark_options(state, "f").error().message ==
          "f: metadata network.image: is neither m-mode nor frame");
  }
  CHECK_FALSE(find_landmark_options(nn::StateDict(), "f"));
  CHECK_FALSE(is_landmark_network(nn::StateDict()));
}
