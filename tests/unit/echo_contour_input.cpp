#include "systolic/echo/contour_input.hpp"

#include <doctest/doctest.h>

using namespace systolic;
using namespace systolic::echo;

namespace {

/// A bright spot around `centre` (pixels) in black.
Tensor<std::uint8_t> spot(Index frames, Index rows, Index columns, Point centre) {
  Tensor<std::uint8_t> clip({frames, rows, columns});
  for (Index f = 0; f < frames; ++f)
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < columns; ++c) {
        const double away = distance(centre, {static_cast<double>(c), static_cast<double>(r)});
        clip(f, r, c) = static_cast<std::uint8_t>(
            std::max(0.0, 250 - 250 * away / (0.15 * static_cast<double>(std::min(rows, columns)))));
      }
  return clip;
}

/// The middle of what is brighter than the background, as shares of the input's size.
Point centre_of(const Tensor<float>& x, Index frame, Index size) {
  const float* image = x.data() + frame * size * size;
  const float background = *std::min_element(image, image + size * size);
  Point sum{0, 0};
  double weights = 0;
  for (Index i = 0; i < size * size; ++i) {
    const double weight = static_cast<double>(image[i] - background);
    sum = sum + in_shares({static_cast<double>(i % size), static_cast<double>(i / size)}, size, size) * weight;
    weights += weight;
  }
  return sum * (1 / weights);
}

}  // namespace

TEST_CASE("frames between two, as published: rounded towards the first, backwards too") {
  CHECK(frame_between(10, 25, 0, 16) == 10);
  CHECK(frame_between(10, 25, 15, 16) == 25);
  CHECK(frame_between(0, 12, 7, 16) == 5);
  CHECK(frame_between(12, 0, 15, 16) == 0);
}

TEST_CASE("a spot is where it was, whatever the size of the image and however it is changed") {
  ContourNetworkOptions options;
  options.frames = 2;
  options.size = 48;
  for (const auto& size : {std::pair<Index, Index>{112, 112}, {48, 48}, {40, 40}, {300, 200}}) {
    const Index rows = size.first, columns = size.second;
    CAPTURE(rows);
    const Point place{0.4 * static_cast<double>(columns), 0.55 * static_cast<double>(rows)};
    const auto clip = spot(3, rows, columns, place);
    for (const ImageChange& change : {ImageChange{}, ImageChange{0.3, 1.1, {0.05, -0.04}}}) {
      Tensor<float> x({2, 48, 48});
      make_contour_input(clip.view(), 0, 2, options, change, x.data());
      const Point expected = change.changed(in_shares(place, rows, columns));
      CHECK(distance(centre_of(x, 1, 48), expected) < 0.006);
      CHECK(distance(change.original(change.changed(place)), place) < 1e-9);
      double sum = 0, squares = 0;
      for (const float value : x) {
        sum += static_cast<double>(value);
        squares += static_cast<double>(value) * static_cast<double>(value);
      }
      CHECK(std::abs(sum / static_cast<double>(x.size())) < 1e-4);
      CHECK(squares / static_cast<double>(x.size()) == doctest::Approx(1).epsilon(1e-3));
    }
  }
}

TEST_CASE("a clip without contrast gives zeros, an image of one pixel does no harm") {
  ContourNetworkOptions options;
  options.frames = 2;
  options.size = 8;
  Tensor<float> x({2, 8, 8});
  make_contour_input(Tensor<std::uint8_t>({1, 1, 1}).view(), 0, 0, options, {}, x.data());
  for (const float value : x) CHECK(value == 0);
}
