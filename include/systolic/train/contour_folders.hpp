#pragma once
// Contour examples from data sets on disk: EchoNet-Dynamic and CAMUS, which are told apart by what the folder holds.

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "systolic/io/camus.hpp"
#include "systolic/io/echonet_dynamic.hpp"
#include "systolic/io/frames.hpp"
#include "systolic/train/contour_data.hpp"

namespace systolic::train {

/// Examples to learn from and to measure on; either may be empty.
struct ContourSets {
  std::unique_ptr<ContourExamples> training, validation;
  std::vector<std::string> problems;  ///< what the data set has that is left out, and why
};

namespace detail {

/// The first `limit` of a list; all where that is 0.
template <class T>
void keep_first(std::vector<T>& list, Index limit) {
  if (limit > 0 && static_cast<Index>(list.size()) > limit)
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(limit), list.end());
}

/// Frames [first, last] of a clip.
template <class = void>
inline Tensor<std::uint8_t> part_of_clip(const Tensor<std::uint8_t>& clip, Index first, Index last) {
  const Shape& s = clip.shape();
  Tensor<std::uint8_t> part({last - first + 1, s[1], s[2]});
  std::copy_n(clip.data() + first * s[1] * s[2], part.size(), part.data());
  return part;
}

/// The example between the frames of two contours, in the clip's unit. The fraction counts where the first is the
/// larger: the network is to see an ejection, not a filling.
template <class = void>
inline ContourExample make_contour_example(const Tensor<std::uint8_t>& clip, echo::FrameContour first,
                                           echo::FrameContour last, const echo::PixelSize& pixel, double fraction) {
  if (first.frame > last.frame) std::swap(first, last);
  const auto in_pixels = [&](const echo::Contour& contour) {
    echo::KeyPoints points = key_points(contour);
    for (echo::Point& p : points) p = {p.x / pixel.column, p.y / pixel.row};
    return points;
  };
  ContourExample example{part_of_clip(clip, first.frame, last.frame), in_pixels(first.contour),
                         in_pixels(last.contour)};
  if (measure_volumes(first.contour).disks_ml > measure_volumes(last.contour).disks_ml) example.fraction = fraction;
  return example;
}

}  // namespace detail

/// Clips of EchoNet-Dynamic.
class EchoNetContourExamples : public ContourExamples {
 public:
  /// Requires clips with two usable contours, as read_echonet_dynamic() gives them.
  explicit EchoNetContourExamples(std::vector<io::EchoNetClip> clips) : clips_(std::move(clips)) {}

  Index size() const override { return static_cast<Index>(clips_.size()); }
  std::string name(Index i) const override { return clips_[static_cast<std::size_t>(i)].name; }
  std::string description() const override { return std::to_string(clips_.size()) + " clips of EchoNet-Dynamic"; }
  Result<ContourExample> example(Index i, Random&) const override {
    const io::EchoNetClip& clip = clips_[static_cast<std::size_t>(i)];
    const auto frames = io::read_clip(clip.path);
    if (!frames) return frames.error();
    const auto measured = io::measure_clip(clip.tracing, {});
    if (!measured) return error_at(clip.path, "", measured.error().message);
    const Index last = std::max(measured->ed.frame, measured->es.frame);
    if (last >= frames->shape()[0])
      return error_at(
          clip.path, "",
          "has " + std::to_string(frames->shape()[0]) + " frames, but frame " + std::to_string(last) + " is traced");
    return detail::make_contour_example(*frames, measured->ed, measured->es, {}, clip.ejection_fraction);
  }

 private:
  std::vector<io::EchoNetClip> clips_;
};

/// Four-chamber views of CAMUS.
class CamusContourExamples : public ContourExamples {
 public:
  explicit CamusContourExamples(std::vector<io::CamusPatient> patients) : patients_(std::move(patients)) {}

  Index size() const override { return static_cast<Index>(patients_.size()); }
  std::string name(Index i) const override { return patients_[static_cast<std::size_t>(i)].name; }
  std::string description() const override { return std::to_string(patients_.size()) + " four-chamber clips of CAMUS"; }
  Result<ContourExample> example(Index i, Random&) const override {
    const io::CamusPatient& patient = patients_[static_cast<std::size_t>(i)];
    const auto view = io::read_camus_view(patient, "4CH");
    if (!view) return view.error();
    const auto ed = echo::make_contour(view->ed_rows, view->pixel), es = echo::make_contour(view->es_rows, view->pixel);
    if (!ed || !es) return error_at(patient.folder, "", "its left ventricle " + (ed ? es.error() : ed.error()).message);
    return detail::make_contour_example(view->clip, {view->ed, *ed}, {view->es, *es}, view->pixel,
                                        view->ejection_fraction);
  }

 private:
  std::vector<io::CamusPatient> patients_;
};

/// How a data set is divided where it does not say so itself, and how much of it is used.
struct FolderOptions {
  std::vector<int> train_folds = {1, 2, 3, 4, 5, 6, 7, 8};
  int validate_fold = 9;
  Index limit = 0, validate_limit = 0;  ///< the first so many examples; 0: all
};

/// Examples of the data set in a folder. EchoNet-Dynamic and CAMUS with its lists of patients bring their own split;
/// CAMUS without lists is cut into ten folds by the patients' numbers (number modulo 10, plus 1). An error: another
/// folder, tables that cannot be read, nothing to learn from.
template <class = void>
inline Result<ContourSets> open_contour_folder(const std::string& folder, const FolderOptions& options) {
  const std::string root = folder + (folder.ends_with('/') ? "" : "/");
  ContourSets sets;
  const auto take = [&](auto training, auto validation, auto make) {
    detail::keep_first(training, options.limit);
    detail::keep_first(validation, options.validate_limit);
    sets.training = make(std::move(training));
    sets.validation = make(std::move(validation));
  };
  if (io::detail::is_file(root + "FileList.csv")) {
    auto data = io::read_echonet_dynamic(folder);
    if (!data) return data.error();
    std::vector<io::EchoNetClip> training, validation;
    for (io::EchoNetClip& clip : data->clips) {
      if (clip.split == io::DataSplit::train)
        training.push_back(std::move(clip));
      else if (clip.split == io::DataSplit::validate)
        validation.push_back(std::move(clip));
    }
    take(std::move(training), std::move(validation),
         [](std::vector<io::EchoNetClip> clips) { return std::make_unique<EchoNetContourExamples>(std::move(clips)); });
    sets.problems = std::move(data->problems);
  } else if (io::is_camus(folder)) {
    auto patients = io::find_camus_patients(folder);
    if (!patients) return patients.error();
    const bool lists = std::any_of(patients->begin(), patients->end(),
                                   [](const io::CamusPatient& p) { return p.split != io::DataSplit::none; });
    std::vector<io::CamusPatient> training, validation;
    for (const io::CamusPatient& patient : *patients) {
      const int fold = static_cast<int>(patient.number % 10) + 1;
      const auto& folds = options.train_folds;
      if (lists ? patient.split == io::DataSplit::train : std::find(folds.begin(), folds.end(), fold) != folds.end())
        training.push_back(patient);
      else if (lists ? patient.split == io::DataSplit::validate : fold == options.validate_fold)
        validation.push_back(patient);
    }
    take(std::move(training), std::move(validation), [](std::vector<io::CamusPatient> chosen) {
      return std::make_unique<CamusContourExamples>(std::move(chosen));
    });
  } else {
    return error_at(folder, "",
                    "holds neither EchoNet-Dynamic (FileList.csv, VolumeTracings.csv, Videos) nor CAMUS (patient0001, "
                    "..., or them in database_nifti or training)");
  }
  if (sets.training->size() == 0) return error_at(folder, "", "has nothing to learn from in its training split");
  return sets;
}

}  // namespace systolic::train
