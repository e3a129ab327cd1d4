#pragma once
// What a person sees of a training while it runs: a line on the terminal, and a line an epoch.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

#include "output.hpp"
#include "systolic/train/restoration_trainer.hpp"

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

/// A line an epoch.
struct EpochSums {
  systolic::train::StepLoss sum;
  Index steps = 0;
  double start = now();

  void add(const systolic::train::StepLoss& loss) {
    sum.total += loss.total;
    sum.global += loss.global;
    sum.local += loss.local;
    sum.trend += loss.trend;
    sum.attributes += loss.attributes;
    ++steps;
  }
  void print(Printer& printer, Format format, int epoch, const std::optional<double>& auroc) const {
    const double n = static_cast<double>(steps);
    Outcome outcome;
    Json fields = Json::object();
    fields.set("epoch", epoch)
        .set("loss", sum.total / n)
        .set("global", sum.global / n)
        .set("local", sum.local / n)
        .set("trend", sum.trend / n)
        .set("attributes", sum.attributes / n)
        .set("seconds", now() - start);
    if (auroc) fields.set("validation_auroc", *auroc);
    std::string text = "epoch " + std::to_string(epoch) + ": loss " + significant(sum.total / n) + " (global " +
                       significant(sum.global / n) + ", local " + significant(sum.local / n) + ", trend " +
                       significant(sum.trend / n) + ", attributes " + significant(sum.attributes / n) + "), " +
                       fixed(now() - start, 0) + " s";
    if (auroc) text += ", validation AUROC " + fixed(*auroc, 3);
    outcome.add(format, fields, text + "\n");
    printer.print(outcome);
  }
};

}  // namespace program
