// What no word tells: how a text is made rather than what it says.
#include <algorithm>

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

bool is_base64(char c) { return is_alnum(c) || c == '+' || c == '-' || c == '/' || c == '_'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char low = to_lower(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool is_mostly_text(std::string_view bytes) {
  const auto plain = std::count_if(bytes.begin(), bytes.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\n' || c == '\t';
  });
  return static_cast<std::size_t>(plain) * 20 >= bytes.size() * 19;
}

// Marks of the templates that models are given their turns in, as squeeze() writes them: l is i.
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

// Words of no meaning by which English is told from a cipher of it.
constexpr std::string_view kCommon[] = {"the", "of", "to",  "and", "a",
                                        "is",  "in", "you", "it",  "for"};

}  // namespace

bool is_spread(std::string_view text, std::string& joined) {
  std::size_t strokes = 0;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') continue;
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

bool has_exfiltrating_image(std::string_view text) {
  for (std::size_t at = text.find("!["); at != std::string_view::npos;
       at = text.find("![", at + 2)) {
    const std::size_t middle = text.substr(at, 256).find("](http");
    if (middle == std::string_view::npos) continue;
    const std::string_view address = text.substr(
        at + middle + 2, std::min<std::size_t>(text.substr(at + middle + 2).find(')'), 1024));
    const std::size_t query = address.find_first_of("?&=", 8);
    if (query == std::string_view::npos) continue;
    if (address.find_first_of("{[<$", query) != std::string_view::npos ||
        address.find("%7b", query) != std::string_view::npos ||
        address.find("%7B", query) != std::string_view::npos)
      return true;
  }
  return false;
}

void squeeze(std::string_view text, std::string& out) {
  out.clear();
  for (const char c : text) {
    switch (c) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        break;
      case '7':
        out += 't';
        break;
      case '1':
      case 'l':
      case 'L':
        out += 'i';
        break;
      case '5':
      case '$':
        out += 's';
        break;
      case '3':
        out += 'e';
        break;
      case '0':
        out += 'o';
        break;
      case '4':
      case '@':
        out += 'a';
        break;
      default:
        out += to_lower(c);
    }
  }
}

bool PromptScan::has_chat_template() const {
  // Each begins with one of these: most texts are done with four looks.
  const std::string_view text{squeezed_};
  for (std::size_t at = text.find_first_of("<[#{\""); at != std::string_view::npos;
       at = text.find_first_of("<[#{\"", at + 1)) {
    const std::string_view rest = text.substr(at, 24);
    for (const std::string_view each : kTemplates) {
      if (each.front() != rest.front()) continue;
      if (rest.starts_with(each)) return true;
    }
  }
  return false;
}

bool PromptScan::is_disguised() const {
  std::size_t disguised = 0;
  std::size_t known = 0;
  for (const PromptWord& word : text_.words) {
    if (!word.disguised || word.size < 3) continue;
    const std::string_view folded = text_.folded_word(word);
    const auto latin = std::count_if(folded.begin(), folded.end(), is_lower);
    if (latin < 3) continue;
    ++disguised;
    known += word.size >= 4 && rules_.knows(word.hash) ? 1 : 0;
  }
  return known >= 2 || (disguised >= 4 && disguised * 10 >= text_.words.size() * 3);
}

bool PromptScan::is_flood() const {
  std::size_t run = 1;
  for (std::size_t i = 1; i < text_.words.size(); ++i) {
    run = text_.words[i].hash == text_.words[i - 1].hash && text_.words[i].size >= 2 ? run + 1 : 1;
    if (run >= kRepeatsMin) return true;
  }
  return false;
}

bool PromptScan::has_many_turns(std::string_view text) const {
  std::size_t turns = 0;
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
       colon = text.find(':', colon + 1)) {
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
  return judge(decoded.substr(0, kSegmentBytes), false, fired) >= least;
}

bool PromptScan::holds_encoded_attack(std::string_view text) {
  std::size_t pieces = 0;
  // Runs of base64.
  for (std::size_t i = 0; i < text.size() && pieces < kDecodedPiecesMax;) {
    std::size_t end = i;
    while (end < text.size() && is_base64(text[end])) ++end;
    if (end - i >= kBase64Min) {
      ++pieces;
      if (attacks_when_decoded(decode_base64(text.substr(i, end - i)), 2)) return true;
    }
    i = end + 1;
  }
  // Pairs of hex digits, with blanks, \x or % between them.
  std::string bytes;
  std::size_t at = 0;
  while (at < text.size() && pieces < kDecodedPiecesMax) {
    bytes.clear();
    std::size_t end = at;
    while (end + 1 < text.size()) {
      const int high = hex_value(text[end]);
      const int low = hex_value(text[end + 1]);
      if (high >= 0 && low >= 0) {
        bytes += static_cast<char>(high * 16 + low);
        end += 2;
      } else if (!bytes.empty() &&
                 (text[end] == ' ' || text[end] == '\\' || text[end] == 'x' || text[end] == '%')) {
        ++end;
      } else {
        break;
      }
    }
    if (bytes.size() >= kHexPairsMin) {
      ++pieces;
      if (attacks_when_decoded(bytes, 2)) return true;
    }
    at = std::max(end, at + 1);
  }
  // A text without any common word, or one that asks to decode, turned by thirteen.
  if (text.size() > kRotatedMax || text.size() < 8) return false;
  split_prompt(text, &rules_, text_);
  rules_.find_words(text_, hits_);
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
  split_prompt(turned, &rules_, text_);
  std::vector<Fired> fired;
  return judge_words(fired) >= 3;
}

}  // namespace gnomon::content
