#pragma once

#include <string>

namespace gnomon::content {

// The number of a card for tests. Made here, so that no such number stands in a file.
inline std::string card(unsigned seed = 0) {
  const std::string digits = "453212345678" + std::to_string(100 + seed % 900);
  unsigned sum = 0;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    unsigned digit = static_cast<unsigned>(digits[at] - '0');
    if (at % 2 == 0) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return digits + std::to_string((10 - sum % 10) % 10);
}

}  // namespace gnomon::content
