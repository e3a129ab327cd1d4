#pragma once
// Mixing of the nodes of a graph (the "spiral" layer of EchoGraphs, Thomas et al. 2022): every node's features and
// those of its neighbours, in the order of a table, go through one linear layer that all nodes share.

#include <string>
#include <vector>

#include "systolic/nn/linear.hpp"

namespace systolic::nn {

/// The neighbours of each node, itself first: [nodes][neighbours].
struct GraphTable {
  Index nodes = 0, neighbours = 0;
  std::vector<Index> entries;

  Index operator()(Index node, Index k) const noexcept {
    return entries[static_cast<std::size_t>(node * neighbours + k)];
  }
};

/// Every node sees every other: row i is i, 0, 1, ... without i.
template <class = void>
inline GraphTable complete_graph(Index nodes) {
  GraphTable table{nodes, nodes, {}};
  for (Index i = 0; i < nodes; ++i) {
    table.entries.push_back(i);
    for (Index j = 0; j < nodes; ++j)
      if (j != i) table.entries.push_back(j);
  }
  return table;
}

/// Two frames of `nodes` nodes, those of the second after those of the first: a node sees all of its own frame, itself
/// first, then the same node of the other frame.
template <class = void>
inline GraphTable temporal_graph(Index nodes) {
  GraphTable table{2 * nodes, nodes + 1, {}};
  for (Index i = 0; i < 2 * nodes; ++i) {
    const Index frame = i / nodes * nodes;
    table.entries.push_back(i);
    for (Index j = frame; j < frame + nodes; ++j)
      if (j != i) table.entries.push_back(j);
    table.entries.push_back(frame == 0 ? i + nodes : i - nodes);
  }
  return table;
}

template <class T>
struct GraphMixing {
  GraphTable table;
  Linear<T> layer;  ///< [out][neighbours * in]

  GraphMixing(GraphTable graph, Index in, Index out) : table(std::move(graph)), layer(table.neighbours * in, out) {}
  Index in() const noexcept { return layer.in() / table.neighbours; }

  /// The features that a node's output is made of, side by side: x [batch][nodes][in] -> [batch][nodes][neighbours in].
  Sequence<T> gather(Sequence<const T> x, Workspace& workspace) const {
    assert(x.length == table.nodes && x.channels == in());
    const Sequence<T> y = make_sequence<T>(workspace, x.batch, x.length, layer.in());
    for (Index b = 0; b < x.batch; ++b)
      for (Index i = 0; i < table.nodes; ++i)
        for (Index k = 0; k < table.neighbours; ++k)
          std::copy_n(x.item(b) + table(i, k) * x.channels, x.channels, y.item(b) + i * y.channels + k * x.channels);
    return y;
  }
  /// The adjoint: adds dy, of the shape that gather gives, to dx.
  void scatter(Sequence<const T> dy, Sequence<T> dx) const {
    for (Index b = 0; b < dx.batch; ++b)
      for (Index i = 0; i < table.nodes; ++i)
        for (Index k = 0; k < table.neighbours; ++k)
          for (Index c = 0; c < dx.channels; ++c)
            dx.item(b)[table(i, k) * dx.channels + c] += dy.item(b)[i * dy.channels + k * dx.channels + c];
  }
};

/// One row of features an item as those of its nodes, [batch][1][nodes * channels] -> [batch][nodes][channels]: the
/// same numbers.
template <class T>
Sequence<T> as_nodes(Sequence<T> x, Index nodes, Workspace&) noexcept {
  assert(x.length == 1 && x.margin == 0 && x.channels % nodes == 0);
  return {x.data, x.batch, nodes, x.channels / nodes, 0};
}

/// Inference: x [batch][nodes][in] -> [batch][nodes][out].
template <class T>
Sequence<T> apply(const GraphMixing<T>& mixing, std::type_identity_t<Sequence<const T>> x, Workspace& workspace) {
  return apply(mixing.layer, mixing.gather(x, workspace), Activation{}, workspace);
}

template <class T, class Visitor>
void visit_parameters(GraphMixing<T>& mixing, const std::string& prefix, Visitor&& visitor) {
  visit_parameters(mixing.layer, prefix + ".layer", visitor);
}

}  // namespace systolic::nn
