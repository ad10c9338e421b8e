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
constexpr std::size_t kUuLineMax = 96;
constexpr std::size_t kUuBytesMax = 45;  // of a line, decoded

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

class XmlText final : public TextSink {
 public:
  XmlText(BodyContext& context, std::uint32_t depth, Role role)
      : writer_(context, depth), values_(context, writer_, depth), role_(role) {}
  void write(std::string_view utf8) override {
    while (!utf8.empty()) {
      const char mark = in_tag_ ? '>' : '<';
      const std::size_t end = std::min(utf8.find(mark), utf8.size());
      const std::string_view some = utf8.substr(0, end);
      utf8.remove_prefix(end);
      if (in_tag_) {
        const std::size_t count = some.size() + (utf8.empty() ? 0 : 1);
        writer_.write({some.data(), count}, role_);
      } else if (!some.empty()) {
        values_.write(some, role_);
      }
      if (utf8.empty()) return;
      if (in_tag_) {
        utf8.remove_prefix(1);
        values_.begin();
      } else {
        values_.end(true);
      }
      in_tag_ = !in_tag_;
    }
  }
  void gap() override {
    values_.end(false);
    writer_.brk();
  }
  void next_message() override { gap(); }
  void finish() override {
    values_.end(false);
    writer_.finish();
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return writer_.memory_bytes() + values_.memory_bytes();
  }

 private:
  TextWriter writer_;
  EncodedValues values_;
  Role role_;
  bool in_tag_ = false;
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

void EncodedValues::write(std::string_view text, Role role) {
  role_ = role;
  const auto fits = [](char c) { return base64_digit(c) != 0xff || c == '=' || is_blank(c); };
  while (!text.empty()) {
    if (state_ == State::kText) return writer_.write(text, role);
    std::size_t at = 0;
    const std::size_t most = state_ == State::kHead ? kHeadBytes - head_.size() : text.size();
    while (at < std::min(most, text.size()) && fits(text[at])) ++at;
    if (state_ == State::kHead) {
      head_.append(text.substr(0, at));
    } else {
      part_->write(text.substr(0, at));
    }
    text.remove_prefix(at);
    if (state_ == State::kHead && head_.size() == kHeadBytes) {
      decide(false);
    } else if (!text.empty()) {
      // None, or something behind it.
      if (state_ == State::kHead) writer_.write(std::exchange(head_, {}), role);
      end(false);
    }
  }
}

void EncodedValues::decide(bool whole) {
  std::string digits;
  for (const char c : head_) {
    if (!is_blank(c)) digits += c;
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
