#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "gnomon/bytes/ascii.h"
#include "gnomon/content/text_decoder.h"
#include "html_entities.h"
#include "text_formats.h"
#include "text_writer.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kNameBytesMax = 48;
constexpr std::size_t kEntityBytesMax = 12;
constexpr std::size_t kAttributeBytesMax = std::size_t{64} * 1024;
constexpr std::size_t kSideBytesMax = std::size_t{8} * 1024;
constexpr std::size_t kOutBytes = 2048;

constexpr std::string_view kBlocks[] = {
    "p",      "br",      "div",      "tr",    "li",         "ul",  "ol",        "table",   "h",
    "h1",     "h2",      "h3",       "h4",    "h5",         "h6",  "section",   "article", "header",
    "footer", "nav",     "pre",      "hr",    "dt",         "dd",  "title",     "row",     "cr",
    "form",   "option",  "textarea", "body",  "blockquote", "si",  "table-row", "comment", "page",
    "slide",  "caption", "fieldset", "label", "button",     "line"};
constexpr std::string_view kCells[] = {"td", "th", "tc", "tab", "table-cell", "c"};
// Of Office files and texts set in XML (DocBook, TEI): elements behind which the same word may go
// on; and those that end one where they begin.
constexpr std::string_view kInline[] = {"t",
                                        "r",
                                        "span",
                                        "a",
                                        "deltext",
                                        "instrtext",
                                        "delinstrtext",
                                        "fldsimple",
                                        "ins",
                                        "del",
                                        "hyperlink",
                                        "link",
                                        "smarttag",
                                        "sdtcontent",
                                        "meta",
                                        "rt",
                                        "softhyphen",
                                        "bookmark-ref",
                                        "ruby-base",
                                        "b",
                                        "i",
                                        "u",
                                        "em",
                                        "strong",
                                        "emphasis",
                                        "hi",
                                        "code",
                                        "literal",
                                        "sub",
                                        "sup",
                                        "quote",
                                        "foreign",
                                        "tt",
                                        "var",
                                        "foreignphrase"};
constexpr std::string_view kWordEnds[] = {"line-break", "ptab", "note", "note-citation",
                                          "annotation"};
constexpr std::string_view kRows[] = {"tr", "row", "table-row"};
constexpr std::string_view kTables[] = {"table", "tbl"};

// Elements of Office files whose values stand in an attribute: caches of pivot tables, form fields
// and what they offer, variables of the document, connections of mail merge, tags of slides.
constexpr std::pair<std::string_view, std::string_view> kOfficeValues[] = {
    {"s", "v"},
    {"n", "v"},
    {"d", "v"},
    {"default", "val"},
    {"listentry", "val"},
    {"listitem", "displayText"},
    {"listitem", "value"},
    {"docvar", "val"},
    {"connectstring", "val"},
    {"query", "val"},
    {"helptext", "val"},
    {"statustext", "val"},
    {"alias", "val"},
    {"tag", "val"}};

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f'; }

bool one_of(std::string_view name, const std::string_view* begin, const std::string_view* end) {
  return std::find(begin, end, name) != end;
}

// A tokenizer that forgives everything, as browsers do; it knows no tree.
class MarkupText final : public TextSink {
 public:
  MarkupText(BodyContext& context, std::uint32_t depth, Role role, Markup markup)
      : writer_(context, depth),
        role_(role),
        markup_(markup == Markup::kMaster ? Markup::kOffice : markup),
        master_(markup == Markup::kMaster) {
    out_.reserve(kOutBytes + 16);
  }

  void write(std::string_view in) override {
    for (std::size_t at = 0; at < in.size(); ++at) {
      const char c = in[at];
      switch (state_) {
        case State::kText: {
          if (c == '<') {
            state_ = State::kOpen;
            name_.clear();
            empty_ = false;
          } else if (c == '&') {
            entity_.clear();
            state_ = State::kEntity;
            back_ = State::kText;
          } else {
            text(c);
          }
          break;
        }
        case State::kEntity:
          entity(c, at);
          break;
        case State::kOpen:
          if (c == '!' || c == '?') {
            state_ = State::kDeclaration;
            name_.assign(1, c);
          } else if (c == '/' || is_letter(c) || c == '_') {
            name_.assign(1, c);
            state_ = State::kName;
          } else {
            text('<');
            state_ = State::kText;
            --at;
          }
          break;
        case State::kName:
          if (c == '>' || is_blank(c) || (c == '/' && name_.size() > 1)) {
            state_ = State::kTag;
            closing_ = name_.front() == '/';
            empty_ = c == '/';
            tag_name();
            if (c == '>') end_tag();
          } else if (name_.size() < kNameBytesMax) {
            name_ += c;
          }
          break;
        case State::kTag:
          if (c == '>') {
            end_tag();
          } else if (c == '/') {
            empty_ = true;
          } else if (!is_blank(c)) {
            attribute_.assign(1, c);
            state_ = State::kAttribute;
          }
          break;
        case State::kAttribute:
          if (c == '>') {
            end_tag();
          } else if (c == '=') {
            state_ = State::kBeforeValue;
            value_bytes_ = 0;
            begin_value();
          } else if (is_blank(c)) {
            state_ = State::kAfterAttribute;
          } else if (attribute_.size() < kNameBytesMax) {
            attribute_ += c;
          }
          break;
        case State::kAfterAttribute:
          if (c == '=') {
            state_ = State::kBeforeValue;
            value_bytes_ = 0;
            begin_value();
          } else if (!is_blank(c)) {
            state_ = State::kTag;
            --at;
          }
          break;
        case State::kBeforeValue:
          if (is_blank(c)) break;
          if (c == '"' || c == '\'') {
            quote_ = c;
            state_ = State::kValue;
          } else {
            quote_ = 0;
            state_ = State::kValue;
            --at;
          }
          break;
        case State::kValue:
          if (quote_ != 0 ? c == quote_ : (is_blank(c) || c == '>')) {
            end_value();
            state_ = State::kTag;
            if (c == '>') end_tag();
          } else if (c == '&') {
            entity_.clear();
            state_ = State::kEntity;
            back_ = State::kValue;
          } else {
            value(c);
          }
          break;
        case State::kDeclaration:
          if (name_ == "!-" && c == '-') {
            state_ = State::kComment;
            dashes_ = 0;
            side("\n");
          } else if (name_ == "![CDATA" && c == '[') {
            state_ = State::kCdata;
            dashes_ = 0;
          } else if (c == '>') {
            state_ = State::kText;
          } else if (name_.size() < kNameBytesMax) {
            name_ += c;
          }
          break;
        case State::kComment:
          if (c == '>' && dashes_ >= 2) {
            side("\n");
            state_ = State::kText;
          } else if (c == '-') {
            ++dashes_;
          } else {
            for (; dashes_ > 0; --dashes_) side("-");
            side(std::string_view{&c, 1});
          }
          break;
        case State::kCdata:
          if (c == '>' && dashes_ >= 2) {
            state_ = State::kText;
          } else if (c == ']') {
            ++dashes_;
          } else {
            for (; dashes_ > 0; --dashes_) text(']');
            text(c);
          }
          break;
        case State::kRaw: {
          // Inside <script> and <style>: until their closing tag.
          const std::size_t end = std::min(in.find('<', at), in.size());
          raw(in.substr(at, end - at));
          at = end;
          if (at < in.size()) {
            state_ = State::kRawOpen;
            raw_close_ = "<";
          } else {
            --at;
          }
          break;
        }
        case State::kRawOpen: {
          const std::string wanted = "</" + raw_name_;
          raw_close_ += to_lower(c);
          if (raw_close_.size() <= wanted.size() &&
              wanted.compare(0, raw_close_.size(), raw_close_) == 0) {
            if (raw_close_.size() == wanted.size()) {
              name_ = "/" + raw_name_;
              state_ = State::kTag;
              closing_ = true;
              writer_brk();
            }
          } else {
            raw_close_.pop_back();
            raw(raw_close_);
            state_ = State::kRaw;
            --at;
          }
          break;
        }
      }
    }
  }
  void gap() override { finish_block(); }
  void finish() override {
    if (state_ == State::kEntity) {
      entity_.insert(0, 1, '&');
      for (const char c : entity_) text(c);
    }
    finish_block();
    writer_.finish();
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return out_.capacity() + side_.capacity() + writer_.memory_bytes();
  }

 private:
  enum class State : std::uint8_t {
    kText,
    kEntity,
    kOpen,
    kName,
    kTag,
    kAttribute,
    kAfterAttribute,
    kBeforeValue,
    kValue,
    kDeclaration,
    kComment,
    kCdata,
    kRaw,
    kRawOpen,
  };

  void flush(bool all) {
    // Never inside a character: bytes are appended one by one.
    std::size_t end = out_.size();
    if (!all) {
      while (end > 0 && (static_cast<std::uint8_t>(out_[end - 1]) & 0xc0) == 0x80) --end;
      if (end > 0 && static_cast<std::uint8_t>(out_[end - 1]) >= 0xc0) {
        --end;
      } else {
        end = out_.size();
      }
    }
    if (end == 0) return;
    writer_.write(std::string_view{out_}.substr(0, end), role_);
    out_.erase(0, end);
  }
  void text(char c) {
    if (skipped_ > 0) return;
    choice_had_text_ = choice_had_text_ || !is_blank(c);
    behind_text_ = behind_text_ || !is_blank(c);
    if (tables_ > 0 && is_blank(c) && (!cell_has_text_ || break_owed_)) return;
    if (markup_ == Markup::kHtml && is_blank(c)) c = ' ';
    if (tables_ > 0) {
      if (break_owed_) out_ += '\n';
      break_owed_ = false;
      cell_has_text_ = line_begun_ = true;
    }
    if (c == ' ' && markup_ != Markup::kOffice && !out_.empty() && out_.back() == ' ') return;
    out_ += c;
    if (out_.size() >= kOutBytes) flush(false);
  }
  void raw(std::string_view some) {
    for (const char c : some) {
      out_ += c;
      if (out_.size() >= kOutBytes) flush(false);
    }
  }
  // Text that stands beside what is read: attributes and comments.
  void side(std::string_view some) {
    if (side_.size() + some.size() > kSideBytesMax) finish_block();
    side_ += some;
  }
  void writer_brk() {
    flush(true);
    writer_.brk();
  }
  void finish_block() {
    flush(true);
    if (side_.find_first_not_of(" \n") != std::string::npos) {
      writer_.brk();
      writer_.write(side_, role_);
      writer_.brk();
    }
    side_.clear();
  }
  void entity(char c, std::size_t& at) {
    const bool ends = c == ';';
    const bool fits = is_alnum(c) || c == '#';
    if (!ends && fits && entity_.size() < kEntityBytesMax) {
      entity_ += c;
      return;
    }
    state_ = back_;
    std::string out;
    const std::uint32_t code = html_entity(entity_);
    if (code == 0) {
      out = "&" + entity_;
      if (ends) out += ';';
    } else {
      append_utf8(code, out);
    }
    for (const char byte : out) {
      if (state_ == State::kValue) {
        value(byte);
      } else {
        text(byte);
      }
    }
    if (!ends) --at;  // not of the entity
  }
  void tag_name() {
    if (closing_) name_.erase(0, 1);
    for (char& c : name_) {
      c = to_lower(c);
    }
    if (const std::size_t colon = name_.rfind(':'); colon != std::string::npos) {
      name_.erase(0, colon + 1);
    }
  }
  // Word writes what is in a text box twice: as it is, and for programs that do not know it
  // (ECMA-376 part 3). Whether this tag, or what is around it, is not to be told.
  bool skipped_tag() {
    if (name_ == "choice" && !closing_) choice_had_text_ = false;
    const std::string_view end = skipped_ > 0 ? skip_end_ : "fallback";
    if (skipped_ > 0 && name_ == end) {
      if (closing_) {
        --skipped_;
      } else if (!empty_) {
        ++skipped_;
      }
    } else if (skipped_ == 0 && !closing_ && !empty_ && name_ == "fallback" && choice_had_text_) {
      skipped_ = 1;
      skip_end_ = "fallback";
    } else if (skipped_ == 0 && master_ && !closing_ && name_ == "ph") {
      skipped_ = 1;
      skip_end_ = "sp";
    } else {
      return skipped_ > 0;
    }
    return true;
  }
  void end_tag() {
    state_ = State::kText;
    const bool behind_text = std::exchange(behind_text_, false);
    if (markup_ == Markup::kOffice && skipped_tag()) return;
    if (table_tag()) return;
    if (one_of(name_, std::begin(kBlocks), std::end(kBlocks)) &&
        (closing_ || markup_ != Markup::kOffice || name_ == "br" || name_ == "cr")) {
      if (!out_.empty() && out_.back() == ' ')
        out_.back() = '\n';
      else
        out_ += '\n';
      finish_block();
    } else if (one_of(name_, std::begin(kCells), std::end(kCells)) &&
               (closing_ || name_ == "tab")) {
      out_ += '\t';
    } else if (markup_ == Markup::kXml) {
      // Of elements without a known meaning each is a value of its own.
      if (closing_ && !out_.empty() && out_.back() != '\n') out_ += '\n';
    } else if (markup_ == Markup::kOffice &&
               ((closing_ && behind_text &&
                 !one_of(name_, std::begin(kInline), std::end(kInline))) ||
                (!closing_ && one_of(name_, std::begin(kWordEnds), std::end(kWordEnds))))) {
      out_ += tables_ > 0 ? ' ' : '\n';
    }
    if (markup_ == Markup::kOffice && name_ == "s" && !closing_) out_ += ' ';  // ODF's blanks
    if (markup_ == Markup::kHtml && !closing_ && (name_ == "script" || name_ == "style")) {
      raw_name_ = name_;
      writer_brk();
      state_ = State::kRaw;
    }
  }
  // A row of a table is a line, its cells end with tabs, as heads name what stands below them:
  // breaks that only end what is in a cell are left out, and attributes are told behind the table.
  bool table_tag() {
    if (one_of(name_, std::begin(kTables), std::end(kTables))) {
      if (!closing_) {
        ++tables_;
      } else if (tables_ > 0 && --tables_ == 0) {
        in_cell_ = false;
        row_break();
        finish_block();
      }
      return true;
    }
    if (tables_ == 0) return false;
    if (one_of(name_, std::begin(kRows), std::end(kRows))) {
      in_cell_ = false;
      row_break();
      return true;
    }
    if (name_ != "tab" && one_of(name_, std::begin(kCells), std::end(kCells))) {
      // In HTML a cell may begin before the one before it was ended.
      if (closing_ || in_cell_) {
        out_ += '\t';
        line_begun_ = true;
      }
      in_cell_ = !closing_;
      cell_has_text_ = break_owed_ = false;
      return true;
    }
    if (one_of(name_, std::begin(kBlocks), std::end(kBlocks))) {
      break_owed_ = cell_has_text_;
      return true;
    }
    return false;
  }
  void row_break() {
    if (line_begun_) out_ += '\n';
    line_begun_ = cell_has_text_ = break_owed_ = false;
    flush(true);
  }
  bool wanted_attribute() const {
    if (attribute_.compare(0, 5, "xmlns") == 0) return false;
    if (markup_ == Markup::kOffice) {
      if (skipped_ > 0) return false;
      for (const auto& [element, name] : kOfficeValues) {
        if (name_ == element && (attribute_ == name || (attribute_.compare(0, 2, "w:") == 0 &&
                                                        attribute_.compare(2, 48, name) == 0)))
          return true;
      }
      return attribute_ == "prompt" || attribute_ == "promptTitle" || attribute_ == "error" ||
             attribute_ == "tooltip" || attribute_ == "display" || attribute_ == "command" ||
             attribute_ == "connection" || attribute_ == "office:string-value" ||
             attribute_ == "form:current-value" || attribute_ == "form:value" ||
             attribute_ == "Target" || attribute_ == "author" || attribute_ == "descr" ||
             attribute_ == "title" || attribute_ == "xlink:href" || attribute_ == "w:author" ||
             attribute_ == "w:instr" || attribute_ == "name" || attribute_ == "office:value" ||
             attribute_ == "string" || attribute_ == "o:title";
    }
    if (markup_ == Markup::kHtml) {
      return attribute_ != "class" && attribute_ != "style" && attribute_ != "id";
    }
    return true;
  }
  void begin_value() {
    keep_value_ = wanted_attribute();
    if (!keep_value_) return;
    // A name that is too long may have been cut within a character.
    const Bytes name{reinterpret_cast<const std::uint8_t*>(attribute_.data()), attribute_.size()};
    attribute_.resize(valid_utf8_prefix(name));
    side(attribute_);
    side("=\"");
  }
  void value(char c) {
    if (!keep_value_) return;
    if (++value_bytes_ > kAttributeBytesMax && markup_ != Markup::kHtml) return;
    if (side_.size() >= kSideBytesMax) {
      // A long value (a data URI): told as it comes.
      flush(true);
      writer_.write(side_, role_);
      side_.clear();
    }
    side_ += c;
  }
  void end_value() {
    if (keep_value_) side("\"\n");
    attribute_.clear();
  }

  TextWriter writer_;
  std::string out_;
  std::string side_;
  std::string name_;
  std::string attribute_;
  std::string entity_;
  std::string raw_name_;
  std::string raw_close_;
  std::size_t value_bytes_ = 0;
  std::size_t dashes_ = 0;
  Role role_;
  Markup markup_;
  State state_ = State::kText;
  State back_ = State::kText;
  char quote_ = 0;
  std::uint32_t tables_ = 0;  // that are open
  bool in_cell_ = false;
  bool cell_has_text_ = false;
  bool break_owed_ = false;  // to the text that comes in the cell, if any does
  bool line_begun_ = false;  // of the row
  bool closing_ = false;
  bool keep_value_ = false;
  bool empty_ = false;            // the tag is its own end
  bool behind_text_ = false;      // since the last tag
  bool choice_had_text_ = false;  // of the alternatives that were begun last
  bool master_;
  std::uint32_t skipped_ = 0;  // elements that are open and not told
  std::string_view skip_end_;  // their name
};

}  // namespace

std::unique_ptr<TextSink> make_markup_text(BodyContext& context, std::uint32_t depth, Role role,
                                           Markup markup) {
  return std::make_unique<MarkupText>(context, depth, role, markup);
}

}  // namespace gnomon::content
