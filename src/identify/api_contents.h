#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "api_pattern.h"
#include "gnomon/bytes/hash.h"
#include "gnomon/identify/api_reader.h"
#include "text_store.h"

// The knowledge in the form in which exchanges are compared with it. Every condition that any
// signature names is looked for once, whatever the number of signatures that name it; what is found
// leads to the traits it is part of.
namespace gnomon::identify {

using ConditionId = std::uint16_t;
using CaptureId = std::uint16_t;
using NodeId = std::uint16_t;
inline constexpr std::uint16_t kNoId = 0xffff;

// Keys of JSON documents that somebody asks for. Arrays are no level of their own: `data.id` is the
// id of every item of data, and of the documents of a list.
struct KeyTree {
  static constexpr NodeId kDead = 0;
  static constexpr NodeId kRequest = 1;
  static constexpr NodeId kResponse = 2;

  struct ValueTest {
    std::string_view glob;
    ConditionId condition;
  };
  struct Node {
    std::vector<ConditionId> present;  // true when the key is there
    std::vector<ValueTest> values;     // true when its value, or one of them, fits
    CaptureId capture = kNoId;         // its values are kept
    CaptureId sum_capture = kNoId;     // its numbers are added up
    NodeId any_child = kDead;          // of a key with no child of its own
    bool has_children = false;
  };

  std::vector<Node> nodes = std::vector<Node>(3);
  std::unordered_map<std::uint64_t, NodeId> children;  // by parent and hash of the key

  static std::uint64_t child_key(NodeId parent, std::string_view key) {
    return hash_text(key, kHashSeed ^ (std::uint64_t{parent} << 32));
  }
  [[nodiscard]] NodeId child(NodeId parent, std::string_view key) const {
    const Node& node = nodes[parent];
    if (!node.has_children) return kDead;
    const auto found = children.find(child_key(parent, key));
    return found == children.end() ? node.any_child : found->second;
  }
};

struct HeaderTest {
  std::string_view glob;  // of the value; "*" when any will do
  ConditionId condition = kNoId;
  CaptureId capture = kNoId;  // the value, or what the first `*` of the glob stands for, is kept
};

struct TextTest {
  std::string_view text;
  ConditionId condition;
};

// Several conditions of one exchange that together speak for a subject.
struct Trait {
  std::uint16_t subject = 0;
  std::uint8_t weight = 0;
  std::uint8_t conditions = 0;
  // What it is about besides method, path and query; and whether the server says it itself.
  bool of_content = false;
  bool of_answer = false;
  bool handed = false;  // as another product hands it on: of one that says so it is that one's
  // Of a page: its title and its text say the same thing twice.
  bool of_title = false;
  bool of_text = false;
  std::uint16_t status_low = 0;  // of the response; 0: any
  std::uint16_t status_high = 0;
  std::string_view method;  // empty: any
  std::string_view reason;
};

enum class Saying : std::uint8_t {
  kModelRequested,
  kModelReturned,
  kModels,
  kVersion,
  kTokensIn,
  kTokensOut,
  kToolsOffered,
  kToolsCalled,
  kOperation,
  kStream,
};

// Where an exchange says something of a subject.
struct Says {
  Saying what = Saying::kModels;
  CaptureId capture = kNoId;  // kNoId: the path's name
  ConditionId path = kNoId;   // only of requests of which this is true
  bool added = false;         // a count that is added to the one before it
};

struct Operation {
  ConditionId path = kNoId;  // kNoId: of all the others
  std::string_view method;
  std::string_view name;
  bool streamed = false;  // the path says that the answer comes in pieces
};

struct Function {
  ConditionId path = kNoId;
  std::string_view method;
};

// What traits of one subject come to. However many things it has in common with others, they count
// as one, and so do a page's title and its text.
class Score {
 public:
  void add(const Trait& trait) {
    if (trait.weight == 1) {
      weak_ = 1;
    } else if (trait.of_title || trait.of_text) {
      unsigned& page = trait.of_text ? text_ : title_;
      page += trait.weight;
    } else {
      strong_ += trait.weight;
    }
  }
  [[nodiscard]] unsigned sum() const { return strong_ + std::max(title_, text_) + weak_; }

 private:
  unsigned strong_ = 0, title_ = 0, text_ = 0, weak_ = 0;
};

// A family of APIs or a product.
struct Subject {
  std::string_view id;
  std::string_view name;
  std::string_view kind;   // of a product
  std::string_view usage;  // of a family
  std::vector<Says> says;
  std::vector<Operation> operations;
  std::vector<Function> guarded;  // what a protected server refuses to strangers
  std::vector<Function> admin;
  std::vector<std::uint16_t> paths;  // positions of the patterns that traits and operations name
  std::vector<std::string_view> replaces;
  std::vector<std::string_view> hands_on;  // products whose handed traits are its own doing
  std::uint8_t need = 4;
  bool family = false;
  bool generic = false;   // a product only where nothing better is known, and only inside
  bool open = false;      // a family that takes no credential anywhere: says nothing of servers
  bool prompts = false;   // a family whose requests carry text for a model
  bool json_rpc = false;  // requests and notifications of JSON-RPC say what is done
  bool stream_default = false;  // answers come in pieces unless the request says otherwise
};

struct ArtifactRule {
  std::string_view source;
  std::string_view kind;
  std::vector<std::string_view> hosts;  // globs; empty: any, and the traits decide
  ConditionId path = kNoId;
  std::vector<ConditionId> any_of;     // one of them must be there when the host is none of these
  std::vector<std::string_view> only;  // globs of repositories or files; empty: all
  std::vector<ConditionId> response_keys;       // one of them must be met, where there are any
  std::string_view file_query, revision_query;  // which of the target's query names these
  bool storage = false;  // of a hub or registry: nothing by itself unless only a model looks so
  bool layer = false;    // of what a manifest named before: a redirect is nothing by itself
  bool models = false;   // anything is given here: only formats of models are told
};

struct Format {
  std::string_view name;
  std::vector<std::string_view> suffixes;
  std::vector<std::string_view> first_bytes;  // pairs of mask and value
  bool unsafe = false;                        // opening it can run code
  bool alone = false;   // only models look so: fetched from anywhere it is one
  bool data = false;    // examples, not weights
  bool model = false;   // weights, or what makes a model of them
  std::string_view of;  // begins as that format does, and is told from it by its suffix
};

struct TenantRule {
  std::string_view header;  // lower case
  std::string_view claim;   // of the token in it; empty: of the field's value itself
  std::string_view glob;
  std::string_view tenant;  // empty: it cannot be told, whatever later rules say
};

struct ApiKnowledge::Contents {
  TextStore text;
  std::vector<Subject> subjects;  // families first, each part sorted by id
  std::size_t families = 0;
  std::vector<Trait> traits;  // by subject

  KeyTree keys;
  std::vector<PathPattern> paths;
  std::vector<ConditionId> path_conditions;  // of each pattern
  std::unordered_map<std::uint64_t, std::vector<std::uint16_t>> paths_by_anchor;
  std::vector<std::uint16_t> paths_without_anchor;
  // By hash of the lower-case name; requests and responses.
  std::array<std::unordered_map<std::uint64_t, std::vector<HeaderTest>>, 2> headers;
  std::unordered_map<std::uint64_t, std::vector<HeaderTest>> queries;  // by hash of the key
  std::vector<TextTest> texts;    // anywhere in the first bytes of text
  std::vector<TextTest> titles;   // globs
  std::vector<TextTest> metrics;  // prefixes
  std::vector<TextTest> events;   // names of server-sent events
  ConditionId event_stream = kNoId, ndjson = kNoId, websocket = kNoId;

  std::size_t condition_count = 0;
  std::size_t capture_count = 0;
  std::vector<std::vector<std::uint16_t>> traits_of;  // by condition
  struct FunctionOf {
    std::uint16_t subject;
    bool admin;
    std::string_view method;
  };
  std::vector<std::vector<FunctionOf>> functions_of;  // by condition, of products
  std::vector<std::vector<std::uint16_t>> sayers_of;  // by condition: products that say there

  std::vector<std::string_view> credential_headers;  // lower case
  std::vector<std::string_view> credential_queries;
  std::vector<std::string_view> credential_cookies;     // globs
  std::vector<std::string_view> no_credential_cookies;  // globs of those that are none after all
  std::vector<std::string_view> blank_secrets;          // globs
  std::vector<TenantRule> tenants;
  std::vector<ArtifactRule> artifacts;
  std::unordered_set<std::string_view> artifact_hosts;  // of all rules; those with a `*` apart
  std::vector<std::string_view> artifact_host_globs;
  std::vector<Format> formats;
};

}  // namespace gnomon::identify
