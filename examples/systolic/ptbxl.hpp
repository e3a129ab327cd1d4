#pragma once
// PTB-XL (Wagner et al., Scientific Data 7, 2020), and any folder that is laid out like it: ptbxl_database.csv,
// scp_statements.csv, and WFDB records below records500 or records100.

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "options.hpp"
#include "systolic/core/result.hpp"
#include "systolic/ecg/intervals.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/ecg/window.hpp"

namespace program {

/// The diagnostic superclasses beside NORM.
inline constexpr std::array<const char*, 4> abnormal_superclasses = {"MI", "STTC", "CD", "HYP"};

/// All five, with plain names.
inline constexpr std::array<std::pair<const char*, const char*>, 5> superclass_names = {
    {{"NORM", "normal ECG"},
     {"MI", "myocardial infarction"},
     {"STTC", "ST/T change"},
     {"CD", "conduction disturbance"},
     {"HYP", "hypertrophy"}}};

struct PtbxlRecord {
  std::string id;    ///< ecg_id
  std::string path;  ///< of the WFDB record
  int fold = 0;
  bool abnormal = false;                  ///< has a superclass beside NORM
  std::vector<std::string> superclasses;  ///< each once, in the order of the statements
  std::vector<std::string> codes;         ///< of all statements, diagnostic or not
  std::optional<double> age;              ///< years
  std::string sex;                        ///< "male", "female" or ""
};

/// Which records: those with a diagnostic superclass, or those with any statement.
enum class Labelled { diagnostic, any };

/// The labelled records of `folds` in the order of their ecg_id: normal where NORM is the only superclass. A statement
/// counts whatever its likelihood. Each record is the one at 500 Hz where that file exists, else the one at 100 Hz.
/// Errors name file and line.
systolic::Result<std::vector<PtbxlRecord>> read_ptbxl(const std::string& folder, const std::vector<int>& folds,
                                                      Labelled which = Labelled::diagnostic);

/// A row of scp_statements.csv.
struct ScpStatement {
  std::string code, name;
  std::string superclass;  ///< of a diagnostic statement; else ""
};

/// Every statement that there is, in the order of the table.
systolic::Result<std::vector<ScpStatement>> read_scp_statements(const std::string& folder);

/// Age, sex and what the library measures, in the order of attribute_names; NaN: not known. Ages of 90 and more are
/// stored as 300 in PTB-XL and count as 90.
std::array<double, systolic::attribute_names.size()> known_attributes(const PtbxlRecord& record,
                                                                      const systolic::Intervals& intervals);

/// The records of `folds` with such an ecg_id.
std::vector<PtbxlRecord> with_ids(std::vector<PtbxlRecord> records, Ids ids);

/// The first ten seconds of a record, whole or with the reason why they cannot be analysed: those of
/// systolic::cut_window, which `allow_missing` is for, and of the quality, as in analyse(). An error names the file.
systolic::Result<systolic::Window> read_first_window(const PtbxlRecord& record, bool allow_missing = false);

}  // namespace program
