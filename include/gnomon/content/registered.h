#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/content/text_grams.h"

// What the user registers to be recognised: rows of customers, and documents. Files of it hold
// keyed hashes alone. The key lies in the same file: it keeps one table's hashes from being looked
// up in another's, it does not keep a stolen file from being tried out with guesses.
namespace gnomon::content {

using RegisteredKey = std::array<std::uint8_t, 32>;

// A table of rows (customers, staff) of which two cells of one row, near each other, are a match.
class ExactTable {
 public:
  static constexpr std::size_t kColumnsMax = 64;
  static constexpr std::size_t kCellsMax = std::size_t{8} << 20U;

  // Hashes the cells of a CSV text (RFC 4180, a header in its first line). Cells whose letters and
  // digits are fewer than four are left out: they would be everywhere.
  static Result<ExactTable> learn(std::string_view csv, const RegisteredKey& key);
  static Result<ExactTable> load(const std::filesystem::path& path);
  [[nodiscard]] Result<std::size_t> save(const std::filesystem::path& path) const;  // cells

  struct Hit {
    std::size_t start = 0;
    std::size_t end = 0;
    std::uint32_t row = 0;
    std::uint32_t columns = 0;  // how many of its cells
  };
  // Places where at least two cells of one row stand within kDistance bytes.
  static constexpr std::size_t kDistance = 300;
  [[nodiscard]] std::vector<Hit> find(std::string_view text) const;
  [[nodiscard]] std::size_t cells() const { return cells_.size(); }

 private:
  struct Cell {
    std::uint64_t hash = 0;
    std::uint32_t row = 0;
    std::uint32_t column = 0;
  };
  void index();
  RegisteredKey key_{};
  bool by_bytes_ = false;    // of an older file: compared byte for byte outside ASCII
  std::vector<Cell> cells_;  // by hash
  std::vector<bool> maybe_;  // a cheap look before the hash is computed
};

// Documents by the winnowed hashes of their running text: a part copied into another is recognised
// whatever its layout.
class DocumentPrints {
 public:
  explicit DocumentPrints(const RegisteredKey& key) : key_(key) {}
  static Result<DocumentPrints> load(const std::filesystem::path& path);
  [[nodiscard]] Result<std::size_t> save(const std::filesystem::path& path) const;
  // False when the text is too short to be recognised.
  bool learn(std::string_view name, std::string_view utf8);

  // Winnowing: of the hashes of all runs of 48 letters and digits, the least of every 64
  // neighbours. Of a copied stretch of 112 characters at least one is kept.
  class Winnower {
   public:
    explicit Winnower(std::uint64_t seed) : seed_(seed) {}
    // Calls each(hash) for every one that is kept.
    template <class Each>
    void roll(std::string_view piece, Each&& each);

   private:
    std::uint64_t seed_;
    TextGrams<48> grams_;
    std::array<std::uint64_t, 64> window_{};  // the last hashes, as a ring
    std::size_t hashes_ = 0;
    std::uint64_t last_ = 0;  // that was kept
  };

  // The prints of a text that comes in pieces.
  class Reader {
   public:
    explicit Reader(const DocumentPrints& prints);
    void read(std::string_view piece);
    // The share of the document that was seen, of the one seen most; 0 when nothing tells.
    struct Seen {
      double share = 0;
      std::string_view name;
      std::size_t prints = 0;
    };
    [[nodiscard]] Seen best() const;

   private:
    const DocumentPrints& prints_;
    std::vector<std::uint32_t> seen_;    // per document
    Winnower winnower_;
    std::vector<bool> met_;  // per print: counted once
  };

 private:
  struct Print {
    std::uint64_t hash = 0;
    std::uint32_t document = 0;
  };
  struct Document {
    std::string name;
    std::uint32_t prints = 0;
  };
  RegisteredKey key_;
  std::vector<Document> documents_;
  std::vector<Print> prints_;  // by hash
};

}  // namespace gnomon::content
