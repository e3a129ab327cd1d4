#pragma once
// Attributes judged: normal or pathological, and how far beyond the limit.

#include <array>
#include <string_view>

#include "systolic/echo/attributes.hpp"

namespace systolic::echo {

/// What an explanation may speak of, in the order in which a reader expects it.
enum class Topic : std::uint8_t {
  ejection_fraction,
  septal_bulge,
  segment_motion,
  apex_motion,
  length_width,
  sector_share,
  image_quality
};
inline constexpr std::size_t topic_count = 7;
inline constexpr std::array<std::string_view, topic_count> topic_names = {
    "ejection_fraction", "septal_bulge", "segment_motion", "apex_motion",
    "length_width",      "sector_share", "image_quality"};

/// A verdict a topic.
struct Verdicts {
  std::array<Verdict, topic_count> of{};

  Verdict& operator[](Topic topic) noexcept { return of[static_cast<std::size_t>(topic)]; }
  Verdict operator[](Topic topic) const noexcept { return of[static_cast<std::size_t>(topic)]; }
  friend bool operator==(const Verdicts&, const Verdicts&) = default;
};

/// How a segment moves.
enum class WallMotion : std::uint8_t { normal, hypokinetic, akinetic, dyskinetic };
inline constexpr std::array<std::string_view, 4> wall_motion_names = {"normal", "hypokinetic", "akinetic",
                                                                      "dyskinetic"};

/// By the segment's share of the mean inward motion. The apex is the point that the heart contracts towards: that it
/// stands still is no finding, that it moves outwards is.
template <class = void>
inline WallMotion wall_motion(double ratio, bool apex, const Limits& limits = {}) noexcept {
  const double still = apex ? -limits.akinetic_ratio : limits.akinetic_ratio;
  if (ratio < still - 2 * limits.akinetic_ratio) return WallMotion::dyskinetic;
  if (ratio < still) return WallMotion::akinetic;
  return !apex && ratio < limits.motion_ratio ? WallMotion::hypokinetic : WallMotion::normal;
}

/// True where the wall as a whole hardly moves: no segment is then better or worse than another.
inline bool stands_still(const SegmentMotion& motion, double length_ed, const Limits& limits = {}) noexcept {
  return motion.mean_mm < limits.still_share * length_ed;
}

/// The lower limit of a normal ejection fraction of either sex (ASE and EACVI, 2015: 52 % men, 54 % women).
inline constexpr double normal_fraction = 0.52;

/// `length_ed`, mm; `fraction` 0 to 1.
template <class = void>
inline Verdicts judge_attributes(const Attributes& attributes, double fraction, double length_ed,
                                 const Limits& limits = {}) {
  Verdicts verdicts;
  const auto set = [&](Topic topic, bool pathological) {
    verdicts[topic] = pathological ? Verdict::pathological : Verdict::normal;
  };
  set(Topic::ejection_fraction, fraction < normal_fraction);
  if (attributes.bulge) set(Topic::septal_bulge, attributes.bulge->area_share > limits.bulge_share);
  if (attributes.motion) {
    bool reduced = stands_still(*attributes.motion, length_ed, limits);
    for (std::size_t s = 0; s < segment_count && !reduced; ++s)
      reduced = wall_motion(attributes.motion->ratio[s], s == 3, limits) != WallMotion::normal;
    set(Topic::segment_motion, reduced);
  }
  if (attributes.apex_motion_share) set(Topic::apex_motion, *attributes.apex_motion_share > limits.apex_motion_share);
  if (attributes.length_width_ed) set(Topic::length_width, *attributes.length_width_ed < limits.length_width);
  if (attributes.sector_share) set(Topic::sector_share, *attributes.sector_share < limits.sector_share);
  if (attributes.wall_contrast) set(Topic::image_quality, *attributes.wall_contrast < limits.wall_contrast);
  return verdicts;
}

}  // namespace systolic::echo
