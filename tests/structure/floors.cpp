// The plan of the house holds: no header includes a room above its own or beside it, the inference header reaches
// nothing of training, reports, Eigen or JSON, and the whole-library header reaches everything that it may.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path include_folder = fs::path(SYSTOLIC_SOURCE_DIR) / "include";

const std::map<std::string, int> floors = {{"core", 0}, {"metrics", 0}, {"simd", 1},   {"kernels", 2},
                                           {"nn", 3},   {"signal", 3},  {"grad", 4},   {"ecg", 5},
                                           {"echo", 5}, {"io", 6},      {"report", 6}, {"train", 7}};
// core is the ground that even its neighbour stands on.
const std::set<std::pair<std::string, std::string>> neighbours = {{"metrics", "core"}};
// Their headers make a file a component of its own, which systolic.hpp leaves out.
const std::vector<std::string> component_libraries = {"zip.h",  "zlib.h", "pugixml.hpp", "nlohmann/",   "dcmtk/",
                                                      "hpdf.h", "mpi.h",  "png.h",       "libavformat/"};
const std::vector<std::string> not_on_a_device = {"Eigen/", "nlohmann/", "zip.h"};
// Tools that few need and that take longer to compile than the rest of the library: included by their own names.
const std::vector<std::string> slow_to_compile = {"Eigen/Eigenvalues"};
const std::vector<std::string> rooms_not_on_a_device = {"grad", "report", "train"};
// Each costs every user's compiler more than the rest of the inference headers need.
const std::vector<std::string> heavy = {"regex", "iostream", "format", "filesystem", "random", "functional", "ranges"};

struct Header {
  std::vector<std::string> ours;    ///< "systolic/room/file.hpp"
  std::vector<std::string> others;  ///< "vector", "Eigen/Core"
};

Header read_header(const fs::path& path) {
  Header header;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("#include", 0) != 0) continue;
    const auto begin = line.find_first_of("\"<");
    const auto end = line.find_first_of("\">", begin + 1);
    const std::string name = line.substr(begin + 1, end - begin - 1);
    (line[begin] == '"' ? header.ours : header.others).push_back(name);
  }
  return header;
}

/// Every header of the library by the name under which it is included.
const std::map<std::string, Header>& all_headers() {
  static const std::map<std::string, Header> headers = [] {
    std::map<std::string, Header> found;
    for (const auto& entry : fs::recursive_directory_iterator(include_folder))
      if (entry.path().extension() == ".hpp")
        found[entry.path().lexically_relative(include_folder).generic_string()] = read_header(entry.path());
    return found;
  }();
  return headers;
}

std::vector<std::string> header_names() {
  std::vector<std::string> names;
  for (const auto& [name, header] : all_headers()) names.push_back(name);
  return names;
}

/// "nn" for "systolic/nn/linear.hpp"; "" for the two headers that stand outside the rooms.
std::string room_of(const std::string& name) {
  const fs::path path(name);
  return std::distance(path.begin(), path.end()) == 3 ? std::next(path.begin())->string() : "";
}

/// `name` and every header of the library that it includes, directly or not.
std::set<std::string> reach(const std::string& name) {
  std::set<std::string> seen;
  std::vector<std::string> open = {name};
  while (!open.empty()) {
    const std::string next = open.back();
    open.pop_back();
    if (!seen.insert(next).second || !all_headers().contains(next)) continue;
    for (const std::string& included : all_headers().at(next).ours) open.push_back(included);
  }
  return seen;
}

bool uses_one_of(const std::string& name, const std::vector<std::string>& libraries) {
  return std::ranges::any_of(all_headers().at(name).others, [&](const std::string& other) {
    return std::ranges::any_of(libraries, [&](const std::string& library) {
      return library.back() == '/' ? other.rfind(library, 0) == 0 : other == library;
    });
  });
}

bool needs_component(const std::string& name) {
  return std::ranges::any_of(reach(name),
                             [](const std::string& part) { return uses_one_of(part, component_libraries); });
}

}  // namespace

TEST_CASE("every header lies in a room of the plan") {
  REQUIRE(all_headers().size() > 5);
  for (const std::string& name : header_names()) {
    CAPTURE(name);
    const std::string room = room_of(name);
    if (name != "systolic/infer.hpp" && name != "systolic/systolic.hpp") CHECK(floors.contains(room));
  }
}

TEST_CASE("what a header includes exists") {
  for (const std::string& name : header_names())
    for (const std::string& included : all_headers().at(name).ours) {
      CAPTURE(name);
      CAPTURE(included);
      CHECK(all_headers().contains(included));
    }
}

TEST_CASE("a header includes its own room and lower floors only") {
  for (const std::string& name : header_names()) {
    const std::string room = room_of(name);
    if (!floors.contains(room)) continue;
    for (const std::string& included : all_headers().at(name).ours) {
      const std::string other = room_of(included);
      CAPTURE(name);
      CAPTURE(included);
      REQUIRE(floors.contains(other));
      CHECK((other == room || floors.at(other) < floors.at(room) || neighbours.contains({room, other})));
    }
  }
}

TEST_CASE("infer.hpp reaches nothing that a device does not need") {
  for (const std::string& name : reach("systolic/infer.hpp")) {
    CAPTURE(name);
    CHECK(std::ranges::count(rooms_not_on_a_device, room_of(name)) == 0);
    CHECK_FALSE(uses_one_of(name, not_on_a_device));
    CHECK_FALSE(uses_one_of(name, heavy));
  }
}

TEST_CASE("systolic.hpp reaches every header but those that need a component or Eigen's decompositions") {
  const std::set<std::string> whole = reach("systolic/systolic.hpp");
  std::set<std::string> reached = whole;
  for (const std::string& name : header_names())
    if (needs_component(name) || uses_one_of(name, slow_to_compile)) {
      CAPTURE(name);
      CHECK_FALSE(whole.contains(name));
      reached.merge(reach(name));
    }
  for (const std::string& name : header_names()) {
    CAPTURE(name);
    CHECK(reached.contains(name));
  }
}
