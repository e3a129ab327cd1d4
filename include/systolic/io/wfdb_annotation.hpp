#pragma once
// WFDB annotation files in MIT format (RECORD.atr and the like): what somebody or something marked in a recording.
// Format: annot(5) of the WFDB Applications Guide, https://physionet.org/physiotools/wag/annot-5.htm.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/bytes.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io {

/// What an annotation marks, by the number that the file holds; numbers up to 49 without a name here exist as well.
enum class AnnotationCode : std::uint8_t {
  none = 0,
  normal_beat = 1,
  left_bundle_branch_block_beat = 2,
  right_bundle_branch_block_beat = 3,
  aberrated_atrial_premature_beat = 4,
  premature_ventricular_beat = 5,
  ventricular_fusion_beat = 6,
  nodal_premature_beat = 7,
  atrial_premature_beat = 8,
  supraventricular_premature_beat = 9,
  ventricular_escape_beat = 10,
  nodal_escape_beat = 11,
  paced_beat = 12,
  unclassifiable_beat = 13,
  signal_quality_change = 14,
  artifact = 16,
  st_change = 18,
  t_change = 19,
  systole = 20,
  diastole = 21,
  note = 22,
  measurement = 23,
  p_wave = 24,
  bundle_branch_block_beat = 25,
  pacemaker_spike = 26,
  t_wave = 27,
  rhythm_change = 28,
  u_wave = 29,
  learning = 30,
  ventricular_flutter_wave = 31,
  ventricular_flutter_begin = 32,
  ventricular_flutter_end = 33,
  atrial_escape_beat = 34,
  supraventricular_escape_beat = 35,
  link = 36,
  blocked_atrial_premature_beat = 37,
  paced_fusion_beat = 38,
  wave_begin = 39,
  wave_end = 40,
  r_on_t_beat = 41,
};

inline constexpr int largest_annotation_code = 49;  ///< the format's; 42 to 49 are a user's own

/// The short form that viewers print: "N", "V", "(", ...; "[44]" for a code without one.
template <class = void>
inline std::string annotation_mnemonic(AnnotationCode code) {
  constexpr std::array<const char*, 42> names = {" ", "N", "L", "R", "a", "V", "F", "J", "A",  "S", "E", "j", "/", "Q",
                                                 "~", "",  "|", "",  "s", "T", "*", "D", "\"", "=", "p", "B", "^", "t",
                                                 "+", "u", "?", "!", "[", "]", "e", "n", "@",  "x", "f", "(", ")", "r"};
  const auto number = static_cast<std::size_t>(code);
  return number < names.size() && *names[number] ? names[number] : joined({"[", number, "]"});
}

/// Whether the annotation marks a heart beat (a QRS complex), by PhysioNet's list of beat annotations.
constexpr bool is_beat(AnnotationCode code) noexcept {
  const int number = static_cast<int>(code);
  return (number >= 1 && number <= 13) || number == 25 || number == 30 || number == 34 || number == 35 ||
         number == 38 || number == 41;
}

struct Annotation {
  Index sample = 0;  ///< from the start of the record, at the file's time resolution (mostly the record's rate)
  AnnotationCode code = AnnotationCode::none;
  int subtype = 0;        ///< -128 to 127, as the two below; of a signal quality change: which signals are noisy
  int channel = 0;        ///< the signal that it belongs to
  int number = 0;         ///< of a wave begin in the QT database: 0 P, 1 QRS, 2 T
  std::string auxiliary;  ///< free text of up to 255 bytes: the rhythm "(AFIB", a comment
  friend bool operator==(const Annotation&, const Annotation&) = default;
};

struct AnnotationFile {
  std::vector<Annotation> annotations;    ///< in the order of the file, which is that of time
  std::optional<double> time_resolution;  ///< samples a second, where the file says that it has its own
};

namespace detail {

/// Codes above the annotations' own, which change how the words around them are understood.
enum AnnotationWord : int { word_skip = 59, word_number = 60, word_subtype = 61, word_channel = 62, word_text = 63 };

inline constexpr std::uint64_t largest_annotation_file = std::uint64_t{1} << 24;  ///< bytes, 80 days of beats
inline constexpr std::string_view resolution_note = "## time resolution: ";

/// A text as C programs wrote it: without the zeros behind it.
template <class = void>
inline std::string annotation_text(std::string_view bytes) {
  return std::string(bytes.substr(0, bytes.find('\0')));
}

}  // namespace detail

/// The annotations in `bytes`, the content of the file `name` (for messages). Refused with "FILE: byte N: CAUSE": a
/// file that ends within an annotation, words in front of the first annotation that belong to one, a code that the
/// format does not know, a time before the record's start or above 2^53.
template <class = void>
inline Result<AnnotationFile> parse_wfdb_annotations(std::string_view bytes, std::string_view name) {
  using namespace detail;
  AnnotationFile file;
  std::size_t place = 0;
  const auto fail = [&](std::string_view cause) { return error_at(name, joined({"byte ", place}), cause); };
  Index time = 0;
  int channel = 0, number = 0;
  for (;;) {
    // Some programs leave out the two zero bytes of the end.
    if (place == bytes.size()) break;
    if (bytes.size() - place < 2) return fail("the file ends within an annotation");
    const auto word = load<std::uint16_t>(bytes.data() + place);
    const int code = word >> 10, value = word & 0x3FF;
    if (word == 0) break;
    if (code == word_skip) {
      if (bytes.size() - place < 6) return fail("the file ends within a time");
      // The high half comes first, as the PDP-11 stored it.
      const auto high = load<std::uint16_t>(bytes.data() + place + 2),
                 low = load<std::uint16_t>(bytes.data() + place + 4);
      time += static_cast<std::int32_t>((std::uint32_t{high} << 16) | low);
      place += 6;
      continue;
    }
    if (code >= word_number) {
      if (file.annotations.empty()) return fail("there is no annotation yet that this could belong to");
      Annotation& last = file.annotations.back();
      const int small = static_cast<std::int8_t>(value & 0xFF);
      if (code == word_number) last.number = number = small;
      if (code == word_subtype) last.subtype = small;
      if (code == word_channel) last.channel = channel = small;
      place += 2;
      if (code == word_text) {
        const auto length = static_cast<std::size_t>(value), padded = length + length % 2;
        if (bytes.size() - place < length) return fail("the file ends within a text");
        last.auxiliary = annotation_text(bytes.substr(place, length));
        place += std::min(padded, bytes.size() - place);
      }
      continue;
    }
    if (code > largest_annotation_code) return fail(joined({"code ", code, " is not one of the format's"}));
    time += value;
    if (time < 0 || time > (Index{1} << 53)) return fail("the annotation lies outside any recording");

    file.annotations.push_back({time, static_cast<AnnotationCode>(code), 0, channel, number, {}});
    place += 2;
  }
  for (const Annotation& annotation : file.annotations) {
    if (annotation.sample != 0) break;
    if (annotation.code != AnnotationCode::note || !annotation.auxiliary.starts_with(resolution_note)) continue;
    TextReader text(std::string_view(annotation.auxiliary).substr(resolution_note.size()));
    const std::optional<double> rate = parse_number<double>(text.word());
    if (rate && *rate > 0) file.time_resolution = rate;
  }
  return file;
}

/// Reads the annotation file `path` (its name ends in the annotator's: "100.atr"), at most 16 MB. Errors: those of
/// parse_wfdb_annotations and of the system.
template <class = void>
inline Result<AnnotationFile> read_wfdb_annotations(const std::string& path) {
  auto bytes = read_file(path, detail::largest_annotation_file);
  if (!bytes) return bytes.error();
  return parse_wfdb_annotations(*bytes, path);
}

/// Writes `annotations` as the file `path`, whole or not at all. Requires ascending times from 0 on, codes 1 to 49,
/// subtype, channel and number in -128..127, texts of up to 255 bytes without zeros; otherwise an Error that names the
/// annotation. Reads back equal.
template <class = void>
inline Status write_wfdb_annotations(const std::string& path, const std::vector<Annotation>& annotations) {
  using namespace detail;
  std::string bytes;
  const auto put = [&bytes](std::uint32_t word) {
    char two[2];
    store_little(static_cast<std::uint16_t>(word & 0xFFFF), two);
    bytes.append(two, 2);
  };
  const auto put_code = [&put](int code, int value) {
    put(static_cast<std::uint32_t>(code) << 10 | (static_cast<std::uint32_t>(value) & 0xFF));
  };
  const auto small = [](int value) { return value >= -128 && value <= 127; };
  Index time = 0;
  int channel = 0, number = 0;
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    const Annotation& a = annotations[i];
    const auto fail = [&](std::string_view cause) { return error_at(path, joined({"annotation ", i}), cause); };
    const int code = static_cast<int>(a.code);
    if (a.sample < time) return fail("lies before the one in front of it, or before the start");
    if (code < 1 || code > largest_annotation_code) return fail("has a code that is not in 1 to 49");
    if (!small(a.subtype) || !small(a.channel) || !small(a.number))
      return fail("has a subtype, channel or number that is not in -128 to 127");
    if (a.auxiliary.size() > 255 || a.auxiliary.find('\0') != std::string::npos)
      return fail("has a text that is longer than 255 bytes, or has a zero in it");
    Index step = a.sample - time;
    for (; step > 0x3FF; step -= std::min<Index>(step, INT32_MAX)) {
      const auto skip = static_cast<std::uint32_t>(std::min<Index>(step, INT32_MAX));
      put(static_cast<std::uint32_t>(word_skip) << 10);
      put(skip >> 16);
      put(skip & 0xFFFF);
    }
    put(static_cast<std::uint32_t>(code) << 10 | static_cast<std::uint32_t>(step));
    time = a.sample;
    if (a.subtype != 0) put_code(word_subtype, a.subtype);
    if (a.channel != channel) put_code(word_channel, channel = a.channel);
    if (a.number != number) put_code(word_number, number = a.number);
    if (!a.auxiliary.empty()) {
      put_code(word_text, static_cast<int>(a.auxiliary.size()));
      bytes += a.auxiliary;
      if (a.auxiliary.size() % 2) bytes += '\0';
    }
  }
  put(0);
  return write_file_atomically(path, bytes);
}

}  // namespace systolic::io
