#include "gnomon/bytes/time.h"

#include <catch2/catch.hpp>

using namespace gnomon;

TEST_CASE("times are written in UTC, to the microsecond, also before 1970 and after 2038") {
  CHECK(to_eve_time(time_of(0, 0)) == "1970-01-01T00:00:00.000000+0000");
  CHECK(to_eve_time(time_of(1764074247, 123999)) == "2025-11-25T12:37:27.000123+0000");
  CHECK(to_eve_time(time_of(-1, 0)) == "1969-12-31T23:59:59.000000+0000");
  CHECK(to_eve_time(time_of(4294967295, 999999999)) == "2106-02-07T06:28:15.999999+0000");
  CHECK(to_text_time(time_of(1764074247, 5)) == "2025-11-25 12:37:27");
}
