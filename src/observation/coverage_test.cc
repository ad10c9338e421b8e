#include "gnomon/observation/coverage.h"

#include <catch2/catch.hpp>

namespace gnomon::observation {

Coverage sample() {
  Coverage c;
  c.frames = 50'000;
  c.flows = 1'500;
  c.flows_with_payload = 1'204;
  c.named_tls_sni = 999;
  c.named_certificate = 1;
  c.named_quic_sni = 160;
  c.named_dns_answer = 9;
  c.unnamed = 35;
  c.ech_real = 2;
  c.one_sided = 7;
  c.undecoded = {{"encrypted", 1}, {"unknown_ethertype", 1'003}};
  return c;
}

TEST_CASE("the coverage statement says what was named, what was not, and what absent means") {
  const auto lines = coverage_statement(sample());
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] ==
        "Of 1,204 flows with payload 97.0 % were named: 999 by TLS server name, 160 by QUIC "
        "server name, 9 by the client's own DNS answers and 1 by the server's certificate.");
  CHECK(lines[1] == "Encrypted Client Hello: 2 hid their name with Encrypted Client Hello.");
  CHECK(lines[2] ==
        "Of all 1,500 flows: 7 seen in one direction only. These may hide names and uploads.");
  CHECK(lines[3] == "1,004 frames were not decoded: 1,003 of a kind of Ethernet frame that is not known and 1 encrypted.");
  CHECK(lines[4] ==
        "Apps that are not listed were not in the 1,169 flows that have a name; the other 35 flows "
        "(2.9 %) have none, so what they were is not known.");
}

TEST_CASE("flows read in part because too many came at once are told") {
  Coverage c = sample();
  c.evicted = 1;
  c.given_up = 1'808;
  CHECK(
      coverage_statement(c)[2] ==
      "Of all 1,500 flows: 7 seen in one direction only, 1 ended early because a limit was reached "
      "and 1,808 read in part because too many others were being read. These may hide names and "
      "uploads.");
}

TEST_CASE("what was lost is told, by whom, and as a share of what came") {
  Coverage c = sample();
  c.lost = {{"interface", 30}, {"kernel", 1'200}};
  const auto lines = coverage_statement(c);
  REQUIRE(lines.size() == 6);
  CHECK(lines[3] ==
        "1,230 packets were lost before they could be read, 2.4 % of all: 1,200 by the kernel and 30 "
        "by the interface. What they belonged to may be missing here, or incomplete.");
  c.lost = {{"sensor", 1}};
  CHECK_THAT(coverage_statement(c)[3], Catch::StartsWith("1 packet was lost"));
}

TEST_CASE("absence is a fact only when every flow with payload was named") {
  Coverage c;
  c.flows = c.flows_with_payload = c.named_tls_sni = 3;
  CHECK_THAT(coverage_statement(c).front(), Catch::Contains("100.0 %"));
  CHECK_THAT(coverage_statement(c).back(), Catch::Contains("in none of the flows"));
  c.flows_with_payload = 10'000;
  c.named_tls_sni = 9'999;
  CHECK_THAT(coverage_statement(c).front(), Catch::Contains(" 99.9 %"));
  CHECK_THAT(coverage_statement(c).back(), Catch::Contains("1 flow (0.0 %)"));
  CHECK_THAT(coverage_statement(Coverage{}).back(), Catch::Contains("nothing can be said"));
}

TEST_CASE("coverages add up counter by counter and kind by kind") {
  Coverage sum = sample();
  Coverage more;
  more.flows = 1;
  more.damaged_inputs = 2;
  more.undecoded = {{"cut_header", 4}, {"encrypted", 5}};
  sum.lost = {{"kernel", 7}};
  more.lost = {{"interface", 1}, {"kernel", 2}};
  sum += more;
  CHECK(sum.lost_packets() == 10);
  CHECK(sum.lost == std::vector<std::pair<std::string, std::uint64_t>>{{"interface", 1}, {"kernel", 9}});
  CHECK(sum.flows == 1'501);
  CHECK(sum.damaged_inputs == 2);
  CHECK(sum.undecoded == std::vector<std::pair<std::string, std::uint64_t>>{
                             {"cut_header", 4}, {"encrypted", 6}, {"unknown_ethertype", 1'003}});
  CHECK(sum.undecoded_frames() == 1'013);
}

TEST_CASE("numbers are grouped by thousands") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'000) == "1,000");
  CHECK(grouped(12'345'678) == "12,345,678");
}

}  // namespace gnomon::observation
