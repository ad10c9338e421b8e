#include "api_builder.h"

#include <algorithm>
#include <charconv>

#include "gnomon/bytes/ascii.h"

namespace gnomon::identify {
namespace {

std::uint16_t number_of(std::string_view text) {
  std::uint16_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc{} && end == text.data() + text.size() ? number : kNoId;
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string_view::npos;
}

struct SayingWord {
  std::string_view word;
  Saying what;
};

constexpr SayingWord kSayings[] = {{"model_requested", Saying::kModelRequested},
                                   {"model_returned", Saying::kModelReturned},
                                   {"models", Saying::kModels},
                                   {"version", Saying::kVersion},
                                   {"tokens_in", Saying::kTokensIn},
                                   {"tokens_out", Saying::kTokensOut},
                                   {"tools_offered", Saying::kToolsOffered},
                                   {"tools_called", Saying::kToolsCalled},
                                   {"operation", Saying::kOperation},
                                   {"stream", Saying::kStream}};

const SayingWord* saying_of(std::string_view key) {
  const auto* found = std::find_if(std::begin(kSayings), std::end(kSayings),
                                   [&](const SayingWord& each) { return each.word == key; });
  return found == std::end(kSayings) ? nullptr : found;
}

}  // namespace

bool ApiBuilder::read_flag(YamlReader& in) {
  const std::string_view word = in.scalar();
  if (word == "yes") return true;
  if (word != "no") in.problem("must be yes or no");
  return false;
}

std::string_view ApiBuilder::read_lower(YamlReader& in) {
  std::string text{in.scalar()};
  for (char& each : text) each = to_lower(each);
  return keep(text);
}

std::string_view ApiBuilder::read_method(YamlReader& in) {
  const std::string_view method = read_text(in);
  if (method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string_view::npos)
    in.problem("'" + std::string{method} + "' is no method");
  return method;
}

void ApiBuilder::read_texts(YamlReader& in, std::vector<std::string_view>& into) {
  in.one_or_more([&] { into.push_back(read_text(in)); });
}

void ApiBuilder::read_trait(YamlReader& in, Draft& draft) {
  Trait trait;
  std::vector<ConditionId> all;
  bool path = false, header = false, body = false;
  const auto add = [&](auto&& make) { in.one_or_more([&] { all.push_back(make()); }); };
  in.mapping([&](std::string_view key) {
    path = path || key == "path";
    header = header || key == "response_header";
    body = body || key == "response_key" || key == "title" || key == "text" || key == "metric" ||
           key == "event" || key == "stream";
    trait.of_title = trait.of_title || key == "title";
    trait.of_text = trait.of_text || key == "text";
    trait.of_content = trait.of_content || (key != "weight" && key != "method" && key != "path" &&
                                            key != "query" && key != "handed");
    if (key == "weight") {
      const std::uint16_t weight = number_of(in.scalar());
      if (weight < 1 || weight > 4) in.problem("must be 1, 2, 3 or 4");
      trait.weight = static_cast<std::uint8_t>(weight);
    } else if (key == "handed") {
      trait.handed = read_flag(in);
    } else if (key == "method") {
      trait.method = read_method(in);
    } else if (key == "status") {
      const std::string_view text = in.scalar();
      if (text.size() == 3 && text.ends_with("xx") && text[0] >= '1' && text[0] <= '5') {
        trait.status_low = static_cast<std::uint16_t>((text[0] - '0') * 100);
        trait.status_high = static_cast<std::uint16_t>(trait.status_low + 99);
      } else {
        trait.status_low = trait.status_high = number_of(text);
        if (trait.status_low < 100 || trait.status_low > 599)
          in.problem("must be a status such as 401 or 2xx");
      }
    } else if (key == "path") {
      add([&] { return path_condition(in); });
    } else if (key == "query") {
      add([&] { return query_condition(in); });
    } else if (key == "request_header" || key == "response_header") {
      const bool response = key == "response_header";
      add([&] { return header_condition(in, response); });
    } else if (key == "request_key" || key == "response_key") {
      const NodeId root = key == "request_key" ? KeyTree::kRequest : KeyTree::kResponse;
      add([&] { return key_condition(in, root); });
    } else if (key == "title") {
      add([&] { return text_condition(in, "title", contents_->titles); });
    } else if (key == "text") {
      add([&] { return text_condition(in, "text", contents_->texts); });
    } else if (key == "metric") {
      add([&] { return text_condition(in, "metric", contents_->metrics); });
    } else if (key == "event") {
      add([&] { return text_condition(in, "event", contents_->events); });
    } else if (key == "stream") {
      all.push_back(stream_condition(in));
    } else {
      return false;
    }
    return true;
  });
  // A server has its fields on whatever it answers: with a path they say nothing of the path.
  trait.of_answer = body || (header && !path) || trait.status_low != 0;
  if (trait.weight == 0)
    problems_.push_back({draft.file, in.line(), "weight", "a trait needs a weight of 1 to 4"});
  if (all.empty())
    problems_.push_back({draft.file, in.line(), "traits", "a trait needs a condition"});
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  trait.conditions = static_cast<std::uint8_t>(all.size());
  draft.traits.push_back(trait);
  draft.conditions.push_back(std::move(all));
}

void ApiBuilder::read_says(YamlReader& in, Draft& draft) {
  ConditionId path = kNoId;
  std::vector<Says> found;
  in.mapping([&](std::string_view key) {
    if (key == "path" || key == "request_key") {
      path = key == "path" ? path_condition(in) : key_condition(in, KeyTree::kRequest);
      return true;
    }
    const SayingWord* word = saying_of(key);
    if (word == nullptr) return false;
    read_saying(in, word->what, draft, found);
    return true;
  });
  for (Says& each : found) {
    each.path = path;
    draft.subject.says.push_back(each);
  }
}

void ApiBuilder::read_operation(YamlReader& in, Draft& draft) {
  Operation operation;
  in.mapping([&](std::string_view key) {
    if (key == "path") {
      operation.path = path_condition(in);
    } else if (key == "method") {
      operation.method = read_method(in);
    } else if (key == "is") {
      operation.name = read_text(in);
    } else if (key == "streamed") {
      operation.streamed = read_flag(in);
    } else {
      return false;
    }
    return true;
  });
  if (operation.name.empty()) in.problem("an operation needs its name: is");
  draft.subject.operations.push_back(operation);
}

Function ApiBuilder::read_function(YamlReader& in) {
  Function function;
  in.mapping([&](std::string_view key) {
    if (key == "path") {
      function.path = path_condition(in);
    } else if (key == "method") {
      function.method = read_method(in);
    } else {
      return false;
    }
    return true;
  });
  if (function.path == kNoId) in.problem("needs a path");
  return function;
}

void ApiBuilder::check(Draft& draft, YamlReader& in) {
  Subject& subject = draft.subject;
  if (!is_id(subject.id)) in.problem("needs an id of small letters, digits, dots and hyphens");
  if (subject.name.empty()) in.problem("'" + std::string{subject.id} + "' needs a name");
  if (!subject.family && subject.kind.empty())
    in.problem("'" + std::string{subject.id} + "' needs a kind");
  Score all;
  for (const Trait& each : draft.traits) all.add(each);
  if (draft.traits.size() < 2 || all.sum() < subject.need)
    in.problem("'" + std::string{subject.id} +
               "' can never be told: it needs two traits at least, of a weight of " +
               std::to_string(subject.need) + " together");
}

void ApiBuilder::read_subject(YamlReader& in, std::string_view file, bool family) {
  drafts_.emplace_back();
  Draft& draft = drafts_.back();
  Subject& subject = draft.subject;
  draft.file = file;
  draft.rank = rank_;
  subject.family = family;
  bool sourced = false;
  in.mapping([&](std::string_view key) {
    if (draft.line == 0) draft.line = in.line();
    if (key == "id") {
      subject.id = read_text(in);
    } else if (key == "name") {
      subject.name = read_text(in);
    } else if (key == "sources") {
      in.one_or_more([&] { sourced = !in.scalar().empty(); });
    } else if (key == "note") {
      in.scalar();
    } else if (key == "need") {
      const std::uint16_t need = number_of(in.scalar());
      if (need < 3 || need > 12) in.problem("must be a number from 3 to 12");
      subject.need = static_cast<std::uint8_t>(need);
    } else if (key == "traits") {
      in.sequence([&] { read_trait(in, draft); });
    } else if (key == "says") {
      in.sequence([&] { read_says(in, draft); });
    } else if (key == "guarded") {
      in.sequence([&] { subject.guarded.push_back(read_function(in)); });
    } else if (!family && key == "admin") {
      in.sequence([&] { subject.admin.push_back(read_function(in)); });
    } else if (!family && key == "kind") {
      subject.kind = read_text(in);
    } else if (!family && key == "ports") {
      in.one_or_more([&] {
        const std::uint16_t port = number_of(in.scalar());
        if (port == 0 || port == kNoId) in.problem("must be a port");
      });
    } else if (!family && key == "replaces") {
      read_texts(in, subject.replaces);
    } else if (!family && key == "hands_on") {
      read_texts(in, subject.hands_on);
    } else if (!family && key == "generic") {
      subject.generic = read_flag(in);
    } else if (family && key == "usage") {
      subject.usage = read_text(in);
    } else if (family && key == "operations") {
      in.sequence([&] { read_operation(in, draft); });
    } else if (family && key == "prompts") {
      subject.prompts = read_flag(in);
    } else if (family && key == "open") {
      subject.open = read_flag(in);
    } else if (family && key == "json_rpc") {
      subject.json_rpc = read_flag(in);
    } else if (family && key == "stream_default") {
      subject.stream_default = read_flag(in);
    } else if (const SayingWord* word = saying_of(key); family && word != nullptr) {
      read_saying(in, word->what, draft, subject.says);
    } else {
      return false;
    }
    return true;
  });
  if (!sourced && rank_ == 0)
    problems_.push_back(
        {draft.file, draft.line, "sources", "'" + std::string{subject.id} + "' needs its sources"});
  check(draft, in);
}

void ApiBuilder::read_credentials(YamlReader& in) {
  in.mapping([&](std::string_view key) {
    if (key == "headers") {
      in.sequence([&] { contents_->credential_headers.push_back(read_lower(in)); });
    } else if (key == "queries") {
      read_texts(in, contents_->credential_queries);
    } else if (key == "cookies") {
      read_texts(in, contents_->credential_cookies);
    } else if (key == "no_cookies") {
      read_texts(in, contents_->no_credential_cookies);
    } else if (key == "placeholders") {
      read_texts(in, contents_->blank_secrets);
    } else {
      return false;
    }
    return true;
  });
}

void ApiBuilder::read_tenant(YamlReader& in) {
  TenantRule rule;
  rule.glob = "*";
  in.mapping([&](std::string_view key) {
    if (key == "header") {
      rule.header = read_lower(in);
    } else if (key == "claim") {
      rule.claim = read_text(in);
    } else if (key == "value") {
      rule.glob = read_text(in);
    } else if (key == "is") {
      rule.tenant = read_text(in);
      if (rule.tenant != "corporate" && rule.tenant != "personal" && rule.tenant != "unknown")
        in.problem("must be corporate, personal or unknown");
    } else if (key == "sources") {
      in.one_or_more([&] { in.scalar(); });
    } else {
      return false;
    }
    return true;
  });
  if (rule.header.empty() || rule.tenant.empty()) in.problem("needs a header and what it is");
  if (rule.tenant == "unknown") rule.tenant = {};
  contents_->tenants.push_back(rule);
}

void ApiBuilder::read_api(std::string_view text, std::string_view file) {
  YamlReader in{text, file, problems_, cache_};
  in.document([&](std::string_view key) {
    if (key == "families") {
      in.sequence([&] { read_subject(in, file, true); });
    } else if (key == "credentials") {
      read_credentials(in);
    } else if (key == "tenants") {
      in.sequence([&] { read_tenant(in); });
    } else {
      return false;
    }
    return true;
  });
}

void ApiBuilder::read_products(std::string_view text, std::string_view file) {
  YamlReader in{text, file, problems_, cache_};
  in.document([&](std::string_view key) {
    if (key != "products") return false;
    in.sequence([&] { read_subject(in, file, false); });
    return true;
  });
}

}  // namespace gnomon::identify
