#pragma once
// Many tasks on several threads, with the results handed over in the order of the tasks, each as soon as the order
// allows. What is computed ahead is bounded, so that a million tasks need no more memory than a hundred.

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"

namespace program {

/// Calls work(task, worker) for each task that next() gives, until it gives none, and emit(result) in the order of the
/// tasks; worker is in [0, threads), and two calls at the same time have different ones. Calls of next and of emit
/// never overlap; the first emit that returns false ends everything early. An exception of any ends everything and
/// leaves this function.
template <class Next, class Work, class Emit>
requires std::is_invocable_v<Next&>
void run_in_order(Next&& next, int threads, Work&& work, Emit&& emit) {
  using systolic::Index;
  using Task = typename std::invoke_result_t<Next&>::value_type;
  using Output = std::invoke_result_t<Work&, Task&, int>;
  if (threads <= 1) {
    while (std::optional<Task> task = next()) {
      Output output = work(*task, 0);
      if (!emit(output)) return;
    }
    return;
  }

  std::mutex mutex;
  std::condition_variable room;
  std::vector<std::optional<Output>> waiting(static_cast<std::size_t>(4 * threads));  // task i at i modulo size
  Index started = 0, emitted = 0;
  bool emitting = false, stopped = false, exhausted = false;
  std::exception_ptr problem;
  const auto place = [&](Index task) -> std::optional<Output>& {
    return waiting[static_cast<std::size_t>(task) % waiting.size()];
  };

  const auto run = [&](int worker) {
    std::unique_lock lock(mutex);
    const auto may_start = [&] { return stopped || exhausted || started < emitted + 4 * threads; };
    try {
      for (;;) {
        room.wait(lock, may_start);
        if (stopped || exhausted) return;
        std::optional<Task> task = next();
        if (!task) {
          exhausted = true;
          room.notify_all();
          return;
        }
        const Index number = started++;
        lock.unlock();
        Output output = work(*task, worker);
        lock.lock();
        place(number).emplace(std::move(output));
        // Whoever finishes the task that is next in order hands over everything that waited for it.
        while (!emitting && !stopped && place(emitted)) {
          emitting = true;
          Output ready = std::move(*place(emitted));
          place(emitted).reset();
          lock.unlock();
          const bool more = emit(ready);
          lock.lock();
          emitting = false;
          ++emitted;
          if (!more) stopped = true;
          room.notify_all();
        }
      }
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      if (!problem) problem = std::current_exception();
      stopped = true;
      room.notify_all();
    }
  };
  {
    std::vector<std::jthread> pool;
    for (int worker = 1; worker < threads; ++worker) pool.emplace_back(run, worker);
    run(0);
  }
  if (problem) std::rethrow_exception(problem);
}

/// The same for the tasks 0, 1, ... tasks - 1.
template <class Work, class Emit>
void run_in_order(systolic::Index tasks, int threads, Work&& work, Emit&& emit) {
  using systolic::Index;
  Index task = 0;
  run_in_order([&] { return task < tasks ? std::optional<Index>(task++) : std::nullopt; },
               static_cast<int>(std::clamp<Index>(threads, 1, std::max<Index>(tasks, 1))), work, emit);
}

}  // namespace program
