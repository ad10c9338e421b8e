#include "gnomon/bytes/time.h"

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

// The last digits of `number`, and zeros before it.
template <class Number>
void put_digits(char* at, int digits, Number number) {
  auto rest = static_cast<unsigned>(number);
  for (char* each = at + digits; each != at; rest /= 10) *--each = static_cast<char>('0' + rest % 10);
}

}  // namespace

// By hand: reports and events have several in each line. A Time reaches from 1677 to 2262.
std::string to_eve_time(Time time) {
  const auto [day, clock] = calendar_of(time);
  std::string text{"0000-00-00T00:00:00.000000+0000"};
  put_digits(&text[0], 4, static_cast<int>(day.year()));
  put_digits(&text[5], 2, static_cast<unsigned>(day.month()));
  put_digits(&text[8], 2, static_cast<unsigned>(day.day()));
  put_digits(&text[11], 2, clock.hours().count());
  put_digits(&text[14], 2, clock.minutes().count());
  put_digits(&text[17], 2, clock.seconds().count());
  put_digits(&text[20], 6, clock.subseconds().count());
  return text;
}

std::string to_text_time(Time time) {
  std::string text = to_eve_time(time);
  text.resize(19);
  text[10] = ' ';
  return text;
}

}  // namespace gnomon
