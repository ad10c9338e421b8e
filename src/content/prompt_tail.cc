#include "prompt_tail.h"

#include <algorithm>

#include "gnomon/bytes/ascii.h"
#include "prompt_rules.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kTailBytesLeast = 30;
constexpr std::size_t kHeadBytesMax = 200;  // of the request before it that are looked at
constexpr std::size_t kHeadBytesLeast = 20;
constexpr std::size_t kHeadBlanksLeast = 4;
constexpr std::size_t kHeadMarksMax = 2;
constexpr std::size_t kClassesMax = 32;
constexpr float kWeightMax = 100;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Brackets without their other half, and a quote without its.
std::size_t unmatched(std::string_view text) {
  std::array<char, PromptTails::kTailBytesMax> open{};
  std::size_t depth = 0;
  std::size_t count = 0;
  for (const char c : text.substr(0, open.size())) {
    if (c == '(' || c == '[' || c == '{') {
      open[depth++] = c == '(' ? ')' : c == '[' ? ']' : '}';
    } else if (c == ')' || c == ']' || c == '}') {
      if (depth > 0 && open[depth - 1] == c)
        --depth;
      else
        ++count;
    }
  }
  const auto quotes = std::count(text.begin(), text.end(), '"');
  return count + depth + static_cast<std::size_t>(quotes % 2);
}

}  // namespace

Result<PromptTails> PromptTails::load(const std::filesystem::path& file, YamlCache* cache) {
  auto root = read_prompt_file(file, cache);
  if (!root) return root.error();
  const auto refuse = [&](const YamlNode& node, const std::string& what) {
    return Error{"line " + std::to_string(node.line) + ": " + what}.in(file.string());
  };
  PromptTails tails;
  const YamlNode* detector = root->find("detector");
  const YamlNode* classes = root->find("classes");
  const YamlNode* pairs = root->find("pairs");
  float most = 0;
  if (detector == nullptr || classes == nullptr || pairs == nullptr ||
      !read_number(root->find("least"), tails.least_) || tails.least_ <= 0 ||
      !read_number(root->find("unmatched"), tails.unmatched_) ||
      !read_number(root->find("unmatched_max"), most) || most < 0 || most > kWeightMax)
    return refuse(*root,
                  "needs detector, least (above 0), unmatched, unmatched_max, classes and pairs");
  tails.detector_ = detector->text;
  tails.unmatched_max_ = static_cast<std::size_t>(most);
  if (classes->items.empty() || classes->items.size() >= kClassesMax)
    return refuse(*classes, "key 'classes': must be a list of characters, 31 classes at most");
  tails.class_count_ = classes->items.size() + 1;
  tails.classes_.fill(static_cast<std::uint8_t>(classes->items.size()));
  for (std::size_t i = 0; i < classes->items.size(); ++i)
    for (const char c : classes->items[i].text)
      tails.classes_[static_cast<unsigned char>(c)] = static_cast<std::uint8_t>(i);
  if (pairs->items.size() != tails.class_count_)
    return refuse(*pairs, "key 'pairs': must be a row for every class and one for all others");
  for (const YamlNode& row : pairs->items) {
    if (row.items.size() != tails.class_count_)
      return refuse(row, "key 'pairs': a row is a weight for every class and one for all others");
    for (const YamlNode& weight : row.items)
      if (float& pair = tails.pairs_.emplace_back();
          !read_number(&weight, pair) || pair > kWeightMax || pair < -kWeightMax)
        return refuse(weight, "key 'pairs': must be numbers from -100 to 100");
  }
  return tails;
}

// A few words, with hardly a mark between them.
bool PromptTails::is_request(std::string_view head) const {
  if (head.size() < kHeadBytesLeast) return false;
  std::size_t blanks = 0;
  std::size_t words = 0;
  std::size_t marks = 0;
  for (const char c : head) {
    if (c == ' ') ++blanks;
    if (c == ' ' || c == '\t' || is_letter(c) || static_cast<unsigned char>(c) >= 0x80)
      ++words;
    else if (std::string_view{"([{}])\\$^_@#=<>+*/|~&%"}.find(c) != std::string_view::npos)
      ++marks;
  }
  return blanks >= kHeadBlanksLeast && marks <= kHeadMarksMax && words * 10 > head.size() * 9;
}

std::optional<PromptTails::Tail> PromptTails::find(std::string_view text) const {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  const std::size_t end = text.size();
  const std::size_t from =
      end > kTailBytesMax + kHeadBytesMax ? end - kTailBytesMax - kHeadBytesMax : 0;
  const std::size_t line = text.substr(from).rfind('\n');
  const std::size_t begin = line == std::string_view::npos ? from : from + line + 1;
  // The stretch up to the end that weighs most.
  Tail best{end, end, 0};
  float weight = 0;
  for (std::size_t at = end; at > begin + 1 && end - at < kTailBytesMax; --at) {
    const char first = text[at - 2];
    const char second = text[at - 1];
    // Rules and underlines say nothing.
    if (first != second || is_alnum(first))
      weight += pairs_[class_of(first) * class_count_ + class_of(second)];
    if (weight > best.weight) best = {at - 2, end, weight};
  }
  if (end - best.begin < kTailBytesLeast) return std::nullopt;
  const std::string_view tail = text.substr(best.begin);
  const auto letters = static_cast<std::size_t>(std::count_if(tail.begin(), tail.end(), is_letter));
  if (letters * 2 < tail.size()) return std::nullopt;  // emoticons, formulas, expressions
  best.weight += unmatched_ * static_cast<float>(std::min(unmatched(tail), unmatched_max_));
  const std::size_t head = best.begin > begin + kHeadBytesMax ? best.begin - kHeadBytesMax : begin;
  if (best.weight < least_ || !is_request(text.substr(head, best.begin - head)))
    return std::nullopt;
  return best;
}

}  // namespace gnomon::content
