#pragma once
// Which part of a data set an example belongs to, as published tables say it.

#include <string_view>

#include "systolic/io/csv_cells.hpp"

namespace systolic::io {

enum class DataSplit { train, validate, test, none };

/// "TRAIN", "val", "validation", "Test", ...; none where the word is another.
template <class = void>
inline DataSplit data_split(std::string_view word) {
  const std::string plain = detail::plain_word(word);
  if (plain == "train" || plain == "training") return DataSplit::train;
  if (plain == "val" || plain == "valid" || plain == "validation") return DataSplit::validate;
  if (plain == "test" || plain == "testing") return DataSplit::test;
  return DataSplit::none;
}

}  // namespace systolic::io
