// Medical images: NIfTI, plain and compressed, and MetaImage.

#include "systolic/io/image_stack.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const testing::TemporaryFolder folder;
  testing::write_bytes(folder.path("image"), fuzz::text_of(data, size));
  const auto stack = systolic::io::read_image_stack(folder.path("image"));
  fuzz::check_error(stack);
  if (!stack) return 0;
  fuzz::require(stack->pixels.shape().rank() == 3 && stack->pixels.size() > 0);
  fuzz::require(stack->size.row > 0 && stack->size.column > 0);
  for (const float pixel : stack->pixels) fuzz::require(std::isfinite(pixel));
  return 0;
}
