#include "systolic/io/echonet_dynamic.hpp"

#include <doctest/doctest.h>

#include "support/echo_data_sets.hpp"
#include "support/files.hpp"

using namespace systolic;

TEST_CASE("clips with their split, fraction and contours; what cannot be used is named") {
  const testing::TemporaryFolder folder;
  testing::write_bytes(folder.path("FileList.csv"),
                       "FileName,EF,ESV,EDV,FrameHeight,FrameWidth,FPS,NumberOfFrames,Split\n"
                       "A,55.5,40,90,112,112,50,60,TRAIN\n"
                       "B.avi,,40,90,112,112,50,60,VAL\n"
                       "C,60,1,2,112,112,50,60,TEST\n"
                       "D,60,1,2,112,112,50,60,HOLDOUT\n"
                       "E,600,1,2,112,112,50,60,TRAIN\n"
                       "../F,60,1,2,112,112,50,60,TRAIN\n"
                       "A,55,1,2,112,112,50,60,TRAIN\n"
                       "G,55,1,2,112,112,50,60,TRAIN\n");
  testing::write_bytes(folder.path("VolumeTracings.csv"),
                       "FileName,X1,Y1,X2,Y2,Frame\n" + testing::tracing_rows("A.avi", 3, 1.0) +
                           testing::tracing_rows("A.avi", 20, 0.7) + testing::tracing_rows("B.avi", 3, 1.0) +
                           testing::tracing_rows("B.avi", 9, 0.7) + testing::tracing_rows("C.avi", 3, 1.0));
  const auto data = io::read_echonet_dynamic(folder.path(""));
  REQUIRE(data);
  REQUIRE(data->clips.size() == 2);
  const io::EchoNetClip &a = data->clips[0], &b = data->clips[1];
  CHECK(a.name == "A");
  CHECK(a.path == folder.path("Videos/A.avi"));
  CHECK(a.ejection_fraction == doctest::Approx(0.555));
  CHECK(a.split == io::DataSplit::train);
  CHECK(a.tracing.frames.size() == 2);
  CHECK(b.path.ends_with("/Videos/B.avi"));
  CHECK(std::isnan(b.ejection_fraction));
  CHECK(b.split == io::DataSplit::validate);
  const auto says = [&](std::size_t i, const char* words) {
    CAPTURE(data->problems[i]);
    CHECK(data->problems[i].find(words) != std::string::npos);
  };
  REQUIRE(data->problems.size() == 6);
  says(0, "line 4: C: fewer than two usable contours");
  says(1, "line 5: split 'HOLDOUT' is none of TRAIN, VAL, TEST");
  says(2, "line 6: EF '600' is no percentage");
  says(3, "line 7: '../F' is no file name");
  says(4, "line 8: A is there already, on line 2");
  says(5, "line 9: G has no tracing");
}

TEST_CASE("tables that are missing, or of another kind") {
  const testing::TemporaryFolder folder;
  const auto message = [&] { return io::read_echonet_dynamic(folder.path("")).error().message; };
  CHECK(message().find("VolumeTracings.csv: could not be opened") != std::string::npos);
  testing::write_bytes(folder.path("VolumeTracings.csv"),
                       "FileName,X1,Y1,X2,Y2,Frame\n" + testing::tracing_rows("A.avi", 3, 1.0));
  testing::write_bytes(folder.path("FileList.csv"), "FileName,EF\nA,5\n");
  CHECK(message().find("its header has no column 'Split'") != std::string::npos);
  testing::write_bytes(folder.path("FileList.csv"), "FileName,EF,Split\nA,nan,TRAIN\n");
  CHECK(message().find("no clip can be used; ") != std::string::npos);
}
