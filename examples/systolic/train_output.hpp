#pragma once
// What a person sees of a training while it runs: a line on the terminal, and a line an epoch.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "output.hpp"
#include "systolic/train/trainer.hpp"

namespace program {

/// Seconds of a clock that only runs forward.
inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The terminal's line: epoch, bar, loss, speed, time left.
class TrainProgress {
 public:
  TrainProgress(Index first, Index total, bool quiet)
      : first_(first), total_(total), shown_(!quiet && ::isatty(STDERR_FILENO) == 1), start_(now()) {}
  ~TrainProgress() { clear(); }

  void show(Index step, int epoch, double loss) {
    smoothed_ = step == first_ + 1 ? loss : 0.95 * smoothed_ + 0.05 * loss;
    if (!shown_) return;
    const double rate = static_cast<double>(step - first_) / std::max(now() - start_, 1e-3);
    const auto left = static_cast<long>(static_cast<double>(total_ - step) / rate + 0.5);
    const int filled = static_cast<int>(24 * step / total_);
    std::fprintf(stderr, "\repoch %d [%s%s] step %ld/%ld  loss %.4f  %.2f steps/s  %ld:%02ld:%02ld left\033[K", epoch,
                 std::string(static_cast<std::size_t>(filled), '#').c_str(),
                 std::string(static_cast<std::size_t>(24 - filled), '.').c_str(), static_cast<long>(step),
                 static_cast<long>(total_), smoothed_, rate, left / 3600, left / 60 % 60, left % 60);
    drawn_ = true;
  }
  void clear() {
    if (drawn_) std::fputs("\r\033[K", stderr);
    drawn_ = false;
  }

 private:
  Index first_, total_;
  bool shown_, drawn_ = false;
  double start_, smoothed_ = 0;
};

/// A figure that was measured after an epoch.
struct Measured {
  const char *key, *name;  ///< in JSON, and for people
  std::optional<double> value;
};

/// A line an epoch.
struct EpochSums {
  systolic::train::StepLoss sum;
  Index steps = 0;
  double start = now();

  void add(const systolic::train::StepLoss& loss) {
    sum.total += loss.total;
    if (sum.parts.empty())
      sum.parts = loss.parts;
    else
      for (std::size_t i = 0; i < loss.parts.size(); ++i) sum.parts[i].value += loss.parts[i].value;
    ++steps;
  }
  void print(Printer& printer, Format format, int epoch, const std::vector<Measured>& measured) const {
    const double n = static_cast<double>(steps);
    Outcome outcome;
    Json fields = Json::object();
    fields.set("epoch", epoch).set("loss", sum.total / n);
    std::string parts;
    for (const systolic::train::LossPart& part : sum.parts) {
      fields.set(part.name, part.value / n);
      parts += (parts.empty() ? "" : ", ") + std::string(part.name) + " " + significant(part.value / n);
    }
    fields.set("seconds", now() - start);
    std::string text = "epoch " + std::to_string(epoch) + ": loss " + significant(sum.total / n) + " (" + parts +
                       "), " + fixed(now() - start, 0) + " s";
    for (const Measured& figure : measured) {
      if (!figure.value) continue;
      fields.set(figure.key, *figure.value);
      text += ", " + std::string(figure.name) + " " + fixed(*figure.value, 3);
    }
    outcome.add(format, fields, text + "\n");
    printer.print(outcome);
  }
};

}  // namespace program
