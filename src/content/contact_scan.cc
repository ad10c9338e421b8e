#include <algorithm>
#include <cstring>

#include "gnomon/bytes/hash.h"
#include "window_scan.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kAddressesMax = 512;  // distinct ones that are remembered

bool local_part(char c) {
  return is_alnum(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%' || c == '\'' ||
         c == '!' || c == '#' || c == '&' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

// E-mail addresses (RFC 5321's lengths): many of them are a list of customers, one is a signature.
void WindowScan::scan_addresses(DocumentState& document) {
  if (email_ == kNoRule) return;
  std::size_t at = 0;
  while ((at = text_.find('@', at)) != std::string_view::npos) {
    const std::size_t sign = at++;
    std::size_t start = sign;
    while (start > 0 && sign - start < 64 && local_part(text_[start - 1])) --start;
    while (start < sign && !is_alnum(text_[start]) &&
           static_cast<unsigned char>(text_[start]) < 0x80)
      ++start;
    std::size_t end = sign + 1;
    std::size_t dot = 0;
    while (end < text_.size() && end - sign < 255 &&
           (is_alnum(text_[end]) || text_[end] == '-' || text_[end] == '.' ||
            static_cast<unsigned char>(text_[end]) >= 0x80)) {
      if (text_[end] == '.') dot = end;
      ++end;
    }
    while (end > sign + 1 && !is_alnum(text_[end - 1]) &&
           static_cast<unsigned char>(text_[end - 1]) < 0x80)
      --end;
    if (dot >= end) dot = text_.substr(0, end).rfind('.');
    if (start == sign || dot == std::string_view::npos || dot <= sign + 1 || end - dot < 3)
      continue;
    const std::string_view top = text_.substr(dot + 1, end - dot - 1);
    if (!std::all_of(top.begin(), top.end(),
                     [](char c) {
                       return is_letter(c) || static_cast<unsigned char>(c) >= 0x80 || c == '-' ||
                              is_digit(c);
                     }) ||
        is_digit(top.front()))
      continue;
    const std::string_view domain = text_.substr(sign + 1, end - sign - 1);
    if (domain.find("..") != std::string_view::npos) continue;
    if (top == "png" || top == "jpg" || top == "svg" || top == "js" || top == "css") continue;
    std::string value{text_.substr(start, end - start)};
    for (char& c : value) c = to_lower(c);
    add(email_, start, end, Confidence::kLow, false, value);
    const std::uint64_t hash = hash_text(value);
    const bool known = std::find(document.address_hashes.begin(), document.address_hashes.end(),
                                 hash) != document.address_hashes.end();
    if (!known && document.address_hashes.size() < kAddressesMax) {
      document.address_hashes.push_back(hash);
      const std::uint64_t domain_hash = hash_text(std::string_view{value}.substr(sign - start + 1));
      if (std::find(document.address_domains.begin(), document.address_domains.end(),
                    domain_hash) == document.address_domains.end())
        document.address_domains.push_back(domain_hash);
      if (document.address_hashes.size() == 1) document.first_address = document.base + start;
      document.last_address = document.base + end;
    }
  }
}

}  // namespace gnomon::content
