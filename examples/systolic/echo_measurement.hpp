#pragma once
// The parts of `systolic echo measure` that others may use: loading the networks, and one clip.

#include <cstdint>
#include <string>

#include "echo_options.hpp"
#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/echo/linear_measurement.hpp"

namespace program {

/// The networks that the options name, else the shipped ones. That for frames is loaded only if lines are to be found.
/// `warning`, where given, becomes what the weights say against themselves.
systolic::Result<systolic::echo::LinearMeasurer> load_linear_measurer(const EchoMeasureOptions& options,
                                                                      std::string* warning = nullptr);

/// Measures a clip [frame][row][column]. The outer error: the options do not suit the clip (exit status 1); the inner
/// one: it was read and cannot be analysed, with the reason.
systolic::Result<systolic::Result<systolic::echo::LinearStudy>> measure_clip(
    const EchoMeasureOptions& options, const std::string& file, const systolic::Tensor<std::uint8_t>& clip,
    const systolic::echo::LinearMeasurer& measurer, systolic::Workspace& workspace);

}  // namespace program
