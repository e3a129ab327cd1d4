#include "systolic/kernels/row_product.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "support/row_product_cases.hpp"
#include "systolic/core/formula.hpp"

using namespace systolic;
using simd::Isa;

namespace {

/// The kernels of the instruction sets that this machine has.
std::vector<kernels::RowProductKernel> all_kernels() {
  std::vector<kernels::RowProductKernel> found;
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512})
    if (isa <= simd::hardware_isa()) found.push_back(kernels::row_product_kernel(isa));
  return found;
}

/// A plain product [rows][depth] x [depth][columns] of formula numbers, on `threads` threads.
Tensor<float> formula_product(const kernels::RowProductKernel& kernel, Index rows, Index depth, Index columns,
                              int threads) {
  const Tensor<float> x = formula_tensor("x", {rows, depth}), w = formula_tensor("w", {depth, columns});
  AlignedVector<float> packed(
      static_cast<std::size_t>(kernels::PackedMatrix::packed_size(depth, columns, kernel.panel)));
  Tensor<float> y({rows, columns});
  kernels::RowProduct product;
  product.x = x.data();
  product.x_stride = depth;
  product.rows = rows;
  product.weights = kernels::pack(w.data(), columns, 1, depth, columns, kernel.panel, packed.data());
  product.y = y.data();
  product.y_stride = columns;
  kernels::row_product(kernel, product, threads);
  return y;
}

}  // namespace

TEST_CASE("300 products of random shape equal the plain loops on every instruction set") {
  for (const kernels::RowProductKernel& kernel : all_kernels()) testing::check_random_cases(kernel, 300);
}

TEST_CASE("every height and width of a tile") {
  for (const kernels::RowProductKernel& kernel : all_kernels())
    for (Index rows = 1; rows <= 33; ++rows)
      for (const Index columns : {Index{1}, kernel.panel / 2, kernel.panel / 2 + 1, kernel.panel, kernel.panel + 3}) {
        const testing::RowProductCase c{rows, 5, columns, 1, 5, 0, 0, true, false, 1};
        CAPTURE(kernel.name);
        CAPTURE(rows);
        CAPTURE(columns);
        REQUIRE(testing::run_case(c, 7, kernel, 1) == testing::expect_case(c, 7));
      }
}

TEST_CASE("rows whose elements lie apart: the transpose of the left matrix, without a copy") {
  for (const kernels::RowProductKernel& kernel : all_kernels()) {
    CAPTURE(kernel.name);
    const Index rows = 17, depth = 700, columns = 21;  // more than one block of the depth
    testing::WholeNumbers next(3);
    const std::vector<float> x = next.many(depth * rows), w = next.many(depth * columns);
    std::vector<float> transposed(x.size()), y(static_cast<std::size_t>(rows * columns)), expected = y;
    for (Index k = 0; k < depth; ++k)
      for (Index r = 0; r < rows; ++r)
        transposed[static_cast<std::size_t>(r * depth + k)] = x[static_cast<std::size_t>(k * rows + r)];
    kernels::row_product_reference<float>(transposed.data(), depth, rows, w.data(), depth, columns, nullptr,
                                          expected.data());
    std::vector<float> packed(
        static_cast<std::size_t>(kernels::PackedMatrix::packed_size(depth, columns, kernel.panel)));
    kernels::RowProduct product;
    product.x = x.data();
    product.x_stride = 1;
    product.x_depth_stride = rows;
    product.rows = rows;
    product.weights = kernels::pack(w.data(), columns, 1, depth, columns, kernel.panel, packed.data());
    product.y = y.data();
    product.y_stride = columns;
    kernels::row_product(kernel, product);
    CHECK(y == expected);
  }
}

TEST_CASE("rounding errors stay near those of one addition a term") {
  for (const kernels::RowProductKernel& kernel : all_kernels()) {
    CAPTURE(kernel.name);
    const Index rows = 9, depth = 2000, columns = 40;
    const Tensor<float> y = formula_product(kernel, rows, depth, columns, 1);
    const Tensor<double> x = formula_tensor<double>("x", {rows, depth});
    const Tensor<double> w = formula_tensor<double>("w", {depth, columns});
    Tensor<double> expected({rows, columns});
    kernels::row_product_reference<double>(x.data(), depth, rows, w.data(), depth, columns, nullptr, expected.data());
    double worst = 0;
    for (Index i = 0; i < y.size(); ++i)
      worst = std::max(worst, std::abs(static_cast<double>(y.data()[i]) - expected.data()[i]));
    CHECK(worst < 3e-5);  // sums are about 15 in size
  }
}

TEST_CASE("results are the same bits for any number of threads") {
  for (const kernels::RowProductKernel& kernel : all_kernels())
    for (const Index columns : {12, 150}) {
      CAPTURE(kernel.name);
      CAPTURE(columns);
      const Tensor<float> one = formula_product(kernel, 101, 300, columns, 1);
      for (const int threads : {2, 5}) {
        const Tensor<float> many = formula_product(kernel, 101, 300, columns, threads);
        REQUIRE(std::equal(one.begin(), one.end(), many.begin()));
      }
    }
}

TEST_CASE("a product without rows, columns or batch items leaves y alone") {
  float y = 5;
  kernels::RowProduct product;
  product.y = &y;
  kernels::row_product(product);
  product.weights = {3, 0, kernels::row_product_panel(), nullptr};
  product.rows = 1;
  kernels::row_product(product);
  CHECK(y == 5);
}

TEST_CASE("a kernel's name says tile and instruction set") {
  CHECK(std::string(kernels::row_product_kernel(Isa::baseline).name) == "row_product_6x2_f32_baseline");
  const kernels::RowProductKernel& best = kernels::row_product_kernel(simd::hardware_isa());
  CHECK(std::string(best.name).find(simd::isa_name(simd::hardware_isa())) != std::string::npos);
}

TEST_CASE("an instruction set that the machine lacks is replaced by the baseline") {
  for (const Isa isa : {Isa::avx2, Isa::avx512}) {
    const bool present = isa <= simd::hardware_isa();
    CHECK((kernels::row_product_kernel(isa).name != kernels::row_product_kernel(Isa::baseline).name) == present);
  }
}
