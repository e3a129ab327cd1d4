#include "systolic/io/tracings.hpp"

#include <doctest/doctest.h>

#include "support/files.hpp"
#include "support/tracings.hpp"

using namespace systolic;
using testing::half_ellipsoid;
using testing::table_rows;
using testing::tracings_header;

namespace {

Result<io::Tracings> read(const std::string& text) {
  const testing::TemporaryFolder folder;
  testing::write_bytes(folder.path("t.csv"), text);
  return io::read_tracings(folder.path("t.csv"));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

const std::string two_frames =
    table_rows("a.avi", half_ellipsoid(60, 15), 46) + table_rows("a.avi", half_ellipsoid(50, 12), 61);

}  // namespace

TEST_CASE("clips and frames in the order of the table, rows as they stand there") {
  const auto found = read(tracings_header + two_frames + table_rows("b.avi", half_ellipsoid(40, 11), 3) +
                          table_rows("a.avi", half_ellipsoid(45, 10), 7));
  REQUIRE(found);
  REQUIRE(found->clips.size() == 2);
  CHECK(found->clips[0].file == "a.avi");
  REQUIRE(found->clips[0].frames.size() == 3);
  CHECK(found->clips[0].frames[0].frame == 46);
  CHECK(found->clips[0].frames[2].frame == 7);
  CHECK(found->clips[1].frames[0].row_count == 21);
  CHECK(found->clips[0].frames[0].rows[0].to.y == doctest::Approx(80));
  CHECK(found->warnings.empty());
}

TEST_CASE("quotes, line ends of Windows, a byte order mark, other separators, columns in another order") {
  const auto plain = read(tracings_header + two_frames);
  REQUIRE(plain);
  const auto same = [&](const std::string& text) {
    const auto found = read(text);
    REQUIRE(found);
    REQUIRE(found->clips.size() == 1);
    REQUIRE(found->clips[0].frames.size() == 2);
    for (std::size_t f = 0; f < 2; ++f)
      for (std::size_t r = 0; r < 21; ++r) {
        const auto &a = plain->clips[0].frames[f].rows[r], &b = found->clips[0].frames[f].rows[r];
        REQUIRE((a.from == b.from && a.to == b.to));
      }
  };
  const std::string text = tracings_header + two_frames;
  same("\xEF\xBB\xBF" + text);
  same(replaced(text, "\n", "\r\n"));
  same(replaced(text, ",", ";"));
  same(replaced(text, ",", "\t"));
  same(replaced(replaced(text, ",", "\",\""), "\n", "\"\n\"") + "\"");
  same(replaced(text, "\n", "\n\n"));
  same(replaced(text, ",46\n", ",46.0\n"));
  std::string reordered = "Frame,index,FileName,Y2,X2,Y1,X1\n";
  for (const auto& frame : plain->clips[0].frames)
    for (const auto& row : frame.rows) {
      reordered += std::to_string(frame.frame) + ",0,a.avi";
      for (const double value : {row.to.y, row.to.x, row.from.y, row.from.x}) reordered += "," + number_to_text(value);
      reordered += "\n";
    }
  same(reordered);
}

TEST_CASE("what is wrong with a row is noted with its frame, and the others are read") {
  const std::string other = table_rows("b.avi", half_ellipsoid(40, 11), 3);
  const std::string text = tracings_header +
                           "a.avi,1,2,nan,4,46\na.avi,1,2,3,x,46\na.avi,1,2,3\na.avi,1,2,inf,4,47\n"
                           "a.avi,1,2,1e300,4,48\n,1,2,3,4,5\na.avi,1,2,3,4,4.5\na.avi,1,2,3,4,-1\n" +
                           other;
  const auto found = read(text);
  REQUIRE(found);
  REQUIRE(found->clips.size() == 2);
  const auto& frames = found->clips[0].frames;
  REQUIRE(frames.size() == 3);
  CHECK(frames[0].problem == "line 2: 'nan' is no coordinate");
  CHECK(frames[0].row_count == 2);
  CHECK(frames[1].problem == "line 5: 'inf' is no coordinate");
  CHECK(frames[2].problem == "line 6: '1e300' is no coordinate");
  CHECK(found->clips[0].problem == "line 4: frame '' is no frame number");
  CHECK(found->clips[1].frames[0].row_count == 21);
  CHECK(found->clips[1].problem.empty());
  REQUIRE(found->warnings.size() == 1);
  CHECK(found->warnings[0] == "line 7: 1 rows without a file name are left out");
}

TEST_CASE("a frame traced twice keeps no more rows than a tracing has, and says how many there are") {
  const auto found = read(tracings_header + two_frames + table_rows("a.avi", half_ellipsoid(60, 15), 46));
  REQUIRE(found);
  CHECK(found->clips[0].frames[0].row_count == 42);
  CHECK(found->clips[0].frames[0].rows.size() == 21);
}

TEST_CASE("a clip that cannot be measured says why, and a damaged frame beside two good ones does no harm") {
  const auto reason = [](const std::string& rows) {
    const auto found = read(tracings_header + rows);
    REQUIRE(found);
    const auto result = io::measure_clip(found->clips[0], {});
    return result ? std::string("EF ") + std::to_string(result->fraction) : result.error().message;
  };
  const std::string one = table_rows("a.avi", half_ellipsoid(60, 15), 46),
                    two = table_rows("a.avi", half_ellipsoid(50, 12), 61);
  // 1 - 50/60 (12/15)^2, but for a disk.
  CHECK(reason(one + two).starts_with("EF 0.466"));
  CHECK(reason(one) == "one usable frame; end-diastole and end-systole are needed");
  CHECK(reason(one + two.substr(two.find('\n') + 1)) ==
        "frame 61: has 20 rows, not 21 (the long axis and 20 chords); one usable frame; end-diastole and end-systole "
        "are needed");
  CHECK(reason("a.avi,1,2,nan,4,5\n" + one).starts_with("frame 5: has 1 rows"));
  CHECK(reason(one + replaced(two, two.substr(6, 2), "nan")).starts_with("frame 61: line 23: 'nan"));
  CHECK(reason(one + two + "a.avi,1,2,3,4,5\n").starts_with("EF 0.466"));
  const auto flat = [](int frame) {
    std::string text;
    for (int i = 0; i < 21; ++i) text += "a.avi,5,5,5,5," + std::to_string(frame) + "\n";
    return text;
  };
  CHECK(reason(flat(1) + flat(2)).starts_with("frame 1: has a long axis without length; frame 2: has"));
}

TEST_CASE("files that are no such table") {
  const auto cause = [](const std::string& text) {
    const auto found = read(text);
    return found ? std::string() : found.error().message;
  };
  CHECK(cause(two_frames).find("has no column 'FileName'") != std::string::npos);
  CHECK(cause("FileName,X1,Y1,X2,Frame\n").find("has no column 'Y2'") != std::string::npos);
  CHECK(cause("FileName,X1,Y1,X2,Y2,Frame,X1\n").find("more than one column 'X1'") != std::string::npos);
  CHECK(cause(tracings_header).find("has a header and no tracing") != std::string::npos);
  CHECK_FALSE(cause("").empty());
  CHECK_FALSE(cause(std::string("\0\0\0", 3)).empty());
  CHECK_FALSE(io::read_tracings("/nonexistent/t.csv"));
}

TEST_CASE("damaged tables end in a result or an error") {
  testing::for_each_damage(tracings_header + two_frames, 300, [](const std::string& damaged) {
    if (const auto found = read(damaged))
      for (const auto& clip : found->clips)
        for (const auto& frame : clip.frames) {
          CHECK(frame.rows.size() <= 21);
          if (frame.rows.size() == 21) static_cast<void>(echo::make_contour(frame.rows, {}));
        }
  });
}
