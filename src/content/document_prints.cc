#include <algorithm>
#include <cstring>
#include <tuple>

#include "gnomon/bytes/hash.h"
#include "gnomon/content/registered.h"
#include "registered_file.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kPrintsLeast = 3;
constexpr std::string_view kMagic = "gnomon-documents 1";

std::uint64_t seed_of(const RegisteredKey& key) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, key.data(), sizeof seed);
  return seed;
}

}  // namespace

template <class Each>
void DocumentPrints::Winnower::roll(std::string_view piece, Each&& each) {
  grams_.roll(piece, [&](std::uint64_t hash) {
    window_[hashes_ % window_.size()] = mix(hash ^ seed_, kHashStep);
    if (++hashes_ <= window_.size()) return;
    const std::uint64_t least = *std::min_element(window_.begin(), window_.end());
    if (least == last_) return;
    last_ = least;
    each(least);
  });
}

bool DocumentPrints::learn(std::string_view name, std::string_view utf8) {
  std::vector<std::uint64_t> own;
  Winnower{seed_of(key_)}.roll(utf8, [&](std::uint64_t print) { own.push_back(print); });
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
      winnower_(seed_of(prints.key_)),
      met_(prints.prints_.size()) {}

void DocumentPrints::Reader::read(std::string_view piece) {
  const auto& all = prints_.prints_;
  winnower_.roll(piece, [&](std::uint64_t print) {
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
