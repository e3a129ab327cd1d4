// systolic evaluate --task diagnose: how well a diagnosis network names what recordings show, class by class and over
// groups of classes and people.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "diagnosed_records.hpp"
#include "diagnosis_chart.hpp"
#include "diagnosis_verbs.hpp"
#include "folders.hpp"
#include "systolic/io/file.hpp"
#include "systolic/metrics/roc.hpp"
#include "weights.hpp"

namespace program {
namespace {

namespace metrics = systolic::metrics;
using metrics::ClassMean;
using metrics::ClassScores;
using systolic::DiagnosisClass;

using Group = std::vector<const ClassScores*>;

Json bounds(const std::optional<metrics::Interval>& interval) {
  return interval ? Json(std::vector<double>{interval->lower, interval->upper}) : Json();
}

/// All classes over some of the records.
class Table {
 public:
  Table(const std::vector<DiagnosedRecord>& records, const std::vector<DiagnosisClass>& classes) : classes_(classes) {
    for (std::size_t c = 0; c < classes.size(); ++c) scores_.push_back(class_scores(records, classes[c], c));
  }

  const ClassScores& operator[](std::size_t c) const { return scores_[c]; }

  /// Those classes that `belongs` names.
  template <class Belongs>
  Group group(const Belongs& belongs) const {
    Group result;
    for (std::size_t c = 0; c < classes_.size(); ++c)
      if (belongs(classes_[c])) result.push_back(&scores_[c]);
    return result;
  }

 private:
  const std::vector<DiagnosisClass>& classes_;
  std::vector<ClassScores> scores_;
};

bool is_statement(const DiagnosisClass& entry) { return entry.kind == DiagnosisClass::Kind::statement; }
bool is_superclass(const DiagnosisClass& entry) { return !is_statement(entry); }

/// The tail groups of the statements.
struct Tail {
  const char* name;
  bool (*belongs)(const DiagnosisClass&);
};
constexpr std::array<Tail, 3> tails = {
    {{"common", [](const DiagnosisClass& c) { return is_statement(c) && tail_of(c) == 0; }},
     {"uncommon", [](const DiagnosisClass& c) { return is_statement(c) && tail_of(c) == 1; }},
     {"rare", [](const DiagnosisClass& c) { return is_statement(c) && tail_of(c) == 2; }}}};

/// Mean AUROC of a group with its interval, macro and pooled.
Json group_figures(const Group& group, const metrics::BootstrapOptions& bootstrap) {
  std::size_t scored = 0, positives = 0;
  for (const ClassScores* scores : group)
    if (scores->area()) {
      ++scored;
      positives += scores->positives();
    }
  return Json::object()
      .set("classes", group.size())
      .set("classes_scored", scored)
      .set("positives", positives)
      .set("auroc", metrics::mean_auroc(group, ClassMean::macro))
      .set("auroc_ci95", bounds(metrics::bootstrap_mean_auroc(group, ClassMean::macro, bootstrap)))
      .set("pooled_auroc", metrics::mean_auroc(group, ClassMean::pooled))
      .set("pooled_auroc_ci95", bounds(metrics::bootstrap_mean_auroc(group, ClassMean::pooled, bootstrap)));
}

Json difference_figures(const Group& first, const Group& second, ClassMean mean,
                        const metrics::BootstrapOptions& bootstrap) {
  const auto found = metrics::bootstrap_mean_auroc_difference(first, second, mean, bootstrap);
  return Json::object()
      .set("difference", found ? Json(found->difference) : Json())
      .set("ci95", found ? bounds(found->interval) : Json());
}

/// One class: how well it is ranked, and how well it is decided with its threshold.
ClassFigures class_figures(const DiagnosisClass& entry, std::size_t number, const std::vector<DiagnosedRecord>& records,
                           const ClassScores& scores, const metrics::BootstrapOptions& bootstrap) {
  double hit = 0, missed = 0, alarm = 0, passed = 0;
  std::vector<double> known;
  std::vector<std::uint8_t> positive;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::int8_t truth = scores.truth()[i];
    if (truth < 0) continue;
    known.push_back(scores.scores()[i]);
    positive.push_back(static_cast<std::uint8_t>(truth));
    const bool called = records[i].probabilities[number] >= entry.threshold;
    (truth == 1 ? (called ? hit : missed) : (called ? alarm : passed)) += 1;
  }
  const auto share = [](double part, double rest) {
    return part + rest > 0 ? std::optional<double>(part / (part + rest)) : std::nullopt;
  };
  ClassFigures result{entry, scores.positives(), {}, {}, {}, {}, share(hit, missed), share(passed, alarm)};
  if (const auto area = scores.area()) result.auroc = area->value;
  result.interval = metrics::bootstrap_mean_auroc(Group{&scores}, ClassMean::macro, bootstrap);
  if (const auto curve = metrics::roc_curve(known, positive)) result.auprc = metrics::average_precision(*curve);
  if (hit + missed > 0) result.f1 = 2 * hit / (2 * hit + missed + alarm);
  return result;
}

Json class_fields(const ClassFigures& figures) {
  return Json::object()
      .set("code", figures.entry.code)
      .set("name", figures.entry.name)
      .set("tail", tail_name(figures.entry))
      .set("trained_on", figures.entry.training_count)
      .set("positives", figures.positives)
      .set("auroc", figures.auroc)
      .set("auroc_ci95", bounds(figures.interval))
      .set("auprc", figures.auprc)
      .set("threshold", figures.entry.threshold)
      .set("f1", figures.f1)
      .set("sensitivity", figures.sensitivity)
      .set("specificity", figures.specificity);
}

/// How well attributes of patient and recording are told: mean absolute errors, and the AUROC of the sex.
Json attribute_figures(const std::vector<DiagnosedRecord>& records) {
  Json result = Json::object();
  for (std::size_t a = 0; a < systolic::attribute_names.size(); ++a) {
    const std::string name = systolic::attribute_names[a];
    double sum = 0, count = 0;
    std::vector<double> scores;
    std::vector<std::int8_t> truth;
    for (const DiagnosedRecord& record : records) {
      if (!std::isfinite(record.measured[a])) continue;
      sum += std::abs(record.predicted[a] - record.measured[a]);
      count += 1;
      scores.push_back(record.predicted[a]);
      truth.push_back(record.measured[a] > 0.5 ? 1 : 0);
    }
    if (name == "sex") {
      const auto area = ClassScores(std::move(scores), std::move(truth)).area();
      result.set("sex_auroc", area ? Json(area->value) : Json());
    } else {
      result.set(name + "_mean_absolute_error", count > 0 ? Json(sum / count) : Json());
    }
  }
  return result;
}

/// Figures within groups of people, and the largest difference between two of them.
Json people_figures(const std::vector<DiagnosedRecord>& records, const std::vector<DiagnosisClass>& classes,
                    const metrics::BootstrapOptions& bootstrap) {
  struct People {
    const char *kind, *name;
    bool (*belongs)(const PtbxlRecord&);
  };
  static constexpr std::array<People, 5> people = {
      {{"sex", "male", [](const PtbxlRecord& r) { return r.sex == "male"; }},
       {"sex", "female", [](const PtbxlRecord& r) { return r.sex == "female"; }},
       {"age", "<40", [](const PtbxlRecord& r) { return r.age && *r.age < 40; }},
       {"age", "40-65", [](const PtbxlRecord& r) { return r.age && *r.age >= 40 && *r.age <= 65; }},
       {"age", ">65", [](const PtbxlRecord& r) { return r.age && *r.age > 65; }}}};
  Json result = Json::object();
  for (const char* kind : {"sex", "age"}) {
    Json groups = Json::object();
    std::vector<Table> tables;
    for (const People& group : people) {
      if (std::string(group.kind) != kind) continue;
      std::vector<DiagnosedRecord> some;
      for (const DiagnosedRecord& record : records)
        if (group.belongs(record.record)) some.push_back(record);
      tables.emplace_back(some, classes);
      groups.set(group.name, Json::object()
                                 .set("records", some.size())
                                 .set("statements", group_figures(tables.back().group(is_statement), bootstrap))
                                 .set("rare", group_figures(tables.back().group(tails[2].belongs), bootstrap))
                                 .set("superclasses", group_figures(tables.back().group(is_superclass), bootstrap)));
    }
    // Statements that can be scored in every group of people, so that the gap is not one between statements.
    const auto gap = [&](const auto& belongs, ClassMean mean) -> std::optional<double> {
      std::vector<double> values;
      for (const Table& table : tables) {
        Group shared;
        for (std::size_t c = 0; c < classes.size(); ++c)
          if (belongs(classes[c]) &&
              std::all_of(tables.begin(), tables.end(), [&](const Table& t) { return t[c].area().has_value(); }))
            shared.push_back(&table[c]);
        if (const auto value = metrics::mean_auroc(shared, mean)) values.push_back(*value);
      }
      if (values.size() < tables.size()) return std::nullopt;
      const auto [low, high] = std::minmax_element(values.begin(), values.end());
      return *high - *low;
    };
    groups.set("gap", Json::object()
                          .set("statements", gap(is_statement, ClassMean::macro))
                          .set("rare_pooled", gap(tails[2].belongs, ClassMean::pooled))
                          .set("superclasses", gap(is_superclass, ClassMean::macro)));
    result.set(kind, std::move(groups));
  }
  return result;
}

/// Everything but the single classes.
Json all_figures(const DiagnosedRecords& diagnosed, const std::vector<DiagnosisClass>& classes,
                 const std::optional<DiagnosedRecords>& against, const metrics::BootstrapOptions& bootstrap) {
  const std::vector<DiagnosedRecord>& records = diagnosed.records;
  const Table table(records, classes);
  const Group statements = table.group(is_statement), superclasses = table.group(is_superclass);
  Json tail_groups = Json::object();
  for (const Tail& tail : tails) tail_groups.set(tail.name, group_figures(table.group(tail.belongs), bootstrap));
  tail_groups.set("common_minus_rare", difference_figures(table.group(tails[0].belongs), table.group(tails[2].belongs),
                                                          ClassMean::macro, bootstrap));
  std::vector<double> probabilities;
  std::vector<std::int8_t> truth;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    for (std::size_t i = 0; is_statement(classes[c]) && i < records.size(); ++i) {
      probabilities.push_back(records[i].probabilities[c]);
      truth.push_back(table[c].truth()[i]);
    }
  }
  Json result = Json::object();
  result.set("records", records.size())
      .set("not_analysable", diagnosed.not_analysable)
      .set("statements", group_figures(statements, bootstrap))
      .set("superclasses", group_figures(superclasses, bootstrap))
      .set("tail", std::move(tail_groups))
      .set("calibration_error", metrics::calibration_error(probabilities, truth))
      .set("attributes", attribute_figures(records))
      .set("people", people_figures(records, classes, bootstrap));
  if (against) {
    const Table other(against->records, classes);
    Json compared = Json::object();
    compared.set("statements", difference_figures(statements, other.group(is_statement), ClassMean::macro, bootstrap));
    for (const Tail& tail : tails)
      for (const auto& [mean, suffix] : {std::pair(ClassMean::macro, ""), std::pair(ClassMean::pooled, "_pooled")})
        compared.set(std::string(tail.name) + suffix,
                     difference_figures(table.group(tail.belongs), other.group(tail.belongs), mean, bootstrap));
    compared.set("superclasses",
                 difference_figures(superclasses, other.group(is_superclass), ClassMean::macro, bootstrap));
    result.set("better_than", std::move(compared));
  }
  result.set("seconds", diagnosed.seconds)
      .set("records_per_second", static_cast<double>(records.size()) / std::max(diagnosed.seconds, 1e-9));
  return result;
}

std::string scores_table(const std::vector<DiagnosedRecord>& records, const std::vector<DiagnosisClass>& classes) {
  std::string table = "ecg_id,fold,age,sex,predicted_age,predicted_sex,codes";
  for (const DiagnosisClass& entry : classes) table += "," + csv_cell(entry.code);
  table += "\n";
  for (const DiagnosedRecord& found : records) {
    std::string codes;
    for (const std::string& code : found.record.codes) codes += (codes.empty() ? "" : " ") + code;
    table += found.record.id + "," + std::to_string(found.record.fold) + "," +
             (found.record.age ? systolic::number_to_text(*found.record.age) : "") + "," + found.record.sex + "," +
             fixed(found.predicted[0], 1) + "," + fixed(found.predicted[1], 3) + "," + csv_cell(codes);
    for (const double probability : found.probabilities) table += "," + systolic::number_to_text(probability);
    table += "\n";
  }
  return table;
}

}  // namespace

int evaluate_diagnosis(const EvaluateOptions& options) {
  const CommonOptions& common = options.common;
  const auto fail = [](const systolic::Error& error) {
    print_message(error.message);
    return exit_failed;
  };
  for (const std::string& file : {options.scores, options.chart})
    if (!file.empty())
      if (const auto status = check_writable(file); !status) return fail(status.error());
  auto labelled = read_ptbxl(options.data, options.folds, Labelled::any);
  if (!labelled) return fail(labelled.error());
  std::vector<PtbxlRecord> records = with_ids(std::move(*labelled), options.ids);
  if (options.limit > 0 && static_cast<std::size_t>(options.limit) < records.size())
    records.resize(static_cast<std::size_t>(options.limit));
  if (records.empty())
    return fail(systolic::error_at(options.data, "", "these folds have no recording with statements"));
  const auto diagnoser = load_diagnoser(common.weights);
  if (!diagnoser) return fail(diagnoser.error());
  Printer printer(common.quiet);
  std::optional<DiagnosedRecords> against;
  if (!options.against.empty()) {
    const auto other = load_diagnoser(options.against);
    if (!other) return fail(other.error());
    const auto same = [](const DiagnosisClass& a, const DiagnosisClass& b) { return a.code == b.code; };
    if (!std::equal(diagnoser->classes().begin(), diagnoser->classes().end(), other->classes().begin(),
                    other->classes().end(), same))
      return fail(systolic::error_at(options.against, "", "knows other classes: the two cannot be compared"));
    against = diagnose_records(records, *other, common, printer);
  }
  const DiagnosedRecords diagnosed = diagnose_records(records, *diagnoser, common, printer);
  const metrics::BootstrapOptions bootstrap{.replicates = 500, .seed = common.seed};
  Json result = all_figures(diagnosed, diagnoser->classes(), against, bootstrap);
  std::vector<ClassFigures> classes;
  Json fields = Json::array();
  for (std::size_t c = 0; c < diagnoser->classes().size(); ++c) {
    const DiagnosisClass& entry = diagnoser->classes()[c];
    classes.push_back(class_figures(entry, c, diagnosed.records, class_scores(diagnosed.records, entry, c), bootstrap));
    fields.add(class_fields(classes.back()));
  }
  std::string text;
  result.for_each_leaf([&](const std::string& name, const Json& value) { text += figure_line(name, value); });
  text += class_table(classes);
  result.set("classes", std::move(fields));
  Outcome outcome;
  const auto write = [&](const std::string& file, const std::string& content) {
    if (file.empty()) return;
    if (const auto status = systolic::io::write_file_atomically(file, content); !status) outcome.fail(status.error());
  };
  write(options.scores, options.scores.empty() ? "" : scores_table(diagnosed.records, diagnoser->classes()));
  write(options.chart, options.chart.empty() ? "" : diagnosis_chart(classes));
  outcome.add(common.format, result, text);
  printer.print(outcome);
  return printer.exit_status();
}

}  // namespace program
