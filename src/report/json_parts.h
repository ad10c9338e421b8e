#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gnomon/report/inventory_json.h"
#include "gnomon/report/listing.h"

// Pieces of documents, each as members of the object that is open.
namespace gnomon::report {

template <class Things, class Write>
void write_list(JsonWriter& json, std::string_view name, const Things& things, Write write) {
  json.key(name);
  json.begin_array();
  for (const auto& thing : things) {
    json.begin_object();
    write(json, thing);
    json.end_object();
  }
  json.end_array();
}

// Null when nobody knows it.
void write_time(JsonWriter& json, std::string_view name, Time time);
void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts);
// A value, not a member.
void write_cell(JsonWriter& json, const Cell& cell);

// What stands first in every document; opens it.
void begin_document(JsonWriter& json, std::string_view kind);
void write_totals(JsonWriter& json, const inventory::Totals& totals);

// Of an app: `whole` with its attributes and the rows of its rating.
void write_summary(JsonWriter& json, const inventory::AppSummary& app, bool whole);
void write_app_client(JsonWriter& json, const inventory::AppClient& client);
void write_endpoint(JsonWriter& json, const inventory::AppEndpoint& endpoint);
void write_sighting(JsonWriter& json, const inventory::Sighting& sighting);
void write_hour(JsonWriter& json, const inventory::TimelinePoint& point);
// What was read of it, and what was said of it.
void write_records(JsonWriter& json, const inventory::AppDetail& app);

void write_client(JsonWriter& json, const inventory::ClientSummary& client);
void write_host(JsonWriter& json, const inventory::UnknownHost& host);
void write_point(JsonWriter& json, const inventory::TimelinePoint& point);
void write_run(JsonWriter& json, const inventory::Run& run);

}  // namespace gnomon::report
