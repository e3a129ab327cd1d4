#pragma once
// Reverse mode, one node an operation on whole tensors. While a model runs on Variables, every operation computes its
// result and notes how to pass a gradient back; backward() then walks the notes from the last to the first.

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "systolic/core/random.hpp"
#include "systolic/grad/parameters.hpp"
#include "systolic/grad/shard.hpp"
#include "systolic/nn/sequence.hpp"

namespace systolic::grad {

/// A value on a tape: its numbers, and its place there.
template <class T>
struct Variable {
  nn::Sequence<T> value;
  std::size_t node = 0;
};

/// What one training step records. Values and gradients live in an arena that clear() empties, so that the second step
/// allocates nothing.
template <class T>
class Tape {
 public:
  explicit Tape(Parameters<T>& parameters, int threads = 1) : parameters_(parameters), workspace_(threads) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  Workspace& workspace() noexcept { return workspace_; }
  int threads() const noexcept { return workspace_.threads(); }
  /// Increased by every clear(): what was derived from the weights of an earlier step is stale.
  std::size_t step() const noexcept { return step_; }

  /// A value that comes from outside and is not trained. Its memory stays the caller's until clear().
  Variable<T> input(nn::Sequence<const T> value) {
    nodes_.push_back({{}, {}, false});
    // An input is only read; the view is mutable because results of operations share its type.
    return {{const_cast<T*>(value.data), value.batch, value.length, value.channels, value.margin}, nodes_.size() - 1};
  }
  /// The same, but its gradient is wanted.
  Variable<T> leaf(nn::Sequence<const T> value) {
    Variable<T> result = input(value);
    nodes_.back().wanted = true;
    return result;
  }

  /// Notes an operation: `value` is its result, in the workspace; backward(dy) adds to the gradients of what it was
  /// computed from, given the gradient dy of the value (margin 0).
  template <class Backward>
  Variable<T> record(nn::Sequence<T> value, Backward backward) {
    nodes_.push_back({std::move(backward), {}, true});
    return {value, nodes_.size() - 1};
  }

  bool wanted(const Variable<T>& x) const noexcept { return nodes_[x.node].wanted; }

  /// The gradient of x, margin 0; zero until something is added.
  nn::Sequence<T> gradient(const Variable<T>& x) {
    nn::Sequence<T>& gradient = nodes_[x.node].gradient;
    if (gradient.data == nullptr) {
      gradient = nn::make_sequence<T>(workspace_, x.value.batch, x.value.length, x.value.channels);
      std::fill_n(gradient.data, gradient.batch * gradient.batch_stride(), T(0));
    }
    return gradient;
  }

  /// A gradient to be written: as gradient(), but where nothing was added yet the numbers are whatever they are.
  struct Destination {
    nn::Sequence<T> gradient;
    bool fresh;  ///< to be overwritten, every number; else to be added to
  };
  Destination destination(const Variable<T>& x) {
    nn::Sequence<T>& gradient = nodes_[x.node].gradient;
    const bool fresh = gradient.data == nullptr;
    if (fresh) gradient = nn::make_sequence<T>(workspace_, x.value.batch, x.value.length, x.value.channels);
    return {gradient, fresh};
  }
  /// Adds the finished gradient dx of x, whose memory may become the gradient of x: nobody may use it afterwards.
  /// Requires memory of the tape's workspace without margin.
  void pass(const Variable<T>& x, nn::Sequence<T> dx) {
    nn::Sequence<T>& gradient = nodes_[x.node].gradient;
    const Index count = dx.batch * dx.batch_stride();
    assert(dx.margin == 0 && count == x.value.batch * x.value.length * x.value.channels);
    if (gradient.data == nullptr)
      gradient = {dx.data, x.value.batch, x.value.length, x.value.channels, 0};
    else
      for (Index i = 0; i < count; ++i) gradient.data[i] += dx.data[i];
  }

  /// The gradient of a tensor of the model, or nullptr where it is not trained.
  T* parameter_gradient(const Tensor<T>& tensor) noexcept {
    Parameter<T>* parameter = parameters_.find(tensor);
    return parameter != nullptr && parameter->trained ? parameter->gradient.data() : nullptr;
  }
  /// The tensor itself, to be changed: running statistics. nullptr where it is none of the model's.
  T* parameter_value(const Tensor<T>& tensor) noexcept {
    Parameter<T>* parameter = parameters_.find(tensor);
    return parameter != nullptr ? parameter->value->data() : nullptr;
  }

  /// Adds d y / d (everything) to all gradients, given dy for every element of y: `seed` [batch][time][channels].
  void backward(const Variable<T>& y, TensorView<const T> seed) {
    const nn::Sequence<T> dy = gradient(y);
    assert(seed.size() == dy.batch * dy.batch_stride());
    for (Index i = 0; i < seed.size(); ++i) dy.data[i] += seed.data()[i];
    for (std::size_t node = y.node + 1; node-- > 0;) {
      Node& current = nodes_[node];
      if (current.backward && current.gradient.data != nullptr) current.backward(current.gradient);
    }
  }

  /// The step's source of chance; nullptr (the default) switches off what is random in training, such as dropout.
  void set_random(Random* random) noexcept { random_ = random; }
  Random* random() const noexcept { return random_; }

  /// Object(source, length), made at the first call for these and living as long as the tape: what an operation derives
  /// from the weights of `source` anew in every step, in the same memory.
  template <class Object, class Source>
  Object& kept(const Source& source, Index length) {
    std::shared_ptr<void>& object = kept_[{&source, length}];
    if (object == nullptr) object = std::make_shared<Object>(source, length);
    return *static_cast<Object*>(object.get());
  }

  /// Which part of the batch this tape sees; all of it unless set.
  void set_shard(const Shard& shard) noexcept { shard_ = shard; }
  const Shard& shard() const noexcept { return shard_; }

  /// Forgets the step. Views of its values are dead then; gradients of the parameters stay.
  void clear() {
    nodes_.clear();
    scope_.reset();
    scope_ = std::make_unique<Workspace::Scope>(workspace_);
    ++step_;
  }

 private:
  struct Node {
    std::function<void(nn::Sequence<T>)> backward;
    nn::Sequence<T> gradient;
    bool wanted;
  };

  Parameters<T>& parameters_;
  Workspace workspace_;
  std::vector<Node> nodes_;
  std::unique_ptr<Workspace::Scope> scope_ = std::make_unique<Workspace::Scope>(workspace_);
  std::size_t step_ = 0;
  std::map<std::pair<const void*, Index>, std::shared_ptr<void>> kept_;
  Random* random_ = nullptr;
  Shard shard_;
};

}  // namespace systolic::grad
