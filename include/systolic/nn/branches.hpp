#pragma once
// Branches of a network that do not see each other.

#include <array>

#include "systolic/core/parallel.hpp"
#include "systolic/nn/sequence_operations.hpp"

namespace systolic::nn {

/// {first(context), others(context)...}, one after the other.
template <class Context, class First, class... Others>
auto run_branches(Context& context, const First& first, const Others&... others) {
  // Within braces the order is that of the arguments.
  return std::array{first(context), others(context)...};
}

/// In inference, where there are two or three threads, one takes the first branch and another the others: waiting for
/// each other once costs less than waiting after every layer. (More threads do better by sharing the layers.) The
/// results are sequences, in the workspace; they do not depend on the threads.
template <class First, class... Others>
auto run_branches(Workspace& workspace, const First& first, const Others&... others) {
  using Result = decltype(first(workspace));
  if (workspace.threads() < 2 || workspace.threads() > 3)
    return std::array<Result, 1 + sizeof...(others)>{first(workspace), others(workspace)...};
  Workspace &here = workspace.worker(0), &there = workspace.worker(1);
  const Workspace::Scope here_scope(here), there_scope(there);
  std::array<Result, 1 + sizeof...(others)> results;
  parallel_for(2, 2, [&](Index side, int) {
    std::size_t next = 1;
    if (side == 0)
      results[0] = first(here);
    else
      ((results[next++] = others(there)), ...);
  });
  for (Result& result : results) result = copy(result, workspace);
  return results;
}

}  // namespace systolic::nn
