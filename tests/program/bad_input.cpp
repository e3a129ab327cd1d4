// Whatever is wrong with a file or a request: the right exit status, and a message that names file, place and cause.

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "program/recordings.hpp"
#include "program/run_program.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/npy_header.hpp"

using namespace testing;

namespace {

/// Runs `detect` on `bad` and a good record: the bad one fails with all of `parts` in its message, the good one is
/// done.
void check_refused(const std::string& bad, const std::vector<std::string>& parts) {
  const Run run = run_program({"detect", "--beats", "1", "--format", "json", bad, example("normal")});
  CHECK(run.status == 1);
  CHECK(run.json().size() == 1);
  CAPTURE(run.err);
  for (const std::string& part : parts) {
    CAPTURE(part);
    CHECK(contains(run.err, part));
  }
}

/// A record "r" in the folder whose header has `from` replaced by `to`.
void write_changed_header(const TemporaryFolder& folder, const std::string& from, const std::string& to) {
  write_record(folder.path("r"), example_record());
  std::string header = read_bytes(folder.path("r.hea"));
  const std::size_t place = header.find(from);
  REQUIRE(place != std::string::npos);
  write_bytes(folder.path("r.hea"), header.replace(place, from.size(), to));
}

std::string little_endian(std::uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i) & 255);
  return bytes;
}

/// A safetensors file that begins with this header and goes on with `data_bytes` zeros.
std::string safetensors(const std::string& header, std::size_t data_bytes) {
  return little_endian(header.size()) + header + std::string(data_bytes, '\0');
}

/// A zip archive of one stored file, as torch.save makes them.
std::string zip_of(const std::string& name, const std::string& content) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const char c : content) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
  }
  crc = ~crc;
  const auto number = [](std::uint64_t value, std::size_t bytes) { return little_endian(value).substr(0, bytes); };
  const std::string common = number(0, 2) + number(0, 2) + number(0, 2) + number(0x21, 2) + number(crc, 4) +
                             number(content.size(), 4) + number(content.size(), 4) + number(name.size(), 2) +
                             number(0, 2);
  const std::string local = "PK\x03\x04" + number(20, 2) + common + name + content;
  const std::string central =
      "PK\x01\x02" + number(20, 2) + number(20, 2) + common + std::string(10, '\0') + number(0, 4) + name;
  return local + central + "PK\x05\x06" + number(0, 4) + number(1, 2) + number(1, 2) + number(central.size(), 4) +
         number(local.size(), 4) + number(0, 2);
}

void check_weights_refused(const std::string& name, const std::string& bytes, const std::vector<std::string>& parts) {
  const TemporaryFolder folder;
  write_bytes(folder.path(name), bytes);
  const Run run = run_program({"detect", "--weights", folder.path(name), example("normal")});
  CHECK(run.status == 1);
  CHECK(run.out == "");
  CAPTURE(run.err);
  CHECK(contains(run.err, folder.path(name)));
  for (const std::string& part : parts) CHECK(contains(run.err, part));
}

}  // namespace

TEST_CASE("a missing signal file") {
  const TemporaryFolder folder;
  write_record(folder.path("r"), example_record());
  std::filesystem::remove(folder.path("r.dat"));
  check_refused(folder.path("r"), {folder.path("r.dat"), "could not be opened", "No such file"});
}

TEST_CASE("a signal file cut short") {
  const TemporaryFolder folder;
  write_record(folder.path("r"), example_record());
  std::filesystem::resize_file(folder.path("r.dat"), 60001);
  check_refused(folder.path("r"), {folder.path("r.dat"), "cut short", "2500", "5000"});
}

TEST_CASE("a header with a wrong lead count") {
  const TemporaryFolder folder;
  write_changed_header(folder, "r 12 ", "r 13 ");
  check_refused(folder.path("r"), {folder.path("r.hea") + ": line", "12 of the 13"});
  write_changed_header(folder, "r 12 ", "r 11 ");
  check_refused(folder.path("r"), {folder.path("r.hea") + ": line 13", "11"});
}

TEST_CASE("a header with a negative or absurd length") {
  const TemporaryFolder folder;
  write_changed_header(folder, " 5000\n", " -5000\n");
  check_refused(folder.path("r"), {folder.path("r.hea") + ": line 1: length '-5000'"});
  write_changed_header(folder, " 5000\n", " 999999999999999\n");
  check_refused(folder.path("r"), {"999999999999999"});
  write_changed_header(folder, " 5000\n", " 99999999999999999999999\n");
  check_refused(folder.path("r"), {folder.path("r.hea") + ": line 1: length"});
}

TEST_CASE("a header with a rate of 0") {
  const TemporaryFolder folder;
  write_changed_header(folder, "r 12 500 ", "r 12 0 ");
  check_refused(folder.path("r"), {folder.path("r.hea") + ": line 1: sampling rate '0'"});
}

TEST_CASE("a signal file name that climbs out of the folder") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path("below"));
  write_changed_header(folder, "r.dat", "../r.dat");
  check_refused(folder.path("r"), {folder.path("r.hea") + ": line 2", "'../r.dat'", "climbs out"});
  write_changed_header(folder, "r.dat", folder.path("r.dat"));
  check_refused(folder.path("r"), {folder.path("r.hea") + ": line 2", "absolute"});
}

TEST_CASE("text where a number belongs") {
  const TemporaryFolder folder;
  write_changed_header(folder, "r 12 500 ", "r 12 fast ");
  check_refused(folder.path("r"), {folder.path("r.hea") + ": line 1: sampling rate 'fast'"});
}

TEST_CASE("an array with pickled objects, a huge shape, another shape, or damage") {
  const TemporaryFolder folder;
  write_bytes(folder.path("o.npy"), systolic::io::npy_header_text("|O", {5000, 12}) + std::string(64, 'x'));
  check_refused(folder.path("o.npy"), {folder.path("o.npy") + ": header", "pickled"});
  std::string huge = systolic::io::npy_header_text("<f4", {5000, 12});
  const std::size_t place = huge.find("(5000, 12)");
  write_bytes(folder.path("huge.npy"), huge.replace(place, 26, "(4611686018427387904, 5000)"));
  check_refused(folder.path("huge.npy"), {folder.path("huge.npy") + ": header"});
  REQUIRE(systolic::io::write_npy(folder.path("turned.npy"), systolic::Tensor<float>({12, 5000})));
  check_refused(folder.path("turned.npy"), {folder.path("turned.npy"), "[12, 5000]", "[5000, 12]"});
  write_bytes(folder.path("short.npy"), systolic::io::npy_header_text("<f4", {5000, 12}) + std::string(64, 'x'));
  check_refused(folder.path("short.npy"), {folder.path("short.npy") + ": header", "[5000, 12] needs"});
}

TEST_CASE("files that are no recording, or not yet one") {
  const TemporaryFolder folder;
  write_bytes(folder.path("a.txt"), "hello\n");
  check_refused(folder.path("a.txt"), {folder.path("a.txt") + ": is not a recording"});
  write_bytes(folder.path("a.dat"), "1234");
  check_refused(folder.path("a.dat"), {folder.path("a.dat") + ": its WFDB header (.hea) is missing"});
  std::filesystem::create_directories(folder.path("empty"));
  check_refused(folder.path("empty"), {folder.path("empty") + ": holds no recording"});
  check_refused(folder.path("none"), {folder.path("none") + ": there is no such file"});
  check_refused("/dev/zero", {"/dev/zero: is not a regular file"});
}

TEST_CASE("weights that are damaged or hostile") {
  const std::string entry = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  check_weights_refused("overlap.safetensors",
                        safetensors("{" + entry + R"(,"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", 12),
                        {"tensor 'b'"});
  check_weights_refused("beyond.safetensors",
                        safetensors(R"({"a":{"dtype":"F32","shape":[200],"data_offsets":[0,800]}})", 8),
                        {"tensor 'a'"});
  check_weights_refused("huge.safetensors", little_endian(std::uint64_t{1} << 60) + "{}", {"1152921504606846976"});
  check_weights_refused("sum.safetensors", safetensors(R"({"__metadata__":{"sha256":"00"},)" + entry + "}", 8),
                        {"checksum"});
  check_weights_refused("other.safetensors", safetensors("{" + entry + "}", 8), {"not of the restoration network"});
  check_weights_refused("empty.safetensors", "", {"too short"});
  check_weights_refused("evil.pt",
                        zip_of("archive/data.pkl",
                               "\x80\x02"
                               "cos\nsystem\n(X\x02\x00\x00\x00idtR."),
                        {"data.pkl", "os", "system"});
}

TEST_CASE("an output folder that cannot be written is said before any work") {
  const TemporaryFolder folder;
  write_bytes(folder.path("file"), "");
  const std::string below = folder.path("file/below");  // below a regular file nobody can make anything, root neither
  const auto check = [&](std::vector<std::string> arguments) {
    const Run run = run_program(arguments);
    CHECK(run.status == 1);
    CHECK(run.out == "");
    CHECK(contains(run.err, below));
    CHECK(contains(run.err, "Not a directory"));
  };
  check({"detect", example("normal"), "--map", below + "/x.npy"});
  check({"detect", example("normal"), "--report", below + "/x.svg"});
  check({"detect", example("normal"), example("two_pvc"), "--map", below});
  check({"preprocess", example("normal"), "--out", below});
  check({"convert", example("normal"), below + "/x.npy"});
}

TEST_CASE("a full disk") {
  if (!std::filesystem::exists("/dev/full")) return;
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"detect", "--beats", "1", example("normal")},
        {"peaks", example("normal")},
        {"info"},
        {"--help"},
        {"--version"}}) {
    CAPTURE(arguments[0]);
    const Run run = run_program(arguments, {.output = "/dev/full"});
    CHECK(run.status == 1);
    CHECK(contains(run.err, "standard output: could not be written: No space left on device"));
  }
  const Run map = run_program({"detect", "--beats", "1", example("normal"), "--map", "/dev/full"});
  CHECK(map.status == 1);
  CHECK(contains(map.err, "/dev/full: could not be written: No space left on device"));
}

TEST_CASE("a reader that closes the pipe early") {
  std::string command = SYSTOLIC_PROGRAM " peaks --format json";
  for (int i = 0; i < 50; ++i) command += " '" + example("normal") + "'";
  command = "( " + command + "; echo status $? >&2 ) 2>&1 >&3 3>&- | cat";
  command = "{ { " + command + "; } 3>&1 >&4 | head -n 1 >/dev/null; } 4>&1";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 256> text{};
  const std::size_t got = fread(text.data(), 1, text.size() - 1, pipe);
  pclose(pipe);
  CHECK(std::string(text.data(), got) == "status 0\n");
}

TEST_CASE("wrong usage has a status of its own and a message for a stranger") {
  const auto check = [](const std::vector<std::string>& arguments, const std::string& message) {
    const Run run = run_program(arguments);
    CHECK(run.status == 2);
    CHECK(run.out == "");
    CAPTURE(run.err);
    CHECK(contains(run.err, message));
  };
  const std::string record = example("normal");
  check({}, "name a verb");
  check({"diagnose"}, "there is no verb 'diagnose'");
  check({"detect"}, "RECORD is required");
  check({"detect", record, "--precision", "f64"}, "'f64' is not known; there is f32, bf16, int8");
  check({"detect", record, "--rate", "0"}, "'0' is no rate");
  check({"detect", record, "--peaks", "magic"}, "'magic' is not known");
  check({"detect", record, "--threads", "0"}, "'0' is no whole number");
  check({"detect", record, "--beats", "x"}, "'x' is no whole number");
  check({"detect", record, "--format", "xml"}, "'xml' is not known; there is text, json, csv");
  check({"detect", record, "--report", "x.jpg"}, "name a file that ends in .html");
  check({"detect", record, "--report", "x.html", "--layout", "4x3"}, "3x4+1, 3x4, 6x2, 12x1");
  check({"detect", record, record, "--report", "x.svg"}, "name a folder");
  check({"detect", record, record, "--annotate", "x.atr"}, "--annotate x.atr: there are several");
  check({"detect", record, "--resume"}, "only results in --format json or csv");
  check({"preprocess", record}, "--out is required");
}

TEST_CASE("help and version are results") {
  CHECK(run_program({"--version"}).out.starts_with("systolic "));
  const Run help = run_program({"--help"});
  CHECK(help.status == 0);
  for (const char* verb : {"detect", "peaks", "preprocess", "restore", "evaluate", "convert", "info"}) {
    CHECK(contains(help.out, verb));
    const Run own = run_program({verb, "--help"});
    CHECK(own.status == 0);
    CHECK(contains(own.out, std::string("Usage: systolic ") + verb));
    CHECK(contains(own.out, std::string("Example: systolic ") + verb));
  }
}
