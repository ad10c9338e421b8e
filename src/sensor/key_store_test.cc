#include "gnomon/sensor/key_store.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace gnomon::sensor {
namespace {

namespace fs = std::filesystem;

// A key log that somebody writes.
class Log {
 public:
  Log() {
    std::string name = (fs::temp_directory_path() / "gnomon-keys-XXXXXX").string();
    const int file = ::mkstemp(name.data());
    REQUIRE(file >= 0);
    ::close(file);
    path_ = name;
  }
  ~Log() { fs::remove(path_); }
  void append(std::string_view text) { std::ofstream{path_, std::ios::app} << text; }
  void begin_anew(std::string_view text) { std::ofstream{path_, std::ios::trunc} << text; }
  void remove() { fs::remove(path_); }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

std::string line(char random, char secret) {
  return "CLIENT_TRAFFIC_SECRET_0 " + std::string(64, random) + ' ' + std::string(64, secret) + '\n';
}

bool knows(KeyStore& store, std::uint8_t random) {
  const std::vector<std::uint8_t> id(32, random);
  message::Secret secret;
  return store.find_key(message::KeyLabel::kClientTraffic, id, secret);
}

Time at(int seconds, int milliseconds = 0) {
  return Time{} + std::chrono::seconds{1'700'000'000 + seconds} +
         std::chrono::milliseconds{milliseconds};
}

}  // namespace

TEST_CASE("a key log is followed while it grows, by the packets' clock") {
  Log log;
  log.append(line('1', 'a'));
  auto logs = KeyLogs::load({log.path()});
  REQUIRE(logs);
  KeyStore store{**logs};
  store.set_now(at(0));
  CHECK(knows(store, 0x11));
  CHECK_FALSE(knows(store, 0x22));
  log.append(line('2', 'b').substr(0, 40));
  store.set_now(at(2));
  CHECK_FALSE(knows(store, 0x22));  // half a line
  log.append(line('2', 'b').substr(40));
  store.set_now(at(4));
  CHECK(knows(store, 0x22));
  CHECK(knows(store, 0x11));
  // One that is begun anew is read from its start; what was read before stays.
  log.begin_anew(line('3', 'c'));
  store.set_now(at(6));
  CHECK(knows(store, 0x33));
  CHECK(knows(store, 0x22));
  // One that is gone is as good as one that does not grow.
  log.remove();
  store.set_now(at(8));
  CHECK_FALSE(knows(store, 0x44));
  CHECK(knows(store, 0x11));
}

TEST_CASE("a key log is looked at so many times a second, and at the end of connections") {
  Log log;
  log.append(line('1', 'a'));
  auto logs = KeyLogs::load({log.path()});
  REQUIRE(logs);
  KeyStore store{**logs};
  store.set_now(at(0));
  CHECK_FALSE(knows(store, 0x22));
  log.append(line('2', 'b'));
  store.set_now(at(0, 19));
  CHECK_FALSE(knows(store, 0x22));
  store.set_now(at(0, 20));
  CHECK(knows(store, 0x22));
  // What would be given up is looked for at once, bounded too.
  log.append(line('3', 'c'));
  CHECK_FALSE(knows(store, 0x33));
  for (unsigned i = 0; i < KeyStore::kLastLooksMax; ++i) store.look_now();
  CHECK(knows(store, 0x33));
  log.append(line('4', 'd'));
  store.look_now();
  CHECK_FALSE(knows(store, 0x44));
  store.set_now(at(1, 20));
  store.look_now();
  CHECK(knows(store, 0x44));
}

TEST_CASE("a key log that cannot be read is named") {
  const auto logs = KeyLogs::load({"/nonexistent/keys"});
  REQUIRE_FALSE(logs);
  CHECK_THAT(logs.error().message, Catch::Contains("/nonexistent/keys"));
}

}  // namespace gnomon::sensor
