#include "output.hpp"

#include "systolic/core/numbers.hpp"

#include <unistd.h>
#include <algorithm>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace program {
namespace {

std::string message_line(std::string_view text) {
  std::string line = "systolic: ";
  // A file's name may hold anything; a message stays on its line and leaves the terminal alone.
  for (const char c : text) line += static_cast<unsigned char>(c) < 32 || c == 127 ? '?' : c;
  return line + "\n";
}

}  // namespace

void Outcome::add(Format format, const Json& fields, const std::string& text) {
  if (format == Format::json) lines += fields.text() + "\n";
  if (format == Format::csv) {
    csv_header = fields.csv_header();
    lines += fields.csv_row();
  }
  if (format == Format::text) lines += text;
}

void Outcome::fail(const systolic::Error& error) {
  messages += message_line(error.message);
  failed = true;
}

void Outcome::note(const std::string& text) { notes += message_line(text); }

void Printer::print(const Outcome& outcome) {
  if (outcome.failed) failed_ = true;
  if (!header_printed_ && !outcome.csv_header.empty()) {
    header_printed_ = true;
    write(outcome.csv_header);
  }
  write(outcome.lines);
  if (!quiet_) std::fputs(outcome.notes.c_str(), stderr);
  std::fputs(outcome.messages.c_str(), stderr);
}

void Printer::print_error(const systolic::Error& error) {
  Outcome outcome;
  outcome.fail(error);
  print(outcome);
}

void Printer::write(std::string_view text) {
  while (!text.empty() && !broken_) {
    const ssize_t put = ::write(STDOUT_FILENO, text.data(), text.size());
    if (put >= 0) {
      text.remove_prefix(static_cast<std::size_t>(put));
      continue;
    }
    if (errno == EINTR) continue;
    broken_ = true;
    if (errno == EPIPE) return;
    failed_ = true;
    print_message(std::string("standard output: could not be written: ") + std::strerror(errno));
  }
}

int Printer::exit_status() {
  if (!broken_ && ::close(::dup(STDOUT_FILENO)) != 0) {  // some file systems report a full disk only now
    failed_ = true;
    print_message(std::string("standard output: could not be written: ") + std::strerror(errno));
  }
  return failed_ ? exit_failed : exit_done;
}

void print_message(std::string_view text) { std::fputs(message_line(text).c_str(), stderr); }

std::string significant(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

std::string fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string figure_line(const std::string& name, const Json& value) {
  std::string text = value.text();
  if (const auto number = systolic::number_from_text<double>(text); number && text.find('.') != std::string::npos)
    text = fixed(*number, 4);
  std::string label = "  " + name;
  label.resize(std::max<std::size_t>(label.size() + 1, 34), ' ');
  return label + (text == "null" ? "-" : text) + "\n";
}

}  // namespace program
