#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gnomon/bytes/time.h"

// Numbers and times in the words of a report.
namespace gnomon::report {

// Powers of 1000, three digits: "0 B", "999 B", "1.20 kB", "12.3 MB", "123 GB".
std::string human_bytes(std::uint64_t bytes);

// "1 client", "1,204 clients".
std::string count_of(std::uint64_t number, std::string_view one, std::string_view many);
// As above with the plural made by an s.
std::string count_of(std::uint64_t number, std::string_view one);

// "1 (+2)": one used it, two more only asked. "3" where nobody only asked.
std::string used_text(std::uint64_t used, std::uint64_t all);

// Whether the time was ever set: an inventory without packets has none.
bool is_known(Time time);

std::string minute_text(Time time);   // "2026-11-24 12:37", UTC; "" when not known
std::string second_text(Time time);   // "2026-11-24 12:37:27", UTC; "" when not known
std::string day_text(Time time);      // "2026-11-24", UTC; "" when not known
std::string rfc3339_text(Time time);  // "2026-11-24T12:37:27.000123Z"; "" when not known

// "a", "a and b", "a, b and c".
template <class Texts>
std::string listed(const Texts& texts) {
  std::string out;
  std::size_t at = 0;
  const std::size_t count = texts.size();
  for (const auto& text : texts) {
    if (at > 0) out += at + 1 == count ? " and " : ", ";
    out += text;
    ++at;
  }
  return out;
}

// Texts with `between` between them.
template <class Texts>
std::string joined(const Texts& texts, std::string_view between) {
  std::string out;
  for (const auto& text : texts) {
    if (!out.empty()) out += between;
    out += text;
  }
  return out;
}

}  // namespace gnomon::report
