#include "block_knowledge.h"

#include <string>
#include <string_view>
#include <utility>

namespace gnomon::cli {
namespace {

constexpr std::string_view kEmbedded =
    "a general service with AI inside: blocking its name blocks all of it";
constexpr std::string_view kWidget = "a widget that other sites load: blocking it breaks those";

std::string why_shared(const identify::Match& match) {
  if (match.shared) {
    std::string why = "shared: serves many";
    if (match.endpoint != nullptr && !match.endpoint->note.empty())
      why = "shared: " + std::string{match.endpoint->note};
    return why;
  }
  if (match.proof == identify::Proof::kEmbedded) return std::string{kEmbedded};
  if (match.proof == identify::Proof::kWidget) return std::string{kWidget};
  return {};
}

std::string why_shared(identify::Proof proof) {
  identify::Match match;
  match.proof = proof;
  return why_shared(match);
}

}  // namespace

report::HostKnowledge block_knowledge(const identify::Catalogue& catalogue) {
  report::HostKnowledge knowledge;
  for (const identify::App& app : catalogue.apps()) {
    for (const std::string_view domain : app.domains)
      knowledge.hosts.push_back({std::string{app.id}, std::string{domain},
                                 std::string{to_string(app.default_role)}, true,
                                 why_shared(app.proof)});
    for (const identify::Endpoint& endpoint : app.endpoints) {
      std::string shared = why_shared(endpoint.proof);
      if (endpoint.shared) {
        shared = "shared: ";
        shared += endpoint.note.empty() ? "not this app's alone" : endpoint.note;
      }
      knowledge.hosts.push_back({std::string{app.id}, std::string{endpoint.pattern},
                                 std::string{to_string(endpoint.role)}, false, std::move(shared)});
    }
  }
  knowledge.shared = [&catalogue](std::string_view host) {
    return why_shared(catalogue.match(host));
  };
  return knowledge;
}

}  // namespace gnomon::cli
