#include "systolic/io/data_split.hpp"

#include <doctest/doctest.h>

using namespace systolic;

TEST_CASE("the words that published tables use") {
  CHECK(io::data_split("TRAIN") == io::DataSplit::train);
  CHECK(io::data_split("training") == io::DataSplit::train);
  CHECK(io::data_split("val") == io::DataSplit::validate);
  CHECK(io::data_split("Validation") == io::DataSplit::validate);
  CHECK(io::data_split("TEST") == io::DataSplit::test);
  CHECK(io::data_split("") == io::DataSplit::none);
  CHECK(io::data_split("fold 3") == io::DataSplit::none);
}
