#pragma once
// Recordings as NumPy arrays: [time][12] or several of one length, [record][time][12], in mV.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/npy.hpp"

namespace systolic::io {

inline constexpr Index npy_record_length = 5000;  ///< samples that need no rate given: 10 s
inline constexpr double npy_record_rate = 500;    ///< of those, samples a second

/// The recordings in `path`, standard leads in canonical order, mV. `rate` (0: not known) is needed where an array is
/// not of 5000 samples, which are 10 s at 500 Hz. Several are named "...#0", "...#1" and so on.
template <class = void>
inline Result<std::vector<Record>> read_npy_records(const std::string& path, double rate = 0) {
  const auto file = InputFile::open(path);
  if (!file) return file.error();
  const auto header = read_npy_header(*file);
  if (!header) return header.error();
  const Shape& shape = header->shape;
  const int rank = shape.rank();
  if ((rank != 2 && rank != 3) || shape[rank - 1] != standard_lead_count || shape.count() == 0)
    return error_at(
        path, "", joined({"has the shape ", shape.text(), "; a recording has [5000, 12], several have [N, 5000, 12]"}));
  const Index length = shape[rank - 2], count = rank == 3 ? shape[0] : 1;
  if (rate == 0 && length != npy_record_length)
    return error_at(path, "",
                    joined({"has ", length,
                            " samples a lead, not the 5000 of 10 s at 500 Hz, so its sampling rate must be given"}));
  if (rate != 0 && !(rate >= 1e-3 && rate <= 1e6))
    return error_at(path, "", "the sampling rate given is not between 0.001 and 1000000");
  auto array = read_npy<double>(path);
  if (!array) return array.error();
  for (Index i = 0; i < array->size(); ++i)
    if (std::isinf(array->data()[i])) return error_at(path, joined({"element ", i}), "is infinite");

  std::vector<Record> records(static_cast<std::size_t>(count));
  for (Index i = 0; i < count; ++i) {
    Record& record = records[static_cast<std::size_t>(i)];
    record.name = path.substr(0, path.size() - (path.ends_with(".npy") ? 4 : 0));
    if (rank == 3) record.name += joined({"#", i});
    record.rate = rate == 0 ? npy_record_rate : rate;
    record.leads.assign(standard_leads.begin(), standard_leads.end());
    if (rank == 2) {
      record.samples = std::move(*array);
    } else {
      record.samples = Tensor<double>({length, standard_lead_count});
      std::copy_n(array->data() + i * record.samples.size(), record.samples.size(), record.samples.data());
    }
  }
  return records;
}

}  // namespace systolic::io
