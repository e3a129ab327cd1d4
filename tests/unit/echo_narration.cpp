#include "systolic/echo/narration.hpp"

#include <doctest/doctest.h>

#include <set>

#include "systolic/echo/judge.hpp"
#include "systolic/echo/prompt.hpp"
#include "systolic/echo/readability.hpp"

using namespace systolic;
using namespace systolic::echo;

namespace {

/// Findings drawn at random: every attribute healthy, ill or, with `image`, of the image too.
Findings draw(Random& random) {
  Findings f;
  f.length_ed_mm = 80;
  f.fraction = random.uniform(0.1, 0.8);
  Attributes& a = f.attributes;
  const auto odds = [&] { return random.uniform() < 0.5; };
  a.bulge = SeptalBulge{40, odds() ? random.uniform(0.031, 0.15) : random.uniform(0, 0.029), 2};
  a.motion = SegmentMotion{odds() && odds() ? 0.3 : 5, {}};
  const bool even = odds();
  for (std::size_t s = 0; s < segment_count; ++s)
    a.motion->ratio[s] = even || odds() ? random.uniform(0.6, 1.6) : random.uniform(-0.6, 0.6);
  a.apex_motion_share = odds() ? random.uniform(0.142, 0.3) : random.uniform(0, 0.138);
  a.length_width_ed = odds() ? random.uniform(0.9, 1.48) : random.uniform(1.52, 2.4);
  if (odds()) a.sector_share = odds() ? random.uniform(0.5, 0.89) : random.uniform(0.91, 1);
  if (odds()) a.wall_contrast = odds() ? random.uniform(0, 14) : random.uniform(16, 60);
  f.verdicts = judge_attributes(a, f.fraction, f.length_ed_mm);
  return f;
}

}  // namespace

TEST_CASE("the judge reads every own text as it was meant: accuracy 1, no contradiction, no hallucination") {
  Random random(5, 5);
  std::set<std::string> texts;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const Findings findings = draw(random);
    std::string plain;
    for (const std::string& sentence : plain_sentences(findings)) plain += sentence + " ";
    const std::string fluent = narrate(findings, "clip.avi", i);
    for (const std::string& text : {fluent, plain}) {
      CAPTURE(text);
      const Assessment found = assess(text, findings.verdicts);
      REQUIRE(found.accuracy == 1);
      REQUIRE(found.flawless());
    }
    texts.insert(fluent);
  }
  CHECK(texts.size() > 2900);
}

TEST_CASE("the same findings, name and seed give the same text; another seed or name another wording") {
  Random random(7, 1);
  const Findings findings = draw(random);
  const std::string text = narrate(findings, "a.avi", 1);
  CHECK(narrate(findings, "a.avi", 1) == text);
  std::set<std::string> wordings;
  for (std::uint64_t seed = 0; seed < 20; ++seed) wordings.insert(narrate(findings, "a.avi", seed));
  for (const char* name : {"b.avi", "c.avi", "d.avi"}) wordings.insert(narrate(findings, name, 1));
  CHECK(wordings.size() > 10);
}

TEST_CASE("the gravest finding comes first, the ejection fraction before all") {
  Random random(7, 2);
  Findings f = draw(random);
  f.fraction = 0.25;
  f.attributes.bulge->area_share = 0.05;
  f.attributes.length_width_ed = 0.8;
  f.attributes.apex_motion_share = 0.05;
  f.attributes.motion = SegmentMotion{5, {1, 1, 1, 1, 1, 1, 1}};
  f.verdicts = judge_attributes(f.attributes, f.fraction, f.length_ed_mm);
  const std::string text = narrate(f, "a.avi", 3);
  CAPTURE(text);
  CHECK(text.find("25 %") < text.find("dilated"));
  CHECK(text.find("dilated") < text.find("bulge"));
  CHECK(text.find("severely reduced") != std::string::npos);
}

TEST_CASE("syllables, sentences and reading ease") {
  CHECK(count_syllables("heart") == 1);
  CHECK(count_syllables("the") == 1);
  CHECK(count_syllables("septal") == 2);
  CHECK(count_syllables("ventricle") == 3);
  CHECK(count_syllables("dilated") == 3);
  CHECK(count_syllables("apex") == 2);
  CHECK(count_syllables("place") == 1);
  CHECK(count_syllables("62") == 1);
  const TextCounts counts = count_text("The ratio is 1.5. It's low!  Really");
  CHECK(counts.words == 7);
  CHECK(counts.sentences == 3);
  CHECK(flesch_reading_ease("") == 0);
  // 6 words, 1 sentence, 6 syllables.
  CHECK(flesch_reading_ease("The cat sat on the mat.") == doctest::Approx(206.835 - 1.015 * 6 - 84.6));
}

TEST_CASE("own texts are plain English") {
  Random random(8, 1);
  double sum = 0;
  for (int i = 0; i < 200; ++i) sum += flesch_reading_ease(narrate(draw(random), "a", 1)) / 200;
  MESSAGE("mean Flesch reading ease " << sum);
  CHECK(sum > 50);
}

TEST_CASE("the prompt holds every plain sentence and nothing of what is absent") {
  Random random(9, 1);
  Findings f = draw(random);
  f.attributes.sector_share.reset();
  f.verdicts = judge_attributes(f.attributes, f.fraction, f.length_ed_mm);
  const std::string prompt = language_model_prompt(f);
  for (const std::string& sentence : plain_sentences(f)) CHECK(prompt.find("- " + sentence) != std::string::npos);
  CHECK(prompt.find("sector") == std::string::npos);
}
