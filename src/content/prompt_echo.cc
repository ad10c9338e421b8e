#include "gnomon/content/prompt_echo.h"

#include "gnomon/bytes/hash.h"

namespace gnomon::content {
namespace {

// Fewer say nothing: they are a sentence that the answer may well need.
constexpr std::size_t kPrintsLeast = 8;

template <class Print>
void each_print(PromptPrints::Grams& grams, std::string_view utf8, Print&& print) {
  grams.roll(utf8, [&](std::uint64_t hash) {
    const std::uint64_t mixed = mix(hash, kHashStep);
    if (mixed % PromptPrints::kSample == 0) print(mixed);
  });
}

}  // namespace

void PromptPrints::read(std::string_view utf8) {
  if (places_.size() >= kPrintsMax) return;
  each_print(grams_, utf8, [this](std::uint64_t print) {
    if (places_.size() >= kPrintsMax) return;
    if (places_.try_emplace(print, static_cast<std::uint32_t>(places_.size())).second)
      identity_ = mix(identity_ ^ print, kHashSeed);
  });
}

bool PromptEcho::read(std::string_view utf8, const PromptPrints& prompt) {
  const std::size_t before = count_;
  met_.resize(prompt.size());
  each_print(grams_, utf8, [&](std::uint64_t print) {
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
