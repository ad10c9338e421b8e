#include "gnomon/identify/catalogue.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "test_signatures.h"

using gnomon::identify::Catalogue;
using gnomon::identify::Folder;
using gnomon::identify::Match;
using gnomon::identify::Problem;
using gnomon::identify::Proof;
using gnomon::identify::Role;

namespace {

std::string app_of(const Match& match) {
  return match.app == nullptr ? "" : std::string{match.app->id};
}

}  // namespace

TEST_CASE("a folder of signatures becomes a catalogue", "[catalogue]") {
  const Folder folder;
  auto loaded = Catalogue::load(folder.path());
  INFO((loaded ? std::string{} : loaded.error().message));
  REQUIRE(loaded);
  const Catalogue catalogue = std::move(*loaded);  // views survive the move

  REQUIRE(catalogue.apps().size() == 2);
  const auto* chat = catalogue.find("chat");
  REQUIRE(chat != nullptr);
  CHECK(chat == &catalogue.apps().front());
  CHECK(chat->vendor == "Vendor");
  CHECK(chat->country == "DE");
  CHECK(chat->category == "chat");
  CHECK(chat->usage == "web-chat");
  CHECK(chat->reviewed);
  CHECK(chat->file == "apps/v/vendor.yaml");
  CHECK(chat->line == 4);
  CHECK(chat->attribute("training") == "no");
  CHECK(chat->attribute("retention") == "30d");
  CHECK(chat->attribute("sso") == "yes");
  CHECK(chat->attribute("soc2") == "no");
  CHECK(chat->attribute("known_breach") == "2025-01-29 one; two");
  CHECK(chat->attribute("as_of") == "2026-10");
  CHECK(chat->attribute("source") == "list");
  CHECK(chat->attribute("notes") == "said");
  CHECK(chat->attribute("unheard_of").empty());
  CHECK(catalogue.find("model")->country == "NO");
  CHECK(catalogue.find("chats") == nullptr);
  CHECK(catalogue.find("") == nullptr);

  const Match domain = catalogue.match("www.chat.example");
  CHECK(app_of(domain) == "chat");
  CHECK(domain.endpoint == nullptr);
  CHECK(domain.role == Role::kWebUi);
  CHECK(domain.usage == "web-chat");
  CHECK(catalogue.match("a.t.chat.example").usage == "telemetry");
  CHECK(catalogue.match("Metrics.chat.example").role == Role::kTelemetry);
  CHECK(catalogue.match("a.metrics.chat.example").role == Role::kWebUi);

  const Match exception = catalogue.match("x.cdn.example");
  CHECK(app_of(exception) == "chat");
  CHECK(exception.usage == "api");
  const Match shared = catalogue.match("y.cdn.example");
  CHECK(shared.app == nullptr);
  CHECK(shared.shared);
  CHECK(shared.pattern == "*.cdn.example");
  const Match site = catalogue.match("sites.example");
  CHECK(site.app == nullptr);
  CHECK(site.shared);
  CHECK(site.endpoint->app == chat);

  const Match tools = catalogue.match("tools.chat.example");
  CHECK(tools.proof == Proof::kEmbedded);
  REQUIRE(tools.endpoint->paths.size() == 2);
  CHECK(tools.endpoint->paths.front().prefix == "/mcp/chat");
  CHECK(tools.endpoint->paths.back().usage == "mcp");

  CHECK(catalogue.match("model.example").usage == "console");
  CHECK(catalogue.match("www.model.example").role == Role::kWebUi);
  CHECK(catalogue.match("eu.model.example").usage == "api");
  CHECK(catalogue.match("eu.model.example").role == Role::kApi);
  CHECK(catalogue.match("model.example").proof == Proof::kWidget);

  for (const char* host : {"", "example", "google.example", "cdn.example", "chat.example.org"}) {
    CAPTURE(host);
    CHECK(catalogue.match(host).app == nullptr);
    CHECK_FALSE(catalogue.match(host).shared);
  }
  CHECK(catalogue.client("tool/1.0", {}).name == "Tool");
}

TEST_CASE("the domain of an app without pages is not a web site", "[catalogue]") {
  const Folder folder;
  folder.write(
      "apps/w/other.yaml",
      "apps:\n  - {id: b, name: B, category: llm, interfaces: [api], domains: [b.example], "
      "sources: [pk]}\n");
  auto loaded = Catalogue::load(folder.path());
  REQUIRE(loaded);
  CHECK(loaded->match("b.example").role == Role::kApi);
  CHECK(loaded->match("b.example").usage == "api");
  CHECK(loaded->match("www.b.example").role == Role::kWebUi);
}

TEST_CASE("what is wrong in a file is told with file, line and key", "[catalogue]") {
  struct Broken {
    std::string file;
    std::string text;
    std::string expected;
  };
  const std::string app = "apps:\n  - id: a\n    name: A\n    category: chat\n    sources: [pk]\n";
  const auto each = GENERATE_COPY(values<Broken>({
      // Syntax
      {"apps/v/vendor.yaml", "vendor: V\napps:\n  - {id: a, name: [A\n",
       "apps/v/vendor.yaml:4: key 'name': is not YAML: "},
      {"apps/v/vendor.yaml", "vendor: V\n\tapps: []\n",
       "apps/v/vendor.yaml:2: key 'vendor': is not YAML"},
      {"apps/v/vendor.yaml", "vendor: \"V\napps:\n",
       "apps/v/vendor.yaml:3: key 'vendor': is not YAML"},
      {"apps/v/vendor.yaml", "vendor: V\nwhat: \xff\xfe\n", "apps/v/vendor.yaml:2: "},
      {"apps/v/vendor.yaml", "vendor: V\nwhat: \x01\n", "apps/v/vendor.yaml:2: "},
      {"apps/v/vendor.yaml", "", "apps/v/vendor.yaml:1: the file is empty"},
      {"apps/v/vendor.yaml", "- a\n", "apps/v/vendor.yaml:1: must hold keys and values"},
      {"apps/v/vendor.yaml", "vendor: V\n---\nvendor: W\n",
       "apps/v/vendor.yaml:2: a second document"},
      {"apps/v/vendor.yaml", "vendor: &v V\n",
       "apps/v/vendor.yaml:1: key 'vendor': uses an anchor"},
      {"apps/v/vendor.yaml", "vendor: *v\n", "apps/v/vendor.yaml:1: key 'vendor': uses an anchor"},
      {"apps/v/vendor.yaml", "vendor: !!str V\n",
       "apps/v/vendor.yaml:1: key 'vendor': uses an anchor"},
      // Keys
      {"apps/v/vendor.yaml", "vendr: V\n", "apps/v/vendor.yaml:1: key 'vendr': is not a key"},
      {"apps/v/vendor.yaml", "vendor: V\nvendor: W\n",
       "apps/v/vendor.yaml:2: key 'vendor': is there twice"},
      {"apps/v/vendor.yaml", "vendor: [V]\n", "apps/v/vendor.yaml:1: key 'vendor': must be text"},
      {"apps/v/vendor.yaml", "vendor:\n", "apps/v/vendor.yaml:1: key 'vendor': is empty"},
      {"apps/v/vendor.yaml", app + "    colour: red\n",
       "apps/v/vendor.yaml:6: key 'colour': is not a key"},
      {"apps/v/vendor.yaml", app + "    domains: a.example\n",
       "apps/v/vendor.yaml:6: key 'domains': must be a list"},
      {"apps/v/vendor.yaml", "apps: []\nvendor: V\n",
       "apps/v/vendor.yaml:2: key 'vendor': must stand before apps"},
      // What is missing
      {"apps/v/vendor.yaml", app, "apps/v/vendor.yaml:2: key 'domains': an app needs this"},
      {"apps/v/vendor.yaml",
       "apps:\n  - {id: a, category: chat, domains: [a.example], sources: [pk]}\n",
       "apps/v/vendor.yaml:2: key 'name': an app needs this"},
      {"apps/v/vendor.yaml", "apps:\n  - {id: a, name: A, domains: [a.example], sources: [pk]}\n",
       "apps/v/vendor.yaml:2: key 'category': an app needs this"},
      {"apps/v/vendor.yaml", "apps:\n  - {id: a, name: A, category: chat, domains: [a.example]}\n",
       "apps/v/vendor.yaml:2: key 'sources': an app needs this"},
      {"apps/v/vendor.yaml", app + "    endpoints:\n      - {host: a.example, sources: [pk]}\n",
       "apps/v/vendor.yaml:7: key 'endpoints': an endpoint needs a role"},
      {"apps/v/vendor.yaml", app + "    endpoints:\n      - {host: a.example, role: api}\n",
       "apps/v/vendor.yaml:7: key 'endpoints': an endpoint needs sources"},
      {"apps/v/vendor.yaml", app + "    domains: [a.example]\n    risk: {sources: [pk]}\n",
       "apps/v/vendor.yaml:7: key 'risk': what is said of risk needs a date"},
      {"apps/v/vendor.yaml", app + "    domains: [a.example]\n    risk: {as_of: 2026-10}\n",
       "apps/v/vendor.yaml:7: key 'risk': what is said of risk needs sources"},
      // Words
      {"apps/v/vendor.yaml", "apps:\n  - id: a\n    name: A\n    category: chta\n",
       "apps/v/vendor.yaml:4: key 'category': no category 'chta'"},
      {"apps/v/vendor.yaml", "category: chta\n",
       "apps/v/vendor.yaml:1: key 'category': no category 'chta'"},
      // What is there but wrong is not missing besides: this would come first, by its line.
      {"apps/v/vendor.yaml",
       "apps:\n  - id: a\n    name: A\n    category: chta\n    domains: [a.example]\n"
       "    sources: [pk]\n",
       "apps/v/vendor.yaml:4: key 'category': no category 'chta'"},
      {"apps/v/vendor.yaml",
       "apps:\n  - id: a\n    name:\n    category: chat\n"
       "    domains: [a.example]\n    sources: [pk]\n",
       "apps/v/vendor.yaml:3: key 'name': is empty"},
      {"apps/v/vendor.yaml", app + "    domains: [localhost:80]\n",
       "apps/v/vendor.yaml:6: key 'domains': 'localhost:80'"},
      {"apps/v/vendor.yaml",
       "category: chta\napps:\n  - {id: a, name: A, domains: [a.example], sources: [pk]}\n",
       "apps/v/vendor.yaml:1: key 'category': no category 'chta'"},
      {"apps/v/vendor.yaml", app + "    interfaces: [webb]\n",
       "apps/v/vendor.yaml:6: key 'interfaces': no interface 'webb'"},
      {"apps/v/vendor.yaml", "apps:\n  - id: a\n    sources: [pk, lst]\n",
       "apps/v/vendor.yaml:3: key 'sources': no source 'lst'"},
      {"apps/v/vendor.yaml", "apps:\n  - id: a\n    sources: [pk, pk]\n",
       "apps/v/vendor.yaml:3: key 'sources': 'pk' is there twice"},
      {"apps/v/vendor.yaml",
       app + "    endpoints:\n      - host: a.example\n        role: apy\n        sources: [pk]\n",
       "apps/v/vendor.yaml:8: key 'role': no role 'apy'"},
      {"apps/v/vendor.yaml",
       app +
           "    endpoints:\n      - host: a.example\n        role: api\n        usage: chatting\n",
       "apps/v/vendor.yaml:9: key 'usage': no usage 'chatting'"},
      {"apps/v/vendor.yaml", app + "    endpoints:\n      - host: a.example\n        shared: yes\n",
       "apps/v/vendor.yaml:8: key 'shared': must be true or false, not 'yes'"},
      {"apps/v/vendor.yaml",
       app + "    endpoints:\n      - host: a.example\n        paths: {mcp: mcp}\n",
       "apps/v/vendor.yaml:8: key 'mcp': must be a path with a role"},
      {"apps/v/vendor.yaml",
       app + "    endpoints:\n      - host: a.example\n        paths: {/mcp: mpc}\n",
       "apps/v/vendor.yaml:8: key '/mcp': must be a path with a role"},
      {"apps/v/vendor.yaml", app + "    domain_match: perhaps\n",
       "apps/v/vendor.yaml:6: key 'domain_match': must be ai, embedded or widget"},
      {"apps/v/vendor.yaml", app + "    domains: [a.example]\n    risk:\n      training: maybe\n",
       "apps/v/vendor.yaml:8: key 'training': no value 'maybe'"},
      {"apps/v/vendor.yaml", app + "    domains: [a.example]\n    risk:\n      has: [ssso]\n",
       "apps/v/vendor.yaml:8: key 'has': no fact 'ssso'"},
      {"apps/v/vendor.yaml",
       app + "    domains: [a.example]\n    risk:\n      has: [sso]\n      lacks: [sso]\n",
       "apps/v/vendor.yaml:9: key 'lacks': 'sso' is said twice"},
      // Values
      {"apps/v/vendor.yaml", "country: Germany\n",
       "apps/v/vendor.yaml:1: key 'country': must be two capital letters"},
      {"apps/v/vendor.yaml", "reviewed: no\n",
       "apps/v/vendor.yaml:1: key 'reviewed': must be true or false"},
      {"apps/v/vendor.yaml", "apps:\n  - id: Chat_GPT\n",
       "apps/v/vendor.yaml:2: key 'id': 'Chat_GPT' must be of a-z"},
      {"apps/v/vendor.yaml",
       app + "    domains: [a.example]\n    risk:\n      as_of: \"2026-13\"\n",
       "apps/v/vendor.yaml:8: key 'as_of': must be a date"},
      {"apps/v/vendor.yaml",
       app + "    domains: [a.example]\n    risk:\n      as_of: \"2026-02-29\"\n",
       "apps/v/vendor.yaml:8: key 'as_of': must be a date"},
      {"apps/v/vendor.yaml", app + "    domains: [a.example]\n    risk:\n      as_of: last week\n",
       "apps/v/vendor.yaml:8: key 'as_of': must be a date"},
      // Hosts
      {"apps/v/vendor.yaml", app + "    domains: [A.example]\n",
       "apps/v/vendor.yaml:6: key 'domains': 'A.example' holds a character"},
      {"apps/v/vendor.yaml", app + "    domains: [example]\n",
       "apps/v/vendor.yaml:6: key 'domains': 'example' must end in at least two labels"},
      {"apps/v/vendor.yaml", app + "    domains:\n      - a.example\n      - \"*.b.example\"\n",
       "apps/v/vendor.yaml:8: key 'domains': '*.b.example' is a domain"},
      {"apps/v/vendor.yaml", app + "    domains: [google.example]\n",
       "apps/v/vendor.yaml:6: key 'domains': 'google.example' covers far more than an app"},
      {"apps/v/vendor.yaml",
       app + "    endpoints:\n      - {role: api, host: \"*.google.example\", sources: [pk]}\n",
       "apps/v/vendor.yaml:7: key 'host': '*.google.example' covers far more than an app"},
      // Between files
      {"apps/w/other.yaml",
       "apps:\n  - {id: chat, name: A, category: chat, domains: [a.example], sources: [pk]}\n",
       "apps/w/other.yaml:2: key 'id': 'chat' is the id of another app, in apps/v/vendor.yaml:4"},
      {"apps/w/other.yaml",
       "apps:\n  - id: b\n    name: B\n    category: chat\n    domains:\n      - b.example\n"
       "      - chat.example\n    sources: [pk]\n",
       "apps/w/other.yaml:7: key 'domains': 'chat.example' is claimed already, in "
       "apps/v/vendor.yaml:8"},
      {"apps/w/other.yaml",
       "apps:\n  - id: b\n    name: B\n    category: chat\n    endpoints:\n"
       "      - {host: x.cdn.example, role: api, sources: [pk]}\n    sources: [pk]\n",
       "apps/w/other.yaml:6: key 'host': 'x.cdn.example' is claimed already, in "
       "apps/v/vendor.yaml:11"},
      {"unreviewed/chat.yaml",
       "apps:\n  - {id: b, name: B, category: chat, domains: [b.example, b.example], sources: "
       "[pk]}\n",
       "unreviewed/chat.yaml:2: key 'domains': 'b.example' is claimed already, in "
       "unreviewed/chat.yaml:2"},
      {"apps/w/other.yml", "apps: []\n", "apps/w/other.yml: must be named .yaml"},
      // The other files
      {"vocabulary.yaml", "roles:\n  boss: {about: a}\n",
       "vocabulary.yaml:2: key 'boss': is not a key"},
      {"vocabulary.yaml", "categories:\n  chat: {usage: talk}\n",
       "vocabulary.yaml:2: key 'usage': no usage 'talk'"},
      {"sources.yaml", "pk: {titel: a}\n", "sources.yaml:1: key 'titel': is not a key"},
      {"sources.yaml", "pk: {date: 2026-08}\n", "sources.yaml:1: key 'pk': a source needs a title"},
      {"sources.yaml", "pk: {title: a, date: yesterday}\n",
       "sources.yaml:1: key 'date': must be a date"},
      {"shared-hosts.yaml", "hosts:\n  - {role: api, why: a}\n",
       "shared-hosts.yaml:2: key 'hosts': a shared host needs a host"},
      {"shared-hosts.yaml", "hosts:\n  - {host: a.example, role: api}\n",
       "shared-hosts.yaml:2: key 'hosts': a shared host needs a why"},
      {"clients.yaml", "clients:\n  - {name: A, kind: robot}\n",
       "clients.yaml:2: key 'kind': no kind of client 'robot'"},
      {"clients.yaml", "clients:\n  - {name: A}\n",
       "clients.yaml:2: key 'clients': a client needs a name and a kind"},
      {"clients.yaml", "clients:\n  - {name: A, kind: cli, tokens: [A/1.0]}\n",
       "clients.yaml:2: key 'tokens': 'A/1.0' is no product token"},
      {"clients.yaml",
       "clients:\n  - {name: A, kind: cli, tokens: [a]}\n  - {name: B, kind: cli, tokens: [a]}\n",
       "clients.yaml:3: key 'clients': the token 'a' belongs to an earlier client"},
      {"clients.yaml", "clients:\n  - {name: A, kind: cli, ja4: [t13d]}\n",
       "clients.yaml:2: key 'ja4': 't13d' is no JA4"},
  }));
  const Folder folder;
  folder.write(each.file, each.text);
  std::vector<Problem> problems;
  auto loaded = Catalogue::load(folder.path(), &problems);
  CAPTURE(each.text);
  REQUIRE_FALSE(loaded);
  REQUIRE_FALSE(problems.empty());
  std::string all;
  bool told = false;
  for (const Problem& problem : problems) {
    all += problem.to_string() + "\n";
    told = told || problem.to_string().starts_with(each.expected);
  }
  INFO(all);
  CHECK(told);
  CHECK(loaded.error().message.starts_with((folder.path() / problems.front().file).string()));
}

TEST_CASE("every problem is reported, the first one as the error", "[catalogue]") {
  const Folder folder;
  folder.write("apps/a/a.yaml", "colour: red\nvendor: V\nshape: round\n");
  folder.write("apps/b/b.yaml", "apps: [\n");
  std::vector<Problem> problems;
  auto loaded = Catalogue::load(folder.path(), &problems);
  REQUIRE_FALSE(loaded);
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].to_string() ==
        "apps/a/a.yaml:1: key 'colour': is not a key that is known here");
  CHECK(problems[1].to_string() == "apps/a/a.yaml:3: key 'shape': is not a key that is known here");
  CHECK(problems[2].to_string().starts_with("apps/b/b.yaml:2: "));
  CHECK(loaded.error().message ==
        (folder.path() / "apps/a/a.yaml:1: key 'colour': is not a key that is known here (and 2 "
                         "more)")
            .string());
}

TEST_CASE("a folder that is not there, or lacks a file, is an error", "[catalogue]") {
  auto none = Catalogue::load("/nonexistent/signatures");
  REQUIRE_FALSE(none);
  CHECK(none.error().message == "/nonexistent/signatures: no such folder of signatures");

  const Folder folder;
  std::filesystem::remove(folder.path() / "sources.yaml");
  std::vector<Problem> problems;
  auto loaded = Catalogue::load(folder.path(), &problems);
  REQUIRE_FALSE(loaded);
  CHECK(std::any_of(problems.begin(), problems.end(), [](const Problem& problem) {
    return problem.to_string() == "sources.yaml: No such file or directory";
  }));
}

TEST_CASE("a file cut anywhere is read or refused, never half believed", "[catalogue]") {
  const Folder folder;
  const std::string whole = Folder::kVendor;
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    folder.write("apps/v/vendor.yaml", whole.substr(0, cut));
    std::vector<Problem> problems;
    auto loaded = Catalogue::load(folder.path(), &problems);
    CAPTURE(cut);
    REQUIRE(problems.empty() == loaded.has_value());
    if (!loaded) continue;
    // Only between apps, or between the last lines of one that is already complete.
    REQUIRE(loaded->apps().size() <= 2);
    for (const auto& app : loaded->apps()) REQUIRE_FALSE(app.sources.empty());
  }
}

TEST_CASE("what was parsed before is found by content, and believed only when it is whole",
          "[catalogue]") {
  namespace fs = std::filesystem;
  const Folder folder;
  for (int i = 0; i < 20; ++i) {
    const std::string id = "more-" + std::to_string(i);
    folder.write("apps/m/" + id + ".yaml", "apps:\n  - {id: " + id + ", name: \"M \\u00e9 " + id +
                                               "\", category: chat, domains: [" + id +
                                               ".example], sources: [list]}\n");
  }
  gnomon::identify::SignatureFolders folders;
  folders.shipped = folder.path();
  folders.cache = folder.path() / "cache";
  const fs::path file = folders.cache / "signatures-apps.events";
  const auto name_of = [&](const char* id) -> std::string {
    const auto loaded = Catalogue::load(folders);
    if (!loaded) return loaded.error().message;
    const auto* app = loaded->find(id);
    return app == nullptr ? "" : std::string{app->name};
  };
  CHECK(name_of("more-7") == "M é more-7");
  REQUIRE(fs::file_size(file) > 1000);
  const auto written = fs::last_write_time(file);
  CHECK(name_of("more-7") == "M é more-7");
  CHECK(fs::last_write_time(file) == written);  // nothing was new

  // A file that changed is read anew, with its lines; the others come from the cache still.
  folder.write("apps/m/more-7.yaml", "\napps:\n  - {id: more-7, name: New, category: chta}\n");
  CHECK(name_of("more-7").find("more-7.yaml:3: key 'category'") != std::string::npos);
  folder.write("apps/m/more-7.yaml",
               "apps:\n  - {id: more-7, name: New, category: chat, domains: [n.example], "
               "sources: [list]}\n");
  CHECK(name_of("more-7") == "New");

  std::string whole;
  {
    std::ifstream in{file, std::ios::binary};
    whole.assign(std::istreambuf_iterator<char>{in}, {});
  }
  // Cut anywhere, or with any byte changed, it is no cache.
  for (std::size_t at = 0; at < whole.size(); at += 97) {
    std::ofstream{file, std::ios::binary} << whole.substr(0, at);
    CHECK(name_of("more-7") == "New");
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    std::ofstream{file, std::ios::binary} << changed;
    CHECK(name_of("more-7") == "New");
  }
  // Events of another text under the hash of this one are believed: so others must not write them.
  fs::remove(file);
  fs::create_directories(file);  // cannot be written: no reason not to read the signatures
  CHECK(name_of("more-7") == "New");
}

TEST_CASE("a file is kept for the next start only with a set that has no problem", "[catalogue]") {
  const Folder folder;
  const auto app = [](const std::string& id, const std::string& domain) {
    return "apps:\n  - {id: " + id + ", name: N, category: chat, domains: [" + domain +
           "], sources: [list]}\n";
  };
  for (int i = 0; i < 20; ++i) {
    const std::string id = "more-" + std::to_string(i);
    folder.write("apps/m/" + id + ".yaml", app(id, id + ".example"));
  }
  gnomon::identify::SignatureFolders folders;
  folders.shipped = folder.path();
  folders.cache = folder.path() / "cache";
  const auto problem = [&]() -> std::string {
    const auto loaded = Catalogue::load(folders);
    return loaded ? "" : loaded.error().message;
  };
  folder.write("apps/m/wide.yaml", app("wide", "co.uk"));
  CHECK(problem().find("is a public suffix") != std::string::npos);
  CHECK(problem().find("is a public suffix") != std::string::npos);
  // Those of builders of sites are good where they are shipped, and only there.
  folder.write("apps/m/wide.yaml", app("wide", "streamlit.app"));
  CHECK(problem().empty());
  CHECK(problem().empty());
  folder.write("own/wide.yaml", app("wide", "streamlit.app"));
  folders.local = folder.path() / "own";
  CHECK(problem().find("is a public suffix") != std::string::npos);
}
