#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <tuple>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hash.h"
#include "gnomon/content/registered.h"
#include "registered_file.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kCellCharsMin = 4;
constexpr std::size_t kCellCharsMax = 64;
constexpr std::size_t kWordsMax = 5;  // of one cell
constexpr std::size_t kMaybeBits = std::size_t{1} << 20U;
constexpr std::string_view kMagic = "gnomon-table 1";

bool letter_or_digit(char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }

// Letters and digits alone, lower case: "+1 (212) 555-0187" and "12125550187" are one value.
std::string normalised(std::string_view cell) {
  std::string out;
  for (const char c : cell)
    if (letter_or_digit(c)) out += to_lower(c);
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
  RegisteredFile file{kMagic, key_};
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
  auto file = RegisteredFileReader::open(path, kMagic);
  if (!file) return file.error();
  ExactTable table;
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
    while (at < text.size() && !letter_or_digit(text[at])) ++at;
    const std::size_t start = at;
    // This word, then with up to four that follow.
    std::string value;
    std::size_t end = start;
    std::size_t after_first = start;
    for (std::size_t words = 0; words < kWordsMax && value.size() <= kCellCharsMax; ++words) {
      while (end < text.size() && letter_or_digit(text[end]) && value.size() <= kCellCharsMax) {
        const char c = text[end++];
        value += to_lower(c);
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
      while (end < text.size() && !letter_or_digit(text[end]) && text[end] != '\n' && gap < 3) {
        ++end;
        ++gap;
      }
      if (end >= text.size() || !letter_or_digit(text[end])) break;
    }
    at = std::max(after_first, start + 1);
    std::erase_if(recent, [&](const Seen& each) { return each.start + kDistance < at; });
  }
  return hits;
}

}  // namespace gnomon::content
