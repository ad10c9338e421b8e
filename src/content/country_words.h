#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/yaml/yaml_tree.h"

// What tells a country in a text: its names, its code in a cell of its own, the end of an e-mail
// address.
namespace gnomon::content {

using Country = std::uint16_t;
inline constexpr Country kNoCountry = UINT16_MAX;

class CountryWords {
 public:
  // Adds a list of {id: de, words: [germany, deutsch]}: ids are ISO 3166-1's two letters. Words in
  // capitals ("USA") count in capitals only. The error says "line 7: what is wrong".
  Result<std::size_t> read(const YamlNode& list);

  // By the two letters, small or capital; `uk` is gb. kNoCountry where they are none that was read.
  [[nodiscard]] Country find(std::string_view id) const;

  // The country that is told nearest to the place [start, end) within [from, to) of the text.
  [[nodiscard]] Country nearest(std::string_view text, std::size_t from, std::size_t to,
                                std::size_t start, std::size_t end) const;

 private:
  struct Name {
    std::string rest;  // what follows the first word, small letters; " states"
    Country country = kNoCountry;
    bool capitals = false;
  };
  [[nodiscard]] Country told_at(std::string_view text, std::size_t start, std::size_t end) const;

  std::unordered_map<std::string, Country> ids_;
  std::unordered_map<std::string, std::vector<Name>> names_;  // by the first word, small letters
};

}  // namespace gnomon::content
