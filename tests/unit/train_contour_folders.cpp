#include "systolic/train/contour_folders.hpp"

#include <doctest/doctest.h>

#include "support/echo_data_sets.hpp"
#include "support/files.hpp"

using namespace systolic;

TEST_CASE("EchoNet-Dynamic: clips from the earlier traced frame to the later one, by the table's split") {
  const testing::TemporaryFolder folder;
  testing::write_bytes(folder.path("FileList.csv"), "FileName,EF,Split\nA,55,TRAIN\nB,40,TRAIN\nC,60,VAL\nD,60,TEST\n");
  std::string tracings = "FileName,X1,Y1,X2,Y2,Frame\n";
  for (const char* name : {"A", "B", "C", "D"})
    tracings += testing::tracing_rows(std::string(name) + ".avi", 3, *name == 'B' ? 0.7 : 1) +
                testing::tracing_rows(std::string(name) + ".avi", 12, *name == 'B' ? 1 : 0.7);
  testing::write_bytes(folder.path("VolumeTracings.csv"), tracings);
  std::filesystem::create_directories(folder.path("Videos"));
  testing::write_clip(folder.path("Videos/A.avi"), 20, 90, 112);
  testing::write_clip(folder.path("Videos/B.avi"), 20, 90, 112);
  testing::write_clip(folder.path("Videos/C.avi"), 12, 90, 112);

  const auto sets = train::open_contour_folder(folder.path(""), {});
  REQUIRE(sets);
  CHECK(sets->training->size() == 2);
  CHECK(sets->validation->size() == 1);
  CHECK(sets->training->description() == "2 clips of EchoNet-Dynamic");
  Random random(1, 1);
  const auto a = sets->training->example(0, random);
  REQUIRE(a);
  CHECK(a->clip.shape() == Shape{10, 90, 112});
  CHECK(a->clip(0, 0, 0) == 3);
  CHECK(a->clip(9, 0, 0) == 12);
  CHECK(a->fraction == doctest::Approx(0.55));
  // The septum is on the left; the last chord is the widest one.
  CHECK(a->first[19].x == doctest::Approx(56 - 20).epsilon(0.01));
  CHECK(a->first[20].x == doctest::Approx(56 + 20).epsilon(0.01));
  CHECK(a->last[19].x == doctest::Approx(56 - 14).epsilon(0.01));
  CHECK(a->first[0].y < a->first[19].y);
  // A clip that begins with end-systole shows a filling.
  const auto b = sets->training->example(1, random);
  REQUIRE(b);
  CHECK(std::isnan(b->fraction));
  CHECK(sets->validation->example(0, random).error().message.find(
            "Videos/C.avi: has 12 frames, but frame 12 is traced") != std::string::npos);
  CHECK(train::open_contour_folder(folder.path(""), {.limit = 1})->training->size() == 1);
  REQUIRE(std::filesystem::remove(folder.path("Videos/A.avi")));
  CHECK(sets->training->example(0, random).error().message.find("Videos/A.avi: could not be opened") !=
        std::string::npos);
}

TEST_CASE("CAMUS: four-chamber views, split by its lists or by the patients' numbers") {
  const testing::TemporaryFolder folder;
  const std::string info = "ED: 1\nES: 5\nNbFrame: 5\nEF: 54\n";
  for (const char* name : {"patient0010", "patient0011", "patient0018"})
    testing::write_camus_patient(folder.path(""), name, info);
  auto sets = train::open_contour_folder(folder.path(""), {.train_folds = {1, 2}});
  REQUIRE(sets);
  CHECK(sets->training->size() == 2);  // folds 1 and 2
  CHECK(sets->validation->size() == 1);
  CHECK(sets->validation->name(0) == "patient0018");
  Random random(1, 1);
  const auto example = sets->training->example(0, random);
  REQUIRE(example);
  CHECK(example->clip.shape() == Shape{5, 100, 112});
  CHECK(example->fraction == doctest::Approx(0.54));
  const auto width = [](const echo::KeyPoints& points) { return distance(points[19], points[20]); };
  CHECK(width(example->first) == doctest::Approx(40).epsilon(0.06));
  CHECK(width(example->last) == doctest::Approx(28).epsilon(0.06));

  CHECK(train::open_contour_folder(folder.path(""), {.train_folds = {7}})
            .error()
            .message.find("has nothing to learn from in its training split") != std::string::npos);

  std::filesystem::create_directories(folder.path("database_split"));
  testing::write_bytes(folder.path("database_split/subgroup_training.txt"), "patient0018\n");
  testing::write_bytes(folder.path("database_split/subgroup_validation.txt"), "patient0010\n");
  sets = train::open_contour_folder(folder.path(""), {.train_folds = {1, 2}});
  REQUIRE(sets);
  CHECK(sets->training->name(0) == "patient0018");
  CHECK(sets->validation->name(0) == "patient0010");
}

TEST_CASE("a folder of something else is refused") {
  const testing::TemporaryFolder folder;
  CHECK(train::open_contour_folder(folder.path(""), {})
            .error()
            .message.find("holds neither EchoNet-Dynamic (FileList.csv, VolumeTracings.csv, Videos) nor CAMUS") !=
        std::string::npos);
}
