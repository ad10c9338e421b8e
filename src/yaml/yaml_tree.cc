#include "gnomon/yaml/yaml_tree.h"

#include <algorithm>
#include <map>
#include <utility>

#include "gnomon/yaml/yaml_cache.h"
#include "gnomon/yaml/yaml_events.h"

namespace gnomon {
namespace {

class TreeReader {
 public:
  explicit TreeReader(Bytes events) : in_(events) {}

  std::optional<YamlFault> document(YamlNode& root) {
    if (next(YamlKind::kDocument) && advance() && value(root, 0) && next(YamlKind::kDocumentEnd))
      next(YamlKind::kNone);
    return std::move(fault_);
  }

 private:
  bool fail(std::string what) {
    if (!fault_) fault_ = YamlFault{std::max<std::size_t>(event_.line, 1), std::move(what)};
    return false;
  }

  bool advance() {
    const unsigned line = event_.line;
    event_ = in_.next();
    if (event_.kind == YamlKind::kWrong) return fail(std::string{event_.text});
    if (event_.kind == YamlKind::kNone) event_.line = line;
    return true;
  }

  bool next(YamlKind wanted) {
    if (!advance()) return false;
    return event_.kind == wanted || fail("one document with something in it is wanted");
  }

  // The value that the event at hand begins.
  bool value(YamlNode& node, std::size_t depth) {
    if (depth > kYamlDepthMax) return fail("is nested too deep");
    node.line = event_.line;
    switch (event_.kind) {
      case YamlKind::kPlain:
      case YamlKind::kQuoted:
        node.text.assign(event_.text);
        return true;
      case YamlKind::kSequence:
        node.kind = YamlNode::Kind::kList;
        return items(node, depth);
      case YamlKind::kMapping:
        node.kind = YamlNode::Kind::kMap;
        return members(node, depth);
      case YamlKind::kAnchor: {
        const std::string name{event_.text};
        if (!advance() || !value(node, depth)) return false;
        named_.insert_or_assign(name, node);
        return true;
      }
      case YamlKind::kAlias:
        return copy(node);
      default:
        return fail("breaks off");
    }
  }

  bool copy(YamlNode& node) {
    const auto named = named_.find(event_.text);
    if (named == named_.end()) return fail("stands for nothing before it");
    copies_ += count(named->second);
    if (copies_ > kYamlCopiesMax) return fail("its aliases stand for too much");
    const auto [line, key_line] = std::pair{node.line, node.key_line};
    node = named->second;
    node.line = line;
    node.key_line = key_line;
    return true;
  }

  static std::size_t count(const YamlNode& node) {
    std::size_t nodes = 1;
    for (const YamlNode& item : node.items) nodes += count(item);
    for (const YamlMember& member : node.members) nodes += count(member.node);
    return nodes;
  }

  bool items(YamlNode& node, std::size_t depth) {
    while (advance()) {
      if (event_.kind == YamlKind::kSequenceEnd) return true;
      if (!value(node.items.emplace_back(), depth + 1)) return false;
    }
    return false;
  }

  bool members(YamlNode& node, std::size_t depth) {
    while (advance()) {
      if (event_.kind == YamlKind::kMappingEnd) return true;
      if (!event_.is_text()) return fail("a key must be text");
      if (node.find(event_.text) != nullptr)
        return fail("'" + std::string{event_.text} + "' is there twice");
      YamlMember& member = node.members.emplace_back();
      member.key.assign(event_.text);
      member.node.key_line = event_.line;
      if (!advance() || !value(member.node, depth + 1)) return false;
    }
    return false;
  }

  YamlEventReader in_;
  YamlEvent event_;
  std::map<std::string, YamlNode, std::less<>> named_;  // by anchors
  std::size_t copies_ = 0;                              // nodes
  std::optional<YamlFault> fault_;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const YamlMember& member : members)
    if (member.key == key) return &member.node;
  return nullptr;
}

std::optional<YamlFault> read_yaml(std::string_view text, YamlNode& root, YamlCache* cache) {
  if (text.size() > kYamlBytesMax) return YamlFault{1, "is larger than 4 MiB"};
  YamlCache none;
  return TreeReader{(cache != nullptr ? *cache : none).events_of(text)}.document(root);
}

Result<YamlNode> read_yaml(std::string_view text, YamlCache* cache) {
  YamlNode root;
  if (auto fault = read_yaml(text, root, cache))
    return Error{std::move(fault->what)}.in("line " + std::to_string(fault->line));
  return root;
}

}  // namespace gnomon
