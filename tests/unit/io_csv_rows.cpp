#include "systolic/io/csv_rows.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "support/files.hpp"

using namespace systolic;

namespace {

/// All cells, rows parted by '|'; the error's message where there is one.
std::string rows_of(const std::string& text) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path("t.csv");
  testing::write_bytes(path, text);
  std::string all;
  const auto status = io::for_each_csv_row<3>(path, {"Name", "Value", "Note"}, 2, [&](const auto& cells, auto line) {
    all += std::to_string(line) + ":" + std::string(cells[0]) + "," + std::string(cells[1]) + "," +
           std::string(cells[2]) + "|";
  });
  return status ? all : status.error().message.substr(path.size());
}

}  // namespace

TEST_CASE("columns by name, in any order, among others, with what tables do to cells") {
  CHECK(rows_of("name,value,note\na,1,x\n\nb,2,y\n") == "2:a,1,x|4:b,2,y|");
  CHECK(rows_of("\xEF\xBB\xBF;Value;other;NAME\r\n0;1;2;\"a;b\"\r\n") == "2:a;b,1,|");
  CHECK(rows_of("Name,Value\na\n") == "2:a,,|");
}

TEST_CASE("a header that lacks a column, or has it twice, is refused") {
  CHECK(rows_of("name,note\na,1\n") == ": line 1: its header has no column 'Value'");
  CHECK(rows_of("name,value,Name\n") == ": line 1: its header has more than one column 'Name'");
  CHECK(rows_of("") == ": line 0: its header has no column 'Name'");
  CHECK_FALSE(io::for_each_csv_row<1>("/nonexistent.csv", {"a"}, 1, [](const auto&, auto) {}).ok());
}
