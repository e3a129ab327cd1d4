#include "recording.hpp"

#include <algorithm>
#include <utility>

#include "systolic/io/wfdb.hpp"

namespace program {

systolic::Result<systolic::Record> Recording::part(systolic::SampleRange range) const {
  if (!path_.empty()) {
    auto record = systolic::io::read_wfdb(path_, {range.first, range.count});
    if (record) record->name = record_.name;
    return record;
  }
  systolic::Record record;
  record.name = record_.name;
  record.rate = record_.rate;
  record.units = record_.units;
  record.leads = record_.leads;
  record.samples = systolic::Tensor<double>({range.count, record_.lead_count()});
  std::copy_n(record_.samples.data() + range.first * record_.lead_count(), record.samples.size(),
              record.samples.data());
  return record;
}

systolic::Result<Recording::OwnWindow> Recording::window(Index number, bool allow_missing) const {
  const bool whole = number < windows();
  const Index longest = static_cast<Index>(systolic::window_seconds * systolic::highest_record_rate);
  auto record =
      part(whole ? systolic::window_range(rate(), number) : systolic::SampleRange{0, std::min(length_, longest)});
  if (!record) return record.error();
  systolic::Window window = whole ? systolic::cut_window_at(*record, 0, number, allow_missing)
                                  : systolic::cut_window(*record, 0, allow_missing);
  return OwnWindow{std::move(*record), std::move(window)};
}

systolic::Result<Recording::CheckedWindow> Recording::checked_window(Index number, bool allow_missing) const {
  auto own = window(number, allow_missing);
  if (!own) return own.error();
  CheckedWindow checked{std::move(*own), {}};
  if (number >= windows()) return checked;
  checked.quality = systolic::range_quality(checked.record, {0, checked.record.length()});
  std::string& reason = checked.window.reason;
  if (!checked.quality->reason.empty()) reason += (reason.empty() ? "" : "; ") + checked.quality->reason;
  return checked;
}

}  // namespace program
