// Frames of a clip: PGM and PNG files, alone and in a folder.

#include "systolic/io/frames.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const testing::TemporaryFolder folder;
  const std::string_view bytes = fuzz::text_of(data, size);
  testing::write_bytes(folder.path("f1.png"), bytes);
  testing::write_bytes(folder.path("f2.pgm"), bytes);
  const auto image = systolic::io::read_grey_image(folder.path("f1.png"));
  fuzz::check_error(image);
  const auto clip = systolic::io::read_clip(folder.path(""));
  fuzz::check_error(clip);
  fuzz::require(static_cast<bool>(image) == static_cast<bool>(clip));
  if (!image) return 0;
  fuzz::require(image->shape().rank() == 2 && image->size() > 0);
  fuzz::require(clip->shape() == systolic::Shape{2, image->shape()[0], image->shape()[1]});
  fuzz::check_error(systolic::io::read_clip(folder.path("f1.png")));
  return 0;
}
