#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/identify/pack.h"

// What is known of AI apps, from the text files in signatures/ (signatures/README.md has the
// format). Read once, then immutable: one Catalogue is shared by all threads without locks.
namespace gnomon::identify {

// What a host is there for.
enum class Role : std::uint8_t {
  kWebUi,
  kApi,
  kUpload,
  kCdn,
  kAuth,
  kTelemetry,
  kModelDownload,
  kWebsocket,
  kMcp,
};
std::string_view to_string(Role role);  // "web-ui", "api", "model-download" ...

// What a connection to a host of the app proves.
enum class Proof : std::uint8_t {
  kAi,        // the app is AI: reaching it is AI use
  kEmbedded,  // a general service with AI inside: the name alone says only that it was reached
  kWidget,    // a chat widget that ordinary sites load for their visitors: as above
};
std::string_view to_string(Proof proof);  // "ai", "embedded", "widget"

struct App;

// Requests whose path begins with `prefix` have a role of their own.
struct PathRole {
  std::string_view prefix;
  Role role = Role::kWebUi;
  std::string_view usage;
};

// A host of an app, or a pattern of hosts.
struct Endpoint {
  std::string_view pattern;  // "api.example.com", "*.example.com", "run.*.example.com"
  const App* app = nullptr;
  Role role = Role::kWebUi;
  Proof proof = Proof::kAi;
  bool shared = false;             // used by others too: never names the app by itself
  std::string_view usage;          // never empty
  std::string_view browser_usage;  // when a browser asks, and sees pages; empty: as usage
  std::string_view note;
  std::vector<PathRole> paths;  // longest prefix first
};

// "training" -> "opt-out". What is not listed is unknown.
struct Attribute {
  std::string_view key;
  std::string_view value;
};

// What happened at a vendor, as its file says.
struct Incident {
  std::string_view date;  // "2025-01" or "2025-01-29"
  std::string_view what;
};

// What signatures say of an app. Texts are the catalogue's.
struct App {
  std::string_view id;
  std::string_view name;
  std::string_view vendor;   // empty when not known
  std::string_view country;  // of the vendor, ISO 3166 alpha-2; empty when not known
  std::string_view category;
  std::string_view usage;      // of its hosts that have no usage of their own
  std::string_view web_usage;  // of those that people see
  Role default_role = Role::kWebUi;
  Proof proof = Proof::kAi;
  bool has_web = false;  // "web" is among its interfaces
  bool reviewed = true;  // false: taken from lists by a script, not yet read by a person
  std::vector<std::string_view> interfaces;
  std::vector<std::string_view> domains;
  std::vector<std::string_view> sources;
  std::vector<Endpoint> endpoints;
  // Sorted by key; incidents as "known_breach", and "as_of", "source", "notes" among them.
  std::vector<Attribute> attributes;
  std::vector<Incident> incidents;
  std::string_view attributes_as_of;  // date of the attributes; empty when there are none
  std::vector<std::string_view> attribute_sources;
  std::string_view attributes_note;
  std::string_view file;  // where it is written, relative to the folder of signatures
  unsigned line = 0;

  // The value, or nothing when it is unknown.
  [[nodiscard]] std::string_view attribute(std::string_view key) const;
};

// What the catalogue says of a host. Copied freely; views and pointers live as long as the
// catalogue.
struct Match {
  const App* app = nullptr;            // null when no app is known, or the host is shared
  const Endpoint* endpoint = nullptr;  // null when only a domain of the app matched
  std::string_view pattern;            // what matched, as written; empty when nothing did
  std::string_view usage;              // of the host; empty without an app
  Role role = Role::kWebUi;
  Proof proof = Proof::kAi;
  bool shared = false;  // known to serve many: neither names an app nor belongs in a block list
};

// How software calls itself.
struct Client {
  std::string_view kind;   // "browser", "sdk", "cli", "ide", "agent", "crawler" ...; empty: unknown
  std::string_view name;   // "Claude Code"
  std::string_view usage;  // what such a client always does ("coding-assistant"), else empty
  bool hint = false;       // from the fingerprint alone, which others may share
};

// Something wrong in a file of signatures.
struct Problem {
  std::string file;
  unsigned line = 0;  // from 1
  std::string key;    // the key whose value is wrong; empty when it is not about one
  std::string what;

  // "signatures/apps/o/openai.yaml:12: key 'category': no category 'chta' ..."
  [[nodiscard]] std::string to_string() const;
};

// Where knowledge comes from.
struct SignatureFolders {
  std::filesystem::path shipped;
  // What this network adds: *.yaml files of apps; api, self-hosted and artifacts as in the shipped
  // folder; packs of apps in all other folders. Empty, or a folder that does not exist: nothing.
  std::filesystem::path local;
  PackTrust trust;
  bool shipped_is_installed = true;  // came with the program: not asked for a signature
  std::filesystem::path cache;       // folder of what was parsed before; empty: none is kept
};

// All apps and shared hosts that are known, and which of them a host or user agent means. Immutable
// once it is loaded: shared by all threads.
class Catalogue {
 public:
  // Reads every *.yaml in the folder. Any problem refuses the whole: knowledge is not guessed at.
  // The error is the first problem and the number of others; `problems`, when given, gets all, in
  // the order of files and lines.
  static Result<Catalogue> load(const std::filesystem::path& folder,
                                std::vector<Problem>* problems = nullptr);
  // The same, and what local files and packs say besides. Of the same app (by id) or the same
  // pattern, local files count more than packs, and packs more than what was shipped; between two
  // of a kind it is a problem. A pack whose signature is wrong is one, too.
  static Result<Catalogue> load(const SignatureFolders& folders,
                                std::vector<Problem>* problems = nullptr);

  // Knows no app: for those who look at the traffic alone.
  static Catalogue nothing();

  Catalogue(Catalogue&&) noexcept;
  Catalogue& operator=(Catalogue&&) noexcept;
  ~Catalogue();

  // The longest pattern that fits the host: whole labels only, case and one trailing dot ignored.
  // Addresses, and whatever is not a host name, match nothing. Does not allocate.
  [[nodiscard]] Match match(std::string_view host) const;

  // Who a request or a hello comes from: by user agent, else by JA4. Either may be empty.
  // Does not allocate.
  [[nodiscard]] Client client(std::string_view user_agent, std::string_view ja4) const;

  [[nodiscard]] std::span<const App> apps() const;  // sorted by id
  [[nodiscard]] const App* find(std::string_view id) const;
  [[nodiscard]] std::size_t pattern_count() const;
  // What is most likely a mistake and no reason to go without all the rest: an app is disabled that
  // was not shipped, or is not any more.
  [[nodiscard]] std::span<const Problem> doubts() const;

 private:
  friend class CatalogueBuilder;
  struct Contents;
  explicit Catalogue(std::unique_ptr<Contents> contents);

  std::unique_ptr<Contents> contents_;
};

}  // namespace gnomon::identify
