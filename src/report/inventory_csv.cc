#include "gnomon/report/inventory_csv.h"

#include <initializer_list>

#include "gnomon/report/csv_writer.h"
#include "gnomon/report/numbers.h"

namespace gnomon::report {
namespace {

// Empty where it is not known how many there were.
void write_requests(CsvWriter& csv, const inventory::Counts& counts) {
  if (counts.requests_known)
    csv.field(counts.requests);
  else
    csv.field(std::string_view{});
}

void write_header(CsvWriter& csv, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) csv.field(name);
  csv.end_row();
}

void write_seen(CsvWriter& csv, Time first, Time last) {
  csv.field(rfc3339_text(first));
  csv.field(rfc3339_text(last));
}

}  // namespace

void write_app_list_csv(std::string& out, std::span<const inventory::AppSummary> apps) {
  CsvWriter csv{out};
  write_header(csv, {"app_id",
                     "app",
                     "vendor",
                     "vendor_country",
                     "category",
                     "risk_level",
                     "risk_score",
                     "confidence",
                     "risk_score_worst",
                     "grade",
                     "usages",
                     "client_kinds",
                     "clients",
                     "flows",
                     "sessions",
                     "lookups",
                     "requests",
                     "upload_events",
                     "upload_bytes",
                     "bytes_to_server",
                     "bytes_to_client",
                     "first_seen",
                     "last_seen",
                     "status",
                     "owner",
                     "purpose",
                     "department",
                     "data_class",
                     "review_date",
                     "reason",
                     "clients_used"});
  for (const inventory::AppSummary& app : apps) {
    csv.field(app.facts.id);
    csv.field(app.facts.name);
    csv.field(app.facts.vendor);
    csv.field(app.facts.vendor_country);
    csv.field(app.facts.category);
    if (app.rating) {
      csv.field(to_string(app.rating->level));
      csv.field(std::int64_t{app.rating->score});
      csv.field(std::int64_t{app.rating->confidence});
      csv.field(std::int64_t{app.rating->score_worst});
    } else {
      for (int i = 0; i < 4; ++i) csv.empty();
    }
    csv.field(observation::to_string(app.grade));
    csv.field(joined(app.usages, " "));
    csv.field(joined(app.client_kinds, " "));
    csv.field(app.clients);
    csv.field(app.counts.flows);
    csv.field(app.counts.sessions);
    csv.field(app.counts.lookups);
    write_requests(csv, app.counts);
    csv.field(app.counts.upload_events);
    csv.field(app.counts.upload_bytes);
    csv.field(app.counts.bytes_to_server);
    csv.field(app.counts.bytes_to_client);
    write_seen(csv, app.first_seen, app.last_seen);
    csv.field(app.review.status);
    csv.field(app.review.owner);
    csv.field(app.review.purpose);
    csv.field(app.review.department);
    csv.field(app.review.data_class);
    csv.field(app.review.review_date);
    csv.field(app.review.reason);
    csv.field(app.clients_used);
    csv.end_row();
  }
}

void write_client_list_csv(std::string& out, std::span<const inventory::ClientSummary> clients) {
  CsvWriter csv{out};
  write_header(csv, {"client", "name", "name_source", "mac", "apps", "grade", "flows", "sessions",
                     "lookups", "requests", "upload_events", "upload_bytes", "bytes_to_server",
                     "bytes_to_client", "first_seen", "last_seen", "app_ids", "apps_used"});
  for (const inventory::ClientSummary& client : clients) {
    csv.field(client.client);
    csv.field(client.name);
    csv.field(client.name_source);
    csv.field(client.mac);
    csv.field(client.apps);
    csv.field(observation::to_string(client.grade));
    csv.field(client.counts.flows);
    csv.field(client.counts.sessions);
    csv.field(client.counts.lookups);
    write_requests(csv, client.counts);
    csv.field(client.counts.upload_events);
    csv.field(client.counts.upload_bytes);
    csv.field(client.counts.bytes_to_server);
    csv.field(client.counts.bytes_to_client);
    write_seen(csv, client.first_seen, client.last_seen);
    csv.field(joined(client.app_ids, " "));
    csv.field(client.apps_used);
    csv.end_row();
  }
}

void write_host_list_csv(std::string& out, std::span<const inventory::UnknownHost> hosts) {
  CsvWriter csv{out};
  write_header(csv, {"host", "clients", "more_clients", "flows", "sessions", "bytes_to_server",
                     "bytes_to_client", "first_seen", "last_seen"});
  for (const inventory::UnknownHost& host : hosts) {
    csv.field(host.host);
    csv.field(host.clients);
    csv.field(host.more_clients ? std::string_view{"yes"} : std::string_view{"no"});
    csv.field(host.flows);
    csv.field(host.sessions);
    csv.field(host.bytes_to_server);
    csv.field(host.bytes_to_client);
    write_seen(csv, host.first_seen, host.last_seen);
    csv.end_row();
  }
}

void write_run_list_csv(std::string& out, std::span<const inventory::Run> runs) {
  CsvWriter csv{out};
  write_header(csv, {"run", "file", "sha256", "bytes", "damage", "filter", "first_packet",
                     "last_packet", "run_frames", "run_flows"});
  for (const inventory::Run& run : runs) {
    for (const inventory::RunInputSummary& input : run.inputs) {
      csv.field(run.id);
      csv.field(input.path);
      csv.field(input.sha256);
      csv.field(input.bytes);
      csv.field(input.damage);
      csv.field(run.filter);
      write_seen(csv, run.first_packet, run.last_packet);
      csv.field(run.coverage.frames);
      csv.field(run.coverage.flows);
      csv.end_row();
    }
  }
}

}  // namespace gnomon::report
