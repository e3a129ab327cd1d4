// The HTML report and the overview in headless Chromium: a script of the test is put behind the page's own, clicks, and
// writes down what it sees.

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "support/files.hpp"
#include "support/report_example.hpp"
#include "systolic/report/html_report.hpp"
#include "systolic/report/index_page.hpp"

using namespace systolic::report;
using testing::count;
using testing::has;

namespace {

/// $SYSTOLIC_CHROMIUM, or what the PATH has; empty: none.
std::string find_chromium() {
  if (const char* named = std::getenv("SYSTOLIC_CHROMIUM")) return named;
  const char* path = std::getenv("PATH");
  for (std::string rest = path ? path : ""; !rest.empty();) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    for (const char* name : {"chromium", "chromium-browser", "chromium-headless-shell", "google-chrome"}) {
      const std::string file = rest.substr(0, end) + "/" + name;
      if (::access(file.c_str(), X_OK) == 0) return file;
    }
    rest.erase(0, end + 1);
  }
  return "";
}

/// The document after `script` has run behind the page's own, in a window of `width` x 900 pixels.
std::string document_after(const std::string& page, const std::string& script, int width) {
  const testing::TemporaryFolder folder;
  const std::string file = folder.path("page.html");
  std::string changed = page;
  changed.insert(changed.rfind("</body>"),
                 "<pre id=\"seen\"></pre><script>\nconst say = (name, value) => { "
                 "document.getElementById('seen').textContent += name + '=' + value + ';\\n'; };\n"
                 "window.addEventListener('error', event => say('error', event.message));\n" +
                     script + "\n</script>\n");
  testing::write_bytes(file, changed);
  const std::string command =
      "timeout 240 '" + find_chromium() +
      "' --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --no-first-run "
      "--virtual-time-budget=3000 --user-data-dir='" +
      folder.path("profile") + "' --window-size=" + std::to_string(width) + ",900 --dump-dom 'file://" + file +
      "' 2>/dev/null </dev/null";
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 65536> buffer;
  for (std::size_t got; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) text.append(buffer.data(), got);
  CHECK(::pclose(pipe) == 0);
  const std::size_t begin = text.rfind("<pre id=\"seen\">");
  REQUIRE(begin != std::string::npos);
  return text.substr(begin, text.find("</pre>", begin) - begin);
}

#define SKIP_WITHOUT_CHROMIUM()                                                 \
  if (find_chromium().empty()) {                                                \
    MESSAGE("skipped: no Chromium (Debian: chromium), so no page was clicked"); \
    return;                                                                     \
  }

std::string example_page() {
  testing::ReportExample example;
  example.add_earlier();
  return html_report(example.input);
}

}  // namespace

TEST_CASE("a click changes the layout, the overlays and the zoom") {
  SKIP_WITHOUT_CHROMIUM();
  const std::string seen = document_after(example_page(), R"js(
    const shown = () => [...document.querySelectorAll('.sheet')].filter(s => getComputedStyle(s).display !== 'none')
        .map(s => s.dataset.layout).join();
    const visible = name => getComputedStyle(document.querySelector('.sheet.shown .' + name)).display !== 'none';
    say('ready', document.documentElement.classList.contains('ready'));
    say('first', shown());
    document.querySelector('button[data-layout="12x1"]').click();
    say('second', shown());
    say('pressed', [...document.querySelectorAll('button[data-layout][aria-pressed="true"]')].map(b => b.textContent));
    say('traces', document.querySelectorAll('.sheet.shown .traces use').length);
    document.querySelector('button[data-layout="6x2"]').click();
    say('third', shown());
    for (const name of ['map', 'restored', 'findings', 'peaks']) {
      say(name, visible(name));
      document.querySelector('input[data-overlay="' + name + '"]').click();
      say(name + ' clicked', visible(name));
    }
    const paper = document.querySelector('.paper'), width = () => document.querySelector('.sheet.shown svg').clientWidth;
    document.querySelector('button[data-zoom="true"]').click();
    say('true size', Math.abs(width() - 279 / 25.4 * 96) < 1.5);
    document.querySelector('button[data-zoom="in"]').click();
    say('larger', Math.abs(width() / (279 / 25.4 * 96) - 1.25) < 0.01);
    document.querySelector('button[data-zoom="fit"]').click();
    say('fits', Math.abs(width() - paper.clientWidth) <= 2);
  )js",
                                          1300);
  CAPTURE(seen);
  for (const char* line :
       {"ready=true", "first=3x4+1", "second=12x1", "pressed=12x1", "traces=12", "third=6x2", "map=true",
        "map clicked=false", "restored=false", "restored clicked=true", "findings=true", "findings clicked=false",
        "peaks=true", "peaks clicked=false", "true size=true", "larger=true", "fits=true"})
    CHECK_MESSAGE(has(seen, std::string(line) + ";"), line);
  CHECK_FALSE(has(seen, "error="));
}

TEST_CASE("the pointer reads the values that were measured; a finding is gone to") {
  SKIP_WITHOUT_CHROMIUM();
  const testing::ReportExample example;
  const std::string seen = document_after(example_page(), R"js(
    document.querySelector('button[data-layout="12x1"]').click();
    const svg = document.querySelector('.sheet.shown svg'), readout = document.querySelector('.readout');
    const point = (second, lead) => {
      const cell = svg.dataset.cells.split(';').map(c => c.split(',').map(Number)).find(c => c[0] === lead);
      const at = new DOMPoint(23 + 25 * second, cell[3]).matrixTransform(svg.getScreenCTM());
      svg.dispatchEvent(new PointerEvent('pointermove', {clientX: at.x, clientY: at.y, bubbles: true}));
      say('at', readout.textContent);
    };
    point(2, 1);
    point(3.2, 6);
    point(0.05, 6);
    document.querySelector('button[data-layout="3x4+1"]').click();
    const go = [...document.querySelectorAll('button.go')].find(b => b.dataset.lead === '6');
    go.click();
    say('went', document.querySelector('.sheet.shown').dataset.layout + ' ' + readout.textContent.slice(0, 2) + ' ' +
        document.querySelectorAll('.sheet.shown .cursor').length);
  )js",
                                          1300);
  CAPTURE(seen);
  CHECK_FALSE(has(seen, "error="));
  // What stands behind "at=LEAD SECOND s", in mV.
  const auto value = [&](const std::string& place, const std::string& name) {
    const std::size_t at = seen.find("at=" + place);
    REQUIRE(at != std::string::npos);
    std::string text = seen.substr(at, seen.find(';', at) - at);
    text = text.substr(text.find(name) + name.size());
    const bool negative = text.starts_with("\xE2\x88\x92");
    return (negative ? -1 : 1) * std::strtod(text.c_str() + (negative ? 3 : 0), nullptr);
  };
  CHECK(value("II 2.000 s", "s \xC2\xB7 ") == doctest::Approx(example.samples(1000, 1)).epsilon(0.02));
  CHECK(value("V1 3.200 s", "s \xC2\xB7 ") == doctest::Approx(example.samples(1600, 6)).epsilon(0.02));
  const double restored = example.samples(1600, 6) - 0.4;
  CHECK(value("V1 3.200 s", "restored ") == doctest::Approx(restored).epsilon(0.02));
  CHECK(value("V1 3.200 s", "map ") == doctest::Approx(1.5).epsilon(0.01));
  const std::size_t edge = seen.find("at=V1 0.050 s");  // not analysed there
  REQUIRE(edge != std::string::npos);
  CHECK_FALSE(has(seen.substr(edge, seen.find(';', edge) - edge), "restored"));
  CHECK(has(seen, "went=12x1 V1 1;"));
}

TEST_CASE("on a phone nothing but the paper is wider than the screen") {
  SKIP_WITHOUT_CHROMIUM();
  const std::string seen = document_after(example_page(), R"js(
    say('narrow', innerWidth < 641);
    say('page fits', document.documentElement.scrollWidth <= innerWidth);
    const paper = document.querySelector('.paper');
    say('paper scrolls', paper.scrollWidth > paper.clientWidth && paper.clientWidth <= innerWidth);
    say('buttons are large', [...document.querySelectorAll('.controls button')].every(b => b.offsetHeight >= 30));
    say('requests', performance.getEntriesByType('resource').length);
  )js",
                                          390);
  CAPTURE(seen);
  for (const char* line :
       {"narrow=true", "page fits=true", "paper scrolls=true", "buttons are large=true", "requests=0"})
    CHECK_MESSAGE(has(seen, std::string(line) + ";"), line);
}

TEST_CASE("a click on a column's head sorts the overview") {
  SKIP_WITHOUT_CHROMIUM();
  std::vector<IndexEntry> entries(3);
  const std::array<double, 3> scores = {0.2, 0.1, 0.3};
  for (std::size_t i = 0; i < 3; ++i) {
    entries[i].record = std::string("abc").substr(i, 1);
    entries[i].score = scores[i];
  }
  const std::string seen = document_after(index_page(entries, "systolic"), R"js(
    const order = () => [...document.querySelectorAll('tbody tr')].map(r => r.cells[0].textContent).join('');
    const head = name => [...document.querySelectorAll('th button')].find(b => b.textContent === name);
    say('first', order());
    head('Score').click();
    say('score', order());
    head('Recording').click();
    say('name', order());
    head('Recording').click();
    say('name again', order());
  )js",
                                          1200);
  CAPTURE(seen);
  for (const char* line : {"first=cab", "score=bac", "name=abc", "name again=cba"})
    CHECK_MESSAGE(has(seen, std::string(line) + ";"), line);
}
