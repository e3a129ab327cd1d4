#pragma once
// Errors are values: whatever reads outside data returns a Result, and nothing in the library aborts, exits or throws
// because of what a file holds.

#include <cassert>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace systolic {

/// What went wrong, for a person to read: "FILE: PLACE: CAUSE".
struct Error {
  std::string message;
};

/// An Error that names the file, the place in it (may be empty) and the cause.
template <class = void>
[[gnu::noinline, gnu::cold]] inline Error error_at(std::string_view file, std::string_view place,
                                                   std::string_view cause) {
  std::string message(file);
  for (const std::string_view part : {place, cause}) {
    if (part.empty()) continue;
    if (!message.empty()) message += ": ";
    message += part;
  }
  return Error{std::move(message)};
}

/// A value of type T or the Error that stood in its way.
/// `*result`, `result->` and `value()` require a value; `error()` requires an error; both are checked by assert only.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)), has_value_(true) {}
  Result(Error error) : error_(std::move(error)), has_value_(false) {}
  Result(const Result& other) : error_(other.error_), has_value_(other.has_value_) {
    if (has_value_) new (&value_) T(other.value_);
  }
  Result(Result&& other) noexcept : error_(std::move(other.error_)), has_value_(other.has_value_) {
    if (has_value_) new (&value_) T(std::move(other.value_));
  }
  Result& operator=(Result other) noexcept {
    this->~Result();
    return *new (this) Result(std::move(other));
  }
  ~Result() {
    if (has_value_) value_.~T();
  }

  bool has_value() const noexcept { return has_value_; }
  explicit operator bool() const noexcept { return has_value_; }

  T& value() & noexcept {
    assert(has_value_);
    return value_;
  }
  const T& value() const& noexcept {
    assert(has_value_);
    return value_;
  }
  T&& value() && noexcept { return std::move(value()); }
  T& operator*() & noexcept { return value(); }
  const T& operator*() const& noexcept { return value(); }
  T&& operator*() && noexcept { return std::move(value()); }
  T* operator->() noexcept { return &value(); }
  const T* operator->() const noexcept { return &value(); }
  const Error& error() const noexcept {
    assert(!has_value_);
    return error_;
  }

 private:
  // By hand: std::optional<T> takes six times as long to compile, and there are many T.
  union {
    T value_;  // alive where has_value_
  };
  Error error_;
  bool has_value_;
};

/// Success, or the Error that stood in its way.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)), failed_(true) {}

  bool ok() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return ok(); }
  const Error& error() const noexcept {
    assert(failed_);
    return error_;
  }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace systolic
