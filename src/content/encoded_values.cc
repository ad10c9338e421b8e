#include "encoded_values.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "gnomon/content/file_type.h"
#include "header_fields.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kHeadBytes = 256;      // by which a value is judged
constexpr std::size_t kValueBytesMin = 64;   // of one that may be a file
constexpr std::size_t kBeginBytesMax = 300;  // of a line "begin 644 name"
// To the ends of lines and to tabs.
constexpr std::string_view kBlankReferences[] = {"&#9;",   "&#10;",  "&#13;", "&#xA;",
                                                 "&#xa;",  "&#xD;",  "&#xd;", "&#x0A;",
                                                 "&#x0a;", "&#x0D;", "&#x0d;"};
constexpr std::size_t kUuLineMax = 96;
constexpr std::size_t kUuBytesMax = 45;  // of a line, decoded

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

class XmlText final : public TextSink {
 public:
  XmlText(BodyContext& context, std::uint32_t depth, Role role)
      : writer_(context, depth),
        values_(context, writer_, depth, EncodedValues::Of::kXml),
        role_(role) {}
  void write(std::string_view utf8) override {
    while (!utf8.empty()) {
      switch (state_) {
        case State::kText:
          read_text(utf8);
          break;
        case State::kTag:
          read_tag(utf8);
          break;
        case State::kCdata:
          read_cdata(utf8);
          break;
      }
    }
  }
  void gap() override {
    end_value(false);
    writer_.brk();
  }
  void next_message() override { gap(); }
  void finish() override {
    end_value(false);
    writer_.finish();
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return writer_.memory_bytes() + values_.memory_bytes();
  }

 private:
  enum class State : std::uint8_t { kText, kTag, kCdata };
  static constexpr std::string_view kCdataBegin = "<![CDATA[";
  static constexpr std::string_view kCdataEnd = "]]>";

  // Each takes some of the text, one byte at least.
  void read_text(std::string_view& utf8) {
    const std::size_t end = std::min(utf8.find('<'), utf8.size());
    if (end > 0) values_.write(utf8.substr(0, end), role_);
    utf8.remove_prefix(end);
    if (utf8.empty()) return;
    values_.end(true);
    state_ = State::kTag;
    matched_ = 0;
  }
  void read_tag(std::string_view& utf8) {
    // The tag's first bytes, as far as they are those of a marked section.
    std::size_t at = 0;
    while (at < utf8.size() && matched_ < kCdataBegin.size() && utf8[at] == kCdataBegin[matched_]) {
      ++at;
      ++matched_;
    }
    const bool cdata = matched_ == kCdataBegin.size();
    if (!cdata && at < utf8.size()) {
      matched_ = kCdataBegin.size() + 1;  // it is another
      at = std::min(utf8.find('>', at), utf8.size() - 1) + 1;
    }
    writer_.write(utf8.substr(0, at), role_);
    const bool ended = !cdata && at > 0 && utf8[at - 1] == '>';
    utf8.remove_prefix(at);
    if (!cdata && !ended) return;
    values_.begin();
    state_ = cdata ? State::kCdata : State::kText;
    matched_ = 0;
  }
  // What may be its end is kept back: it is not of the value.
  void read_cdata(std::string_view& utf8) {
    if (matched_ == 0) {
      const std::size_t end = std::min(utf8.find(']'), utf8.size());
      if (end > 0) values_.write(utf8.substr(0, end), role_);
      utf8.remove_prefix(end);
      if (utf8.empty()) return;
    }
    if (utf8.front() == kCdataEnd[matched_]) {
      ++matched_;
      utf8.remove_prefix(1);
      if (matched_ < kCdataEnd.size()) return;
      values_.end(true);
      writer_.write(kCdataEnd, role_);
      values_.begin();
      state_ = State::kText;
    } else if (utf8.front() == ']') {  // "]]]>": the first of them is text
      values_.write(kCdataEnd.substr(0, 1), role_);
      utf8.remove_prefix(1);
      return;
    } else {
      values_.write(kCdataEnd.substr(0, matched_), role_);
    }
    matched_ = 0;
  }
  void end_value(bool whole) {
    values_.end(whole);
    if (state_ == State::kCdata && matched_ > 0)
      writer_.write(kCdataEnd.substr(0, matched_), role_);
    if (state_ == State::kCdata) matched_ = 0;
  }

  TextWriter writer_;
  EncodedValues values_;
  Role role_;
  std::size_t matched_ = 0;  // of what begins or ends a marked section
  State state_ = State::kText;
};

// The bytes of a line, or nothing where it is none of uuencode's (POSIX uuencode).
bool uu_line(std::string_view line, std::vector<std::uint8_t>& out) {
  out.clear();
  if (line.empty()) return false;
  const auto value = [&](std::size_t at) {
    // Blanks at the end of a line are lost on the way.
    return at < line.size() ? static_cast<std::uint32_t>(line[at] - ' ') & 0x3f : 0U;
  };
  if (std::any_of(line.begin(), line.end(), [](char c) { return c < ' ' || c > '`'; }))
    return false;
  const std::size_t count = value(0);
  if (count > kUuBytesMax || line.size() > 1 + (count + 2) / 3 * 4 + 2) return false;
  for (std::size_t at = 1; out.size() < count; at += 4) {
    const std::uint32_t bits =
        value(at) << 18 | value(at + 1) << 12 | value(at + 2) << 6 | value(at + 3);
    for (unsigned shift = 16;; shift -= 8) {
      if (out.size() < count) out.push_back(static_cast<std::uint8_t>(bits >> shift & 0xff));
      if (shift == 0) break;
    }
  }
  return true;
}

class UuText final : public TextSink {
 public:
  UuText(BodyContext& context, std::uint32_t depth, Role role, std::unique_ptr<TextSink> next)
      : context_(context), depth_(depth), role_(role), next_(std::move(next)) {}

  void write(std::string_view utf8) override {
    while (!utf8.empty()) {
      const std::size_t end = utf8.find('\n');
      const std::size_t some = end == utf8.npos ? utf8.size() : end + 1;
      piece(utf8.substr(0, some));
      utf8.remove_prefix(some);
    }
  }
  void gap() override {
    end_file(false);
    next_->gap();
  }
  void next_message() override {
    end_file(false);
    next_->next_message();
  }
  void finish() override {
    end_file(false);
    next_->finish();
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return line_.capacity() + begin_.capacity() + next_->memory_bytes() +
           (part_ ? part_->memory_bytes() : 0);
  }

 private:
  // A line, or a piece of one.
  void piece(std::string_view text) {
    const bool ends = text.back() == '\n';
    if (passing_) {
      next_->write(text);
      passing_ = !ends;
      return;
    }
    line_ += text;
    const std::size_t most = in_file() ? kUuLineMax : kBeginBytesMax;
    constexpr std::string_view kBegin = "begin ";
    const bool may_begin = kBegin.substr(0, line_.size()) == line_.substr(0, kBegin.size());
    if (!in_file() && !may_begin) return pass_line(ends);
    if (line_.size() > most) {
      end_file(false);
      return pass_line(ends);
    }
    if (!ends) return;
    if (!in_file()) {
      if (!begins_file()) pass_line(true);
      return;
    }
    take_line();
  }
  [[nodiscard]] bool in_file() const { return !begin_.empty(); }
  void pass_line(bool ends) {
    const std::string line = std::exchange(line_, {});
    if (!line.empty()) next_->write(line);
    passing_ = !ends;
  }
  bool begins_file() {
    std::string_view rest = std::string_view{line_}.substr(6);
    std::size_t digits = 0;
    while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '7') ++digits;
    if (digits < 3 || digits > 4 || rest.substr(digits, 1) != " ") return false;
    begin_ = std::exchange(line_, {});
    name_ = begin_.substr(7 + digits);
    while (!name_.empty() && is_blank(name_.back())) name_.pop_back();
    return true;
  }
  void take_line() {
    std::string_view line = line_;
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (line == "end" && part_) {
      line_.clear();
      end_file(true);
    } else if (!uu_line(line, bytes_)) {
      end_file(false);
      pass_line(true);
    } else {
      line_.clear();
      if (!part_) {
        PartHints hints;
        hints.file_name = base_name(name_);
        hints.role = role_;
        hints.file = true;
        hints.attachment = true;
        part_ = make_part_reader(context_, hints, depth_ + 1);
      }
      if (!bytes_.empty()) part_->write(Bytes{bytes_});
    }
  }
  void end_file(bool complete) {
    const std::string begin = std::exchange(begin_, {});
    if (part_) {
      part_->finish(complete);
      part_.reset();
    } else if (!begin.empty()) {
      next_->write(begin);  // words, not a file
    }
    if (!complete && !line_.empty()) pass_line(line_.back() == '\n');
  }

  BodyContext& context_;
  std::uint32_t depth_;
  Role role_;
  std::unique_ptr<TextSink> next_;
  std::unique_ptr<ByteSink> part_;
  std::vector<std::uint8_t> bytes_;
  std::string line_;
  std::string begin_;  // the line that began the file
  std::string name_;
  bool passing_ = false;  // the rest of a line
};

}  // namespace

void EncodedValues::begin() {
  end(true);
  state_ = State::kHead;
}

// Takes what may be a reference to a blank, or goes on with one. False: it is none.
bool EncodedValues::take_reference(std::string_view& text) {
  while (!text.empty()) {
    const std::string longer = reference_ + text.front();
    const auto begins = [&](std::string_view each) { return each.starts_with(longer); };
    if (std::none_of(std::begin(kBlankReferences), std::end(kBlankReferences), begins))
      return false;
    reference_ = longer;
    text.remove_prefix(1);
    if (reference_.back() != ';') continue;
    if (state_ == State::kHead) head_ += reference_;
    reference_.clear();
    return true;
  }
  return true;
}

// The value is no file, or something stands behind it.
void EncodedValues::refuse() {
  if (state_ == State::kHead) writer_.write(std::exchange(head_, {}), role_);
  const std::string reference = std::exchange(reference_, {});
  end(false);
  if (!reference.empty()) writer_.write(reference, role_);
}

void EncodedValues::write(std::string_view text, Role role) {
  role_ = role;
  const auto fits = [](char c) { return base64_digit(c) != 0xff || c == '=' || is_blank(c); };
  while (!text.empty()) {
    if (state_ == State::kText) return writer_.write(text, role);
    if (!reference_.empty() || (xml_ && text.front() == '&')) {
      if (!take_reference(text)) refuse();
    } else {
      std::size_t at = 0;
      const std::size_t most = state_ == State::kHead ? kHeadBytes - head_.size() : text.size();
      while (at < std::min(most, text.size()) && fits(text[at])) ++at;
      if (state_ == State::kHead) {
        head_.append(text.substr(0, at));
      } else {
        part_->write(text.substr(0, at));
      }
      text.remove_prefix(at);
      const bool reference = xml_ && !text.empty() && text.front() == '&';
      if (!text.empty() && !reference && head_.size() < kHeadBytes) refuse();
    }
    if (state_ == State::kHead && head_.size() >= kHeadBytes) decide(false);
  }
}

void EncodedValues::decide(bool whole) {
  std::string digits;
  std::string_view rest{head_};
  while (!rest.empty()) {
    // Only whole references to blanks were taken.
    const std::size_t taken = rest.front() == '&' ? rest.find(';') + 1 : 1;
    if (taken == 1 && !is_blank(rest.front())) digits += rest.front();
    rest.remove_prefix(taken);
  }
  const std::string head = std::exchange(head_, {});
  state_ = State::kText;
  if (digits.size() >= kValueBytesMin && looks_like_base64(digits, whole)) {
    Base64Decoder decoder;
    std::vector<std::uint8_t> bytes;
    decoder.write(digits, bytes);
    const FileType type = file_type_of(Bytes{bytes}, {}, {});
    if (type.family != FileFamily::kBinary && type.name != "mp3" && type.name != "bmp") {
      if (whole) writer_.write(head, role_);  // short enough to be a secret itself
      PartHints hints;
      hints.role = role_;
      hints.file = true;
      hints.attachment = true;
      part_ = std::make_unique<Base64Part>(context_, hints, depth_ + 1);
      part_->write(digits);
      state_ = State::kData;
      return;
    }
  }
  if (!head.empty()) writer_.write(head, role_);
}

void EncodedValues::end(bool whole) {
  if (!reference_.empty()) return refuse();
  if (state_ == State::kHead) decide(true);
  if (part_) part_->finish(whole);
  part_.reset();
  state_ = State::kText;
}

std::unique_ptr<TextSink> make_xml_text(BodyContext& context, std::uint32_t depth, Role role) {
  return std::make_unique<XmlText>(context, depth, role);
}

std::unique_ptr<TextSink> make_uu_text(BodyContext& context, std::uint32_t depth, Role role,
                                       std::unique_ptr<TextSink> next) {
  return std::make_unique<UuText>(context, depth, role, std::move(next));
}

}  // namespace gnomon::content
