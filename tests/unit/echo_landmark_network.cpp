#include "systolic/echo/landmark_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "systolic/train/initialize.hpp"

using namespace systolic;
using namespace systolic::echo;

namespace {

LandmarkNetwork untrained(LandmarkImage image, Index rows = 32, Index width = 2) {
  LandmarkOptions options{.image = image, .network = {.width = width, .levels = 3}, .rows = rows};
  UNet<float> network(options.network);
  train::initialize(network, 3);
  return {options, std::move(network), "untrained", "0"};
}

Tensor<std::uint8_t> pattern(const Shape& shape) {
  Tensor<std::uint8_t> clip(shape);
  Random random(1, 1);
  for (std::uint8_t& grey : clip) grey = static_cast<std::uint8_t>(random.below(256));
  return clip;
}

}  // namespace

TEST_CASE("rows of the network's image and samples of a line") {
  CHECK(samples_a_row(128, 128) == 1);
  CHECK(samples_a_row(256, 128) == 2);
  CHECK(samples_a_row(300, 128) == 2);
  CHECK(samples_a_row(40, 128) == 1);
  CHECK(sample_of_row(0, 256, 128) == 0.5);
  CHECK(sample_of_row(127, 256, 128) == 254.5);
  for (const double sample : {0.0, 17.3, 200.0})
    CHECK(sample_of_row(row_of_sample(sample, 256, 128), 256, 128) == doctest::Approx(sample));
  const auto line = make_scan_line({5, 0}, {5, 9}, {}, 300, 200);
  CHECK(line_for_rows(*line, 128).count == 256);
}

TEST_CASE("a frame shrinks and grows by the area that pixels cover") {
  const std::uint8_t frame[] = {0, 100, 200, 40};  // 2 x 2
  float one = 0, grown[16];
  resize_frame(frame, 2, 2, 1, &one);
  CHECK(one == doctest::Approx(85.0 / 255));
  resize_frame(frame, 2, 2, 4, grown);
  CHECK(grown[0] == doctest::Approx(0));
  CHECK(grown[3] == doctest::Approx(100.0 / 255));
  CHECK(grown[12] == doctest::Approx(200.0 / 255));
  float thirds[9];
  resize_frame(frame, 2, 2, 3, thirds);
  CHECK(thirds[1] == doctest::Approx(50.0 / 255));
  CHECK(thirds[4] == doctest::Approx(85.0 / 255));
  Tensor<float> m_mode({4, 2}, {0, 255, 255, 255, 51, 0, 51, 0});
  float rows[4];
  shrink_m_mode(m_mode, 2, rows);
  CHECK(rows[0] == doctest::Approx(0.5));
  CHECK(rows[1] == doctest::Approx(1));
  CHECK(rows[2] == doctest::Approx(0.2));
}

TEST_CASE("landmarks on a line are the heat maps' expected rows in the anchor column") {
  const LandmarkNetwork network = untrained(LandmarkImage::m_mode);
  const auto clip = pattern({5, 64, 64});
  const auto line = make_scan_line({20, 10}, {40, 60}, {}, 64, 64);
  Workspace workspace;
  const LineLandmarks found = network.along(clip, *line, 2, workspace);

  const ScanLine fine = line_for_rows(*line, 32);
  Tensor<float> image({1, 32, 64, 1});
  shrink_m_mode(anatomical_m_mode(clip, fine, 2), 32, image.data());
  const auto logits = run_unet(network.network(), nn::as_image(image.view()), workspace);
  const auto rows = nn::expected_rows_at<float>(logits, anchor_column, workspace);
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(found.samples[k] == doctest::Approx(sample_of_row(static_cast<double>(rows.data[k]), 64, 32)));
    CHECK(found.spreads[k] > 0);
    CHECK(found.spreads[k] < 40);
  }
}

TEST_CASE("around a line the medians of five parallel lines are read") {
  const LandmarkNetwork network = untrained(LandmarkImage::m_mode, 32, 8);
  const auto clip = pattern({5, 64, 64});
  const auto line = make_scan_line({20, 10}, {40, 60}, {}, 64, 64);
  Workspace workspace;
  const LineLandmarks found = network.around(clip, *line, 2, workspace);
  const Point direction = unit(line->to - line->from);
  std::array<std::vector<double>, 4> said;
  for (const double shift : {-1.92, -0.96, 0.0, 0.96, 1.92}) {
    const Point step = Point{-direction.y, direction.x} * shift;
    const LineLandmarks one = network.along(clip, {line->from + step, line->to + step, line->count}, 2, workspace);
    for (std::size_t k = 0; k < 4; ++k) said[k].push_back(one.samples[k]);
    if (shift == 0) CHECK(found.spreads == one.spreads);
  }
  for (std::size_t k = 0; k < 4; ++k) {
    std::sort(said[k].begin(), said[k].end());
    CHECK(found.samples[k] == doctest::Approx(said[k][2]).epsilon(1e-6));
    CHECK(said[k][0] != said[k][4]);
  }
}

TEST_CASE("landmarks in a frame are in its own pixels, whatever its size") {
  const LandmarkNetwork network = untrained(LandmarkImage::frame);
  Workspace workspace;
  const auto small = pattern({32, 32});
  Tensor<std::uint8_t> large({96, 64});  // the same, each pixel three by two
  for (Index r = 0; r < 96; ++r)
    for (Index c = 0; c < 64; ++c) large(r, c) = small(r / 3, c / 2);
  const FrameLandmarks a = network.in_frame(small, workspace), b = network.in_frame(large, workspace);
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(b.points[k].y == doctest::Approx(3 * (a.points[k].y + 0.5) - 0.5).epsilon(1e-4));
    CHECK(b.points[k].x == doctest::Approx(2 * (a.points[k].x + 0.5) - 0.5).epsilon(1e-4));
    CHECK(b.spreads[k] == doctest::Approx(3 * a.spreads[k]).epsilon(1e-4));
  }
}
