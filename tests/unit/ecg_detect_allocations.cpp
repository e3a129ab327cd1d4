// What runs once a window must not ask for memory: every operator new of this program is counted.

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "support/formula_model.hpp"
#include "systolic/ecg/restoration_pass.hpp"
#include "systolic/signal/gaussian.hpp"

namespace {

std::atomic<long> allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  if (void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new[](std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace systolic;

namespace {

const Restoration<float>& model() {
  static const Restoration<float> made = [] {
    auto narrow = testing::formula_model<float>({.hidden = 8, .width = 4, .attributes = true});
    narrow.prepare();
    return narrow;
  }();
  return made;
}

/// How often `work` asks for memory after it ran once.
template <class Work>
long allocations_of(const Work& work) {
  work();
  const long before = allocations;
  work();
  return allocations - before;
}

}  // namespace

TEST_CASE("the counter counts") {
  const float* volatile place;
  CHECK(allocations_of([&] {
          const Tensor<float> made({100});
          place = made.data();
        }) == 1);
}

TEST_CASE("a forward pass allocates nothing after the first") {
  for (const Index batch : {1, 3, 9})
    for (const int threads : {1, 2}) {
      CAPTURE(batch);
      CAPTURE(threads);
      const auto global = formula_tensor("g", {batch, 4800, 12}), local = formula_tensor("l", {batch, 480, 12});
      const auto view = [&](const Tensor<float>& x) {
        return nn::Sequence<float>{const_cast<float*>(x.data()), batch, x.shape()[1], 12, 0};
      };
      Workspace workspace(threads);
      CHECK(allocations_of([&] {
              Workspace::Scope scope(workspace);
              model()(view(global), view(local), view(global), workspace);
            }) == 0);
    }
}

TEST_CASE("the network's part of a detection allocates nothing after the first window") {
  Preprocessed record;
  record.denoised = formula_tensor<double>("x", {window_length, 12});
  record.r_peaks = record.beats = {400, 1200, 2000, 2800, 3600};
  const auto global = global_signal(record, Normalization::none), trend = trend_signal(record, Normalization::none);
  const std::vector<float> lead_weight(12, 1.0f);
  const std::vector<std::uint8_t> phases = global_phases(record.r_peaks);
  for (const bool features : {false, true})
    for (const int threads : {1, 2}) {
      CAPTURE(features);
      CAPTURE(threads);
      const std::vector<BeatTask> tasks = plan_beats(record.beats, 2, true, features);
      const RestorationQuestion question{record, global, trend, tasks, lead_weight, phases};
      Tensor<double> scores(Shape{static_cast<Index>(tasks.size())});
      Tensor<float> map({global_length, 12}), residual({global_length, 12});
      Tensor<float> latent(Shape{latent_feature_count(model().options)});
      RestorationAnswer answer{scores, map, residual, {}, {}};
      if (features) answer.latent = latent;
      Workspace workspace(threads);
      CHECK(allocations_of([&] {
              RestorationPass(model(), question).run(answer, workspace);
              signal::gaussian_smooth(map.view(), 15.0, workspace);
            }) == 0);
      CHECK(scores(0) > 0);
    }
}
