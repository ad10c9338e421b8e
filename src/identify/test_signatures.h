#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace gnomon::identify {

namespace fs = std::filesystem;

// A small set of signatures in a folder of its own, any file of which can be replaced.
class Folder {
 public:
  Folder() {
    static int number = 0;
    path_ = fs::temp_directory_path() /
            ("gnomon-signatures-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    fs::create_directories(path_);
    write("vocabulary.yaml", R"(usages: {web-chat: a, api: b, telemetry: c, mcp: d, console: e}
interfaces: {web: a, api: b}
roles:
  web-ui: {about: a}
  api: {about: b}
  telemetry: {usage: telemetry, about: c}
  mcp: {usage: mcp, about: d}
categories:
  chat: {usage: web-chat, about: a}
  llm: {usage: api, web_usage: console, about: b}
attributes:
  sso: {fact: true, about: a}
  soc2: {fact: true, about: b}
  training: {values: ["yes", "no"], about: c}
  retention: {about: d}
client_kinds: {cli: a, browser: b}
label_roles:
  - {role: telemetry, labels: [metrics]}
  - {role: web-ui, labels: [www]}
)");
    write("sources.yaml", "pk: {title: general knowledge}\nlist: {title: a list, date: 2026-08}\n");
    write("shared-hosts.yaml", R"(too_broad: [google.example]
hosts:
  - {host: "*.cdn.example", role: web-ui, why: many, sources: [pk]}
)");
    write("clients.yaml", "clients:\n  - {name: Tool, kind: cli, tokens: [tool], sources: [pk]}\n");
    write("apps/v/vendor.yaml", kVendor);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, std::string_view text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream{path_ / name, std::ios::binary} << text;
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

  static constexpr const char* kVendor = R"(vendor: Vendor
country: DE
apps:
  - id: chat
    name: Chat
    category: chat
    interfaces: [web]
    domains: [chat.example]
    endpoints:
      - {host: "*.t.chat.example", role: telemetry, sources: [list]}
      - {host: x.cdn.example, role: api, usage: api, sources: [pk]}
      - {host: sites.example, role: web-ui, shared: true, sources: [pk]}
      - host: tools.chat.example
        role: api
        paths: {/mcp: mcp, /mcp/chat: web-ui web-chat}
        domain_match: embedded
        note: n
        sources: [pk, list]
    risk:
      as_of: "2026-10"
      sources: [list]
      training: "no"
      retention: 30d
      has: [sso]
      lacks: [soc2]
      incidents:
        - {date: "2025-01-29", what: one}
        - {what: two}
      note: said
    sources: [list]
  - id: model
    name: Model
    country: "NO"
    category: llm
    interfaces: [api, web]
    domain_match: widget
    domains: [model.example]
    sources: [pk]
)";

 private:
  fs::path path_;
};

}  // namespace gnomon::identify
