// The reader of videos, which the program loads when there is a video to read (../video.cpp).

#include <optional>
#include <string>

#include "systolic/io/video.hpp"

extern "C" void systolic_read_video(const std::string& path,
                                    std::optional<systolic::Result<systolic::io::Clip>>& clip) {
  clip.emplace(systolic::io::read_video(path));
}
