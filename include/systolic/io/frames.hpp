#pragma once
// Clips in one call: an .npy of shape (frames, rows, columns), uint8, or a folder of frames as PGM files. Folders of
// PNG files and videos where the program links systolic::png and systolic::video (which define SYSTOLIC_WITH_PNG and
// SYSTOLIC_WITH_VIDEO). FFmpeg's libraries bring a hundred others, which take a tenth of a second and 20 MB at every
// start: a program that would rather load them when a video comes defines SYSTOLIC_VIDEO_READER instead, the name of a
// function `Result<Clip> NAME(const std::string& path)` in systolic::io, which it brings itself.

#include <dirent.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/clip.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/pgm.hpp"
#include "systolic/io/text.hpp"

// The names of two builds of read_clip() differ, so that parts of one program with other components never mix.
#ifdef SYSTOLIC_WITH_PNG
#include "systolic/io/png.hpp"
#define SYSTOLIC_CLIP_PNG clip_with_png
#else
#define SYSTOLIC_CLIP_PNG clip_without_png
#endif
#ifdef SYSTOLIC_WITH_VIDEO
#include "systolic/io/video.hpp"
#define SYSTOLIC_CLIP_VIDEO clip_with_video
#elif defined(SYSTOLIC_VIDEO_READER)
#define SYSTOLIC_CLIP_VIDEO clip_with_video_of_program
#else
#define SYSTOLIC_CLIP_VIDEO clip_without_video
#endif

namespace systolic::io {

#ifdef SYSTOLIC_VIDEO_READER
Result<Clip> SYSTOLIC_VIDEO_READER(const std::string& path);
#endif

namespace detail {

/// Names of the folder's files that end in .pgm or .png, in natural order; those that begin with a dot are hidden.
template <class = void>
inline std::vector<std::string> frame_names(const std::string& folder) {
  std::vector<std::string> names;
  if (DIR* directory = ::opendir(folder.c_str())) {
    while (const dirent* entry = ::readdir(directory)) {
      const std::string name = entry->d_name;
      if (name.starts_with('.')) continue;
      for (const char* ending : {".pgm", ".png", ".PGM", ".PNG"})
        if (name.ends_with(ending)) names.push_back(name);
    }
    ::closedir(directory);
  }
  std::sort(names.begin(), names.end(), natural_less<>);
  return names;
}

/// What a file without a reader of its own seems to be, by its first bytes; "" where they say nothing.
template <class = void>
inline std::string_view known_clip_format(std::string_view head) noexcept {
  const auto at = [&](std::size_t place, std::string_view magic) {
    return head.size() >= place + magic.size() && head.substr(place, magic.size()) == magic;
  };
  if (at(0, "RIFF") && at(8, "AVI ")) return "AVI";
  if (at(4, "ftyp")) return "MP4";
  if (at(0, "\x1A\x45\xDF\xA3")) return "Matroska";
  if (at(0, std::string_view("\x00\x00\x01\xBA", 4))) return "MPEG";
  if (at(0, "GIF8")) return "GIF";
  if (at(0, "\x30\x26\xB2\x75")) return "ASF";
  if (at(128, "DICM")) return "DICOM";
  if (at(0, "\x89PNG")) return "PNG";
  if (at(0, "P5")) return "PGM";
  return "";
}

/// The first bytes of a file, up to 256.
template <class = void>
inline Result<std::string> file_head(const std::string& path) {
  const auto file = InputFile::open(path);
  if (!file) return file.error();
  std::string head(static_cast<std::size_t>(std::min<std::uint64_t>(file->size(), 256)), '\0');
  if (auto status = file->read(0, head.data(), head.size()); !status) return status.error();
  return head;
}

}  // namespace detail

inline namespace SYSTOLIC_CLIP_PNG {
inline namespace SYSTOLIC_CLIP_VIDEO {

/// Reads an image [row][column], PGM or PNG as its content says.
template <class = void>
inline Result<Tensor<std::uint8_t>> read_grey_image(const std::string& path) {
  const auto bytes = read_file(path, std::uint64_t{1} << 30);
  if (!bytes) return bytes.error();
  if (bytes->starts_with("P5")) return parse_pgm(path, *bytes);
  if (!bytes->starts_with("\x89PNG")) return error_at(path, "", "is neither a PNG file nor a binary PGM");
#ifdef SYSTOLIC_WITH_PNG
  return parse_png(path, *bytes);
#else
  return error_at(path, "",
                  "is PNG; reading it needs libpng (component systolic::png), which this program was built "
                  "without");
#endif
}

/// Reads the PGM and PNG files of a folder as frames, in the natural order of their names. All need one size.
template <class = void>
inline Result<Clip> read_frame_folder(const std::string& path) {
  const std::vector<std::string> names = detail::frame_names(path);
  if (names.empty()) return error_at(path, "", "holds no .png or .pgm file");
  Clip clip;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string file = path + (path.ends_with('/') ? "" : "/") + names[i];
    const auto frame = read_grey_image(file);
    if (!frame) return frame.error();
    const Index rows = frame->shape()[0], columns = frame->shape()[1];
    if (i == 0) {
      if (static_cast<Index>(names.size()) > detail::most_pixels / (rows * columns))
        return error_at(path, "", "holds more than 2 GB of pixels");
      clip.frames = Tensor<std::uint8_t>({static_cast<Index>(names.size()), rows, columns});
    } else if (rows != clip.frames.shape()[1] || columns != clip.frames.shape()[2]) {
      return failure_at(file, "",
                        {"is ", rows, " x ", columns, " pixels, the first frame ", clip.frames.shape()[1], " x ",
                         clip.frames.shape()[2]});
    }
    std::copy(frame->begin(), frame->end(), clip.frames.begin() + static_cast<Index>(i) * frame->size());
  }
  return clip;
}

/// Reads a clip with its frame rate: a folder of frames, or an .npy or a video, as the file's content says.
template <class = void>
inline Result<Clip> read_clip_and_rate(const std::string& path) {
  if (DIR* const directory = ::opendir(path.c_str())) {
    ::closedir(directory);
    return read_frame_folder(path);
  }
  const auto head = detail::file_head(path);
  if (!head) return head.error();
  if (head->starts_with("\x93NUMPY")) {
    Clip clip;
    auto frames = read_npy<std::uint8_t>(path);
    if (!frames) return frames.error();
    const Shape& s = frames->shape();
    if (s.rank() != 3 || s.count() == 0)
      return error_at(path, "", "has shape " + s.text() + "; a clip is (frames, rows, columns)");
    clip.frames = std::move(*frames);
    return clip;
  }
  const std::string_view format = detail::known_clip_format(*head);
  if (format == "PNG" || format == "PGM")
    return error_at(path, "", "is one image; a clip is a folder of them, an .npy or a video");
  if (format == "DICOM")
    return error_at(path, "", "is DICOM, of which no images are read; export it as a video or as PNG frames");
#ifdef SYSTOLIC_WITH_VIDEO
  return read_video(path);
#elif defined(SYSTOLIC_VIDEO_READER)
  return SYSTOLIC_VIDEO_READER(path);
#else
  if (format.empty()) return error_at(path, "", "is no clip that can be read (an .npy, a folder of PNG or PGM frames)");
  return failure_at(path, "",
                    {"is a video (", format,
                     "); reading it needs FFmpeg's libraries (component "
                     "systolic::video), which this program was built without"});
#endif
}

/// The same, the frames alone: [frame][row][column].
template <class = void>
inline Result<Tensor<std::uint8_t>> read_clip(const std::string& path) {
  auto clip = read_clip_and_rate(path);
  if (!clip) return clip.error();
  return std::move(clip->frames);
}

}  // namespace SYSTOLIC_CLIP_VIDEO
}  // namespace SYSTOLIC_CLIP_PNG
}  // namespace systolic::io

#undef SYSTOLIC_CLIP_PNG
#undef SYSTOLIC_CLIP_VIDEO
