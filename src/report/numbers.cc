#include "gnomon/report/numbers.h"

#include <fmt/format.h>

#include <array>

#include "gnomon/observation/coverage.h"

namespace gnomon::report {

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  constexpr std::array<std::string_view, 6> kUnits = {"kB", "MB", "GB", "TB", "PB", "EB"};
  std::size_t unit = 0;
  std::uint64_t scale = 1000;
  while (unit + 1 < kUnits.size() && bytes / scale >= 1000) {
    scale *= 1000;
    ++unit;
  }
  // Rounded down in integers, so that the text never says more than there was.
  const std::uint64_t whole = bytes / scale;
  const std::uint64_t thousandths = bytes % scale / (scale / 1000);
  if (whole >= 100) return fmt::format("{} {}", whole, kUnits[unit]);
  if (whole >= 10) return fmt::format("{}.{} {}", whole, thousandths / 100, kUnits[unit]);
  return fmt::format("{}.{:02} {}", whole, thousandths / 10, kUnits[unit]);
}

std::string count_of(std::uint64_t number, std::string_view one, std::string_view many) {
  return observation::grouped(number) + " " + std::string{number == 1 ? one : many};
}

std::string count_of(std::uint64_t number, std::string_view one) {
  return count_of(number, one, std::string{one} + "s");
}

std::string used_text(std::uint64_t used, std::uint64_t all) {
  if (all <= used) return observation::grouped(used);
  return observation::grouped(used) + " (+" + observation::grouped(all - used) + ")";
}

bool is_known(Time time) { return time != Time{}; }

std::string second_text(Time time) { return is_known(time) ? to_text_time(time) : std::string{}; }

std::string minute_text(Time time) {
  const std::string text = second_text(time);
  return text.substr(0, text.rfind(':'));
}

std::string day_text(Time time) {
  const std::string text = second_text(time);
  return text.substr(0, text.find(' '));
}

std::string rfc3339_text(Time time) {
  if (!is_known(time)) return {};
  const std::string text = to_eve_time(time);  // ends in +0000
  return text.substr(0, text.rfind('+')) + "Z";
}

}  // namespace gnomon::report
