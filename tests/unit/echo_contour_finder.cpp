#include "systolic/echo/contour_finder.hpp"

#include <doctest/doctest.h>

#include "systolic/core/formula.hpp"

using namespace systolic;
using namespace systolic::echo;

namespace {

/// A network whose answer does not depend on the clip but for rounding: an ellipse of `width` whose second frame is
/// `narrowing` times as wide.
ContourFinder constant_finder(double width, double narrowing) {
  ContourNetworkOptions options;
  options.frames = 4;
  options.size = 16;
  options.encoder = {1, {2, 2, 2, 2}, 1};
  options.features = 4;
  options.decoder = {80};
  ContourNetwork<float> network(options);
  visit_parameters(network, [](const std::string& name, Tensor<float>& tensor) {
    std::fill(tensor.begin(), tensor.end(), name.ends_with("running_var") ? 1.0f : 0.0f);
  });
  // Node i has feature i, so that the last layer's weights to itself are not shared: the coordinates stand in features.
  auto& bias = network.decoder.first.bias;
  for (Index node = 0; node < 80; ++node) {
    const auto i = static_cast<std::size_t>(node % 40);
    const double t = (static_cast<double>(i < 20 ? i : 39 - i) + 0.5) / 20;
    const double half = 0.5 * width * std::sqrt(1 - (1 - t) * (1 - t)) * (node < 40 ? 1 : narrowing);
    bias(node * 80) = static_cast<float>(0.5 + (i < 20 ? -half : half));
    bias(node * 80 + 1) = static_cast<float>(0.2 + 0.5 * t);
  }
  for (std::size_t layer = 0; layer < network.decoder.layers.size(); ++layer) {
    auto& weight = network.decoder.layers[layer].layer.weight;
    weight(0, 0) = 1;
    weight(1, 1) = 1;
  }
  return {std::move(network), {}, "constant", "0"};
}

}  // namespace

TEST_CASE("contours, volumes and fractions follow from the key points, pixels and millimetres") {
  const ContourFinder finder = constant_finder(0.3, 0.7);
  Tensor<std::uint8_t> clip({6, 100, 100});
  Workspace workspace;
  const auto found =
      finder.measure(clip.view(), {.ed_frame = 1, .es_frame = 4, .pixel = {2, 2}, .every_frame = false}, workspace);
  REQUIRE(found);
  CHECK(found->frames.empty());
  CHECK(found->ed_frame == 1);
  CHECK(found->es_frame == 4);
  CHECK(found->ejection.fraction == doctest::Approx(1 - 0.49).epsilon(1e-4));
  CHECK(found->fraction_head == 0);
  CHECK(found->ejection.ed.contour.length() == doctest::Approx(100).epsilon(1e-4));
  // Half an ellipsoid: 2/3 pi radius^2 length.
  CHECK(found->ejection.ed_volumes.disks_ml ==
        doctest::Approx(2.0 / 3 * 3.14159265 * 30 * 30 * 100 / 1000).epsilon(0.01));
  CHECK(*found->ejection.attributes.sector_share == 0);  // nothing is lit
  CHECK(!found->ejection.attributes.wall_contrast);
}

TEST_CASE("every frame is measured, and the frames of the largest fall are found") {
  const ContourFinder finder = constant_finder(0.3, 0.7);
  Tensor<std::uint8_t> clip({9, 40, 40});
  Workspace workspace;
  const auto found = finder.measure(clip.view(), {}, workspace);
  REQUIRE(found);
  REQUIRE(found->frames.size() == 9);
  // Frames that are only ever first are wide, those that are only ever last are narrow.
  CHECK(found->ed_frame < found->es_frame);
  CHECK(found->frames.front().volumes.disks_ml > found->frames.back().volumes.disks_ml);
}

TEST_CASE("clips that cannot be measured have a reason") {
  const ContourFinder finder = constant_finder(0.3, 0.7);
  Workspace workspace;
  const auto reason = [&](Index frames, const ClipOptions& options, const ContourFinder& with) {
    Tensor<std::uint8_t> clip({frames, 20, 20});
    const auto found = with.measure(clip.view(), options, workspace);
    return found ? std::string() : found.error().message;
  };
  CHECK(reason(1, {}, finder).find("one frame") != std::string::npos);
  CHECK(reason(5, {5, {}, {}, true}, finder).find("no frame 5") != std::string::npos);
  CHECK(reason(5, {2, 2, {}, true}, finder).find("same frame") != std::string::npos);
  CHECK(reason(5, {}, constant_finder(0, 1)).find("no ventricle") != std::string::npos);
}
