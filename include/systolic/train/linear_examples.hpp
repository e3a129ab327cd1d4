#pragma once
// Examples of linear measurements: a clip of the long axis, a key frame, and where the four landmarks are in it. Their
// sources are an interface: phantoms (train/phantom_examples.hpp) or readers of data sets.

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "systolic/echo/m_mode.hpp"

namespace systolic::train {

/// One clip with one labelled frame.
class LinearExample {
 public:
  virtual ~LinearExample() = default;

  Index rows = 0, columns = 0, key_frame = 0;
  std::array<echo::Point, 4> landmarks;  ///< outer and inner septum, inner and outer posterior wall, pixels
  echo::PixelSize pixel;

  /// The key frame, [row][column].
  virtual Tensor<std::uint8_t> frame() const = 0;
  /// The anatomical M-mode image along a line, [line.count][64].
  virtual Tensor<float> m_mode(const echo::ScanLine& line) const = 0;
  /// Where the landmarks of a line near the labelled one are, as its samples: their projections, since labels say no
  /// more. Nothing where they cannot be told.
  virtual std::optional<std::array<double, 4>> samples(const echo::ScanLine& line) const {
    std::array<double, 4> result{};
    for (std::size_t k = 0; k < 4; ++k) {
      result[k] = line.sample_of(landmarks[k]);
      if (!(result[k] >= 0 && result[k] <= static_cast<double>(line.count - 1))) return std::nullopt;
      if (k > 0 && result[k] <= result[k - 1]) return std::nullopt;  // no segment without length
    }
    return result;
  }
  /// A line of the ventricle, anywhere between base and apex, by lot: 0 to 1. Nothing where only the labelled one is
  /// known.
  virtual std::optional<echo::ScanLine> line_at(double place) const {
    (void)place;
    return std::nullopt;
  }
};

/// A clip that is held whole, with its labels.
class ClipExample : public LinearExample {
 public:
  /// clip [frame][row][column]. Requires key < frames, landmarks from top to bottom.
  template <class = void>
  ClipExample(Tensor<std::uint8_t> clip, Index key, const std::array<echo::Point, 4>& points,
              const echo::PixelSize& size)
      : clip_(std::move(clip)) {
    rows = clip_.shape()[1];
    columns = clip_.shape()[2];
    key_frame = key;
    landmarks = points;
    pixel = size;
  }

  Tensor<std::uint8_t> frame() const override {
    Tensor<std::uint8_t> image({rows, columns});
    std::copy_n(clip_.data() + key_frame * image.size(), image.size(), image.data());
    return image;
  }
  Tensor<float> m_mode(const echo::ScanLine& line) const override {
    return echo::anatomical_m_mode(clip_, line, key_frame);
  }

 private:
  Tensor<std::uint8_t> clip_;
};

/// Numbered examples; load() gives the same one for a number every time, from any thread.
class LinearExamples {
 public:
  virtual ~LinearExamples() = default;
  virtual Index size() const = 0;
  virtual Result<std::unique_ptr<LinearExample>> load(Index number) const = 0;
  virtual std::string description() const = 0;  ///< for the weights' metadata, such as "20000 phantoms, seed 1"
};

}  // namespace systolic::train
