#pragma once

#include <string_view>
#include <vector>

#include "gnomon/content/scanner.h"

namespace gnomon::content {

// What a scanner finds in a text that comes in pieces of so many bytes.
inline std::vector<Match> found_in_pieces(Scanner& scanner, std::string_view text,
                                          std::size_t size) {
  std::vector<Match> found;
  scanner.begin({});
  for (std::size_t at = 0; at < text.size(); at += size) scanner.feed(text.substr(at, size), found);
  scanner.end(found);
  return found;
}

}  // namespace gnomon::content
