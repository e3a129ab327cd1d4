#include "systolic/signal/qrs_leads.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace systolic;
using namespace systolic::signal::qrs;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

Leads one_lead(const std::vector<double>& x, Index shortest = 100) {
  return copy_leads(x.data(), static_cast<Index>(x.size()), 1, shortest);
}

std::vector<double> waves_of(const Leads& leads) { return {leads.waves.begin(), leads.waves.end()}; }

}  // namespace

TEST_CASE("gaps are bridged by a line, at the ends by the nearest sample, and marked") {
  const Leads leads = one_lead({not_a_number, 1, 2, not_a_number, INFINITY, 5, 6, -1, -1e10});
  CHECK(waves_of(leads) == std::vector<double>{1, 1, 2, 3, 4, 5, 6, -1, -1});
  CHECK(leads.dead[0] == 0);
  const Leads usable = one_lead({1, 2, not_a_number, 4, not_a_number, 6});
  CHECK(waves_of(usable) == std::vector<double>{1, 2, 3, 4, 5, 6});
  CHECK(usable.absent[0] == std::vector<char>{0, 0, 1, 0, 1, 0});
  CHECK(usable.dead[0] == 0);
  CHECK(one_lead({1, 2, not_a_number, not_a_number, not_a_number}).dead[0] == 1);  // more than half
}

TEST_CASE("flat leads and those without samples are dead and zero") {
  const std::vector<double> x{5, 1, not_a_number, 5, 2, not_a_number, not_a_number, 3, not_a_number,
                              5, 4, not_a_number};  // [4][3]
  const Leads leads = copy_leads(x.data(), 4, 3, 100);
  CHECK(leads.dead == std::vector<char>{1, 0, 1});
  for (Index t = 0; t < 4; ++t) {
    CHECK(leads.waves(t, 0) == 0);
    CHECK(leads.waves(t, 1) == static_cast<double>(t + 1));
    CHECK(leads.waves(t, 2) == 0);
  }
  CHECK(leads.absent[1].empty());
}

TEST_CASE("a lead that stands still is marked, wherever, and only if it does so long enough") {
  const Index length = 40, shortest = 7;
  for (Index first = 0; first < length; ++first)
    for (const Index count : {6, 7, 8, 25}) {
      if (first + count > length) continue;
      CAPTURE(first);
      CAPTURE(count);
      std::vector<double> x;
      for (Index t = 0; t < length; ++t) x.push_back(t < first || t >= first + count ? static_cast<double>(t) : -1);
      std::vector<char> expected;
      if (count >= shortest)
        for (Index t = 0; t < length; ++t) expected.push_back(t >= first && t < first + count);
      CHECK(one_lead(x, shortest).absent[0] == expected);
    }
}
