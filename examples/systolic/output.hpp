#pragma once
// Results on standard output and messages on standard error, in the order of the inputs.

#include <string>
#include <string_view>

#include "json.hpp"
#include "options.hpp"
#include "systolic/core/result.hpp"

namespace program {

/// What came of one input: made on any thread, printed in turn.
struct Outcome {
  std::string lines;       ///< for standard output
  std::string csv_header;  ///< of `lines`, where they are rows of a table
  std::string messages;    ///< for standard error, each line whole
  std::string notes;       ///< the same; left out by --quiet
  bool failed = false;

  /// Adds a result: `text` (lines for a person) or `fields`, whichever the format wants.
  void add(Format format, const Json& fields, const std::string& text);
  void fail(const systolic::Error& error);
  /// Says something that is no failure.
  void note(const std::string& text);
  bool speaks() const noexcept { return !messages.empty() || !notes.empty(); }
};

/// Prints outcomes. A reader who closes the pipe early is no error; a full disk is.
class Printer {
 public:
  explicit Printer(bool quiet) : quiet_(quiet) {}

  void print(const Outcome& outcome);
  /// The table goes on in a file that has its header.
  void continue_table() noexcept { header_printed_ = true; }
  void print_error(const systolic::Error& error);
  /// False where nothing printed reaches anybody any more.
  bool open() const noexcept { return !broken_; }
  bool failed() const noexcept { return failed_; }
  /// To be called last: the exit status of the program.
  int exit_status();

 private:
  void write(std::string_view text);

  bool quiet_;
  bool failed_ = false;
  bool broken_ = false;
  bool header_printed_ = false;
};

/// "FILE: PLACE: CAUSE" on standard error, at once.
void print_message(std::string_view text);

/// At least `digits` significant digits, without an exponent for everyday sizes: for people.
std::string significant(double value, int digits = 4);
std::string fixed(double value, int decimals);
/// A line of a table of figures; an absent figure is a dash.
std::string figure_line(const std::string& name, const Json& value);

}  // namespace program
