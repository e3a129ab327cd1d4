#pragma once
// A picture of an echocardiogram with what was found drawn over it, and a key below.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/report/canvas.hpp"
#include "systolic/report/echo_report_input.hpp"
#include "systolic/report/html_page.hpp"
#include "systolic/report/svg_canvas.hpp"

namespace systolic::report {

// mm around a picture.
inline constexpr double picture_title = 5.2, picture_key = 4.6, picture_axis = 4.6;

namespace detail {

/// Names of overlays with their looks, each once.
template <class = void>
inline std::vector<const EchoOverlay*> key_of(const EchoPicture& picture) {
  std::vector<const EchoOverlay*> key;
  for (const EchoOverlay& overlay : picture.overlays)
    if (!overlay.name.empty() &&
        std::none_of(key.begin(), key.end(), [&](const EchoOverlay* other) { return other->name == overlay.name; }))
      key.push_back(&overlay);
  return key;
}

/// mm that a line of text takes, about.
template <class = void>
inline double words_width(std::string_view words, double size) noexcept {
  double letters = 0;
  for (const char c : words) letters += (static_cast<unsigned char>(c) & 0xC0u) != 0x80;
  return 0.53 * size * letters;
}

/// Where the entries of a key stand, for a width: x and line.
template <class = void>
inline std::vector<std::pair<double, int>> key_places(const std::vector<const EchoOverlay*>& key, double width) {
  std::vector<std::pair<double, int>> places;
  double x = 0;
  int line = 0;
  for (const EchoOverlay* entry : key) {
    const double needed = 9 + words_width(entry->name, 2.6);
    if (x > 0 && x + needed > width) x = 0, ++line;
    places.emplace_back(x, line);
    x += needed + 2;
  }
  return places;
}

}  // namespace detail

/// mm of a picture of `width` mm with title, axis and key.
template <class = void>
inline double echo_picture_height(const EchoPicture& picture, double width) {
  const auto places = detail::key_places(detail::key_of(picture), width);
  return picture_title + width * picture.aspect + (picture.across.empty() ? 0 : picture_axis) +
         (places.empty() ? 0 : picture_key * (places.back().second + 1)) + 0.4;
}

/// The picture alone with what is drawn on it, at (left, top). Lines have a dark edge, to be seen on every grey.
template <class = void>
inline void draw_echo_image(SvgCanvas& canvas, const EchoPicture& picture, double left, double top, double width) {
  const double height = width * picture.aspect;
  canvas.append("<image x=\"" + number(left) + "\" y=\"" + number(top) + "\" width=\"" + number(width) +
                "\" height=\"" + number(height) + "\" preserveAspectRatio=\"none\" href=\"data:image/png;base64," +
                base64(picture.png) + "\"/>\n");
  const double x_step = width / static_cast<double>(picture.columns),
               y_step = height / static_cast<double>(picture.rows);
  const auto at = [&](echo::Point p) {
    return Point{std::clamp(left + (p.x + 0.5) * x_step, left, left + width),
                 std::clamp(top + (p.y + 0.5) * y_step, top, top + height)};
  };
  const auto disk = [](Point p, double radius) {
    Polyline edge;
    for (int i = 0; i < 16; ++i) {
      const double angle = std::numbers::pi / 8 * i;
      edge.push_back({p.x + radius * std::cos(angle), p.y + radius * std::sin(angle)});
    }
    return edge;
  };
  for (const EchoOverlay& overlay : picture.overlays) {
    Polyline points;
    for (const echo::Point p : overlay.points) points.push_back(at(p));
    if (points.empty()) continue;
    if (overlay.kind == EchoOverlay::Kind::line) {
      canvas.lines({points}, {"#000", 0.9, 0.45}, {0, 0});
      canvas.lines({points}, {overlay.color, 0.42, 1, overlay.dashed}, {0, 0});
      continue;
    }
    std::vector<Polyline> edges, dots;
    for (const Point p : points) {
      edges.push_back(disk(p, 0.95));
      dots.push_back(disk(p, 0.65));
    }
    canvas.polygons(edges, "#000");
    canvas.polygons(dots, overlay.color);
  }
}

/// The picture with its title above, the meaning of its axes and its key below.
template <class = void>
inline void draw_echo_picture(SvgCanvas& canvas, const EchoPicture& picture, double left, double top, double width) {
  const Group group(canvas, "picture");
  canvas.text(left, top + 3.6, picture.title, {3.2, true});
  draw_echo_image(canvas, picture, left, top + picture_title, width);
  double y = top + picture_title + width * picture.aspect;
  if (!picture.across.empty()) {
    canvas.text(left, y + 3.3, picture.across, {2.5, false, "start", "#555"});
    if (!picture.down.empty()) canvas.text(left + width, y + 3.3, picture.down, {2.5, false, "end", "#555"});
    y += picture_axis;
  }
  const auto key = detail::key_of(picture);
  const auto places = detail::key_places(key, width);
  for (std::size_t i = 0; i < key.size(); ++i) {
    const double x = left + places[i].first, middle = y + picture_key * places[i].second + 2.6;
    canvas.box({x, middle - 1.3, 6.4, 2.6}, "#333");
    if (key[i]->kind == EchoOverlay::Kind::line)
      canvas.line({x + 0.6, middle}, {x + 5.8, middle}, {key[i]->color, 0.5, 1, key[i]->dashed});
    else
      canvas.box({x + 2.5, middle - 0.7, 1.4, 1.4}, key[i]->color);
    canvas.text(x + 7.6, middle + 0.9, key[i]->name, {2.6});
  }
}

}  // namespace systolic::report
