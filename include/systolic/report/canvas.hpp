#pragma once
// What the parts of a report draw on, whatever file comes of it. Lengths are millimetres, y counts downwards.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace systolic::report {

struct Point {
  double x, y;
};

struct Box {
  double x, y, width, height;
};

/// Points that are joined by straight lines.
using Polyline = std::vector<Point>;

/// How a line looks. Colours are "#rgb" or "#rrggbb".
struct Stroke {
  std::string_view color = "#222";
  double width = 0.2;
  double opacity = 1;
  bool dashed = false;
};

/// How a line of text looks. Sizes in mm.
struct TextStyle {
  double size = 2.7;
  bool bold = false;
  const char* anchor = "start";  ///< start, middle, end
  const char* fill = "#222";
  bool halo = false;  ///< a white edge, for text over traces
};

/// The parts of a lead that several drawings of one page may share.
enum class LeadPart { map, trace, restored };

class Canvas {
 public:
  Canvas() = default;
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;
  virtual ~Canvas() = default;

  /// What is drawn until end_group() belongs together under a name, where the file has a place for that.
  virtual void begin_group(std::string_view /*name*/) {}
  virtual void end_group() {}

  /// Boxes filled with one colour.
  virtual void boxes(const std::vector<Box>& shapes, std::string_view fill) = 0;
  /// The outline of a box, filled unless `fill` is empty.
  virtual void frame(const Box& shape, const Stroke& stroke, std::string_view fill) = 0;
  /// Open lines, all moved by `origin`.
  virtual void lines(const std::vector<Polyline>& shapes, const Stroke& stroke, Point origin) = 0;
  /// Closed shapes filled with one colour.
  virtual void polygons(const std::vector<Polyline>& shapes, std::string_view fill) = 0;
  /// A line of text (UTF-8, from anywhere) at (x, y), the baseline of its letters.
  virtual void text(double x, double y, std::string_view words, const TextStyle& style) = 0;

  /// Draws [from, to) seconds of a part of a lead whose time 0 and line lie at `origin`, if this canvas holds a copy of
  /// it. False: the caller draws it.
  virtual bool reuse(LeadPart /*part*/, std::size_t /*lead*/, double /*from*/, double /*to*/, Point /*origin*/) {
    return false;
  }

  void box(const Box& shape, std::string_view fill) { boxes({shape}, fill); }
  void line(Point from, Point to, const Stroke& stroke) { lines({{from, to}}, stroke, {0, 0}); }
};

/// The place of a group of lines or letters: ends the group by itself.
class Group {
 public:
  Group(Canvas& canvas, std::string_view name) : canvas_(canvas) { canvas_.begin_group(name); }
  ~Group() { canvas_.end_group(); }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

 private:
  Canvas& canvas_;
};

}  // namespace systolic::report
