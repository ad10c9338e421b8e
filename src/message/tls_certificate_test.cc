#include "gnomon/message/tls_certificate.h"

#include <catch2/catch.hpp>

#include "hello_samples.h"
#include "tls_pair.h"

namespace gnomon::message {
namespace {

using samples::Octets;
using samples::TlsPair;
using samples::TlsPairOptions;

// What a server sends first.
Octets server_stream(const TlsPairOptions& options, bool resumed = false) {
  TlsPair pair{options};
  REQUIRE(pair.handshake());
  if (resumed) {
    pair.again();
    REQUIRE(pair.handshake());
  }
  Octets stream;
  for (const samples::Flight& flight : pair.flights())
    if (flight.end == 1) stream.insert(stream.end(), flight.bytes.begin(), flight.bytes.end());
  return stream;
}

std::string joined(const CertificateNames& names) {
  std::string text;
  for (const std::string_view name : names.all()) text += std::string{name} + ' ';
  return text;
}

std::string names_in(Bytes stream) {
  TlsScratch scratch;
  const auto reading = read_server_certificate(stream, scratch);
  if (std::holds_alternative<TlsNotYet>(reading)) return "?";
  const auto* names = std::get_if<CertificateNames>(&reading);
  return names == nullptr ? "-" : joined(*names);
}

Octets value(std::uint8_t tag, const Octets& inside) {
  Octets out{tag, 0x83};
  samples::append_u24(out, inside.size());
  samples::append(out, inside);
  return out;
}
Octets joined(std::initializer_list<Octets> parts) {
  Octets out;
  for (const Octets& part : parts) samples::append(out, part);
  return out;
}

// A certificate of this form around a subject and extensions.
Octets certificate(const Octets& subject, const Octets& extensions) {
  const Octets nothing = value(0x30, {});
  return value(0x30, value(0x30, joined({value(0xa0, {2, 1, 2}), value(2, {1}), nothing, nothing, nothing,
                                         value(0x30, subject), nothing, value(0xa3, value(0x30, extensions))})));
}
Octets alt_names(const Octets& names) {
  return value(0x30, joined({value(6, {0x55, 0x1d, 0x11}), value(4, value(0x30, names))}));
}
Octets dns(std::string_view name) { return value(0x82, samples::bytes_of(name)); }

}  // namespace

TEST_CASE("the names of a real server's certificate are read, in each old version") {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION}) {
    CAPTURE(version);
    TlsPairOptions options;
    options.version = version;
    options.rsa = true;
    options.common_name = "Common.Example";
    CHECK(names_in(server_stream(options)) == "Common.Example ");
    options.alt_names = "DNS:a.example,IP:192.0.2.1,DNS:*.b.example,email:c@d.example,DNS:plain,URI:https://e.example/";
    CHECK(names_in(server_stream(options)) == "a.example *.b.example ");
  }
  TlsPairOptions options;
  options.version = TLS1_2_VERSION;
  CHECK(names_in(server_stream(options)).empty());
}

TEST_CASE("a certificate is asked for until it is whole") {
  TlsPairOptions options;
  options.version = TLS1_2_VERSION;
  options.alt_names = "DNS:a.example";
  const Octets stream = server_stream(options);
  bool whole = false;
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    CAPTURE(cut);
    const std::string names = names_in(Bytes{stream}.first(cut));
    whole = whole || names != "?";
    CHECK(names == (whole ? "a.example " : "?"));
  }
  CHECK(whole);
  // However records cut the messages.
  Octets messages;
  for (std::size_t at = 0; at + 5 <= stream.size() && stream[at] == 22;) {
    const std::size_t size = static_cast<std::size_t>(stream[at + 3]) << 8 | stream[at + 4];
    messages.insert(messages.end(), stream.begin() + static_cast<std::ptrdiff_t>(at + 5),
                    stream.begin() + static_cast<std::ptrdiff_t>(at + 5 + size));
    at += 5 + size;
  }
  for (const std::size_t size : {1u, 3u, 40u, 100u, 5000u})
    CHECK(names_in(samples::records(messages, size)) == "a.example ");
}

TEST_CASE("where there is no certificate in clear none is found") {
  TlsPairOptions options;
  options.alt_names = "DNS:a.example";
  CHECK(names_in(server_stream(options)) == "-");  // TLS 1.3
  options.version = TLS1_2_VERSION;
  CHECK(names_in(server_stream(options, true)) == "-");  // resumed
  CHECK(names_in(samples::bytes_of("HTTP/1.1 200 OK\r\n\r\n")) == "-");
  CHECK(names_in(samples::records({1, 0, 0, 0}, 100)) == "-");
  CHECK(names_in(samples::records({2, 0, 0, 1, 0, 12, 0, 0, 0}, 100)) == "-");
  // An empty list, and one that says that it is longer than anything.
  CHECK(names_in(samples::records({2, 0, 0, 0, 11, 0, 0, 6, 0, 0, 3, 0, 0, 0}, 100)) == "-");
  Octets endless{2, 0, 0, 0, 11, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, 0xff, 0xff, 0xf9};
  endless.resize(60'000);
  CHECK(names_in(samples::records(endless, 16'000)) == "-");
}

TEST_CASE("certificates that lie lose what they lie about") {
  CHECK(joined(*parse_certificate(certificate({}, alt_names(joined({dns("a.example"), dns("b.example")}))))) ==
        "a.example b.example ");
  const auto said = [](const Octets& names) {
    const Octets der = certificate({}, alt_names(names));
    const auto read = parse_certificate(der);
    return read ? joined(*read) : "-";
  };
  for (const std::string_view bad :
       {"", ".", "a", "a..b", ".a.b", "*", "*.", "*.a", "a.b/c", "a b.c", "192.0.2.1", "a.b\n", "\xc3\xa4.b", "a.*.b"}) {
    CAPTURE(bad);
    CHECK(said(dns(bad)).empty());
    CHECK(said(joined({dns(bad), dns("x.example")})) == "x.example ");
  }
  CHECK(said(dns(std::string(250, 'a') + ".bc")) == std::string(250, 'a') + ".bc ");
  CHECK(said(dns(std::string(251, 'a') + ".bc")).empty());
  CHECK(said(dns(std::string_view{"a.b\0.c", 6})).empty());
  // A length beyond its outside, one of indefinite form, a tag of several bytes.
  CHECK(said(joined({dns("a.example"), {0x82, 0x70, 'x', '.', 'y'}})) == "a.example ");
  CHECK(said({0x82, 0x80, 'x', '.', 'y', 0, 0}).empty());
  CHECK(said({0x9f, 0x82, 0x02, 3, 'x', '.', 'y'}).empty());
  const Octets whole = certificate({}, alt_names(dns("a.example")));
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    CHECK_FALSE(parse_certificate(Bytes{whole}.first(cut)).has_value());
  Octets many;
  for (int i = 0; i < 40; ++i) samples::append(many, dns("n" + std::to_string(i) + ".example"));
  const Octets der = certificate({}, alt_names(many));
  const auto read = parse_certificate(der);
  REQUIRE(read);
  CHECK(read->count == CertificateNames::kNamesMax);
  CHECK(read->total == 40);
}

TEST_CASE("a certificate stands for one host or for none") {
  struct Case {
    std::vector<std::string_view> names;
    std::string_view host;
  };
  for (const Case& each : {Case{{}, ""},
                           Case{{"a.example"}, "a.example"},
                           Case{{"A.Example", "WWW.a.example"}, "a.example"},
                           Case{{"*.a.example", "a.example"}, "a.example"},
                           Case{{"*.a.example"}, "a.example"},
                           Case{{"x.a.example", "a.example", "*.y.a.example"}, "a.example"},
                           Case{{"www.a.example"}, "a.example"},
                           Case{{"www.example"}, "www.example"},
                           Case{{"a.example", "b.example"}, ""},
                           Case{{"x.a.example", "y.a.example"}, ""},
                           Case{{"a.example", "xa.example"}, ""},
                           Case{{"a.example", "b.other", "www.a.example"}, ""}}) {
    std::string host;
    CAPTURE(each.host);
    CHECK(certificate_host(each.names, host) == each.host);
  }
}

TEST_CASE("a star stands for one label") {
  for (const auto& [name, host] : {std::pair{"a.example", "a.example"},
                                   {"A.EXAMPLE.", "a.example"},
                                   {"*.a.example", "x.a.example"}})
    CHECK(certificate_covers(name, host));
  for (const auto& [name, host] : {std::pair{"*.a.example", "a.example"},
                                   {"*.a.example", "x.y.a.example"},
                                   {"*.a.example", ".a.example"},
                                   {"a.example", "b.example"},
                                   {"a.example", "x.a.example"},
                                   {"x.a.example", "a.example"},
                                   {"", "a.example"}})
    CHECK_FALSE(certificate_covers(name, host));
}

}  // namespace gnomon::message
