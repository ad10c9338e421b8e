#include "gnomon/identify/yaml_reader.h"

#include "gnomon/yaml/yaml_cache.h"
#include "gnomon/yaml/yaml_events.h"

namespace gnomon::identify {

// The event that comes next has been read but not yet taken.
struct YamlReader::Parser {
  YamlCache none;
  YamlEventReader in;
  YamlEvent event;

  Parser(std::string_view text, YamlCache* cache)
      : in((cache != nullptr ? *cache : none).events_of(text)) {}
};

YamlReader::YamlReader(std::string_view text, std::string_view file, std::vector<Problem>& problems,
                       YamlCache* cache)
    : parser_(std::make_unique<Parser>(text, cache)), file_(file), problems_(problems) {
  advance();
}

YamlReader::~YamlReader() = default;

void YamlReader::problem(std::string what) {
  problems_.push_back({std::string{file_}, line_, key_, std::move(what)});
}

void YamlReader::advance() {
  if (failed_) return;
  const YamlKind before = parser_->event.kind;
  parser_->event = parser_->in.next();
  const YamlKind kind = parser_->event.kind;
  // Behind a whole document only; before one, it is an empty file.
  const bool broken_off =
      kind == YamlKind::kNone && before != YamlKind::kNone && before != YamlKind::kDocumentEnd;
  if (kind < YamlKind::kWrong && !broken_off) return;
  if (!broken_off) line_ = parser_->event.line;
  problem(std::string{broken_off                 ? "breaks off"
                      : kind == YamlKind::kWrong ? parser_->event.text
                                                 : kYamlNotPlain});
  failed_ = true;
}

bool YamlReader::begin_document() {
  if (failed_) return false;
  if (parser_->event.kind != YamlKind::kDocument) {
    problem("the file is empty");
    failed_ = true;
    return false;
  }
  advance();
  return !failed_;
}

void YamlReader::end_document() {
  if (parser_->event.kind == YamlKind::kDocumentEnd) advance();
  if (parser_->event.kind != YamlKind::kDocument) return;
  line_ = parser_->event.line;
  problem("a second document begins here: one file holds one");
}

bool YamlReader::expect(Shape shape) {
  if (failed_) return false;
  line_ = parser_->event.line;
  const YamlKind kind = parser_->event.kind;
  switch (shape) {
    case Shape::kText:
      if (parser_->event.is_text()) return true;
      problem("must be text");
      break;
    case Shape::kMapping:
      if (kind == YamlKind::kMapping) return true;
      problem("must hold keys and values");
      break;
    case Shape::kSequence:
      if (kind == YamlKind::kSequence) return true;
      problem("must be a list");
      break;
  }
  skip();
  return false;
}

bool YamlReader::next_is_list() const {
  return !failed_ && parser_->event.kind == YamlKind::kSequence;
}

bool YamlReader::nothing() {
  if (failed_ || parser_->event.kind != YamlKind::kPlain || !parser_->event.text.empty())
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
  if (parser_->event.kind == YamlKind::kMappingEnd) {
    advance();
    return false;
  }
  line_ = parser_->event.line;
  if (!parser_->event.is_text()) {
    problem("a key must be text");
    failed_ = true;
    return false;
  }
  key_.assign(parser_->event.text);
  advance();
  return !failed_;
}

bool YamlReader::at_sequence_end() {
  if (failed_) return true;
  if (parser_->event.kind != YamlKind::kSequenceEnd) return false;
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
  value_.assign(parser_->event.text);
  advance();
  return value_;
}

void YamlReader::skip() {
  std::size_t depth = 0;
  do {
    switch (parser_->event.kind) {
      case YamlKind::kMapping:
      case YamlKind::kSequence:
        ++depth;
        break;
      case YamlKind::kMappingEnd:
      case YamlKind::kSequenceEnd:
        --depth;
        break;
      default:
        break;
    }
    advance();
  } while (!failed_ && depth > 0);
}

}  // namespace gnomon::identify
