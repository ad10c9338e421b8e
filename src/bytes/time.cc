#include "gnomon/bytes/time.h"

#include <cstdio>

namespace gnomon {
namespace {

struct Calendar {
  std::chrono::year_month_day day;
  std::chrono::hh_mm_ss<std::chrono::microseconds> clock;
};

Calendar calendar_of(Time time) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(micros);
  return {std::chrono::year_month_day{day},
          std::chrono::hh_mm_ss<std::chrono::microseconds>{micros - day}};
}

}  // namespace

std::string to_eve_time(Time time) {
  const auto [day, clock] = calendar_of(time);
  char text[64];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06d+0000", static_cast<int>(day.year()),
      static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

std::string to_text_time(Time time) {
  std::string text = to_eve_time(time);
  text.resize(19);
  text[10] = ' ';
  return text;
}

}  // namespace gnomon
