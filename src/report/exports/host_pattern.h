#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gnomon::report {

// How much of the names at and below one name a pattern means.
enum class Breadth : std::uint8_t {
  kName,   // that name alone
  kBelow,  // everything below it, not itself
  kWhole,  // both
};

struct HostPattern {
  std::string name;  // lower case, no dot at its end
  Breadth breadth = Breadth::kName;
};

// A name that devices take: labels of letters, digits, '-' and '_', at least two of them, 253 bytes
// at most, not an address. Everything else that a network can put into a name is none.
bool is_host_name(std::string_view name);

// "*.example.com" and "example.com"; nothing for a star elsewhere and for what is no host name.
std::optional<HostPattern> parse_host_pattern(std::string_view pattern);

// Whether `host` is `name`, or, with kBelow and kWhole, lies below it.
bool covers(std::string_view name, Breadth breadth, std::string_view host);

// The name with its first label taken off; empty when there is none left.
std::string_view parent_of(std::string_view name);

// "*.example.com" for kBelow, the name otherwise.
std::string pattern_text(std::string_view name, Breadth breadth);

}  // namespace gnomon::report
