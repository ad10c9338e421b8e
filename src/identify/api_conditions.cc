// What signatures ask of an exchange: every condition once, however many ask for it.
#include <algorithm>

#include "api_builder.h"
#include "gnomon/bytes/ascii.h"

namespace gnomon::identify {
namespace {

// "name = glob": the glob is "*" when there is none.
struct Named {
  std::string_view name;
  std::string_view glob;
};

Named named(std::string_view text) {
  const std::size_t equals = text.find(" = ");
  if (equals == std::string_view::npos) return {text, "*"};
  return {text.substr(0, equals), text.substr(equals + 3)};
}

}  // namespace

ConditionId ApiBuilder::condition(std::string key) {
  const auto next = static_cast<ConditionId>(contents_->condition_count);
  const auto [at, fresh] = conditions_.emplace(std::move(key), next);
  if (fresh) ++contents_->condition_count;
  return at->second;
}

ConditionId ApiBuilder::path_condition(YamlReader& in) {
  const std::string_view text = read_text(in);
  const std::size_t before = contents_->condition_count;
  const ConditionId id = condition("path " + std::string{text});
  if (contents_->condition_count == before) return id;
  PathPattern pattern;
  if (const std::string why = pattern.parse(text); !why.empty()) {
    in.problem(why);
    return id;
  }
  const auto number = static_cast<std::uint16_t>(contents_->paths.size());
  if (pattern.anchor().empty()) {
    contents_->paths_without_anchor.push_back(number);
  } else {
    contents_->paths_by_anchor[hash_text(pattern.anchor())].push_back(number);
  }
  contents_->paths.push_back(std::move(pattern));
  contents_->path_conditions.push_back(id);
  return id;
}

// "data.owned_by": keys from the outside in; `*` is any key, "\." a dot within a key.
NodeId ApiBuilder::node(NodeId root, std::string_view path) {
  KeyTree& tree = contents_->keys;
  NodeId at = root;
  while (!path.empty()) {
    std::string key;
    while (!path.empty() && path.front() != '.') {
      if (path.front() == '\\' && path.size() > 1) path.remove_prefix(1);
      key += path.front();
      path.remove_prefix(1);
    }
    if (!path.empty()) path.remove_prefix(1);
    const auto fresh = static_cast<NodeId>(tree.nodes.size());
    tree.nodes[at].has_children = true;
    if (key == "*") {
      if (tree.nodes[at].any_child == KeyTree::kDead) {
        tree.nodes[at].any_child = fresh;
        tree.nodes.emplace_back();
      }
      at = tree.nodes[at].any_child;
      continue;
    }
    const auto [child, added] = tree.children.emplace(KeyTree::child_key(at, key), fresh);
    if (added) tree.nodes.emplace_back();
    at = child->second;
  }
  return at;
}

ConditionId ApiBuilder::key_condition(YamlReader& in, NodeId root) {
  const std::string_view text = read_text(in);
  const std::size_t before = contents_->condition_count;
  const ConditionId id =
      condition((root == KeyTree::kRequest ? "request key " : "response key ") + std::string{text});
  if (contents_->condition_count == before || text.empty()) return id;
  const Named what = named(text);
  KeyTree::Node& at = contents_->keys.nodes[node(root, what.name)];
  if (what.glob == "*") {
    at.present.push_back(id);
  } else {
    at.values.push_back({what.glob, id});
  }
  return id;
}

ConditionId ApiBuilder::header_condition(YamlReader& in, bool response) {
  const std::string_view text = read_text(in);
  const Named what = named(text);
  const std::string name = lowered(what.name);
  const std::size_t before = contents_->condition_count;
  const ConditionId id =
      condition((response ? "response header " : "request header ") + name +
                (what.glob == "*" ? std::string{} : " = " + std::string{what.glob}));
  if (contents_->condition_count != before)
    contents_->headers[response ? 1 : 0][hash_text(name)].push_back({what.glob, id, kNoId});
  return id;
}

ConditionId ApiBuilder::query_condition(YamlReader& in) {
  const std::string_view text = read_text(in);
  const Named what = named(text);
  const std::size_t before = contents_->condition_count;
  const ConditionId id = condition("query " + std::string{text});
  if (contents_->condition_count != before)
    contents_->queries[hash_text(what.name)].push_back({what.glob, id, kNoId});
  return id;
}

ConditionId ApiBuilder::text_condition(YamlReader& in, std::string_view kind,
                                       std::vector<TextTest>& tests) {
  const std::string_view text = read_text(in);
  const std::size_t before = contents_->condition_count;
  const ConditionId id = condition(std::string{kind} + " " + std::string{text});
  if (contents_->condition_count != before && !text.empty()) tests.push_back({text, id});
  return id;
}

ConditionId ApiBuilder::stream_condition(YamlReader& in) {
  const std::string_view word = in.scalar();
  ConditionId* const at = word == "sse"         ? &contents_->event_stream
                          : word == "ndjson"    ? &contents_->ndjson
                          : word == "websocket" ? &contents_->websocket
                                                : nullptr;
  if (at == nullptr) {
    in.problem("no kind of stream '" + std::string{word} + "': sse, ndjson, websocket");
    return kNoId;
  }
  return *at = condition("stream " + std::string{word});
}

void ApiBuilder::read_saying(YamlReader& in, Saying what, Draft& draft, std::vector<Says>& into) {
  (void)draft;
  constexpr std::string_view kPlus = " + ";
  constexpr std::string_view kEvery = "every ";
  const bool count = what == Saying::kTokensIn || what == Saying::kTokensOut;
  in.one_or_more([&] {
    const std::string text{in.scalar()};
    if (text == "path") {
      into.push_back({what});
      return;
    }
    // "response usage.a + usage.b": the words of the first place are those of all.
    const bool every = text.starts_with(kEvery);
    if (every && !count) {
      in.problem("only counts of tokens are added up");
      return;
    }
    const std::size_t word = text.find(' ', every ? kEvery.size() : 0);
    for (std::size_t from = 0; from < text.size();) {
      std::size_t end = text.find(kPlus, from);
      if (end != std::string::npos && !count) {
        in.problem("only counts of tokens are added up");
        return;
      }
      end = std::min(end, text.size());
      std::string place = text.substr(from, end - from);
      if (from > 0) place = text.substr(0, word + 1) + place;
      into.push_back({what, capture_at(in, place), kNoId, from > 0});
      from = std::min(end + kPlus.size(), text.size());
    }
  });
}

CaptureId ApiBuilder::capture_at(YamlReader& in, const std::string& text) {
  const auto next = static_cast<CaptureId>(contents_->capture_count);
  const auto [at, fresh] = captures_.emplace(text, next);
  if (!fresh) return at->second;
  ++contents_->capture_count;
  const auto rest = [&](std::string_view word) { return keep(text.substr(word.size())); };
  constexpr std::string_view kEach = "every response ";
  if (text.starts_with(kEach)) {
    contents_->keys.nodes[node(KeyTree::kResponse, rest(kEach))].sum_capture = at->second;
    return at->second;
  }
  if (text.starts_with("request ") || text.starts_with("response ")) {
    const bool response = text.starts_with("response ");
    const NodeId at_node = node(response ? KeyTree::kResponse : KeyTree::kRequest,
                                rest(response ? "response " : "request "));
    contents_->keys.nodes[at_node].capture = at->second;
  } else if (text.starts_with("header ") || text.starts_with("request_header ")) {
    const bool response = text.starts_with("header ");
    const std::string_view name = rest(response ? "header " : "request_header ");
    const Named which = named(name);
    contents_->headers[response ? 1 : 0][hash_text(lowered(which.name))].push_back(
        {which.glob, kNoId, at->second});
  } else if (text.starts_with("query ")) {
    contents_->queries[hash_text(rest("query "))].push_back({"*", kNoId, at->second});
  } else {
    in.problem("'" + text +
               "' is no place: path, request KEY, response KEY, every response KEY, header NAME, "
               "request_header NAME or query KEY");
  }
  return at->second;
}

}  // namespace gnomon::identify
