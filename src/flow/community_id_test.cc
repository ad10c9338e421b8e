#include "gnomon/flow/community_id.h"

#include <catch2/catch.hpp>

using namespace gnomon;

// Expected values: the baseline of github.com/corelight/community-id-spec.
TEST_CASE("Community IDs equal the specification's, in both directions") {
  struct Case {
    const char* source;
    std::uint16_t source_port;
    const char* destination;
    std::uint16_t destination_port;
    std::uint8_t protocol;
    const char* id;
  };
  const auto each = GENERATE(values<Case>({
      {"128.232.110.120", 34855, "66.35.250.204", 80, 6, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
      {"66.35.250.204", 80, "128.232.110.120", 34855, 6, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
      {"192.168.1.52", 54585, "8.8.8.8", 53, 17, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
      {"8.8.8.8", 53, "192.168.1.52", 54585, 17, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
      {"192.168.0.89", 8, "192.168.0.1", 0, 1, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
      {"192.168.0.1", 0, "192.168.0.89", 8, 1, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
      // By hand from the specification: IPv6 stays IPv6.
      {"::ffff:5.6.7.8", 6666, "::ffff:1.2.3.4", 63, 6, "1:D9NQWMIb2t1nvPZ7kQ6SolNakXQ="},
  }));
  CHECK(flow::community_id(*IpAddress::parse(each.source), each.source_port,
                           *IpAddress::parse(each.destination), each.destination_port,
                           each.protocol) == each.id);
}
