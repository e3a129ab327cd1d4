// systolic convert: weights between PyTorch and safetensors, a recording between WFDB and .npy.

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "inputs.hpp"
#include "once.hpp"
#include "output.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/self_check.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/io/contour_weights.hpp"
#include "systolic/io/diagnosis_weights.hpp"
#include "systolic/io/float16.hpp"
#include "systolic/io/landmark_weights.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/published_weights.hpp"
#include "systolic/io/safetensors.hpp"
#include "systolic/io/weights.hpp"
#include "systolic/io/wfdb_write.hpp"
#include "weights.hpp"
#ifdef SYSTOLIC_HAS_TORCH
#include "systolic/io/torch_checkpoint.hpp"
#endif

namespace program {
namespace {

using systolic::Error;
using systolic::Status;
using systolic::io::DataType;

bool is_torch(const std::string& path) { return path.ends_with(".pt") || path.ends_with(".pth"); }

/// What the numbers become by being written as `type`.
void round_to(DataType type, systolic::nn::StateDict& state) {
  for (systolic::nn::NamedTensor& entry : state.tensors)
    if (type == DataType::f16) {
      for (float& value : entry.tensor) value = systolic::io::float_from_half(systolic::io::half_from_float(value));
    } else if (type == DataType::int8 && systolic::io::goes_into_int8(entry)) {
      const systolic::io::Int8Tensor reduced = systolic::io::to_int8(entry.tensor);
      std::copy(reduced.values.begin(), reduced.values.end(), entry.tensor.begin());
      systolic::io::from_int8(entry.tensor, reduced.scale);
    }
}

Status write_torch([[maybe_unused]] const std::string& path, [[maybe_unused]] const systolic::nn::StateDict& state) {
#ifdef SYSTOLIC_HAS_TORCH
  return systolic::io::write_torch_checkpoint(path, state);
#else
  return systolic::error_at(path, "", "this program was built without libzip and writes no PyTorch checkpoints");
#endif
}

/// Checks that the network is whole, rounds its numbers to `type`, and writes what it computes with the rounded ones
/// into the metadata, for a reader to check. make(state) gives what owns the network; write(state, it) the self-check.
template <class Make, class Write>
Status renew_self_check(DataType type, systolic::nn::StateDict& state, const Make& make, const Write& write) {
  auto owner = make(state);
  if (owner && type != DataType::f32) {
    round_to(type, state);
    std::erase_if(state.metadata, [](const auto& entry) { return entry.first == "self_check"; });
    owner = make(state);
  }
  if (!owner) return owner.error();
  write(state, *owner);
  return {};
}

Status convert_weights(const ConvertOptions& options, Outcome& outcome) {
  auto state = read_weights(options.in);
  if (!state) return state.error();
  const DataType type = options.type.value_or(DataType::f32);
  const bool published_diagnosis = systolic::is_published_diagnosis(*state);
  if (is_torch(options.out)) {
    if (systolic::io::is_diagnosis(*state))
      return systolic::error_at(options.out, "could not be written",
                                "these weights are of no use without their classes and scales (metadata), which a "
                                "PyTorch checkpoint cannot say");
    if (!published_diagnosis && state->find("global_encoder.main.0.weight") != nullptr) {
      const auto network = systolic::find_restoration_options(*state, options.in);
      if (!network) return network.error();
      if (network->amplitude != 1 || network->log_variance_range != 1 || network->beats_in_millivolt)
        return systolic::error_at(options.out, "could not be written",
                                  "these weights are of a network with other units (metadata network.*), which a "
                                  "PyTorch checkpoint cannot say");
    }
    if (!state->metadata.empty())
      outcome.note(options.out + ": metadata (calibration, self-check) has no place in a PyTorch checkpoint");
    return write_torch(options.out, *state);
  }
  systolic::Workspace workspace(options.common.threads);
  Status status;
  if (published_diagnosis)
    status = renew_self_check(
        type, *state, [&](const auto& tensors) { return once::make_published_diagnoser(tensors, options.in); },
        [&](auto& tensors, const systolic::PublishedDiagnoser& diagnoser) {
          once::set_self_check(tensors, diagnoser, workspace);
        });
  else if (systolic::io::is_diagnosis(*state))
    status = renew_self_check(
        type, *state, [&](const auto& tensors) { return once::make_diagnoser(tensors, options.in); },
        [&](auto& tensors, const systolic::Diagnoser& diagnoser) {
          once::set_self_check(tensors, diagnoser, workspace);
        });
  else if (systolic::echo::is_landmark_network(*state))
    status = renew_self_check(
        type, *state, [&](const auto& tensors) { return systolic::io::make_landmark_network(tensors, options.in); },
        [&](auto& tensors, const systolic::echo::LandmarkNetwork& network) {
          systolic::io::set_landmark_self_check(tensors, network, workspace);
        });
  else if (systolic::io::is_contour_network(*state))
    status = renew_self_check(
        type, *state, [&](const auto& tensors) { return systolic::io::make_contour_finder(tensors, options.in); },
        [&](auto& tensors, const systolic::echo::ContourFinder& finder) {
          systolic::io::set_contour_self_check(tensors, finder, workspace);
        });
  else if (state->find("global_encoder.main.0.weight") != nullptr)
    status = renew_self_check(
        type, *state, [&](const auto& tensors) { return once::make_detector(tensors, options.in); },
        [&](auto& tensors, const systolic::Detector& detector) { once::set_self_check(tensors, detector, workspace); });
  if (!status) return status;
  return systolic::io::write_safetensors(options.out, *state, type);
}

/// The samples with the twelve standard leads in their order, where the recording has them all; else as they are.
systolic::Tensor<double> ordered_samples(const systolic::Record& record, bool& standard) {
  const std::array<int, 12> columns = systolic::find_standard_leads(record.leads);
  standard = std::none_of(columns.begin(), columns.end(), [](int column) { return column < 0; });
  if (!standard) return record.samples;
  systolic::Tensor<double> samples({record.length(), systolic::standard_lead_count});
  for (Index t = 0; t < record.length(); ++t)
    for (std::size_t lead = 0; lead < columns.size(); ++lead)
      samples(t, static_cast<Index>(lead)) = record.samples(t, columns[lead]);
  return samples;
}

Status convert_record(const ConvertOptions& options, Outcome& outcome) {
  const std::vector<Input> inputs = find_inputs({options.in}, options.common.rate);
  if (inputs.size() != 1)
    return systolic::error_at(options.in, "",
                              "holds " + std::to_string(inputs.size()) + " recordings; one at a time is converted");
  auto record = read_recording(inputs[0], options.common.rate);
  if (!record) return record.error();
  for (const std::string& warning : record->warnings) outcome.note(options.in + ": " + warning);
  if (!options.out.ends_with(".npy")) {
    record->comments.clear();  // they may name a person
    return systolic::io::write_wfdb(
        options.out.ends_with(".dat") ? options.out.substr(0, options.out.size() - 4) : options.out, *record);
  }
  bool standard = false;
  const systolic::Tensor<double> samples = ordered_samples(*record, standard);
  if (!standard || record->rate != systolic::analysis_rate || record->length() != systolic::window_length) {
    std::string note = options.out + ": " + samples.shape().text() + " at " + significant(record->rate, 8) + " Hz";
    if (!standard) {
      note += ", leads";
      for (const std::string& lead : record->leads) note += " " + lead;
    }
    outcome.note(note + "; the array itself does not say so");
  }
  return systolic::io::write_npy(options.out, samples);
}

/// What is wrong with the request itself; "" if nothing is.
std::string usage_problem(const ConvertOptions& options, bool weights) {
  const std::string ending = std::filesystem::path(options.out).extension().string();
  if (weights) {
    if (!options.out.ends_with(".safetensors") && !is_torch(options.out))
      return options.out + ": weights are written as .safetensors or .pt";
    if (is_torch(options.out) && options.type.value_or(DataType::f32) != DataType::f32)
      return options.out + ": PyTorch checkpoints are written as f32 only";
    return "";
  }
  if (options.type) return "--dtype is for weights; " + options.in + " is none";
  for (const char* other : {".csv", ".mat", ".json", ".edf", ".bdf", ".safetensors", ".pt", ".pth"})
    if (ending == other) return options.out + ": a recording is written as .npy or WFDB (.hea)";
  return "";
}

}  // namespace

int run_convert(const ConvertOptions& options) {
  const bool weights = looks_like_weights(options.in);
  if (const std::string problem = usage_problem(options, weights); !problem.empty()) {
    print_message(problem);
    return exit_usage;
  }
  Outcome outcome;
  const Status status = weights ? convert_weights(options, outcome) : convert_record(options, outcome);
  if (!status) outcome.fail(status.error());
  Printer printer(options.common.quiet);
  printer.print(outcome);
  return printer.exit_status();
}

}  // namespace program
