#include "api_json.h"
#include "gnomon/inventory/decisions.h"
#include "gnomon/report/block_list.h"
#include "gnomon/report/block_selection.h"

// Block lists: what is to be blocked, what it would hit besides, and the files that devices take.
namespace gnomon::report::console {
namespace {

struct Asked {
  BlockList list;
  BlockStyle style;
};

// Nothing when the selection was wrong: `response` tells.
std::optional<Asked> asked(Call& call, Response& response) {
  const auto refuse = [&](Response refused) {
    response = std::move(refused);
    return std::nullopt;
  };
  BlockSelection selection;
  const std::string status = call.parameters.text("status");
  if (!status.empty()) selection.statuses = parts_of(status, ',');
  for (const std::string& each : selection.statuses)
    if (each != "any" && !inventory::is_review_status(each))
      return refuse(error_response(400, "parameter", "'status' names no decision"));
  if (std::find(selection.statuses.begin(), selection.statuses.end(), "any") !=
      selection.statuses.end())
    selection.statuses.clear();
  constexpr std::string_view kLevels[] = {"", "minimal", "low", "medium", "high", "critical"};
  const std::string risk = call.parameters.word("risk", kLevels);
  for (std::size_t i = 0; i < inventory::kRiskLevels; ++i)
    if (const auto level = static_cast<inventory::RiskLevel>(i); risk == to_string(level))
      selection.level_min = level;
  selection.apps = parts_of(call.parameters.text("app"), ',');
  selection.categories = parts_of(call.parameters.text("category"), ',');
  constexpr std::string_view kYes[] = {"", "yes"};
  selection.include_shared = call.parameters.word("shared", kYes) == "yes";
  Asked made;
  constexpr std::string_view kNo[] = {"", "no"};
  made.style.clients = call.parameters.word("clients", kNo) != "no";
  if (const std::string group = call.parameters.text("group"); !group.empty())
    if (auto failed = choose_group(call.site.options().database, group, call.snapshot->apps,
                                   selection))
      return refuse(error_response(400, "parameter", failed->message));
  if (const auto wrong = call.parameters.error())
    return refuse(error_response(400, "parameter", wrong->message));
  if (!call.site.options().host_knowledge)
    return refuse(error_response(404, "not_found", "this console has no signatures"));
  auto knowledge = call.site.options().host_knowledge();
  if (!knowledge) return refuse(error_response(500, "signatures", knowledge.error().message));
  auto list = make_block_list(call.site.options().database, **knowledge, selection,
                              call.snapshot->apps, call.snapshot->totals.last_packet);
  if (!list) return refuse(failed(list.error()));
  made.list = std::move(*list);
  return made;
}

Response formats(Call&) {
  Response response;
  JsonWriter json{response.body};
  json.begin_object();
  json.key("rows");
  json.begin_array();
  for (const BlockFormat& each : block_formats()) {
    json.begin_object();
    json.member("name", each.name);
    json.member("about", each.about);
    json.member("comments", each.comments);
    json.member("addresses", each.addresses);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return response;
}

// What a list would hold and hit, to be looked at before it is taken.
Response preview(Call& call) {
  Response response;
  if (const auto made = asked(call, response))
    response.body = explain_block_list(made->list, made->style);
  return response;
}

Response download(Call& call) {
  for (const BlockFormat& format : block_formats()) {
    if (format.name != call.words[0]) continue;
    Response response;
    const auto made = asked(call, response);
    if (!made) return response;
    return file_response("gnomon-" + std::string{format.name} + ".txt",
                         "text/plain; charset=utf-8", format.write(made->list, made->style));
  }
  return error_response(404, "not_found", "there is no such format");
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/block-lists", Access::kViewer, formats},
    {"GET", "/api/v1/block-lists/{format}", Access::kViewer, download},
    {"GET", "/api/v1/block-preview", Access::kViewer, preview},
};

}  // namespace

std::span<const Route> block_routes() { return kRoutes; }

}  // namespace gnomon::report::console
