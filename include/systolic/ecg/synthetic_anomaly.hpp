#pragma once
// The anomalies that can be put into a recording, by name.

#include <array>
#include <string>
#include <string_view>

#include "systolic/core/result.hpp"

namespace systolic {

enum class Anomaly {
  none,
  premature_ventricular_beat,
  premature_atrial_beat,
  left_bundle_branch_block,
  right_bundle_branch_block,
  st_elevation,
  st_depression,
  t_inversion,
  low_voltage,
  atrial_fibrillation,
  pause,
  paced_rhythm
};

/// The wall of the left ventricle that a change of ST or T faces.
enum class Territory { none, anterior, inferior, lateral, septal };

struct AnomalyKind {
  Anomaly anomaly = Anomaly::none;
  Territory territory = Territory::none;
  const char* name = "none";        ///< on the command line and in files
  const char* text = "no anomaly";  ///< for people
};

/// Every kind; `none` is the first.
inline constexpr std::array<AnomalyKind, 21> anomaly_kinds{{
    {},
    {Anomaly::premature_ventricular_beat, Territory::none, "pvc", "premature ventricular beats"},
    {Anomaly::premature_atrial_beat, Territory::none, "pac", "premature atrial beats"},
    {Anomaly::left_bundle_branch_block, Territory::none, "lbbb", "left bundle branch block"},
    {Anomaly::right_bundle_branch_block, Territory::none, "rbbb", "right bundle branch block"},
    {Anomaly::st_elevation, Territory::anterior, "st-elevation-anterior", "anterior ST elevation"},
    {Anomaly::st_elevation, Territory::inferior, "st-elevation-inferior", "inferior ST elevation"},
    {Anomaly::st_elevation, Territory::lateral, "st-elevation-lateral", "lateral ST elevation"},
    {Anomaly::st_elevation, Territory::septal, "st-elevation-septal", "septal ST elevation"},
    {Anomaly::st_depression, Territory::anterior, "st-depression-anterior", "anterior ST depression"},
    {Anomaly::st_depression, Territory::inferior, "st-depression-inferior", "inferior ST depression"},
    {Anomaly::st_depression, Territory::lateral, "st-depression-lateral", "lateral ST depression"},
    {Anomaly::st_depression, Territory::septal, "st-depression-septal", "septal ST depression"},
    {Anomaly::t_inversion, Territory::anterior, "t-inversion-anterior", "anterior T inversion"},
    {Anomaly::t_inversion, Territory::inferior, "t-inversion-inferior", "inferior T inversion"},
    {Anomaly::t_inversion, Territory::lateral, "t-inversion-lateral", "lateral T inversion"},
    {Anomaly::t_inversion, Territory::septal, "t-inversion-septal", "septal T inversion"},
    {Anomaly::low_voltage, Territory::none, "low-voltage", "low voltage"},
    {Anomaly::atrial_fibrillation, Territory::none, "af", "atrial fibrillation"},
    {Anomaly::pause, Territory::none, "pause", "sinus pauses"},
    {Anomaly::paced_rhythm, Territory::none, "paced", "ventricular pacing"},
}};

/// The kind of that name; otherwise an error that lists all.
template <class = void>
inline Result<AnomalyKind> find_anomaly_kind(std::string_view name) {
  std::string list;
  for (const AnomalyKind& kind : anomaly_kinds) {
    if (name == kind.name) return kind;
    list += (list.empty() ? "" : ", ") + std::string(kind.name);
  }
  return error_at("anomaly", name, "is not known; there is " + list);
}

}  // namespace systolic
