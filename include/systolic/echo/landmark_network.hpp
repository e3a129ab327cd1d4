#pragma once
// A trained U-Net with what belongs to it: the size of its images, how images of other sizes become such, and the
// read-out of the four landmarks. One kind looks at anatomical M-mode images, the other at frames.

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "systolic/echo/m_mode.hpp"
#include "systolic/echo/unet.hpp"

namespace systolic::echo {

/// What a landmark network looks at.
enum class LandmarkImage { m_mode, frame };

struct LandmarkOptions {
  LandmarkImage image = LandmarkImage::m_mode;
  UNetOptions network{.width = 8};
  Index rows = 128;  ///< of the network's images; an M-mode image has 64 columns, a frame as many as rows
  Index columns() const noexcept { return image == LandmarkImage::m_mode ? m_mode_columns : rows; }
};

/// How many samples of a line make a row of the network's image: those of larger frames are averaged.
inline Index samples_a_row(Index samples, Index rows) noexcept {
  return std::max<Index>(1, (samples + rows / 2) / rows);
}

/// The same line with `samples_a_row` times `rows` samples, as the network's image needs it.
inline ScanLine line_for_rows(ScanLine line, Index rows) noexcept {
  line.count = samples_a_row(line.count, rows) * rows;
  return line;
}

/// Row of the network's image <-> sample of a line of `count` samples; between rows and samples too.
inline double sample_of_row(double row, Index count, Index rows) noexcept {
  const double each = static_cast<double>(count) / static_cast<double>(rows);
  return (row + 0.5) * each - 0.5;
}
inline double row_of_sample(double sample, Index count, Index rows) noexcept {
  const double each = static_cast<double>(count) / static_cast<double>(rows);
  return (sample + 0.5) / each - 0.5;
}

/// An M-mode image [rows * n][64] of grey values as the network takes it, [rows][64], 0 to 1: means of n rows.
template <class = void>
inline void shrink_m_mode(const Tensor<float>& image, Index rows, float* out) noexcept {
  const Index each = image.shape()[0] / rows, columns = image.shape()[1];
  for (Index r = 0; r < rows; ++r)
    for (Index c = 0; c < columns; ++c) {
      float sum = 0;
      for (Index i = 0; i < each; ++i) sum += image(r * each + i, c);
      out[r * columns + c] = sum / static_cast<float>(255 * each);
    }
}

/// A frame [row][column] as the network takes it, [size][size], 0 to 1: each new pixel is the mean of what it covers;
/// pixels that are covered in part count in part. Enlarges, too.
template <class = void>
inline void resize_frame(const std::uint8_t* frame, Index rows, Index columns, Index size, float* out) {
  const double down = static_cast<double>(rows) / static_cast<double>(size);
  const double right = static_cast<double>(columns) / static_cast<double>(size);
  const auto shares = [](double from, double to, Index count, auto&& visit) {
    for (auto i = static_cast<Index>(from); i < count && static_cast<double>(i) < to; ++i)
      visit(i, std::min(to, static_cast<double>(i + 1)) - std::max(from, static_cast<double>(i)));
  };
  for (Index r = 0; r < size; ++r)
    for (Index c = 0; c < size; ++c) {
      double sum = 0;
      shares(static_cast<double>(r) * down, static_cast<double>(r + 1) * down, rows, [&](Index y, double height) {
        shares(static_cast<double>(c) * right, static_cast<double>(c + 1) * right, columns,
               [&](Index x, double width) { sum += height * width * static_cast<double>(frame[y * columns + x]); });
      });
      out[r * size + c] = static_cast<float>(sum / (down * right * 255));
    }
}

/// The four landmarks along a line, and how sure they are.
struct LineLandmarks {
  std::array<double, 4> samples{};  ///< of the line that was asked for
  std::array<double, 4> spreads{};  ///< of the heat maps' anchor column, samples
};

/// The four landmarks in a frame, and how sure they are.
struct FrameLandmarks {
  std::array<Point, 4> points{};
  std::array<double, 4> spreads{};  ///< of the heat maps, pixels of a row
};

class LandmarkNetwork {
 public:
  /// Packs the weights.
  LandmarkNetwork(const LandmarkOptions& options, UNet<float> network, std::string name, std::string checksum)
      : options_(options), network_(std::move(network)), name_(std::move(name)), checksum_(std::move(checksum)) {
    network_.prepare();
  }

  const LandmarkOptions& options() const noexcept { return options_; }
  const UNet<float>& network() const noexcept { return network_; }
  const std::string& name() const noexcept { return name_; }
  const std::string& checksum() const noexcept { return checksum_; }

  /// The landmarks on a line at a key frame: the heat maps' expected rows in the anchor column, so that all lie on the
  /// line. clip [frame][row][column]. Requires a network for M-mode images.
  template <class = void>
  LineLandmarks along(TensorView<const std::uint8_t> clip, const ScanLine& line, Index key_frame,
                      Workspace& workspace) const {
    assert(options_.image == LandmarkImage::m_mode);
    const ScanLine fine = line_for_rows(line, options_.rows);
    return along(anatomical_m_mode(clip, fine, key_frame), line.count, workspace);
  }
  /// The same read along five parallel lines 1.5 % of the image apart, of which `line` is the middle one: the median of
  /// what they say. Speckle that misleads one does not mislead all of them, and a wall at a slant lies as much higher
  /// on one side as lower on the other. (Published: the line alone.) The spreads are the middle line's.
  template <class = void>
  LineLandmarks around(TensorView<const std::uint8_t> clip, const ScanLine& line, Index key_frame,
                       Workspace& workspace) const {
    constexpr std::size_t lines = 5, half = lines / 2;
    const Point direction = unit(line.to - line.from), across{-direction.y, direction.x};
    const double apart = 0.015 * static_cast<double>(std::max(clip.shape()[1], clip.shape()[2]));
    std::array<std::array<double, lines>, 4> said;
    LineLandmarks result;
    for (std::size_t i = 0; i < lines; ++i) {
      const Point step = across * (apart * (static_cast<double>(i) - static_cast<double>(half)));
      const LineLandmarks one = along(clip, {line.from + step, line.to + step, line.count}, key_frame, workspace);
      if (i == half) result.spreads = one.spreads;
      for (std::size_t k = 0; k < 4; ++k) said[k][i] = one.samples[k];
    }
    for (std::size_t k = 0; k < 4; ++k) {
      std::nth_element(said[k].begin(), said[k].begin() + half, said[k].end());
      result.samples[k] = said[k][half];
    }
    return result;
  }
  /// As along() from the image along a line of line_for_rows(); `count`: samples of the line that the result refers to.
  template <class = void>
  LineLandmarks along(const Tensor<float>& m_mode, Index count, Workspace& workspace) const {
    Workspace::Scope scope(workspace);
    const auto image = nn::make_image<float>(workspace, 1, {1, options_.rows, m_mode_columns}, 1);
    shrink_m_mode(m_mode, options_.rows, image.item(0));
    const nn::Image<const float> logits = run_unet(network_, image, workspace);
    const auto rows = nn::expected_rows_at<float>(logits, anchor_column, workspace);
    const auto spreads = nn::row_spreads_at<float>(logits, anchor_column, rows, workspace);
    LineLandmarks result;
    for (std::size_t k = 0; k < 4; ++k) {
      const Index fine = m_mode.shape()[0];
      const double sample = sample_of_row(static_cast<double>(rows.data[k]), fine, options_.rows);
      const double scale = static_cast<double>(count - 1) / static_cast<double>(fine - 1);
      result.samples[k] = std::clamp(sample * scale, 0.0, static_cast<double>(count - 1));
      result.spreads[k] = static_cast<double>(spreads.data[k] * static_cast<float>(fine / options_.rows)) * scale;
    }
    return result;
  }

  /// The landmarks in a frame [row][column]. Requires a network for frames.
  template <class = void>
  FrameLandmarks in_frame(TensorView<const std::uint8_t> frame, Workspace& workspace) const {
    assert(options_.image == LandmarkImage::frame);
    const Index rows = frame.shape()[0], columns = frame.shape()[1], size = options_.rows;
    Workspace::Scope scope(workspace);
    const auto image = nn::make_image<float>(workspace, 1, {1, size, size}, 1);
    resize_frame(frame.data(), rows, columns, size, image.item(0));
    const nn::Image<const float> logits = run_unet(network_, image, workspace);
    const nn::Image<const float> maps = nn::heat_maps<float>(logits, workspace);
    const auto points = nn::expected_coordinates<float>(maps, workspace);
    const auto spreads = nn::coordinate_spreads<float>(maps, points, workspace);
    FrameLandmarks result;
    for (std::size_t k = 0; k < 4; ++k) {
      result.points[k] = {sample_of_row(static_cast<double>(points.data[2 * k + 1]), columns, size),
                          sample_of_row(static_cast<double>(points.data[2 * k]), rows, size)};
      result.spreads[k] = static_cast<double>(spreads.data[k]) * static_cast<double>(rows) / static_cast<double>(size);
    }
    return result;
  }

 private:
  LandmarkOptions options_;
  UNet<float> network_;
  std::string name_, checksum_;
};

}  // namespace systolic::echo
