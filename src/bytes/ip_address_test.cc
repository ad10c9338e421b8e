#include "gnomon/bytes/ip_address.h"

#include <catch2/catch.hpp>

using gnomon::IpAddress;

TEST_CASE("addresses are written in their shortest form") {
  struct Case {
    const char* in;
    const char* out;
  };
  const auto each = GENERATE(values<Case>({{"192.0.2.1", "192.0.2.1"},
                                           {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
                                           {"2001:db8:0:0:0:0:0:1", "2001:db8::1"},
                                           {"::", "::"},
                                           {"0.0.0.0", "0.0.0.0"}}));
  const auto address = IpAddress::parse(each.in);
  REQUIRE(address.has_value());
  CHECK(address->to_string() == each.out);
}

TEST_CASE("IPv4 is told from the IPv6 address that embeds it") {
  const IpAddress v4 = *IpAddress::parse("10.0.2.1");
  const IpAddress mapped = *IpAddress::parse("::ffff:10.0.2.1");
  CHECK(v4 != mapped);
  CHECK(v4.is_v4());
  CHECK_FALSE(v4.is_mapped());
  CHECK_FALSE(mapped.is_v4());
  CHECK(mapped.is_mapped());
  CHECK(mapped.is_private());
  CHECK(v4.wire_bytes() == mapped.wire_bytes());
  CHECK(IpAddress::v6(mapped.wire_bytes().data()) == mapped);
  CHECK(IpAddress::stored(mapped.bytes().data()) == mapped);
  CHECK(IpAddress::stored(v4.bytes().data()) == v4);
  CHECK_FALSE(IpAddress::parse("2001:db8::ffff:10.0.2.1")->is_mapped());
  CHECK(IpAddress::parse("::ffff:224.0.0.1")->is_multicast_or_broadcast());
}

TEST_CASE("what is not an address is refused") {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", "::g", "example.com"})
    CHECK_FALSE(IpAddress::parse(text).has_value());
}

TEST_CASE("private ranges end where their RFC says") {
  for (const char* text :
       {"10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
        "100.127.255.255", "169.254.1.1", "127.0.0.1", "fd00::1", "fe80::1", "febf::1", "::1"})
    CHECK(IpAddress::parse(text)->is_private());
  for (const char* text : {"9.255.255.255", "11.0.0.0", "172.15.0.1", "172.32.0.1", "192.167.1.1",
                           "100.63.0.1", "100.128.0.1", "2001:db8::1", "fec0::1", "::2"})
    CHECK_FALSE(IpAddress::parse(text)->is_private());
}
