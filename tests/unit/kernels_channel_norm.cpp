#include "systolic/kernels/channel_norm.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "systolic/core/formula.hpp"

using namespace systolic;

namespace {

constexpr Index rows = 71;

double worst(const Tensor<float>& a, const Tensor<float>& b) {
  double largest = 0;
  for (Index i = 0; i < a.size(); ++i)
    largest = std::max(largest, static_cast<double>(std::abs(a.data()[i] - b.data()[i])));
  return largest;
}

}  // namespace

TEST_CASE("every instruction set computes what the reference does") {
  for (const simd::Isa isa : {simd::Isa::baseline, simd::Isa::avx2, simd::Isa::avx512}) {
    if (isa > simd::hardware_isa()) continue;
    for (const Index channels : {3, 8, 12, 48}) {
      CAPTURE(simd::isa_name(isa));
      CAPTURE(channels);
      const auto& kernel = kernels::channel_norm_kernel(channels, isa);
      const auto x = formula_tensor("x", {rows, channels}), z = formula_tensor("z", {rows, channels}),
                 dz = formula_tensor("dz", {rows, channels}), mean = formula_tensor("mean", {channels}),
                 scale = formula_tensor("scale", {channels}), shift = formula_tensor("shift", {channels}),
                 factor = formula_tensor("factor", {channels}), offset = formula_tensor("offset", {channels});
      const kernels::Leaked<float> leaked{scale.data(), shift.data(), 0.2f};
      auto fast = formula_tensor("sums", {channels}), naive = fast, fast_more = fast, naive_more = fast;
      kernel.sums(x.data(), rows, channels, fast.data());
      kernels::add_channel_sums_reference(x.data(), rows, channels, naive.data());
      CHECK(worst(fast, naive) < 1e-5);
      kernel.squares(x.data(), rows, channels, mean.data(), fast.data());
      kernels::add_channel_squares_reference(x.data(), rows, channels, mean.data(), naive.data());
      CHECK(worst(fast, naive) < 2e-4);
      kernel.gradient_sums(x.data(), dz.data(), rows, channels, leaked, mean.data(), fast.data(), fast_more.data());
      kernels::add_norm_gradient_sums_reference(x.data(), dz.data(), rows, channels, leaked, mean.data(), naive.data(),
                                                naive_more.data());
      CHECK(worst(fast, naive) < 2e-4);
      CHECK(worst(fast_more, naive_more) < 2e-4);
      Tensor<float> y({rows, channels}), expected({rows, channels});
      kernel.scale_shift_leak(x.data(), rows, channels, scale.data(), shift.data(), 0.2f, y.data());
      kernels::scale_shift_leak_reference(x.data(), rows, channels, scale.data(), shift.data(), 0.2f, expected.data());
      CHECK(worst(y, expected) < 1e-6);
      y = expected = dz;
      kernel.input_gradient(x.data(), y.data(), rows, channels, leaked, factor.data(), offset.data());
      kernels::norm_input_gradient_reference(x.data(), expected.data(), rows, channels, leaked, factor.data(),
                                             offset.data());
      CHECK(worst(y, expected) < 1e-6);
      fast = naive = formula_tensor("sums", {channels});
      y = expected = dz;
      kernel.leak_gradient(z.data(), y.data(), rows, channels, 0.2f, fast.data());
      kernels::leak_gradient_reference(z.data(), expected.data(), rows, channels, 0.2f, naive.data());
      CHECK(worst(y, expected) == 0);
      CHECK(worst(fast, naive) < 1e-5);
    }
  }
}
