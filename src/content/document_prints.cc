#include <algorithm>
#include <cstring>
#include <tuple>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hash.h"
#include "gnomon/content/registered.h"
#include "registered_file.h"

// Winnowing: of the hashes of all runs of kGram letters and digits, the smallest of every kWindow
// neighbours is kept. Any copied stretch of kGram + kWindow characters keeps at least one of them.
namespace gnomon::content {
namespace {

constexpr std::size_t kGram = 48;
constexpr std::size_t kWindow = 64;
constexpr std::uint64_t kBase = 0x100000001b3;
constexpr std::size_t kPrintsLeast = 3;
constexpr std::string_view kMagic = "gnomon-documents 1";

constexpr std::uint64_t power() {
  std::uint64_t value = 1;
  for (std::size_t i = 0; i < kGram; ++i) value *= kBase;
  return value;
}

int folded(char c) {
  if (is_upper(c)) return c + 32;
  const auto byte = static_cast<unsigned char>(c);
  return is_digit(c) || is_lower(c) || byte >= 0x80 ? byte : -1;
}

// Rolls over the text and calls print(hash) for every hash that winnowing keeps.
struct Roller {
  std::uint64_t seed;
  std::vector<std::uint64_t>& gram;
  std::vector<std::uint64_t>& window;
  std::uint64_t& hash;
  std::size_t& read;
  std::uint64_t& last;

  template <class Print>
  void roll(std::string_view text, Print&& print) {
    for (const char c : text) {
      const int value = folded(c);
      if (value < 0) continue;
      hash = hash * kBase + static_cast<std::uint64_t>(value) + 1;
      if (read >= kGram) hash -= gram[read % kGram] * power();
      gram[read % kGram] = static_cast<std::uint64_t>(value) + 1;
      ++read;
      if (read < kGram) continue;
      window[read % kWindow] = mix(hash ^ seed, kHashStep);
      if (read < kGram + kWindow) continue;
      const std::uint64_t least = *std::min_element(window.begin(), window.end());
      if (least != last) {
        last = least;
        print(least);
      }
    }
  }
};

std::uint64_t seed_of(const RegisteredKey& key) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, key.data(), sizeof seed);
  return seed;
}

}  // namespace

bool DocumentPrints::learn(std::string_view name, std::string_view utf8) {
  std::vector<std::uint64_t> gram(kGram);
  std::vector<std::uint64_t> window(kWindow);
  std::uint64_t hash = 0;
  std::uint64_t last = 0;
  std::size_t read = 0;
  std::vector<std::uint64_t> own;
  Roller{seed_of(key_), gram, window, hash, read, last}.roll(
      utf8, [&](std::uint64_t print) { own.push_back(print); });
  std::sort(own.begin(), own.end());
  own.erase(std::unique(own.begin(), own.end()), own.end());
  if (own.size() < kPrintsLeast) return false;
  const auto document = static_cast<std::uint32_t>(documents_.size());
  documents_.push_back({std::string{name}, static_cast<std::uint32_t>(own.size())});
  for (const std::uint64_t print : own) prints_.push_back({print, document});
  std::sort(prints_.begin(), prints_.end(), [](const Print& a, const Print& b) {
    return std::tie(a.hash, a.document) < std::tie(b.hash, b.document);
  });
  return true;
}

Result<std::size_t> DocumentPrints::save(const std::filesystem::path& path) const {
  RegisteredFile file{kMagic, key_};
  for (const Document& document : documents_) {
    file.text("document");
    file.number(document.prints);
    file.text(document.name);
    file.end_line();
  }
  for (const Print& print : prints_) {
    file.number(print.hash);
    file.number(print.document);
    file.end_line();
  }
  if (auto written = file.write(path); !written) return written.error();
  return documents_.size();
}

Result<DocumentPrints> DocumentPrints::load(const std::filesystem::path& path) {
  auto file = RegisteredFileReader::open(path, kMagic);
  if (!file) return file.error();
  DocumentPrints prints{file->key()};
  while (file->next_line()) {
    if (file->take_text("document")) {
      const auto count = file->number();
      if (!count) return Error{"is not a file of this version"}.in(path.string());
      prints.documents_.push_back({std::string{file->rest()}, static_cast<std::uint32_t>(*count)});
      continue;
    }
    const auto hash = file->number();
    const auto document = file->number();
    if (!hash || !document || *document >= prints.documents_.size())
      return Error{"is not a file of this version"}.in(path.string());
    prints.prints_.push_back({*hash, static_cast<std::uint32_t>(*document)});
  }
  std::sort(prints.prints_.begin(), prints.prints_.end(), [](const Print& a, const Print& b) {
    return std::tie(a.hash, a.document) < std::tie(b.hash, b.document);
  });
  return prints;
}

DocumentPrints::Reader::Reader(const DocumentPrints& prints)
    : prints_(prints),
      seen_(prints.documents_.size()),
      gram_(kGram),
      window_(kWindow),
      met_(prints.prints_.size()) {}

void DocumentPrints::Reader::read(std::string_view piece) {
  const auto& all = prints_.prints_;
  Roller{seed_of(prints_.key_), gram_, window_, hash_, read_, last_}.roll(
      piece, [&](std::uint64_t print) {
        auto found = std::lower_bound(all.begin(), all.end(), print,
                                      [](const Print& a, std::uint64_t b) { return a.hash < b; });
        for (; found != all.end() && found->hash == print; ++found) {
          const auto place = static_cast<std::size_t>(found - all.begin());
          if (met_[place]) continue;
          met_[place] = true;
          ++seen_[found->document];
        }
      });
}

DocumentPrints::Reader::Seen DocumentPrints::Reader::best() const {
  Seen best;
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    if (seen_[i] < kPrintsLeast) continue;
    const double share = static_cast<double>(seen_[i]) / prints_.documents_[i].prints;
    if (share > best.share) best = {share, prints_.documents_[i].name, seen_[i]};
  }
  return best;
}

}  // namespace gnomon::content
