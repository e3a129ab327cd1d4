#pragma once
// A line on the terminal that says how far a long batch is, and how long it will take. Never in files or pipes.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "systolic/core/tensor.hpp"

namespace program {

class Progress {
 public:
  using Index = systolic::Index;

  /// `shares_terminal`: results go to standard output meanwhile, which must not be a terminal then.
  Progress(Index total, bool quiet, bool shares_terminal)
      : total_(total),
        shown_(!quiet && total > 1 && ::isatty(STDERR_FILENO) == 1 &&
               !(shares_terminal && ::isatty(STDOUT_FILENO) == 1)) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more is done, or a share of one. Not to be called by two threads at the same time.
  void advance(double share = 1) {
    done_ += share;
    if (!shown_) return;
    const double now = seconds();
    if (now - last_drawn_ < 0.1 && done_ < static_cast<double>(total_)) return;
    last_drawn_ = now;
    draw(now);
  }

  /// Takes the line away, so that something else can be printed.
  void clear() {
    if (drawn_) std::fputs("\r\033[K", stderr);
    drawn_ = false;
  }

  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  void draw(double now) {
    constexpr double width = 30;
    const double total = static_cast<double>(total_), done = std::min(total, done_ + 1e-6);
    const auto filled = static_cast<std::size_t>(width * done / total);
    const std::string bar = std::string(filled, '#') + std::string(static_cast<std::size_t>(width) - filled, '.');
    const double rate = done / std::max(now, 1e-3);
    const long left = static_cast<long>((total - done) / rate + 0.5);
    std::fprintf(stderr, "\r[%s] %ld/%ld  %.*f/s  %ld:%02ld:%02ld left\033[K", bar.c_str(), static_cast<long>(done),
                 static_cast<long>(total_), rate < 1 ? 2 : 1, rate, left / 3600, left / 60 % 60, left % 60);
    drawn_ = true;
  }

  Index total_;
  bool shown_;
  bool drawn_ = false;
  double done_ = 0;
  double last_drawn_ = -1;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace program
