#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "../packet/test_captures.h"
#include "gnomon/sensor/replay.h"
#include "quiet_sink.h"

using namespace gnomon;
using namespace gnomon::packet::testing;

namespace {

struct Log final : sensor::QuietSink {
  std::vector<std::string> answers;

  void on_dns(const observation::DnsRecord& record) override {
    std::string said = std::string{record.rrname} + ' ' + std::string{record.rcode} + " for " +
                       record.conversation.client.to_string();
    for (const observation::DnsAnswer& each : record.answers)
      said += ' ' + std::string{each.rrtype} + ' ' + std::string{each.rdata};
    answers.push_back(std::move(said));
  }
};

// An answer: chat.example is at 192.0.2.7, and so many bytes of additional records that nobody
// reads.
std::string dns_answer(std::size_t padding = 0) {
  const Raw bytes = u16(0) + u16(0x8180) + u16(1) + u16(1) + u16(0) + u16(0) + u8(4) +
                    text("chat") + u8(7) + text("example") + u8(0) + u16(1) + u16(1) + u16(0xc00c) +
                    u16(1) + u16(1) + u32(60) + u16(4) + hex("c0 00 02 07") + zeros(padding);
  return {bytes.begin(), bytes.end()};
}

// A connection of 10.0.0.1 to port 80 of 10.0.0.2, closed by both after one exchange.
std::vector<std::string> answers_in(const std::string& request, const std::string& response) {
  static const auto catalogue = identify::Catalogue::load("signatures");
  REQUIRE(catalogue);
  const auto path = std::filesystem::temp_directory_path() /
                    ("gnomon-http-dns-" + std::to_string(::getpid()) + ".pcap");
  Raw capture = pcap_header({});
  std::uint32_t client = 1000, server = 5000, milliseconds = 0;
  const auto send = [&](bool up, unsigned flags, const std::string& payload = {}) {
    const Raw segment = up ? tcp(40000, 80, text(payload), {client, server, flags})
                           : tcp(80, 40000, text(payload), {server, client, flags});
    Ip4Fields fields;
    if (!up) std::swap(fields.source, fields.destination);
    capture = capture + pcap_record(ethernet(0x0800, ip4(6, segment, fields)), 1'700'000'000,
                                    1000 * ++milliseconds, {});
    (up ? client : server) +=
        static_cast<std::uint32_t>(payload.size()) + ((flags & 3U) != 0 ? 1 : 0);
  };
  constexpr unsigned kFin = 1, kSyn = 2, kPush = 8, kAck = 16;
  send(true, kSyn);
  send(false, kSyn | kAck);
  send(true, kAck);
  send(true, kPush | kAck, request);
  for (std::size_t at = 0; at < response.size(); at += 1400)
    send(false, kPush | kAck, response.substr(at, 1400));
  send(false, kFin | kAck);
  send(true, kFin | kAck);
  std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(capture.data()),
                                              static_cast<std::streamsize>(capture.size()));
  Log log;
  sensor::ReplayOptions options;
  options.inputs = {path.string()};
  std::vector<observation::Sink*> sinks{&log};
  REQUIRE(sensor::replay(options, *catalogue, sinks, {}));
  std::filesystem::remove(path);
  return log.answers;
}

constexpr const char* kMedia = "application/dns-message";
const std::string kAsked = "GET /q?dns=AAABAAABAAAAAAAA HTTP/1.1\r\nHost: dns.example\r\n\r\n";

std::string response(const std::string& body, const std::string& status = "200 OK",
                     const std::string& media = kMedia, const std::string& more = {}) {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + media +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
}

}  // namespace

TEST_CASE("answers of the DNS are told from HTTP, however they were asked for") {
  const std::vector<std::string> told{"chat.example NOERROR for 10.0.0.1 A 192.0.2.7"};
  CHECK(answers_in(kAsked, response(dns_answer())) == told);
  CHECK(
      answers_in("GET /q HTTP/1.1\r\nHost: dns.example\r\nAccept: application/dns-message\r\n\r\n",
                 response(dns_answer())) == told);
  CHECK(answers_in(
            "POST /q HTTP/1.1\r\nHost: dns.example\r\nContent-Type: application/dns-message\r\n"
            "Content-Length: 3\r\n\r\nabc",
            response(dns_answer())) == told);
  // In chunks, and in more than one segment.
  const std::string body = dns_answer();
  CHECK(answers_in(kAsked,
                   "HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n5\r\n" +
                       body.substr(0, 5) + "\r\n29\r\n" + body.substr(5) + "\r\n0\r\n\r\n") ==
        told);
  CHECK(answers_in(kAsked, response(dns_answer(3000))) == told);
  // Whatever was asked for.
  CHECK(answers_in("GET /q HTTP/1.1\r\nHost: dns.example\r\n\r\n", response(dns_answer())) == told);
}

TEST_CASE("what is no whole answer of the DNS is not told as one") {
  const std::vector<std::string> none;
  CHECK(answers_in(kAsked, response(dns_answer(), "404 Not Found")) == none);
  CHECK(answers_in(kAsked, response(dns_answer(), "200 OK", "text/plain")) == none);
  CHECK(answers_in(kAsked,
                   response(dns_answer(), "200 OK", kMedia, "Content-Encoding: gzip\r\n")) == none);
  const std::string whole = response(dns_answer());
  CHECK(answers_in(kAsked, whole.substr(0, whole.size() - 1)) == none);
  CHECK(answers_in(kAsked, response("no answer at all")) == none);
  CHECK(answers_in(kAsked, response(dns_answer(65'536))) == none);
}
