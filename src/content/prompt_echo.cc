#include "gnomon/content/prompt_echo.h"

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hash.h"

namespace gnomon::content {
namespace {

constexpr std::uint64_t kBase = 0x100000001b3;
// Fewer say nothing: they are a sentence that the answer may well need.
constexpr std::size_t kPrintsLeast = 8;

constexpr std::uint64_t power(std::size_t exponent) {
  std::uint64_t value = 1;
  for (std::size_t i = 0; i < exponent; ++i) value *= kBase;
  return value;
}

// Letters and digits, letters of ASCII in lower case; 0 for what does not count.
std::uint8_t folded(char c) {
  if (is_upper(c)) return static_cast<std::uint8_t>(c + 32);
  const auto byte = static_cast<std::uint8_t>(c);
  return is_digit(c) || is_lower(c) || byte >= 0x80 ? byte : 0;
}

}  // namespace

template <class Print>
void EchoRoller::roll(std::string_view utf8, Print&& print) {
  constexpr std::uint64_t kOldest = power(kGram);
  for (const char c : utf8) {
    const std::uint8_t value = folded(c);
    if (value == 0) continue;
    std::uint8_t& place = gram_[read_ % kGram];
    // What leaves is 0 at first.
    hash_ = hash_ * kBase + value - place * kOldest;
    place = value;
    if (++read_ < kGram) continue;
    const std::uint64_t mixed = mix(hash_, kHashStep);
    if (mixed % kSample == 0) print(mixed);
  }
}

void PromptPrints::read(std::string_view utf8) {
  if (places_.size() >= kPrintsMax) return;
  roller_.roll(utf8, [this](std::uint64_t print) {
    if (places_.size() >= kPrintsMax) return;
    if (places_.try_emplace(print, static_cast<std::uint32_t>(places_.size())).second)
      identity_ = mix(identity_ ^ print, kHashSeed);
  });
}

bool PromptEcho::read(std::string_view utf8, const PromptPrints& prompt) {
  const std::size_t before = count_;
  met_.resize(prompt.size());
  roller_.roll(utf8, [&](std::uint64_t print) {
    const std::uint32_t place = prompt.place_of(print);
    if (place == PromptPrints::kNone || met_[place]) return;
    met_[place] = true;
    ++count_;
  });
  return before == 0 && count_ > 0;
}

double PromptEcho::share(const PromptPrints& prompt) const {
  if (count_ < kPrintsLeast) return 0;
  return static_cast<double>(count_) / static_cast<double>(prompt.size());
}

}  // namespace gnomon::content
