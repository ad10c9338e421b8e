// The same features as signatures/shadow/names.py, which trains the weights.
#include "gnomon/identify/shadow_name.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "gnomon/bytes/ascii.h"
#include "shadow_model.h"

namespace gnomon::identify {
namespace {

constexpr std::size_t kNameBytesMax = 253;
constexpr std::size_t kSegmentBytesMax = 63;
constexpr std::size_t kLabelsMax = 127;
constexpr std::size_t kLookedAtMax = 40;  // bytes of the chosen label
constexpr std::size_t kGramMin = 2;
constexpr std::size_t kGramMax = 7;
constexpr std::size_t kWordMax = 12;
constexpr float kReasonWeightMin = 0.25F;

using std::string_view;

constexpr string_view kStartup[] = {
    "agency",  "app",  "art",   "bot",    "chat", "club",  "cloud", "co",   "design", "dev",
    "digital", "fm",   "fun",   "gg",     "im",   "ink",   "io",    "life", "live",   "ly",
    "me",      "new",  "one",   "online", "pro",  "run",   "sh",    "site", "so",     "space",
    "studio",  "tech", "tools", "top",    "vip",  "world", "xyz"};

// A host name in lower case without its trailing dot, cut into labels.
struct Name {
  std::array<char, kNameBytesMax> text;
  std::array<string_view, kLabelsMax> labels;
  std::size_t label_count = 0;
  std::size_t size = 0;

  bool read(string_view host);
  // The last `count` labels.
  [[nodiscard]] string_view last(std::size_t count) const {
    const char* const begin = labels[label_count - count].data();
    return {begin, static_cast<std::size_t>(text.data() + size - begin)};
  }
};

bool Name::read(string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > kNameBytesMax) return false;
  std::size_t begin = 0;
  bool letters_in_last = false;
  for (std::size_t at = 0; at <= host.size(); ++at) {
    if (at == host.size() || host[at] == '.') {
      const std::size_t bytes = at - begin;
      if (bytes == 0 || bytes > kSegmentBytesMax || label_count == kLabelsMax) return false;
      labels[label_count++] = {text.data() + begin, bytes};
      if (at < host.size()) {
        text[at] = '.';
        letters_in_last = false;
      }
      begin = at + 1;
      continue;
    }
    char c = host[at];
    c = to_lower(c);
    const bool digit = is_digit(c);
    if (!digit && !is_lower(c) && c != '-' && c != '_') return false;
    letters_in_last = letters_in_last || !digit;
    text[at] = c;
  }
  size = host.size();
  return letters_in_last;  // a last label of digits alone is the end of an address
}

enum class SuffixKind : std::uint8_t { kTld, kSecond, kHost };

struct Parts {
  std::size_t before = 0;  // labels before the chosen one
  string_view label;
  SuffixKind kind = SuffixKind::kTld;
  string_view tld;
  const ShadowTable::Entry* platform = nullptr;
};

class Scorer {
 public:
  Scorer(const ShadowModel& model, NameScore& out) : model_(model), out_(out) {}

  void run(const Name& name, const Parts& parts);
  [[nodiscard]] double sum() const { return sum_; }

 private:
  struct Word {
    std::uint8_t at;
    std::uint8_t size;
    std::uint8_t kind;
  };
  struct Piece {
    const ShadowTable::Entry* entry;
    std::uint8_t at;
    std::uint8_t end;
  };

  void pieces(string_view label);
  void shape(string_view label, const Parts& parts);
  std::size_t find_words(string_view label);
  void feature(string_view name);
  void feature(string_view prefix, string_view rest);
  void count(const ShadowTable::Entry* entry);
  void remember_piece(const ShadowTable::Entry* entry, std::size_t at, std::size_t end);
  void reason(const ShadowTable::Entry& entry);

  const ShadowModel& model_;
  NameScore& out_;
  double sum_ = 0;
  std::array<Word, kLookedAtMax> words_{};
  std::size_t word_count_ = 0;
  // Longest word beginning at each place.
  std::array<std::uint8_t, kLookedAtMax> word_size_{};
  std::array<std::uint8_t, kLookedAtMax> word_kind_{};
  // Pieces count once: those counted, and bits of their hashes to look there seldom.
  std::array<const ShadowTable::Entry*, (kLookedAtMax + 2) * kGramMax> seen_{};
  std::size_t seen_count_ = 0;
  std::array<std::uint64_t, 8> seen_bits_{};
  std::array<Piece, 12> best_{};
  std::size_t best_count_ = 0;
};

void Scorer::reason(const ShadowTable::Entry& entry) {
  if (entry.weight < kReasonWeightMin || entry.text_size == 0) return;
  std::size_t at = out_.count;
  while (at > 0 && out_.found[at - 1].weight < entry.weight) --at;
  if (at == NameScore::kReasonsMax) return;
  if (out_.count < NameScore::kReasonsMax) ++out_.count;
  for (std::size_t i = out_.count - 1; i > at; --i) out_.found[i] = out_.found[i - 1];
  out_.found[at] = {model_.text(entry), entry.weight};
}

void Scorer::count(const ShadowTable::Entry* entry) {
  if (entry == nullptr || !entry->weighted) return;
  sum_ += entry->weight;
  reason(*entry);
}

void Scorer::feature(string_view name) { count(model_.features.find(shadow_hash(name))); }
void Scorer::feature(string_view prefix, string_view rest) {
  count(model_.features.find(shadow_hash(rest, shadow_hash(prefix))));
}

void Scorer::remember_piece(const ShadowTable::Entry* entry, std::size_t at, std::size_t end) {
  std::size_t place = best_count_;
  while (place > 0 && best_[place - 1].entry->weight < entry->weight) --place;
  if (place == best_.size()) return;
  if (best_count_ < best_.size()) ++best_count_;
  for (std::size_t i = best_count_ - 1; i > place; --i) best_[i] = best_[i - 1];
  best_[place] = {entry, static_cast<std::uint8_t>(at), static_cast<std::uint8_t>(end)};
}

void Scorer::pieces(string_view label) {
  std::array<char, kLookedAtMax + 2> marked;
  marked[0] = '^';
  std::copy(label.begin(), label.end(), marked.begin() + 1);
  const std::size_t size = label.size() + 2;
  marked[size - 1] = '$';
  for (std::size_t at = 0; at + 1 < size; ++at) {
    std::uint64_t hash = kHashSeed;
    const std::size_t end = std::min(size, at + kWordMax);
    for (std::size_t next = at; next < end; ++next) {
      hash = shadow_step(hash, marked[next]);
      const std::size_t bytes = next + 1 - at;
      if (bytes < kGramMin) continue;
      if (bytes > kGramMax && (at == 0 || next + 1 == size)) break;
      const ShadowTable::Entry* const entry = model_.features.find(hash);
      if (entry == nullptr) continue;
      if (entry->word != 0 && at > 0 && next + 1 < size) {
        word_size_[at - 1] = static_cast<std::uint8_t>(bytes);
        word_kind_[at - 1] = entry->word;
      }
      if (!entry->weighted || bytes > kGramMax) continue;
      std::uint64_t& bits = seen_bits_[hash >> 61];
      const std::uint64_t bit = std::uint64_t{1} << (hash >> 55 & 63);
      if ((bits & bit) != 0 && std::find(seen_.begin(), seen_.begin() + seen_count_, entry) !=
                                   seen_.begin() + seen_count_)
        continue;
      bits |= bit;
      seen_[seen_count_++] = entry;
      sum_ += entry->weight;
      if (entry->weight >= kReasonWeightMin) remember_piece(entry, at, next + 1);
    }
  }
  // Of pieces that lie over each other the strongest is told.
  for (std::size_t i = 0; i < best_count_; ++i) {
    const Piece& piece = best_[i];
    const bool covered = std::any_of(best_.begin(), best_.begin() + i, [&](const Piece& other) {
      return other.entry != nullptr && piece.at < other.end && other.at < piece.end;
    });
    if (covered) {
      best_[i].end = best_[i].at;  // covers nothing itself
    } else {
      reason(*piece.entry);
    }
  }
}

// Words from left to right, the longest first; short ones count at an edge or beside another.
std::size_t Scorer::find_words(string_view label) {
  std::array<Word, kLookedAtMax> found;
  std::size_t count = 0;
  for (std::size_t at = 0; at < label.size();) {
    if (word_size_[at] == 0) {
      ++at;
      continue;
    }
    found[count++] = {static_cast<std::uint8_t>(at), word_size_[at], word_kind_[at]};
    at += word_size_[at];
  }
  std::size_t covered = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = found[i].at;
    const std::size_t end = at + found[i].size;
    const bool edge = at == 0 || end == label.size() || label[at - 1] == '-' || label[end] == '-' ||
                      (i > 0 && std::size_t{found[i - 1].at} + found[i - 1].size == at) ||
                      (i + 1 < count && found[i + 1].at == end);
    if (found[i].size < 6 && !edge) continue;
    words_[word_count_++] = found[i];
    covered += found[i].size;
  }
  return covered;
}

void Scorer::shape(string_view label, const Parts& parts) {
  constexpr string_view kDigits[] = {"0", "1", "2", "3", "4", "5"};
  const std::size_t covered = find_words(label);
  const auto hyphens = static_cast<std::size_t>(std::count(label.begin(), label.end(), '-'));
  const std::size_t letters = label.size() - hyphens;
  const auto strong =
      static_cast<std::size_t>(std::count_if(words_.begin(), words_.begin() + word_count_,
                                             [](const Word& each) { return each.kind == 2; }));
  feature("=length", kDigits[std::min<std::size_t>(label.size() / 4, 5)]);
  if (label.find_first_of("0123456789") != string_view::npos) feature("=digit");
  if (hyphens > 0) feature("=hyphen");
  const std::size_t quarters = covered * 4 / std::max<std::size_t>(letters, 1);
  feature("=covered", kDigits[std::min<std::size_t>(quarters, 4)]);
  feature("=words", kDigits[std::min<std::size_t>(word_count_, 3)]);
  feature("=strong", kDigits[std::min<std::size_t>(strong, 2)]);
  const bool whole = covered >= letters;
  if (whole && word_count_ >= 2) feature("=only-words");
  if (whole && strong > 0) feature("=only-words-strong");
  const bool startup =
      parts.kind == SuffixKind::kTld &&
      std::find(std::begin(kStartup), std::end(kStartup), parts.tld) != std::end(kStartup);
  feature("=startup", kDigits[startup ? 1 : 0]);
  if (startup && word_count_ > 0) feature("=startup-word");
  if (startup && label.size() <= 6) feature("=startup-short");
  const auto any_word = [&](auto&& fits) {
    return std::any_of(words_.begin(), words_.begin() + word_count_, fits);
  };
  if (label.size() > 4 && label.ends_with("ai")) {
    feature("=ends-ai");
    const std::size_t end = label.size() - 2 - (label[label.size() - 3] == '-' ? 1 : 0);
    if (any_word([&](const Word& each) { return std::size_t{each.at} + each.size == end; }))
      feature("=word-ai");
  }
  if (label.size() > 4 && label.starts_with("ai")) {
    const std::size_t begin = label[2] == '-' ? 3 : 2;
    if (any_word([&](const Word& each) { return each.at == begin; })) feature("=ai-word");
  }
  if (label == "ai" || label.starts_with("ai-") || label.ends_with("-ai") ||
      label.find("-ai-") != string_view::npos)
    feature("=ai-token");
}

void Scorer::run(const Name& name, const Parts& parts) {
  sum_ = model_.bias;
  if (parts.kind == SuffixKind::kSecond) feature("=second");
  if (parts.kind == SuffixKind::kTld || (parts.kind == SuffixKind::kSecond && parts.tld != "ai"))
    feature("tld=", parts.tld);
  if (parts.platform != nullptr) count(parts.platform);
  for (std::size_t i = 0; i < parts.before; ++i) {
    const auto first = name.labels.begin();
    if (std::find(first, first + i, name.labels[i]) != first + i) continue;
    count(model_.labels.find(shadow_hash(name.labels[i])));
  }
  const string_view label = parts.label.substr(0, kLookedAtMax);
  if (label.starts_with("xn--")) {
    feature("=punycode");
    return;
  }
  pieces(label);
  shape(label, parts);
}

Parts split(const ShadowModel& model, const Name& name) {
  Parts parts;
  const std::size_t count = name.label_count;
  parts.tld = count > 1 ? name.labels[count - 1] : string_view{};
  for (const std::size_t size : {std::size_t{3}, std::size_t{2}}) {
    if (count <= size) continue;
    parts.platform = model.hosts.find(shadow_hash(name.last(size)));
    if (parts.platform == nullptr) continue;
    parts.kind = SuffixKind::kHost;
    parts.label = name.labels[count - size - 1];
    parts.before = count - size - 1;
    return parts;
  }
  if (count > 2 && model.second.find(shadow_hash(name.last(2))) != nullptr) {
    parts.kind = SuffixKind::kSecond;
    parts.label = name.labels[count - 3];
    parts.before = count - 3;
  } else if (count > 1) {
    parts.label = name.labels[count - 2];
    parts.before = count - 2;
  } else {
    parts.label = name.labels[0];
  }
  return parts;
}

}  // namespace

std::string to_text(const NameReason& reason) {
  // Rounded here, so that what is next to nothing has no minus before it.
  const double tenths = std::round(static_cast<double>(reason.weight) * 10) / 10 + 0.0;
  char weight[16];
  std::snprintf(weight, sizeof weight, " (%+.1f)", tenths);
  return std::string{reason.text} + weight;
}

ShadowName::ShadowName() = default;
ShadowName::ShadowName(std::unique_ptr<const ShadowModel> model) : model_(std::move(model)) {}
ShadowName::ShadowName(ShadowName&&) noexcept = default;
ShadowName& ShadowName::operator=(ShadowName&&) noexcept = default;
ShadowName::~ShadowName() = default;

bool ShadowName::empty() const { return model_ == nullptr; }

NameScore ShadowName::score(string_view host) const {
  NameScore out;
  Name name;
  if (model_ == nullptr || !name.read(host)) return out;
  Scorer scorer{*model_, out};
  scorer.run(name, split(*model_, name));
  out.odds = scorer.sum() - model_->threshold;
  out.score = 1 / (1 + std::exp(-out.odds));
  return out;
}

double ShadowName::platform_weight(string_view host, string_view* why) const {
  Name name;
  if (model_ == nullptr || !name.read(host)) return 0;
  for (const std::size_t size : {std::size_t{3}, std::size_t{2}}) {
    if (name.label_count < size) continue;
    const ShadowTable::Entry* const entry = model_->hosts.find(shadow_hash(name.last(size)));
    if (entry == nullptr || entry->weight <= 0) continue;
    if (why != nullptr) *why = model_->text(*entry);
    return entry->weight;
  }
  return 0;
}

}  // namespace gnomon::identify
