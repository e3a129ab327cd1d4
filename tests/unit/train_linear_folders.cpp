#include "systolic/train/linear_folders.hpp"

#include <doctest/doctest.h>

#include "support/echo_data_sets.hpp"
#include "support/files.hpp"

using namespace systolic;

TEST_CASE("EchoNet-LVH: measured frames by the table's split, clips from the batches") {
  const testing::TemporaryFolder folder;
  std::string table = "HashedFileName,Calc,CalcValue,Frame,X1,X2,Y1,Y2,Frames,split\n";
  const auto add = [&](const std::string& name, int frame, int shift, const char* split) {
    const char* names[] = {"IVSd", "LVIDd", "LVPWd"};
    const int places[] = {10, 20, 60, 70};
    for (std::size_t i = 0; i < 3; ++i)
      table += name + "," + names[i] + ",4," + std::to_string(frame) + ",40,42," + std::to_string(places[i] + shift) +
               "," + std::to_string(places[i + 1] + shift) + ",90," + split + "\n";
  };
  add("A", 7, 0, "train");
  add("B", 0, 0, "val");
  add("C", 7, 30, "train");
  add("D", 70, 0, "train");
  add("E", 7, 0, "train");
  add("F", 7, 0, "test");
  testing::write_bytes(folder.path("MeasurementsList.csv"), table);
  std::filesystem::create_directories(folder.path("Batch2"));
  for (const char* name : {"A", "B", "C", "D"})
    testing::write_clip(folder.path("Batch2/" + std::string(name) + ".avi"), 66, 90, 100);

  const auto sets = train::open_linear_folder(folder.path(""));
  REQUIRE(sets);
  CHECK(sets->training->size() == 4);
  CHECK(sets->validation->size() == 1);
  CHECK(train::open_linear_folder(folder.path(""), 2)->training->size() == 2);
  CHECK(sets->training->description() == "4 measured frames of EchoNet-LVH");
  const auto a = sets->training->load(0);
  REQUIRE(a);
  const train::LinearExample& example = **a;
  CHECK((example.rows == 90 && example.columns == 100 && example.key_frame == 7));
  CHECK(example.landmarks[1] == echo::Point{41, 20});
  CHECK(example.pixel.row == doctest::Approx(40 / std::hypot(40.0, 2.0)));
  CHECK(example.frame()(5, 5) == 7);
  const auto line = echo::make_scan_line(example.landmarks[0], example.landmarks[3], {}, 90, 100);
  REQUIRE(line);
  const auto image = example.m_mode(*line);
  CHECK(image(0, echo::anchor_column) == 7);
  CHECK(image(0, echo::anchor_column + 1) == 8);

  const auto message = [&](Index i) { return sets->training->load(i).error().message; };
  CHECK(message(1).find("C.avi: frame 7: is measured outside the image") != std::string::npos);
  CHECK(message(2).find("D.avi: has 66 frames, but frame 70 is measured") != std::string::npos);
  CHECK(message(3).find("has no E.avi in Batch1 to Batch4") != std::string::npos);
}

TEST_CASE("a folder of something else is refused") {
  const testing::TemporaryFolder folder;
  CHECK(train::open_linear_folder(folder.path("")).error().message.find("MeasurementsList.csv: could not be opened") !=
        std::string::npos);
}
