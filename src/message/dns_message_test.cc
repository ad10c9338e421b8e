#include "gnomon/message/dns_message.h"

#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>
#include <vector>

using namespace gnomon::message;
using gnomon::Bytes;
using namespace std::string_literals;

namespace {

// Keeps the text until the next call: messages point into what they were read from.
Bytes bytes_of(std::string text) {
  static std::string kept;
  kept = std::move(text);
  return {reinterpret_cast<const std::uint8_t*>(kept.data()), kept.size()};
}

std::string u16(std::size_t value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

std::string header(std::size_t flags, std::size_t questions, std::size_t answers,
                   std::size_t authorities = 0, std::size_t additionals = 0) {
  return u16(0x1234) + u16(flags) + u16(questions) + u16(answers) + u16(authorities) +
         u16(additionals);
}

std::string name(std::initializer_list<std::string_view> labels) {
  std::string wire;
  for (const std::string_view label : labels) {
    wire += static_cast<char>(label.size());
    wire += label;
  }
  return wire + '\0';
}

std::string question(const std::string& wire_name, std::size_t type) {
  return wire_name + u16(type) + u16(1);
}

std::string record(const std::string& wire_name, std::size_t type, const std::string& data,
                   std::size_t klass = 1) {
  return wire_name + u16(type) + u16(klass) + u16(0) + u16(60) + u16(data.size()) + data;
}

const std::string kToQuestion = "\xc0\x0c";  // the name at offset 12
const std::string kAddress = "\x01\x02\x03\x04";
constexpr std::size_t kResponse = 0x8180;

std::string data_of(const DnsRecord& read) {
  std::string text;
  append_dns_data(read, text);
  return text;
}

// A response with one record; its data as text, or what stands instead.
std::string read_one(std::size_t type, const std::string& data) {
  static DnsMessage message;
  const std::string wire = header(kResponse, 1, 1) + question(name({"a", "example"}), type) +
                           record(kToQuestion, type, data);
  if (!parse_dns(bytes_of(wire), message)) return "(no message)";
  if (message.records.empty()) return "(no record)";
  return data_of(message.records[0]);
}

std::string ech_config(std::size_t version, const std::string& public_name, std::size_t lie) {
  const std::string contents = "\x07"s + u16(0x20) + u16(3) + "key" + u16(4) + "\0\1\0\1"s +
                               "\x40" + static_cast<char>(public_name.size() + lie) + public_name +
                               u16(0);
  return u16(version) + u16(contents.size()) + contents;
}

// One ECHConfigList, with a config of an unknown version before the one that counts.
std::string ech_configs(const std::string& public_name, std::size_t lie = 0) {
  const std::string configs =
      ech_config(0xfe09, "draft.example", 0) + ech_config(0xfe0d, public_name, lie);
  return u16(configs.size()) + configs;
}

std::string parameter(std::size_t key, const std::string& value) {
  return u16(key) + u16(value.size()) + value;
}

}  // namespace

TEST_CASE("a response with a chain of names gives its answers") {
  const std::string wire =
      header(kResponse, 1, 2, 1, 1) + question(name({"WWW", "Example", "com"}), kDnsA) +
      record(kToQuestion, kDnsCname,
             "\x03"
             "cdn\xc0\x10") +  // cdn.Example.com
      record("\xc0\x2d", kDnsA, kAddress) +
      record("\xc0\x10", kDnsNs, name({"ns"})) + record("\0"s, kDnsOpt, "", 4096);
  DnsMessage message;
  REQUIRE(parse_dns(bytes_of(wire), message));
  CHECK(message.whole);
  CHECK(message.id == 0x1234);
  CHECK(message.response);
  CHECK(message.rcode == 0);
  REQUIRE(message.questions.size() == 1);
  CHECK(message.questions[0].name == "WWW.Example.com");
  CHECK(message.questions[0].type == kDnsA);
  REQUIRE(message.records.size() == 4);
  CHECK(message.records[0].name == "WWW.Example.com");
  CHECK(message.records[0].target == "cdn.Example.com");
  CHECK(message.records[0].ttl == 60);
  CHECK(message.records[1].name == "cdn.Example.com");
  CHECK(message.records[1].address.to_string() == "1.2.3.4");
  CHECK(message.records[1].section == DnsSection::kAnswer);
  CHECK(message.records[2].section == DnsSection::kAuthority);
  CHECK(message.records[2].name == "Example.com");
  CHECK(message.records[3].section == DnsSection::kAdditional);
  CHECK(message.records[3].name == "<Root>");

  message.lower_names();
  CHECK(message.questions[0].name == "www.example.com");
  CHECK(message.records[0].target == "cdn.example.com");
  CHECK(message.records[3].name == "<Root>");
}

TEST_CASE("a message cut anywhere gives the records that were whole") {
  const std::string head = header(kResponse, 1, 2) + question(name({"a", "example"}), kDnsA);
  const std::string first = head + record(kToQuestion, kDnsA, kAddress);
  const std::string whole = first + record(kToQuestion, kDnsA, kAddress);
  DnsMessage message;
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    INFO(cut);
    CHECK(parse_dns(bytes_of(whole).first(cut), message) == (cut >= head.size()));
    CHECK(message.questions.size() == (cut >= head.size() ? 1U : 0U));
    const std::size_t records = cut == whole.size() ? 2U : cut >= first.size() ? 1U : 0U;
    CHECK(message.records.size() == records);
    CHECK(message.whole == (cut == whole.size()));
  }
}

TEST_CASE("records are written as zone files do") {
  struct Case {
    std::uint16_t type;
    std::string data;
    std::string text;
  };
  const std::string alpn = parameter(1, "\x02h3\x02h2");
  const auto test = GENERATE_COPY(values<Case>({
      {kDnsA, kAddress, "1.2.3.4"},
      {kDnsAaaa, "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01", "2001:db8::1"},
      {kDnsCname, name({"b"}), "b"},
      {kDnsCname, "\0"s, "<Root>"},
      {kDnsNs, kToQuestion, "a.example"},
      {kDnsPtr, name({"h", "lan"}), "h.lan"},
      {kDnsDname, name({"d"}), "d"},
      {kDnsSoa, name({"m"}) + name({"r"}) + std::string(20, 'x'), "m"},
      {kDnsMx, u16(10) + name({"mx"}), "10 mx"},
      {kDnsSrv, u16(1) + u16(2) + u16(443) + name({"s"}), "1 443 s"},
      {kDnsTxt, "\x03one\x03two", "one"},
      {99, "ab", "\\# 2 6162"},
      {99, "", "\\# 0"},
      {kDnsHttps, u16(1) + "\0"s + alpn, "1 . alpn=h3,h2"},
      {kDnsHttps, u16(0) + name({"svc"}), "0 svc"},
      {kDnsSvcb,
       u16(1) + "\0"s + alpn + parameter(3, u16(8443)) + parameter(4, kAddress + kAddress) +
           parameter(5, ech_configs("public.example")) +
           parameter(6, "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x02") +
           parameter(77, "unknown"),
       "1 . alpn=h3,h2 port=8443 ipv4hint=1.2.3.4,1.2.3.4 ech=public.example "
       "ipv6hint=2001:db8::2"},
      // Hints of a wrong size, ECH that lies, ALPN that lies: the parameter alone is dropped.
      {kDnsHttps, u16(1) + "\0"s + parameter(4, "abc") + alpn, "1 . alpn=h3,h2"},
      {kDnsHttps, u16(1) + "\0"s + parameter(6, "abcd"), "1 ."},
      {kDnsHttps, u16(1) + "\0"s + parameter(5, ech_configs("p.example", 40)), "1 . ech="},
      {kDnsHttps, u16(1) + "\0"s + parameter(5, ""), "1 . ech="},
      {kDnsHttps, u16(1) + "\0"s + parameter(1, "\x09h3"), "1 ."},

      {kDnsA, "\x01\x02\x03", "(no record)"},
      {kDnsA, "", "(no record)"},
      {kDnsAaaa, kAddress, "(no record)"},
      {kDnsCname, "", "(no record)"},
      {kDnsCname,
       "\x05"
       "abc",
       "(no record)"},
      {kDnsMx, "\x01", "(no record)"},
      {kDnsSrv, "\0\1\0\2\0\3"s, "(no record)"},
      {kDnsTxt,
       "\x09"
       "abc",
       "(no record)"},
      {kDnsHttps, u16(1), "(no record)"},
      {kDnsHttps, u16(1) + "\0"s + "\0\1\0\x09h"s, "(no record)"},
  }));
  INFO(test.type << " expected " << test.text);
  CHECK(read_one(test.type, test.data) == test.text);
}

TEST_CASE("long data of an unknown type are written in part") {
  CHECK(read_one(99, std::string(65, 'a')) == "\\# 65 " + [] {
    std::string hex;
    for (std::size_t i = 0; i < kDnsHexBytesMax; ++i) hex += "61";
    return hex + "...";
  }());
}

TEST_CASE("names that are damaged are refused") {
  struct Case {
    std::string why;
    std::string wire;
  };
  const std::string l63(63, 'l');
  const auto test = GENERATE_COPY(values<Case>({
      {"a pointer to itself", "\xc0\x0c"},
      {"a pointer forward", "\xc0\x0e" + name({"a"})},
      {"a pointer into its own labels",
       "\x01"
       "a\xc0\x0c"},
      {"a pointer beyond the message", "\xff\xff"},
      {"a label of a reserved kind", "\x40" + name({"a"})},
      {"a label of another reserved kind", "\x80" + name({"a"})},
      {"half a pointer", "\xc0"},
      {"no end",
       "\x01"
       "a"},
      {"more than 255 bytes", name({l63, l63, l63, std::string(62, 'm')})},
  }));
  INFO(test.why);
  DnsMessage message;
  const std::string tail = u16(1) + u16(1);
  const bool ends_early = test.why == "half a pointer" || test.why == "no end";
  CHECK_FALSE(
      parse_dns(bytes_of(header(0x0100, 1, 0) + test.wire + (ends_early ? "" : tail)), message));
  CHECK(message.questions.empty());
}

TEST_CASE(
    "what has a pointer that leads nowhere is left out, what stands before and behind it is not") {
  const std::string start = header(kResponse, 1, 3) + question(name({"a", "example"}), kDnsA);
  const std::string good = record(kToQuestion, kDnsA, kAddress);
  DnsMessage message;
  for (const std::string& pointer : {u16(0xc000 | 60), u16(0xc100), "\1b"s + u16(0xffff)}) {
    for (const std::string& bad :
         {record(pointer, kDnsA, kAddress), record(kToQuestion, kDnsCname, pointer)}) {
      REQUIRE(parse_dns(bytes_of(start + good + bad + good), message));
      REQUIRE(message.records.size() == 2);
      CHECK(message.records[1].address.to_string() == "1.2.3.4");
      CHECK_FALSE(message.whole);
    }
  }
}

TEST_CASE("answers are read behind more questions than are kept") {
  std::string wire = header(kResponse, 70, 1);
  for (int i = 0; i < 70; ++i) wire += question(name({"q", "example"}), kDnsA);
  const std::string whole = wire + record(kToQuestion, kDnsA, kAddress);
  DnsMessage message;
  REQUIRE(parse_dns(bytes_of(whole), message));
  CHECK(message.questions.size() == kDnsQuestionsMax);
  CHECK(message.records.size() == 1);
  CHECK_FALSE(message.whole);
  REQUIRE(parse_dns(bytes_of(wire).first(wire.size() - 3), message));
  CHECK(message.records.empty());
}

TEST_CASE("what has a name that is too long is left out, what stands before and behind it is not") {
  const std::string l63(63, 'l');
  const std::string too_long = name({l63, l63, l63, std::string(62, 'm')});
  // Labels that are too long together with the question's name, which the pointer leads to.
  const std::string behind_pointer = "\x3f" + l63 + "\x3f" + l63 + "\x3f" + l63 + "\x3f" + l63 +
                                     kToQuestion;
  const std::string start = header(kResponse, 1, 3) + question(name({"a", "example"}), kDnsA);
  const std::string good = record(kToQuestion, kDnsA, kAddress);
  DnsMessage message;
  for (const std::string& bad :
       {record(too_long, kDnsA, kAddress), record(behind_pointer, kDnsA, kAddress),
        record(kToQuestion, kDnsCname, too_long), record(kToQuestion, kDnsMx, u16(1) + too_long)}) {
    REQUIRE(parse_dns(bytes_of(start + good + bad + good), message));
    CHECK(message.questions.size() == 1);
    REQUIRE(message.records.size() == 2);
    CHECK(message.records[1].address.to_string() == "1.2.3.4");
    CHECK_FALSE(message.whole);
  }
  // Nothing stands before it, as in multicast DNS.
  REQUIRE(parse_dns(bytes_of(header(0x8400, 0, 2) + record(too_long, kDnsA, kAddress) +
                             record(name({"b", "local"}), kDnsA, kAddress)),
                    message));
  REQUIRE(message.records.size() == 1);
  CHECK(message.records[0].name == "b.local");
  // Of the question: its answer is there.
  REQUIRE(parse_dns(bytes_of(header(kResponse, 1, 1) + question(too_long, kDnsA) +
                             record(name({"c", "example"}), kDnsA, kAddress)),
                    message));
  CHECK(message.questions.empty());
  REQUIRE(message.records.size() == 1);
  CHECK(message.records[0].name == "c.example");
  // Nothing else is there, and one that never ends.
  CHECK_FALSE(parse_dns(bytes_of(header(0x8400, 0, 1) + record(too_long, kDnsA, kAddress)), message));
  const std::string endless = too_long.substr(0, too_long.size() - 1);
  REQUIRE(parse_dns(bytes_of(start + good + endless), message));
  CHECK(message.records.size() == 1);
  REQUIRE(parse_dns(bytes_of(start + good + endless + "\x80" + good + good), message));
  CHECK(message.records.size() == 1);
}

TEST_CASE("the content type of DNS messages is told from others") {
  for (const char* yes : {"application/dns-message", "Application/DNS-Message",
                          "application/dns-message; charset=x", "application/dns-message;q=1"})
    CHECK(is_dns_media_type(yes));
  for (const char* no : {"", "application/dns-messages", "application/dns-json", "text/plain",
                         "application/dns-messag", " application/dns-message"})
    CHECK_FALSE(is_dns_media_type(no));
}

TEST_CASE("the longest name is read, and names are kept as they are") {
  const std::string l63(63, 'l');
  DnsMessage message;
  REQUIRE(parse_dns(
      bytes_of(header(0x0100, 1, 0) + question(name({l63, l63, l63, std::string(61, 'm')}), 1)),
      message));
  CHECK(message.questions[0].name.size() == kDnsNameBytesMax - 2);
  REQUIRE(parse_dns(bytes_of(header(0x0100, 1, 0) + question(name({"a.b \\", "\xff\x01"}), 1)),
                    message));
  CHECK(message.questions[0].name == "a.b \\.\xff\x01");
}

TEST_CASE("a name in data may point before its record, and a chain of pointers ends") {
  // c -> "c" + b, b -> "b" + a, a -> "a": each leads before the one it is reached from.
  const std::string wire = header(kResponse, 1, 3) + question(name({"a"}), kDnsCname) +
                           record(kToQuestion, kDnsCname,
                                  "\x01"
                                  "b\xc0\x0c") +  // at 31
                           record(kToQuestion, kDnsCname,
                                  "\x01"
                                  "c\xc0\x1f") +
                           record(kToQuestion, kDnsCname,
                                  "\x01"
                                  "d\xc0\x3f");
  DnsMessage message;
  REQUIRE(parse_dns(bytes_of(wire), message));
  REQUIRE(message.records.size() == 2);  // the last pointer leads into itself
  CHECK(message.records[0].target == "b.a");
  CHECK(message.records[1].target == "c.b.a");
  CHECK_FALSE(message.whole);
}

TEST_CASE("a chain of pointers without labels is not followed for long") {
  for (const auto& [pointers, read] : {std::pair{63U, true}, std::pair{64U, false}}) {
    std::string chain;  // at 31: each leads to the one before, the first to "a"
    for (unsigned i = 0; i < pointers; ++i) chain += u16(0xc000 | (i == 0 ? 12 : 29 + 2 * i));
    const std::string wire = header(kResponse, 1, 2) + question(name({"a"}), kDnsCname) +
                             record(kToQuestion, 99, chain) +
                             record(u16(0xc000 | (29 + 2 * pointers)), kDnsA, kAddress);
    DnsMessage message;
    REQUIRE(parse_dns(bytes_of(wire), message));
    INFO(pointers);
    REQUIRE(message.records.size() == (read ? 2 : 1));
    if (read) CHECK(message.records[1].name == "a");
  }
}

TEST_CASE("pointers hidden in data cannot lead in circles") {
  // The data of the first record, at 27: a pointer to 29, and there one back to 27.
  const std::string wire = header(kResponse, 0, 2) + record(name({"abc"}), 99, "\xc0\x1d\xc0\x1b") +
                           record("\xc0\x1b", kDnsA, kAddress);
  REQUIRE(wire.find("\xc0\x1d\xc0\x1b") == 0x1b);
  DnsMessage message;
  REQUIRE(parse_dns(bytes_of(wire), message));
  CHECK(message.records.size() == 1);
  CHECK_FALSE(message.whole);
}

TEST_CASE("the top bit of a class, multicast DNS's own, is taken off, OPT's is not") {
  DnsMessage message;
  REQUIRE(parse_dns(
      bytes_of(header(0x8400, 1, 1, 0, 1) + name({"a"}) + u16(kDnsA) + u16(0x8001) +
               record(kToQuestion, kDnsA, kAddress, 0x8001) + record("\0"s, kDnsOpt, "", 0xffff)),
      message));
  CHECK(message.questions[0].klass == 1);
  CHECK(message.records[0].klass == 1);
  CHECK(message.records[1].klass == 0xffff);
}

TEST_CASE("a record whose data make no sense is left out, those after it are not") {
  const std::string wire = header(kResponse, 1, 2) + question(name({"a"}), kDnsA) +
                           record(kToQuestion, kDnsA, "x") + record(kToQuestion, kDnsA, kAddress);
  DnsMessage message;
  REQUIRE(parse_dns(bytes_of(wire), message));
  CHECK(message.records.size() == 1);
  CHECK_FALSE(message.whole);
}

TEST_CASE("counts beyond the limits are not followed") {
  std::string wire = header(kResponse, 0, 0xffff);
  for (std::size_t i = 0; i < kDnsRecordsMax + 10; ++i) wire += record("\0"s, kDnsA, kAddress);
  DnsMessage message;
  REQUIRE(parse_dns(bytes_of(wire), message));
  CHECK(message.records.size() == kDnsRecordsMax);
  CHECK_FALSE(message.whole);

  wire = header(0, 0xffff, 0);
  for (std::size_t i = 0; i < kDnsQuestionsMax + 10; ++i) wire += question("\0"s, 1);
  REQUIRE(parse_dns(bytes_of(wire), message));
  CHECK(message.questions.size() == kDnsQuestionsMax);
}

TEST_CASE("text of names is bounded") {
  // 1,024 records with two names of some 250 bytes each would be half a MiB.
  const std::string l60(60, 'l');
  const std::string long_name = name({l60, l60, l60, l60});
  std::string wire = header(kResponse, 1, kDnsRecordsMax) + question(long_name, kDnsCname);
  for (std::size_t i = 0; i < kDnsRecordsMax; ++i)
    wire += record(kToQuestion, kDnsCname, "\xc0\x0c");
  DnsMessage message;
  REQUIRE(parse_dns(bytes_of(wire), message));
  CHECK_FALSE(message.whole);
  CHECK(message.records.size() > 200);
  CHECK(message.records.size() < kDnsRecordsMax);
}

TEST_CASE("flags and codes are read, the upper bits from OPT") {
  DnsMessage message;
  REQUIRE(parse_dns(bytes_of(header(0x8783, 1, 0) + question(name({"a"}), 1)), message));
  CHECK(message.rcode == 3);
  CHECK(message.authoritative);
  CHECK(message.truncated_flag);
  CHECK(message.opcode == 0);
  const std::string opt = "\0"s + u16(kDnsOpt) + u16(1232) + "\x01\0\0\0"s + u16(0);
  REQUIRE(parse_dns(bytes_of(header(0xa800, 0, 0, 0, 1) + opt), message));
  CHECK(message.rcode == 16);
  CHECK(message.opcode == 5);
  CHECK(message.records[0].klass == 1232);
  std::string scratch;
  CHECK(dns_rcode_name(message.rcode, scratch) == "BADVERS");
  CHECK(dns_rcode_name(3, scratch) == "NXDOMAIN");
  CHECK(dns_rcode_name(4095, scratch) == "RCODE4095");
  CHECK(dns_type_name(65, scratch) == "HTTPS");
  CHECK(dns_type_name(1, scratch) == "A");
  CHECK(dns_type_name(257, scratch) == "CAA");
  CHECK(dns_type_name(3, scratch) == "TYPE3");
  CHECK(dns_type_name(65280, scratch) == "TYPE65280");
}

TEST_CASE("a message is read afresh whatever the last one held") {
  DnsMessage message;
  REQUIRE(parse_dns(
      bytes_of(header(0x8783, 1, 1) + question(name({"a"}), 1) + record(kToQuestion, 1, kAddress)),
      message));
  CHECK_FALSE(parse_dns(bytes_of("short"), message));
  CHECK(message.questions.empty());
  CHECK(message.records.empty());
  CHECK(message.rcode == 0);
  CHECK_FALSE(message.response);
}

TEST_CASE("an inverse query carries an answer without a question") {
  DnsMessage message;
  REQUIRE(parse_dns(bytes_of(header(0x0980, 0, 1) + record("\0"s, kDnsA, kAddress)), message));
  REQUIRE(message.records.size() == 1);
  CHECK(message.records[0].name == "<Root>");
  CHECK_FALSE(message.response);
}

TEST_CASE("other protocols are not plausible") {
  struct Case {
    std::string why;
    bool plausible;
    std::string wire;
  };
  const std::string ask = question(name({"a", "example"}), 1);
  const auto test = GENERATE_COPY(values<Case>({
      {"a query", true, header(0x0100, 1, 0) + ask},
      {"a query with EDNS", true, header(0x0120, 1, 0, 0, 1) + ask + record("\0"s, 41, "", 4096)},
      {"a response", true, header(kResponse, 1, 1) + ask + record(kToQuestion, 1, kAddress)},
      {"a query for HTTPS", true, header(0x0100, 1, 0) + question(name({"_443", "a"}), 65)},
      {"a truncated response", true, header(0x8380, 1, 9) + ask},
      {"nothing", false, ""},
      {"a header", false, header(0x0100, 1, 0)},
      {"no question", false, header(0x0100, 0, 0)},
      {"two questions", false, header(0x0100, 2, 0) + ask + ask},
      {"an unknown opcode", false, header(0x3100, 1, 0) + ask},
      {"the reserved bit", false, header(0x0140, 1, 0) + ask},
      {"an odd rcode", false, header(0x818f, 1, 0) + ask},
      {"a query with an rcode", false, header(0x0103, 1, 0) + ask},
      {"a query with answers", false,
       header(0x0100, 1, 1) + ask + record(kToQuestion, 1, kAddress)},
      {"answers that cannot be there", false, header(kResponse, 1, 3) + ask + "short"},
      {"an odd name", false, header(0x0100, 1, 0) + question(name({"a b"}), 1)},
      {"a compressed question", false, header(0x0100, 1, 0) + question(kToQuestion, 1)},
      {"type 0", false, header(0x0100, 1, 0) + question(name({"a"}), 0)},
      {"an unassigned type", false, header(0x0100, 1, 0) + question(name({"a"}), 1000)},
      {"an odd class", false, header(0x0100, 1, 0) + name({"a"}) + u16(1) + u16(7)},
      {"a cut name", false,
       header(0x0100, 1, 0) + "\x09"
                              "a"},
      {"STUN", false, "\0\1\0\0\x21\x12\xa4\x42"s + std::string(12, 'x')},
      {"RTP", false, "\x80\x60" + std::string(60, 'x')},
  }));
  INFO(test.why);
  CHECK(dns_looks_plausible(bytes_of(test.wire)) == test.plausible);
}

TEST_CASE("hosts name themselves under .local") {
  struct Case {
    std::string_view name;
    std::string_view label;
  };
  const auto test = GENERATE(values<Case>({
      {"printer.local", "printer"},
      {"Dan-MacBook.LOCAL", "Dan-MacBook"},
      {"_ipp.local", ""},
      {"Printer._ipp._tcp.local", ""},
      {"a.b.local", ""},
      {".local", ""},
      {"local", ""},
      {"printer.locaL.lan", ""},
      {"printer.example", ""},
      {"", ""},
  }));
  INFO(test.name);
  CHECK(local_host_label(test.name) == test.label);
}

TEST_CASE("local hosts come with their addresses, from responses only") {
  const std::string host = name({"Printer", "local"});
  const std::string records = record(host, kDnsA, kAddress, 0x8001) +
                              record(name({"x", "example"}), kDnsA, kAddress) +
                              record(name({"auth", "local"}), kDnsA, kAddress) +
                              record(host, kDnsAaaa, std::string(15, '\0') + "\x01");
  const auto found = [&records](std::size_t flags) {
    DnsMessage message;
    std::string text;
    REQUIRE(parse_dns(bytes_of(header(flags, 0, 2, 1, 1) + records), message));
    for_each_local_host(message, [&text](std::string_view label, const gnomon::IpAddress& address) {
      text += std::string{label} + '=' + address.to_string() + ' ';
    });
    return text;
  };
  CHECK(found(0x8400) == "Printer=1.2.3.4 Printer=::1 ");
  CHECK(found(0x0000).empty());
}
