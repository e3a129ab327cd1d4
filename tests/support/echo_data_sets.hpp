#pragma once
// Small data sets of echocardiograms in the published layouts.

#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>

#include "support/files.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/npy.hpp"

namespace testing {

/// 21 rows of VolumeTracings.csv: half an ellipse, its apex at (56, 20), 60 pixels long and 40 * `scale` wide.
inline std::string tracing_rows(const std::string& file, int frame, double scale) {
  std::string rows = file + ",56,20,56,80," + std::to_string(frame) + "\n";
  for (int i = 0; i < 20; ++i) {
    const double share = (i + 0.5) / 20, half = 20 * scale * std::sqrt(1 - (1 - share) * (1 - share));
    const std::string y = std::to_string(20 + 60 * share);
    rows += file + "," + std::to_string(56 - half) + "," + y + "," + std::to_string(56 + half) + "," + y + "," +
            std::to_string(frame) + "\n";
  }
  return rows;
}

/// The same ventricle as labels of CAMUS: 1 inside, 2 around it, 3 below; [row][column] of 100 x 112.
inline systolic::Tensor<float> ventricle_mask(double scale) {
  systolic::Tensor<float> mask({100, 112});
  for (systolic::Index r = 0; r < 100; ++r)
    for (systolic::Index c = 0; c < 112; ++c) {
      const double x = static_cast<double>(c) - 56, y = 80 - static_cast<double>(r);
      const auto inside = [&](double wall) {
        return y >= 0 && std::pow(x / (20 * scale + wall), 2) + std::pow(y / (60 + wall), 2) <= 1;
      };
      mask(r, c) = inside(0) ? 1.0f : inside(6) ? 2.0f : y < 0 && std::abs(x) < 18 && y > -15 ? 3.0f : 0.0f;
    }
  return mask;
}

/// A NIfTI-1 file of [frame][row][column] as uint8, pixels 0.5 mm high and 0.4 mm wide.
inline std::string nifti_file(const systolic::Tensor<float>& images) {
  const int rank = images.shape().rank();
  std::string bytes(352, '\0');
  const auto put = [&](std::size_t place, auto value) { std::memcpy(bytes.data() + place, &value, sizeof(value)); };
  put(0, std::int32_t{348});
  put(40, static_cast<std::int16_t>(rank));
  for (int axis = 0; axis < rank; ++axis)
    put(42 + 2 * static_cast<std::size_t>(axis), static_cast<std::int16_t>(images.shape()[rank - 1 - axis]));
  put(70, std::int16_t{2});
  put(80, 0.4f);
  put(84, 0.5f);
  put(108, 352.0f);
  std::memcpy(bytes.data() + 344, "n+1", 4);
  for (const float value : images) bytes += static_cast<char>(static_cast<unsigned char>(value));
  return bytes;
}

/// A patient of CAMUS with five frames of the four-chamber view, as uncompressed NIfTI: end-diastole of width 1 and
/// end-systole of width 0.7.
inline void write_camus_patient(const std::string& folder, const std::string& name, const std::string& info) {
  std::filesystem::create_directories(folder + name);
  const std::string stem = folder + name + "/" + name + "_4CH_";
  systolic::Tensor<float> frames({5, 100, 112});
  for (systolic::Index i = 0; i < frames.size(); ++i) frames.data()[i] = static_cast<float>(i % 251);
  write_bytes(stem + "half_sequence.nii", nifti_file(frames));
  write_bytes(stem + "ED_gt.nii", nifti_file(ventricle_mask(1)));
  write_bytes(stem + "ES_gt.nii", nifti_file(ventricle_mask(0.7)));
  write_bytes(folder + name + "/Info_4CH.cfg", info);
}

/// A clip whose frame number f is of grey f, as an .npy: clips are read by their content, whatever the file is called.
inline void write_clip(const std::string& path, systolic::Index frames, systolic::Index rows, systolic::Index columns) {
  systolic::Tensor<std::uint8_t> clip({frames, rows, columns});
  for (systolic::Index i = 0; i < clip.size(); ++i) clip.data()[i] = static_cast<std::uint8_t>(i / (rows * columns));
  static_cast<void>(systolic::io::write_npy(path, clip));
}

}  // namespace testing
