#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gnomon/bytes/byte_reader.h"

// Key logs as NSS introduced them, and browsers, curl, OpenSSL and many others write them
// (draft-ietf-tls-keylogfile): one secret a line, "LABEL <client random in hex> <secret in hex>".
namespace gnomon::message {

// What a secret is for. QUIC's own labels ("QUIC_CLIENT_TRAFFIC_SECRET_0" …) of older programs mean
// the same as TLS 1.3's.
enum class KeyLabel : std::uint8_t {
  kMaster,              // CLIENT_RANDOM: the master secret of TLS 1.2 and before
  kSessionMaster,       // RSA Session-ID:… Master-Key:…: the same, by session id
  kPreMaster,           // PMS_CLIENT_RANDOM: what the master secret is made from
  kEncryptedPreMaster,  // RSA: the same, by the first eight bytes of its encrypted form
  kClientEarly,         // CLIENT_EARLY_TRAFFIC_SECRET: 0-RTT
  kClientHandshake,
  kServerHandshake,
  kClientTraffic,  // CLIENT_TRAFFIC_SECRET_0
  kServerTraffic,
};

// Overwrites what shall not stay in memory, whatever the compiler thinks of it.
void wipe_bytes(std::span<std::uint8_t> bytes);

// A secret of a connection. Wiped from memory when it goes.
class Secret {
 public:
  static constexpr std::size_t kBytesMax = 64;

  Secret() = default;
  explicit Secret(Bytes bytes);  // at most kBytesMax
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { wipe(); }

  [[nodiscard]] Bytes bytes() const { return Bytes{bytes_}.first(size_); }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  void wipe();

 private:
  std::array<std::uint8_t, kBytesMax> bytes_{};
  std::uint8_t size_ = 0;
};

// Secrets by label and client random. At the limit those that came first go. One thread, or any
// number that only read.
class KeyLog {
 public:
  static constexpr std::size_t kSecretsMax = 500'000;  // some 80 MiB
  static constexpr std::size_t kIdBytesMax = 32;

  explicit KeyLog(std::size_t secrets_max = kSecretsMax) : secrets_max_(secrets_max) {}

  // A secret that is there already is replaced. `id` has at most kIdBytesMax bytes.
  void put(KeyLabel label, Bytes id, const Secret& secret);
  // Valid until the next put(); null when there is none.
  [[nodiscard]] const Secret* find(KeyLabel label, Bytes id) const;

  [[nodiscard]] std::size_t size() const { return secrets_.size(); }
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  struct Key {
    std::array<std::uint8_t, kIdBytesMax> id{};
    std::uint8_t id_bytes = 0;
    KeyLabel label{};
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::uint64_t
        seed;  // not the same in two runs: a capture may carry secrets of its sender's choice
    std::size_t operator()(const Key& key) const;
  };
  static Key key_of(KeyLabel label, Bytes id);
  static std::uint64_t fresh_seed();

  std::unordered_map<Key, Secret, Hash> secrets_{16, Hash{fresh_seed()}};
  std::deque<Key> order_;  // oldest first
  std::size_t secrets_max_;
  std::uint64_t evicted_ = 0;
};

// Reads the text of one key log, in pieces as they come, into a KeyLog. What is no line of a key
// log is counted and stepped over; comments and labels nothing is decrypted with (exporter secrets,
// ECH) are no fault.
class KeyLogReader {
 public:
  static constexpr std::size_t kLineBytesMax = 1024;
  static constexpr std::size_t kBadLinesKept = 10;

  struct BadLine {
    std::uint64_t number;  // from 1
    std::string_view what;
  };

  KeyLogReader() = default;
  KeyLogReader(const KeyLogReader&) = delete;
  KeyLogReader& operator=(const KeyLogReader&) = delete;
  ~KeyLogReader();

  void feed(Bytes text, KeyLog& log);
  // The text is over, for now: a last line without an end is read. When more comes all the same it
  // begins a line.
  void finish(KeyLog& log);

  [[nodiscard]] std::uint64_t secrets() const { return secrets_; }
  [[nodiscard]] std::uint64_t bad_lines() const { return bad_lines_; }
  [[nodiscard]] const std::vector<BadLine>& first_bad_lines() const { return first_bad_lines_; }

 private:
  void read_line(std::string_view line, KeyLog& log);

  std::string line_;  // its beginning, when the end has not come
  bool overlong_ = false;
  std::uint64_t number_ = 0;
  std::uint64_t secrets_ = 0;
  std::uint64_t bad_lines_ = 0;
  std::vector<BadLine> first_bad_lines_;
};

// Where decryptors ask for secrets.
class KeySource {
 public:
  // False when it is not known (yet).
  virtual bool find_key(KeyLabel label, Bytes id, Secret& secret) = 0;
  // Something is about to be given up for want of a secret: what can be learnt is to be learnt now.
  virtual void look_now() {}

 protected:
  ~KeySource() = default;
};

}  // namespace gnomon::message
