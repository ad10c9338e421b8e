#include "api_json.h"

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/ip_address.h"
#include "gnomon/bytes/overloaded.h"
#include "gnomon/report/inventory_json.h"
#include "gnomon/report/numbers.h"

namespace gnomon::report::console {
namespace {

std::string_view kind_of(const Cell& cell) {
  return std::visit(Overloaded{
                        [](const std::string&) { return std::string_view{"text"}; },
                        [](std::uint64_t) { return std::string_view{"number"}; },
                        [](ByteCount) { return std::string_view{"bytes"}; },
                        [](Time) { return std::string_view{"time"}; },
                        [](const Texts&) { return std::string_view{"texts"}; },
                        [](bool) { return std::string_view{"flag"}; },
                        [](Share) { return std::string_view{"share"}; },
                    },
                    cell);
}

// Words that have an order of their own.
int rank_of(std::string_view word) {
  constexpr std::string_view kWords[] = {"info", "minimal", "low", "medium", "high", "critical"};
  for (std::size_t i = 0; i < std::size(kWords); ++i)
    if (kWords[i] == word) return static_cast<int>(i);
  return -1;
}

}  // namespace

Paging paging_of(Call& call) {
  Paging paging;
  paging.page = call.parameters.number("page", 1, 1, 1'000'000);
  paging.size = call.parameters.number("size", 50, 1, 500);
  return paging;
}

void write_risk_member(JsonWriter& json, const std::optional<inventory::RiskRating>& rating) {
  json.key("risk");
  if (!rating) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("score", static_cast<std::int64_t>(rating->score));
  json.member("level", to_string(rating->level));
  json.member("confidence", static_cast<std::int64_t>(rating->confidence));
  json.member("score_worst", static_cast<std::int64_t>(rating->score_worst));
  json.end_object();
}

void write_risk_rows(JsonWriter& json, const inventory::RiskRating& rating) {
  json.key("risk_rows");
  json.begin_array();
  for (const inventory::RiskRow& row : rating.rows) {
    json.begin_object();
    json.member("part", to_string(row.part));
    json.member("key", row.key);
    json.member("label", row.label);
    json.member("value", row.value);
    json.member("known", row.known);
    json.member("points", static_cast<std::int64_t>(row.points));
    json.member("points_max", static_cast<std::int64_t>(row.points_max));
    json.member("why", row.why);
    json.end_object();
  }
  json.end_array();
}

void write_app_members(JsonWriter& json, const inventory::AppSummary& app, const AppNotes& notes) {
  json.member("id", app.facts.id);
  json.member("name", app.facts.name);
  json.member("vendor", app.facts.vendor);
  json.member("vendor_country", app.facts.vendor_country);
  json.member("category", app.facts.category);
  json.member("grade", observation::to_string(app.grade));
  json.member("used", app.grade >= inventory::Grade::kSession);
  json.member("status", app.review.status);
  json.member("owner", app.review.owner);
  json.member("review_date", app.review.review_date);
  write_risk_member(json, app.rating);
  json.member("clients", app.clients);
  json.member("clients_used", app.clients_used);
  json.member("findings", notes.high);
  json.member("findings_low", notes.low);
  json.member("decision_version", std::to_string(notes.decision_version));
  write_texts(json, "usages", app.usages);
  write_texts(json, "client_kinds", app.client_kinds);
  write_time(json, "first_seen", app.first_seen);
  write_time(json, "last_seen", app.last_seen);
  write_counts_member(json, app.counts);
}

void write_app_row(JsonWriter& json, const inventory::AppSummary& app, const AppNotes& notes) {
  json.begin_object();
  write_app_members(json, app, notes);
  json.end_object();
}

void write_counts_member(JsonWriter& json, const inventory::Counts& counts) {
  json.key("counts");
  json.begin_object();
  write_counts(json, counts);
  json.end_object();
}

namespace {

void write_decision(JsonWriter& json, const inventory::Decision& decision) {
  json.begin_object();
  json.member_if("usage", decision.scope.usage);
  json.member_if("client_group", decision.scope.client_group);
  json.member("status", decision.review.status);
  json.member("owner", decision.review.owner);
  json.member("purpose", decision.review.purpose);
  json.member("department", decision.review.department);
  json.member("data_class", decision.review.data_class);
  json.member("review_date", decision.review.review_date);
  json.member("reason", decision.review.reason);
  write_texts(json, "links", decision.links);
  json.member("version", std::to_string(decision.version));
  json.member("updated_by", decision.updated_by);
  write_time(json, "updated_at", decision.updated_at);
  json.end_object();
}

}  // namespace

void write_decisions(JsonWriter& json, std::span<const inventory::Decision> decisions) {
  inventory::Decision whole;
  for (const inventory::Decision& each : decisions)
    if (each.scope.usage.empty() && each.scope.client_group.empty()) whole = each;
  json.key("decision");
  write_decision(json, whole);
  json.key("exceptions");
  json.begin_array();
  for (const inventory::Decision& each : decisions)
    if (!each.scope.usage.empty() || !each.scope.client_group.empty()) write_decision(json, each);
  json.end_array();
}

void write_timeline(JsonWriter& json, std::string_view name, const Timeline& timeline) {
  json.key(name);
  json.begin_object();
  json.member("step", timeline.step);
  json.key("bars");
  json.begin_array();
  for (const Timeline::Bar& bar : timeline.bars) {
    json.begin_array();
    json.value(rfc3339_text(bar.start));
    json.value(bar.counts.flows);
    json.value(bar.counts.sessions);
    json.value(bar.counts.bytes_to_server);
    json.value(bar.counts.bytes_to_client);
    json.value(bar.counts.upload_bytes);
    json.end_array();
  }
  json.end_array();
  json.end_object();
}

void write_listing(JsonWriter& json, const Listing& listing, const std::vector<std::size_t>& chosen,
                   const Paging& paging) {
  json.member("name", listing.name);
  json.member("title", listing.title);
  json.member("about", listing.about);
  json.member("none", listing.none);
  json.key("columns");
  json.begin_array();
  for (std::size_t i = 0; i < listing.columns.size(); ++i) {
    json.begin_object();
    json.member("key", listing.columns[i].key);
    json.member("title", listing.columns[i].title);
    json.member("kind",
                listing.rows.empty() ? std::string_view{"text"} : kind_of(listing.rows.front()[i]));
    json.member("shown", !listing.columns[i].title.empty() && listing.columns[i].on_page);
    json.end_object();
  }
  json.end_array();
  write_page(json, chosen, paging, [&](std::size_t number) {
    json.begin_array();
    for (const Cell& cell : listing.rows[number]) write_cell(json, cell);
    json.end_array();
  });
}

namespace {

// Rows of a list that are this app's, or this client's.
template <class Holds>
void write_rows_of(JsonWriter& json, const Listing& listing, const Holds& holds) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < listing.rows.size(); ++i)
    if (holds(listing.rows[i])) chosen.push_back(i);
  if (chosen.empty()) return;
  json.begin_object();
  write_listing(json, listing, chosen, {1, kFirst});
  json.end_object();
}

}  // namespace

void write_lists_of_app(JsonWriter& json, const Snapshot& snapshot, const std::string& id) {
  json.key("lists");
  json.begin_array();
  for (const Listed& each : listings()) {
    const Listing& listing = snapshot.list(each.name);
    const auto column = column_of(listing, "app");
    if (!column) continue;
    write_rows_of(json, listing, [&](const std::vector<Cell>& row) {
      const auto* text = std::get_if<std::string>(&row[*column]);
      return text != nullptr && *text == id;
    });
  }
  json.end_array();
}

void write_lists_of_client(JsonWriter& json, const Snapshot& snapshot, const std::string& client,
                           const inventory::AskedBy& asked) {
  json.key("lists");
  json.begin_array();
  for (const Listed& each : listings()) {
    const Listing& listing = snapshot.list(each.name);
    const ClientRows rows{listing, client, asked};
    write_rows_of(json, listing, [&](const std::vector<Cell>& row) { return rows.holds(row); });
  }
  json.end_array();
}

bool cell_less(const Cell& a, const Cell& b) {
  if (a.index() != b.index()) return a.index() < b.index();
  if (const auto* text = std::get_if<std::string>(&a)) {
    const std::string& other = std::get<std::string>(b);
    const int rank = rank_of(*text);
    const int other_rank = rank_of(other);
    if (rank != other_rank) return rank < other_rank;
    return lowered(*text) < lowered(other);
  }
  if (const auto* count = std::get_if<ByteCount>(&a))
    return count->bytes < std::get<ByteCount>(b).bytes;
  if (const auto* share = std::get_if<Share>(&a)) return share->value < std::get<Share>(b).value;
  if (const auto* number = std::get_if<std::uint64_t>(&a))
    return *number < std::get<std::uint64_t>(b);
  if (const auto* time = std::get_if<Time>(&a)) return *time < std::get<Time>(b);
  if (const auto* texts = std::get_if<Texts>(&a)) return *texts < std::get<Texts>(b);
  return std::get<bool>(a) < std::get<bool>(b);
}

Response file_response(std::string_view name, std::string_view type, std::string body) {
  Response response;
  response.content_type = type;
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"" + std::string{name} + "\"");
  response.body = std::move(body);
  return response;
}

std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string as_kept(std::string text) {
  const auto address = IpAddress::parse(text);
  return address ? address->to_string() : std::move(text);
}

bool holds(std::string_view text, std::string_view lowered_wanted) {
  const auto same = [](char a, char b) { return to_lower(a) == b; };
  return std::search(text.begin(), text.end(), lowered_wanted.begin(), lowered_wanted.end(),
                     same) != text.end();
}

}  // namespace gnomon::report::console
