// A recording that is analysed while it runs: here a file plays the device, 40 ms at a time.

#include <algorithm>
#include <cstdio>
#include <systolic/infer.hpp>

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: %s WEIGHTS.safetensors RECORD\n", arguments[0]);
    return 2;
  }
  const auto detector = systolic::io::load_detector(arguments[1]);
  const auto record = systolic::io::read_wfdb(arguments[2]);
  if (!detector || !record) {
    std::fprintf(stderr, "%s\n", (detector ? record.error() : detector.error()).message.c_str());
    return 1;
  }
  auto stream = systolic::StreamingDetector::open(*detector, record->rate, record->leads, {.map = false});
  if (!stream) {
    std::fprintf(stderr, "%s\n", stream.error().message.c_str());
    return 1;
  }
  systolic::Workspace workspace;
  const auto print = [](const systolic::WindowDetection& window) {
    const systolic::Detection& found = window.detection;
    if (!found.reason.empty())
      std::printf("from %.0f s: %s\n", window.from, found.reason.c_str());
    else
      std::printf("from %.0f s: score %.3f%s\n", window.from, found.score,
                  !found.abnormal   ? ""
                  : *found.abnormal ? ", abnormal"
                                    : ", normal");
  };
  const systolic::Index block = static_cast<systolic::Index>(0.04 * record->rate), leads = record->lead_count();
  for (systolic::Index t = 0; t < record->length(); t += block) {
    const systolic::Index samples = std::min(block, record->length() - t);
    stream->push({record->samples.data() + t * leads, {samples, leads}}, workspace, print);
  }
  std::printf("%.1f s at the end were no window\n", stream->pending_seconds());
}
