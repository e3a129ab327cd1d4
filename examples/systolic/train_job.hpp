#pragma once
// One training on several machines, where the program was built with MPI.

#include <cstdlib>
#include <optional>

#include "options.hpp"
#include "systolic/grad/shard.hpp"
#ifdef SYSTOLIC_WITH_MPI
#include "systolic/train/mpi.hpp"
#endif

namespace program {

/// The processes that train together; one, unless mpirun started this program and it was built with MPI.
class Job {
 public:
  Job() {
#ifdef SYSTOLIC_WITH_MPI
    for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_NTASKS"})
      if (std::getenv(name) != nullptr && !mpi_) mpi_.emplace();
#endif
  }
  int rank() const { return collective() == nullptr ? 0 : collective()->rank(); }
  int size() const { return collective() == nullptr ? 1 : collective()->size(); }
  bool leads() const { return rank() == 0; }
  systolic::grad::Collective* collective() const {
#ifdef SYSTOLIC_WITH_MPI
    if (mpi_) return &*mpi_;
#endif
    return nullptr;
  }
  /// Whether `flag` is set in any process.
  bool any(bool flag) const {
    double sum = flag ? 1 : 0;
    if (collective() != nullptr) collective()->sum(&sum, 1);
    return sum > 0;
  }
  /// The exit status of a process that ends early, after the error was printed: the others would wait for it.
  int end(int status) const {
#ifdef SYSTOLIC_WITH_MPI
    if (mpi_ && mpi_->size() > 1 && status != exit_done) mpi_->abort(status);
#endif
    return status;
  }

 private:
#ifdef SYSTOLIC_WITH_MPI
  mutable std::optional<systolic::train::MpiCollective> mpi_;
#endif
};

}  // namespace program
