#include "gnomon/message/dhcp_message.h"

#include <catch2/catch.hpp>
#include <string>

using namespace gnomon::message;
using gnomon::Bytes;
using gnomon::IpAddress;
using namespace std::string_literals;

namespace {

// Keeps the text until the next call: messages point into what they were read from.
Bytes bytes_of(std::string text) {
  static std::string kept;
  kept = std::move(text);
  return {reinterpret_cast<const std::uint8_t*>(kept.data()), kept.size()};
}

struct Fixed {
  char op = 1;
  char hardware = 1;
  char hardware_bytes = 6;
  std::string client = "\0\0\0\0"s;
  std::string yours = "\0\0\0\0"s;
  std::string sname = std::string(64, '\0');
  std::string file = std::string(128, '\0');
};

std::string message_of(const std::string& options, const Fixed& fixed = {}) {
  return std::string{fixed.op, fixed.hardware, fixed.hardware_bytes, 0} + "\1\2\3\4" + "\0\0\0\0"s +
         fixed.client + fixed.yours + std::string(8, '\0') + "\x02\0\0\0\0\x05"s +
         std::string(10, '\0') + fixed.sname + fixed.file + "\x63\x82\x53\x63" + options;
}

std::string option(int code, const std::string& data) {
  return std::string{static_cast<char>(code), static_cast<char>(data.size())} + data;
}

std::string option6(int code, const std::string& data) {
  return std::string{'\0', static_cast<char>(code), static_cast<char>(data.size() >> 8),
                     static_cast<char>(data.size())} +
         data;
}

const std::string kTen = "\x0a\0\0\x05"s;
const std::string kNine = "\x09\0\0\x05"s;
const std::string kAddress6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x07";

}  // namespace

TEST_CASE("a request gives the client's name and what it asks for") {
  DhcpMessage message;
  REQUIRE(parse_dhcp(
      bytes_of(message_of(option(53, "\3") + option(61, "\1mac") + option(50, kTen) +
                          option(54, "\x0a\0\0\1"s) + option(12, "laptop") +
                          option(60, "MSFT 5.0") + option(55, "\1\3\6") + "\0\xff"s + "padding")),
      message));
  CHECK(message.whole);
  CHECK(message.from_client);
  CHECK(message.type == DhcpType::kRequest);
  CHECK(message.transaction == 0x01020304);
  CHECK(message.has_mac);
  CHECK(message.mac == std::array<std::uint8_t, 6>{2, 0, 0, 0, 0, 5});
  CHECK(message.host_name == "laptop");
  CHECK(message.vendor_class == "MSFT 5.0");
  CHECK(message.parameter_list.size() == 3);
  CHECK(message.client_identifier.size() == 4);
  CHECK(message.server_address.to_string() == "10.0.0.1");
  CHECK(message.client_name() == "laptop");
  CHECK(message.requested_address.to_string() == "10.0.0.5");
  CHECK(message.says() == DhcpSays::kWish);
  CHECK_FALSE(message.address_of_client());
}

TEST_CASE("an offer is accepted by a request that names the server", "[message]") {
  struct Case {
    const char* what;
    std::string options;
    std::string client;
    std::string accepted;
  };
  const std::string none = "\0\0\0\0"s;
  const std::string server = option(54, "\x0a\0\0\1"s);
  const auto test = GENERATE_COPY(values<Case>({
      {"accepted", option(53, "\3") + option(50, kTen) + server, none, "10.0.0.5"},
      {"starts again", option(53, "\3") + option(50, kTen), none, ""},
      {"renewed", option(53, "\3") + server, kTen, ""},
      {"names no address", option(53, "\3") + server, none, ""},
      {"not yet offered", option(53, "\1") + option(50, kTen) + server, none, ""},
      {"given up", option(53, "\4") + option(50, kTen) + server, none, ""},
  }));
  CAPTURE(test.what);
  Fixed fixed;
  fixed.client = test.client;
  DhcpMessage message;
  REQUIRE(parse_dhcp(bytes_of(message_of(test.options + "\xff", fixed)), message));
  const auto accepted = message.accepted_address();
  CHECK((accepted ? accepted->to_string() : "") == test.accepted);
}

TEST_CASE("a message cut anywhere gives the options that were whole") {
  const std::string start = message_of(option(53, "\1"));
  const std::string whole = start + option(12, "host") + "\xff";
  DhcpMessage message;
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    INFO(cut);
    CHECK(parse_dhcp(bytes_of(whole).first(cut), message) == (cut >= start.size() - 3));
    CHECK((message.host_name == "host") == (cut >= whole.size() - 1));
    const bool between = cut == start.size() - 3 || cut == start.size() || cut >= whole.size() - 1;
    CHECK(message.whole == between);
  }
}

TEST_CASE("what is not DHCP is refused") {
  const std::string good = message_of(option(53, "\1") + "\xff");
  std::string bad_op = good;
  bad_op[0] = 3;
  std::string bad_magic = good;
  bad_magic[236] = 0;
  DhcpMessage message;
  CHECK(parse_dhcp(bytes_of(good), message));
  CHECK_FALSE(parse_dhcp(bytes_of(bad_op), message));
  CHECK_FALSE(parse_dhcp(bytes_of(bad_magic), message));
  CHECK_FALSE(parse_dhcp({}, message));
}

TEST_CASE("odd options are taken for what they are worth") {
  struct Case {
    std::string options;
    std::string name;
    bool whole;
  };
  const auto test = GENERATE(values<Case>({
      {option(12, "a\0"s) + "\xff", "a", true},
      {option(12, "a") + option(12, "b") + "\xff", "a", true},
      {option(12, "") + "\xff", "", true},
      {option(12, "a"), "a", true},
      {option(81, "\0\0\0host.example.org."s) + "\xff", "host", true},
      {option(81, "\4\0\0\4host\7example\0"s) + "\xff", "host", true},
      {option(81, "\4\0\0\4host"s) + "\xff", "host", true},
      {option(81, "\4\0\0\x44host"s) + "\xff", "", true},
      {option(81, "\4\0\0\x09host"s) + "\xff", "", true},
      {option(81, "\0\0"s) + "\xff", "", true},
      {option(81, "") + "\xff", "", true},
      {option(53, "") + option(12, "a") + "\xff", "a", true},
      {option(53, "\x77") + option(12, "a") + "\xff", "a", true},
      {option(50, "\1") + option(12, "a") + "\xff", "a", true},
      {"\x0c\x09"
       "ab",
       "", false},
      {"\x0c", "", false},
      {option(12, "a") + "\x0c\xff", "a", false},
      {"\xff" + option(12, "a"), "", true},
  }));
  DhcpMessage message;
  INFO(test.options);
  REQUIRE(parse_dhcp(bytes_of(message_of(test.options)), message));
  CHECK(message.client_name() == test.name);
  CHECK(message.whole == test.whole);
  CHECK(message.type == DhcpType::kNone);
}

TEST_CASE("a domain name longer than a name may be is not taken") {
  std::string labels;
  for (int i = 0; i < 4; ++i) labels += "\x3d" + std::string(61, 'l');
  DhcpMessage message;
  REQUIRE(parse_dhcp(bytes_of(message_of(option(81, "\4\0\0"s + labels) + "\xff")), message));
  CHECK(message.fqdn().size() == 4 * 62 - 1);
  const auto fqdn6_bytes = [&](const std::string& more) {
    REQUIRE(parse_dhcp6(bytes_of("\3\1\2\3"s + option6(39, "\0"s + labels + more)), message));
    return message.fqdn().size();
  };
  CHECK(fqdn6_bytes("") == 247);
  CHECK(fqdn6_bytes("\5abcde") == 253);
  CHECK(fqdn6_bytes("\6abcdef") == 254);
  CHECK(fqdn6_bytes("\7abcdefg") == kDhcpNameBytesMax);
  CHECK(fqdn6_bytes("\10abcdefgh") == 0);
  CHECK(fqdn6_bytes(labels) == 0);
}

TEST_CASE("options go on in the file and server name fields when they say so") {
  Fixed fixed;
  fixed.file = option(12, "infile") + "\xff";
  fixed.file.resize(128);
  fixed.sname = option(60, "insname") + "\xff";
  fixed.sname.resize(64);
  DhcpMessage message;
  REQUIRE(parse_dhcp(bytes_of(message_of(option(52, "\3") + "\xff", fixed)), message));
  CHECK(message.host_name == "infile");
  CHECK(message.vendor_class == "insname");
  REQUIRE(parse_dhcp(bytes_of(message_of(option(52, "\1") + "\xff", fixed)), message));
  CHECK(message.host_name == "infile");
  CHECK(message.vendor_class.empty());
  REQUIRE(parse_dhcp(bytes_of(message_of("\xff", fixed)), message));
  CHECK(message.host_name.empty());
}

TEST_CASE("which address is the client's depends on the kind of message") {
  struct Case {
    std::string type;
    std::string client;
    std::string yours;
    std::string requested;
    DhcpSays says;
    std::string address;
  };
  const std::string none = "\0\0\0\0"s;
  const auto test = GENERATE_COPY(values<Case>({
      {"\5", none, kTen, "", DhcpSays::kGranted, "10.0.0.5"},
      {"\5", kTen, none, "", DhcpSays::kGranted, "10.0.0.5"},
      {"\5", kNine, kTen, "", DhcpSays::kGranted, "10.0.0.5"},
      {"\3", kTen, none, "\1\1\1\1", DhcpSays::kHas, "10.0.0.5"},
      {"\x08", kTen, none, "", DhcpSays::kHas, "10.0.0.5"},
      {"\x08", none, none, kTen, DhcpSays::kNothing, ""},
      {"\3", none, none, kTen, DhcpSays::kWish, ""},
      {"\1", none, none, kTen, DhcpSays::kWish, ""},
      {"\2", none, kTen, "", DhcpSays::kNothing, ""},
      {"\4", kTen, none, kTen, DhcpSays::kNothing, ""},
      {"\6", none, none, "", DhcpSays::kRefused, ""},
      {"\6", kTen, kTen, kTen, DhcpSays::kRefused, ""},
      {"\7", kTen, none, "", DhcpSays::kNothing, ""},
      {"\5", none, none, kTen, DhcpSays::kNothing, ""},
      {"", kTen, kTen, kTen, DhcpSays::kNothing, ""},
  }));
  Fixed fixed;
  fixed.client = test.client;
  fixed.yours = test.yours;
  DhcpMessage message;
  REQUIRE(parse_dhcp(
      bytes_of(message_of(option(53, test.type) + option(50, test.requested) + "\xff", fixed)),
      message));
  CHECK(message.says() == test.says);
  const auto address = message.address_of_client();
  CHECK((address ? address->to_string() : "") == test.address);
}

TEST_CASE("only Ethernet addresses are taken for one") {
  Fixed token_ring;
  token_ring.hardware = 6;
  Fixed short_address;
  short_address.hardware_bytes = 5;
  DhcpMessage message;
  REQUIRE(parse_dhcp(bytes_of(message_of("\xff", token_ring)), message));
  CHECK_FALSE(message.has_mac);
  REQUIRE(parse_dhcp(bytes_of(message_of("\xff", short_address)), message));
  CHECK_FALSE(message.has_mac);
}

TEST_CASE("DHCPv6 gives name, address and hardware address, through relays too") {
  const std::string ia = std::string(12, 'i') + option6(5, kAddress6 + std::string(8, 'l'));
  const std::string request = "\3\1\2\3"s + option6(1, "\0\1\0\1\0\0\0\0\2\0\0\0\0\x09"s) +
                              option6(3, ia) + option6(39, "\0\6laptop\3lan\0"s);
  const auto relayed = [](const std::string& inner) {
    return "\x0c\0"s + std::string(32, 'r') + option6(18, "if") + option6(9, inner);
  };
  std::string wire = request;
  for (std::size_t depth = 0; depth <= kDhcpRelayDepthMax; ++depth, wire = relayed(wire)) {
    DhcpMessage message;
    REQUIRE(parse_dhcp6(bytes_of(wire), message));
    CHECK(message.is_v6);
    CHECK(message.from_client);
    CHECK(message.v6_type == 3);
    CHECK(message.transaction == 0x010203);
    CHECK(message.fqdn() == "laptop.lan");
    CHECK(message.client_name() == "laptop");
    CHECK(message.has_mac);
    CHECK(message.mac[5] == 9);
    CHECK(message.your_address.to_string() == "2001:db8::7");
    CHECK(message.says() == DhcpSays::kWish);
    CHECK(message.whole);
  }
  DhcpMessage message;
  CHECK_FALSE(parse_dhcp6(bytes_of(wire), message));  // one relay too many
  CHECK_FALSE(parse_dhcp6(bytes_of("\x0c\0"s + std::string(32, 'r')), message));
  CHECK_FALSE(parse_dhcp6(bytes_of("\0\1\2\3"s), message));
  CHECK_FALSE(parse_dhcp6(bytes_of("\x63\1\2\3"), message));
  for (std::size_t cut = 0; cut < request.size(); ++cut) {
    CHECK(parse_dhcp6(bytes_of(request).first(cut), message) == (cut >= 4));
    CHECK(message.fqdn().empty());
  }
}

TEST_CASE("in DHCPv6 a client has what it renews and what a server gives") {
  struct Case {
    int type;
    DhcpSays with_address;
    DhcpSays without;
  };
  const auto test = GENERATE(values<Case>({
      {1, DhcpSays::kWish, DhcpSays::kWish},
      {2, DhcpSays::kNothing, DhcpSays::kNothing},
      {3, DhcpSays::kWish, DhcpSays::kWish},
      {4, DhcpSays::kNothing, DhcpSays::kNothing},
      {5, DhcpSays::kHas, DhcpSays::kNothing},
      {6, DhcpSays::kHas, DhcpSays::kNothing},
      {7, DhcpSays::kGranted, DhcpSays::kNothing},
      {8, DhcpSays::kNothing, DhcpSays::kNothing},
      {9, DhcpSays::kNothing, DhcpSays::kNothing},
      {10, DhcpSays::kNothing, DhcpSays::kNothing},
      {11, DhcpSays::kNothing, DhcpSays::kNothing},
  }));
  CAPTURE(test.type);
  const std::string start = std::string{static_cast<char>(test.type)} + "\1\2\3";
  const std::string ia = std::string(12, 'i') + option6(5, kAddress6 + std::string(8, 'l'));
  DhcpMessage message;
  REQUIRE(parse_dhcp6(bytes_of(start + option6(3, ia)), message));
  CHECK(message.says() == test.with_address);
  const bool stands =
      test.with_address == DhcpSays::kHas || test.with_address == DhcpSays::kGranted;
  const auto address = message.address_of_client();
  CHECK((address ? address->to_string() : "") == (stands ? "2001:db8::7" : ""));
  REQUIRE(parse_dhcp6(bytes_of(start), message));
  CHECK(message.says() == test.without);
  CHECK_FALSE(message.address_of_client());
}

TEST_CASE("a DUID that holds no Ethernet address gives none") {
  for (const std::string& duid : {"\0\2\0\1\0\0\0\0\2\0\0\0\0\x09"s, "\0\3\0\6\2\0\0\0\0\x09"s,
                                  "\0\3\0\1\2\0\0\0\0"s, "\0\3"s, ""s}) {
    DhcpMessage message;
    REQUIRE(parse_dhcp6(bytes_of("\7\1\2\3"s + option6(1, duid)), message));
    CHECK_FALSE(message.has_mac);
    CHECK_FALSE(message.from_client);
    CHECK_FALSE(message.address_of_client());
  }
}
