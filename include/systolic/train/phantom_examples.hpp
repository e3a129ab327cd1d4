#pragma once
// Long-axis phantoms as examples of linear measurements: drawn when they are needed, any number of them.

#include <memory>
#include <optional>
#include <string>

#include "systolic/echo/phantom_long_axis_image.hpp"
#include "systolic/train/linear_examples.hpp"

namespace systolic::train {

/// A phantom and one of its frames.
class PhantomExample : public LinearExample {
 public:
  template <class = void>
  PhantomExample(const echo::LongAxisOptions& options, Random& random) : phantom_(options) {
    rows = options.rows;
    columns = options.columns;
    pixel = options.pixel;
    // Frames that are measured, and as many others, which are needed to find those.
    const double lot = random.uniform();
    key_frame = lot < 0.25  ? phantom_.end_diastole()
                : lot < 0.5 ? phantom_.end_systole()
                            : static_cast<Index>(random.below(options.frames));
    landmarks = phantom_.truth(key_frame).landmarks;
  }

  Tensor<std::uint8_t> frame() const override { return phantom_.draw(key_frame); }
  Tensor<float> m_mode(const echo::ScanLine& line) const override {
    return echo::anatomical_m_mode(phantom_.draw_near(line), line, key_frame);
  }
  /// Where the line meets the walls; nothing where the sector does not show one of them.
  std::optional<std::array<double, 4>> samples(const echo::ScanLine& line) const override {
    const auto walls = phantom_.frame(key_frame).walls_along(line);
    if (walls)
      for (const double sample : *walls)
        if (!phantom_.in_sector(line.at(sample))) return std::nullopt;
    return walls;
  }
  std::optional<echo::ScanLine> line_at(double place) const override {
    const echo::LongAxisFrame& frame = phantom_.frame(key_frame);
    const double along = (-0.15 + 0.95 * place) * frame.cavity_length();
    const auto line =
        echo::make_scan_line(frame.to_pixels({along, -20}), frame.to_pixels({along, 20}), {}, rows, columns);
    return line ? std::optional<echo::ScanLine>(*line) : std::nullopt;
  }

 private:
  echo::LongAxisPhantom phantom_;
};

class PhantomExamples : public LinearExamples {
 public:
  /// Phantoms number 0 .. count - 1 of a seed, `size` pixels high and wide.
  PhantomExamples(Index count, std::uint64_t seed, Index size = 128) : count_(count), seed_(seed), pixels_(size) {}

  Index size() const override { return count_; }
  Result<std::unique_ptr<LinearExample>> load(Index number) const override {
    Random random(seed_, stream + static_cast<std::uint64_t>(number));
    const auto options = echo::draw_long_axis(random, pixels_, 32 + static_cast<Index>(random.below(49)));
    return std::unique_ptr<LinearExample>(std::make_unique<PhantomExample>(options, random));
  }
  std::string description() const override {
    return std::to_string(count_) + " long-axis phantoms, seed " + std::to_string(seed_);
  }

 private:
  static constexpr std::uint64_t stream = std::uint64_t{1} << 60;

  Index count_;
  std::uint64_t seed_;
  Index pixels_;
};

}  // namespace systolic::train
