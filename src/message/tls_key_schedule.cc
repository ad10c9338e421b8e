#define OPENSSL_SUPPRESS_DEPRECATED

#include "tls_key_schedule.h"

#include <algorithm>
#include <cstring>

namespace gnomon::message {
namespace {

constexpr std::uint16_t kTls12 = 0x0303;
constexpr std::uint16_t kTls13 = 0x0304;
constexpr std::size_t kMasterBytes = 48;

// SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
constexpr std::array<std::uint8_t, 32> kRetryRandom{
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

enum Extension : std::uint16_t {
  kAlpn = 16,
  kEncryptThenMac = 22,
  kExtendedMasterSecret = 23,
  kSupportedVersions = 43,
};

std::string_view read_alpn(ByteReader extension) {
  ByteReader list = extension.nested(extension.u16());
  const Bytes name = list.take(list.u8());
  return list.ok() ? std::string_view{reinterpret_cast<const char*>(name.data()), name.size()}
                   : std::string_view{};
}

// RFC 5246 §5; RFC 4346 §5 for the versions before, which mix two hashes.
void prf(std::uint16_t version, HashKind hash, Bytes secret, std::string_view label, Bytes seed,
         std::span<std::uint8_t> out) {
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  if (version >= kTls12) return xor_p_hash(hash, secret, label, seed, out);
  const std::size_t half = (secret.size() + 1) / 2;
  xor_p_hash(HashKind::kMd5, secret.first(half), label, seed, out);
  xor_p_hash(HashKind::kSha1, secret.last(half), label, seed, out);
}

// The hash of the transcript, as the PRF hashes it (RFC 7627 §3).
std::size_t session_hash(std::uint16_t version, HashKind hash, Bytes transcript,
                         std::array<std::uint8_t, kDigestBytesMax>& out) {
  const auto digest = [&](HashKind kind, std::size_t at) {
    HashState state{kind};
    state.add(transcript);
    state.finish(out.data() + at);
    return at + digest_bytes(kind);
  };
  if (version >= kTls12) return digest(hash, 0);
  return digest(HashKind::kSha1, digest(HashKind::kMd5, 0));
}

}  // namespace

std::optional<ServerChoice> parse_server_choice(Bytes body) {
  ByteReader in{body};
  ServerChoice choice;
  choice.version = in.u16();
  const Bytes random = in.take(32);
  const Bytes session_id = in.take(in.u8());
  choice.suite = in.u16();
  choice.compression = in.u8();
  if (!in.ok() || session_id.size() > choice.session_id.size()) return std::nullopt;
  std::copy(random.begin(), random.end(), choice.random.begin());
  std::copy(session_id.begin(), session_id.end(), choice.session_id.begin());
  choice.session_id_bytes = static_cast<std::uint8_t>(session_id.size());
  choice.retry_request = choice.random == kRetryRandom;
  if (in.at_end()) return choice;
  ByteReader extensions = in.nested(in.u16());
  while (!extensions.at_end()) {
    const std::uint16_t type = extensions.u16();
    ByteReader extension = extensions.nested(extensions.u16());
    switch (type) {
      case kAlpn:
        choice.alpn = read_alpn(extension);
        break;
      case kEncryptThenMac:
        choice.encrypt_then_mac = true;
        break;
      case kExtendedMasterSecret:
        choice.extended_master_secret = true;
        break;
      case kSupportedVersions: {
        const std::uint16_t version = extension.u16();
        if (!extension.ok()) break;
        choice.version = version >= 0x7f17 && version <= 0x7f1c ? kTls13 : version;
        break;
      }
      default:
        break;
    }
  }
  if (!in.ok() || !extensions.ok()) return std::nullopt;
  return choice;
}

std::string_view alpn_of_encrypted_extensions(Bytes body) {
  ByteReader in{body};
  ByteReader extensions = in.nested(in.u16());
  while (!extensions.at_end()) {
    const std::uint16_t type = extensions.u16();
    ByteReader extension = extensions.nested(extensions.u16());
    if (type == kAlpn && extension.ok()) return read_alpn(extension);
  }
  return {};
}

bool find_master_secret(KeySource& keys, const KeyExchange& exchange, const ServerChoice& choice,
                        const TlsSuite& suite, Secret& master) {
  if (keys.find_key(KeyLabel::kMaster, exchange.client_random, master)) return true;
  const Bytes session_id = Bytes{choice.session_id}.first(choice.session_id_bytes);
  if (!session_id.empty() && keys.find_key(KeyLabel::kSessionMaster, session_id, master))
    return true;

  Secret pre_master;
  if (!keys.find_key(KeyLabel::kPreMaster, exchange.client_random, pre_master) &&
      (!exchange.has_encrypted_pre_master ||
       !keys.find_key(KeyLabel::kEncryptedPreMaster, exchange.encrypted_pre_master, pre_master)))
    return false;
  std::array<std::uint8_t, kMasterBytes> made{};
  if (choice.extended_master_secret) {
    if (!exchange.transcript_whole) return false;
    std::array<std::uint8_t, kDigestBytesMax> digest{};
    const std::size_t size = session_hash(choice.version, suite.hash, exchange.transcript, digest);
    prf(choice.version, suite.hash, pre_master.bytes(), "extended master secret",
        Bytes{digest}.first(size), made);
  } else {
    std::array<std::uint8_t, 64> seed{};
    std::copy(exchange.client_random.begin(), exchange.client_random.end(), seed.begin());
    std::copy(choice.random.begin(), choice.random.end(), seed.begin() + 32);
    prf(choice.version, suite.hash, pre_master.bytes(), "master secret", seed, made);
  }
  master = Secret{made};
  OPENSSL_cleanse(made.data(), made.size());
  return true;
}

bool start_from_master(const TlsCrypto::State& crypto, const Secret& master,
                       const KeyExchange& exchange, const ServerChoice& choice,
                       const TlsSuite& suite, bool of_client, TlsRecordCipher& cipher) {
  std::array<std::uint8_t, 64> seed{};
  std::copy(choice.random.begin(), choice.random.end(), seed.begin());
  std::copy(exchange.client_random.begin(), exchange.client_random.end(), seed.begin() + 32);
  const CipherFacts& facts = facts_of(suite.cipher);
  const std::size_t mac_bytes = digest_bytes(suite.mac);
  const std::size_t iv_bytes = suite.aead() ? facts.salt_bytes : facts.block_bytes;
  std::array<std::uint8_t, 2 * (kDigestBytesMax + 32 + 16)> block{};
  const std::size_t size = 2 * (mac_bytes + facts.key_bytes + iv_bytes);
  prf(choice.version, suite.hash, master.bytes(), "key expansion", seed,
      std::span{block}.first(size));
  ByteReader in{Bytes{block}.first(size)};
  // client_write_MAC_key, server_write_MAC_key, then both keys, then both IVs.
  const auto pick = [&](std::size_t bytes) {
    const Bytes client = in.take(bytes);
    const Bytes server = in.take(bytes);
    return of_client ? client : server;
  };
  TlsRecordCipher::Keys keys;
  keys.mac_key = pick(mac_bytes);
  keys.key = pick(facts.key_bytes);
  keys.iv = pick(iv_bytes);
  const bool started = cipher.start(crypto, suite, choice.version, choice.encrypt_then_mac, keys);
  OPENSSL_cleanse(block.data(), block.size());
  return started;
}

bool start_from_traffic(const TlsCrypto::State& crypto, const Secret& secret, const TlsSuite& suite,
                        TlsRecordCipher& cipher) {
  if (secret.bytes().size() != digest_bytes(suite.hash)) return false;
  std::array<std::uint8_t, 32> key{};
  std::array<std::uint8_t, Aead::kNonceBytes> iv{};
  const auto key_view = std::span{key}.first(facts_of(suite.cipher).key_bytes);
  expand_label(suite.hash, secret.bytes(), "key", key_view);
  expand_label(suite.hash, secret.bytes(), "iv", iv);
  const bool started = cipher.start(crypto, suite, kTls13, false, {{}, key_view, iv});
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(iv.data(), iv.size());
  return started;
}

Secret next_traffic_secret(const Secret& secret, HashKind hash, std::string_view label) {
  std::array<std::uint8_t, kDigestBytesMax> next{};
  const auto view = std::span{next}.first(digest_bytes(hash));
  expand_label(hash, secret.bytes(), label, view);
  Secret made{view};
  OPENSSL_cleanse(next.data(), next.size());
  return made;
}

}  // namespace gnomon::message
