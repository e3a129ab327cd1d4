#include "systolic/echo/judge.hpp"

#include <doctest/doctest.h>

#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "support/files.hpp"

using namespace systolic::echo;

namespace {

constexpr std::array<std::string_view, topic_count> short_names = {"ef",    "bulge",  "motion", "apex",
                                                                   "ratio", "sector", "quality"};

std::set<std::string> words_of(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

/// {"ef+", "bulge-"}: what a reading claims.
std::set<std::string> claims(const Reading& reading) {
  std::set<std::string> claimed;
  for (std::size_t t = 0; t < topic_count; ++t)
    if (reading.verdicts.of[t] != Verdict::absent && !reading.implied[t])
      claimed.insert(std::string(short_names[t]) + (reading.verdicts.of[t] == Verdict::normal ? "+" : "-") +
                     (reading.contradictory[t] ? "!" : ""));
  return claimed;
}

Verdicts parse_truth(const std::string& line) {
  Verdicts truth;
  std::istringstream words(line);
  std::size_t t = 0;
  for (std::string word; words >> word; ++t) {
    REQUIRE(t < topic_count);
    REQUIRE(word.starts_with(short_names[t]));
    truth.of[t] = word.back() == '+' ? Verdict::normal : word.back() == '-' ? Verdict::pathological : Verdict::absent;
  }
  REQUIRE(t == topic_count);
  return truth;
}

std::set<std::string> errors(const Assessment& assessment) {
  std::set<std::string> found;
  const auto add = [&](const std::vector<Topic>& topics, const char* mark) {
    for (const Topic topic : topics) found.insert(mark + std::string(short_names[static_cast<std::size_t>(topic)]));
  };
  add(assessment.contradictions, "!");
  add(assessment.hallucinations, "~");
  add(assessment.omissions, "0");
  return found;
}

std::string data(const char* name) {
  return testing::read_bytes(std::string(SYSTOLIC_SOURCE_DIR) + "/tests/data/" + name);
}

}  // namespace

TEST_CASE("sentences are read as they are meant: negations, synonyms, order of words") {
  std::istringstream lines(data("echo_readings.txt"));
  int count = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t bar = line.find('|');
    if (line.empty() || line[0] == '#' || bar == std::string::npos) continue;
    CAPTURE(line);
    CHECK(claims(read_explanation(line.substr(bar + 1))) == words_of(line.substr(0, bar)));
    ++count;
  }
  CHECK(count > 200);
}

TEST_CASE("in forty wrong explanations every error is found, and none that is not there") {
  std::istringstream lines(data("echo_wrong_texts.txt"));
  int count = 0;
  for (std::string truth; std::getline(lines, truth);) {
    if (truth.empty() || truth[0] == '#') continue;
    std::string wrong, text, line;
    std::getline(lines, wrong);
    while (std::getline(lines, line) && !line.empty()) text += line + "\n";
    CAPTURE(text);
    CHECK(errors(assess(text, parse_truth(truth))) == words_of(wrong));
    ++count;
  }
  CHECK(count == 40);
}

TEST_CASE("accuracy counts the topics that the truth knows") {
  const Verdicts truth = parse_truth("ef+ bulge- motion? apex? ratio? sector? quality?");
  CHECK(assess("The ejection fraction is normal. The septum bulges.", truth).accuracy == 1);
  CHECK(assess("The ejection fraction is normal. There is no bulge.", truth).accuracy == 0.5);
  CHECK(assess("", truth).accuracy == 0);
  CHECK(assess("", truth).omissions.size() == 2);
  const Assessment both =
      assess("The septum bulges. There is no septal bulge. The ejection fraction is normal.", truth);
  CHECK(both.contradictions == std::vector<Topic>{Topic::septal_bulge});
}

TEST_CASE("everything else is normal: said of what is known, no hallucination of what is not") {
  const Verdicts truth = parse_truth("ef- bulge+ motion+ apex+ ratio+ sector? quality?");
  const Assessment found = assess("The ejection fraction is reduced. All other attributes are normal.", truth);
  CHECK(found.accuracy == 1);
  CHECK(found.flawless());
}

TEST_CASE("sentences end where they end") {
  CHECK(split_sentences("A ratio of 1.5 is low. Isn't it? Yes!").size() == 3);
  CHECK(split_sentences("one line\nanother line of it\n\n- an item\n- the next").size() == 3);
  const auto words = split_sentences("The apex's motion isn't normal (5%) \xE2\x80\x93 it can\xE2\x80\x99t be.");
  REQUIRE(words.size() == 1);
  CHECK(words[0] == std::vector<std::string>{"the", "apex", "motion", "is", "not", "normal", ",", "5", "%", ",", ",",
                                             "it", "can", "not", "be"});
}

TEST_CASE("any bytes can be judged") {
  testing::for_each_damage(data("echo_wrong_texts.txt").substr(0, 3000), 200, [](const std::string& damaged) {
    const Reading reading = read_explanation(damaged);
    CHECK(assess(reading, {}).accuracy == 1);
  });
}
