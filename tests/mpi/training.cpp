// Started by mpirun: the processes' common training against that of one process with the whole batch.

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/files.hpp"
#include "support/training.hpp"
#include "systolic/train/mpi.hpp"

using namespace systolic;
using namespace systolic::train;

namespace {

MpiCollective* job = nullptr;

/// The losses of three steps. Batches of 5, which no number of processes divides, and one of 1, of which most
/// processes get nothing.
std::vector<double> train_steps(RestorationTrainer& trainer, const ExampleCache& cache, int rank, int processes) {
  const Recipe recipe = testing::small_recipe();
  const AttributeScale scale = measure_attributes(cache);
  std::vector<double> losses;
  for (const std::vector<Index>& chosen : {std::vector<Index>{0, 1, 2, 3, 5}, {4}, {5, 4, 3, 2, 1}}) {
    const Batch batch = make_batch(cache, chosen, scale, recipe, trainer.steps(), 1, rank, processes);
    losses.push_back(trainer.step(batch, 1e-3).total);
  }
  return losses;
}

}  // namespace

TEST_CASE("several processes train as one would") {
  const testing::TemporaryFolder folder;
  const ExampleCache cache = testing::write_examples(folder.path("cache"));
  RestorationTrainer shared(testing::small_recipe(), 1, job);
  const auto together = train_steps(shared, cache, job->rank(), job->size());
  RestorationTrainer single(testing::small_recipe(), 1);
  const auto alone = train_steps(single, cache, 0, 1);
  REQUIRE(together.size() == 3);
  for (std::size_t i = 0; i < together.size(); ++i) {
    CAPTURE(i);
    CHECK(together[i] == doctest::Approx(alone[i]).epsilon(1e-5));
  }

  // All processes hold the same weights: their sum is the number of processes times each one's own.
  const nn::StateDict weights = shared.weights();
  std::vector<double> sums;
  for (const nn::NamedTensor& entry : weights.tensors) {
    double sum = 0;
    for (const float value : entry.tensor) sum += std::abs(static_cast<double>(value));
    sums.push_back(sum);
  }
  std::vector<double> total = sums;
  job->sum(total.data(), static_cast<Index>(total.size()));
  for (std::size_t i = 0; i < sums.size(); ++i) {
    CAPTURE(weights.tensors[i].name);
    CHECK(total[i] == doctest::Approx(sums[i] * job->size()).epsilon(1e-12));
  }
}

int main(int argc, char** argv) {
  MpiCollective collective;
  job = &collective;
  doctest::Context context(argc, argv);
  double failed = context.run() == 0 ? 0 : 1;
  collective.sum(&failed, 1);
  return failed > 0 ? 1 : 0;
}
