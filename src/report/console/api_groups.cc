#include <charconv>

#include "api_json.h"
#include "gnomon/inventory/groups.h"

// Groups of clients: departments, sites, fleets, for which other decisions may hold.
namespace gnomon::report::console {
namespace {

Response groups(Call& call) {
  auto all = inventory::read_groups(call.site.options().database);
  if (!all) return failed(all.error());
  auto decisions = inventory::read_decisions(call.site.options().database);
  if (!decisions) return failed(decisions.error());
  return rows_response(*all, [&](JsonWriter& json, const inventory::ClientGroup& each) {
    json.member("id", each.id);
    json.member("description", each.description);
    write_texts(json, "members", each.members);
    json.member("clients", each.clients);
    json.member("decisions", static_cast<std::uint64_t>(std::count_if(
                                 decisions->begin(), decisions->end(), [&](const auto& decision) {
                                   return decision.scope.client_group == each.id;
                                 })));
    json.member("version", std::to_string(each.version));
    json.member("updated_by", each.updated_by);
    write_time(json, "updated_at", each.updated_at);
  });
}

// What came of it, for whoever asked.
Response told(Call& call, const Result<inventory::GroupStored>& stored) {
  if (!stored) return failed(stored.error());
  if (stored->conflict)
    return error_response(409, "conflict",
                          "this group was changed meanwhile; look at it as it is now");
  if (!stored->problem.empty()) return error_response(422, "group", stored->problem);
  call.site.snapshots().refresh();
  return object_response([&](JsonWriter& json) {
    json.member("changed", stored->changed);
    json.member("clients", stored->clients);
  });
}

Response set_group(Call& call) {
  constexpr std::string_view kKeys[] = {"version", "description", "members"};
  constexpr std::size_t kBytesMax = 200'000;
  auto body = TextObject::parse(call.request.body, kKeys, kBytesMax);
  if (!body) return error_response(400, "body", body.error().message);
  std::int64_t version = -1;
  const std::string said = body->text("version");
  if (const auto [at, wrong] = std::from_chars(said.data(), said.data() + said.size(), version);
      wrong != std::errc{} || at != said.data() + said.size() || version < 0)
    return error_response(400, "body", "'version' is missing: that of the group you saw, or 0");
  inventory::ClientGroup group;
  group.id = call.words[0];
  group.description = body->text("description");
  group.members = parts_of(body->text("members"), '\n');
  const std::lock_guard lock{call.site.writing()};
  return told(call, inventory::set_group(call.site.options().database, group, version,
                                         call.session->account, call.site.now()));
}

Response remove_group(Call& call) {
  const std::lock_guard lock{call.site.writing()};
  return told(call, inventory::remove_group(call.site.options().database, call.words[0],
                                            call.session->account, call.site.now()));
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/groups", Access::kViewer, groups},
    {"PUT", "/api/v1/groups/{id}", Access::kReviewer, set_group},
    {"DELETE", "/api/v1/groups/{id}", Access::kReviewer, remove_group},
};

}  // namespace

std::span<const Route> group_routes() { return kRoutes; }

}  // namespace gnomon::report::console
