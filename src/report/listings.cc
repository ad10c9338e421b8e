#include "listing_parts.h"

// The lists themselves: columns and rows, in the same order.
namespace gnomon::report {
namespace {

using inventory::Inventory;

template <auto Read, auto Make>
Result<Listing> make(Inventory& inventory) {
  auto all = (inventory.*Read)();
  if (!all) return all.error();
  return Make(*all);
}

constexpr Listed kListings[] = {
    {"findings", "sensitive data, secrets and attacks found in content",
     make<&Inventory::findings, list_findings>},
    {"files", "files and body parts sent or received in clear",
     make<&Inventory::files, list_files>},
    {"assets", "self-hosted AI servers", make<&Inventory::assets, list_assets>},
    {"models", "models that were asked, by client and app",
     make<&Inventory::model_uses, list_models>},
    {"tools", "tools offered and called: clients, servers, tools",
     make<&Inventory::tools, list_tools>},
    {"artifacts", "models, data sets and packages fetched",
     make<&Inventory::artifacts, list_artifacts>},
    {"candidates", "unknown hosts that behave like AI, to be decided on",
     make<&Inventory::candidates, list_candidates>},
    {"alerts", "what departed from its own past", make<&Inventory::alerts, list_alerts>},
    {"retro", "who used an app before it was known", make<&Inventory::retro_uses, list_retro_uses>},
    {"health", "what was wrong with what the sensor was shown",
     make<&Inventory::health, list_health>},
};

constexpr std::string_view kLossyFindingsNote =
    "What detectors found in content that could be read: sensitive data, attacks on models, "
    "misuse. The text itself is not kept: only a masked sample. Of bodies under Lossy more may "
    "have been there: packets were being lost when they were read.";
constexpr std::string_view kFindingsNote =
    kLossyFindingsNote.substr(0, kLossyFindingsNote.find(" Of bodies"));

}  // namespace

std::span<const Listed> listings() { return kListings; }

Listing list_findings(std::span<const inventory::FindingSummary> findings) {
  const bool lossy = std::any_of(findings.begin(), findings.end(),
                                 [](const auto& each) { return each.lossy_bodies > 0; });
  Listing list{"findings",
               "Findings in content",
               "finding",
               lossy ? kLossyFindingsNote : kFindingsNote,
               "Nothing was found. Only content in clear or decrypted can be read, and only where "
               "content reading was on.",
               {{"severity", "Severity"},
                {"detector", "Detector", 0, 14},
                {"category", "Category", 6, 8, false},
                {"app", "App", 0, 8},
                {"client", "Client", 0},
                {"direction", "Direction", 5},
                {"count", "Count"},
                {"unique_count", "Unique", 3},
                {"confidence", "Confidence", 4},
                {"sample", "Sample (masked)", 1, 12},
                {"file_name", "File", 7, 10},
                {"file_type", "Type", 8, 0, false},
                {"host", "Host", 9, 12, false},
                {"bodies", "", 0, 0, false},
                {"partial_bodies", "", 0, 0, false},
                {"lossy_bodies", lossy ? "Lossy" : "", 0, 0, lossy},
                {"value_hash", "", 0, 0, false},
                {"references", "References", 10, 8, false},
                {"reasons", "Reasons", 13, 10, false},
                {"first_seen", "First seen", 12},
                {"last_seen", "Last seen", 11}},
               {}};
  add_proof_columns(list);
  for (const auto& each : findings) {
    auto& row = list.rows.emplace_back();
    row = {each.severity,
           each.detector,
           each.category,
           each.app.empty() ? each.host : each.app,
           or_others(each.client),
           each.direction,
           each.count,
           each.unique_count,
           each.confidence,
           each.sample,
           each.file_name,
           each.file_type,
           each.host,
           each.bodies,
           each.partial_bodies,
           each.lossy_bodies,
           each.value_hash,
           split(each.references),
           split(each.reasons),
           each.first_seen,
           each.last_seen};
    add_proof(row, each.proof);
  }
  return list;
}

Listing list_files(std::span<const inventory::FileSummary> files) {
  Listing list{"files",
               "Files",
               "file",
               "Files and body parts that were sent or received in clear, by name and type; their "
               "content is not kept.",
               "No file was seen in clear.",
               {{"file_name", "File", 0, 14},
                {"file_type", "Type", 1},
                {"app", "App", 0, 8},
                {"client", "Client", 2},
                {"direction", "Direction", 3},
                {"times", "Times"},
                {"bytes", "Size", 1},
                {"complete", "Whole", 6},
                {"not_opened", "Not opened", 5, 8},
                {"host", "Host", 8, 12, false},
                {"declared_type", "", 0, 0, false},
                {"truncated", "", 0, 0, false},
                {"gap_bytes", "", 0, 0, false},
                {"sha256", "", 0, 0, false},
                {"first_seen", "First seen", 9},
                {"last_seen", "Last seen", 7}},
               {}};
  add_proof_columns(list);
  for (const auto& each : files) {
    auto& row = list.rows.emplace_back();
    row = {each.file_name.empty() ? std::string{"(no name)"} : each.file_name,
           each.file_type,
           each.app.empty() ? each.host : each.app,
           or_others(each.client),
           each.direction,
           each.times,
           ByteCount{each.bytes},
           each.complete,
           each.not_opened,
           each.host,
           each.declared_type,
           each.truncated,
           each.gap_bytes,
           each.sha256,
           each.first_seen,
           each.last_seen};
    add_proof(row, each.proof);
  }
  return list;
}

Listing list_assets(std::span<const inventory::Asset> assets) {
  Listing list{"assets",
               "Self-hosted AI",
               "self-hosted server",
               "AI servers of one's own that were seen answering, or being asked, with what they "
               "expose.",
               "No self-hosted AI server was seen.",
               {{"server", "Server"},
                {"product", "", 0, 0, false},
                {"product_names", "Product", 0, 10},
                {"kind", "Kind", 6, 0, false},
                {"version", "Version", 4, 6},
                {"risk_level", "Risk"},
                {"risk_score", "Score", 3},
                {"exposures", "Exposed", 1, 14},
                {"authenticated", "Credentials", 2},
                {"tls", "TLS", 2},
                {"models", "Models", 5, 10},
                {"clients", "Clients", 1},
                {"networks", "Networks", 8, 12},
                {"calls", "Calls", 7},
                {"tokens", "", 0, 0, false},
                {"hosts", "", 0, 0, false},
                {"observations", "", 0, 0, false},
                {"first_seen", "First seen", 10},
                {"last_seen", "Last seen", 9}},
               {}};
  add_proof_columns(list);
  for (const auto& each : assets) {
    auto& row = list.rows.emplace_back();
    row = {each.server(),
           each.product,
           each.product_names,
           each.kind,
           each.versions,
           std::string{each.rating ? to_string(each.rating->level) : std::string_view{"not rated"}},
           static_cast<std::uint64_t>(each.rating ? each.rating->score : 0),
           each.exposures,
           each.authenticated,
           each.tls,
           each.models,
           each.clients,
           each.networks,
           each.calls,
           each.tokens,
           each.hosts,
           each.observations,
           each.first_seen,
           each.last_seen};
    add_proof(row, each.proof);
  }
  return list;
}

Listing list_models(std::span<const inventory::ModelUse> models) {
  Listing list{"models",
               "Models asked",
               "model use",
               "Requests to models that could be read.",
               "No request to a model could be read.",
               {{"model_requested", "Asked for", 0, 12},
                {"model_returned", "Answered by", 5, 12},
                {"app", "App", 0, 8},
                {"client", "Client", 1},
                {"family", "API", 3},
                {"operation", "Operation", 6, 0, false},
                {"calls", "Calls"},
                {"tokens_in", "Tokens in", 2},
                {"tokens_out", "Tokens out", 2},
                {"streamed", "Streamed", 9, 0, false},
                {"authenticated", "With credentials", 8},
                {"tenant", "Account", 4},
                {"host", "Host", 10, 12, false},
                {"server", "Server", 7},
                {"user_agent", "", 0, 0, false},
                {"first_seen", "First seen", 12},
                {"last_seen", "Last seen", 11}},
               {}};
  add_proof_columns(list);
  for (const auto& each : models) {
    auto& row = list.rows.emplace_back();
    row = {each.model_requested,
           each.model_returned,
           each.app.empty() ? each.host : each.app,
           or_others(each.client),
           each.family,
           each.operation,
           each.calls,
           each.tokens_in,
           each.tokens_out,
           each.streamed,
           each.authenticated,
           each.tenant,
           each.host,
           each.server,
           each.user_agent,
           each.first_seen,
           each.last_seen};
    add_proof(row, each.proof);
  }
  return list;
}

Listing list_tools(std::span<const inventory::ToolUse> tools) {
  Listing list{"tools",
               "Tools",
               "tool use",
               "Tools that were offered to models or called, by client and server.",
               "No tool was seen being offered or called.",
               {{"client", "Client"},
                {"server", "Server", 0, 14},
                {"tool", "Tool", 0, 12},
                {"offered", "Offered"},
                {"called", "Called"},
                {"family", "API", 2},
                {"app", "App", 1, 8},
                {"first_seen", "First seen", 4},
                {"last_seen", "Last seen", 3}},
               {}};
  for (const auto& each : tools)
    list.rows.push_back({or_others(each.client), each.server, each.tool, each.offered, each.called,
                         each.family, each.app, each.first_seen, each.last_seen});
  return list;
}

Listing list_artifacts(std::span<const inventory::ArtifactSummary> artifacts) {
  Listing list{"artifacts",
               "Supply chain",
               "artifact",
               "Models, data sets, packages and tool servers that were fetched. Unsafe formats can "
               "run their author's code when they are opened.",
               "No model, data set or AI package was seen being fetched.",
               {{"kind", "Kind"},
                {"repository", "Repository", 0, 14},
                {"file", "File", 2, 12},
                {"format", "Format"},
                {"unsafe_format", "Unsafe"},
                {"client", "Client", 1},
                {"bytes", "Size", 1},
                {"times", "Times", 4},
                {"app", "From", 3, 8},
                {"host", "Host", 6, 12, false},
                {"revision", "Revision", 7, 8, false},
                {"fetched_from", "Fetched from", 9, 12, false},
                {"first_seen", "First seen", 8},
                {"last_seen", "Last seen", 5}},
               {}};
  add_proof_columns(list);
  for (const auto& each : artifacts) {
    auto& row = list.rows.emplace_back();
    row = {each.kind,
           each.repository,
           each.file,
           each.format,
           each.unsafe_format,
           or_others(each.client),
           ByteCount{each.bytes},
           each.times,
           each.app.empty() ? each.host : each.app,
           each.host,
           each.revision,
           each.fetched_from,
           each.first_seen,
           each.last_seen};
    add_proof(row, each.proof);
  }
  return list;
}

}  // namespace gnomon::report
