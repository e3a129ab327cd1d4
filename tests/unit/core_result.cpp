#include "systolic/core/result.hpp"

#include <doctest/doctest.h>

#include <memory>

using namespace systolic;

namespace {

Result<int> half(int x) {
  if (x % 2 != 0) return Error{"odd"};
  return x / 2;
}
Status even(int x) {
  if (x % 2 != 0) return Error{"odd"};
  return {};
}

}  // namespace

TEST_CASE("a result holds a value or an error") {
  CHECK(half(4));
  CHECK(*half(4) == 2);
  CHECK(half(4).has_value());
  CHECK_FALSE(half(3));
  CHECK(half(3).error().message == "odd");
}

TEST_CASE("a value can be changed in place and moved out") {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(1);
  **result = 5;
  const std::unique_ptr<int> taken = std::move(*result);
  CHECK(*taken == 5);
  Result<std::string> text = std::string("abc");
  text->push_back('d');
  CHECK(text.value() == "abcd");
}

TEST_CASE("copies are copies, and what is assigned takes the place of value and error alike") {
  Result<std::string> text = std::string("a text too long to lie in the string itself");
  const Result<std::string> copy = text;
  text->clear();
  CHECK(copy->size() == 43);
  text = Error{"lost"};
  CHECK_FALSE(text);
  CHECK(text.error().message == "lost");
  text = copy;
  CHECK(*text == *copy);
  text = std::move(*text);
  CHECK(*text == *copy);
  const Result<std::string> failed = Result<std::string>(Error{"odd"});
  text = failed;
  CHECK(text.error().message == "odd");
  CHECK(failed.error().message == "odd");
}

TEST_CASE("a status is success until it is given an error") {
  CHECK(even(2));
  CHECK(even(2).ok());
  CHECK_FALSE(even(1));
  CHECK(even(1).error().message == "odd");
}

TEST_CASE("an error names file, place and cause; empty parts leave no trace") {
  CHECK(error_at("a.hea", "line 3", "no rate").message == "a.hea: line 3: no rate");
  CHECK(error_at("a.hea", "", "no rate").message == "a.hea: no rate");
  CHECK(error_at("", "line 3", "no rate").message == "line 3: no rate");
  CHECK(error_at("", "", "no rate").message == "no rate");
}
