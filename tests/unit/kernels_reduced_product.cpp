#include "systolic/kernels/reduced_product.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "systolic/core/formula.hpp"

using namespace systolic;
using namespace systolic::kernels;

namespace {

struct Case {
  Index rows, depth, columns, batch, stride;
  bool bias, initial;
  float slope;
};

constexpr Case cases[] = {{1, 48, 13, 1, 48, true, false, 1.0f},   {33, 128, 32, 2, 64, false, true, 0.2f},
                          {31, 750, 50, 1, 50, true, false, 0.0f}, {70, 1024, 70, 1, 512, true, false, 0.2f},
                          {150, 6, 5, 3, 2, false, false, 1.0f},   {15, 64, 16, 2, 64, true, false, 0.0f}};

struct Output {
  std::vector<float> y;      // gaps hold 99
  std::vector<float> exact;  // of the rounded numbers, in double
};

/// The product of numbers that `precision` can hold, by `kernel` and by plain loops.
Output run(const Case& c, const ReducedKernel& kernel, int threads) {
  const bool bf16 = kernel.precision == Precision::bf16;
  const Index item = (c.rows - 1) * c.stride + c.depth, y_stride = c.columns + 3;
  const Tensor<float> x = formula_tensor("x", {c.batch, item}), w = formula_tensor("w", {c.depth, c.columns});
  const Tensor<float> bias = formula_tensor("b", {c.columns}), initial = formula_tensor("i", {c.rows, y_stride});
  std::vector<float> scales;
  std::vector<std::uint8_t> numbers(
      static_cast<std::size_t>(c.batch * item * 2 + reduced_slack(c.stride, kernel.precision)));
  for (Index b = 0; b < c.batch; ++b) {
    const float* from = x.data() + b * item;
    scales.push_back(largest_magnitude(from, item) / 127);
    if (bf16)
      to_bfloat16(from, item, reinterpret_cast<std::uint16_t*>(numbers.data()) + b * item);
    else
      to_bytes(from, item, scales.back(), numbers.data() + b * item);
  }
  const ReducedWeights weights(kernel.precision, c.depth, c.columns, [&](Index k, Index n) { return w(k, n); });
  Output out;
  out.y.assign(static_cast<std::size_t>(c.batch * c.rows * y_stride), 99.0f);
  out.exact = out.y;
  ReducedProduct product;
  product.x = numbers.data();
  product.x_stride = c.stride;
  product.x_batch_stride = item;
  product.x_scales = scales.data();
  product.batch = c.batch;
  product.rows = c.rows;
  product.weights = &weights;
  product.bias = c.bias ? bias.data() : nullptr;
  product.initial = c.initial ? initial.data() : nullptr;
  product.slope = c.slope;
  product.y = out.y.data();
  product.y_stride = y_stride;
  product.y_batch_stride = c.rows * y_stride;
  reduced_product(kernel, product, threads);

  for (Index n = 0; n < c.columns; ++n) {
    float most = 0;
    for (Index k = 0; k < c.depth; ++k) most = std::max(most, std::abs(w(k, n)));
    for (Index b = 0; b < c.batch; ++b)
      for (Index r = 0; r < c.rows; ++r) {
        double sum = c.bias ? static_cast<double>(bias(n)) : c.initial ? static_cast<double>(initial(r, n)) : 0;
        const float scale = scales[static_cast<std::size_t>(b)];
        for (Index k = 0; k < c.depth; ++k) {
          const float value = x(b, r * c.stride + k), weight = w(k, n);
          const double a =
              bf16 ? static_cast<double>(float_from_bfloat16(bfloat16_from_float(value)))
                   : static_cast<double>(byte_from_float(value, 1 / scale) - 128) * static_cast<double>(scale);
          const double q =
              bf16 ? static_cast<double>(float_from_bfloat16(bfloat16_from_float(weight)))
                   : std::round(static_cast<double>(weight / (most / 127))) * static_cast<double>(most / 127);
          sum += a * q;
        }
        out.exact[static_cast<std::size_t>((b * c.rows + r) * y_stride + n)] =
            static_cast<float>(sum > 0 ? sum : sum * static_cast<double>(c.slope));
      }
  }
  return out;
}

double worst(const std::vector<float>& a, const std::vector<float>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return most;
}

}  // namespace

TEST_CASE("every kernel computes the product of the rounded numbers, for any number of threads") {
  for (const Precision precision : {Precision::bf16, Precision::int8}) {
    const auto kernels = reduced_kernels(precision);
    for (const Case& c : cases) {
      CAPTURE(precision_name(precision));
      CAPTURE(c.depth);
      const Output first = run(c, kernels.front(), 1);
      for (const ReducedKernel& kernel : kernels) {
        CAPTURE(kernel.name);
        const Output one = run(c, kernel, 1);
        CHECK(worst(one.y, one.exact) < 2e-5);
        CHECK(run(c, kernel, 3).y == one.y);
        if (precision == Precision::int8) CHECK(one.y == first.y);  // whole numbers: no rounding to differ in
      }
    }
  }
}

TEST_CASE("numbers are rounded to the nearest, ties to even") {
  CHECK(float_from_bfloat16(bfloat16_from_float(1.0f)) == 1.0f);
  CHECK(bfloat16_from_float(1.0f + 1.0f / 256) == bfloat16_from_float(1.0f));               // a tie, down
  CHECK(bfloat16_from_float(1.0f + 3.0f / 256) == bfloat16_from_float(1.0f + 4.0f / 256));  // a tie, up
  CHECK(std::isnan(float_from_bfloat16(bfloat16_from_float(std::numeric_limits<float>::quiet_NaN()))));
  CHECK(byte_from_float(0, 1) == int8_zero);
  CHECK(byte_from_float(2.5f, 1) == int8_zero + 2);
  CHECK(byte_from_float(-3.5f, 1) == int8_zero - 4);
  CHECK(byte_from_float(1e9f, 1) == int8_zero + 127);
  CHECK(byte_from_float(-1e9f, 1) == int8_zero - 127);

  const Tensor<float> x = formula_tensor("x", {1000});
  std::vector<std::uint16_t> halves(1000);
  std::vector<std::uint8_t> bytes(1000);
  float most = 0;
  for (const float value : x) most = std::max(most, std::abs(value));
  CHECK(largest_magnitude(x.data(), 1000) == most);
  to_bfloat16(x.data(), 1000, halves.data());
  to_bytes(x.data(), 1000, 0.01f, bytes.data());
  for (Index i = 0; i < 1000; ++i) {
    CHECK(halves[static_cast<std::size_t>(i)] == bfloat16_from_float(x(i)));
    CHECK(bytes[static_cast<std::size_t>(i)] == byte_from_float(x(i), 1 / 0.01f));
  }
  to_bytes(x.data(), 10, 0.0f, bytes.data());
  CHECK(bytes[3] == int8_zero);
}

TEST_CASE("the names of precisions") {
  for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8})
    CHECK(parse_precision(precision_name(precision)) == precision);
  CHECK_FALSE(parse_precision("f64"));
  CHECK(reduced_kernels(Precision::bf16).back().name == std::string("reduced_product_plain_bf16"));
}
