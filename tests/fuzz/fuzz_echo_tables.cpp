// The tables of EchoNet-Dynamic and EchoNet-LVH.

#include "systolic/io/echonet_dynamic.hpp"
#include "systolic/io/echonet_lvh.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const testing::TemporaryFolder folder;
  for (const char* name : {"FileList.csv", "VolumeTracings.csv", "MeasurementsList.csv"})
    testing::write_bytes(folder.path(name), fuzz::text_of(data, size));
  fuzz::check_error(systolic::io::read_echonet_dynamic(folder.path("")));
  const auto lvh = systolic::io::read_echonet_lvh(folder.path(""));
  fuzz::check_error(lvh);
  if (!lvh) return 0;
  for (const auto& frame : lvh->frames) {
    fuzz::require(frame.frame >= 0 && frame.pixel.row > 0);
    for (std::size_t k = 1; k < 4; ++k) fuzz::require(frame.landmarks[k].y > frame.landmarks[k - 1].y);
  }
  return 0;
}
