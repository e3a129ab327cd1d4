#pragma once
// One training of any network, from its options to its file: order of the recordings, log, progress, checkpoints,
// interruption, the line an epoch.

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "interrupt.hpp"
#include "output.hpp"
#include "systolic/core/random.hpp"
#include "systolic/core/version.hpp"
#include "systolic/io/safetensors.hpp"
#include "train_job.hpp"
#include "train_log.hpp"
#include "train_options.hpp"
#include "train_output.hpp"

namespace program {

/// The order of the recordings in an epoch.
inline std::vector<Index> epoch_order(Index count, std::uint64_t seed, int epoch) {
  std::vector<Index> order(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Index>(i);
  systolic::Random random(seed, (std::uint64_t{1} << 61) + static_cast<std::uint64_t>(epoch));
  systolic::shuffle(order, random);
  return order;
}

/// What every weights file says of its making.
inline void describe_training(systolic::nn::StateDict& state, const std::string& description, const std::string& data) {
  const std::time_t time = std::time(nullptr);
  char date[16] = "";
  std::tm parts{};
  if (::gmtime_r(&time, &parts) != nullptr) std::strftime(date, sizeof date, "%Y-%m-%d", &parts);
  state.set_metadata("training.recipe", description);
  state.set_metadata("training.data", data);
  state.set_metadata("training.date", date);
  state.set_metadata("training.version", systolic::version);
}

/// "1,2,3"
inline std::string fold_list(const std::vector<int>& folds) {
  std::string text;
  for (const int fold : folds) text += (text.empty() ? "" : ",") + std::to_string(fold);
  return text;
}

/// Task brings the network and its data:
///   recipe()               its Optimization
///   size()                 recordings
///   description()          what must not change between the parts of an interrupted training
///   trainer()              steps(), checkpoint(), resume()
///   step(chosen, step, rate, ids)  one step with these recordings, perhaps a Result; their ids for an error
///   validate()             Result of the figures after an epoch
///   finished()             Result of the weights to be written
template <class Task>
class TrainingLoop {
 public:
  TrainingLoop(const TrainOptions& options, const Job& job, Task& task)
      : options_(options),
        job_(job),
        task_(task),
        description_(task.description()),
        batches_((task.size() + task.recipe().batch - 1) / task.recipe().batch) {}

  systolic::Status resume() {
    const auto state = systolic::io::read_safetensors(options_.resume);
    if (!state) return state.error();
    const std::string* made_by = state->find_metadata("checkpoint.training");
    if (made_by == nullptr || *made_by != description_)
      return systolic::error_at(
          options_.resume, "metadata checkpoint.training",
          "'" + (made_by == nullptr ? std::string() : *made_by) + "' is another training than '" + description_ + "'");
    return task_.trainer().resume(*state, options_.resume);
  }

  /// Trains to the end, or until a signal comes; then writes what was asked for. The exit status.
  systolic::Result<int> run() {
    const Index total = batches_ * task_.recipe().epochs;
    auto log = TrainLog::open(job_.leads() ? options_.log : "", task_.trainer().steps());
    if (!log) return log.error();
    const bool quiet = options_.common.quiet || !job_.leads();
    Printer printer(quiet);
    TrainProgress progress(task_.trainer().steps(), total, quiet);
    const double started = now();
    double saved = started;
    EpochSums sums;
    while (task_.trainer().steps() < total) {
      const Index step = task_.trainer().steps();
      const int epoch = static_cast<int>(step / batches_);
      const double rate = systolic::train::learning_rate(task_.recipe(), step, batches_);
      std::vector<std::int64_t> ids;
      const systolic::Result<systolic::train::StepLoss> stepped = task_.step(chosen(step, epoch), step, rate, ids);
      if (!stepped) return stepped.error();
      const systolic::train::StepLoss& loss = *stepped;
      if (task_.trainer().steps() == step) {
        std::string list;
        for (const std::int64_t id : ids) list += " " + std::to_string(id);
        return systolic::error_at(options_.data, "step " + std::to_string(step + 1),
                                  "the loss or its gradient is not finite; the batch holds ecg_id" + list);
      }
      if (auto status = log->append(step + 1, epoch + 1, loss, rate, now() - started); !status) return status.error();
      progress.show(step + 1, epoch + 1, loss.total);
      sums.add(loss);
      const bool stop = job_.any(interrupted());
      if (now() - saved > options_.checkpoint_seconds || stop) {
        if (auto status = save_checkpoint(); !status) return status.error();
        if (auto status = log->draw_curve(); !status) return status.error();
        saved = now();
      }
      if (stop) {
        progress.clear();
        if (job_.leads())
          print_message("interrupted after step " + std::to_string(step + 1) +
                        (options_.checkpoint.empty() ? "; nothing was kept (there is no --checkpoint)"
                                                     : "; --resume " + options_.checkpoint + " goes on"));
        return interrupted() ? interrupted_status() : exit_failed;
      }
      if ((step + 1) % batches_ == 0) {
        std::vector<Measured> figures;
        if (job_.leads()) {
          auto measured = task_.validate();
          if (!measured) return measured.error();
          figures = std::move(*measured);
        }
        progress.clear();
        if (job_.leads()) sums.print(printer, options_.common.format, epoch + 1, figures);
        sums = {};
      }
    }
    progress.clear();
    if (auto status = log->draw_curve(); !status) return status.error();
    if (auto status = save_checkpoint(); !status) return status.error();
    if (job_.leads()) {
      const auto weights = task_.finished();
      if (!weights) return weights.error();
      if (auto status = systolic::io::write_safetensors(options_.out, *weights, options_.type); !status)
        return status.error();
    }
    return printer.exit_status();
  }

 private:
  std::vector<Index> chosen(Index step, int epoch) {
    const systolic::train::Optimization& recipe = task_.recipe();
    if (epoch != ordered_epoch_) order_ = epoch_order(task_.size(), recipe.seed, epoch);
    ordered_epoch_ = epoch;
    const Index first = step % batches_ * recipe.batch, last = std::min(first + recipe.batch, task_.size());
    return {order_.begin() + first, order_.begin() + last};
  }

  systolic::Status save_checkpoint() {
    if (options_.checkpoint.empty() || !job_.leads()) return {};
    systolic::nn::StateDict state = task_.trainer().checkpoint();
    state.set_metadata("checkpoint.training", description_);
    return systolic::io::write_safetensors(options_.checkpoint, state);
  }

  const TrainOptions& options_;
  const Job& job_;
  Task& task_;
  std::string description_;
  Index batches_;
  int ordered_epoch_ = -1;
  std::vector<Index> order_;
};

/// Runs a training whose task is made; the exit status.
template <class Task>
int run_training(const TrainOptions& options, const Job& job, Task& task) {
  stop_on_interrupt();
  TrainingLoop<Task> loop(options, job, task);
  systolic::Status ready;
  if (!options.resume.empty()) ready = loop.resume();
  if (ready) {
    const auto status = loop.run();
    if (status) return *status;
    ready = status.error();
  }
  print_message(ready.error().message);
  return job.end(exit_failed);
}

/// Makes what one process writes and the others then find: first the leading process calls make(), then the others.
template <class Make>
systolic::Status one_after_the_other(const Job& job, const Make& make) {
  for (const bool turn : {job.leads(), !job.leads()}) {
    if (turn)
      if (auto status = make(); !status) return status;
    job.any(false);
  }
  return {};
}

}  // namespace program
