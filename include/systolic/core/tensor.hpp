#pragma once
// Dense arrays, last index fastest. Signals are [batch][time][channel], recordings [time][lead].

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <initializer_list>
#include <new>
#include <string>
#include <vector>

namespace systolic {

using Index = std::ptrdiff_t;

/// The extents of an array of up to five dimensions (five: a batch of image sequences with channels).
class Shape {
 public:
  static constexpr int max_rank = 5;

  Shape() = default;
  Shape(std::initializer_list<Index> extents) {
    assert(extents.size() <= max_rank);
    for (const Index extent : extents) push_back(extent);
  }

  int rank() const noexcept { return rank_; }
  Index operator[](int dimension) const noexcept {
    assert(dimension >= 0 && dimension < rank_);
    return extents_[static_cast<std::size_t>(dimension)];
  }
  void push_back(Index extent) noexcept {
    assert(rank_ < max_rank && extent >= 0);
    extents_[static_cast<std::size_t>(rank_++)] = extent;
  }
  /// Number of elements; 1 for rank 0.
  template <class = void>
  Index count() const noexcept {
    Index product = 1;
    for (int i = 0; i < rank_; ++i) product *= (*this)[i];
    return product;
  }
  /// "[4800, 12]", for messages.
  template <class = void>
  [[gnu::noinline, gnu::cold]] std::string text() const {
    std::string result = "[";
    for (int i = 0; i < rank_; ++i) result += (i ? ", " : "") + std::to_string((*this)[i]);
    return result + "]";
  }
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::array<Index, max_rank> extents_{};
  int rank_ = 0;
};

/// Allocates at 64-byte boundaries (one cache line, one AVX-512 register).
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) noexcept {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), alignment)); }
  void deallocate(T* pointer, std::size_t) noexcept { ::operator delete(pointer, alignment); }
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

/// A contiguous array that somebody else owns. Copying a view copies no element. TensorView<const T> only reads.
template <class T>
class TensorView {
 public:
  TensorView() = default;
  TensorView(T* data, Shape shape) : data_(data), shape_(shape) {}
  operator TensorView<const T>() const noexcept { return {data_, shape_}; }

  const Shape& shape() const noexcept { return shape_; }
  Index size() const noexcept { return data_ ? shape_.count() : 0; }
  T* data() const noexcept { return data_; }
  T* begin() const noexcept { return data_; }
  T* end() const noexcept { return data_ + size(); }

  /// Element at the given indices, one for each dimension.
  template <class... Indices>
  T& operator()(Indices... indices) const noexcept {
    assert(static_cast<int>(sizeof...(indices)) == shape_.rank());
    Index offset = 0;
    int dimension = 0;
    ((offset = offset * shape_[dimension++] + static_cast<Index>(indices)), ...);
    assert(offset >= 0 && offset < size());
    return data_[offset];
  }

 private:
  T* data_ = nullptr;
  Shape shape_;
};

/// A contiguous array that owns its elements (zero at first), aligned to 64 bytes.
template <class T>
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Shape shape) : shape_(shape), data_(static_cast<std::size_t>(shape.count())) {}
  Tensor(Shape shape, std::initializer_list<T> values) : shape_(shape), data_(values) {
    assert(static_cast<Index>(values.size()) == shape.count());
  }

  const Shape& shape() const noexcept { return shape_; }
  Index size() const noexcept { return static_cast<Index>(data_.size()); }
  bool empty() const noexcept { return data_.empty(); }
  T* data() noexcept { return data_.data(); }
  const T* data() const noexcept { return data_.data(); }
  T* begin() noexcept { return data(); }
  T* end() noexcept { return data() + size(); }
  const T* begin() const noexcept { return data(); }
  const T* end() const noexcept { return data() + size(); }

  TensorView<T> view() noexcept { return {data(), shape_}; }
  TensorView<const T> view() const noexcept { return {data(), shape_}; }
  operator TensorView<T>() noexcept { return view(); }
  operator TensorView<const T>() const noexcept { return view(); }

  template <class... Indices>
  T& operator()(Indices... indices) noexcept {
    return view()(indices...);
  }
  template <class... Indices>
  const T& operator()(Indices... indices) const noexcept {
    return view()(indices...);
  }

  /// The same elements under another shape of equal size.
  void reshape(Shape shape) noexcept {
    assert(shape.count() == size());
    shape_ = shape;
  }

 private:
  Shape shape_;
  AlignedVector<T> data_;
};

/// A copy of `x` with every element converted to To.
template <class To, class From>
Tensor<To> convert(const Tensor<From>& x) {
  Tensor<To> result(x.shape());
  std::transform(x.begin(), x.end(), result.begin(), [](From value) { return static_cast<To>(value); });
  return result;
}

}  // namespace systolic
