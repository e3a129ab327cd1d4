#pragma once
// What a report of an echocardiogram shows, whatever of it is known: pictures with what was found drawn on them, a
// curve over the frames, figures, verdicts, words.

#include <optional>
#include <string>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/echo/point.hpp"

namespace systolic::report {

/// Something drawn on a picture: places in pixels, 0, 0 is the middle of the first one.
struct EchoOverlay {
  enum class Kind { line, dots };
  Kind kind = Kind::line;
  std::vector<echo::Point> points;
  const char* color = "#ffd23f";
  bool dashed = false;
  std::string name;  ///< for the key below the picture; overlays with the same name share an entry; empty: none
};

/// Bright enough for dark pictures, and told apart by every eye.
inline constexpr const char* echo_yellow = "#ffd23f";
inline constexpr const char* echo_cyan = "#4fd1ff";
inline constexpr const char* echo_pink = "#ff8fd0";
inline constexpr const char* echo_white = "#ffffff";

/// A grey picture.
struct EchoPicture {
  std::string title;
  std::string png;  ///< bytes of a PNG file of rows x columns
  Index rows = 0, columns = 0;
  double aspect = 1;  ///< height over width of the whole picture, as it is to be shown
  std::vector<EchoOverlay> overlays;
  std::string across, down;  ///< what the axes of an M-mode image mean; empty: none
};

/// A moment that a curve marks.
struct EchoMoment {
  Index frame = 0;
  std::string name;
};

/// A value a frame; NaN where there is none.
struct EchoCurve {
  std::string title, unit;
  std::vector<double> values;
  std::vector<EchoMoment> moments;
  double frames_a_second = 0;  ///< 0: not known, the axis counts frames
};

/// A figure under a label, for the head of the report.
struct EchoFact {
  std::string label, value;  ///< the value with its unit; empty: absent
};

/// A table of figures: the first column names the row.
struct EchoTable {
  std::string title;
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};

/// An attribute with what was judged of it.
struct EchoJudgement {
  std::string attribute, value, verdict;
  bool pathological = false;
};

struct EchoReportInput {
  std::string file;                   ///< name of the clip
  std::string kind;                   ///< what the report shows: "M-mode image"
  std::string summary;                ///< size and length of the clip
  std::string reason;                 ///< why nothing was measured; empty: it was
  std::vector<EchoFact> facts;        ///< the most important figures
  std::vector<EchoPicture> pictures;  ///< side by side, as many as fit
  std::optional<EchoCurve> curve;
  std::vector<EchoTable> tables;
  std::vector<EchoJudgement> judgements;
  std::string text;                ///< the explanation
  std::vector<std::string> steps;  ///< what was done, a sentence each
  std::string weights;             ///< name and checksum; empty: none were used
  std::string weights_note;        ///< what the weights say of themselves
  std::string program;             ///< name and version
  std::string index;               ///< address of the overview that the page belongs to; empty: none
};

}  // namespace systolic::report
