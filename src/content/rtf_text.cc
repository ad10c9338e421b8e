#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "code_pages.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/content/text_decoder.h"
#include "text_formats.h"
#include "text_guess.h"
#include "text_writer.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kGroupsMax = 256;
constexpr std::size_t kWordBytesMax = 32;
constexpr std::size_t kOutBytes = 2048;
constexpr std::size_t kFontsMax = 1024;

// Destinations that hold no text of the document.
constexpr std::string_view kSilent[] = {"fonttbl",
                                        "colortbl",
                                        "stylesheet",
                                        "pict",
                                        "objdata",
                                        "themedata",
                                        "colorschememapping",
                                        "datastore",
                                        "latentstyles",
                                        "listtable",
                                        "listoverridetable",
                                        "rsidtbl",
                                        "generator",
                                        "xmlnstbl",
                                        "mmathPr",
                                        "blipuid",
                                        "panose",
                                        "falt",
                                        "filetbl",
                                        "revtbl",
                                        "bkmkstart",
                                        "bkmkend",
                                        "fldtype",
                                        "listname",
                                        "pgptbl"};
// After \*, which says "skip what you do not know", these are known.
constexpr std::string_view kKnown[] = {
    "fldinst",  "annotation",   "atnauthor", "atnid",   "footnote",  "shpinst",
    "shptxt",   "nonesttables", "company",   "manager", "hlinkbase", "userprops",
    "propname", "staticval",    "shppict",   "htmltag", "upr",       "ud"};

// What stands beside the running text: its words are its own.
constexpr std::string_view kBeside[] = {
    "title",     "subject",    "author",    "manager", "company",   "operator",
    "category",  "keywords",   "comment",   "doccomm", "hlinkbase", "propname",
    "staticval", "annotation", "atnauthor", "atnid",   "footnote",  "shptxt",
    "sn",        "sv",         "fldinst",   "header",  "headerl",   "headerr",
    "headerf",   "footer",     "footerl",   "footerr", "footerf"};

// Rich Text Format 1.9.1. It comes as UTF-8 (which RTF itself is not: it is ASCII).
class RtfText final : public TextSink {
 public:
  RtfText(BodyContext& context, std::uint32_t depth, Role role)
      : context_(context), writer_(context, depth), role_(role) {
    groups_.push_back({});
  }

  void write(std::string_view in) override {
    for (std::size_t at = 0; at < in.size();) {
      const char c = in[at];
      switch (state_) {
        case State::kText: {
          ++at;
          // The rest of a character that was passed over goes with it.
          const bool inside = (static_cast<std::uint8_t>(c) & 0xc0) == 0x80;
          if (inside && swallow_) break;
          swallow_ = false;
          if (c == '\\') {
            state_ = State::kControl;
          } else if (c == '{') {
            open();
          } else if (c == '}') {
            close();
          } else if (c != '\r' && c != '\n') {
            if (skip_ > 0) {
              --skip_;
              swallow_ = true;
            } else {
              put(c);
            }
          }
          break;
        }
        case State::kControl:
          ++at;
          if (is_letter(c)) {
            word_.assign(1, c);
            number_ = 0;
            has_number_ = negative_ = false;
            state_ = State::kWord;
          } else if (c == '\'') {
            digits_ = 0;
            code_ = 0;
            state_ = State::kHex;
          } else {
            state_ = State::kText;
            if (skip_ > 0 && c != '*') {  // stands for a \u character, whole
              --skip_;
              swallow_ = true;
            } else if (c == '*') {
              groups_.back().star = groups_.back().first;  // elsewhere it means nothing
            } else if (c == '~') {
              put(' ');
            } else if (c == '\n' || c == '\r') {
              put('\n');
            } else if (c == '_') {
              put('-');
            } else if (c != '-') {
              put(c);
            }
          }
          break;
        case State::kWord:
          if (!has_number_ && is_letter(c)) {
            if (word_.size() < kWordBytesMax) word_ += c;
            ++at;
          } else if (!has_number_ && c == '-' && !negative_) {
            negative_ = true;
            ++at;
          } else if (is_digit(c)) {
            has_number_ = true;
            number_ = std::min<std::int64_t>(number_ * 10 + (c - '0'), 1LL << 40);
            ++at;
          } else {
            if (c == ' ') ++at;
            state_ = State::kText;
            control();
          }
          break;
        case State::kHex: {
          ++at;
          const int digit = hex_value(c);
          if (digit < 0) {
            state_ = State::kText;
            swallow_ = true;
            break;
          }
          code_ = code_ * 16 + static_cast<std::uint32_t>(digit);
          if (++digits_ == 2) {
            state_ = State::kText;
            if (skip_ > 0) {
              --skip_;
            } else if (!silent()) {
              flush_bytes();
              code_byte(static_cast<std::uint8_t>(code_));
            }
          }
          break;
        }
        case State::kBinary: {
          const std::size_t some =
              static_cast<std::size_t>(std::min<std::uint64_t>(binary_left_, in.size() - at));
          at += some;
          binary_left_ -= some;
          if (binary_left_ == 0) state_ = State::kText;
          swallow_ = true;
          break;
        }
      }
    }
  }
  void gap() override { flush(); }
  void finish() override {
    if (state_ == State::kWord) control();
    if (groups_.size() > 1) ++context_.counters.malformed;
    flush();
    writer_.finish();
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return out_.capacity() + groups_.capacity() * sizeof(Group) + writer_.memory_bytes();
  }

 private:
  enum class State : std::uint8_t { kText, kControl, kWord, kHex, kBinary };
  struct Group {
    std::uint32_t fallback = 1;  // bytes that stand for a \u character
    Charset charset = Charset::kLatin1;
    bool fonts = false;  // in the table of fonts
    bool silent = false;
    bool star = false;  // \* came
    bool first = true;  // no control word yet
    bool beside = false;
  };

  [[nodiscard]] bool silent() const { return groups_.back().silent; }
  void open() {
    skip_ = 0;
    if (groups_.size() >= kGroupsMax) {
      ++deeper_;
      return;
    }
    Group group = groups_.back();
    group.star = false;
    group.first = true;
    group.beside = false;
    groups_.push_back(group);
  }
  void close() {
    skip_ = 0;
    if (deeper_ > 0) {
      --deeper_;
    } else if (groups_.size() > 1) {
      if (groups_.back().beside) put('\n');
      groups_.pop_back();
    }
  }
  // A byte of the code page of the font in use. Of two-byte characters the second may come as
  // itself.
  void code_byte(std::uint8_t byte) {
    const Charset charset = groups_.back().charset;
    if (!decoder_ || decoder_charset_ != charset) {
      decoder_.emplace(charset);
      decoder_charset_ = charset;
    }
    half_ = charset >= Charset::kGbk && !half_ && byte >= 0x80;
    decoder_->write(Bytes{&byte, 1}, out_);
  }
  // Which code pages fonts have, and which font is in use.
  void font_word(Group& group, std::int64_t value) {
    if (word_ == "ansicpg") {
      groups_.front().charset = group.charset = ansi_ = charset_of_page(value);
    } else if (word_ == "f" && group.fonts) {
      font_ = value;
    } else if (word_ == "fcharset" && group.fonts) {
      // 1 is the document's own; 0 is Windows-1252 whatever that is.
      if (fonts_.size() < kFontsMax) fonts_[font_] = value == 1 ? ansi_ : charset_of_font(value);
    } else if (word_ == "f") {
      const auto found = fonts_.find(value);
      group.charset = found == fonts_.end() ? ansi_ : found->second;
    } else if (word_ == "plain") {
      group.charset = ansi_;
    }
  }
  void put(char c) {
    if (silent()) return;
    if (half_) {
      if (static_cast<std::uint8_t>(c) < 0x80) {
        code_byte(static_cast<std::uint8_t>(c));
        return;
      }
      half_ = false;
      decoder_.reset();
    }
    groups_.back().first = false;
    out_ += c;
    flush_bytes();
  }
  void flush_bytes() {
    if (out_.size() < kOutBytes || (static_cast<std::uint8_t>(out_.back()) & 0x80) != 0) return;
    flush();
  }
  void flush() {
    if (out_.empty()) return;
    writer_.write(out_, role_);
    out_.clear();
  }
  void control() {
    Group& group = groups_.back();
    const std::int64_t value = negative_ ? -number_ : number_;
    const bool first = group.first;
    group.first = false;
    if (first && word_ == "fonttbl") group.fonts = true;
    font_word(group, value);
    if (word_ == "bin") {
      binary_left_ = value > 0 ? static_cast<std::uint64_t>(value) : 0;
      if (binary_left_ > 0) state_ = State::kBinary;
      return;
    }
    if (first || group.star) {
      if (std::find(std::begin(kSilent), std::end(kSilent), word_) != std::end(kSilent)) {
        group.silent = true;
        return;
      }
      if (group.star &&
          std::find(std::begin(kKnown), std::end(kKnown), word_) == std::end(kKnown)) {
        group.silent = true;
        return;
      }
      if (!group.silent &&
          std::find(std::begin(kBeside), std::end(kBeside), word_) != std::end(kBeside)) {
        put('\n');
        group.beside = true;
      }
    }
    group.star = false;
    if (word_ == "u" && has_number_) {
      if (!group.silent) {
        const auto unit = static_cast<std::uint32_t>(value < 0 ? value + 65536 : value);
        if (unit >= 0xd800 && unit < 0xdc00) {
          high_ = unit;
        } else if (unit >= 0xdc00 && unit < 0xe000 && high_ != 0) {
          append_utf8(0x10000 + ((high_ - 0xd800) << 10) + (unit - 0xdc00), out_);
          high_ = 0;
        } else {
          append_utf8(unit, out_);
        }
      }
      skip_ = group.fallback;
      return;
    }
    if (word_ == "uc") {
      group.fallback = static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 0, 8));
    } else if (word_ == "par" || word_ == "line" || word_ == "row" || word_ == "sect" ||
               word_ == "page" || word_ == "nestrow") {
      put('\n');
    } else if (word_ == "tab" || word_ == "cell" || word_ == "nestcell") {
      put('\t');
    } else if (word_ == "emdash" || word_ == "endash") {
      put('-');
    } else if (word_ == "lquote" || word_ == "rquote") {
      put('\'');
    } else if (word_ == "ldblquote" || word_ == "rdblquote") {
      put('"');
    } else if (word_ == "emspace" || word_ == "enspace") {
      put(' ');
    }
  }

  BodyContext& context_;
  TextWriter writer_;
  std::vector<Group> groups_;
  std::string out_;
  std::string word_;
  std::map<std::int64_t, Charset> fonts_;
  std::int64_t font_ = 0;
  Charset ansi_ = Charset::kLatin1;
  std::optional<TextDecoder> decoder_;
  Charset decoder_charset_ = Charset::kLatin1;
  bool half_ = false;  // of a two-byte character was read
  std::int64_t number_ = 0;
  std::uint64_t deeper_ = 0;
  std::uint64_t binary_left_ = 0;
  std::uint32_t code_ = 0;
  std::uint32_t high_ = 0;
  std::uint32_t skip_ = 0;
  Role role_;
  State state_ = State::kText;
  std::uint8_t digits_ = 0;
  bool has_number_ = false;
  bool negative_ = false;
  bool swallow_ = false;  // bytes inside a character whose first byte was passed over
};

}  // namespace

std::unique_ptr<TextSink> make_rtf_text(BodyContext& context, std::uint32_t depth, Role role) {
  return std::make_unique<RtfText>(context, depth, role);
}

}  // namespace gnomon::content
