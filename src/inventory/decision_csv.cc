#include <algorithm>
#include <optional>

#include "csv_rows.h"
#include "decision_rows.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/inventory/decisions.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

constexpr std::string_view kColumns[] = {"app",         "usage",   "client_group", "status",
                                         "owner",       "purpose", "department",   "data_class",
                                         "review_date", "reason",  "links",        "version"};

std::string cleaned(std::string_view heading) {
  while (!heading.empty() && heading.front() == ' ') heading.remove_prefix(1);
  while (!heading.empty() && heading.back() == ' ') heading.remove_suffix(1);
  return lowered(heading);
}

std::vector<std::string> words_between(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", at), text.size());
    if (end > at) words.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  if (text.empty() || text.size() > 15) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

class Importer {
 public:
  explicit Importer(std::span<const Decision> stored) : stored_(stored) {}

  DecisionImport read(std::string_view text) {
    const CsvTable table = read_csv(text);
    if (!table.problem.empty()) refuse(table.problem_line, 0, "", table.problem);
    if (table.rows.empty()) {
      if (table.problem.empty())
        refuse(1, 0, "", "the file is empty; its first line names the columns");
      return std::move(result_);
    }
    if (!read_heading(table.rows.front())) return std::move(result_);
    for (std::size_t i = 1; i < table.rows.size(); ++i) read_row(table.rows[i]);
    return std::move(result_);
  }

 private:
  void refuse(std::size_t line, std::size_t column, std::string_view field, std::string message) {
    DecisionProblem problem;
    problem.field = field;
    problem.message = std::move(message);
    problem.line = line;
    problem.column = column;
    result_.problems.push_back(std::move(problem));
  }

  bool read_heading(const CsvRow& row) {
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      const std::string name = cleaned(row.fields[i]);
      if (std::find(std::begin(kColumns), std::end(kColumns), name) == std::end(kColumns)) {
        refuse(row.line, i + 1, name, "there is no column '" + name + "'");
      } else if (column_of(name) != 0) {
        refuse(row.line, i + 1, name, "the column '" + name + "' is there twice");
      }
      columns_.push_back(name);
    }
    for (const std::string_view name : {"app", "status"})
      if (column_of(name) == 0)
        refuse(row.line, 0, name, "the column '" + std::string{name} + "' is missing");
    return result_.problems.empty();
  }

  // From 1; 0 when it is not there.
  [[nodiscard]] std::size_t column_of(std::string_view name) const {
    const auto at = std::find(columns_.begin(), columns_.end(), name);
    return at == columns_.end() ? 0 : static_cast<std::size_t>(at - columns_.begin()) + 1;
  }

  void read_row(const CsvRow& row) {
    if (row.fields.size() != columns_.size())
      return refuse(row.line, std::min(row.fields.size(), columns_.size()) + 1, "",
                    "has " + std::to_string(row.fields.size()) + " fields, the heading has " +
                        std::to_string(columns_.size()));
    const auto field = [&](std::string_view name) -> std::optional<std::string> {
      const std::size_t column = column_of(name);
      if (column == 0) return std::nullopt;
      return plain_text(row.fields[column - 1]);
    };
    DecisionChange change;
    change.scope = {field("app").value_or(""), field("usage").value_or(""),
                    field("client_group").value_or("")};
    for (const Decision& each : stored_) {
      if (each.scope != change.scope) continue;
      change.review = each.review;
      change.links = each.links;
    }
    for (const ReviewField& each : kReviewFields)
      if (auto value = field(each.name)) change.review.*each.member = std::move(*value);
    if (const auto links = field("links")) change.links = words_between(*links);
    bool good = true;
    if (const auto version = field("version"); version && !version->empty()) {
      change.expected_version = whole_number(*version);
      if (!change.expected_version) {
        refuse(row.line, column_of("version"), "version", "'" + *version + "' is no whole number");
        good = false;
      }
    }
    std::vector<DecisionProblem> problems;
    check_values(change, problems);
    for (DecisionProblem& problem : problems)
      refuse(row.line, column_of(problem.field), problem.field, std::move(problem.message));
    const auto same =
        std::find_if(result_.changes.begin(), result_.changes.end(),
                     [&](const DecisionChange& e) { return e.scope == change.scope; });
    if (same != result_.changes.end()) {
      const auto place = static_cast<std::size_t>(same - result_.changes.begin());
      refuse(row.line, column_of("app"), "app",
             "'" + scope_text(change.scope) + "' is decided on in line " +
                 std::to_string(result_.lines[place]) + " already");
      good = false;
    }
    if (!problems.empty() || !good) return;
    result_.changes.push_back(std::move(change));
    result_.lines.push_back(row.line);
  }

  std::span<const Decision> stored_;
  std::vector<std::string> columns_;
  DecisionImport result_;
};

}  // namespace

std::string decisions_to_csv(std::span<const Decision> decisions) {
  std::string out;
  for (const std::string_view column : kColumns) {
    if (!out.empty()) out += ',';
    out += column;
  }
  out += "\r\n";
  for (const Decision& each : decisions) {
    append_csv_field(out, each.scope.app);
    for (const std::string* text : {&each.scope.usage, &each.scope.client_group}) {
      out += ',';
      append_csv_field(out, *text);
    }
    for (const ReviewField& field : kReviewFields) {
      out += ',';
      append_csv_field(out, each.review.*field.member);
    }
    out += ',';
    std::string links;
    for (const std::string& link : each.links) links += (links.empty() ? "" : " ") + link;
    append_csv_field(out, links);
    out += ',' + std::to_string(each.version) + "\r\n";
  }
  return out;
}

DecisionImport decisions_from_csv(std::string_view text, std::span<const Decision> stored) {
  return Importer{stored}.read(text);
}

}  // namespace gnomon::inventory
