#include "systolic/nn/branches.hpp"

#include <doctest/doctest.h>

#include "systolic/core/formula.hpp"

using namespace systolic;

namespace {

/// x times a factor, with scratch memory as layers have it.
auto times(const nn::Sequence<float>& x, float factor) {
  return [=](Workspace& workspace) {
    workspace.allocate<float>(1000);
    const auto y = nn::copy(x, workspace);
    for (Index i = 0; i < y.batch * y.batch_stride(); ++i) y.data[i] *= factor;
    return y;
  };
}

}  // namespace

TEST_CASE("branches give their own results, for any number of threads") {
  auto x = formula_tensor("x", {2, 30, 4});
  const auto input = nn::as_sequence<float>(x.view());
  for (const int threads : {1, 2, 3, 4}) {
    CAPTURE(threads);
    Workspace workspace(threads);
    const auto [one, two, three] = nn::run_branches(workspace, times(input, 1), times(input, 2), times(input, 3));
    for (Index i = 0; i < x.size(); ++i) {
      CHECK(one.data[i] == x.data()[i]);
      CHECK(two.data[i] == 2 * x.data()[i]);
      CHECK(three.data[i] == 3 * x.data()[i]);
    }
  }
}

TEST_CASE("branches leave the workers' memory as they found it") {
  auto x = formula_tensor("x", {2, 30, 4});
  const auto input = nn::as_sequence<float>(x.view());
  Workspace workspace(2);
  const auto run = [&] {
    const Workspace::Scope scope(workspace);
    nn::run_branches(workspace, times(input, 1), times(input, 2));
  };
  run();
  run();
  const std::size_t held = workspace.capacity();
  for (int i = 0; i < 20; ++i) run();
  CHECK(workspace.capacity() == held);
}
