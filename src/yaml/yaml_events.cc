#include "gnomon/yaml/yaml_events.h"

#include <yaml.h>

#include <algorithm>

namespace gnomon {
namespace {

constexpr std::size_t kField24Max = (std::size_t{1} << 24) - 1;

class Recording {
 public:
  Recording(std::string_view text, std::string& events) : text_(text), events_(events) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~Recording() { yaml_parser_delete(&parser_); }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  bool run() {
    for (;;) {
      yaml_event_t event;
      if (yaml_parser_parse(&parser_, &event) == 0) return fail();
      const bool good = take(event);
      const bool last = event.type == YAML_STREAM_END_EVENT;
      yaml_event_delete(&event);
      if (!good || last) return good;
    }
  }

 private:
  void put24(std::size_t value) {
    value = std::min(value, kField24Max);
    for (const int shift : {16, 8, 0}) events_ += static_cast<char>(value >> shift & 0xff);
  }
  void put(YamlKind kind, std::size_t line_from_0) {
    events_ += static_cast<char>(kind);
    put24(line_from_0 + 1);
  }
  void put_text(std::string_view text) {
    text = text.substr(0, kField24Max);
    put24(text.size());
    events_ += text;
  }

  void put_name(YamlKind kind, const yaml_char_t* name, std::size_t line) {
    put(kind, line);
    put_text(reinterpret_cast<const char*>(name));
  }
  void put_anchor(const yaml_char_t* name, std::size_t line) {
    if (name != nullptr) put_name(YamlKind::kAnchor, name, line);
  }

  bool take(const yaml_event_t& event) {
    const std::size_t line = event.start_mark.line;
    const auto plain_end = [&](YamlKind kind) { return put(kind, line), true; };
    switch (event.type) {
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event.data.scalar;
        if (scalar.tag != nullptr) return refuse(line);
        put_anchor(scalar.anchor, line);
        const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
        put(plain ? YamlKind::kPlain : YamlKind::kQuoted, line);
        put_text({reinterpret_cast<const char*>(scalar.value), scalar.length});
        return true;
      }
      case YAML_MAPPING_START_EVENT:
        if (event.data.mapping_start.tag != nullptr) return refuse(line);
        put_anchor(event.data.mapping_start.anchor, line);
        return plain_end(YamlKind::kMapping);
      case YAML_SEQUENCE_START_EVENT:
        if (event.data.sequence_start.tag != nullptr) return refuse(line);
        put_anchor(event.data.sequence_start.anchor, line);
        return plain_end(YamlKind::kSequence);
      case YAML_ALIAS_EVENT:
        put_name(YamlKind::kAlias, event.data.alias.anchor, line);
        return true;
      case YAML_MAPPING_END_EVENT:
        return plain_end(YamlKind::kMappingEnd);
      case YAML_SEQUENCE_END_EVENT:
        return plain_end(YamlKind::kSequenceEnd);
      case YAML_DOCUMENT_START_EVENT:
        return plain_end(YamlKind::kDocument);
      case YAML_DOCUMENT_END_EVENT:
        return plain_end(YamlKind::kDocumentEnd);
      default:
        return true;
    }
  }

  bool refuse(std::size_t line) {
    put(YamlKind::kWrong, line);
    put_text(kYamlNotPlain);
    return false;
  }

  bool fail() {
    std::size_t line = parser_.problem_mark.line;
    if (parser_.error == YAML_READER_ERROR) {  // not UTF-8, or a control character
      const std::size_t end = std::min(parser_.problem_offset, text_.size());
      line = static_cast<std::size_t>(
          std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    }
    std::string what = "is not YAML: ";
    what += parser_.problem != nullptr ? parser_.problem : "it cannot be read";
    if (parser_.context != nullptr) what.append(" (").append(parser_.context).append(")");
    put(YamlKind::kWrong, line);
    put_text(what);
    return false;
  }

  yaml_parser_t parser_;
  std::string_view text_;
  std::string& events_;
};

}  // namespace

bool record_yaml(std::string_view text, std::string& events) {
  return Recording{text, events}.run();
}

YamlEvent YamlEventReader::next() {
  YamlEvent event;
  if (in_.at_end()) return event;
  const std::uint8_t kind = in_.u8();
  event.line = in_.u24();
  if (kind == 0 || kind > static_cast<std::uint8_t>(YamlKind::kAlias)) in_.fail();
  event.kind = static_cast<YamlKind>(kind);
  if (event.is_text() || event.kind >= YamlKind::kWrong) {
    const Bytes text = in_.take(in_.u24());
    event.text = {reinterpret_cast<const char*>(text.data()), text.size()};
  }
  return in_.ok() ? event : YamlEvent{};
}

}  // namespace gnomon
