// systolic VERB ...: reads the command line and calls the verb.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <deque>
#include <exception>
#include <functional>
#include <new>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "echo_options.hpp"
#include "echo_synth_options.hpp"
#include "options.hpp"
#include "output.hpp"
#include "synth_options.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/core/parallel.hpp"
#include "systolic/core/version.hpp"
#include "systolic/ecg/calibration.hpp"
#include "systolic/ecg/synthetic_anomaly.hpp"
#include "train_options.hpp"

namespace {

using namespace program;

/// A verb: its part of the command line, what it runs, and the words that become options once all are read.
struct Verb {
  CLI::App* app = nullptr;
  CommonOptions* common = nullptr;
  std::function<int()> run;
  std::string peaks, normalize, precision = "f32", score, ids, format = "text";
};

/// Allows the values listed; others are wrong usage, and `later` are those of which a newer version may know more.
CLI::Validator one_of(std::vector<std::string> known, std::vector<std::string> later = {}) {
  return CLI::Validator(
      [known, later](const std::string& value) -> std::string {
        if (std::find(known.begin(), known.end(), value) != known.end()) return "";
        std::string list;
        for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
        const bool planned = std::find(later.begin(), later.end(), value) != later.end();
        return "'" + value + "' " + (planned ? "is not in this version" : "is not known") + "; there is " + list;
      },
      "");
}

/// A whole number from 1 to `largest`.
CLI::Validator number_up_to(int largest) {
  return CLI::Validator(
      [largest](const std::string& text) -> std::string {
        const auto number = systolic::number_from_text<int>(text);
        if (number && *number >= 1 && *number <= largest) return "";
        return "'" + text + "' is no whole number from 1 to " + std::to_string(largest);
      },
      "");
}

/// Which of the common options a verb takes beside --threads, --format and --quiet.
struct Takes {
  bool weights = true, preparation = true, scoring = true, precision = true, seed = true, missing = true;
  bool rate = false;       ///< recordings are read whose files may not state it
  bool own_peaks = false;  ///< the shipped weights do not choose the R-peak detector
};

void add_common(Verb& verb, const Takes& takes) {
  CLI::App& app = *verb.app;
  CommonOptions& options = *verb.common;
  if (takes.weights)
    app.add_option("--weights", options.weights, "A .safetensors or .pt file (default: the shipped weights)")
        ->type_name("FILE");
  if (takes.preparation) {
    app.add_option("--peaks", verb.peaks,
                   "R-peak detector: systolic, heartpy, heartpy-1.2.7 or shannon (default: " +
                       std::string(takes.own_peaks ? "systolic, or what --weights names)" : "the weights')"))
        ->type_name("NAME")
        ->check(one_of({"systolic", "heartpy", "heartpy-1.2.7", "shannon"}));
    app.add_option("--normalize", verb.normalize,
                   "Scale each lead to [-1, 1] (record) or keep mV (none) (default: the weights')")
        ->type_name("record|none")
        ->check(one_of({"record", "none"}));
  }
  if (takes.scoring) {
    app.add_option("--beats", options.beats, "Score at most N beats of a window, evenly chosen (default: all)")
        ->type_name("N")
        ->check(number_up_to(1000000));
    app.add_option("--score", verb.score,
                   "Which score: combined or published (default: combined where the weights "
                   "have it)")
        ->type_name("NAME")
        ->check(one_of({"combined", "published"}));
  }
  if (takes.precision)
    app.add_option("--precision", verb.precision,
                   "What the network's wide layers compute with: f32 (default), bf16 or int8; docs/performance.md")
        ->type_name("NAME")
        ->check(one_of({"f32", "bf16", "int8"}));
  if (takes.rate)
    app.add_option("--rate", options.rate, "Samples a second of recordings whose files do not say so (CSV, .npy, .mat)")
        ->type_name("HZ")
        ->check(CLI::Validator(
            [](const std::string& text) -> std::string {
              const auto rate = systolic::number_from_text<double>(text);
              return rate && *rate >= 1e-3 && *rate <= 1e6 ? "" : "'" + text + "' is no rate from 0.001 to 1000000";
            },
            ""));
  if (takes.missing)
    app.add_flag("--allow-missing", options.allow_missing, "Analyse without the leads V1 to V6 that a recording lacks");
  options.threads = systolic::hardware_threads();
  app.add_option("--threads", options.threads, "How many threads (default: all)")
      ->type_name("N")
      ->check(number_up_to(1024));
  if (takes.seed)
    app.add_option("--seed", options.seed, "For whatever is drawn at random (default: 1)")->type_name("N");
  app.add_option("--format", verb.format, "text, json (one object a line) or csv")
      ->type_name("NAME")
      ->check(one_of({"text", "json", "csv"}));
  app.add_flag("--quiet", options.quiet, "No progress and no notes; errors are still said");
}

/// "9", "1-8" or "1-8,10" as a list; the cause where it is something else.
std::string parse_folds(const std::string& text, std::vector<int>& folds) {
  const std::string wrong = "'" + text + "' is no list of folds such as 9 or 1-8,10";
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    const std::string part = text.substr(start, end - start);
    const std::size_t dash = part.find('-');
    const auto first = systolic::number_from_text<int>(part.substr(0, dash));
    const auto last = dash == std::string::npos ? first : systolic::number_from_text<int>(part.substr(dash + 1));
    if (!first || !last || *first < 0 || *last > 1000 || *first > *last) return wrong;
    for (int fold = *first; fold <= *last; ++fold) folds.push_back(fold);
    start = end + 1;
  }
  return "";
}

std::string check_folds(const std::string& text) {
  std::vector<int> ignored;
  return parse_folds(text, ignored);
}

constexpr const char* clip_help =
    "An .npy of shape (frames, rows, columns), uint8; a folder of PNG or PGM frames; or a video (AVI, MP4, ...)";
constexpr const char* record_help =
    "A WFDB record (with or without .hea), EDF or BDF, MATLAB, CSV with a header of lead names, HL7 aECG, DICOM, "
    "Rare-ECG "
    "JSON, an .npy of shape (5000, 12) or (N, 5000, 12) in mV at 500 Hz, a folder of them, or - for a list of paths on "
    "standard input; told by content";

/// The whole command line. Fills the options and runs the verb that was named.
class CommandLine {
 public:
  CommandLine() {
    app_.description(
        "Finds what is abnormal in an electrocardiogram, shows where, and names it. For research, not for diagnosis.");
    app_.set_version_flag("--version", std::string("systolic ") + systolic::version, "Print the version");
    app_.set_help_flag("-h,--help", "Print this help");
    app_.require_subcommand(0, 1);
    app_.get_formatter()->label("SUBCOMMAND", "VERB");
    app_.footer(
        "systolic VERB --help tells more about a verb.\n"
        "Exit status: 0 done, 1 a recording or file failed (the others were done), 2 wrong usage, 130 interrupted.");
    add_detect();
    add_classify();
    add_peaks();
    add_preprocess();
    add_restore();
    add_evaluate();
    add_train();
    add_calibrate();
    add_convert();
    add_synth();
    add_echo();
    add_info();
  }

  int run(int argc, char** argv) {
    // Unknown verbs get a better message than "unexpected argument".
    const auto verbs = app_.get_subcommands([](const CLI::App*) { return true; });
    const auto named = [&](const CLI::App* verb) { return verb->get_name() == argv[1]; };
    if (argc > 1 && argv[1][0] != '-' && std::none_of(verbs.begin(), verbs.end(), named))
      return wrong_usage("there is no verb '" + std::string(argv[1]) + "'; systolic --help lists them");
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      return print(help());
    } catch (const CLI::CallForVersion&) {
      return print(app_.version() + "\n");
    } catch (const CLI::ParseError& error) {
      return wrong_usage(error.what());
    }
    for (Verb& verb : verbs_)
      if (verb.app->parsed()) {
        finish(verb);
        return verb.run();
      }
    return wrong_usage("name a verb; systolic --help lists them");
  }

 private:
  /// A new verb, or one of the verbs of `parent`; `options` are its structure, `function` does the work.
  template <class Options>
  Verb& add_verb(const char* name, const char* description, const std::string& example, Options& options,
                 int (*function)(const Options&), CLI::App* parent = nullptr) {
    Verb& verb = verbs_.emplace_back();
    verb.app = (parent != nullptr ? parent : &app_)->add_subcommand(name, description);
    verb.app->group("Verbs");
    verb.app->set_help_flag("-h,--help", "Print this help");
    verb.app->footer("Example: " + example);
    verb.common = &options.common;
    verb.run = [&options, function] { return function(options); };
    return verb;
  }

  /// Turns words into what they stand for; the validators let no others through.
  void finish(const Verb& verb) {
    CommonOptions& options = *verb.common;
    if (!verb.peaks.empty()) options.peaks = *systolic::signal::parse_peak_method(verb.peaks);
    if (!verb.normalize.empty()) options.normalization = systolic::parse_normalization(verb.normalize);
    if (!verb.score.empty()) options.score = systolic::parse_score_kind(verb.score);
    const Ids ids = verb.ids == "odd" ? Ids::odd : verb.ids == "even" ? Ids::even : Ids::all;
    evaluate_options_.ids = calibrate_options_.ids = ids;
    if (!fit_folds_.empty()) parse_folds(fit_folds_, calibrate_options_.fit_folds);
    options.format = verb.format == "json" ? Format::json : verb.format == "csv" ? Format::csv : Format::text;
    if (!folds_.empty()) parse_folds(folds_, evaluate_options_.folds);
    calibrate_options_.folds = evaluate_options_.folds;
    using systolic::io::DataType;
    if (!dtype_.empty())
      convert_options_.type = dtype_ == "f16" ? DataType::f16 : dtype_ == "int8" ? DataType::int8 : DataType::f32;
    options.precision = *systolic::parse_precision(verb.precision);
    calibrate_options_.type = train_options_.type = convert_options_.type.value_or(DataType::f32);
    evaluate_options_.diagnose = task_ == "diagnose";
    train_options_.locked = backbone_ == "locked";
    train_options_.all_records = recordings_ == "all";
    if (!train_folds_.empty()) {
      train_options_.train_folds.clear();
      parse_folds(train_folds_, train_options_.train_folds);
    }
    for (const std::string& entry : metadata_)
      calibrate_options_.metadata.emplace_back(entry.substr(0, entry.find('=')), entry.substr(entry.find('=') + 1));
  }

  static void add_records(Verb& verb, std::vector<std::string>& records) {
    verb.app->add_option("RECORD", records, record_help)->required()->type_name("");
  }
  static CLI::Option* add_path(Verb& verb, const char* name, const char* kind, std::string& path, const char* help) {
    return verb.app->add_option(name, path, help)->type_name(kind);
  }
  CLI::Option* add_folds(Verb& verb) {
    return verb.app->add_option("--folds", folds_, "Which folds, for example 9 or 1-8,10")
        ->type_name("LIST")
        ->check(CLI::Validator(check_folds, ""));
  }
  static void add_ids(Verb& verb) {
    verb.app
        ->add_option("--ids", verb.ids, "Only recordings of that fold with such an ecg_id: odd, even or all (default)")
        ->type_name("NAME")
        ->check(one_of({"all", "odd", "even"}));
  }
  void add_dtype(Verb& verb, bool int8 = false) {
    const std::string help = "Numbers of a .safetensors file: f32 (default)";
    verb.app->add_option("--dtype", dtype_, help + (int8 ? ", f16 or int8" : " or f16"))
        ->type_name("NAME")
        ->check(int8 ? one_of({"f32", "f16", "int8"}) : one_of({"f32", "f16"}, {"int8"}));
  }

  void add_detect() {
    Verb& verb = add_verb("detect", "How abnormal each 10 s of a recording are, and where",
                          "systolic detect recording.hea --report report.html", detect_options_, &run_detect);
    add_records(verb, detect_options_.records);
    add_path(verb, "--map", "OUT.npy", detect_options_.map,
             "Write the localization map (4800 x 12, float32); a folder for several recordings or windows");
    add_path(verb, "--report", "OUT", detect_options_.report,
             "Draw the recording on ECG paper with the map behind it and all that was found: a .html, .svg or .pdf; a "
             "folder for several, with an overview in index.html and index.csv");
    verb.app->add_option("--layout", detect_options_.layout, "Of reports: 3x4+1 (default), 6x2 or 12x1")
        ->type_name("NAME")
        ->check(one_of({"3x4+1", "3x4", "6x2", "12x1"}));
    verb.app
        ->add_option("--report-as", detect_options_.report_format, "Reports in a folder: html (default), svg or pdf")
        ->type_name("NAME")
        ->check(one_of({"html", "svg", "pdf"}));
    add_path(verb, "--compare", "PREVIOUS", detect_options_.compare,
             "An earlier recording of the same patient, whose first 10 s are shown beside this one");
    add_path(verb, "--diagnosis", "FILE", detect_options_.diagnosis,
             "Diagnosis weights that reports name statements with (default: the shipped weights; none: no statements)");
    verb.app->add_flag("--identify", detect_options_.identify,
                       "Reports show what the file's header says of the patient (default: they do not)");
    add_path(verb, "--annotate", "OUT.atr", detect_options_.annotate,
             "Write beats and findings as WFDB annotations for viewers, one file a recording; a folder for several");
    verb.app->add_flag(
        "--resume", detect_options_.resume,
        "Take up a batch that was interrupted: the same command, its output appended to the file with the "
        "results so far (--format json or csv, >> FILE). Windows that stand there are left out");
    add_common(verb, {.rate = true});
  }

  void add_classify() {
    Verb& verb = add_verb("classify", "Which diagnostic, form and rhythm statements apply to each 10 s of a recording",
                          "systolic classify recording.hea --evidence", classify_options_, &run_classify);
    add_records(verb, classify_options_.records);
    verb.app->add_flag("--all", classify_options_.all,
                       "Text: list every statement (default: those present, and the five most probable)");
    verb.app->add_flag("--evidence", classify_options_.evidence,
                       "Also say which stretches of the signal speak for each statement that is present");
    add_path(verb, "--restoration", "FILE", classify_options_.restoration,
             "Weights of the map that evidence is weighed with (default: the shipped weights)");
    add_common(verb, {.preparation = false, .scoring = false, .precision = false, .seed = false, .rate = true});
  }

  void add_peaks() {
    Verb& verb = add_verb("peaks", "R peaks of a recording of any length, rate and leads, in seconds",
                          "systolic peaks --format json recording.hea", peaks_options_, &run_peaks);
    add_records(verb, peaks_options_.records);
    add_common(verb, {.scoring = false, .precision = false, .missing = false, .rate = true, .own_peaks = true});
  }

  void add_preprocess() {
    Verb& verb = add_verb("preprocess", "What the network sees of the first 10 s of a recording, as .npy files",
                          "systolic preprocess recording.hea --out arrays", preprocess_options_, &run_preprocess);
    add_records(verb, preprocess_options_.records);
    add_path(verb, "--out", "DIR", preprocess_options_.out, "Where to write; a folder in it for each of several")
        ->required();
    add_common(verb, {.scoring = false, .precision = false, .rate = true});
  }

  void add_restore() {
    RestoreOptions& options = restore_options_;
    Verb& verb =
        add_verb("restore", "Run the network by itself: arrays in, arrays out",
                 "systolic restore --global G.npy --local L.npy --trend T.npy --out restored", options, &run_restore);
    add_path(verb, "--global", "FILE.npy", options.global, "The global signal, (N, 4800, 12) or (4800, 12)")
        ->required();
    add_path(verb, "--local", "FILE.npy", options.local, "Beats, (N, 480, 12) or (480, 12)")->required();
    add_path(verb, "--trend", "FILE.npy", options.trend, "The trend, (N, 4800, 12) or (4800, 12)")->required();
    add_path(verb, "--out", "DIR", options.out, "Where to write")->required();
    add_common(verb, {.preparation = false, .scoring = false, .missing = false});
  }

  void add_evaluate() {
    EvaluateOptions& options = evaluate_options_;
    Verb& verb =
        add_verb("evaluate", "How well the score tells abnormal from normal, the map finds it, or statements are told",
                 "systolic evaluate --data ptb-xl --folds 9 --beats 4 --scores scores.csv", options, &run_evaluate);
    CLI::Option* const data = add_path(verb, "--data", "DIR", options.data, "A folder laid out as PTB-XL");
    CLI::Option* const folds = add_folds(verb)->needs(data);
    data->needs(folds);
    add_ids(verb);
    add_path(verb, "--localization", "DIR", options.localization,
             "Measure the map instead, on recordings with point-level truth (NAME.truth.npy), as synth writes them")
        ->excludes(data);
    verb.app
        ->add_option("--task", task_,
                     "What is measured: detect (default; normal or abnormal), or diagnose (every statement by itself)")
        ->type_name("NAME")
        ->check(one_of({"detect", "diagnose"}));
    add_path(verb, "--against", "FILE", options.against,
             "diagnose: other diagnosis weights; prints by how much --weights are better, with paired intervals");
    add_path(verb, "--chart", "OUT.svg", options.chart, "diagnose: draw the AUROC of every class");
    verb.app->add_option("--limit", options.limit, "Only the first N labelled recordings, by ecg_id (default: all)")
        ->type_name("N")
        ->check(number_up_to(1000000000));
    add_path(verb, "--scores", "OUT.csv", options.scores, "Write score and label of each recording");
    add_common(verb, {});
  }

  void add_train() {
    TrainOptions& options = train_options_;
    Verb& verb = add_verb("train", "Weights from the recordings of a folder like PTB-XL",
                          "systolic train --data ptb-xl --out mine.safetensors --checkpoint mine.ckpt --log mine.jsonl",
                          options, &run_train);
    add_path(verb, "--data", "DIR", options.data,
             "A folder laid out as PTB-XL; restore learns from its normal recordings, diagnose from all. Of "
             "echocardiograms one laid out as EchoNet-LVH (echo-m-mode, echo-landmarks), EchoNet-Dynamic or CAMUS "
             "(echo-contour, echo-contour-refine), or phantom (default): "
             "phantoms drawn by lot");
    add_path(verb, "--out", "W.safetensors", options.out, "The weights; calibrate them afterwards")->required();
    verb.app
        ->add_option("--task", options.task,
                     "What is learnt: restore (default; from normal recordings), diagnose (from all that have "
                     "statements), or of echocardiograms echo-contour, echo-contour-refine (after it), echo-m-mode or "
                     "echo-landmarks")
        ->type_name("NAME")
        ->check(
            one_of({"restore", "diagnose", "echo-contour", "echo-contour-refine", "echo-m-mode", "echo-landmarks"}));
    verb.app
        ->add_option("--recordings", recordings_,
                     "restore: learn from normal recordings (default), or from all that have statements, to pretrain")
        ->type_name("NAME")
        ->check(one_of({"normal", "all"}));
    add_path(verb, "--pretrained", "FILE", options.pretrained,
             "diagnose: restoration weights whose encoder is built on (default: the shipped weights; none: random); "
             "echo-contour: weights to go on from (default: random); echo-contour-refine: those whose contours are "
             "refined");
    verb.app
        ->add_option("--backbone", backbone_, "diagnose: that encoder is joint (default), learning along, or locked")
        ->type_name("NAME")
        ->check(one_of({"joint", "locked"}));
    verb.app->add_option("--recipe", options.recipe, "systolic (default) or published")
        ->type_name("NAME")
        ->check(one_of({"systolic", "published"}));
    verb.app->add_option("--train-folds", train_folds_, "Folds to learn from (default: 1-8)")
        ->type_name("LIST")
        ->check(CLI::Validator(check_folds, ""));
    verb.app->add_option("--validate-fold", options.validate_fold, "Fold to measure on (default: 9)")
        ->type_name("N")
        ->check(number_up_to(1000));
    verb.app
        ->add_option(
            "--validate-limit", options.validate_limit,
            "After each epoch score this many of its recordings, one beat each (default: none); of phantoms so many "
            "(default: 64)")
        ->type_name("N")
        ->check(number_up_to(1000000000));
    verb.app
        ->add_option("--limit", options.limit,
                     "Only the first N recordings to learn from (default: all); of phantoms so many (default: "
                     "20000, echo-contour 32000, echo-contour-refine 48000)")
        ->type_name("N")
        ->check(number_up_to(1000000000));
    verb.app
        ->add_option("--epochs", options.epochs,
                     "How often each recording is seen (default: the recipe's; systolic 6, published 50, diagnose 10, "
                     "echo 1)")
        ->type_name("N")
        ->check(number_up_to(100000));
    verb.app
        ->add_option("--batch", options.batch, "Recordings a step (default: the recipe's, 32, echo 8, echo-contour 16)")
        ->type_name("N")
        ->check(number_up_to(4096));
    verb.app
        ->add_option(
            "--width", options.width,
            "Channels of the first layer (default: the recipe's; systolic 16, published 32, echo 8, echo-contour 16)")
        ->type_name("N")
        ->check(number_up_to(256));
    verb.app->add_option("--lr", options.learning_rate, "Highest learning rate (default: the recipe's)")
        ->type_name("RATE")
        ->check(CLI::Range(1e-9, 1.0));
    verb.app
        ->add_option("--mask-ratio", options.mask_ratio,
                     "Share of the signal that is hidden (default: the recipe's, 0.3; diagnose 0.15)")
        ->type_name("SHARE")
        ->check(CLI::Range(0.01, 0.95));
    verb.app
        ->add_option("--attribute-weight", options.attribute_weight,
                     "Of the error of age, sex and intervals in the loss; 0: these are not learnt (default: the "
                     "recipe's)")
        ->type_name("X")
        ->check(CLI::Range(0.0, 1000.0));
    add_path(verb, "--checkpoint", "FILE", options.checkpoint,
             "Keep all that a training needs to go on, every five minutes and when it is interrupted");
    verb.app->add_option("--checkpoint-seconds", options.checkpoint_seconds, "How often (default: 300)")
        ->type_name("S")
        ->check(CLI::Range(0.0, 1e9));
    add_path(verb, "--resume", "FILE", options.resume, "Go on from a checkpoint: the result is the same to the byte");
    add_path(verb, "--log", "FILE.jsonl", options.log, "Write a line a step, and the loss curve beside it as .svg");
    add_path(verb, "--cache", "FILE", options.cache,
             "Preprocessed recordings, 120 kB each; made where missing (default: OUT.cache)");
    add_dtype(verb);
    add_common(verb, {.weights = false, .scoring = false, .precision = false, .missing = false});
    verb.app->get_option("--peaks")->description("R-peak detector (default: the recipe's)");
    verb.app->get_option("--normalize")->description("Scale leads to [-1, 1] or keep mV (default: the recipe's)");
  }

  void add_calibrate() {
    CalibrateOptions& options = calibrate_options_;
    Verb& verb = add_verb("calibrate", "Write into weights how normal recordings score, so that detect can decide",
                          "systolic calibrate --weights new.pt --data ptb-xl --folds 9 --out new.safetensors", options,
                          &run_calibrate);
    add_path(verb, "--data", "DIR", options.data, "A folder laid out as PTB-XL; its normal recordings count")
        ->required();
    add_folds(verb)->required();
    add_ids(verb);
    verb.app
        ->add_option("--fit-folds", fit_folds_, "Fit the combined score first, on the normal recordings of these folds")
        ->type_name("LIST")
        ->check(CLI::Validator(check_folds, ""));
    verb.app->add_option("--fit-limit", options.fit_limit, "At most N of those, evenly chosen (default: all)")
        ->type_name("N")
        ->check(number_up_to(1000000000));
    add_path(verb, "--out", "OUT.safetensors", options.out, "The weights with their calibration")->required();
    add_dtype(verb);
    add_path(verb, "--description", "TEXT", options.description, "Which recordings these are, for the metadata");
    verb.app->add_option("--metadata", metadata_, "More metadata, for example 'training=folds 1-8, 50 epochs'")
        ->type_name("KEY=TEXT")
        ->check(CLI::Validator(
            [](const std::string& text) -> std::string {
              const std::size_t sign = text.find('=');
              return sign != 0 && sign != std::string::npos ? "" : "'" + text + "' is not KEY=TEXT";
            },
            ""));
    add_common(verb, {.scoring = false, .seed = false, .missing = false});
  }

  void add_convert() {
    Verb& verb =
        add_verb("convert", "Weights between .pt and .safetensors, a recording between WFDB and .npy",
                 "systolic convert published.pt weights.safetensors --dtype f16", convert_options_, &run_convert);
    add_path(verb, "IN", "", convert_options_.in, "Weights or a recording, told by content")->required();
    add_path(verb, "OUT", "", convert_options_.out, "What to write, told by its ending")->required();
    add_dtype(verb, true);
    add_common(verb, {.weights = false,
                      .preparation = false,
                      .scoring = false,
                      .precision = false,
                      .seed = false,
                      .missing = false,
                      .rate = true});
  }

  void add_synth() {
    SynthOptions& options = synth_options_;
    Verb& verb =
        add_verb("synth", "A recording with a known anomaly, and point-level truth about it",
                 "systolic synth abnormal --into normal.hea --anomaly st-elevation-inferior", options, &run_synth);
    add_path(
        verb, "OUT", "", options.out,
        "Writes OUT.hea and OUT.dat (WFDB), OUT.atr (its beats) and OUT.truth.npy (uint8 [sample][lead], 1 where the "
        "anomaly changed the recording)")
        ->required();
    std::vector<std::string> kinds;
    std::string list;
    for (const systolic::AnomalyKind& kind : systolic::anomaly_kinds) {
      kinds.emplace_back(kind.name);
      list += (list.empty() ? "" : ", ") + std::string(kind.name);
    }
    verb.app->add_option("--anomaly", options.anomaly, "What is wrong (default: none): " + list)
        ->type_name("NAME")
        ->check(one_of(kinds));
    verb.app->add_option("--severity", options.severity, "How high, wide or frequent, 0.1 to 3 (default: 1)")
        ->type_name("X");
    add_path(verb, "--into", "RECORD", options.into,
             "Put the anomaly into this normal 12-lead recording; else the whole recording is made up");
    const auto number = [&](const char* name, const char* unit, std::optional<double>& value, const char* help) {
      verb.app->add_option(name, value, help)->type_name(unit);
    };
    number("--seconds", "S", options.seconds, "Length of a made-up recording, up to 3600 (default: 10)");
    number("--rate", "HZ", options.rate, "Its samples a second, 50 to 2000 (default: 500)");
    number("--heart-rate", "BPM", options.heart_rate, "Its beats a minute, 20 to 250 (default: 68)");
    number("--rr-deviation", "S", options.rr_deviation, "Standard deviation of its beat-to-beat time (default: 0.02)");
    number("--noise", "MV", options.noise, "Its muscle noise, standard deviation (default: 0.006)");
    number("--baseline-wander", "MV", options.baseline_wander, "Its slow drift, standard deviation (default: 0.04)");
    add_common(verb, {.weights = false, .preparation = false, .scoring = false, .precision = false, .missing = false});
  }

  void add_echo() {
    CLI::App* echo = app_.add_subcommand(
        "echo", "Echocardiography: ejection fraction from traced contours, explanations, M-mode images, phantoms");
    echo->group("Verbs");
    echo->set_help_flag("-h,--help", "Print this help");
    echo->require_subcommand(1);
    echo->get_formatter()->label("SUBCOMMAND", "VERB");
    echo->footer("systolic echo VERB --help tells more about a verb.");
    echo_ = echo;
    add_echo_tracings("ef", "Volumes, ejection fraction and attributes of traced left ventricles",
                      "systolic echo ef VolumeTracings.csv --format json", echo_ef_options_, &run_echo_ef);
    Verb& narrate = add_echo_tracings("narrate", "The same, explained in English (by rules; no language model)",
                                      "systolic echo narrate VolumeTracings.csv --seed 3", echo_narrate_options_,
                                      &run_echo_narrate, true);
    narrate.app->add_option("--seed", echo_narrate_options_.common.seed, "Chooses the wording (default: 1)")
        ->type_name("N");
    narrate.app->add_flag("--prompt", echo_narrate_options_.prompt,
                          "Also print a prompt by which an external language model may word the explanation");
    add_clip_frames(narrate, echo_narrate_options_);
    narrate.app->get_option("TRACINGS")
        ->description(
            "Tables as of echo ef (.csv, .tsv, .txt), or clips in the apical four-chamber view, whose contours are "
            "found");
    add_echo_contour();
    add_echo_amm();
    add_echo_synth();
    add_echo_measure();
    Verb& judge = add_verb("judge", "What an English explanation claims of each attribute, and whether that is true",
                           "systolic echo judge explanation.txt --against VolumeTracings.csv", echo_judge_options_,
                           &run_echo_judge, echo_);
    judge.app->add_option("TEXT", echo_judge_options_.texts, "Text files; - is standard input")
        ->required()
        ->type_name("");
    add_path(judge, "--against", "TRACINGS", echo_judge_options_.against,
             "Compare with what this table measures; a text belongs to the clip of its name (CLIP.txt), or to the only "
             "one");
    add_common(judge, {.weights = false,
                       .preparation = false,
                       .scoring = false,
                       .precision = false,
                       .seed = false,
                       .missing = false});
  }

  void add_pixel_size(Verb& verb, EchoTracingOptions& options) {
    verb.app
        ->add_option("--mm-per-pixel", options.millimetres,
                     "Size of a pixel, or of its height and width: 0.5 or 0.5,0.4 (default: 1, for the volumes' ratio "
                     "does not depend on it)")
        ->type_name("MM")
        ->check(CLI::Validator(
            [&options](const std::string& text) -> std::string { return parse_pixel_size(text, options.pixel); }, ""));
  }

  void add_clip_frames(Verb& verb, EchoTracingOptions& options) {
    verb.app->add_option("--ed", options.ed_frame, "Frame of end-diastole in the clip, from 0 (default: found)")
        ->type_name("N")
        ->check(CLI::Range(0, 1000000000));
    verb.app->add_option("--es", options.es_frame, "Frame of end-systole (default: found)")
        ->type_name("N")
        ->check(CLI::Range(0, 1000000000));
  }

  void add_echo_contour() {
    EchoTracingOptions& options = echo_contour_options_;
    Verb& verb = add_verb("contour",
                          "Contours, volumes, ejection fraction and attributes of left ventricles in clips of the "
                          "apical four-chamber view",
                          "systolic echo contour clip.avi --mm-per-pixel 0.9 --out tracings.csv", options,
                          &run_echo_contour, echo_);
    verb.app->add_option("CLIP", options.tables, clip_help)->required()->type_name("");
    add_clip_frames(verb, options);
    add_pixel_size(verb, options);
    add_path(
        verb, "--report", "OUT", options.report,
        "Draw contours, volumes and attributes, with the explanation: a .html or .svg; a folder for several clips");
    add_path(verb, "--out", "TRACINGS.csv", options.out,
             "Write the contours of end-diastole and end-systole as a table that echo ef and echo narrate read");
    add_common(verb, {.preparation = false, .scoring = false, .precision = false, .seed = false, .missing = false});
  }

  void add_echo_amm() {
    EchoAmmOptions& options = echo_amm_options_;
    Verb& verb =
        add_verb("amm", "The anatomical M-mode image of a clip along a line: what the line sees, frame by frame",
                 "systolic echo amm clip.npy --line 40,120,210,130 --out amm.npy", options, &run_echo_amm, echo_);
    add_path(verb, "CLIP", "", options.clip, clip_help)->required();
    verb.app
        ->add_option("--line", options.line, "Two points that the line goes through: row and column of each, pixels")
        ->required()
        ->type_name("Y1,X1,Y2,X2")
        ->check(CLI::Validator(
            [&options](const std::string& text) -> std::string { return parse_line(text, options.points); }, ""));
    add_path(verb, "--out", "AMM.npy", options.out,
             "The image (samples along the line x 64, float32, grey values 0 to 255); the key frame is column 32")
        ->required();
    add_path(verb, "--report", "OUT", options.report, "Draw the line and what it sees: a .html or .svg");
    verb.app
        ->add_option("--key-frame", options.key_frame,
                     "The frame in the middle; the clip counts as a cycle (default: 0)")
        ->type_name("N")
        ->check(CLI::Range(0, 1000000000));
    verb.app->add_option("--shift", options.change.shift, "Move the line at a right angle to it (default: 0)")
        ->type_name("PIXELS")
        ->check(CLI::Range(-1e5, 1e5));
    verb.app->add_option("--rotate", options.change.degrees, "Turn it clockwise first (default: 0)")
        ->type_name("DEGREES")
        ->check(CLI::Range(-180.0, 180.0));
    verb.app->add_option("--pivot", options.pivot, "Turn it about its middle (default), top or bottom point")
        ->type_name("NAME")
        ->check(one_of({"middle", "top", "bottom"}));
    add_common(verb, {.weights = false,
                      .preparation = false,
                      .scoring = false,
                      .precision = false,
                      .seed = false,
                      .missing = false});
  }

  void add_echo_synth() {
    EchoSynthOptions& options = echo_synth_options_;
    Verb& verb = add_verb("synth", "A clip of a made-up heart, and all that is true of it",
                          "systolic echo synth heart --view apical --ef 0.35 --weak-segment apical-septal", options,
                          &run_echo_synth, echo_);
    add_path(
        verb, "OUT", "", options.out,
        "Writes OUT.npy (frames x rows x columns, uint8) and OUT.json (the truth); of the apical view also OUT.csv, "
        "the tracings of end-diastole and end-systole that echo ef reads")
        ->required();
    verb.app->add_option("--view", options.view, "apical (four chambers; default) or long-axis (parasternal)")
        ->type_name("NAME")
        ->check(one_of({"apical", "long-axis"}));
    add_path(verb, "--png", "FOLDER", options.png, "Write the frames as PNG files, too");
    verb.app->add_flag("--typical", options.typical,
                       "What no option names is that of a typical healthy heart (default: drawn by lot from --seed)");
    verb.app->add_option("--frames", options.frames, "Length of the clip (default: 64)")
        ->type_name("N")
        ->check(CLI::Range(2, 4096));
    const auto number = [&](const char* name, const char* unit, auto& value, double least, double most,
                            const char* help) {
      verb.app->add_option(name, value, help)->type_name(unit)->check(CLI::Range(least, most));
    };
    number("--size", "PIXELS", options.size, 32, 1024, "Rows and columns (default: 112 apical, 128 long-axis)");
    verb.app->add_option("--mm-per-pixel", options.millimetres, "Size of a pixel, or of its height and width")
        ->type_name("MM")
        ->check(CLI::Validator(
            [&options](const std::string& text) -> std::string { return parse_pixel_size(text, options.pixel); }, ""));
    number("--cycle", "FRAMES", options.cycle, 12, 1000, "Length of a beat");
    number("--length", "MM", options.length, 30, 150, "Of the ventricle at end-diastole");
    number("--bulge", "MM", options.bulge, 0, 30, "Depth of a bulge of the septum");
    number("--noise", "GREY", options.noise, 0, 100, "Noise of the picture, grey values");
    number("--ef", "SHARE", options.ejection_fraction, 0.02, 0.85, "Apical: ejection fraction, such as 0.55");
    number("--length-width", "X", options.length_width, 0.9, 3,
           "Apical: length over width; a ventricle below 1.5 is dilated");
    number("--apex-motion", "SHARE", options.apex_motion, 0, 0.4, "Apical: way of the apex, as a share of the length");
    verb.app
        ->add_option("--weak-segment", options.weak_segment,
                     "Apical: a segment that does not move: none, basal-septal, mid-septal, apical-septal, apex, "
                     "apical-lateral, mid-lateral or basal-lateral")
        ->type_name("NAME");
    number("--weak-motion", "X", options.weak_motion, -1, 1,
           "Apical: its motion relative to the others' (default: 0; below 0 it moves outwards)");
    number("--contrast", "GREY", options.contrast, 0, 200, "Apical: wall brighter than cavity, grey values");
    number("--speckle", "X", options.speckle, 0, 1, "Apical: how strong the speckle is");
    number("--tilt", "DEGREES", options.tilt, -60, 60, "Long-axis: the axis turned, the apex downwards");
    const auto lengths = [&](const char* name, std::string& value, const char* help) {
      verb.app->add_option(name, value, help)
          ->type_name("ED[,ES]")
          ->check(CLI::Validator(
              [](const std::string& text) -> std::string {
                systolic::echo::OverCycle ignored;
                return parse_over_cycle(text, ignored);
              },
              ""));
    };
    lengths("--septum", options.septum, "Long-axis: thickness of the septum, mm");
    lengths("--cavity", options.cavity, "Long-axis: inner diameter, mm");
    lengths("--posterior-wall", options.posterior_wall, "Long-axis: thickness of the posterior wall, mm");
    add_common(verb, {.weights = false, .preparation = false, .scoring = false, .precision = false, .missing = false});
  }

  void add_echo_measure() {
    EchoMeasureOptions& options = echo_measure_options_;
    Verb& verb =
        add_verb("measure",
                 "Septum, inner diameter and posterior wall of the left ventricle, in clips of the parasternal "
                 "long axis",
                 "systolic echo measure clip.npy --mm-per-pixel 0.6", options, &run_echo_measure, echo_);
    verb.app->add_option("CLIP", options.clips, std::string(clip_help) + "; the apex on the left")
        ->required()
        ->type_name("");
    verb.app
        ->add_option("--mm-per-pixel", options.millimetres,
                     "Size of a pixel, or of its height and width: 0.5 or 0.5,0.4")
        ->required()
        ->type_name("MM")
        ->check(CLI::Validator(
            [&options](const std::string& text) -> std::string { return parse_pixel_size(text, options.pixel); }, ""));
    verb.app
        ->add_option("--line", options.line,
                     "Measure along this line: row and column of two points, pixels (default: the line is found)")
        ->type_name("Y1,X1,Y2,X2")
        ->check(CLI::Validator(
            [&options](const std::string& text) -> std::string { return parse_line(text, options.points); }, ""));
    verb.app
        ->add_option("--shift", options.change.shift,
                     "Move the line, given or found, at a right angle to it (default: 0)")
        ->type_name("PIXELS")
        ->check(CLI::Range(-1e5, 1e5));
    verb.app->add_option("--rotate,--degrees", options.change.degrees, "Turn it clockwise first (default: 0)")
        ->type_name("DEGREES")
        ->check(CLI::Range(-180.0, 180.0));
    verb.app->add_option("--pivot", options.pivot, "Turn it about its middle (default), top or bottom point")
        ->type_name("NAME")
        ->check(one_of({"middle", "top", "bottom"}));
    for (const auto& [name, frame, what] : {std::tuple("--ed", &options.end_diastole, "end-diastole"),
                                            std::tuple("--es", &options.end_systole, "end-systole")})
      verb.app
          ->add_option(name, *frame, std::string("The frame of ") + what + " (default: found by the inner diameter)")
          ->type_name("N")
          ->check(CLI::Range(0, 1000000000));
    add_path(verb, "--report", "OUT", options.report,
             "Draw frames, lines, M-mode images and dimensions: a .html or .svg; a folder for several clips");
    add_path(verb, "--line-weights", "FILE", options.line_weights,
             "Weights of the network that finds the line (default: the shipped ones)");
    add_common(verb, {.preparation = false, .scoring = false, .precision = false, .seed = false, .missing = false});
    verb.app->get_option("--weights")
        ->description("Weights of the network that reads M-mode images (default: the shipped ones)");
  }

  Verb& add_echo_tracings(const char* name, const char* description, const char* example, EchoTracingOptions& options,
                          int (*function)(const EchoTracingOptions&), bool weights = false) {
    Verb& verb = add_verb(name, description, example, options, function, echo_);
    verb.app
        ->add_option("TRACINGS", options.tables,
                     "Tables as EchoNet-Dynamic's VolumeTracings.csv: columns FileName, X1, Y1, X2, Y2, Frame; 21 rows "
                     "a frame, the long axis first, then 20 chords from the apex to the mitral valve")
        ->required()
        ->type_name("");
    add_pixel_size(verb, options);
    add_common(verb, {.weights = weights,
                      .preparation = false,
                      .scoring = false,
                      .precision = false,
                      .seed = false,
                      .missing = false});
    return verb;
  }

  void add_info() {
    Verb& verb = add_verb("info", "This program and machine, or what weights files and recordings hold",
                          "systolic info weights.safetensors", info_options_, &run_info);
    verb.app->add_option("FILE", info_options_.records, "Weights files or recordings; none: the program itself")
        ->type_name("");
    add_common(
        verb,
        {.preparation = false, .scoring = false, .precision = false, .seed = false, .missing = false, .rate = true});
  }

  std::string help() {
    for (const CLI::App* verb : app_.get_subcommands()) return verb->help("systolic");
    return app_.help();
  }

  static int print(const std::string& text) {
    Printer printer(false);
    Outcome outcome;
    outcome.lines = text;
    printer.print(outcome);
    return printer.exit_status();
  }

  static int wrong_usage(const std::string& cause) {
    print_message(cause);
    return exit_usage;
  }

  CLI::App app_{"", "systolic"};
  std::deque<Verb> verbs_;  // stay where they are
  DetectOptions detect_options_;
  ClassifyOptions classify_options_;
  RecordsOptions peaks_options_, info_options_;
  PreprocessOptions preprocess_options_;
  RestoreOptions restore_options_;
  EvaluateOptions evaluate_options_;
  CalibrateOptions calibrate_options_;
  TrainOptions train_options_;
  std::string train_folds_, backbone_ = "joint", recordings_ = "normal";
  ConvertOptions convert_options_;
  SynthOptions synth_options_;
  CLI::App* echo_ = nullptr;
  EchoTracingOptions echo_ef_options_, echo_narrate_options_, echo_contour_options_;
  EchoJudgeOptions echo_judge_options_;
  EchoAmmOptions echo_amm_options_;
  EchoSynthOptions echo_synth_options_;
  EchoMeasureOptions echo_measure_options_;
  std::string folds_, fit_folds_, task_ = "detect", dtype_;
  std::vector<std::string> metadata_;
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is noticed where it is written to
  try {
    return CommandLine().run(argc, argv);
  } catch (const std::bad_alloc&) {
    print_message("not enough memory");
  } catch (const std::exception& error) {
    print_message(error.what());
  }
  return exit_failed;
}
