#pragma once
// The tensors of a model with what training needs beside each: its name, its gradient, and whether it is trained at all
// (the running statistics of batch norm are measured, not trained).

#include <string>
#include <unordered_map>
#include <vector>

#include "systolic/core/parallel.hpp"
#include "systolic/core/tensor.hpp"

namespace systolic::grad {

template <class T>
struct Parameter {
  std::string name;
  Tensor<T>* value;
  Tensor<T> gradient;
  bool trained;
};

/// All parameters of one model. Refers to the model's tensors: the model must stay where it is.
template <class T>
class Parameters {
 public:
  /// Requires visit_parameters(model, visitor). Those whose name begins with `frozen`, if that is not empty, are not
  /// trained.
  template <class Model>
  explicit Parameters(Model& model, const std::string& frozen = {}) {
    visit_parameters(model, [&](const std::string& name, Tensor<T>& tensor) {
      const bool trained = !name.ends_with(".running_mean") && !name.ends_with(".running_var") &&
                           (frozen.empty() || !name.starts_with(frozen));
      by_tensor_[&tensor] = parameters_.size();
      parameters_.push_back({name, &tensor, trained ? Tensor<T>(tensor.shape()) : Tensor<T>(), trained});
    });
  }

  /// The parameter that lives in `tensor`, or nullptr if the tensor is none of this model's.
  Parameter<T>* find(const Tensor<T>& tensor) noexcept {
    const auto found = by_tensor_.find(&tensor);
    return found == by_tensor_.end() ? nullptr : &parameters_[found->second];
  }
  std::size_t size() const noexcept { return parameters_.size(); }
  Parameter<T>& operator[](std::size_t i) noexcept { return parameters_[i]; }
  auto begin() noexcept { return parameters_.begin(); }
  auto end() noexcept { return parameters_.end(); }

  void clear_gradients(int threads = 1) noexcept {
    parallel_for(static_cast<Index>(parameters_.size()), threads, [&](Index i, int) {
      Tensor<T>& gradient = parameters_[static_cast<std::size_t>(i)].gradient;
      std::fill(gradient.begin(), gradient.end(), T(0));
    });
  }

 private:
  std::vector<Parameter<T>> parameters_;
  std::unordered_map<const Tensor<T>*, std::size_t> by_tensor_;
};

}  // namespace systolic::grad
