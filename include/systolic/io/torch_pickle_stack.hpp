#pragma once
// The memory of the machine that reads pickles: the instructions' arguments, the stack with its marks, the memo. Every
// access is checked; after the first failure nothing more is pushed, and what is popped is harmless.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/io/bytes.hpp"
#include "systolic/io/json_subset.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/torch_pickle_value.hpp"

namespace systolic::io::detail {

class TorchPickleStack {
 protected:
  explicit TorchPickleStack(std::string_view bytes) noexcept : bytes_(bytes) {}

  using Place = std::uint32_t;
  using Kind = PickleKind;
  // One byte of pickle can make one value, so their number must have a limit; a large checkpoint has some ten thousand.
  static constexpr std::size_t most_values = 1'000'000;

  void fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    stopped_ = true;
  }

  // -- Arguments of instructions, which follow them in the pickle.
  template <class = void>
  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - position_) {
      fail("the pickle ends in the middle of an instruction");
      return {};
    }
    const std::string_view result = bytes_.substr(position_, static_cast<std::size_t>(count));
    position_ += result.size();
    return result;
  }
  template <class T>
  T number() {
    const std::string_view raw = take(sizeof(T));
    return raw.empty() ? T{} : load<T>(raw.data());
  }
  template <class = void>
  std::string_view line() {
    const std::size_t end = bytes_.find('\n', position_);
    const std::string_view result = take((end == std::string_view::npos ? bytes_.size() : end) - position_);
    take(1);
    return result;
  }

  // -- The stack.
  template <class = void>
  Place push(PickleValue value) {
    if (pickle_.values.size() >= most_values) fail(joined({"holds more than ", most_values, " values"}));
    if (stopped_) return 0;
    pickle_.values.push_back(std::move(value));
    stack_.push_back(static_cast<Place>(pickle_.values.size() - 1));
    return stack_.back();
  }
  void push(Kind kind, std::int64_t integer = 0) { push({.kind = kind, .integer = integer, .text = {}}); }
  void push_text(std::string_view text) {
    if (!is_utf8(text)) return fail("a text that is not UTF-8");
    push({.kind = Kind::text, .text = text});
  }
  /// Takes the uppermost `count` values, lowest first. Values below the latest mark are out of reach.
  template <class = void>
  std::vector<Place> pop(std::size_t count) {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stopped_ || stack_.size() - floor < count) {
      fail("an instruction lacks its operands");
      return std::vector<Place>(count, none());
    }
    const auto first = stack_.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<Place> result(first, stack_.end());
    stack_.erase(first, stack_.end());
    return result;
  }
  template <class = void>
  std::vector<Place> pop_to_mark() {
    if (marks_.empty()) {
      fail("a mark is missing");
      return {};
    }
    auto result = pop(stack_.size() - marks_.back());
    marks_.pop_back();
    return result;
  }
  /// A place that is valid even after a failure.
  Place none() {
    if (pickle_.values.empty()) pickle_.values.emplace_back();
    return 0;
  }
  PickleValue& at(Place place) { return pickle_.values[place]; }
  void push_sequence(std::vector<Place> items) {
    push({.kind = Kind::sequence, .text = {}, .items = std::move(items)});
  }
  /// Appends `items` to the container now on top of the stack.
  template <class = void>
  void extend(Kind kind, const std::vector<Place>& items) {
    const Place container = pop(1)[0];
    if (at(container).kind != kind || (kind == Kind::dictionary && items.size() % 2 != 0))
      fail("items are added to what cannot hold them");
    if (stopped_) return;
    at(container).items.insert(at(container).items.end(), items.begin(), items.end());
    stack_.push_back(container);
  }

  // -- The memo: values that later instructions refer to by number.
  template <class = void>
  void remember(std::uint64_t number) {
    if (number >= most_values) return fail(joined({"memo number ", number, " is too large"}));
    if (number >= memo_.size()) memo_.resize(static_cast<std::size_t>(number) + 1, unset);
    const Place place = pop(1)[0];
    if (stopped_) return;
    memo_[static_cast<std::size_t>(number)] = place;
    stack_.push_back(place);
    ++remembered_;
  }
  template <class = void>
  void recall(std::uint64_t number) {
    if (number >= memo_.size() || memo_[static_cast<std::size_t>(number)] == unset)
      return fail(joined({"memo number ", number, " was never set"}));
    stack_.push_back(memo_[static_cast<std::size_t>(number)]);
  }

  static constexpr Place unset = ~Place{0};
  std::string_view bytes_;
  std::size_t position_ = 0;
  std::size_t start_ = 0;  // of the current instruction
  bool stopped_ = false;
  std::string problem_;
  TorchPickle pickle_;
  std::vector<Place> stack_;
  std::vector<std::size_t> marks_;
  std::vector<Place> memo_;
  std::uint64_t remembered_ = 0;
};

}  // namespace systolic::io::detail
