// Reads signatures/shadow/: weights, words and suffixes.
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>

#include "shadow_model.h"

namespace gnomon::identify {
namespace {

constexpr std::size_t kFileBytesMax = 8 * 1024 * 1024;
constexpr std::size_t kWordBytesMax = 12;
constexpr double kWeightMax = 100;

// What the features that are no pieces of a label say, in words.
std::string explain_feature(std::string_view name) {
  struct Known {
    std::string_view name;
    std::string_view text;
  };
  constexpr Known kKnown[] = {
      {"=ai-token", "has 'ai' as a part of its own"},
      {"=ai-word", "'ai' before a word of AI tools"},
      {"=word-ai", "'ai' after a word of AI tools"},
      {"=ends-ai", "ends in 'ai'"},
      {"=covered2", "half of it are words of AI tools"},
      {"=covered3", "most of it are words of AI tools"},
      {"=covered4", "all of it are words of AI tools"},
      {"=words1", "has a word of AI tools"},
      {"=words2", "has two words of AI tools"},
      {"=words3", "has three words of AI tools"},
      {"=strong1", "has a word that says AI"},
      {"=strong2", "has two words that say AI"},
      {"=only-words", "words of AI tools alone"},
      {"=only-words-strong", "words of AI tools alone, one that says AI"},
      {"=startup-word", "a word of AI tools under a domain that start-ups like"},
      {"=startup-short", "short, under a domain that start-ups like"},
      {"=startup1", "under a domain that start-ups like"},
  };
  for (const Known& each : kKnown)
    if (each.name == name) return std::string{each.text};
  if (name.starts_with("tld=")) return "top-level domain ." + std::string{name.substr(4)};
  if (name.starts_with('=')) return {};  // says little by itself: no reason
  const bool begins = name.starts_with('^');
  const bool ends = name.ends_with('$');
  if (begins) name.remove_prefix(1);
  if (ends) name.remove_suffix(1);
  const std::string quoted = "'" + std::string{name} + "'";
  if (begins && ends) return "is " + quoted;
  if (begins) return "begins with " + quoted;
  return (ends ? "ends with " : "contains ") + quoted;
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) return Error{"cannot be opened"}.in(path.string());
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (in.bad()) return Error{"cannot be read"}.in(path.string());
  if (text.size() > kFileBytesMax) return Error{"is larger than 8 MiB"}.in(path.string());
  return text;
}

bool to_number(std::string_view text, double& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && std::abs(number) <= kWeightMax;
}

Error problem(const std::filesystem::path& path, std::size_t line, std::string_view what) {
  return Error{std::string{what}}.in("line " + std::to_string(line)).in(path.string());
}

// Takes the next line, without its end, from the text.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view take_word(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
  line.remove_prefix(begin);
  const std::string_view word = line.substr(0, std::min(line.find_first_of(" \t"), line.size()));
  line.remove_prefix(word.size());
  return word;
}

class Loader {
 public:
  explicit Loader(ShadowModel& model) : model_(model) {}

  Result<bool> weights(const std::filesystem::path& path);
  Result<bool> words(const std::filesystem::path& path);
  Result<bool> suffixes(const std::filesystem::path& path);

 private:
  void keep_text(ShadowTable::Entry& entry, std::string_view text) {
    entry.text_at = static_cast<std::uint32_t>(model_.texts.size());
    entry.text_size = static_cast<std::uint16_t>(std::min<std::size_t>(text.size(), 1000));
    model_.texts.append(text.substr(0, entry.text_size));
  }

  ShadowModel& model_;
};

Result<bool> Loader::weights(const std::filesystem::path& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  std::string_view rest = *text;
  bool has_bias = false;
  bool has_threshold = false;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::string_view line = take_line(rest);
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t tab = line.find('\t');
    double weight = 0;
    if (tab == std::string_view::npos || tab == 0 || !to_number(line.substr(tab + 1), weight))
      return problem(path, number, "is no feature, tab and weight");
    const std::string_view name = line.substr(0, tab);
    if (name == "!bias") {
      model_.bias = weight;
      has_bias = true;
    } else if (name == "!threshold") {
      model_.threshold = weight;
      has_threshold = true;
    } else {
      ShadowTable::Entry& entry = model_.features.add(shadow_hash(name));
      if (entry.weighted) return problem(path, number, "gives a feature a second weight");
      entry.weighted = true;
      entry.weight = static_cast<float>(weight);
      keep_text(entry, explain_feature(name));
    }
  }
  if (!has_bias || !has_threshold) return Error{"has no !bias or no !threshold"}.in(path.string());
  return true;
}

Result<bool> Loader::words(const std::filesystem::path& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  std::string_view rest = *text;
  std::uint8_t kind = 0;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    std::string_view line = take_line(rest);
    if (line.starts_with('#')) continue;
    if (line == "strong:" || line == "topic:") {
      kind = line == "strong:" ? 2 : 1;
      continue;
    }
    for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
      if (kind == 0) return problem(path, number, "stands before 'strong:' or 'topic:'");
      if (word.size() < 2 || word.size() > kWordBytesMax)
        return problem(path, number, "has a word that is not of 2 to 12 letters");
      model_.features.add(shadow_hash(word)).word = kind;
    }
  }
  return true;
}

Result<bool> Loader::suffixes(const std::filesystem::path& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  std::string_view rest = *text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    std::string_view line = take_line(rest);
    if (line.starts_with('#')) continue;
    const std::string_view kind = take_word(line);
    if (kind.empty()) continue;
    const std::string_view name = take_word(line);
    const std::string_view weight_text = take_word(line);
    double weight = 0;
    if (name.empty() || (!weight_text.empty() && !to_number(weight_text, weight)))
      return problem(path, number, "is no kind, name and weight");
    ShadowTable* table = nullptr;
    if (kind == "second") table = &model_.second;
    if (kind == "host") table = &model_.hosts;
    if (kind == "label") table = &model_.labels;
    if (table == nullptr) return problem(path, number, "has another kind than second, host, label");
    ShadowTable::Entry& entry = table->add(shadow_hash(name));
    if (entry.weighted) return problem(path, number, "names one a second time");
    entry.weighted = true;
    entry.weight = static_cast<float>(weight);
    if (table == &model_.labels) {
      keep_text(entry, "a host called '" + std::string{name} + "'");
    } else {
      const std::size_t why = std::min(line.find_first_not_of(" \t"), line.size());
      keep_text(entry, "on ." + std::string{name} +
                           (why < line.size() ? ", " + std::string{line.substr(why)} : ""));
    }
  }
  return true;
}

}  // namespace

ShadowTable::Entry& ShadowTable::add(std::uint64_t hash) {
  if ((size_ + 1) * 2 > entries_.size()) grow();
  std::size_t at = place(hash);
  while (entries_[at].hash != 0 && entries_[at].hash != hash) at = (at + 1) & mask_;
  if (entries_[at].hash == 0) ++size_;
  entries_[at].hash = hash;
  return entries_[at];
}

void ShadowTable::grow() {
  std::vector<Entry> old(entries_.size() * 2);
  old.swap(entries_);
  mask_ = entries_.size() - 1;
  for (const Entry& each : old) {
    if (each.hash == 0) continue;
    std::size_t at = place(each.hash);
    while (entries_[at].hash != 0) at = (at + 1) & mask_;
    entries_[at] = each;
  }
}

Result<ShadowName> ShadowName::load(const std::filesystem::path& folder) {
  const std::filesystem::path shadow = folder / "shadow";
  std::error_code ignored;
  if (!std::filesystem::exists(shadow, ignored)) return ShadowName{};
  auto model = std::make_unique<ShadowModel>();
  Loader loader{*model};
  if (auto done = loader.weights(shadow / "name-model.tsv"); !done) return std::move(done.error());
  if (auto done = loader.words(shadow / "words.txt"); !done) return std::move(done.error());
  if (auto done = loader.suffixes(shadow / "suffixes.txt"); !done) return std::move(done.error());
  return ShadowName{std::move(model)};
}

}  // namespace gnomon::identify
