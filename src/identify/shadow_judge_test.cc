#include "gnomon/identify/shadow_judge.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using gnomon::IpAddress;
using namespace gnomon::identify;
using namespace gnomon::observation;

struct Knowledge {
  Catalogue catalogue;
  ShadowName names;
};

const Knowledge& shipped() {
  static const Knowledge kKnowledge = [] {
    auto catalogue = Catalogue::load("signatures");
    REQUIRE(catalogue.has_value());
    auto names = ShadowName::load("signatures");
    REQUIRE(names.has_value());
    return Knowledge{std::move(*catalogue), std::move(*names)};
  }();
  return kKnowledge;
}

FlowRecord flow(std::string_view host, std::uint32_t streamed = 0, std::uint32_t pieces = 0) {
  FlowRecord record;
  record.host = host;
  record.payload_to_server = 5000;
  record.payload_to_client = 50'000;
  record.shape.streamed = streamed;
  record.shape.pieces = pieces;
  record.shape.cadence_ms = 40;
  return record;
}

IpAddress address(std::uint8_t last) {
  const std::uint8_t bytes[] = {192, 0, 2, last};
  return IpAddress::v4(bytes);
}

class Lab {
 public:
  bool see(const FlowRecord& record) { return judge.see_flow(record, candidate); }
  void ask(std::string_view name, std::string_view type, std::string_view data,
           IpAddress where = {}) {
    DnsAnswer answer;
    answer.rrname = name;
    answer.rrtype = type;
    answer.rdata = data;
    answer.address = where;
    DnsRecord record;
    record.rrname = name;
    record.answered = true;
    record.rcode = "NOERROR";
    record.answers = {&answer, 1};
    judge.see_dns(record);
  }
  [[nodiscard]] bool has_reason(std::string_view part) const {
    for (const std::string_view each : candidate.reasons)
      if (each.find(part) != std::string_view::npos) return true;
    return false;
  }
  ShadowJudge judge{shipped().catalogue, shipped().names};
  CandidateRecord candidate;
};

TEST_CASE("a name that leaves little doubt is a candidate once, with reasons") {
  Lab lab;
  REQUIRE(lab.see(flow("aichatbotwriter.com")));
  CHECK(lab.candidate.host == "aichatbotwriter.com");
  CHECK(lab.candidate.score >= 0.5);
  CHECK(lab.candidate.score <= 1);
  CHECK(lab.has_reason("name: "));
  CHECK(!lab.see(flow("aichatbotwriter.com")));
  CHECK(lab.judge.counters().candidates == 1);
}

TEST_CASE("a name alone must leave less doubt than one beside other evidence") {
  Lab lab;
  // Some 2.9 and 2.1 above the threshold.
  for (const std::string_view host : {"cedarlabs.ai", "oakworks.ai"}) {
    CAPTURE(host);
    CHECK(!lab.see(flow(host)));
    REQUIRE(lab.see(flow(host, 1, 10)));
    CHECK(lab.has_reason("stream: 1 answer in"));
  }
}

TEST_CASE("streamed answers make up for a name that says little") {
  Lab lab;
  CHECK(!lab.see(flow("chat.lumenwrite.example")));
  REQUIRE(lab.see(flow("chat.lumenwrite.example", 1, 120)));
  CHECK(lab.has_reason("stream: 1 answer in"));
}

TEST_CASE("one stream does not make AI of a host whose name speaks against it; many do") {
  Lab lab;
  CHECK(!lab.see(flow("www.kreisverwaltung-musterstadt.de", 1, 100)));
  int flows = 1;
  while (flows < 10 && !lab.see(flow("www.kreisverwaltung-musterstadt.de", 1, 100))) ++flows;
  CHECK(flows > 1);
  CHECK(flows < 10);
}

TEST_CASE("ordinary hosts, addresses, known and shared hosts are no candidates") {
  Lab lab;
  for (const char* host :
       {"www.example.org", "192.0.2.1", "2001:db8::1", "", ".", "chatgpt.com", "api.openai.com",
        "static.intercomcdn.com", "x.sentry.io", "thai.com", "mail.airport.de"}) {
    CAPTURE(host);
    CHECK(!lab.see(flow(host)));
  }
  // However much they stream.
  for (int i = 0; i < 9; ++i)
    for (const char* host : {"192.0.2.1", "chatgpt.com", "x.sentry.io", "static.intercomcdn.com"})
      CHECK(!lab.see(flow(host, 2, 200)));
}

TEST_CASE("what was only asked for is no candidate") {
  Lab lab;
  FlowRecord record = flow("aichatbotwriter.com");
  record.payload_to_client = 0;
  CHECK(!lab.see(record));
  lab.ask("aichatbotwriter.com", "A", "192.0.2.9", address(9));
  CHECK(lab.judge.counters().candidates == 0);
  CHECK(lab.see(flow("aichatbotwriter.com")));
}

TEST_CASE("an alias of an AI host, or of a platform of AI apps, counts") {
  Lab lab;
  lab.ask("assist.musterfirma.example", "CNAME", "api.openai.com");
  lab.ask("demo.musterfirma.example", "CNAME", "musterfirma-demo.hf.space");
  lab.ask("shop.musterfirma.example", "CNAME", "musterfirma.myshopify.com");
  CHECK(!lab.see(flow("shop.musterfirma.example")));
  CHECK(!lab.see(flow("shop.musterfirma.example", 1, 10)));
  for (const char* host : {"assist.musterfirma.example", "demo.musterfirma.example"}) {
    CAPTURE(host);
    const bool at_once = lab.see(flow(host));
    CHECK((at_once || lab.see(flow(host, 1, 100))));
    CHECK(lab.has_reason("dns: an alias"));
  }
}

TEST_CASE("speaking a model's API decides") {
  Lab lab;
  ModelCallRecord call;
  call.host = "gateway.musterfirma.example";
  call.family = "openai-chat";
  // That a client asked does not make the server one.
  for (const std::uint16_t status :
       std::initializer_list<std::uint16_t>{404, 405, 410, 501, 301, 307}) {
    call.status = status;
    CHECK(!lab.judge.see_model_call(call, lab.candidate));
  }
  call.status = 429;
  REQUIRE(lab.judge.see_model_call(call, lab.candidate));
  CHECK(lab.has_reason("api: spoke openai-chat (+6.0)"));
  CHECK(!lab.judge.see_model_call(call, lab.candidate));
  call.host = "api.openai.com";
  CHECK(!lab.judge.see_model_call(call, lab.candidate));
  call.host = "192.0.2.7";
  CHECK(!lab.judge.see_model_call(call, lab.candidate));
}

TEST_CASE("evidence of a new kind makes a candidate told again, on another day") {
  Lab lab;
  REQUIRE(lab.see(flow("aichatbotwriter.com")));
  ModelCallRecord call;
  call.host = "aichatbotwriter.com";
  call.family = "openai-chat";
  call.time = gnomon::Time{std::chrono::hours{1}};
  CHECK(!lab.judge.see_model_call(call, lab.candidate));
  call.time = gnomon::Time{std::chrono::hours{25}};
  REQUIRE(lab.judge.see_model_call(call, lab.candidate));
  CHECK(lab.has_reason("api: spoke openai-chat (+6.0)"));
  call.time = gnomon::Time{std::chrono::hours{49}};
  CHECK(!lab.judge.see_model_call(call, lab.candidate));
}

TEST_CASE("names in a certificate count") {
  Lab lab;
  const std::string_view own[] = {"www.musterfirma.example"};
  lab.judge.see_certificate("www.musterfirma.example", own);
  lab.judge.see_certificate("www.musterfirma.example", {});
  CHECK(!lab.see(flow("www.musterfirma.example", 1, 10)));
  const std::string_view more[] = {"www.musterfirma.example", "*.chatgpt.com"};
  lab.judge.see_certificate("www.musterfirma.example", more);
  REQUIRE(lab.see(flow("www.musterfirma.example", 1, 60)));
  CHECK(lab.has_reason("certificate: also for chatgpt.com"));
}

TEST_CASE("the host that was added first makes room") {
  Lab lab;
  for (std::size_t i = 0; i <= ShadowJudge::kHostsMax; ++i)
    lab.see(flow("host" + std::to_string(i) + ".example"));
  CHECK(lab.judge.counters().evicted == 1);
}

}  // namespace
