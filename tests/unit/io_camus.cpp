#include "systolic/io/camus.hpp"

#include <doctest/doctest.h>

#include "support/echo_data_sets.hpp"
#include "support/files.hpp"

using namespace systolic;

namespace {

const std::string info = "ED: 1\nES: 5\nNbFrame: 5\nSex: F\nAge: 56\nImageQuality: Good\nEF: 54\nFrameRate: 60\n";

}  // namespace

TEST_CASE("patients with their splits; a view with clip, frames, fraction and contours") {
  const testing::TemporaryFolder folder;
  const std::string root = folder.path("");
  std::filesystem::create_directories(root + "database_nifti");
  std::filesystem::create_directories(root + "database_split");
  testing::write_camus_patient(root + "database_nifti/", "patient0002", info);
  testing::write_camus_patient(root + "database_nifti/", "patient0001", info);
  testing::write_bytes(root + "database_split/subgroup_training.txt", "patient0001\n");
  testing::write_bytes(root + "database_split/subgroup_validation.txt", "patient0002\r\n");
  CHECK(io::is_camus(folder.path("")));
  const auto patients = io::find_camus_patients(folder.path(""));
  REQUIRE(patients);
  REQUIRE(patients->size() == 2);
  CHECK((*patients)[0].name == "patient0001");
  CHECK((*patients)[0].split == io::DataSplit::train);
  CHECK((*patients)[1].split == io::DataSplit::validate);

  const auto view = io::read_camus_view((*patients)[0], "4CH");
  REQUIRE(view);
  CHECK(view->clip.shape() == Shape{5, 100, 112});
  CHECK((view->ed == 0 && view->es == 4));
  CHECK(view->ejection_fraction == doctest::Approx(0.54));
  CHECK(view->pixel.row == doctest::Approx(0.5));
  REQUIRE(view->ed_rows.size() == 21);
  const auto width = [](const std::vector<echo::Segment>& rows) { return distance(rows[15].from, rows[15].to); };
  CHECK(width(view->es_rows) == doctest::Approx(0.7 * width(view->ed_rows)).epsilon(0.05));

  testing::write_bytes(root + "database_split/subgroup_testing.txt", "patient0001\n");
  CHECK(io::find_camus_patients(folder.path("")).error().message.find("patient0001 is in another list already") !=
        std::string::npos);
}

TEST_CASE("the older Info file, and what is missing") {
  const testing::TemporaryFolder folder;
  const std::string root = folder.path("");
  CHECK_FALSE(io::is_camus(folder.path("")));
  CHECK(io::find_camus_patients(folder.path("")).error().message.find("holds no patient0001") != std::string::npos);
  testing::write_camus_patient(root, "patient0007", "ED: 5\nES: 1\nNbFrame: 5\nLVedv: 94.0\nLVesv: 42.8\nLVef: 55\n");
  auto patients = io::find_camus_patients(folder.path(""));
  REQUIRE(patients);
  CHECK((*patients)[0].split == io::DataSplit::none);
  const io::CamusPatient& patient = (*patients)[0];
  const auto view = io::read_camus_view(patient, "4CH");
  REQUIRE(view);
  CHECK((view->ed == 4 && view->es == 0));
  CHECK(view->ejection_fraction == doctest::Approx(0.55));

  const auto message = [&](const std::string& name = "4CH") {
    return io::read_camus_view(patient, name).error().message;
  };
  CHECK(message("2CH").find("has no patient0007_2CH_half_sequence.nii.gz or _sequence.mhd") != std::string::npos);
  testing::write_bytes(patient.folder + "Info_4CH.cfg", "ED: 1\nES: 9\n");
  CHECK(message().find("Info_4CH.cfg: ES: is no frame from 1 to 5") != std::string::npos);
  testing::write_bytes(patient.folder + "Info_4CH.cfg", "ED: 1\nES: nan\n");
  CHECK(message().find("Info_4CH.cfg: ES: is no frame from 1 to 5") != std::string::npos);
  testing::write_bytes(patient.folder + "Info_4CH.cfg", info);
  testing::write_bytes(patient.folder + "patient0007_4CH_ES_gt.nii", testing::nifti_file(Tensor<float>({100, 112})));
  CHECK(message().find("_4CH_ES_gt.nii: has no left ventricle") != std::string::npos);
  testing::write_bytes(patient.folder + "patient0007_4CH_ES_gt.nii", testing::nifti_file(Tensor<float>({100, 110})));
  CHECK(message().find("is 100 x 110 pixels, the clip 100 x 112") != std::string::npos);
  REQUIRE(::unlink((patient.folder + "patient0007_4CH_ES_gt.nii").c_str()) == 0);
  CHECK(message().find("has no patient0007_4CH_ES_gt (.nii.gz, .mhd)") != std::string::npos);
}
