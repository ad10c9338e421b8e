#include "gnomon/report/inventory_json.h"

#include "gnomon/report/listing.h"
#include "gnomon/report/numbers.h"
#include "json_parts.h"

namespace gnomon::report {
namespace {

using inventory::AppClient;
using inventory::AppDetail;
using inventory::AppEndpoint;
using inventory::AppSummary;
using inventory::ClientSummary;
using inventory::Review;
using inventory::RiskRating;
using inventory::RiskRow;
using inventory::Run;
using inventory::Sighting;
using inventory::TimelinePoint;
using inventory::Totals;
using inventory::UnknownHost;
using observation::Coverage;

void write_volume(JsonWriter& json, const inventory::Counts& counts) {
  json.member("upload_events", counts.upload_events);
  json.member("upload_bytes", counts.upload_bytes);
  json.member("bytes_to_server", counts.bytes_to_server);
  json.member("bytes_to_client", counts.bytes_to_client);
}

// By the hour neither lookups nor requests are kept: nobody knows them, so no 0 is told.
void write_hour_counts(JsonWriter& json, const inventory::Counts& counts) {
  json.member("flows", counts.flows);
  json.member("sessions", counts.sessions);
  write_volume(json, counts);
}

// What every row of a seen thing has.
template <class Seen>
void write_seen(JsonWriter& json, const Seen& seen) {
  json.member("grade", observation::to_string(seen.grade));
  write_time(json, "first_seen", seen.first_seen);
  write_time(json, "last_seen", seen.last_seen);
  write_counts(json, seen.counts);
}

void write_review(JsonWriter& json, const Review& review) {
  json.key("review");
  json.begin_object();
  json.member("status", review.status);
  json.member_if("owner", review.owner);
  json.member_if("purpose", review.purpose);
  json.member_if("department", review.department);
  json.member_if("data_class", review.data_class);
  json.member_if("review_date", review.review_date);
  json.member_if("reason", review.reason);
  json.end_object();
}

void write_row(JsonWriter& json, const RiskRow& row) {
  json.member("part", to_string(row.part));
  json.member("factor", row.key);
  json.member("label", row.label);
  json.member("value", row.value);
  json.member("known", row.known);
  json.member("points", row.points);
  json.member("points_max", row.points_max);
  json.member("why", row.why);
}

void write_rating(JsonWriter& json, const std::optional<RiskRating>& rating, bool with_rows) {
  json.key("risk");
  if (!rating) return json.null();
  json.begin_object();
  json.member("score", rating->score);
  json.member("level", to_string(rating->level));
  json.member("confidence", rating->confidence);
  json.member("score_worst", rating->score_worst);
  if (with_rows) write_list(json, "rows", rating->rows, write_row);
  json.end_object();
}

}  // namespace

void write_time(JsonWriter& json, std::string_view name, Time time) {
  json.key(name);
  is_known(time) ? json.value(rfc3339_text(time)) : json.null();
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name);
  json.begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void begin_document(JsonWriter& json, std::string_view kind) {
  json.begin_object();
  json.member("gnomon", kind);
  json.member("version", kJsonVersion);
}

void write_totals(JsonWriter& json, const Totals& totals) {
  json.key("totals");
  json.begin_object();
  json.member("apps", totals.apps);
  json.member("apps_used", totals.apps_used);
  json.member("clients", totals.clients);
  json.member("clients_used", totals.clients_used);
  json.member("unknown_hosts", totals.unknown_hosts);
  json.member("findings", totals.findings);
  json.member("assets", totals.assets);
  json.member("candidates", totals.candidates);
  json.member("alerts", totals.alerts);
  json.member("runs", totals.runs);
  write_time(json, "first_packet", totals.first_packet);
  write_time(json, "last_packet", totals.last_packet);
  write_counts(json, totals.counts);
  json.key("counts_used");  // of apps that were used
  json.begin_object();
  write_counts(json, totals.counts_used);
  json.end_object();
  json.key("apps_by_level");
  json.begin_object();
  for (std::size_t level = 0; level < inventory::kRiskLevels; ++level)
    json.member(to_string(static_cast<inventory::RiskLevel>(level)), totals.apps_by_level[level]);
  json.end_object();
  json.key("apps_by_category");
  json.begin_object();
  for (const auto& [category, number] : totals.apps_by_category) json.member(category, number);
  json.end_object();
  json.end_object();
}

void write_summary(JsonWriter& json, const AppSummary& app, bool whole) {
  json.member("id", app.facts.id);
  json.member("name", app.facts.name);
  json.member("vendor", app.facts.vendor);
  json.member("vendor_country", app.facts.vendor_country);
  json.member("category", app.facts.category);
  if (whole) {
    json.key("attributes");
    json.begin_object();
    for (const auto& [key, value] : app.facts.attributes) json.member(key, value);
    json.end_object();
  }
  write_rating(json, app.rating, whole);
  write_seen(json, app);
  json.member("clients", app.clients);
  json.member("clients_used", app.clients_used);
  write_texts(json, "usages", app.usages);
  write_texts(json, "client_kinds", app.client_kinds);
  write_review(json, app.review);
}

void write_app_client(JsonWriter& json, const AppClient& client) {
  json.member("client", client.client);
  json.member("name", client.name);
  write_seen(json, client);
  write_texts(json, "usages", client.usages);
  write_texts(json, "client_kinds", client.client_kinds);
}

void write_endpoint(JsonWriter& json, const AppEndpoint& endpoint) {
  json.member("host", endpoint.host);
  json.member("role", endpoint.role);
  json.member("port", static_cast<unsigned>(endpoint.port));
  json.member("protocol", endpoint.protocol);
  json.member("app_proto", endpoint.app_proto);
  write_texts(json, "host_sources", endpoint.host_sources);
  json.member("clients", endpoint.clients);
  write_seen(json, endpoint);
}

void write_sighting(JsonWriter& json, const Sighting& sighting) {
  json.member("client", sighting.client);
  json.member("host", sighting.host);
  json.member("host_source", sighting.host_source);
  json.member("role", sighting.role);
  json.member("usage", sighting.usage);
  json.member("client_kind", sighting.client_kind);
  json.member("port", static_cast<unsigned>(sighting.port));
  json.member("protocol", sighting.protocol);
  json.member("app_proto", sighting.app_proto);
  write_seen(json, sighting);
  json.member("run", sighting.run);
  json.key("proof");
  json.begin_object();
  write_time(json, "time", sighting.time);
  json.member("flow_id", sighting.flow_id);
  json.member("file", sighting.file);
  json.member("frame", sighting.frame);
  json.member("why", sighting.why);
  json.end_object();
}

// An app's own hours have no apps and clients beside the app's.
void write_hour(JsonWriter& json, const TimelinePoint& point) {
  write_time(json, "start", point.start);
  write_hour_counts(json, point.counts);
  json.member("clients", point.clients);
}

void write_records(JsonWriter& json, const AppDetail& app) {
  for (const Listing& listing :
       {list_findings(app.findings), list_files(app.files), list_models(app.models),
        list_tools(app.tools), list_artifacts(app.artifacts), list_alerts(app.alerts),
        list_retro_uses(app.retro_uses)})
    write_listing_member(json, listing);
}

void write_client(JsonWriter& json, const ClientSummary& client) {
  json.member("client", client.client);
  json.member("name", client.name);
  json.member("name_source", client.name_source);
  json.member("mac", client.mac);
  write_seen(json, client);
  write_texts(json, "apps", client.app_ids);
  json.member("apps_used", client.apps_used);
}

void write_host(JsonWriter& json, const UnknownHost& host) {
  json.member("host", host.host);
  json.member("clients", host.clients);
  json.member("more_clients", host.more_clients);
  json.member("flows", host.flows);
  json.member("sessions", host.sessions);
  json.member("bytes_to_server", host.bytes_to_server);
  json.member("bytes_to_client", host.bytes_to_client);
  write_time(json, "first_seen", host.first_seen);
  write_time(json, "last_seen", host.last_seen);
}

void write_point(JsonWriter& json, const TimelinePoint& point) {
  write_time(json, "start", point.start);
  write_hour_counts(json, point.counts);
  json.member("apps", point.apps);
  json.member("clients", point.clients);
}

void write_run(JsonWriter& json, const Run& run) {
  json.member("id", run.id);
  json.member("filter", run.filter);
  write_time(json, "first_packet", run.first_packet);
  write_time(json, "last_packet", run.last_packet);
  write_list(json, "inputs", run.inputs,
             [](JsonWriter& inner, const inventory::RunInputSummary& input) {
               inner.member("file", input.path);
               inner.member("sha256", input.sha256);
               inner.member("bytes", input.bytes);
               inner.member_if("damage", input.damage);
             });
  write_coverage(json, run.coverage);
  json.key("counters");
  json.begin_object();
  for (const auto& [name, number] : run.counters) json.member(name, number);
  json.end_object();
}

void write_coverage(JsonWriter& json, const Coverage& coverage) {
  json.key("coverage");
  json.begin_object();
  for (const observation::CoverageCounterName& counter : observation::kCoverageCounterNames)
    json.member(counter.name, coverage.*counter.member);
  json.key("undecoded");
  json.begin_object();
  for (const auto& [kind, number] : coverage.undecoded) json.member(kind, number);
  json.end_object();
  json.key("lost");
  json.begin_object();
  for (const auto& [by, number] : coverage.lost) json.member(by, number);
  json.end_object();
  write_texts(json, "statement", observation::coverage_statement(coverage));
  json.end_object();
}

void write_counts(JsonWriter& json, const inventory::Counts& counts) {
  json.member("flows", counts.flows);
  json.member("sessions", counts.sessions);
  json.member("lookups", counts.lookups);
  if (counts.requests_known) json.member("requests", counts.requests);
  write_volume(json, counts);
}

void write_app_list_json(std::string& out, const Totals& totals, std::span<const AppSummary> apps,
                         const Coverage& coverage) {
  JsonWriter json{out};
  begin_document(json, "apps");
  write_totals(json, totals);
  write_list(json, "apps", apps,
             [](JsonWriter& inner, const AppSummary& app) { write_summary(inner, app, false); });
  write_coverage(json, coverage);
  json.end_object();
  out += '\n';
}

void write_client_list_json(std::string& out, std::span<const ClientSummary> clients) {
  JsonWriter json{out};
  begin_document(json, "clients");
  write_list(json, "clients", clients, write_client);
  json.end_object();
  out += '\n';
}

void write_host_list_json(std::string& out, std::span<const UnknownHost> hosts) {
  JsonWriter json{out};
  begin_document(json, "unknown_hosts");
  write_list(json, "unknown_hosts", hosts, write_host);
  json.end_object();
  out += '\n';
}

void write_run_list_json(std::string& out, std::span<const Run> runs) {
  JsonWriter json{out};
  begin_document(json, "runs");
  write_list(json, "runs", runs, write_run);
  json.end_object();
  out += '\n';
}

namespace {

void write_detail(JsonWriter& json, const AppDetail& app) {
  write_summary(json, app.summary, true);
  write_list(json, "by_client", app.clients, write_app_client);
  write_list(json, "endpoints", app.endpoints, write_endpoint);
  write_list(json, "evidence", app.sightings, write_sighting);
  write_list(json, "hours", app.hours, write_hour);
  write_records(json, app);
}

void write_decisions(JsonWriter& json, const AppDetail& detail) {
  json.key("decisions");
  json.begin_array();
  for (const inventory::Decision& each : detail.decisions) {
    json.begin_object();
    json.member_if("usage", each.scope.usage);
    json.member_if("client_group", each.scope.client_group);
    json.member("status", each.review.status);
    json.member_if("owner", each.review.owner);
    json.member_if("purpose", each.review.purpose);
    json.member_if("department", each.review.department);
    json.member_if("data_class", each.review.data_class);
    json.member_if("review_date", each.review.review_date);
    json.member_if("reason", each.review.reason);
    json.key("links");
    json.begin_array();
    for (const std::string& link : each.links) json.value(link);
    json.end_array();
    json.member("version", each.version);
    json.end_object();
  }
  json.end_array();
  json.key("tags");
  json.begin_array();
  for (const std::string& tag : detail.tags) json.value(tag);
  json.end_array();
  json.member("review_required", detail.review_required);
}

}  // namespace

void write_app_json(std::string& out, const AppDetail& app) {
  JsonWriter json{out};
  begin_document(json, "app");
  json.key("app");
  json.begin_object();
  write_detail(json, app);
  write_decisions(json, app);
  json.end_object();
  json.end_object();
  out += '\n';
}

void write_asset_json(std::string& out, const inventory::Asset& asset, const Coverage& coverage) {
  JsonWriter json{out};
  begin_document(json, "asset");
  write_listing_member(json, list_assets({&asset, 1}));
  write_rating(json, asset.rating, true);
  write_listing_member(json, list_asset_products(asset));
  write_listing_member(json, list_asset_clients(asset));
  write_coverage(json, coverage);
  json.end_object();
  out += '\n';
}

}  // namespace gnomon::report
