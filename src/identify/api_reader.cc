#include "gnomon/identify/api_reader.h"

#include <algorithm>
#include <charconv>

#include "api_artifact.h"
#include "api_scan_state.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/text_parts.h"
#include "gnomon/message/http1_head.h"
#include "token_claim.h"

namespace gnomon::identify {
namespace {

constexpr std::size_t kTokenBytesMax = 4096;  // of an account's token that are looked at
constexpr std::size_t kNamesMax = 64;  // tools or models of one exchange
constexpr std::uint64_t kCountMax = 1'000'000'000;  // tokens of one exchange; more is made up

// The path and query of a target; an absolute URI loses scheme and authority.
std::string_view origin_form(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return target;
  const std::size_t path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
}

// What the first `*` of a glob that fits stands for.
std::string_view starred(std::string_view glob, std::string_view value) {
  const std::size_t star = glob.find('*');
  if (star == std::string_view::npos) return value;
  const std::string_view after = glob.substr(star + 1);
  value.remove_prefix(std::min(star, value.size()));
  if (after.empty()) return value;
  return value.substr(0, value.find(after.substr(0, after.find('*'))));
}

}  // namespace

struct ApiReader::Scratch {
  explicit Scratch(const ApiKnowledge::Contents& knowledge)
      : all(knowledge),
        counts(knowledge.traits.size()),
        scores(knowledge.subjects.size()),
        asked(knowledge.subjects.size()),
        names(knowledge.paths.size()),
        named(knowledge.paths.size()) {}

  const ApiKnowledge::Contents& all;
  ApiFacts facts;
  ApiScan::State blank;  // of exchanges whose bodies were not read
  ApiScan::State* scan = nullptr;
  std::vector<std::uint8_t> counts;  // by trait: conditions met
  std::vector<std::uint16_t> touched, matched, products;
  std::vector<Score> scores;        // by subject
  std::vector<std::uint8_t> asked;  // by subject: more than a path speaks for it
  std::vector<PathNames> names;     // by pattern
  std::vector<std::uint8_t> named;
  std::vector<std::uint16_t> fitting;  // patterns
  std::vector<ApiSaid> said;
  std::vector<ApiTouch> touches;
  std::vector<std::string_view> offered, called;
  std::array<std::string_view, PathPattern::kSegmentsMax> segments;
  std::string repository, model;  // as the path names them, decoded
  std::string package;            // as its file names it, in one spelling
  std::size_t tenant_rule = 0;    // the one that told
  std::array<char, kTokenBytesMax> token_room;

  void read_path(std::string_view path);
  void read_query(std::string_view query);
  void read_fields(const ApiExchange& exchange);
  void read_tenant(std::string_view lower, std::string_view value);
  void read_credential(std::string_view lower, std::string_view value);
  [[nodiscard]] bool says_nothing(std::string_view secret) const;
  void weigh(const ApiExchange& exchange);
  void read_call(const ApiExchange& exchange, std::uint16_t family);
  void read_rpc_calls();
  void read_products(const ApiExchange& exchange);
  [[nodiscard]] std::string_view one(const Subject& subject, Saying what);
  [[nodiscard]] std::uint64_t number(const Subject& subject, Saying what);
  void several(const Subject& subject, Saying what, std::vector<std::string_view>& into);
  [[nodiscard]] std::string_view path_name(const Subject& subject, PathName which) const;
  [[nodiscard]] bool met(ConditionId id) const { return (scan->bits[id / 64] >> id % 64 & 1) != 0; }
};

ApiReader::ApiReader(const ApiKnowledge& knowledge)
    : scratch_(std::make_unique<Scratch>(knowledge.contents())) {}
ApiReader::~ApiReader() = default;

bool ApiReader::wants(std::string_view method, std::string_view target,
                      std::string_view request_type) const {
  if (scratch_->all.subjects.empty() && scratch_->all.artifacts.empty()) return false;
  if (method == "CONNECT" || method == "OPTIONS") return false;
  if (method != "GET" || !request_type.empty()) return true;
  // Pictures, styles and scripts are what most requests are for.
  std::string_view path = target.substr(0, target.find_first_of("?#"));
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || path.find('/', dot) != std::string_view::npos) return true;
  path.remove_prefix(dot + 1);
  for (const std::string_view dull : {"js", "mjs", "css", "png", "jpg", "jpeg", "gif", "svg", "ico",
                                      "woff", "woff2", "ttf", "webp", "map", "mp4", "ts"})
    if (same_ignoring_case(path, dull)) return false;
  return true;
}

bool ApiKnowledge::is_source(std::string_view host) const {
  const Contents& all = *contents_;
  return all.artifact_hosts.contains(host) ||
         std::any_of(all.artifact_host_globs.begin(), all.artifact_host_globs.end(),
                     [&](std::string_view glob) { return glob_match(glob, host, true); });
}

ApiReader::FirstLook ApiReader::look(std::string_view method, std::string_view host,
                                     std::string_view target, std::string_view user_agent) const {
  Scratch& here = *scratch_;
  here.blank.begin(here.all);
  here.scan = &here.blank;
  target = origin_form(target);
  here.read_path(target.substr(0, target.find('?')));
  FirstLook look;
  if (here.fitting.empty()) return look;
  look.calls = std::any_of(here.fitting.begin(), here.fitting.end(), [&](std::uint16_t pattern) {
    const auto& traits = here.all.traits_of[here.all.path_conditions[pattern]];
    return std::any_of(traits.begin(), traits.end(), [&](std::uint16_t number) {
      const Trait& trait = here.all.traits[number];
      // Products have their start pages among their paths, as any server has one.
      return trait.subject < here.all.families && trait.weight > 1 &&
             (trait.method.empty() || trait.method == method);
    });
  });
  if (method != "GET" && method != "HEAD") return look;
  const auto tests = here.all.headers[0].find(hash_text("user-agent"));
  if (tests != here.all.headers[0].end())
    for (const HeaderTest& test : tests->second)
      if (glob_match(test.glob, user_agent, true)) here.scan->set(test.condition);
  ApiFacts facts;
  look.fetches =
      artifact_rule(here.all, host, *here.scan, here.names, here.named, false, facts) != nullptr;
  return look;
}

void ApiReader::Scratch::read_path(std::string_view path) {
  for (const std::uint16_t each : fitting) named[each] = 0;
  fitting.clear();
  const std::size_t count = PathPattern::split(path, segments);
  const std::span<const std::string_view> parts{segments.data(), count};
  const auto compare = [&](std::uint16_t pattern) {
    if (named[pattern] != 0) return;
    PathNames found{};
    if (!all.paths[pattern].match(parts, found)) return;
    named[pattern] = 1;
    names[pattern] = found;
    fitting.push_back(pattern);
    scan->set(all.path_conditions[pattern]);
  };
  for (const std::string_view part : parts) {
    const auto at = all.paths_by_anchor.find(hash_text(part));
    if (at == all.paths_by_anchor.end()) continue;
    for (const std::uint16_t pattern : at->second) compare(pattern);
  }
  for (const std::uint16_t pattern : all.paths_without_anchor) compare(pattern);
}

void ApiReader::Scratch::read_query(std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view key = pair.substr(0, equals);
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    for (const std::string_view each : all.credential_queries)
      if (key == each && !says_nothing(value)) facts.credential = true;
    const auto at = all.queries.find(hash_text(key));
    if (at == all.queries.end()) continue;
    for (const HeaderTest& test : at->second) {
      if (!glob_match(test.glob, value, true)) continue;
      scan->set(test.condition);
      if (test.capture != kNoId) scan->keep(test.capture, value.substr(0, 256), false);
    }
  }
}

// Clients that insist on a key are given one that says nothing.
bool ApiReader::Scratch::says_nothing(std::string_view secret) const {
  return secret.empty() ||
         std::any_of(all.blank_secrets.begin(), all.blank_secrets.end(),
                     [&](std::string_view glob) { return glob_match(glob, secret, true); });
}

// Whether a credential is there; its value goes nowhere.
void ApiReader::Scratch::read_credential(std::string_view lower, std::string_view value) {
  if (lower == "cookie") {
    while (!value.empty()) {
      const std::size_t end = std::min(value.find(';'), value.size());
      const std::string_view pair = trimmed(value.substr(0, end));
      value.remove_prefix(std::min(end + 1, value.size()));
      const std::string_view name = pair.substr(0, pair.find('='));
      const auto fits = [&](std::string_view glob) { return glob_match(glob, name, true); };
      const auto& no = all.no_credential_cookies;
      if (std::none_of(no.begin(), no.end(), fits) &&
          std::any_of(all.credential_cookies.begin(), all.credential_cookies.end(), fits))
        facts.credential = true;
    }
    return;
  }
  for (const std::string_view each : all.credential_headers) {
    if (lower != each) continue;
    std::string_view secret = trimmed(value);
    const std::size_t scheme = secret.find(' ');
    if (scheme != std::string_view::npos) {
      secret = trimmed(secret.substr(scheme + 1));
    } else if (lower == "authorization" &&
               (same_ignoring_case(secret, "bearer") || same_ignoring_case(secret, "basic"))) {
      secret = {};
    }
    if (!says_nothing(secret)) facts.credential = true;
  }
}

// The rule that stands first decides, in whatever order the fields come.
void ApiReader::Scratch::read_tenant(std::string_view lower, std::string_view value) {
  std::string_view payload;
  for (std::size_t i = 0; i < tenant_rule; ++i) {
    const TenantRule& rule = all.tenants[i];
    if (rule.header != lower) continue;
    std::string_view told = value;
    if (!rule.claim.empty()) {
      if (payload.data() == nullptr) payload = token_payload(value, token_room);
      told = claim_of(payload, rule.claim);
      if (told.empty()) continue;
    }
    if (!glob_match(rule.glob, told, true)) continue;
    tenant_rule = i;
    facts.tenant = rule.tenant;
  }
}

void ApiReader::Scratch::read_fields(const ApiExchange& exchange) {
  tenant_rule = all.tenants.size();
  std::array<char, 64> lowered;
  for (const bool response : {false, true}) {
    const auto fields = response ? exchange.response_fields : exchange.request_fields;
    for (const ApiField& field : fields) {
      if (field.name.size() > lowered.size() || field.name.starts_with(':')) continue;
      for (std::size_t i = 0; i < field.name.size(); ++i) {
        const char each = field.name[i];
        lowered[i] = to_lower(each);
      }
      const std::string_view name{lowered.data(), field.name.size()};
      const std::string_view value = trimmed(field.value);
      if (!response) {
        if (name == "user-agent" && facts.user_agent.empty()) facts.user_agent = value;
        read_credential(name, value);
      } else if (name == "content-type") {
        if (value.starts_with("text/event-stream")) scan->set(all.event_stream);
        if (value.starts_with("application/x-ndjson") || value.starts_with("application/jsonl"))
          scan->set(all.ndjson);
      }
      read_tenant(name, value);
      const auto& tests = all.headers[response ? 1 : 0];
      const auto at = tests.find(hash_text(name));
      if (at == tests.end()) continue;
      for (const HeaderTest& test : at->second) {
        if (!glob_match(test.glob, value, true)) continue;
        scan->set(test.condition);
        if (test.capture != kNoId)
          scan->keep(test.capture, starred(test.glob, value).substr(0, 128), false);
      }
    }
  }
}

// Traits whose conditions are all met, and what they come to for each subject.
void ApiReader::Scratch::weigh(const ApiExchange& exchange) {
  for (const std::uint16_t each : touched) counts[each] = 0;
  touched.clear();
  for (const std::uint16_t each : matched) scores[all.traits[each].subject] = {};
  for (const std::uint16_t each : matched) asked[all.traits[each].subject] = 0;
  matched.clear();
  const bool nothing = nothing_there(exchange.status);
  for (const ConditionId condition : scan->conditions) {
    for (const std::uint16_t number : all.traits_of[condition]) {
      const Trait& trait = all.traits[number];
      if (counts[number]++ == 0) touched.push_back(number);
      if (counts[number] != trait.conditions) continue;
      if (!trait.method.empty() && trait.method != exchange.method) continue;
      if (trait.status_low != 0 &&
          (exchange.status < trait.status_low || exchange.status > trait.status_high))
        continue;
      // What was only asked for is no product's.
      if (nothing && trait.subject >= all.families && !trait.of_answer) continue;
      matched.push_back(number);
      scores[trait.subject].add(trait);
      if (trait.of_content) asked[trait.subject] = 1;
    }
  }
}

std::string_view ApiReader::Scratch::path_name(const Subject& subject, PathName which) const {
  for (const std::uint16_t pattern : subject.paths) {
    const std::string_view name = names[pattern][static_cast<std::size_t>(which)];
    if (named[pattern] != 0 && !name.empty()) return name;
  }
  return {};
}

std::string_view ApiReader::Scratch::one(const Subject& subject, Saying what) {
  for (const Says& says : subject.says) {
    if (says.what != what || (says.path != kNoId && !met(says.path))) continue;
    if (says.capture == kNoId) {
      const std::string_view name =
          path_name(subject, what == Saying::kToolsCalled ? PathName::kTool : PathName::kModel);
      if (!name.empty()) return name;
      continue;
    }
    for (const ApiScan::State::Captured& each : scan->captured)
      if (each.id == says.capture) return scan->text_of(each);
  }
  return {};
}

// Of the first place that is there, with what is added to it.
std::uint64_t ApiReader::Scratch::number(const Subject& subject, Saying what) {
  std::uint64_t sum = 0;
  bool found = false;
  for (const Says& says : subject.says) {
    if (says.what != what || says.capture == kNoId || (says.path != kNoId && !met(says.path)))
      continue;
    if (!says.added && found) break;
    for (const ApiScan::State::Captured& each : scan->captured) {
      if (each.id != says.capture) continue;
      const std::string_view text = scan->text_of(each);
      std::uint64_t value = 0;
      std::from_chars(text.data(), text.data() + text.size(), value);
      found = true;
      sum += std::min(value, kCountMax + 1);
      break;
    }
  }
  return sum <= kCountMax ? sum : 0;
}

void ApiReader::Scratch::several(const Subject& subject, Saying what,
                                 std::vector<std::string_view>& into) {
  for (const Says& says : subject.says) {
    if (says.what != what || (says.path != kNoId && !met(says.path))) continue;
    for (const ApiScan::State::Captured& each : scan->captured) {
      if (each.id != says.capture || each.id == kNoId || into.size() >= kNamesMax) continue;
      const std::string_view text = scan->text_of(each);
      if (std::find(into.begin(), into.end(), text) == into.end()) into.push_back(text);
    }
  }
}

void ApiReader::Scratch::read_call(const ApiExchange& exchange, std::uint16_t family) {
  const Subject& subject = all.subjects[family];
  facts.family = subject.id;
  // The call stands as an event; of the server it says nothing.
  const bool nothing = nothing_there(exchange.status);
  if (!nothing) facts.usage = subject.usage;
  facts.operation = one(subject, Saying::kOperation);
  bool streamed_path = false;
  for (const Operation& each : subject.operations) {
    if (!each.method.empty() && each.method != exchange.method) continue;
    if (each.path != kNoId && !met(each.path)) continue;
    if (facts.operation.empty()) facts.operation = each.name;
    streamed_path = each.streamed;
    break;
  }
  facts.model_requested = percent_decoded(one(subject, Saying::kModelRequested), model);
  facts.model_returned = one(subject, Saying::kModelReturned);
  facts.tokens_in = number(subject, Saying::kTokensIn);
  facts.tokens_out = number(subject, Saying::kTokensOut);
  several(subject, Saying::kToolsOffered, offered);
  several(subject, Saying::kToolsCalled, called);
  if (called.empty())
    if (const std::string_view tool = one(subject, Saying::kToolsCalled); !tool.empty())
      called.push_back(tool);
  if (subject.json_rpc) read_rpc_calls();
  const std::string_view stream = one(subject, Saying::kStream);
  const ApiScan::State::Side& answer = scan->sides[1];
  facts.pieces =
      static_cast<std::uint32_t>(std::max(answer.stream.events(), answer.walk.documents()));
  facts.streamed = streamed_path || exchange.websocket || stream == "true" ||
                   stream == "streaming" ||
                   (subject.stream_default && stream != "false" && facts.pieces != 1) ||
                   (all.event_stream != kNoId && met(all.event_stream)) ||
                   (all.ndjson != kNoId && met(all.ndjson)) || answer.aws.events() > 0;
  facts.call = !subject.open && !nothing;
  facts.prompt = !nothing && subject.prompts && exchange.request_bytes + scan->sides[0].bytes > 0;
}

// What was asked of the server names the exchange, before what it was only told and what it asked
// itself; the tools are those of all the calls of a batch.
void ApiReader::Scratch::read_rpc_calls() {
  const ApiScan::State::RpcCall* telling = nullptr;
  const auto rank = [](const ApiScan::State::RpcCall& call) {
    return (call.by_server ? 2 : 0) + (call.wants_answer ? 0 : 1);
  };
  bool tools = false;
  for (const ApiScan::State::RpcCall& call : scan->rpc_calls) {
    if (telling == nullptr || rank(call) < rank(*telling)) telling = &call;
    if (call.method != "tools/call" || call.name.empty()) continue;
    if (!std::exchange(tools, true)) called.clear();
    if (called.size() < kNamesMax &&
        std::find(called.begin(), called.end(), call.name) == called.end())
      called.push_back(call.name);
  }
  if (telling != nullptr) facts.operation = telling->method;
}

void ApiReader::Scratch::read_products(const ApiExchange& exchange) {
  for (const std::uint16_t each : matched)
    if (all.traits[each].subject >= all.families) products.push_back(each);
  std::sort(products.begin(), products.end());
  const bool granted = exchange.status >= 200 && exchange.status < 300;
  for (const ConditionId condition : scan->conditions) {
    for (const auto& function : all.functions_of[condition])
      if (function.method.empty() || function.method == exchange.method)
        touches.push_back({function.subject, function.admin});
    if (!granted) continue;
    for (const std::uint16_t number : all.sayers_of[condition]) {
      for (const Says& says : all.subjects[number].says) {
        if (says.path != condition || says.capture == kNoId) continue;
        for (const ApiScan::State::Captured& each : scan->captured)
          if (each.id == says.capture && said.size() < kNamesMax)
            said.push_back({number, says.what == Saying::kVersion, scan->text_of(each)});
      }
    }
  }
  // What any request may say: only of products that something else speaks for.
  std::uint16_t last = kNoId;
  for (const std::uint16_t trait : products) {
    const std::uint16_t number = all.traits[trait].subject;
    if (number == last) continue;
    last = number;
    for (const Says& says : all.subjects[number].says) {
      if (says.path != kNoId || says.capture == kNoId) continue;
      for (const ApiScan::State::Captured& each : scan->captured)
        if (each.id == says.capture && said.size() < kNamesMax)
          said.push_back({number, says.what == Saying::kVersion, scan->text_of(each)});
    }
  }
}

const ApiFacts& ApiReader::read(const ApiExchange& exchange) {
  Scratch& here = *scratch_;
  here.facts = {};
  here.said.clear();
  here.touches.clear();
  here.offered.clear();
  here.called.clear();
  here.products.clear();
  if (exchange.bodies != nullptr && exchange.bodies->state_->contents == &here.all) {
    here.scan = exchange.bodies->state_;
  } else {
    here.blank.begin(here.all);
    here.scan = &here.blank;
  }
  here.scan->finish();

  const std::string_view target = origin_form(exchange.target);
  const std::size_t query = std::min(target.find('?'), target.size());
  here.read_path(target.substr(0, query));
  here.read_query(target.substr(std::min(query + 1, target.size())));
  here.read_fields(exchange);
  if (exchange.websocket) here.scan->set(here.all.websocket);
  here.weigh(exchange);

  std::uint16_t family = kNoId;
  for (const std::uint16_t each : here.matched) {
    const std::uint16_t subject = here.all.traits[each].subject;
    if (subject >= here.all.families) continue;
    const unsigned score = here.scores[subject].sum();
    if (score < here.all.subjects[subject].need) continue;
    if (nothing_there(exchange.status) && here.asked[subject] == 0) continue;
    const unsigned best = family == kNoId ? 0 : here.scores[family].sum();
    if (score > best || (score == best && subject < family)) family = subject;
  }
  if (family != kNoId) here.read_call(exchange, family);
  if (!exchange.known_app) here.read_products(exchange);
  here.facts.tools_offered = here.offered;
  here.facts.tools_called = here.called;
  here.facts.traits = here.products;
  here.facts.said = here.said;
  here.facts.touches = here.touches;
  if (family == kNoId)
    read_artifact(here.all, exchange, *here.scan, here.names, here.named, here.package, here.facts);
  here.facts.repository = percent_decoded(here.facts.repository, here.repository);
  return here.facts;
}

}  // namespace gnomon::identify
