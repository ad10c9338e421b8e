#include "gnomon/report/hide_clients.h"

#include <string>

namespace gnomon::report {
namespace {

void take_out(std::string& text, const std::string& what) {
  if (what.empty()) return;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), "a client");
    at += 8;
  }
}

}  // namespace

void hide_clients(inventory::AppDetail& app) {
  app.clients.clear();
  for (auto& each : app.sightings) each.client.clear();
  for (auto& each : app.findings) each.client.clear();
  for (auto& each : app.files) each.client.clear();
  for (auto& each : app.models) each.client.clear();
  for (auto& each : app.tools) each.client.clear();
  for (auto& each : app.artifacts) each.client.clear();
  for (auto& each : app.retro_uses) each.client.clear();
  for (auto& each : app.alerts) {
    take_out(each.title, each.client);
    take_out(each.explanation, each.client);
    each.client.clear();
  }
}

void hide_clients(Listing& listing) {
  const auto client = column_of(listing, "client");
  if (!client) return;
  for (auto& row : listing.rows) {
    const auto* hidden = std::get_if<std::string>(&row[*client]);
    if (hidden == nullptr) continue;
    const std::string who = *hidden;
    for (std::size_t i = 0; i < row.size(); ++i)
      if (auto* text = std::get_if<std::string>(&row[i]); text != nullptr && i != *client)
        take_out(*text, who);
    row[*client] = std::string{};
  }
}

}  // namespace gnomon::report
