#include "systolic/io/echonet_lvh.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/files.hpp"

using namespace systolic;

namespace {

const std::string header = ",HashedFileName,Calc,CalcValue,Frame,X1,X2,Y1,Y2,Frames,FPS,Width,Height,split\n";

std::string row(const std::string& name, const std::string& calc, const std::string& value, int frame, double y1,
                double y2, const std::string& split = "train", const std::string& x1 = "50") {
  return "0," + name + "," + calc + "," + value + "," + std::to_string(frame) + "," + x1 + ",50," + std::to_string(y1) +
         "," + std::to_string(y2) + ",90,50,640,480," + split + "\n";
}

/// The three callipers of a frame; the diameter is drawn upwards.
std::string frame(const std::string& name, char phase, int number, const std::string& split = "train") {
  const std::string end(1, phase);
  return row(name, "IVS" + end, "1.0", number, 100, 120, split) +
         row(name, "LVID" + end, "5.0", number, 222, 122, split) +
         row(name, "LVPW" + end, "1.1", number, 220, 242, split);
}

}  // namespace

TEST_CASE("frames with three callipers: landmarks, size of a pixel, split") {
  const testing::TemporaryFolder folder;
  testing::write_bytes(folder.path("MeasurementsList.csv"),
                       header + frame("A", 'd', 0) + frame("A", 's', 17) + frame("B", 'd', 9, "val") +
                           row("C", "IVSd", "1", 4, 1, 2) + row("C", "LAd", "1", 4, 1, 2));
  const auto data = io::read_echonet_lvh(folder.path(""));
  REQUIRE(data);
  CHECK(data->problems.empty());
  REQUIRE(data->frames.size() == 3);
  const io::EchoNetLvhFrame& first = data->frames[0];
  CHECK(first.name == "A");
  CHECK(first.diastole);
  CHECK(first.frame == 0);
  CHECK(first.landmarks[0] == echo::Point{50, 100});
  CHECK(first.landmarks[1] == echo::Point{50, 121});  // the middle of both neighbours
  CHECK(first.landmarks[2] == echo::Point{50, 221});
  CHECK(first.landmarks[3] == echo::Point{50, 242});
  CHECK(first.pixel.row == doctest::Approx(0.5));
  CHECK_FALSE(data->frames[1].diastole);
  CHECK(data->frames[1].frame == 17);
  CHECK(data->frames[2].split == io::DataSplit::validate);
}

TEST_CASE("a table whose frames are counted from 1 is told by a frame that equals its number of frames") {
  const testing::TemporaryFolder folder;
  testing::write_bytes(folder.path("MeasurementsList.csv"), header + frame("A", 'd', 1) + frame("A", 's', 90));
  const auto data = io::read_echonet_lvh(folder.path(""));
  REQUIRE(data);
  CHECK(data->frames[0].frame == 0);
  CHECK(data->frames[1].frame == 89);
}

TEST_CASE("what cannot be used is named") {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path("MeasurementsList.csv");
  testing::write_bytes(path, header + frame("A", 'd', 3) + row("B", "IVSd", "1", 3, 1, 2, "train", "nan") +
                                 row("B", "IVSd", "1", -3, 1, 2) + row("B", "IVSd", "1", 3, 1, 2, "fold1") +
                                 row("../B", "IVSd", "1", 3, 1, 2) + row("A", "IVSd", "1", 3, 1, 2) +
                                 row("D", "IVSd", "1", 3, 1, 2) + row("D", "LVIDd", "1", 4, 2, 9) +
                                 row("D", "LVPWd", "1", 4, 9, 10) + row("E", "IVSd", "1", 3, 50, 60) +
                                 row("E", "LVIDd", "1", 3, 2, 9) + row("E", "LVPWd", "1", 3, 9, 10));
  const auto data = io::read_echonet_lvh(folder.path(""));
  REQUIRE(data);
  CHECK(data->frames.size() == 1);
  const auto says = [&](std::size_t i, const char* words) {
    CAPTURE(data->problems[i]);
    CHECK(data->problems[i].find(words) != std::string::npos);
  };
  REQUIRE(data->problems.size() == 7);
  says(0, "line 5: 'nan' is no coordinate");
  says(1, "line 6: frame '-3' is no frame number");
  says(2, "line 7: split 'fold1' is none of train, val, test");
  says(3, "line 8: '../B' is no file name");
  says(4, "line 9: A has this measurement twice");
  says(5, "D: septum, diameter and posterior wall are of different frames");
  says(6, "E: septum, diameter and posterior wall are not one below the other");

  testing::write_bytes(path, "HashedFileName,Calc,Frame,X1,X2,Y1,split\n");
  CHECK(io::read_echonet_lvh(folder.path("")).error().message.find("its header has no column 'Y2'") !=
        std::string::npos);
  testing::write_bytes(path, header + row("C", "IVSd", "1", 4, 1, 2));
  CHECK(io::read_echonet_lvh(folder.path("")).error().message.find("has no frame with IVS, LVID and LVPW") !=
        std::string::npos);
}

TEST_CASE("the video is looked for in the four batches") {
  const testing::TemporaryFolder folder;
  const std::string root = folder.path("");
  CHECK(io::find_echonet_lvh_video(root, "A").error().message.find("has no A.avi in Batch1 to Batch4") !=
        std::string::npos);
  REQUIRE(::mkdir((root + "Batch3").c_str(), 0777) == 0);
  testing::write_bytes(root + "Batch3/A.avi", "x");
  const auto found = io::find_echonet_lvh_video(root, "A");
  REQUIRE(found);
  CHECK(*found == root + "Batch3/A.avi");
}
