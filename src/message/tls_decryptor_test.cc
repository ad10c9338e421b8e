#include "gnomon/message/tls_decryptor.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "tls_pair.h"

namespace {

using namespace gnomon::message;
using gnomon::Bytes;
using samples::Flight;
using samples::TlsPair;
using samples::TlsPairOptions;

class Keys final : public KeySource {
 public:
  explicit Keys(std::string_view text) {
    KeyLogReader reader;
    reader.feed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, log_);
    reader.finish(log_);
  }
  bool find_key(KeyLabel label, Bytes id, Secret& secret) override {
    const Secret* found = hidden_ ? nullptr : log_.find(label, id);
    if (found != nullptr) secret = *found;
    return found != nullptr;
  }
  void hide(bool hidden) { hidden_ = hidden; }
  // Hidden until a last look.
  void hide_till_last() { hidden_ = till_last_ = true; }
  void look_now() override { hidden_ = hidden_ && !till_last_; }

 private:
  KeyLog log_;
  bool till_last_ = false;
  bool hidden_ = false;
};

struct Out final : TlsPlaintext {
  void on_plaintext(unsigned end, Bytes bytes) override {
    text[end].append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void on_plaintext_gap(unsigned end, std::uint64_t bytes) override {
    gap_bytes[end] += bytes;
    text[end].append("|");
  }
  void on_alpn(std::string_view protocol) override { alpn = protocol; }

  std::array<std::string, 2> text;
  std::array<std::uint64_t, 2> gap_bytes{};
  std::string alpn;
};

const TlsCrypto& crypto() {
  static const TlsCrypto made = [] {
    auto result = TlsCrypto::create();
    REQUIRE(result);
    return std::move(*result);
  }();
  return made;
}

struct Run {
  Out out;
  TlsDecryptCounters counters;
  TlsDecryptor decryptor;

  void feed(unsigned end, Bytes bytes, Keys& keys) {
    decryptor.feed(end, bytes, crypto(), keys, counters, out);
  }
  void gap(unsigned end, std::uint64_t bytes, Keys& keys) {
    decryptor.gap(end, bytes, crypto(), keys, counters, out);
  }
  // Everything, in pieces of at most `piece` bytes.
  void feed(const std::vector<Flight>& flights, Keys& keys, std::size_t piece = 1 << 20) {
    for (const Flight& flight : flights) {
      for (std::size_t at = 0; at < flight.bytes.size(); at += piece)
        feed(flight.end, Bytes{flight.bytes}.subspan(at, std::min(piece, flight.bytes.size() - at)),
             keys);
    }
    decryptor.close(counters);
  }
};

const std::string kQuestion = "POST / HTTP/1.1\r\nHost: api.example\r\n\r\n";
const std::string kAnswer(40000, 'a');

bool talk(TlsPair& pair) {
  return pair.handshake() && pair.send(0, kQuestion) && pair.send(1, kAnswer) &&
         pair.send(0, kQuestion);
}

struct Row {
  const char* suite;
  int version;
};
std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.suite << " " << std::hex << row.version;
}

}  // namespace

TEST_CASE("what every cipher suite protects is read") {
  const auto row = GENERATE(values<Row>({{"TLS_AES_128_GCM_SHA256", TLS1_3_VERSION},
                                         {"TLS_AES_256_GCM_SHA384", TLS1_3_VERSION},
                                         {"TLS_CHACHA20_POLY1305_SHA256", TLS1_3_VERSION},
                                         {"TLS_AES_128_CCM_SHA256", TLS1_3_VERSION},
                                         {"TLS_AES_128_CCM_8_SHA256", TLS1_3_VERSION},
                                         {"ECDHE-RSA-AES128-GCM-SHA256", TLS1_2_VERSION},
                                         {"ECDHE-RSA-AES256-GCM-SHA384", TLS1_2_VERSION},
                                         {"ECDHE-RSA-CHACHA20-POLY1305", TLS1_2_VERSION},
                                         {"DHE-RSA-AES128-CCM", TLS1_2_VERSION},
                                         {"DHE-RSA-AES256-CCM8", TLS1_2_VERSION},
                                         {"DHE-RSA-AES256-GCM-SHA384", TLS1_2_VERSION},
                                         {"ECDHE-ARIA128-GCM-SHA256", TLS1_2_VERSION},
                                         {"ECDHE-ARIA256-GCM-SHA384", TLS1_2_VERSION},
                                         {"ECDHE-RSA-AES128-SHA256", TLS1_2_VERSION},
                                         {"ECDHE-RSA-AES256-SHA384", TLS1_2_VERSION},
                                         {"ECDHE-RSA-CAMELLIA128-SHA256", TLS1_2_VERSION},
                                         {"ECDHE-RSA-CAMELLIA256-SHA384", TLS1_2_VERSION},
                                         {"AES128-SHA256", TLS1_2_VERSION},
                                         {"AES256-SHA", TLS1_2_VERSION},
                                         {"AES128-CCM", TLS1_2_VERSION},
                                         {"NULL-SHA256", TLS1_2_VERSION},
                                         {"NULL-SHA", TLS1_2_VERSION},
                                         {"AES128-SHA", TLS1_1_VERSION},
                                         {"ECDHE-RSA-AES256-SHA", TLS1_1_VERSION},
                                         {"CAMELLIA256-SHA", TLS1_1_VERSION},
                                         {"NULL-MD5", TLS1_1_VERSION},
                                         {"AES128-SHA", TLS1_VERSION},
                                         {"DHE-RSA-AES256-SHA", TLS1_VERSION},
                                         {"NULL-SHA", TLS1_VERSION}}));
  const bool encrypt_then_mac = GENERATE(true, false);
  CAPTURE(row, encrypt_then_mac);
  TlsPairOptions options;
  options.version = row.version;
  options.suites = row.suite;
  options.rsa = true;
  if (!encrypt_then_mac) {
    if (row.version == TLS1_3_VERSION) return;
    options.context_options = SSL_OP_NO_ENCRYPT_THEN_MAC | SSL_OP_NO_EXTENDED_MASTER_SECRET;
  }
  TlsPair pair{options};
  REQUIRE(talk(pair));
  Keys keys{pair.key_log()};
  for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{1460}, std::size_t{1}}) {
    Run run;
    run.feed(pair.flights(), keys, piece);
    CHECK(run.out.text[0] == kQuestion + kQuestion);
    CHECK(run.out.text[1] == kAnswer);
    CHECK(run.counters.connections == 1);
    CHECK(run.counters.bytes == 2 * kQuestion.size() + kAnswer.size());
    CHECK(run.counters.failed + run.counters.no_keys + run.counters.unsupported == 0);
  }
  // The same with a secret too few, and with one that is another's.
  Keys none{""};
  Run without;
  without.feed(pair.flights(), none);
  CHECK(without.out.text[0] + without.out.text[1] == "");
  CHECK(without.counters.no_keys == 1);
  std::string wrong = pair.key_log();
  for (std::size_t end = wrong.find('\n'); end != std::string::npos;
       end = wrong.find('\n', end + 1))
    wrong[end - 1] = wrong[end - 1] == '0' ? '1' : '0';
  Keys others{wrong};
  Run with_wrong;
  with_wrong.feed(pair.flights(), others);
  CHECK(with_wrong.out.text[0] + with_wrong.out.text[1] == "");
  CHECK(with_wrong.counters.records == 0);
}

TEST_CASE("the application protocol is told, of TLS 1.2 and of TLS 1.3") {
  TlsPairOptions options;
  options.version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  options.alpn = "h2";
  TlsPair pair{options};
  REQUIRE(talk(pair));
  Keys keys{pair.key_log()};
  Run run;
  run.feed(pair.flights(), keys);
  CHECK(run.out.alpn == "h2");
}

TEST_CASE("resumed sessions are read, by id and by ticket") {
  TlsPairOptions options;
  options.version = GENERATE(TLS1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION);
  options.context_options = GENERATE(std::uint64_t{0}, std::uint64_t{SSL_OP_NO_TICKET});
  TlsPair pair{options};
  REQUIRE(talk(pair));
  pair.again();
  REQUIRE(talk(pair));
  CHECK(SSL_session_reused(pair.client()) == 1);
  Keys keys{pair.key_log()};
  Run run;
  run.feed(pair.flights(), keys);
  CHECK(run.out.text[0] == kQuestion + kQuestion);
  CHECK(run.out.text[1] == kAnswer);
}

TEST_CASE("a session's master secret opens it by the session's id") {
  TlsPairOptions options;
  options.version = TLS1_2_VERSION;
  options.context_options = SSL_OP_NO_TICKET;
  TlsPair pair{options};
  REQUIRE(talk(pair));
  const SSL_SESSION* session = SSL_get0_session(pair.client());
  const auto hex = [](const std::uint8_t* bytes, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
      static constexpr char kDigits[] = "0123456789abcdef";
      text += kDigits[bytes[i] >> 4];
      text += kDigits[bytes[i] & 15];
    }
    return text;
  };
  unsigned id_size = 0;
  const unsigned char* id = SSL_SESSION_get_id(session, &id_size);
  std::array<std::uint8_t, 48> master{};
  REQUIRE(SSL_SESSION_get_master_key(session, master.data(), master.size()) == 48);
  Keys keys{"RSA Session-ID:" + hex(id, id_size) + " Master-Key:" + hex(master.data(), 48) + "\n"};
  Run run;
  run.feed(pair.flights(), keys);
  CHECK(run.out.text[1] == kAnswer);
}

TEST_CASE("keys are updated with the connection") {
  TlsPairOptions options;
  options.suites = GENERATE("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
  TlsPair pair{options};
  REQUIRE(talk(pair));
  for (int i = 0; i < 3; ++i) {
    REQUIRE(SSL_key_update(i == 1 ? pair.server() : pair.client(), SSL_KEY_UPDATE_REQUESTED) == 1);
    REQUIRE(pair.send(0, kQuestion));
    REQUIRE(pair.send(1, kAnswer));
  }
  Keys keys{pair.key_log()};
  Run run;
  run.feed(pair.flights(), keys);
  CHECK(run.out.text[0].size() == 5 * kQuestion.size());
  CHECK(run.out.text[1].size() == 4 * kAnswer.size());
}

TEST_CASE("a hello that is asked for again, and padded records, are read") {
  TlsPairOptions options;
  options.client_groups = "X25519:P-256";
  options.server_groups = "P-256";
  options.padding = 512;
  TlsPair pair{options};
  REQUIRE(talk(pair));
  Keys keys{pair.key_log()};
  Run run;
  run.feed(pair.flights(), keys);
  CHECK(run.out.text[0] == kQuestion + kQuestion);
  CHECK(run.out.text[1] == kAnswer);
}

TEST_CASE("a renegotiated connection is read on") {
  TlsPairOptions options;
  options.version = TLS1_2_VERSION;
  options.suites = GENERATE("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA");
  options.context_options = SSL_OP_ALLOW_CLIENT_RENEGOTIATION;
  TlsPair pair{options};
  REQUIRE(talk(pair));
  REQUIRE(pair.renegotiate());
  // Another two turns for the server to have seen the last of it.
  REQUIRE(pair.send(0, kQuestion));
  REQUIRE(pair.send(1, kAnswer));
  Keys keys{pair.key_log()};
  Run run;
  run.feed(pair.flights(), keys);
  CHECK(run.out.text[0] == kQuestion + kQuestion + kQuestion);
  CHECK(run.out.text[1] == kAnswer + kAnswer);
}

TEST_CASE("early data is read where its secret is there, and stepped over where not") {
  TlsPairOptions options;
  TlsPair pair{options};
  REQUIRE(talk(pair));
  pair.again();
  REQUIRE(pair.send_early("early"));
  REQUIRE(talk(pair));
  Keys keys{pair.key_log()};
  Run run;
  run.feed(pair.flights(), keys);
  CHECK(run.out.text[0] == "early" + kQuestion + kQuestion);
  CHECK(run.out.text[1] == kAnswer);

  std::string without = pair.key_log();
  const std::size_t line = without.rfind("CLIENT_EARLY_TRAFFIC_SECRET");
  REQUIRE(line != std::string::npos);
  without.erase(line, without.find('\n', line) - line + 1);
  Keys fewer{without};
  Run partial;
  partial.feed(pair.flights(), fewer);
  CHECK(partial.out.text[0] == kQuestion + kQuestion);
  CHECK(partial.out.text[1] == kAnswer);
}

TEST_CASE("traffic secrets alone will do") {
  TlsPair pair{TlsPairOptions{}};
  REQUIRE(talk(pair));
  std::string log;
  for (const char* label : {"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"}) {
    const std::size_t line = pair.key_log().find(label);
    log += pair.key_log().substr(line, pair.key_log().find('\n', line) - line + 1);
  }
  Keys keys{log};
  Run run;
  run.feed(pair.flights(), keys);
  CHECK(run.out.text[0] == kQuestion + kQuestion);
  CHECK(run.out.text[1] == kAnswer);
  CHECK(run.out.gap_bytes[0] + run.out.gap_bytes[1] == 0);
}

TEST_CASE("secrets may come late") {
  TlsPairOptions options;
  options.version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  TlsPair pair{options};
  REQUIRE(talk(pair));
  Keys keys{pair.key_log()};
  keys.hide(true);
  Run run;
  for (std::size_t i = 0; i < pair.flights().size(); ++i) {
    if (i + 1 == pair.flights().size()) keys.hide(false);
    run.feed(pair.flights()[i].end, pair.flights()[i].bytes, keys);
  }
  CHECK(run.out.text[0] == kQuestion + kQuestion);
  CHECK(run.out.text[1] == kAnswer);
}

TEST_CASE("secrets may come when nothing follows, or when too much waits for them") {
  TlsPairOptions options;
  options.version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  const bool much = GENERATE(false, true);
  TlsPair pair{options};
  REQUIRE(talk(pair));
  if (much) {
    REQUIRE(pair.send(1, kAnswer));
    REQUIRE(pair.send(1, kAnswer));
  }
  Keys keys{pair.key_log()};
  keys.hide_till_last();
  Run run;
  for (const Flight& flight : pair.flights()) run.feed(flight.end, flight.bytes, keys);
  CHECK(run.decryptor.waits() == !much);
  keys.look_now();
  run.decryptor.retry(crypto(), keys, run.counters, run.out);
  CHECK_FALSE(run.decryptor.waits());
  CHECK(run.out.text[0] == kQuestion + kQuestion);
  CHECK(run.out.text[1] == (much ? kAnswer + kAnswer + kAnswer : kAnswer));
}

TEST_CASE("what one end said may stand in the capture before what it answers") {
  TlsPairOptions options;
  options.version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  TlsPair pair{options};
  REQUIRE(talk(pair));
  Keys keys{pair.key_log()};
  for (unsigned first = 0; first < 2; ++first) {
    Run run;
    for (unsigned end : {first, 1 - first})
      for (const Flight& flight : pair.flights())
        if (flight.end == end) run.feed(end, flight.bytes, keys);
    CHECK(run.out.text[0] == kQuestion + kQuestion);
    CHECK(run.out.text[1] == kAnswer);
  }
}

TEST_CASE("reading goes on after a gap, and says how much is missing") {
  const auto row = GENERATE(values<Row>({{"TLS_AES_128_GCM_SHA256", TLS1_3_VERSION},
                                         {"TLS_CHACHA20_POLY1305_SHA256", TLS1_3_VERSION},
                                         {"ECDHE-ECDSA-AES128-GCM-SHA256", TLS1_2_VERSION},
                                         {"ECDHE-ECDSA-CHACHA20-POLY1305", TLS1_2_VERSION},
                                         {"ECDHE-ECDSA-AES128-SHA", TLS1_2_VERSION},
                                         {"ECDHE-ECDSA-AES128-SHA", TLS1_VERSION}}));
  CAPTURE(row);
  TlsPairOptions options;
  options.version = row.version;
  options.suites = row.suite;
  TlsPair pair{options};
  REQUIRE(pair.handshake());
  REQUIRE(pair.send(0, "begin"));
  const std::size_t before = pair.flights().size();
  std::string sent;
  for (int i = 0; i < 60; ++i) {
    const std::string text(200 + 13 * static_cast<std::size_t>(i), static_cast<char>('A' + i % 26));
    sent += text;
    REQUIRE(pair.send(0, text));
  }
  Keys keys{pair.key_log()};
  std::vector<std::uint8_t> stream;
  for (std::size_t i = before; i < pair.flights().size(); ++i)
    stream.insert(stream.end(), pair.flights()[i].bytes.begin(), pair.flights()[i].bytes.end());

  // From somewhere, some bytes: inside a record, over several, over headers.
  for (const std::size_t from : {0UL, 3UL, 100UL, 1000UL, 5003UL, 9000UL}) {
    for (const std::size_t size : {1UL, 50UL, 300UL, 1460UL, 8000UL, 20000UL}) {
      CAPTURE(from, size);
      Run run;
      for (std::size_t i = 0; i < before; ++i)
        run.feed(pair.flights()[i].end, pair.flights()[i].bytes, keys);
      const Bytes all{stream};
      run.feed(0, all.first(from), keys);
      run.gap(0, size, keys);
      for (std::size_t at = from + size; at < all.size(); at += 1460)
        run.feed(0, all.subspan(at, std::min<std::size_t>(1460, all.size() - at)), keys);
      const std::string& text = run.out.text[0];
      const std::size_t mark = text.find('|');
      REQUIRE(mark != std::string::npos);
      CHECK(text.find('|', mark + 1) == std::string::npos);
      CHECK(("begin" + sent).starts_with(text.substr(0, mark)));
      const std::string rest = text.substr(mark + 1);
      CHECK(rest.size() > 5000);
      CHECK(sent.ends_with(rest));
      if (std::string_view{row.suite}.find("-SHA") == std::string_view::npos ||
          std::string_view{row.suite}.find("GCM") != std::string_view::npos)
        CHECK(run.out.gap_bytes[0] == 5 + sent.size() - mark - rest.size());
      CHECK(run.counters.failed == 0);
    }
  }
}

TEST_CASE("bytes that are damaged are stepped over, wherever they are") {
  TlsPairOptions options;
  options.version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  TlsPair pair{options};
  REQUIRE(talk(pair));
  Keys keys{pair.key_log()};
  for (std::size_t flight = 0; flight < pair.flights().size(); ++flight) {
    const std::size_t size = pair.flights()[flight].bytes.size();
    for (std::size_t at = 0; at < size; at += 1 + size / 60) {
      std::vector<Flight> flights = pair.flights();
      flights[flight].bytes[at] ^= 0x40;
      Run run;
      run.feed(flights, keys, 1000);
      CHECK(run.counters.bytes <= 2 * kQuestion.size() + kAnswer.size());
    }
  }
}

TEST_CASE("streams that end anywhere leave what was whole") {
  TlsPair pair{TlsPairOptions{}};
  REQUIRE(talk(pair));
  Keys keys{pair.key_log()};
  std::size_t most = 0;
  for (std::size_t cut = 0; cut < pair.flights().back().bytes.size(); ++cut) {
    std::vector<Flight> flights = pair.flights();
    flights.back().bytes.resize(cut);
    Run run;
    run.feed(flights, keys);
    CHECK(run.out.text[0] == kQuestion);
    most = std::max(most, run.out.text[0].size());
  }
  CHECK(most == kQuestion.size());
}

TEST_CASE("a decryptor that was used is as good as new") {
  TlsDecryptCounters counters;
  TlsDecryptor decryptor;
  for (const int version : {TLS1_3_VERSION, TLS1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPairOptions options;
    options.version = version;
    TlsPair pair{options};
    REQUIRE(talk(pair));
    Keys keys{pair.key_log()};
    Out out;
    decryptor.reset();
    for (const Flight& flight : pair.flights())
      decryptor.feed(flight.end, flight.bytes, crypto(), keys, counters, out);
    CHECK(out.text[0] == kQuestion + kQuestion);
    CHECK(out.text[1] == kAnswer);
  }
  CHECK(counters.connections == 4);
}

TEST_CASE("what is not TLS is left alone") {
  Keys keys{""};
  Run run;
  const std::string text = "GET / HTTP/1.1\r\n\r\n";
  run.feed(0, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, keys);
  CHECK(run.decryptor.done(0));
  CHECK_FALSE(run.decryptor.done(1));
  CHECK(run.counters.failed == 0);
}
