#pragma once
// Contours made finer: a U-Net looks at the unrolled walls of two frames at once and moves every key point across the
// wall and along it, as the evolving contours of DeepSnake (Peng et al. 2020) do. Several one after the other, each
// with a narrower strip.

#include <array>
#include <string>
#include <vector>

#include "systolic/echo/unet.hpp"
#include "systolic/echo/wall_strip.hpp"
#include "systolic/nn/strip_read_out.hpp"

namespace systolic::echo {

/// One step. Its U-Net has the strips of both frames as channels, and of each frame a logit and a value.
template <class T>
struct WallRefiner {
  WallStripOptions strip;
  UNet<T> network;

  explicit WallRefiner(const WallStripOptions& options = {}, Index width = 8)
      : strip(options), network(UNetOptions{.width = width, .landmarks = 4, .in = 2}) {}
};

template <class T>
struct WallRefiners {
  std::vector<WallRefiner<T>> steps;

  /// Packs the weights. To be called again whenever they change.
  void prepare() {
    for (WallRefiner<T>& refiner : steps) refiner.network.prepare();
  }
};

/// x [batch][rows][strip_columns][2] of make_wall_strips -> [batch][80][2], how far each key point goes across and
/// along, 1 being the strip's reach. Value and Context as run_unet's. `columns`: strip_columns_of_key_points(), which
/// must live as long as the context.
template <class T, class Value, class Context>
auto run_refiner(const WallRefiner<T>& refiner, const Value& x, const std::vector<Index>& columns, Context& context) {
  return strip_steps(run_unet(refiner.network, x, context), columns, context);
}

/// The contours of two frames (pointers to [rows][columns]), pixels, after all steps. Requires prepare().
template <class = void>
inline std::array<KeyPoints, 2> refine(const WallRefiners<float>& refiners,
                                       const std::array<const std::uint8_t*, 2>& frames, Index rows, Index columns,
                                       std::array<KeyPoints, 2> contours, Workspace& workspace) {
  const std::vector<Index> places = strip_columns_of_key_points();
  constexpr auto nodes = static_cast<Index>(2 * key_point_count);
  for (const WallRefiner<float>& refiner : refiners.steps) {
    Workspace::Scope scope(workspace);
    const auto x = nn::make_image<float>(workspace, 1, {1, refiner.strip.rows, strip_columns}, 2);
    const auto bases = nn::make_sequence<float>(workspace, 1, nodes, 6);
    const auto moved = nn::make_sequence<float>(workspace, 1, nodes, 2);
    make_wall_strips(frames, rows, columns, contours, refiner.strip, x.item(0), bases.data);
    nn::take_steps<float>(bases, run_refiner(refiner, x, places, workspace), moved);
    const float* value = moved.data;
    for (KeyPoints& points : contours)
      for (Point& p : points) {
        p = in_pixels({static_cast<double>(value[0]), static_cast<double>(value[1])}, rows, columns);
        value += 2;
      }
  }
  return contours;
}

/// Names "refiner.0.conv_final.weight" and so on.
template <class T, class Visitor>
void visit_parameters(WallRefiners<T>& refiners, Visitor&& visitor) {
  for (std::size_t i = 0; i < refiners.steps.size(); ++i)
    visit_parameters(refiners.steps[i].network, [&](const std::string& name, auto& tensor) {
      visitor("refiner." + std::to_string(i) + "." + name, tensor);
    });
}

}  // namespace systolic::echo
