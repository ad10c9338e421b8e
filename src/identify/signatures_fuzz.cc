// Any bytes as a file of apps. What is accepted must be whole: apps with ids and names, whose
// domains lead back to them. What is refused must be told with its line.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "catalogue_builder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gnomon::identify;
  CatalogueBuilder builder;
  builder.read_vocabulary(
      "usages: {chat: a, api: b}\n"
      "interfaces: {web: a, api: b}\n"
      "roles: {web-ui: {about: a}, api: {usage: api, about: b}}\n"
      "categories: {chat: {usage: chat, about: a}}\n"
      "attributes: {sso: {fact: true, about: a}, training: {values: [a, b], about: b}}\n"
      "client_kinds: {cli: a}\n"
      "label_roles: [{role: api, labels: [api]}]\n",
      "vocabulary.yaml");
  builder.read_sources("pk: {title: a}\n", "sources.yaml");
  builder.read_shared_hosts("too_broad: [b.cc]\nhosts: [{host: '*.s.cc', role: api, why: a}]\n",
                            "shared-hosts.yaml");
  if (!builder.problems().empty()) std::abort();

  const std::string_view text{reinterpret_cast<const char*>(data), size};
  builder.read_apps(text, "fuzzed.yaml");
  // The other readers must survive the same bytes; what they say does not matter here.
  CatalogueBuilder others;
  others.read_vocabulary(text, "vocabulary.yaml");
  others.read_sources(text, "sources.yaml");
  others.read_shared_hosts(text, "shared-hosts.yaml");
  others.read_clients(text, "clients.yaml");
  others.finish();

  const Catalogue catalogue = builder.finish();
  for (const Problem& problem : builder.problems())
    if (problem.file != "fuzzed.yaml" || problem.line == 0 || problem.what.empty()) std::abort();
  if (!builder.problems().empty()) return 0;
  for (const App& app : catalogue.apps()) {
    if (app.id.empty() || app.name.empty() || catalogue.find(app.id) != &app) std::abort();
    for (const std::string_view domain : app.domains) {
      const Match match = catalogue.match(domain);
      if (match.app == nullptr && !match.shared) std::abort();
    }
  }
  return 0;
}
