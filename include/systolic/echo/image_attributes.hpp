#pragma once
// The two attributes of a ventricle that need the image: how much of it the sector shows, and how well its wall can be
// told from its cavity.

#include <cmath>
#include <cstdint>

#include "systolic/core/tensor.hpp"
#include "systolic/echo/attributes.hpp"
#include "systolic/echo/key_points.hpp"

namespace systolic::echo {

/// The share of the key points of both contours (pixels) that `sector` contains and an image of rows x columns too.
template <class AnySector>
double sector_share(const AnySector& sector, const Contour& ed, const Contour& es, Index rows, Index columns) {
  std::size_t inside = 0;
  for (const Contour* contour : {&ed, &es})
    for (const Point p : key_points(*contour)) {
      const bool in_image = p.x >= -0.5 && p.y >= -0.5 && p.x <= static_cast<double>(columns) - 0.5 &&
                            p.y <= static_cast<double>(rows) - 0.5;
      inside += in_image && sector.contains(p) ? 1 : 0;
    }
  return static_cast<double>(inside) / static_cast<double>(2 * key_point_count);
}

/// Sum and number of grey values.
struct GreyMean {
  double sum = 0;
  Index count = 0;

  double value() const noexcept { return count > 0 ? sum / static_cast<double>(count) : 0; }
};

/// Adds the grey values of a frame [rows][columns] beside a contour (pixels): outside of every key point a band of
/// 8 % of the ventricle's length is wall, the inner half of every chord is cavity. Pixels outside the sector or the
/// image do not count. Chords next to the apex and the valve, where the band is no wall alone, are left out.
template <class AnySector>
void add_grey_values(TensorView<const std::uint8_t> frame, const Contour& contour, const AnySector& sector,
                     GreyMean& wall_grey, GreyMean& cavity_grey) {
  const auto add = [&](Point p, GreyMean& mean) {
    const Index row = static_cast<Index>(std::lround(p.y)), column = static_cast<Index>(std::lround(p.x));
    if (row < 0 || column < 0 || row >= frame.shape()[0] || column >= frame.shape()[1] || !sector.contains(p)) return;
    mean.sum += static_cast<double>(frame(row, column));
    ++mean.count;
  };
  constexpr std::size_t first = 3, last = chord_count - 3, steps = 8;
  for (std::size_t i = first; i < last; ++i)
    for (std::size_t step = 0; step < steps; ++step) {
      const double share = (static_cast<double>(step) + 0.5) / static_cast<double>(steps);
      const Point along = unit(contour.septal[i] - contour.lateral[i]), band = along * (0.08 * contour.length());
      add(contour.septal[i] + band * share, wall_grey);
      add(contour.lateral[i] - band * share, wall_grey);
      const Point chord = contour.septal[i] - contour.lateral[i];
      add(contour.lateral[i] + chord * (0.25 + 0.5 * share), cavity_grey);
    }
}

/// Sets the two attributes that need the image. clip [frame][row][column]; contours in pixels, on the frames ed_frame
/// and es_frame of the clip; `sector` a Sector or SeenSector.
template <class AnySector>
void measure_image(TensorView<const std::uint8_t> clip, const AnySector& sector, const Contour& ed, Index ed_frame,
                   const Contour& es, Index es_frame, Attributes& attributes) {
  const Index rows = clip.shape()[1], columns = clip.shape()[2];
  attributes.sector_share = sector_share(sector, ed, es, rows, columns);
  GreyMean wall_grey, cavity_grey;
  const auto add = [&](const Contour& contour, Index frame) {
    const TensorView<const std::uint8_t> image(clip.data() + frame * rows * columns, {rows, columns});
    if (contour.largest_width() > 0) add_grey_values(image, contour, sector, wall_grey, cavity_grey);
  };
  add(ed, ed_frame);
  add(es, es_frame);
  if (wall_grey.count > 0 && cavity_grey.count > 0) attributes.wall_contrast = wall_grey.value() - cavity_grey.value();
}

}  // namespace systolic::echo
