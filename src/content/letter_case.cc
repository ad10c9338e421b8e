#include "letter_case.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace gnomon::content {
namespace {

// Letters whose capitals do not lie at the distance that is usual in their block (Unicode 15,
// UnicodeData.txt).
constexpr std::pair<std::uint32_t, std::uint32_t> kOdd[] = {
    {0x00ff, 0x0178}, {0x03ac, 0x0386}, {0x03ad, 0x0388}, {0x03ae, 0x0389}, {0x03af, 0x038a},
    {0x03c2, 0x03a3}, {0x03cc, 0x038c}, {0x03cd, 0x038e}, {0x03ce, 0x038f},
};

}  // namespace

std::uint32_t capital_of(std::uint32_t point) {
  for (const auto& [small, capital] : kOdd)
    if (point == small) return capital;
  const auto in = [point](std::uint32_t from, std::uint32_t to) {
    return point >= from && point <= to;
  };
  if (in(0x00e0, 0x00fe) && point != 0x00f7) return point - 0x20;
  if (in(0x03b1, 0x03c9) || in(0x0430, 0x044f)) return point - 0x20;
  if (in(0x0450, 0x045f)) return point - 0x50;
  if ((in(0x0100, 0x0130) || in(0x0132, 0x0137) || in(0x014a, 0x0177)) && point % 2 == 1)
    return point - 1;
  if ((in(0x0139, 0x0148) || in(0x0179, 0x017e)) && point % 2 == 0) return point - 1;
  return point;
}

std::string with_capitals(std::string_view utf8, bool first_alone) {
  std::string out{utf8};
  for (std::size_t at = 0; at + 1 < out.size(); ++at) {
    const auto lead = static_cast<unsigned char>(out[at]);
    if (lead >= 0xc2 && lead <= 0xdf) {
      const std::uint32_t capital = capital_of(
          (lead & 0x1fU) << 6U | (static_cast<unsigned char>(out[at + 1]) & 0x3fU));
      out[at] = static_cast<char>(0xc0U | capital >> 6U);
      out[at + 1] = static_cast<char>(0x80U | (capital & 0x3fU));
      ++at;
    }
    if (first_alone) break;
  }
  return out;
}

std::string with_small_letters(std::string_view utf8) {
  constexpr std::uint32_t kLast = 0x7ff;
  std::string out{utf8};
  for (std::size_t at = 0; at + 1 < out.size(); ++at) {
    const auto lead = static_cast<unsigned char>(out[at]);
    if (lead < 0xc2 || lead > 0xdf) continue;
    const std::uint32_t point =
        (lead & 0x1fU) << 6U | (static_cast<unsigned char>(out[at + 1]) & 0x3fU);
    for (std::uint32_t small = 0x80; small <= kLast; ++small)
      if (small != point && capital_of(small) == point) {
        out[at] = static_cast<char>(0xc0U | small >> 6U);
        out[at + 1] = static_cast<char>(0x80U | (small & 0x3fU));
        break;
      }
    ++at;
  }
  return out;
}

void add_capitals(std::vector<std::string>& words) {
  const std::size_t given = words.size();
  for (std::size_t i = 0; i < given; ++i)
    for (const bool first_alone : {false, true}) {
      std::string written = with_capitals(words[i], first_alone);
      if (std::find(words.begin(), words.end(), written) == words.end())
        words.push_back(std::move(written));
    }
}

}  // namespace gnomon::content
