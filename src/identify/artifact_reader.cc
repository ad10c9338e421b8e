// What was fetched from hubs of models and registries of packages.
#include <algorithm>

#include "api_artifact.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/url_reference.h"
#include "gnomon/message/http1_head.h"
#include "package_name.h"

namespace gnomon::identify {
namespace {

std::string_view field(std::span<const ApiField> fields, std::string_view name) {
  for (const ApiField& each : fields)
    if (same_ignoring_case(each.name, name)) return each.value;
  return {};
}

// filename="model.safetensors"; also as the query of a signed link has it, with %22 for the quotes.
std::string_view disposition_name(std::string_view text) {
  std::size_t at = text.find("filename=");
  std::size_t skip = 9;
  if (at == std::string_view::npos) {
    at = text.find("filename%3D");
    skip = 11;
  }
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + skip);
  if (text.starts_with('"')) text.remove_prefix(1);
  if (text.starts_with("%22")) text.remove_prefix(3);
  text = text.substr(0, text.find_first_of("\";&% "));
  return text.size() <= 256 ? text : std::string_view{};
}

bool begins(std::string_view start, std::string_view bytes) {
  if (start.size() < bytes.size() / 2) return false;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
    if ((start[i / 2] & bytes[i]) != bytes[i + 1]) return false;
  return true;
}

bool has_suffix(const Format& format, std::string_view file) {
  return std::any_of(format.suffixes.begin(), format.suffixes.end(), [&](std::string_view suffix) {
    return file.size() >= suffix.size() &&
           same_ignoring_case(file.substr(file.size() - suffix.size()), suffix);
  });
}

// By the first bytes; of formats that begin alike, by the name.
const Format* format_of(const ApiKnowledge::Contents& all, std::string_view start,
                        std::string_view file) {
  for (const Format& each : all.formats) {
    if (std::none_of(each.first_bytes.begin(), each.first_bytes.end(),
                     [&](std::string_view bytes) { return begins(start, bytes); }))
      continue;
    for (const Format& inner : all.formats)
      if (inner.of == each.name && has_suffix(inner, file)) return &inner;
    return &each;
  }
  for (const Format& each : all.formats)
    if (has_suffix(each, file)) return &each;
  return nullptr;
}

bool applies(const ArtifactRule& rule, std::string_view host, const ApiScan::State& scan,
             bool answered) {
  const auto met = [&](ConditionId id) { return (scan.bits[id / 64] >> id % 64 & 1) != 0; };
  if (!met(rule.path)) return false;
  if (answered && !rule.response_keys.empty() &&
      std::none_of(rule.response_keys.begin(), rule.response_keys.end(), met))
    return false;
  for (const std::string_view each : rule.hosts)
    if (glob_match(each, host, true)) return true;
  return std::any_of(rule.any_of.begin(), rule.any_of.end(), met);
}

bool wanted(const ArtifactRule& rule, const ApiFacts& facts) {
  if (rule.only.empty()) return true;
  return std::any_of(rule.only.begin(), rule.only.end(), [&](std::string_view glob) {
    return glob_match(glob, facts.repository, true) ||
           (facts.repository.empty() && glob_match(glob, facts.file, true));
  });
}

void name_by_query(const ArtifactRule& rule, std::string_view target, std::string& room,
                   ApiFacts& facts) {
  if (!rule.file_query.empty())
    facts.file = percent_decoded(query_value(target, rule.file_query), room);
  if (!rule.revision_query.empty()) facts.revision = query_value(target, rule.revision_query);
}

// What a package's file says that the path did not.
void name_package(std::string& room, ApiFacts& facts) {
  const PackageName package = package_name(facts.file, facts.repository);
  if (facts.revision.empty()) facts.revision = package.version;
  if (facts.repository.empty()) facts.repository = canonical_package(package, room);
}

}  // namespace

const ArtifactRule* artifact_rule(const ApiKnowledge::Contents& all, std::string_view host,
                                  const ApiScan::State& scan, const std::vector<PathNames>& names,
                                  const std::vector<std::uint8_t>& fits, bool answered,
                                  ApiFacts& facts) {
  for (const ArtifactRule& rule : all.artifacts) {
    if (!applies(rule, host, scan, answered)) continue;
    for (std::size_t i = 0; i < fits.size(); ++i) {
      if (fits[i] == 0 || all.path_conditions[i] != rule.path) continue;
      facts.repository = names[i][static_cast<std::size_t>(PathName::kRepository)];
      facts.file = names[i][static_cast<std::size_t>(PathName::kFile)];
      facts.revision = names[i][static_cast<std::size_t>(PathName::kRevision)];
    }
    if (wanted(rule, facts)) return &rule;
    facts.repository = facts.file = facts.revision = {};
  }
  return nullptr;
}

void read_artifact(const ApiKnowledge::Contents& all, const ApiExchange& exchange,
                   const ApiScan::State& scan, const std::vector<PathNames>& names,
                   const std::vector<std::uint8_t>& fits, std::string& room, ApiFacts& facts) {
  const bool moved = is_redirect(exchange.status);
  const bool given = exchange.status == 200 || exchange.status == 206;
  // Clients of hubs ask by HEAD where a file is, and fetch it from there.
  const bool asked = exchange.method == "HEAD" && moved;
  if (exchange.method != "GET" && !asked) return;
  if (!moved && !given) return;

  const ArtifactRule* const found =
      artifact_rule(all, exchange.host, scan, names, fits, true, facts);
  const std::string_view start = scan.sides[1].start;
  const std::string_view location =
      moved ? field(exchange.response_fields, "location") : std::string_view{};
  std::string_view path = exchange.target.substr(0, exchange.target.find_first_of("?#"));
  if (found != nullptr) name_by_query(*found, exchange.target, room, facts);
  if (facts.file.empty() || facts.repository.empty()) {
    std::string_view name =
        disposition_name(field(exchange.response_fields, "content-disposition"));
    if (name.empty()) name = disposition_name(moved ? location : exchange.target);
    if (name.empty() && found == nullptr) name = path.substr(path.rfind('/') + 1);
    if (!name.empty()) facts.file = name;
  }
  const Format* const format =
      given ? format_of(all, start, facts.file) : format_of(all, {}, facts.file);
  const bool alone = given && format != nullptr && format->alone &&
                     std::any_of(format->first_bytes.begin(), format->first_bytes.end(),
                                 [&](std::string_view each) { return begins(start, each); });
  facts.model_format = format != nullptr && format->model;
  // Where anything is given, what is no model is nothing; a redirect does not show it yet.
  const bool other = found != nullptr && found->models && !facts.model_format;
  if ((found == nullptr && !alone) || (other && given)) {
    facts.repository = facts.file = facts.revision = {};
    return;
  }
  facts.artifact_kind = found != nullptr ? found->kind : std::string_view{"model"};
  if (facts.artifact_kind == "package") name_package(room, facts);
  // A registry of containers keeps models as well.
  if (facts.artifact_kind == "container" && given && facts.model_format)
    facts.artifact_kind = "model";
  // Storage behind a hub does not say whose the bytes are; rows of examples are no model.
  if (facts.artifact_kind == "model" && facts.repository.empty() && format != nullptr &&
      format->data)
    facts.artifact_kind = "dataset";
  facts.only_models = found != nullptr && found->models;
  facts.only_joined = found != nullptr && found->storage && !alone;
  facts.usage = !asked && !other && !facts.only_joined &&
                        (facts.artifact_kind == "model" || facts.artifact_kind == "dataset")
                    ? std::string_view{"model-download"}
                    : std::string_view{};
  // A package without a file is a registry's answer about it.
  if (format != nullptr && !(facts.artifact_kind == "package" && facts.file.empty())) {
    facts.format = format->name;
    facts.unsafe_format = format->unsafe;
  }
  // A redirect names the file; its bytes come from elsewhere, and are counted there.
  if (given) facts.artifact_bytes = exchange.response_bytes;
  facts.moved_to = location;
  facts.asked_only = asked || (moved && found != nullptr && (found->layer || other));
}

}  // namespace gnomon::identify
