// Hubs of models, registries of packages, and the formats of what they give.
#include <algorithm>
#include <charconv>

#include "api_builder.h"

namespace gnomon::identify {

// One thing to fetch: `rule` has what its source says of all of them.
void ApiBuilder::read_download(YamlReader& in, ArtifactRule& rule) {
  in.mapping([&](std::string_view part) {
    if (part == "path") {
      rule.path = path_condition(in);
    } else if (part == "kind") {
      rule.kind = read_text(in);
    } else if (part == "layer") {
      rule.layer = read_flag(in);
    } else if (part == "models") {
      rule.models = read_flag(in);
    } else if (part == "file_query") {
      rule.file_query = read_text(in);
    } else if (part == "revision_query") {
      rule.revision_query = read_text(in);
    } else {
      return false;
    }
    return true;
  });
  if (rule.path == kNoId || rule.kind.empty()) in.problem("a download needs a path and a kind");
}

void ApiBuilder::read_artifact(YamlReader& in) {
  ArtifactRule shared;
  std::vector<ArtifactRule> downloads;
  bool sourced = false;
  in.mapping([&](std::string_view key) {
    if (key == "id") {
      shared.source = read_text(in);
    } else if (key == "hosts") {
      read_texts(in, shared.hosts);
    } else if (key == "only") {
      read_texts(in, shared.only);
    } else if (key == "storage") {
      shared.storage = read_flag(in);
    } else if (key == "if_response_key") {
      in.one_or_more(
          [&] { shared.response_keys.push_back(key_condition(in, KeyTree::kResponse)); });
    } else if (key == "or_header") {
      in.one_or_more([&] { shared.any_of.push_back(header_condition(in, true)); });
    } else if (key == "or_client") {
      in.one_or_more([&] {
        const std::string glob = "user-agent = " + std::string{in.scalar()};
        const ConditionId id = condition("request header " + glob);
        contents_->headers[0][hash_text("user-agent")].push_back(
            {keep(glob).substr(13), id, kNoId});
        shared.any_of.push_back(id);
      });
    } else if (key == "sources") {
      in.one_or_more([&] { sourced = !in.scalar().empty(); });
    } else if (key == "downloads") {
      in.sequence([&] { read_download(in, downloads.emplace_back()); });
    } else {
      return false;
    }
    return true;
  });
  if (!sourced || shared.source.empty()) in.problem("needs an id and its sources");
  if (shared.hosts.empty() && shared.any_of.empty())
    in.problem("a path alone proves no download: it needs hosts, or_header or or_client");
  for (const std::string_view host : shared.hosts) {
    if (host.find('*') == std::string_view::npos)
      contents_->artifact_hosts.insert(host);
    else
      contents_->artifact_host_globs.push_back(host);
  }
  for (ArtifactRule& rule : downloads) {
    rule.source = shared.source;
    rule.hosts = shared.hosts;
    rule.any_of = shared.any_of;
    rule.only = shared.only;
    rule.storage = shared.storage;
    rule.response_keys = shared.response_keys;
    contents_->artifacts.push_back(std::move(rule));
  }
}

void ApiBuilder::read_format(YamlReader& in) {
  Format format;
  in.mapping([&](std::string_view key) {
    if (key == "id") {
      format.name = read_text(in);
    } else if (key == "suffixes") {
      read_texts(in, format.suffixes);
    } else if (key == "begins") {
      in.one_or_more([&] {
        // Hexadecimal, "??" for any byte; kept as pairs of mask and value.
        std::string bytes;
        std::string text{in.scalar()};
        text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
        for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
          unsigned value = 0;
          const bool any = text[i] == '?';
          if (!any && std::from_chars(&text[i], &text[i] + 2, value, 16).ptr != &text[i] + 2)
            in.problem("must be bytes in hexadecimal, or ??");
          bytes += any ? '\0' : '\xff';
          bytes += static_cast<char>(value);
        }
        if (bytes.empty() || text.size() % 2 != 0) in.problem("must be whole bytes");
        format.first_bytes.push_back(keep(bytes));
      });
    } else if (key == "unsafe") {
      format.unsafe = read_flag(in);
    } else if (key == "alone") {
      format.alone = read_flag(in);
    } else if (key == "data") {
      format.data = read_flag(in);
    } else if (key == "model") {
      format.model = read_flag(in);
    } else if (key == "of") {
      format.of = read_text(in);
    } else {
      return false;
    }
    return true;
  });
  if (format.name.empty()) in.problem("a format needs an id");
  contents_->formats.push_back(std::move(format));
}

void ApiBuilder::read_artifacts(std::string_view text, std::string_view file) {
  YamlReader in{text, file, problems_, cache_};
  in.document([&](std::string_view key) {
    if (key == "sources") {
      in.sequence([&] { read_artifact(in); });
    } else if (key == "formats") {
      in.sequence([&] { read_format(in); });
    } else {
      return false;
    }
    return true;
  });
}

}  // namespace gnomon::identify
