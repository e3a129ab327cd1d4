#pragma once
// Sums over the processes of an MPI job. A file that includes this needs the component systolic::mpi; everything else
// in training knows only grad::Collective.

// The C interface is all that is used; the C++ bindings that some versions bring do not compile without warnings.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <algorithm>
#include <cstdlib>

#include "systolic/grad/shard.hpp"

namespace systolic::train {

/// All processes that mpirun started. One object a program, made before and destroyed after all use; a program that
/// was started without mpirun is a job of one process.
/// Only the thread that made it may call it.
class MpiCollective final : public grad::Collective {
 public:
  template <class = void>
  MpiCollective() {
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }
  ~MpiCollective() override { MPI_Finalize(); }
  MpiCollective(const MpiCollective&) = delete;
  MpiCollective& operator=(const MpiCollective&) = delete;

  int rank() const noexcept override { return rank_; }
  int size() const noexcept override { return size_; }
  void sum(double* values, Index count) override { sum_all(values, count, MPI_DOUBLE); }
  void sum(float* values, Index count) override { sum_all(values, count, MPI_FLOAT); }

  /// Waits for all processes.
  void wait() { MPI_Barrier(MPI_COMM_WORLD); }
  /// Ends all processes at once: one has failed, and the others would wait for it for ever.
  [[noreturn]] void abort(int status) {
    MPI_Abort(MPI_COMM_WORLD, status);
    std::abort();
  }

 private:
  template <class T>
  void sum_all(T* values, Index count, MPI_Datatype type) {
    if (size_ == 1) return;
    constexpr Index most = Index{1} << 28;  // MPI counts with int
    for (Index first = 0; first < count; first += most)
      MPI_Allreduce(MPI_IN_PLACE, values + first, static_cast<int>(std::min(most, count - first)), type, MPI_SUM,
                    MPI_COMM_WORLD);
  }

  int rank_ = 0, size_ = 1;
};

}  // namespace systolic::train
