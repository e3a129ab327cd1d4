#include "train_log.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "output.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/io/file.hpp"

namespace program {
namespace {

using systolic::Index;
using systolic::number_to_text;

/// The number after "key": in a line of the log.
double number_in(const std::string& line, const std::string& key) {
  const std::size_t at = line.find("\"" + key + "\":");
  if (at == std::string::npos) return std::nan("");
  const std::size_t begin = at + key.size() + 3;
  return systolic::number_from_text<double>(line.substr(begin, line.find_first_of(",}", begin) - begin))
      .value_or(std::nan(""));
}

/// Means over neighbouring steps, so that at most `most` points are left.
std::vector<double> thinned(const std::vector<double>& values, std::size_t most) {
  const std::size_t group = (values.size() + most - 1) / std::max<std::size_t>(most, 1);
  std::vector<double> result;
  for (std::size_t first = 0; first < values.size(); first += group) {
    const std::size_t last = std::min(values.size(), first + group);
    double sum = 0;
    for (std::size_t i = first; i < last; ++i) sum += values[i];
    result.push_back(sum / static_cast<double>(last - first));
  }
  return result;
}

}  // namespace

systolic::Result<TrainLog> TrainLog::open(const std::string& path, Index first_step) {
  TrainLog log;
  log.path_ = path;
  if (path.empty()) return log;
  std::string kept;
  std::ifstream before(path);
  if (first_step > 0)
    for (std::string line; std::getline(before, line);) {
      if (!(number_in(line, "step") <= static_cast<double>(first_step)) || line.back() != '}') break;
      kept += line + "\n";
      log.losses_.push_back(number_in(line, "loss"));
    }
  before.close();
  if (const auto status = systolic::io::write_file_atomically(path, kept); !status) return status.error();
  return log;
}

systolic::Status TrainLog::append(Index step, int epoch, const systolic::train::StepLoss& loss, double rate,
                                  double seconds) {
  losses_.push_back(loss.total);
  if (path_.empty()) return {};
  std::string line = "{\"step\":" + std::to_string(step) + ",\"epoch\":" + std::to_string(epoch) +
                     ",\"loss\":" + number_to_text(loss.total);
  for (const systolic::train::LossPart& part : loss.parts)
    line += ",\"" + std::string(part.name) + "\":" + number_to_text(part.value);
  line += ",\"gradient_norm\":" + number_to_text(loss.gradient_norm) + ",\"learning_rate\":" + number_to_text(rate) +
          ",\"seconds\":" + fixed(seconds, 3) + "}\n";
  std::ofstream file(path_, std::ios::app);
  file << line << std::flush;
  if (!file) return systolic::error_at(path_, "", "could not be written");
  return {};
}

systolic::Status TrainLog::draw_curve() const {
  if (path_.empty() || losses_.size() < 2) return {};
  constexpr double width = 800, height = 400, left = 70, right = 20, top = 30, bottom = 50;
  const std::vector<double> curve = thinned(losses_, 400);
  double low = *std::min_element(curve.begin(), curve.end()), high = *std::max_element(curve.begin(), curve.end());
  if (!(high > low)) high = low + 1;
  const auto x = [&](std::size_t i) {
    return left + (width - left - right) * static_cast<double>(i) / static_cast<double>(curve.size() - 1);
  };
  const auto y = [&](double value) { return top + (height - top - bottom) * (high - value) / (high - low); };
  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"400\" font-family=\"sans-serif\" "
      "font-size=\"13\">\n<rect width=\"800\" height=\"400\" fill=\"white\"/>\n";
  for (int tick = 0; tick <= 4; ++tick) {
    const double value = low + (high - low) * tick / 4;
    svg += "<path d=\"M" + fixed(left, 1) + " " + fixed(y(value), 1) + "H" + fixed(width - right, 1) +
           "\" stroke=\"#ddd\"/>\n<text x=\"" + fixed(left - 8, 1) + "\" y=\"" + fixed(y(value) + 4, 1) +
           "\" text-anchor=\"end\">" + significant(value, 3) + "</text>\n";
  }
  svg += "<path fill=\"none\" stroke=\"#0072b2\" stroke-width=\"1.5\" d=\"";
  for (std::size_t i = 0; i < curve.size(); ++i)
    svg += (i == 0 ? "M" : "L") + fixed(x(i), 1) + " " + fixed(y(curve[i]), 1);
  svg += "\"/>\n<text x=\"" + fixed(width / 2, 1) + "\" y=\"" + fixed(height - 12, 1) +
         "\" text-anchor=\"middle\">step (of " + std::to_string(losses_.size()) + ")</text>\n<text x=\"" +
         fixed(left, 1) + "\" y=\"18\">training loss, means of " + std::to_string((losses_.size() + 399) / 400) +
         " steps</text>\n</svg>\n";
  return systolic::io::write_file_atomically(std::filesystem::path(path_).replace_extension(".svg").string(), svg);
}

}  // namespace program
