#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <tuple>
#include <utility>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hash.h"
#include "gnomon/content/registered.h"
#include "letter_case.h"
#include "registered_file.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kCellCharsMin = 4;
constexpr std::size_t kCellCharsMax = 64;
constexpr std::size_t kWordsMax = 5;  // of one cell
constexpr std::size_t kMaybeBits = std::size_t{1} << 20U;
constexpr std::string_view kMagic = "gnomon-table 2";
constexpr std::string_view kMagicByBytes = "gnomon-table 1";

// A character, as tables compare it: letters and digits alone, of one case.
struct Character {
  std::size_t bytes = 1;
  std::size_t count = 0;  // of `as`; 0: it is no letter or digit
  std::array<char, 3> as{};
};

// Marks that programs set between words: blanks that do not break, dashes, quotes, full-width ones.
bool is_mark(std::uint32_t point) {
  const auto in = [point](std::uint32_t from, std::uint32_t to) {
    return point >= from && point <= to;
  };
  return (in(0x80, 0xbf) && point != 0xaa && point != 0xb5 && point != 0xba) || point == 0xd7 ||
         point == 0xf7 || in(0x2000, 0x206f) || in(0x2190, 0x27bf) || in(0x2e00, 0x2e7f) ||
         in(0x3000, 0x3003) || in(0x3008, 0x301f) || in(0xfe50, 0xfe6f) || in(0xff01, 0xff0f) ||
         in(0xff1a, 0xff20) || in(0xff3b, 0xff40) || in(0xff5b, 0xff65) || point == 0xfeff;
}

Character character_at(std::string_view text, std::size_t at, bool by_bytes) {
  const char c = text[at];
  const auto lead = static_cast<unsigned char>(c);
  if (lead < 0x80 || by_bytes) {
    const bool counts = lead >= 0x80 || is_alnum(c);
    return {1, counts ? 1U : 0U, {to_lower(c)}};
  }
  const auto follows = [&](std::size_t place) -> std::uint32_t {
    return at + place < text.size() ? static_cast<unsigned char>(text[at + place]) & 0x3fU : 0U;
  };
  if (lead >= 0xf0 || lead < 0xc2) return {1, 1, {c}};  // as it stands
  if (lead < 0xe0) {
    const std::uint32_t point = capital_of((lead & 0x1fU) << 6U | follows(1));
    const std::size_t bytes = std::min<std::size_t>(2, text.size() - at);
    if (is_mark(point)) return {bytes, 0, {}};
    return {bytes,
            2,
            {static_cast<char>(0xc0U | point >> 6U), static_cast<char>(0x80U | (point & 0x3fU))}};
  }
  std::uint32_t point = (lead & 0x0fU) << 12U | follows(1) << 6U | follows(2);
  const std::size_t bytes = std::min<std::size_t>(3, text.size() - at);
  if (is_mark(point)) return {bytes, 0, {}};
  // Latin Extended Additional (Vietnamese): capitals are even.
  if (point >= 0x1e00 && point <= 0x1eff && (point < 0x1e96 || point > 0x1e9f)) point &= ~1U;
  return {
      bytes,
      3,
      {static_cast<char>(0xe0U | point >> 12U), static_cast<char>(0x80U | (point >> 6U & 0x3fU)),
       static_cast<char>(0x80U | (point & 0x3fU))}};
}

// Letters and digits alone, of one case: "+1 (212) 555-0187" and "12125550187" are one value.
std::string normalised(std::string_view cell) {
  std::string out;
  for (std::size_t at = 0; at < cell.size();) {
    const Character c = character_at(cell, at, false);
    out.append(c.as.data(), c.count);
    at += c.bytes;
  }
  return out;
}

std::uint64_t keyed(const RegisteredKey& key, std::string_view value) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(value.data()), value.size(), digest, &length);
  std::uint64_t hash = 0;
  std::memcpy(&hash, digest, sizeof hash);
  return hash;
}

// Twenty bits, for the first look.
std::size_t cheap(const RegisteredKey& key, std::string_view value) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, key.data(), sizeof seed);
  return hash_text(value, seed) & (kMaybeBits - 1);
}

std::vector<std::vector<std::string>> read_csv(std::string_view text) {
  std::vector<std::vector<std::string>> rows(1);
  const std::string_view first = text.substr(0, text.find('\n'));
  char separator = ',';
  for (const char c : {';', '\t'})
    if (std::count(first.begin(), first.end(), c) >
        std::count(first.begin(), first.end(), separator))
      separator = c;
  std::string cell;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
        cell += '"';
        ++i;
      } else if (c == '"') {
        quoted = false;
      } else {
        cell += c;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == separator || c == '\n') {
      rows.back().push_back(std::move(cell));
      cell.clear();
      if (c == '\n') rows.emplace_back();
    } else if (c != '\r') {
      cell += c;
    }
  }
  if (!cell.empty()) rows.back().push_back(std::move(cell));
  if (rows.back().empty()) rows.pop_back();
  return rows;
}

}  // namespace

Result<ExactTable> ExactTable::learn(std::string_view csv, const RegisteredKey& key) {
  const auto rows = read_csv(csv);
  if (rows.size() < 2) return Error{"a header and at least one row are wanted"};
  if (rows.front().size() < 2)
    return Error{"at least two columns are wanted: two cells of a row make a match"};
  if (rows.front().size() > kColumnsMax) return Error{"has more than 64 columns"};
  ExactTable table;
  table.key_ = key;
  for (std::size_t row = 1; row < rows.size(); ++row)
    for (std::size_t column = 0; column < rows[row].size() && column < kColumnsMax; ++column) {
      const std::string value = normalised(rows[row][column]);
      if (value.size() < kCellCharsMin || value.size() > kCellCharsMax) continue;
      if (table.cells_.size() >= kCellsMax) return Error{"has more than 8,388,608 cells"};
      table.cells_.push_back(
          {keyed(key, value), static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(column)});
      if (table.maybe_.empty()) table.maybe_.resize(kMaybeBits);
      table.maybe_[cheap(key, value)] = true;
    }
  if (table.cells_.empty()) return Error{"no cell has four letters or digits"};
  table.index();
  return table;
}

void ExactTable::index() {
  std::sort(cells_.begin(), cells_.end(), [](const Cell& a, const Cell& b) {
    return std::tie(a.hash, a.row, a.column) < std::tie(b.hash, b.row, b.column);
  });
}

Result<std::size_t> ExactTable::save(const std::filesystem::path& path) const {
  RegisteredFile file{by_bytes_ ? kMagicByBytes : kMagic, key_};
  for (const Cell& cell : cells_) {
    file.number(cell.hash);
    file.number(cell.row);
    file.number(cell.column);
    file.end_line();
  }
  file.text("maybe");
  for (std::size_t i = 0; i < maybe_.size(); ++i)
    if (maybe_[i]) file.number(i);
  file.end_line();
  if (auto written = file.write(path); !written) return written.error();
  return cells_.size();
}

Result<ExactTable> ExactTable::load(const std::filesystem::path& path) {
  ExactTable table;
  auto file = RegisteredFileReader::open(path, kMagic);
  if (!file) {
    auto older = RegisteredFileReader::open(path, kMagicByBytes);
    if (!older) return file.error();
    file = std::move(older);
    table.by_bytes_ = true;
  }
  table.key_ = file->key();
  table.maybe_.resize(kMaybeBits);
  while (file->next_line()) {
    if (file->take_text("maybe")) {
      while (const auto bit = file->number())
        if (*bit < kMaybeBits) table.maybe_[*bit] = true;
      continue;
    }
    const auto hash = file->number();
    const auto row = file->number();
    const auto column = file->number();
    if (!hash || !row || !column || *column >= kColumnsMax || table.cells_.size() >= kCellsMax)
      return Error{"is not a table of this version"}.in(path.string());
    table.cells_.push_back(
        {*hash, static_cast<std::uint32_t>(*row), static_cast<std::uint32_t>(*column)});
  }
  table.index();
  return table;
}

std::vector<ExactTable::Hit> ExactTable::find(std::string_view text) const {
  struct Seen {
    std::uint32_t row;
    std::uint32_t column;
    std::size_t start;
    std::size_t end;
  };
  std::vector<Seen> recent;
  std::vector<Hit> hits;
  std::size_t at = 0;
  while (at < text.size()) {
    Character next;
    while (at < text.size() && (next = character_at(text, at, by_bytes_)).count == 0)
      at += next.bytes;
    const std::size_t start = at;
    // This word, then with up to four that follow.
    std::string value;
    std::size_t end = start;
    std::size_t after_first = start;
    const std::size_t first_bytes = next.bytes;
    for (std::size_t words = 0; words < kWordsMax && value.size() <= kCellCharsMax; ++words) {
      while (end < text.size() && value.size() <= kCellCharsMax &&
             (next = character_at(text, end, by_bytes_)).count > 0) {
        value.append(next.as.data(), next.count);
        end += next.bytes;
      }
      if (words == 0) after_first = end;
      if (value.size() >= kCellCharsMin && value.size() <= kCellCharsMax &&
          maybe_[cheap(key_, value)]) {
        const std::uint64_t hash = keyed(key_, value);
        auto cell = std::lower_bound(cells_.begin(), cells_.end(), hash,
                                     [](const Cell& a, std::uint64_t b) { return a.hash < b; });
        for (std::size_t same = 0; cell != cells_.end() && cell->hash == hash && same < 64;
             ++cell, ++same) {
          for (const Seen& other : recent)
            if (other.row == cell->row && other.column != cell->column &&
                other.start + kDistance >= start) {
              if (!hits.empty() && hits.back().row == cell->row &&
                  hits.back().end + kDistance >= start) {
                hits.back().end = std::max(hits.back().end, end);
                ++hits.back().columns;
              } else {
                hits.push_back({std::min(other.start, start), end, cell->row, 2});
              }
              break;
            }
          if (recent.size() >= 4096) recent.erase(recent.begin(), recent.begin() + 2048);
          recent.push_back({cell->row, cell->column, start, end});
        }
      }
      std::size_t gap = 0;
      while (end < text.size() && text[end] != '\n' && gap < 3 &&
             (next = character_at(text, end, by_bytes_)).count == 0) {
        end += next.bytes;
        ++gap;
      }
      if (end >= text.size() || character_at(text, end, by_bytes_).count == 0) break;
    }
    at = std::max(after_first, start + first_bytes);
    std::erase_if(recent, [&](const Seen& each) { return each.start + kDistance < at; });
  }
  return hits;
}

}  // namespace gnomon::content
