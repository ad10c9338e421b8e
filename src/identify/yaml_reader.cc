#include "gnomon/identify/yaml_reader.h"

#include <yaml.h>

namespace gnomon::identify {

// The event that comes next has been parsed but not yet taken.
struct YamlReader::Parser {
  yaml_parser_t parser;
  yaml_event_t event;
  bool has_event = false;

  Parser() { yaml_parser_initialize(&parser); }
  ~Parser() {
    drop();
    yaml_parser_delete(&parser);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  void drop() {
    if (has_event) yaml_event_delete(&event);
    has_event = false;
  }
  [[nodiscard]] yaml_event_type_t type() const { return has_event ? event.type : YAML_NO_EVENT; }
};

namespace {

std::string_view text_of(const yaml_event_t& event) {
  return {reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length};
}

bool is_dressed(const yaml_event_t& event) {
  switch (event.type) {
    case YAML_ALIAS_EVENT:
      return true;
    case YAML_SCALAR_EVENT:
      return event.data.scalar.anchor != nullptr || event.data.scalar.tag != nullptr;
    case YAML_SEQUENCE_START_EVENT:
      return event.data.sequence_start.anchor != nullptr ||
             event.data.sequence_start.tag != nullptr;
    case YAML_MAPPING_START_EVENT:
      return event.data.mapping_start.anchor != nullptr || event.data.mapping_start.tag != nullptr;
    default:
      return false;
  }
}

}  // namespace

YamlReader::YamlReader(std::string_view text, std::string_view file, std::vector<Problem>& problems)
    : parser_(std::make_unique<Parser>()), text_(text), file_(file), problems_(problems) {
  yaml_parser_set_input_string(&parser_->parser,
                               reinterpret_cast<const unsigned char*>(text.data()), text.size());
  advance();
}

YamlReader::~YamlReader() = default;

void YamlReader::problem(std::string what) {
  problems_.push_back({std::string{file_}, line_, key_, std::move(what)});
}

void YamlReader::syntax_error() {
  const yaml_parser_t& parser = parser_->parser;
  std::size_t line = parser.problem_mark.line;
  if (parser.error == YAML_READER_ERROR) {  // not UTF-8, or a control character
    const std::size_t end = std::min(parser.problem_offset, text_.size());
    line = static_cast<std::size_t>(
        std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
  }
  line_ = static_cast<unsigned>(line + 1);
  std::string what = "is not YAML: ";
  what += parser.problem != nullptr ? parser.problem : "it cannot be read";
  if (parser.context != nullptr) what.append(" (").append(parser.context).append(")");
  problem(std::move(what));
  failed_ = true;
}

void YamlReader::advance() {
  if (failed_) return;
  parser_->drop();
  if (yaml_parser_parse(&parser_->parser, &parser_->event) == 0) {
    syntax_error();
    return;
  }
  parser_->has_event = true;
  if (is_dressed(parser_->event)) {
    line_ = static_cast<unsigned>(parser_->event.start_mark.line + 1);
    problem("uses an anchor, an alias or a tag: write the value out");
    parser_->drop();
    failed_ = true;
  }
}

bool YamlReader::begin_document() {
  if (parser_->type() == YAML_STREAM_START_EVENT) advance();
  if (failed_) return false;
  if (parser_->type() != YAML_DOCUMENT_START_EVENT) {
    problem("the file is empty");
    failed_ = true;
    return false;
  }
  advance();
  return !failed_;
}

void YamlReader::end_document() {
  if (parser_->type() == YAML_DOCUMENT_END_EVENT) advance();
  if (parser_->type() != YAML_DOCUMENT_START_EVENT) return;
  line_ = static_cast<unsigned>(parser_->event.start_mark.line + 1);
  problem("a second document begins here: one file holds one");
}

bool YamlReader::expect(Shape shape) {
  if (failed_) return false;
  line_ = static_cast<unsigned>(parser_->event.start_mark.line + 1);
  const yaml_event_type_t type = parser_->type();
  switch (shape) {
    case Shape::kText:
      if (type == YAML_SCALAR_EVENT) return true;
      problem("must be text");
      break;
    case Shape::kMapping:
      if (type == YAML_MAPPING_START_EVENT) return true;
      problem("must hold keys and values");
      break;
    case Shape::kSequence:
      if (type == YAML_SEQUENCE_START_EVENT) return true;
      problem("must be a list");
      break;
  }
  skip();
  return false;
}

bool YamlReader::next_is_list() const {
  return !failed_ && parser_->type() == YAML_SEQUENCE_START_EVENT;
}

bool YamlReader::nothing() {
  if (failed_ || parser_->type() != YAML_SCALAR_EVENT) return false;
  const yaml_event_t& event = parser_->event;
  if (event.data.scalar.length > 0 || event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
    return false;
  advance();
  return true;
}

bool YamlReader::open(Shape shape) {
  if (!expect(shape)) return false;
  advance();
  return !failed_;
}

bool YamlReader::next_key() {
  if (failed_) return false;
  if (parser_->type() == YAML_MAPPING_END_EVENT) {
    advance();
    return false;
  }
  line_ = static_cast<unsigned>(parser_->event.start_mark.line + 1);
  if (parser_->type() != YAML_SCALAR_EVENT) {
    problem("a key must be text");
    failed_ = true;
    return false;
  }
  key_.assign(text_of(parser_->event));
  advance();
  return !failed_;
}

bool YamlReader::at_sequence_end() {
  if (failed_) return true;
  if (parser_->type() != YAML_SEQUENCE_END_EVENT) return false;
  advance();
  return true;
}

std::string_view YamlReader::scalar() {
  const std::size_t before = problems_.size();
  const std::string_view value = text();
  if (value.empty() && problems_.size() == before) problem("is empty");
  return value;
}

std::string_view YamlReader::text() {
  if (!expect(Shape::kText)) return {};
  value_.assign(text_of(parser_->event));
  advance();
  return value_;
}

void YamlReader::skip() {
  std::size_t depth = 0;
  do {
    switch (parser_->type()) {
      case YAML_MAPPING_START_EVENT:
      case YAML_SEQUENCE_START_EVENT:
        ++depth;
        break;
      case YAML_MAPPING_END_EVENT:
      case YAML_SEQUENCE_END_EVENT:
        --depth;
        break;
      default:
        break;
    }
    advance();
  } while (!failed_ && depth > 0);
}

}  // namespace gnomon::identify
