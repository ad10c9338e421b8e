#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/result.h"
#include "gnomon/message/key_log.h"

// TLS 1.0 to 1.3 over a stream, read with secrets from a key log.
namespace gnomon::message {

struct TlsDecryptCounters {
  std::uint64_t connections = 0;  // of which at least one record was opened
  std::uint64_t records = 0;      // opened
  std::uint64_t bytes = 0;        // of application data that came out
  std::uint64_t no_keys = 0;      // connections whose secrets never came
  std::uint64_t unsupported = 0;  // of a cipher suite, version or compression that is not read
  std::uint64_t failed = 0;       // directions given up: nothing opened with the secrets at hand
  std::uint64_t records_lost = 0;
  std::uint64_t resynced = 0;  // times reading went on after a gap
};

// Takes what comes out. Ends are numbered as they were fed.
class TlsPlaintext {
 public:
  // The next application data, in order. Gone after the call.
  virtual void on_plaintext(unsigned end, Bytes bytes) = 0;
  // About so many bytes of application data are missing here; exact for AEAD suites where records
  // carry no padding.
  virtual void on_plaintext_gap(unsigned end, std::uint64_t bytes) = 0;
  // The application protocol that the server chose: "h2", "http/1.1". Comes before any plaintext.
  virtual void on_alpn(std::string_view protocol) = 0;

 protected:
  ~TlsPlaintext() = default;
};

// Ciphers, and room to work in: one per thread, for all its decryptors.
class TlsCrypto {
 public:
  static Result<TlsCrypto> create();
  TlsCrypto(TlsCrypto&&) noexcept;
  TlsCrypto& operator=(TlsCrypto&&) noexcept;
  ~TlsCrypto();

  struct State;
  [[nodiscard]] State& state() const { return *state_; }

 private:
  explicit TlsCrypto(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Decrypts one connection from its first record on. Which end is the client is what the hellos say.
//
// Directions wait for each other and for secrets that come late, up to kWaitBytesMax each. Lost
// records are stepped over: the next record is sought, and its number by trying. Everything that
// fails is given up after a bounded number of tries. Allocates when connections begin and buffers
// grow; nothing per record once warm. Meant to be pooled: reset() wipes all secrets and makes it
// new. One thread.
class TlsDecryptor {
 public:
  static constexpr std::size_t kWaitBytesMax = std::size_t{64} * 1024;  // held of one direction

  TlsDecryptor();
  TlsDecryptor(const TlsDecryptor&) = delete;
  TlsDecryptor& operator=(const TlsDecryptor&) = delete;
  ~TlsDecryptor();

  // `depth`: how many decryptors stand around this one, as TLS is carried inside TLS.
  void reset(unsigned depth = 0);

  // The next bytes that `end`, 0 or 1, has sent.
  void feed(unsigned end, Bytes bytes, const TlsCrypto& crypto, KeySource& keys,
            TlsDecryptCounters& counters, TlsPlaintext& out);
  // `bytes` of what it sent will never come.
  void gap(unsigned end, std::uint64_t bytes, const TlsCrypto& crypto, KeySource& keys,
           TlsDecryptCounters& counters, TlsPlaintext& out);
  // Something waits for secrets.
  [[nodiscard]] bool waits() const;
  // Asks for them again, though nothing has come.
  void retry(const TlsCrypto& crypto, KeySource& keys, TlsDecryptCounters& counters,
             TlsPlaintext& out);
  // Nothing more will come: counts what was never opened.
  void close(TlsDecryptCounters& counters);

  // Nothing more will come out of this direction.
  [[nodiscard]] bool done(unsigned end) const;
  [[nodiscard]] bool done() const { return done(0) && done(1); }
  [[nodiscard]] std::size_t memory_bytes() const;

  static constexpr unsigned kDepthMax = 4;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gnomon::message
