#pragma once
// Work split over outputs. Which thread computes an output never changes its value, so results are bit-identical for
// any number of threads.

#include <algorithm>
#include <vector>

// Threads come from OpenMP where the compiler was told to use it, else from the system. <thread> is the last resort:
// alone it would take half as long to compile as everything else that core needs.
#if defined(_OPENMP)
#include <omp.h>
#elif defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#include <unistd.h>
#else
#include <thread>
#endif

#include "systolic/core/tensor.hpp"

namespace systolic {

/// The number of threads that this machine runs at once, at least 1.
template <class = void>
inline int hardware_threads() noexcept {
#if defined(_OPENMP)
  return std::max(1, omp_get_num_procs());
#elif defined(__unix__) || defined(__APPLE__)
  return std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
#else
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
#endif
}

/// Threads of one loop at most.
inline constexpr int most_workers = 256;

#ifndef _OPENMP
namespace detail {

/// A loop whose type is not known here: run(loop, worker) does one worker's share of it.
struct Loop {
  void (*run)(void* loop, int worker);
  void* loop;
};

/// Runs the shares of all workers, the first on the caller's thread and every other on one of its own, and waits for
/// them. A thread that the system refuses costs time only: its share is done on the caller's, too.
template <class = void>
[[gnu::noinline]] inline void run_workers(Loop loop, int workers) {
  const std::size_t others = static_cast<std::size_t>(workers - 1);
#if defined(__unix__) || defined(__APPLE__)
  struct Share {
    Loop loop;
    int worker;
    pthread_t thread;
    bool started;
  };
  Share shares[most_workers];  // not on the heap: a network calls this once a layer
  for (std::size_t i = 0; i < others; ++i) {
    shares[i].loop = loop;
    shares[i].worker = static_cast<int>(i) + 1;
    const auto start = [](void* pointer) -> void* {
      const Share& share = *static_cast<const Share*>(pointer);
      share.loop.run(share.loop.loop, share.worker);
      return nullptr;
    };
    shares[i].started = pthread_create(&shares[i].thread, nullptr, start, &shares[i]) == 0;
  }
  loop.run(loop.loop, 0);
  for (std::size_t i = 0; i < others; ++i) {
    if (shares[i].started)
      pthread_join(shares[i].thread, nullptr);
    else
      loop.run(loop.loop, shares[i].worker);
  }
#else
  std::vector<std::thread> threads(others);
  for (std::size_t i = 0; i < others; ++i) threads[i] = std::thread(loop.run, loop.loop, static_cast<int>(i) + 1);
  loop.run(loop.loop, 0);
  for (std::thread& thread : threads) thread.join();
#endif
}

}  // namespace detail
#endif

/// Calls body(task, worker) for every task in [0, tasks), on up to `threads` threads (256 at most); worker is in [0,
/// threads) and two calls that run at the same time have different workers. Tasks are handed out as threads become
/// free. Requires a body that does not throw.
template <class Body>
void parallel_for(Index tasks, int threads, Body&& body) {
  const int workers =
      static_cast<int>(std::clamp<Index>(std::min(threads, most_workers), 1, std::max<Index>(tasks, 1)));
  if (workers == 1) {
    for (Index task = 0; task < tasks; ++task) body(task, 0);
    return;
  }
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 1) num_threads(workers)
  for (Index task = 0; task < tasks; ++task) body(task, omp_get_thread_num());
#else
  auto share = [&](int worker) {
    for (Index task = worker; task < tasks; task += workers) body(task, worker);
  };
  detail::run_workers({[](void* loop, int worker) { (*static_cast<decltype(share)*>(loop))(worker); }, &share},
                      workers);
#endif
}

}  // namespace systolic
