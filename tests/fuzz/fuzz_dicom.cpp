// DICOM waveforms.

#include "systolic/io/dicom.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto records = systolic::io::read_dicom(fuzz::file_of("r.dcm", fuzz::text_of(data, size)));
  fuzz::check_error(records);
  if (records)
    for (const systolic::Record& record : *records) fuzz::check(record);
  return 0;
}
