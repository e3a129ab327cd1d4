// systolic detect: how abnormal each window of 10 s is, and where.

#include <algorithm>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis.hpp"
#include "annotations.hpp"
#include "detect_output.hpp"
#include "folders.hpp"
#include "in_order.hpp"
#include "inputs.hpp"
#include "interrupt.hpp"
#include "options.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "report_index.hpp"
#include "report_output.hpp"
#include "resume.hpp"
#include "systolic/core/version.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/report/residual.hpp"
#include "targets.hpp"
#include "weights.hpp"

namespace program {
namespace {

/// Everything that the windows of all recordings have in common.
struct Job {
  const DetectOptions& options;
  const systolic::Detector& detector;
  const Target &map, &report, &annotate;
  ReportSettings reports = {};

  bool writes_files() const noexcept { return map.wanted() || report.wanted() || annotate.wanted(); }
  systolic::DetectOptions settings() const {
    systolic::DetectOptions settings;
    settings.normalization = options.common.normalization;
    settings.peaks = options.common.peaks;
    if (!settings.peaks && !detector.preparation()) settings.peaks = systolic::signal::PeakMethod::systolic;
    settings.score = options.common.score;
    settings.beats = options.common.beats;
    settings.residual = report.wanted();
    settings.map = map.wanted() || report.wanted() || detector.calibrated(settings);  // findings come from the map
    return settings;
  }
};

/// A window that is still to be analysed, or the reason why there is no recording.
struct Task {
  std::shared_ptr<const Recording> recording;
  std::string name;  ///< of its files
  Index window = 0;
  double share = 1;          ///< of its input
  std::string message = {};  ///< why there is no recording
};

/// What came of it.
struct Done {
  Task task;
  Outcome outcome;
  std::vector<systolic::io::Annotation> annotations;
  std::optional<systolic::report::IndexEntry> entry = {};  ///< of the overview of reports
};

/// All windows of all inputs in order. A recording is opened when its first window is asked for, and closed when its
/// last one is done.
class WindowQueue {
 public:
  WindowQueue(const std::vector<Input>& inputs, double rate)
      : inputs_(inputs), names_(output_names(inputs)), rate_(rate) {}

  /// How much one input holds.
  struct Size {
    Index recordings = 0, windows = 0;
  };

  /// Opens the next input. Requires that there is one.
  systolic::Result<Size> open_next() {
    const Input& input = inputs_[next_input_];
    const std::string& name = names_[next_input_++];
    auto recordings = open_recordings(input, rate_);
    if (!recordings) return recordings.error();
    // A recording too short for a window still has a result.
    const auto count = [](const Recording& recording) { return std::max<Index>(1, recording.windows()); };
    Size size{static_cast<Index>(recordings->size()), 0};
    for (const Recording& recording : *recordings) size.windows += count(recording);
    for (Recording& opened : *recordings) {
      const auto recording = std::make_shared<const Recording>(std::move(opened));
      const std::string file_name = output_name(name, input, *recording);
      for (Index window = 0; window < count(*recording); ++window)
        waiting_.push_back({recording, file_name, window, 1 / static_cast<double>(size.windows)});
    }
    return size;
  }

  /// Windows that next() leaves out.
  void skip(Finished finished) { finished_ = std::move(finished); }

  /// The next window; nothing at the end, and after an interrupt.
  std::optional<Task> next() {
    double skipped = 0;
    while (!interrupted()) {
      if (waiting_.empty()) {
        if (next_input_ == inputs_.size()) break;
        if (const auto opened = open_next(); !opened) return Task{nullptr, "", 0, 1, opened.error().message};
        continue;
      }
      Task task = std::move(waiting_.front());
      waiting_.pop_front();
      task.share += skipped;
      if (!finished_.contains(task.recording->name(), task.window)) return task;
      skipped = task.share;
    }
    return std::nullopt;
  }

 private:
  const std::vector<Input>& inputs_;
  std::vector<std::string> names_;
  double rate_;
  Finished finished_;
  std::size_t next_input_ = 0;
  std::deque<Task> waiting_;
};

/// Analyses a window, writes its files and makes its result.
Done work(const Job& job, Task task, systolic::Workspace& workspace) {
  Done done{std::move(task), {}, {}, {}};
  Outcome& outcome = done.outcome;
  if (!done.task.recording) {
    outcome.fail({done.task.message});
    return done;
  }
  const Recording& recording = *done.task.recording;
  const Index number = done.task.window;
  if (number == 0)
    for (const std::string& warning : recording.warnings()) outcome.note(recording.name() + ": " + warning);
  const auto analysis =
      analyse(recording, number, job.detector, job.settings(), job.options.common.allow_missing, workspace);
  if (!analysis) {
    outcome.fail(analysis.error());
    return done;
  }
  const std::string name = recording.windows() > 1 ? window_name(done.task.name, number) : done.task.name;
  const auto write = [&](const Target& target, bool possible, const auto& writer) {
    if (!target.wanted()) return;
    const std::string path = target.file(name);
    if (!possible) return outcome.note(path + ": not written: " + recording.name() + " is not analysable");
    if (const systolic::Status status = writer(path); !status) outcome.fail(status.error());
  };
  const systolic::Detection& found = analysis->detection;
  write(job.map, !found.map.empty(), [&](const std::string& path) { return systolic::io::write_npy(path, found.map); });
  if (job.report.wanted()) {
    const bool refused = analysis->window.samples.empty();
    const auto raw = refused ? raw_samples(recording, number) : systolic::Tensor<double>();
    auto input = report_input(recording, done.task.name, *analysis, job.detector, job.settings(), job.reports, raw);
    name_statements(input, *analysis, job.reports, workspace);
    const auto smooth = systolic::report::drawn_residual(found.residual);
    input.residual = smooth;
    const std::string path = job.report.file(name);
    if (job.report.is_folder()) {
      done.entry = index_entry(input, recording.name(), number, path.substr(path.rfind('/') + 1));
      input.index = index_file;
    }
    if (const auto status = write_report(path, input, job.reports.layout); !status) outcome.fail(status.error());
  }
  if (job.annotate.wanted()) done.annotations = window_annotations(recording, *analysis);
  const Format format = job.options.common.format;
  const auto& earlier = job.reports.earlier;
  if (format == Format::text) {
    outcome.add(format, {}, detection_text(recording, *analysis) + (earlier ? earlier_text(*earlier) : ""));
  } else {
    Json fields = detection_fields(recording, *analysis, job.detector);
    if (earlier) fields.set("previous", earlier_fields(*earlier));
    outcome.add(format, fields, "");
  }
  return done;
}

/// Collects the annotations of a recording's windows, which come one after the other, and writes them as one file.
class AnnotationWriter {
 public:
  AnnotationWriter(const Target& target, bool resume) : target_(target), resume_(resume) {}

  void add(Done& done, Outcome& outcome) {
    if (!target_.wanted() || !done.task.recording) return;
    if (recording_ != done.task.recording) {
      finish(outcome);
      recording_ = done.task.recording;
      path_ = target_.file(done.task.name);
      if (resume_) keep_before(done.task.window);
    }
    annotations_.insert(annotations_.end(), done.annotations.begin(), done.annotations.end());
  }

  /// Writes those of a recording that has begun.
  void finish(Outcome& outcome) {
    if (!recording_) return;
    if (const auto status = write_annotations(path_, *recording_, annotations_); !status) outcome.fail(status.error());
    recording_.reset();
    annotations_.clear();
  }

 private:
  /// Those that an interrupted run has written of the windows before `window`.
  void keep_before(Index window) {
    auto before = systolic::io::read_wfdb_annotations(path_);
    if (!before || recording_->windows() == 0) return;
    const Index start = systolic::window_range(recording_->rate(), window).first;
    for (systolic::io::Annotation& annotation : before->annotations)
      if (annotation.sample < start) annotations_.push_back(std::move(annotation));
  }

  const Target& target_;
  bool resume_;
  std::shared_ptr<const Recording> recording_;
  std::string path_;
  std::vector<systolic::io::Annotation> annotations_;
};

/// Runs all windows; the threads share them, or the beats of the only one. `inputs` is what the progress counts where
/// there are several, else it counts windows.
int run(const Job& job, WindowQueue& queue, Index inputs, Index windows, const Finished& finished) {
  const CommonOptions& common = job.options.common;
  const int workers = static_cast<int>(std::min<Index>(common.threads, windows));
  std::vector<systolic::Workspace> workspaces;
  for (int worker = 0; worker < workers; ++worker) workspaces.emplace_back(windows > 1 ? 1 : common.threads);
  Printer printer(common.quiet);
  if (finished.has_header) printer.continue_table();
  Progress progress(inputs > 1 ? inputs : windows, common.quiet, true);
  AnnotationWriter annotations(job.annotate, job.options.resume);
  ReportIndex index(job.report.is_folder() ? job.options.report : "");
  if (const auto status = index.take_up(finished); !status) printer.print_error(status.error());
  stop_on_interrupt();
  run_in_order(
      [&] { return queue.next(); }, workers,
      [&](Task& task, int worker) { return work(job, std::move(task), workspaces[static_cast<std::size_t>(worker)]); },
      [&](Done& done) {
        annotations.add(done, done.outcome);
        if (done.entry) index.add(std::move(*done.entry));
        if (done.outcome.speaks()) progress.clear();
        printer.print(done.outcome);
        progress.advance(done.task.share * (inputs > 1 ? 1 : static_cast<double>(windows)));
        return printer.open() || job.writes_files();
      });
  progress.clear();
  Outcome end;
  annotations.finish(end);
  const std::string source = std::string("systolic ") + systolic::version + " · weights " +
                             job.detector.weights_name() + " " + job.detector.weights_checksum().substr(0, 12);
  if (const auto status = index.write(source); !status) end.fail(status.error());
  if (interrupted()) end.note("interrupted; the same command with --resume goes on where it stopped");
  printer.print(end);
  const int status = printer.exit_status();
  return interrupted() ? interrupted_status() : status;
}

int fail(const std::string& message, int status = exit_failed) {
  print_message(message);
  return status;
}

/// --annotate as a target: the format's programs need the name of an annotator behind the record's.
Target annotation_target(const std::string& path, bool several) {
  std::string ending = path.substr(path.rfind('/') + 1);
  ending = ending.find('.') == std::string::npos ? "" : ending.substr(ending.rfind('.'));
  if (path.empty() || several || names_folder(path)) return {"--annotate", path, ending.empty() ? ".atr" : ending};
  return {"--annotate", path + (ending.empty() ? ".atr" : ""), ending.empty() ? ".atr" : ending};
}

}  // namespace

int run_detect(const DetectOptions& options) {
  const CommonOptions& common = options.common;
  const std::vector<Input> inputs = find_inputs(options.records, common.rate);
  WindowQueue queue(inputs, common.rate);
  // Whether files or folders are to be written depends on how many windows there are.
  bool several = inputs.size() > 1, several_windows = several;
  Index windows = std::numeric_limits<Index>::max();
  if (inputs.size() == 1) {
    const auto size = queue.open_next();
    if (!size) return fail(size.error().message);
    windows = size->windows;
    several = size->recordings > 1;
    several_windows = windows > 1;
  }
  Target map("--map", options.map, ".npy"), report = report_target(options.report, options.report_format);
  if (const std::string problem = report_problem(options.report, options.report_format); !problem.empty())
    return fail(problem, exit_usage);
  Target annotate = annotation_target(options.annotate, several);
  for (Target* target : {&map, &report, &annotate}) {
    std::string message;
    const auto problem = target->prepare(target == &annotate ? several : several_windows, message);
    if (problem != Target::Problem::none)
      return fail(message, problem == Target::Problem::usage ? exit_usage : exit_failed);
  }
  const auto detector = load_weights(common.weights, common.precision);
  if (!detector) return fail(detector.error().message);
  Finished finished;
  if (options.resume) {
    auto found = find_finished(common.format, detector->weights_checksum());
    if (!found) return fail(found.error().message, exit_usage);
    finished = std::move(*found);
    queue.skip(finished);
  }
  Job job{options, *detector, map, report, annotate};
  job.reports.layout = systolic::report::parse_layout(options.layout).value_or(job.reports.layout);
  job.reports.identify = options.identify;
  std::optional<StatementFinder> finder;
  if (report.wanted() && options.diagnosis != "none") {
    // Where no weights are named, a report without statements is better than none.
    const bool there = !options.diagnosis.empty() || find_weights("", "diagnosis.safetensors").has_value();
    if (there) {
      auto diagnoser = load_diagnoser(options.diagnosis);
      if (!diagnoser) return fail(diagnoser.error().message);
      job.reports.finder = &finder.emplace(std::move(*diagnoser));
    }
  }
  if (!options.compare.empty()) {
    auto earlier = read_earlier(options.compare, *detector, job.settings(), common);
    if (!earlier) return fail(earlier.error().message);
    job.reports.earlier = std::move(*earlier);
  }
  return run(job, queue, static_cast<Index>(inputs.size()), windows, finished);
}

}  // namespace program
