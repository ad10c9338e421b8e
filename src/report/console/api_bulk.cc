#include "api_json.h"
#include "gnomon/inventory/decisions.h"
#include "review_fields.h"

// Decisions on many apps at once: those that were chosen, or the rows of a table. All or none.
namespace gnomon::report::console {
namespace {

using inventory::DecisionProblem;

constexpr std::size_t kAppsMax = 1'000;

void write_problems(JsonWriter& json, const std::vector<DecisionProblem>& problems) {
  json.key("problems");
  json.begin_array();
  constexpr std::size_t kProblemsMax = 200;
  for (std::size_t i = 0; i < std::min(problems.size(), kProblemsMax); ++i) {
    json.begin_object();
    json.member("line", static_cast<std::uint64_t>(problems[i].line));
    json.member("column", static_cast<std::uint64_t>(problems[i].column));
    json.member("field", problems[i].field);
    json.member("message", problems[i].message);
    json.end_object();
  }
  json.end_array();
  json.member("problems_total", static_cast<std::uint64_t>(problems.size()));
}

Response stored(Call& call, const std::vector<inventory::DecisionChange>& changes,
                const std::vector<std::size_t>& lines) {
  auto done = inventory::set_decisions(call.site.options().database, changes,
                                       call.session->account, call.site.now());
  if (!done) return failed(done.error());
  Response response;
  if (!done->problems.empty()) {
    response.status = 422;
    for (DecisionProblem& problem : done->problems) {
      if (problem.kind == DecisionProblem::Kind::kConflict) response.status = 409;
      if (problem.change < lines.size()) problem.line = lines[problem.change];
      if (lines.empty() && problem.change < changes.size())
        problem.message = changes[problem.change].scope.app + ": " + problem.message;
    }
  } else {
    call.site.decided(changes);
  }
  JsonWriter json{response.body};
  json.begin_object();
  if (response.status != 200) {
    json.key("error");
    json.begin_object();
    json.member("code", response.status == 409 ? "conflict" : "decisions");
    json.member("message", "nothing was changed: " + done->problems.front().message);
    json.end_object();
  }
  json.member("changed", static_cast<std::uint64_t>(done->changed));
  json.member("unchanged", static_cast<std::uint64_t>(done->unchanged));
  write_problems(json, done->problems);
  json.end_object();
  return response;
}

// "apps": "ID VERSION" a line; whatever else is said becomes so for all of them.
Response decide_many(Call& call) {
  constexpr std::string_view kKeys[] = {"apps",       "status",     "owner",       "purpose",
                                        "department", "data_class", "review_date", "reason"};
  constexpr std::size_t kBytesMax = 100'000;
  auto body = TextObject::parse(call.request.body, kKeys, kBytesMax);
  if (!body) return error_response(400, "body", body.error().message);
  auto now = inventory::read_decisions(call.site.options().database);
  if (!now) return failed(now.error());
  std::vector<inventory::DecisionChange> changes;
  for (const std::string& line : parts_of(body->text("apps"), '\n')) {
    const std::vector<std::string> words = parts_of(line, ' ');
    if (words.size() != 2 || words[1].size() > 18 ||
        words[1].find_first_not_of("0123456789") != std::string::npos)
      return error_response(400, "body", "'apps' must be lines of an app and its version");
    inventory::DecisionChange& change = changes.emplace_back();
    change.scope.app = words[0];
    change.expected_version = std::stoll(words[1]);
    for (const inventory::Decision& each : *now) {
      if (each.scope != change.scope) continue;
      change.review = each.review;
      change.links = each.links;
    }
    for (const ReviewField& field : kReviewFields)
      if (body->has(field.name)) change.review.*field.member = body->text(field.name);
  }
  if (changes.empty() || changes.size() > kAppsMax)
    return error_response(422, "apps", "choose 1 to " + std::to_string(kAppsMax) + " apps");
  const std::lock_guard lock{call.site.writing()};
  return stored(call, changes, {});
}

Response import_table(Call& call) {
  constexpr std::string_view kKeys[] = {"csv"};
  constexpr std::size_t kBytesMax = 240'000;  // bodies end at 256 KiB
  auto body = TextObject::parse(call.request.body, kKeys, kBytesMax);
  if (!body) return error_response(400, "body", body.error().message);
  auto now = inventory::read_decisions(call.site.options().database);
  if (!now) return failed(now.error());
  const inventory::DecisionImport import =
      inventory::decisions_from_csv(body->text("csv"), *now);
  if (!import.problems.empty()) {
    Response response;
    response.status = 422;
    JsonWriter json{response.body};
    json.begin_object();
    json.key("error");
    json.begin_object();
    json.member("code", "rows");
    json.member("message", "nothing was changed: some rows cannot be taken");
    json.end_object();
    write_problems(json, import.problems);
    json.end_object();
    return response;
  }
  const std::lock_guard lock{call.site.writing()};
  return stored(call, import.changes, import.lines);
}

Response export_table(Call& call) {
  auto all = inventory::read_decisions(call.site.options().database);
  if (!all) return failed(all.error());
  return file_response("ai-decisions.csv", "text/csv; charset=utf-8",
                       inventory::decisions_to_csv(*all));
}

constexpr Route kRoutes[] = {
    {"POST", "/api/v1/decisions", Access::kReviewer, decide_many},
    {"GET", "/api/v1/decisions.csv", Access::kViewer, export_table},
    {"POST", "/api/v1/decisions/import", Access::kReviewer, import_table},
};

}  // namespace

std::span<const Route> bulk_routes() { return kRoutes; }

}  // namespace gnomon::report::console
