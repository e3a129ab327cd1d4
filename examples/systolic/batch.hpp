#pragma once
// A verb over many recordings: read, worked on in parallel, printed in order.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "in_order.hpp"
#include "inputs.hpp"
#include "interrupt.hpp"
#include "options.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace program {

/// Opens each input and calls work(recording, name, threads, outcome) for each recording in it, which adds its results
/// to the outcome; `name` is that of its files, and `threads` are for it alone. An input that cannot be read fails
/// alone. `writes_files`: goes on when nobody reads standard output any more. Returns the exit status.
template <class Work>
int run_batch(const std::vector<Input>& inputs, const CommonOptions& options, bool writes_files, Work&& work) {
  const std::vector<std::string> names = output_names(inputs);
  const auto total = static_cast<Index>(inputs.size());
  const int threads = static_cast<int>(std::min<Index>(options.threads, std::max<Index>(1, total)));
  Printer printer(options.quiet);
  Progress progress(total, options.quiet, true);
  stop_on_interrupt();
  Index started = 0;
  run_in_order([&] { return started < total && !interrupted() ? std::optional<Index>(started++) : std::nullopt; },
               threads,
               [&](Index i, int) {
                 const Input& input = inputs[static_cast<std::size_t>(i)];
                 Outcome outcome;
                 const auto recordings = open_recordings(input, options.rate);
                 if (!recordings) outcome.fail(recordings.error());
                 for (std::size_t r = 0; recordings && r < recordings->size(); ++r) {
                   const Recording& recording = (*recordings)[r];
                   for (const std::string& warning : recording.warnings())
                     outcome.note(recording.name() + ": " + warning);
                   work(recording, output_name(names[static_cast<std::size_t>(i)], input, recording),
                        std::max(1, options.threads / threads), outcome);
                 }
                 return outcome;
               },
               [&](const Outcome& outcome) {
                 if (outcome.speaks()) progress.clear();
                 printer.print(outcome);
                 progress.advance();
                 return printer.open() || writes_files;
               });
  progress.clear();
  const int status = printer.exit_status();
  return interrupted() ? interrupted_status() : status;
}

}  // namespace program
