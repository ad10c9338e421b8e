#include "yaml_tree.h"

#include <yaml.h>

#include <optional>

namespace gnomon::content {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) {
    good_ = yaml_parser_initialize(&parser_) == 1;
    if (good_)
      yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                   text.size());
  }
  ~Reader() { yaml_parser_delete(&parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<YamlNode> document() {
    YamlNode root;
    if (!next(YAML_STREAM_START_EVENT) || !next(YAML_DOCUMENT_START_EVENT)) return failure();
    if (!value(root, 0)) return failure();
    if (!next(YAML_DOCUMENT_END_EVENT) || !next(YAML_STREAM_END_EVENT)) return failure();
    return root;
  }

 private:
  struct Event {
    yaml_event_t raw{};
    Event() = default;
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event() { yaml_event_delete(&raw); }
  };

  Error failure() const {
    return Error{reason_.empty() ? "is not YAML" : reason_}.in("line " + std::to_string(line_));
  }
  bool fail(std::string why) {
    if (reason_.empty()) reason_ = std::move(why);
    return false;
  }

  bool read(Event& event) {
    if (!good_) return fail("no memory");
    if (yaml_parser_parse(&parser_, &event.raw) == 0) {
      line_ = parser_.problem_mark.line + 1;
      return fail(parser_.problem != nullptr ? parser_.problem : "is not YAML");
    }
    line_ = event.raw.start_mark.line + 1;
    return true;
  }

  bool next(yaml_event_type_t wanted) {
    Event event;
    if (!read(event)) return false;
    return event.raw.type == wanted || fail("one document with something in it is wanted");
  }

  bool value(YamlNode& node, std::size_t depth) {
    Event event;
    return read(event) && value(node, depth, event);
  }

  bool value(YamlNode& node, std::size_t depth, Event& event) {
    if (depth > kYamlDepthMax) return fail("is nested too deep");
    node.line = line_;
    switch (event.raw.type) {
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event.raw.data.scalar;
        if (scalar.anchor != nullptr || scalar.tag != nullptr)
          return fail("anchors and tags are not read here");
        node.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
        return true;
      }
      case YAML_SEQUENCE_START_EVENT:
        if (event.raw.data.sequence_start.anchor != nullptr) return fail("anchors are not read");
        node.kind = YamlNode::Kind::kList;
        while (true) {
          Event item;
          if (!read(item)) return false;
          if (item.raw.type == YAML_SEQUENCE_END_EVENT) return true;
          node.items.emplace_back();
          if (!value(node.items.back(), depth + 1, item)) return false;
        }
      case YAML_MAPPING_START_EVENT:
        if (event.raw.data.mapping_start.anchor != nullptr) return fail("anchors are not read");
        node.kind = YamlNode::Kind::kMap;
        while (true) {
          Event key;
          if (!read(key)) return false;
          if (key.raw.type == YAML_MAPPING_END_EVENT) return true;
          if (key.raw.type != YAML_SCALAR_EVENT) return fail("a key must be text");
          std::string name{reinterpret_cast<const char*>(key.raw.data.scalar.value),
                           key.raw.data.scalar.length};
          if (node.find(name) != nullptr) return fail("'" + name + "' is there twice");
          node.members.push_back({std::move(name), {}});
          if (!value(node.members.back().node, depth + 1)) return false;
        }
      default:
        return fail("aliases are not read here");
    }
  }

  yaml_parser_t parser_{};
  bool good_ = false;
  std::size_t line_ = 1;
  std::string reason_;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, node] : members)
    if (name == key) return &node;
  return nullptr;
}

Result<YamlNode> read_yaml(std::string_view text) {
  if (text.size() > kYamlBytesMax) return Error{"is larger than 4 MiB"};
  return Reader{text}.document();
}

}  // namespace gnomon::content
