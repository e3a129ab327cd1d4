#pragma once
// Scratch memory of one caller. The first call of a model grows it; later calls of the same size allocate nothing.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <list>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"

namespace systolic {

/// An arena: memory is handed out in order and given back by leaving a Scope. A Workspace belongs to one thread; the
/// call that is given it may itself use up to `threads()` threads.
class Workspace {
 public:
  explicit Workspace(int threads = 1) : threads_(std::max(1, threads)) {}

  int threads() const noexcept { return threads_; }

  /// The workspace of worker i of a call that splits its work over threads; made at its first use, then kept.
  /// Requires that no other thread asks this workspace for anything at the same time.
  template <class = void>
  Workspace& worker(int i) {
    while (static_cast<int>(workers_.size()) <= i) workers_.emplace_back();
    auto worker = workers_.begin();
    for (; i > 0; --i) ++worker;
    return *worker;
  }

  /// `count` elements of uninitialised memory, aligned to 64 bytes, valid until the enclosing Scope ends.
  template <class T>
  T* allocate(Index count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(take((static_cast<std::size_t>(count) * sizeof(T) + 63) / 64 * 64));
  }

  /// An uninitialised array of the given shape, valid until the enclosing Scope ends.
  template <class T>
  TensorView<T> tensor(Shape shape) {
    return {allocate<T>(shape.count()), shape};
  }

  /// Everything allocated while a Scope lives is given back when it ends. At the outermost level the blocks that the
  /// first call needed are joined into one, so that the next call finds all its memory in one piece.
  class Scope {
   public:
    explicit Scope(Workspace& workspace)
        : workspace_(workspace), block_(workspace.block_), offset_(workspace.offset_) {}
    ~Scope() {
      workspace_.block_ = block_;
      workspace_.offset_ = offset_;
      if (block_ == 0 && offset_ == 0) workspace_.join();
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Workspace& workspace_;
    std::size_t block_;
    std::size_t offset_;
  };

  /// Bytes held, for reports and tests.
  template <class = void>
  std::size_t capacity() const noexcept {
    std::size_t sum = 0;
    for (const Block& block : blocks_) sum += block.size();
    for (const Workspace& worker : workers_) sum += worker.capacity();
    return sum;
  }

 private:
  // Owns its memory by hand: <memory>, for a unique_ptr, would take longer to compile than the whole of core.
  class Block {
   public:
    explicit Block(std::size_t size) : memory_(static_cast<std::byte*>(::operator new(size, alignment))), size_(size) {}
    Block(Block&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)), size_(other.size_) {}
    Block& operator=(Block&&) = delete;
    ~Block() { ::operator delete(memory_, alignment); }

    std::byte* memory() const noexcept { return memory_; }
    std::size_t size() const noexcept { return size_; }

   private:
    static constexpr std::align_val_t alignment{64};
    std::byte* memory_;
    std::size_t size_;
  };

  // Not inline in every allocate(): a model makes hundreds of those calls.
  template <class = void>
  [[gnu::noinline]] void* take(std::size_t bytes) {
    while (block_ < blocks_.size() && offset_ + bytes > blocks_[block_].size()) {
      ++block_;
      offset_ = 0;
    }
    if (block_ == blocks_.size()) blocks_.emplace_back(std::max(bytes, smallest_block));
    void* result = blocks_[block_].memory() + offset_;
    offset_ += bytes;
    return result;
  }

  template <class = void>
  [[gnu::noinline]] void join() {
    if (blocks_.size() < 2) return;
    std::size_t size = 0;
    for (const Block& block : blocks_) size += block.size();
    blocks_.clear();
    blocks_.emplace_back(size);
  }

  static constexpr std::size_t smallest_block = std::size_t{1} << 20;
  std::vector<Block> blocks_;
  std::list<Workspace> workers_;  // a list, so that they stay where they are while it grows
  std::size_t block_ = 0;
  std::size_t offset_ = 0;
  int threads_;
};

}  // namespace systolic
