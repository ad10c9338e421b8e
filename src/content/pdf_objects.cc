#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document_reader.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/content/text_decoder.h"
#include "header_fields.h"
#include "pdf_filters.h"
#include "text_formats.h"
#include "text_guess.h"
#include "text_writer.h"

// What a PDF holds beside its pages (ISO 32000-1): comments, form fields, bookmarks, properties,
// targets of links, XFA forms and attached files. Its objects are read one after another as they
// lie in the file, without the tables that tell where they are, so a damaged one is read too.
namespace gnomon::content {
namespace {

constexpr std::size_t kStringBytesMax = std::size_t{1} << 20;
constexpr std::size_t kNestingMax = 64;
constexpr std::size_t kStreamsMax = 100'000;
constexpr std::size_t kFilesMax = 4;  // of one name

// Keys whose strings are read by people.
constexpr std::string_view kTold[] = {"Contents", "RC",   "V",        "DV",  "TU",  "Title",
                                      "Subject",  "Subj", "Keywords", "URI", "Opt", "JS",
                                      "Alt",      "Desc", "Author",   "CA"};
// Keys whose streams are.
constexpr std::string_view kToldStreams[] = {"XFA", "RC", "V", "JS"};

template <std::size_t N>
bool one_of(std::string_view name, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool is_blank(std::uint8_t c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0;
}
bool is_delimiter(std::uint8_t c) {
  return c == '(' || c == ')' || c == '<' || c == '>' || c == '[' || c == ']' || c == '/' ||
         c == '%';
}

struct Token {
  enum class Kind : std::uint8_t { kEnd, kName, kString, kWord, kOpen, kClose, kBracket };
  Kind kind = Kind::kEnd;
  std::string text;  // of names and strings without their marks and escapes
};

// Takes tokens off the bytes; each takes one byte at least.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  Token next() {
    skip_blanks();
    Token token;
    if (at_ >= text_.size()) return token;
    const char c = text_[at_];
    if (c == '/') {
      ++at_;
      token.kind = Token::Kind::kName;
      take_name(token.text);
    } else if (c == '(') {
      token.kind = Token::Kind::kString;
      take_string(token.text);
    } else if (text_.substr(at_, 2) == "<<" || text_.substr(at_, 2) == ">>") {
      token.kind = c == '<' ? Token::Kind::kOpen : Token::Kind::kClose;
      at_ += 2;
    } else if (c == '<') {
      token.kind = Token::Kind::kString;
      take_hex(token.text);
    } else if (is_delimiter(static_cast<std::uint8_t>(c))) {
      token.kind = Token::Kind::kBracket;
      token.text = c;
      ++at_;
    } else {
      token.kind = Token::Kind::kWord;
      take_name(token.text);
    }
    return token;
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  void go_to(std::size_t at) { at_ = at; }

 private:
  void skip_blanks() {
    while (at_ < text_.size()) {
      if (text_[at_] == '%') {
        at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
      } else if (is_blank(static_cast<std::uint8_t>(text_[at_]))) {
        ++at_;
      } else {
        return;
      }
    }
  }
  void take_name(std::string& out) {
    while (at_ < text_.size()) {
      const auto c = static_cast<std::uint8_t>(text_[at_]);
      if (is_blank(c) || is_delimiter(c)) return;
      ++at_;
      if (out.size() < 128) out += static_cast<char>(c);
    }
  }
  // 7.3.4.2: brackets in pairs stand for themselves.
  void take_string(std::string& out) {
    std::size_t open = 1;
    for (++at_; at_ < text_.size() && out.size() < kStringBytesMax; ++at_) {
      char c = text_[at_];
      if (c == '\\') {
        if (++at_ >= text_.size()) return;
        c = text_[at_];
        constexpr std::string_view kFrom = "nrtbf";
        constexpr std::string_view kTo = "\n\r\t\b\f";
        if (const std::size_t which = kFrom.find(c); which != kFrom.npos) {
          out += kTo[which];
        } else if (c >= '0' && c <= '7') {
          unsigned value = 0;
          std::size_t digits = 0;
          for (; digits < 3 && at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '7';
               ++digits) {
            value = value * 8 + static_cast<unsigned>(text_[at_++] - '0');
          }
          --at_;
          out += static_cast<char>(value);
        } else if (c == '\r') {
          if (text_.substr(at_ + 1, 1) == "\n") ++at_;
        } else if (c != '\n') {
          out += c;
        }
        continue;
      }
      if (c == '(') ++open;
      if (c == ')' && --open == 0) {
        ++at_;
        return;
      }
      out += c;
    }
  }
  void take_hex(std::string& out) {
    int high = -1;
    for (++at_; at_ < text_.size() && out.size() < kStringBytesMax; ++at_) {
      if (text_[at_] == '>') {
        ++at_;
        break;
      }
      const int digit = hex_value(text_[at_]);
      if (digit < 0) continue;
      if (high >= 0) out += static_cast<char>(high * 16 + digit);
      high = high < 0 ? digit : -1;
    }
    if (high >= 0) out += static_cast<char>(high * 16);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// 7.9.2.2: UTF-16 or UTF-8 with a mark, else nearly Latin-1.
std::string utf8_of(std::string_view string) {
  Charset charset = Charset::kLatin1;
  if (string.starts_with("\xfe\xff")) charset = Charset::kUtf16Be;
  if (string.starts_with("\xff\xfe")) charset = Charset::kUtf16Le;
  if (string.starts_with("\xef\xbb\xbf")) charset = Charset::kUtf8;
  std::string raw;
  TextDecoder decoder{charset};
  decoder.write(as_bytes(string), raw);
  decoder.finish(raw);
  std::string out;
  for (const char c : raw) out += c == '\r' ? '\n' : c == '\0' ? ' ' : c;
  return out;
}

// What a dictionary says of the stream behind it, and what in it is told.
struct Object {
  std::uint32_t number = 0;
  std::string type;
  std::string subtype;
  PdfPacking packing;
  bool appearance = false;  // is drawn on the page, where its text is read
  std::string title;        // of a form's field
  std::string text;
  std::string file_name;
  std::vector<std::uint32_t> files;  // streams of that name
};

struct Stream {
  std::string_view data;
  PdfPacking packing;
};

class PdfObjects {
 public:
  PdfObjects(BodyContext& context, std::string_view bytes, Role role, std::uint32_t depth)
      : context_(context), bytes_(bytes), role_(role), depth_(depth), writer_(context, depth) {}

  void read() {
    read_objects(bytes_, false);
    writer_.finish();
    for (const auto& [number, stream] : files_) {
      if (context_.stopped) return;
      const auto name = names_.find(number);
      tell_file(name == names_.end() ? std::string{} : name->second, stream);
    }
    for (const std::uint32_t number : told_streams_) {
      const auto stream = streams_.find(number);
      if (stream == streams_.end() || context_.stopped) continue;
      const std::string data = decoded(stream->second);
      if (data.empty() || !context_.admit(data.size())) continue;
      const auto text =
          make_text_stage(context_, {}, make_markup_text(context_, depth_, role_, Markup::kXml));
      context_.brk();
      text->write(as_bytes(data));
      text->finish(true);
      context_.brk();
    }
  }

 private:
  // Objects in the file, or in an object stream (7.5.7), where they stand without "obj".
  void read_objects(std::string_view text, bool in_stream) {
    Tokens tokens{text};
    Object object;
    std::string key;
    std::array<std::string, 2> words;  // that came last: "12 0" of "12 0 R" and "12 0 obj"
    std::size_t nesting = 0;
    bool holds_file = false;
    while (!context_.stopped) {
      const Token token = tokens.next();
      switch (token.kind) {
        case Token::Kind::kEnd:
          tell(object);
          return;
        case Token::Kind::kOpen:
          if (nesting < kNestingMax) ++nesting;
          if (key == "EF") holds_file = true;
          break;
        case Token::Kind::kClose:
          nesting -= nesting > 0 ? 1 : 0;
          if (nesting == 0) {
            if (in_stream) tell(object);
            holds_file = false;
          }
          key.clear();
          break;
        case Token::Kind::kName:
          // A name behind one of these keys is its value.
          if (key == "Type") {
            if (nesting <= 1) object.type = token.text;
          } else if (key == "Subtype" || key == "S") {
            if (nesting <= 1) object.subtype = token.text;
          } else if ((key == "Filter" || key == "F") && is_filter(token.text)) {
            if (object.packing.filters.size() < kPdfFiltersMax)
              object.packing.filters.push_back(pdf_filter_named(token.text));
            break;  // more may follow
          } else {
            key = token.text;
            if (key == "AP") object.appearance = true;
            break;
          }
          key.clear();
          break;
        case Token::Kind::kString:
          take_string(object, key, token.text, nesting);
          break;
        case Token::Kind::kBracket:
          if (token.text == "]" && key != "Filter") key.clear();
          break;
        case Token::Kind::kWord:
          if (token.text == "R") {
            take_reference(object, key, number_of(words[0]), holds_file);
          } else if (token.text == "obj") {
            tell(object);
            object.number = number_of(words[0]);
            nesting = 0;
            key.clear();
          } else if (token.text == "stream" && !in_stream) {
            take_stream(object, tokens, text);
            object.packing = {};
            object.type.clear();
          } else if (token.text == "endobj") {
            tell(object);
          }
          if (key == "EarlyChange" && token.text == "0") object.packing.early_change = false;
          words[0] = std::exchange(words[1], token.text);
          break;
      }
    }
  }

  static bool is_filter(std::string_view name) {
    return name.ends_with("Decode") || pdf_filter_named(name) != PdfFilter::kOther;
  }
  static std::uint32_t number_of(std::string_view word) {
    std::uint32_t number = 0;
    for (const char c : word.substr(0, 9)) {
      if (!is_digit(c)) return 0;
      number = number * 10 + static_cast<std::uint32_t>(c - '0');
    }
    return number;
  }

  void take_string(Object& object, std::string_view key, std::string_view string,
                   std::size_t nesting) {
    if (key == "T") object.title = utf8_of(string);
    if (key == "UF" || (key == "F" && object.file_name.empty())) object.file_name = utf8_of(string);
    // A string that is an object of its own is the value of a key elsewhere.
    if (!one_of(key, kTold) && !(nesting == 0 && key.empty() && object.number != 0)) return;
    // What is drawn is told with the page.
    if ((key == "V" || key == "DV" || key == "CA") && object.appearance) return;
    if (object.text.size() > kStringBytesMax) return;
    const std::string text = utf8_of(string);
    if (key == "V" && !object.title.empty()) object.text += object.title + ": ";
    object.text += text;
    object.text += '\n';
  }
  void take_reference(Object& object, std::string_view key, std::uint32_t number, bool holds_file) {
    if (number == 0 || names_.size() + told_streams_.size() > kStreamsMax) return;
    if (holds_file && (key == "F" || key == "UF") && object.files.size() < kFilesMax)
      object.files.push_back(number);
    if (one_of(key, kToldStreams)) told_streams_.insert(number);
  }

  void take_stream(const Object& object, Tokens& tokens, std::string_view text) {
    std::size_t begin = tokens.at();
    if (text.substr(begin, 2) == "\r\n") {
      begin += 2;
    } else if (begin < text.size()) {
      ++begin;
    }
    const std::size_t end = std::min(text.find("endstream", begin), text.size());
    tokens.go_to(end);
    if (begin >= end) return;
    const Stream stream{text.substr(begin, end - begin), object.packing};
    if (object.type == "ObjStm") {
      const std::string objects = decoded(stream);
      if (context_.admit(objects.size())) read_objects(objects, true);
    } else if (object.type == "EmbeddedFile") {
      if (files_.size() < context_.limits.parts_max) files_.emplace_back(object.number, stream);
    } else if (object.type == "Metadata") {
      told_streams_.insert(object.number);
      streams_[object.number] = stream;
    } else if (object.subtype != "Image" && object.type != "XRef" &&
               streams_.size() < kStreamsMax) {
      streams_[object.number] = stream;
    }
  }

  static std::string decoded(const Stream& stream) {
    return pdf_unpacked(stream.data, stream.packing);
  }

  void tell(Object& object) {
    for (const std::uint32_t number : object.files) names_[number] = base_name(object.file_name);
    // What a signature calls its contents is the signature.
    const bool seal = object.type == "Sig" || object.type == "DocTimeStamp";
    if (!seal && !object.text.empty() && context_.admit(object.text.size())) {
      writer_.brk();
      writer_.write(object.text, role_);
      writer_.brk();
    }
    object = {};
  }
  void tell_file(const std::string& name, const Stream& stream) {
    PartHints hints;
    hints.file_name = name;
    hints.role = role_;
    hints.file = true;
    const std::string data = decoded(stream);
    if (!context_.admit(data.size())) return;
    const auto part = make_part_reader(context_, hints, depth_ + 1);
    part->write(as_bytes(data));
    part->finish(!data.empty() || stream.data.empty());
  }

  BodyContext& context_;
  std::string_view bytes_;
  Role role_;
  std::uint32_t depth_;
  TextWriter writer_;
  std::vector<std::pair<std::uint32_t, Stream>> files_;  // attached
  std::map<std::uint32_t, std::string> names_;           // of them
  std::map<std::uint32_t, Stream> streams_;              // of which some are told
  std::set<std::uint32_t> told_streams_;
};

}  // namespace

void read_pdf_objects(BodyContext& context, Bytes bytes, const PartHints& hints,
                      std::uint32_t depth) {
  const std::string_view text = as_text(bytes);
  // All strings are then encrypted, and pdftotext says whether it can open the file.
  if (text.find("/Encrypt") != text.npos) return;
  PdfObjects{context, text, hints.role, depth}.read();
}

}  // namespace gnomon::content
