// What no word tells: how a text is made rather than what it says.
#include <algorithm>
#include <array>
#include <bit>
#include <iterator>

#include "base64_decoder.h"
#include "byte_lanes.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/content/utf8.h"
#include "prompt_scan.h"
#include "validator.h"
#include "window_scan.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kRepeatsMin = 20;  // one word so often in a row
constexpr std::size_t kTurnsMin = 8;     // "Q:" or "User:"
constexpr std::size_t kBase64Min = 24;
constexpr std::size_t kHexPairsMin = 8;
constexpr std::size_t kRotatedMax = 8192;       // bytes of a text that asks to decode something
constexpr std::size_t kRotatedAloneMax = 1024;  // of one that does not: longer ones have names in them
constexpr std::size_t kDecodedPiecesMax = 16;

struct ByteTable {
  constexpr ByteTable() {
    for (std::size_t i = 0; i < hex.size(); ++i) {
      const char c = static_cast<char>(i);
      const bool digit = is_digit(c);
      const char low = to_lower(c);
      const bool letter = is_lower(low);
      base64[i] = digit || letter || c == '+' || c == '-' || c == '/' || c == '_';
      hex_text[i] = digit || (low >= 'a' && low <= 'f') || c == ' ' || c == '\\' || c == 'x' ||
                    c == '%';
      hex[i] = static_cast<std::int8_t>(digit                      ? c - '0'
                                        : letter && low <= 'f' ? low - 'a' + 10
                                                                   : -1);
    }
  }
  std::array<bool, 256> base64{};
  std::array<bool, 256> hex_text{};  // pairs of hex digits and what stands between them
  std::array<std::int8_t, 256> hex{};
};
constexpr ByteTable kBytes;

int hex_value(char c) { return kBytes.hex[static_cast<unsigned char>(c)]; }

std::size_t end_of_run(std::string_view text, std::size_t at, const std::array<bool, 256>& kind) {
  while (at < text.size() && kind[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

// Of each eight of the 64 bytes the first bit, when all eight are of the class.
std::uint64_t whole_eights(std::uint64_t bits) {
  bits &= bits >> 1;
  bits &= bits >> 2;
  bits &= bits >> 4;
  return bits & 0x0101010101010101U;
}

// The next run of `least` bytes of `kind` or more, at least 15, at or after `from`, which stands at the
// start of a run or outside one. `bits`: those bytes, of `blocks` blocks and one of zeros. The text's
// size when there is none.
std::size_t next_run(std::string_view text, std::size_t from, std::size_t least,
                     const std::array<bool, 256>& kind, const std::uint64_t* bits,
                     std::size_t blocks) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  // Wherever it begins, so long a run fills one eight, or two that are side by side.
  const bool two = least >= 23;
  for (std::size_t i = from / ByteBlock::kBytes; i < blocks;) {
    const std::size_t at = i * ByteBlock::kBytes;
    std::uint64_t eights = whole_eights(bits[i]);
    if (two) eights &= eights >> 8 | whole_eights(bits[i + 1]) << 56;
    if (at < from) eights &= ~std::uint64_t{0} << (from - at);
    if (eights == 0) {
      ++i;
      continue;
    }
    std::size_t begin = at + static_cast<std::size_t>(std::countr_zero(eights));
    const std::size_t end = end_of_run(text, begin, kind);
    while (begin > from && kind[bytes[begin - 1]]) --begin;
    if (end - begin >= least) return begin;
    from = end;
    i = from / ByteBlock::kBytes;
  }
  return text.size();
}

bool is_mostly_text(std::string_view bytes) {
  const auto plain = std::count_if(bytes.begin(), bytes.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\n' || c == '\t';
  });
  return static_cast<std::size_t>(plain) * 20 >= bytes.size() * 19;
}

// Marks of the templates that models are given their turns in, as squeezed() writes them: l is i.
constexpr std::string_view kTemplates[] = {"<|im_start",
                                           "<|im_end",
                                           "<|system",
                                           "<|user",
                                           "<|assistant",
                                           "<|endoftext",
                                           "<|end_of_text",
                                           "<|begin_of_text",
                                           "<|start_header_id",
                                           "<|eot_id",
                                           "[inst]",
                                           "[/inst]",
                                           "<<sys>>",
                                           "<</sys>>",
                                           "###system:",
                                           "###instruction",
                                           "###newinstruction",
                                           "##newinstruction",
                                           "###end",
                                           "###begin",
                                           "##begin",
                                           "</system>",
                                           "<system>",
                                           "</input>",
                                           "<output>",
                                           "</output>",
                                           "</prompt>",
                                           "</user_input>",
                                           "</instructions>",
                                           "{{system",
                                           "{{#system",
                                           "{{context_window",
                                           "[system",
                                           "<system_mode",
                                           "\"roie\":\"system\""};

// In lower case, with digits for letters taken back; 0 for a blank, which is left out.
constexpr char squeezed(char c) {
  switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      return 0;
    case '7':
      return 't';
    case '1':
    case 'l':
    case 'L':
      return 'i';
    case '5':
    case '$':
      return 's';
    case '3':
      return 'e';
    case '0':
      return 'o';
    case '4':
    case '@':
      return 'a';
    default:
      return to_lower(c);
  }
}

// How templates begin: a bit for a hash of their first four characters, by which nearly all that begins
// like one is told apart.
constexpr std::size_t kHeadBytes = 4;
constexpr std::size_t head_bit(std::string_view head) {
  std::size_t bit = 0;
  for (std::size_t i = 0; i < kHeadBytes; ++i) bit = bit * 31 + static_cast<unsigned char>(head[i]);
  return bit & 4095;
}
constexpr auto kTemplateHeads = [] {
  std::array<std::uint64_t, 64> bits{};
  for (const std::string_view each : kTemplates)
    bits[head_bit(each) / 64] |= std::uint64_t{1} << head_bit(each) % 64;
  return bits;
}();
// has_chat_template() looks for these.
static_assert([] {
  for (const std::string_view each : kTemplates)
    if (each.size() < kHeadBytes || std::string_view{"<[#{\""}.find(each[0]) == each.npos ||
        (each[0] == '"' && each[1] != 'r'))
      return false;
  return true;
}());

// Words of no meaning by which English is told from a cipher of it.
constexpr std::string_view kCommon[] = {"the", "of", "to",  "and", "a",
                                        "is",  "in", "you", "it",  "for"};

}  // namespace

bool is_spread(std::string_view text, std::string& joined) {
  std::size_t strokes = 0;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    i = std::min(text.find('\\', i), text.size());
    if (i == text.size()) break;
    ++strokes;
    // One character, whatever its bytes, then another stroke, a blank or the end.
    std::size_t next = i + 1;
    if (next >= text.size() || text[next] == '\\' || text[next] == ' ') continue;
    ++next;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0) == 0x80) ++next;
    if (next == text.size() || text[next] == '\\' || text[next] == ' ' || text[next] == '\n')
      ++pairs;
  }
  if (strokes < 8 || pairs * 10 < text.size()) return false;
  joined.clear();
  for (const char c : text)
    if (c != '\\') joined += c;
  return true;
}

namespace {

constexpr std::size_t kCarriedMin = 24;      // of base64, to hold more than a number of somebody's
constexpr std::size_t kCarriedWordsMin = 6;  // joined by blanks as a query writes them

// Whether base64 holds text: pictures are asked for with digests, and those are not printable.
bool holds_text(std::string_view value) {
  while (value.ends_with('=') || value.ends_with("%3D"))
    value.remove_suffix(value.back() == '=' ? 1 : 3);
  if (value.size() < kCarriedMin ||
      std::any_of(value.begin(), value.end(), [](char c) { return base64_digit(c) == 0xff; }))
    return false;
  Base64Decoder decoder;
  std::vector<std::uint8_t> bytes;
  decoder.write(value, bytes);
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::uint8_t each) { return each >= 0x20 ? each != 0x7f : each == '\n'; }) &&
         is_utf8({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool holds_words(std::string_view value) {
  std::size_t words = 0;
  std::size_t letters = 0;
  for (std::size_t at = 0; at <= value.size(); ++at) {
    const bool blank = at == value.size() || value[at] == '+' || value.substr(at, 3) == "%20";
    if (!blank) {
      letters += is_letter(value[at]) ? 1 : 0;
      continue;
    }
    words += letters > 0 ? 1 : 0;
    letters = 0;
    if (at < value.size() && value[at] == '%') at += 2;
  }
  return words >= kCarriedWordsMin;
}

// {width}, {quality}: what templates of pages fill in of a picture itself.
bool is_of_picture(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "w",     "h",   "x",      "y",     "z",    "q",       "width", "height", "size",    "quality",
      "scale", "dpr", "format", "theme", "page", "version", "style", "color",  "revision"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool is_to_be_filled(std::string_view query) {
  for (std::size_t at = query.find_first_of("{[<$"); at != std::string_view::npos;
       at = query.find_first_of("{[<$", at)) {
    const std::size_t close = query[at] == '{' ? query.find('}', at) : std::string_view::npos;
    if (close == std::string_view::npos || !is_of_picture(query.substr(at + 1, close - at - 1)))
      return true;
    at = close;
  }
  return query.find("%7b") != std::string_view::npos || query.find("%7B") != std::string_view::npos;
}

// What an address says behind its path: `{what the user said}` to be filled in, or filled in already.
bool carries_text(std::string_view query) {
  if (is_to_be_filled(query)) return true;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? pair : pair.substr(equals + 1);
    if (holds_text(value) || holds_words(value)) return true;
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return false;
}

}  // namespace

bool has_exfiltrating_image(std::string_view text) {
  for (std::size_t at = text.find("!["); at != std::string_view::npos;
       at = text.find("![", at + 2)) {
    const std::size_t middle = text.substr(at, 256).find("](http");
    if (middle == std::string_view::npos) continue;
    const std::string_view address = text.substr(
        at + middle + 2, std::min<std::size_t>(text.substr(at + middle + 2).find(')'), 1024));
    const std::size_t query = address.find_first_of("?&=", 8);
    if (query != std::string_view::npos && carries_text(address.substr(query + 1))) return true;
  }
  return false;
}

namespace {

// Whether a template begins with the opening at `at`.
bool is_template(std::string_view text, std::size_t at) {
  char head[24] = {};
  std::size_t size = 0;
  for (std::size_t i = at; i < text.size() && size < std::size(head); ++i) {
    const char c = squeezed(text.data()[i]);
    if (c == 0) continue;
    head[size++] = c;
    if (size != kHeadBytes) continue;
    const std::size_t bit = head_bit({head, kHeadBytes});
    if ((kTemplateHeads[bit / 64] >> bit % 64 & 1) == 0) return false;
  }
  const std::string_view rest{head, size};
  return std::any_of(std::begin(kTemplates), std::end(kTemplates),
                     [&](std::string_view each) { return rest.starts_with(each); });
}

}  // namespace

bool has_chat_template(std::string_view text, const PromptMarks& marks) {
  const std::uint64_t* const openings = marks.row(PromptMarks::kOpening);
  for (std::size_t i = 0; i < marks.blocks; ++i)
    for (std::uint64_t bits = openings[i]; bits != 0; bits &= bits - 1)
      if (is_template(text, i * ByteBlock::kBytes +
                                static_cast<std::size_t>(std::countr_zero(bits))))
        return true;
  return false;
}

bool PromptScan::is_flood() const {
  const Room<PromptWord>& words = text_.words;
  const auto same = [&](std::size_t i) { return words[i].hash == words[i - 1].hash; };
  // So many in a row hold some pair that is looked at here.
  for (std::size_t i = kRepeatsMin - 1; i < words.size(); i += kRepeatsMin - 1) {
    if (!same(i) || words[i].size < 2) continue;
    std::size_t first = i - 1;
    while (first > 0 && same(first)) --first;
    std::size_t last = i;
    while (last + 1 < words.size() && same(last + 1)) ++last;
    if (last - first + 1 >= kRepeatsMin) return true;
  }
  return false;
}

bool PromptScan::has_many_turns(std::string_view text) const {
  std::size_t turns = 0;
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
       colon = text.find(':', colon + 1)) {
    // The last letter of what is looked for: q, user, human.
    if (colon == 0 || std::string_view{"qrnQRN"}.find(text[colon - 1]) == std::string_view::npos)
      continue;
    std::size_t from = colon;
    while (from > 0 && is_letter(text[from - 1]) && colon - from < 6) --from;
    if (from > 0 && !(text[from - 1] == ' ' || text[from - 1] == '\n')) continue;
    std::string word{text.substr(from, colon - from)};
    for (char& c : word) c = to_lower(c);
    if (word == "q" || word == "user" || word == "human") ++turns;
  }
  return turns >= kTurnsMin;
}

bool PromptScan::attacks_when_decoded(std::string_view decoded, float least) {
  if (decoded.size() < 6 || !is_mostly_text(decoded)) return false;
  std::vector<Fired> fired;
  std::swap(text_, inner_text_);  // that of the text around is still being read
  const bool attacks =
      judge(decoded.substr(0, kSegmentBytes), Role::kNone, &least, fired) >= least;
  std::swap(text_, inner_text_);
  return attacks;
}

// Of a text of nothing but hex digits and what may stand between pairs of them.
bool PromptScan::holds_hex_attack(std::string_view text, std::size_t& pieces) {
  std::string bytes;
  std::size_t at = 0;
  while (at + 1 < text.size() && pieces < kDecodedPiecesMax) {
    if (hex_value(text[at]) < 0 || hex_value(text[at + 1]) < 0) {
      ++at;
      continue;
    }
    bytes.clear();
    while (at + 1 < text.size()) {
      const int high = hex_value(text[at]);
      const int low = hex_value(text[at + 1]);
      if (high >= 0 && low >= 0) {
        bytes += static_cast<char>(high * 16 + low);
        at += 2;
      } else if (high < 0) {  // what may stand between
        ++at;
      } else {
        break;
      }
    }
    if (bytes.size() < kHexPairsMin) continue;
    ++pieces;
    if (attacks_when_decoded(bytes, 2)) return true;
  }
  return false;
}

bool PromptScan::holds_encoded_attack(std::string_view text, Done& done) {
  std::size_t pieces = 0;
  const auto next = [&](std::size_t from, std::size_t least, const std::array<bool, 256>& kind,
                        PromptMarks::Row row) {
    return next_run(text, from, least, kind, text_.marks.row(row), text_.marks.blocks);
  };
  // Runs of base64.
  for (std::size_t at = next(0, kBase64Min, kBytes.base64, PromptMarks::kBase64);
       at < text.size() && pieces < kDecodedPiecesMax;) {
    const std::size_t end = end_of_run(text, at, kBytes.base64);
    ++pieces;
    if (attacks_when_decoded(decode_base64(text.substr(at, end - at)), 2)) return true;
    at = next(end, kBase64Min, kBytes.base64, PromptMarks::kBase64);
  }
  // Pairs of hex digits, with blanks, \x or % between them.
  for (std::size_t from = next(0, 2 * kHexPairsMin, kBytes.hex_text, PromptMarks::kHex);
       from < text.size() && pieces < kDecodedPiecesMax;) {
    const std::size_t end = end_of_run(text, from, kBytes.hex_text);
    if (holds_hex_attack(text.substr(from, end - from), pieces)) return true;
    from = next(end, 2 * kHexPairsMin, kBytes.hex_text, PromptMarks::kHex);
  }
  // A text without any common word, or one that asks to decode, turned by thirteen.
  if (text.size() > kRotatedMax || text.size() < 8) return false;
  cut_prompt(text, &rules_.known(), text_);
  rules_.find_words(text_, hits_);
  done = {true, true};
  const std::uint16_t decode = rules_.group("decode");
  const bool asks = decode != PromptRules::kNoGroup && !hits_[decode].empty();
  const bool english =
      std::any_of(text_.words.begin(), text_.words.end(), [&](const PromptWord& word) {
        const std::string_view folded = text_.folded_word(word);
        return std::find(std::begin(kCommon), std::end(kCommon), folded) != std::end(kCommon);
      });
  if (!asks && (english || text.size() > kRotatedAloneMax)) return false;
  std::string turned{text};
  for (char& c : turned) {
    if (is_lower(c)) c = static_cast<char>('a' + (c - 'a' + 13) % 26);
    if (is_upper(c)) c = static_cast<char>('A' + (c - 'A' + 13) % 26);
  }
  std::vector<Fired> fired;
  constexpr float kLeast = 3;
  std::swap(text_, inner_text_);
  split_prompt(turned, &rules_.known(), text_);
  rules_.find_words(text_, hits_);
  done.found = false;
  judge_words(kLeast, fired);
  std::swap(text_, inner_text_);
  // Words of other scripts are what they were, and no cipher hid them.
  float sum = 0;
  for (const Fired& each : fired)
    if (each.weight < 0 || is_letter(turned[each.begin]) || is_letter(turned[each.end - 1]))
      sum += each.weight;
  return sum >= kLeast;
}

}  // namespace gnomon::content
