#include "systolic/io/dicom.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/dicom_bytes.hpp"
#include "support/files.hpp"
#include "systolic/io/read.hpp"

using namespace systolic;
using testing::DicomGroup;
using testing::TemporaryFolder;

namespace {

std::string refusal(const TemporaryFolder& folder, const std::vector<DicomGroup>& groups) {
  const std::string path = folder.path("x.dcm");
  testing::write_dicom(path, groups);
  const auto read = io::read_dicom(path);
  return read ? "" : read.error().message.substr(path.size() + 2);
}

}  // namespace

TEST_CASE("sensitivity, correction factor, baseline and units become mV") {
  const TemporaryFolder folder;
  DicomGroup group;
  group.channels = {{"2:1", "Lead I", "2.5", "2", "uV", "100"},
                    {"5.6.3-9-62", "", "1", "", "mV", ""},
                    {"", "Lead V3", "0.001", "1", "V", "0"}};
  group.words = {10, 20, 30, -10, -20, -30};
  for (const E_TransferSyntax syntax : {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit, EXS_BigEndianExplicit}) {
    CAPTURE(static_cast<int>(syntax));
    testing::write_dicom(folder.path("a.dcm"), {group}, syntax);
    const auto read = io::read(folder.path("a.dcm"));
    if (!read) FAIL(read.error().message);
    REQUIRE(read->size() == 1);
    const Record& record = read->front();
    CHECK(record.name == folder.path("a"));
    CHECK(record.rate == 500);
    CHECK(record.leads == std::vector<std::string>{"I", "aVR", "V3"});
    REQUIRE(record.samples.shape() == Shape{2, 3});
    CHECK(record.samples(0, 0) == doctest::Approx(0.15));
    CHECK(record.samples(1, 0) == doctest::Approx(0.05));
    CHECK(record.samples(1, 1) == doctest::Approx(-20));
    CHECK(record.samples(0, 2) == doctest::Approx(30));
  }
}

TEST_CASE("several groups, derived ones passed over, other units left out") {
  const TemporaryFolder folder;
  DicomGroup first, median;
  median.originality = "DERIVED";
  first.channels.push_back({"X", "Pressure", "1", "", "mm[Hg]", ""});
  first.words = {1, 2, 3, 4};
  testing::write_dicom(folder.path("a.dcm"), {first, median, DicomGroup{}});
  const auto read = io::read_dicom(folder.path("a.dcm"));
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  CHECK((*read)[0].name == folder.path("a#1"));
  CHECK((*read)[0].leads.size() == 1);
  CHECK((*read)[0].warnings.size() == 2);
  CHECK((*read)[0].samples(1, 0) == doctest::Approx(0.003));
}

TEST_CASE("what contradicts itself is refused with its place") {
  const TemporaryFolder folder;
  DicomGroup group;
  group.samples = 4000000000u;
  CHECK(refusal(folder, {group}).find("multiplex group 1: promises 4000000000 samples") == 0);
  group = {};
  group.rate = "0";
  CHECK(refusal(folder, {group}).find("multiplex group 1: its sampling frequency") == 0);
  group = {};
  group.channels[0].sensitivity = "1e300";
  CHECK(refusal(folder, {group}).find("multiplex group 1: channel 'II': its sensitivity") == 0);
  group = {};
  group.bits = 8;
  CHECK(refusal(folder, {group}).find("multiplex group 1: its samples, 'SS' of 8 bits") == 0);
  CHECK(refusal(folder, {}).find("is a DICOM file without waveforms") == 0);
}

TEST_CASE("a file that is cut short is refused or shorter, never more") {
  const TemporaryFolder folder;
  testing::write_dicom(folder.path("a.dcm"), {DicomGroup{}});
  const std::string bytes = testing::read_bytes(folder.path("a.dcm"));
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    testing::write_bytes(folder.path("b.dcm"), bytes.substr(0, length));
    const auto read = io::read_dicom(folder.path("b.dcm"));
    if (!read) CHECK(!read.error().message.empty());
  }
}
