// Files of apps: apps/o/openai.yaml and the like.
#include <algorithm>

#include "catalogue_builder.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/yaml/yaml_cache.h"

namespace gnomon::identify {
namespace {

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

}  // namespace

void CatalogueBuilder::read_apps(std::string_view text, std::string_view file) {
  const std::string_view name = keep(file);
  YamlReader in{text, name, problems_, cache_};
  was_good_ = rank_ == Rank::kShipped && cache_ != nullptr && cache_->was_kept();
  FileDefaults defaults;
  bool any = false;
  in.document([&](std::string_view key) {
    if (key == "vendor") {
      defaults.vendor = read_text(in);
    } else if (key == "country") {
      defaults.country = read_country(in);
    } else if (key == "category") {
      const std::string_view word = in.scalar();
      const auto at = vocabulary_.categories.find(word);
      defaults.category_is_wrong = at == vocabulary_.categories.end();
      if (!defaults.category_is_wrong) {
        defaults.category = at->first;
      } else if (!word.empty()) {
        in.problem("no category '" + std::string{word} + "'; vocabulary.yaml has those there are");
      }
    } else if (key == "reviewed") {
      defaults.reviewed = read_flag(in);
    } else if (key == "apps") {
      any = true;
      in.sequence([&] { read_app(in, name, defaults); });
      return true;
    } else if (key == "shared_hosts" && rank_ != Rank::kShipped) {
      in.sequence([&] { read_shared_host(in, name); });
      return true;
    } else if (key == "disabled_apps" && rank_ != Rank::kShipped) {
      in.sequence([&] {
        const std::string_view id = read_text(in);
        if (!id.empty()) disabled_.push_back({id, name, in.line()});
      });
      return true;
    } else {
      return false;
    }
    if (any) in.problem("must stand before apps, because it is said of all of them");
    return true;
  });
}

void CatalogueBuilder::read_app(YamlReader& in, std::string_view file,
                                const FileDefaults& defaults) {
  App app;
  app.file = file;
  app.vendor = defaults.vendor;
  app.country = defaults.country;
  app.category = defaults.category;
  app.reviewed = defaults.reviewed;
  const std::size_t position = contents_->apps.size();
  std::vector<std::string> wrong;  // keys that are there, and were complained of
  const auto read_key = [&](std::string_view key) {
    if (key == "id") {
      app.id = read_text(in);
      app.line = in.line();
      if (!app.id.empty() && !is_id(app.id))
        in.problem("'" + std::string{app.id} + "' must be of a-z, 0-9 and -, 64 at most");
    } else if (key == "name") {
      app.name = read_text(in);
    } else if (key == "country") {
      app.country = read_country(in);
    } else if (key == "category") {
      const std::string_view word = in.scalar();
      const auto at = vocabulary_.categories.find(word);
      if (at != vocabulary_.categories.end()) {
        app.category = at->first;
      } else if (!word.empty()) {
        in.problem("no category '" + std::string{word} + "'; vocabulary.yaml has those there are");
      }
    } else if (key == "interfaces") {
      app.interfaces = read_word_list(in, vocabulary_.interfaces, "interface");
    } else if (key == "domain_match") {
      app.proof = read_proof(in);
    } else if (key == "domains") {
      in.sequence([&] {
        const std::string_view domain = read_pattern(in, true);
        if (domain.empty()) return;
        refuse_too_broad(domain, file, in.line(), key);
        app.domains.push_back(domain);
        claims_.push_back({domain, position, kNoEndpoint, file, in.line(), rank_});
      });
    } else if (key == "endpoints") {
      in.sequence([&] {
        const unsigned line = read_endpoint(in, app);
        if (line == 0) return;
        const Endpoint& endpoint = app.endpoints.back();
        if (endpoint.pattern.starts_with("*.") && !endpoint.shared)
          refuse_too_broad(endpoint.pattern, file, line, "host");
        claims_.push_back(
            {app.endpoints.back().pattern, position, app.endpoints.size() - 1, file, line, rank_});
      });
    } else if (key == "risk") {
      read_risk(in, app);
    } else if (key == "sources") {
      app.sources = read_word_list(in, vocabulary_.sources, "source");
    } else {
      return false;
    }
    return true;
  };
  in.mapping([&](std::string_view key) {
    const std::string name{key};
    const std::size_t before = problems_.size();
    const bool known = read_key(name);
    if (problems_.size() > before) wrong.push_back(name);
    return known;
  });
  if (app.category.empty() && defaults.category_is_wrong) wrong.emplace_back("category");
  complete(app, in, wrong);
  contents_->apps.push_back(std::move(app));
  ranks_.push_back(rank_);
}

// What follows from the rest, and what must not be missing.
void CatalogueBuilder::complete(App& app, YamlReader& in, const std::vector<std::string>& wrong) {
  const auto is_wrong = [&](std::string_view key) {
    return std::find(wrong.begin(), wrong.end(), key) != wrong.end();
  };
  const auto missing = [&](std::string_view key, bool is_missing) {
    if (is_missing && !is_wrong(key))
      problems_.push_back({std::string{app.file}, app.line != 0 ? app.line : in.line(),
                           std::string{key}, "an app needs this"});
  };
  missing("id", app.id.empty());
  missing("name", app.name.empty());
  missing("category", app.category.empty());
  missing("sources", app.sources.empty() && rank_ == Rank::kShipped);
  missing("domains", app.domains.empty() && app.endpoints.empty() && !is_wrong("endpoints"));
  if (app.interfaces.empty() && !vocabulary_.interfaces.empty())
    app.interfaces.push_back(vocabulary_.interfaces.front());
  if (const auto at = vocabulary_.categories.find(app.category);
      at != vocabulary_.categories.end()) {
    app.usage = at->second.usage;
    app.web_usage = at->second.web_usage.empty() ? app.usage : at->second.web_usage;
  }
  app.has_web =
      std::find(app.interfaces.begin(), app.interfaces.end(), "web") != app.interfaces.end();
  const bool for_programs = !app.interfaces.empty() &&
                            (app.interfaces.front() == "api" || app.interfaces.front() == "sdk");
  app.default_role = for_programs ? Role::kApi : Role::kWebUi;
  for (Endpoint& endpoint : app.endpoints) {
    if (endpoint.usage.empty()) endpoint.usage = vocabulary_.usage_of(endpoint.role);
    if (endpoint.usage.empty())
      endpoint.usage = endpoint.role == Role::kWebUi ? app.web_usage : app.usage;
    for (PathRole& path : endpoint.paths)
      if (path.usage.empty()) path.usage = app.usage;
  }
  std::sort(app.attributes.begin(), app.attributes.end(),
            [](const Attribute& a, const Attribute& b) { return a.key < b.key; });
}

// The line of its host; 0 when there is none to add.
unsigned CatalogueBuilder::read_endpoint(YamlReader& in, App& app) {
  unsigned line = 0;
  Endpoint endpoint;
  endpoint.proof = app.proof;
  bool has_host = false;
  bool has_role = false;
  bool has_sources = false;
  in.mapping([&](std::string_view key) {
    if (key == "host") {
      has_host = true;
      endpoint.pattern = read_pattern(in, false);
      line = in.line();
    } else if (key == "role") {
      has_role = true;
      endpoint.role = read_role(in);
    } else if (key == "usage") {
      endpoint.usage = read_word(in, vocabulary_.usages, "usage");
    } else if (key == "browser_usage") {
      endpoint.browser_usage = read_word(in, vocabulary_.usages, "usage");
    } else if (key == "shared") {
      endpoint.shared = read_flag(in);
    } else if (key == "domain_match") {
      endpoint.proof = read_proof(in);
    } else if (key == "paths") {
      read_paths(in, endpoint);
    } else if (key == "note") {
      endpoint.note = read_text(in);
    } else if (key == "sources") {
      has_sources = !read_word_list(in, vocabulary_.sources, "source").empty();
    } else {
      return false;
    }
    return true;
  });
  if (!has_host) in.problem("an endpoint needs a host");
  if (!has_role) in.problem("an endpoint needs a role");
  if (!has_sources && rank_ == Rank::kShipped) in.problem("an endpoint needs sources");
  if (endpoint.pattern.empty()) return 0;
  app.endpoints.push_back(std::move(endpoint));
  return line;
}

// "/mcp: mcp" or "/chat: web-ui web-chat": what requests under the path are for.
void CatalogueBuilder::read_paths(YamlReader& in, Endpoint& endpoint) {
  in.mapping([&](std::string_view prefix) {
    PathRole path;
    path.prefix = keep(prefix);
    const std::string_view text = in.scalar();
    const std::size_t blank = text.find(' ');
    const std::string_view role = text.substr(0, blank);
    const auto known = std::find_if(kRoles.begin(), kRoles.end(),
                                    [&](Role each) { return to_string(each) == role; });
    if (!path.prefix.starts_with('/') || known == kRoles.end()) {
      in.problem(
          "must be a path with a role, and a usage where the role does not say it: "
          "/mcp: mcp");
      return true;
    }
    path.role = *known;
    path.usage = vocabulary_.usage_of(*known);
    if (blank != std::string_view::npos) {
      const std::string_view usage = text.substr(blank + 1);
      const auto at = std::find(vocabulary_.usages.begin(), vocabulary_.usages.end(), usage);
      if (at == vocabulary_.usages.end()) {
        in.problem("no usage '" + std::string{usage} + "'");
      } else {
        path.usage = *at;
      }
    }
    endpoint.paths.push_back(path);
    return true;
  });
  std::sort(endpoint.paths.begin(), endpoint.paths.end(), [](const auto& a, const auto& b) {
    return a.prefix.size() != b.prefix.size() ? a.prefix.size() > b.prefix.size()
                                              : a.prefix < b.prefix;
  });
}

void CatalogueBuilder::read_facts(YamlReader& in, App& app, std::string_view value) {
  in.sequence([&] {
    const std::string_view name = in.scalar();
    if (name.empty()) return;
    const auto at = vocabulary_.attributes.find(name);
    if (at == vocabulary_.attributes.end() || !at->second.fact) {
      in.problem("no fact '" + std::string{name} + "' that an app has or lacks");
      return;
    }
    for (const Attribute& each : app.attributes)
      if (each.key == at->first) in.problem("'" + std::string{name} + "' is said twice");
    app.attributes.push_back({at->first, value});
  });
}

void CatalogueBuilder::read_incident(YamlReader& in, App& app) {
  Incident incident;
  in.mapping([&](std::string_view key) {
    if (key == "date") {
      incident.date = read_date(in);
    } else if (key == "what") {
      incident.what = read_text(in);
    } else {
      return false;
    }
    return true;
  });
  if (incident.what.empty()) in.problem("an incident needs a what");
  app.incidents.push_back(incident);
}

void CatalogueBuilder::read_risk(YamlReader& in, App& app) {
  in.mapping([&](std::string_view key) {
    if (key == "as_of") {
      app.attributes_as_of = read_date(in);
    } else if (key == "sources") {
      app.attribute_sources = read_word_list(in, vocabulary_.sources, "source");
    } else if (key == "has") {
      read_facts(in, app, "yes");
    } else if (key == "lacks") {
      read_facts(in, app, "no");
    } else if (key == "incidents") {
      in.sequence([&] { read_incident(in, app); });
    } else if (key == "note") {
      app.attributes_note = read_text(in);
    } else {
      const auto at = vocabulary_.attributes.find(key);
      if (at == vocabulary_.attributes.end() || at->second.fact) return false;
      const std::string_view value =
          at->second.values.empty() ? read_text(in) : read_word(in, at->second.values, "value");
      if (!value.empty()) app.attributes.push_back({at->first, value});
    }
    return true;
  });
  if (app.attributes_as_of.empty()) in.problem("what is said of risk needs a date: as_of");
  if (app.attribute_sources.empty()) in.problem("what is said of risk needs sources");
  add_derived_attributes(app);
}

// What is written as lists becomes text for whoever only knows keys and values.
void CatalogueBuilder::add_derived_attributes(App& app) {
  std::string text;
  const auto join = [&](std::string_view front, std::string_view piece, std::string_view between) {
    if (!text.empty()) text += between;
    if (!front.empty()) text.append(front).append(" ");
    text += piece;
  };
  const auto add = [&](std::string_view key) {
    if (!text.empty()) app.attributes.push_back({key, keep(text)});
    text.clear();
  };
  for (const Incident& each : app.incidents) join(each.date, each.what, "; ");
  add("known_breach");
  for (const std::string_view each : app.attribute_sources) join({}, each, ", ");
  add("source");
  join({}, app.attributes_as_of, {});
  add("as_of");
  join({}, app.attributes_note, {});
  add("notes");
}

}  // namespace gnomon::identify
