#define OPENSSL_SUPPRESS_DEPRECATED  // RC4: the provider that has it is not always installed

#include "tls_record_cipher.h"

#include <openssl/rc4.h>

#include <algorithm>
#include <cstring>

namespace gnomon::message {
namespace {

constexpr std::size_t kHeaderBytes = 5;
constexpr std::uint16_t kTls11 = 0x0302;
constexpr std::uint16_t kTls13 = 0x0304;

int length(std::size_t size) { return static_cast<int>(size); }

// seq_num, type, version, length of the text: what TLS 1.2 and before authenticate beside it.
std::array<std::uint8_t, 13> pseudo_header(std::uint64_t number, Bytes header, std::size_t size) {
  std::array<std::uint8_t, 13> made{};
  for (std::size_t i = 0; i < 8; ++i) made[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  made[8] = header[0];
  made[9] = header[1];
  made[10] = header[2];
  made[11] = static_cast<std::uint8_t>(size >> 8);
  made[12] = static_cast<std::uint8_t>(size);
  return made;
}

}  // namespace

TlsCrypto::TlsCrypto(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsCrypto::TlsCrypto(TlsCrypto&&) noexcept = default;
TlsCrypto& TlsCrypto::operator=(TlsCrypto&&) noexcept = default;
TlsCrypto::~TlsCrypto() = default;

Result<TlsCrypto> TlsCrypto::create() {
  auto state = std::make_unique<State>();
  for (std::size_t kind = 0; kind < kCipherKinds; ++kind) {
    // What a library was built without is missed only where it is needed.
    if (kCipherFacts[kind].openssl_name != nullptr)
      state->ciphers[kind].reset(
          EVP_CIPHER_fetch(nullptr, kCipherFacts[kind].openssl_name, nullptr));
  }
  if (state->cipher(CipherKind::kAes128Gcm) == nullptr)
    return Error{"OpenSSL's libcrypto offers no AES-128-GCM: check openssl.cnf and its providers"};
  return TlsCrypto{std::move(state)};
}

bool Aead::start(const TlsCrypto::State& crypto, CipherKind kind, Bytes key) {
  const EVP_CIPHER* cipher = crypto.cipher(kind);
  if (!context_) context_.reset(EVP_CIPHER_CTX_new());
  if (cipher == nullptr || !context_) return false;
  tag_bytes_ = facts_of(kind).tag_bytes;
  ccm_ = is_ccm(kind);
  EVP_CIPHER_CTX* context = context_.get();
  return EVP_DecryptInit_ex(context, cipher, nullptr, nullptr, nullptr) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, length(kNonceBytes), nullptr) == 1 &&
         (!ccm_ ||
          EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, length(tag_bytes_), nullptr) == 1) &&
         EVP_DecryptInit_ex(context, nullptr, nullptr, key.data(), nullptr) == 1;
}

bool Aead::open(const Nonce& nonce, Bytes header, Bytes sealed, std::uint8_t* out) {
  if (sealed.size() < tag_bytes_) return false;
  const Bytes text = sealed.first(sealed.size() - tag_bytes_);
  std::array<std::uint8_t, 16> tag;
  std::memcpy(tag.data(), sealed.data() + text.size(), tag_bytes_);
  EVP_CIPHER_CTX* context = context_.get();
  int written = 0;
  int last = 0;
  if (ccm_) {
    // CCM wants the tag and the length of the text before either, and answers with the update.
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, length(tag_bytes_), tag.data()) ==
               1 &&
           EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
           EVP_DecryptUpdate(context, nullptr, &written, nullptr, length(text.size())) == 1 &&
           EVP_DecryptUpdate(context, nullptr, &written, header.data(), length(header.size())) ==
               1 &&
           EVP_DecryptUpdate(context, out, &written, text.data(), length(text.size())) == 1;
  }
  return EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_DecryptUpdate(context, nullptr, &written, header.data(), length(header.size())) == 1 &&
         (text.empty() ||
          EVP_DecryptUpdate(context, out, &written, text.data(), length(text.size())) == 1) &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, length(tag_bytes_), tag.data()) == 1 &&
         EVP_DecryptFinal_ex(context, out + text.size(), &last) == 1;
}

void Aead::wipe() {
  if (context_) EVP_CIPHER_CTX_reset(context_.get());  // cleanses what it held
  tag_bytes_ = 0;
}

bool TlsRecordCipher::start(const TlsCrypto::State& crypto, const TlsSuite& suite,
                            std::uint16_t version, bool encrypt_then_mac, const Keys& keys) {
  static_assert(sizeof(RC4_KEY) <= sizeof(rc4_));
  suite_ = suite;
  tls13_ = version >= kTls13;
  const CipherFacts& facts = facts_of(suite.cipher);
  if (suite.aead()) {
    std::fill(iv_.begin(), iv_.end(), std::uint8_t{0});
    std::copy_n(keys.iv.begin(), std::min(keys.iv.size(), iv_.size()), iv_.begin());
    overhead_ = facts.tag_bytes + (tls13_ ? 1U : facts.explicit_bytes);
    return aead_.start(crypto, suite.cipher, keys.key);
  }
  mac_ = KeyedHash{suite.mac, keys.mac_key};
  encrypt_then_mac_ = false;
  overhead_ = digest_bytes(suite.mac);
  if (suite.cipher == CipherKind::kNull) return true;
  if (suite.cipher == CipherKind::kRc4) {
    RC4_KEY schedule;
    RC4_set_key(&schedule, length(keys.key.size()), keys.key.data());
    std::memcpy(rc4_.data(), &schedule, sizeof schedule);
    OPENSSL_cleanse(&schedule, sizeof schedule);
    return true;
  }
  encrypt_then_mac_ = encrypt_then_mac;
  chained_ = version < kTls11;
  chain_known_ = true;
  overhead_ += facts.block_bytes;
  if (chained_) std::copy_n(keys.iv.begin(), facts.block_bytes, chain_.begin());
  const EVP_CIPHER* cipher = crypto.cipher(suite.cipher);
  if (!context_) context_.reset(EVP_CIPHER_CTX_new());
  return cipher != nullptr && context_ &&
         EVP_DecryptInit_ex(context_.get(), cipher, nullptr, keys.key.data(), nullptr) == 1 &&
         EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1;
}

void TlsRecordCipher::wipe() {
  aead_.wipe();
  if (context_) EVP_CIPHER_CTX_reset(context_.get());
  mac_.wipe();
  OPENSSL_cleanse(iv_.data(), iv_.size());
  OPENSSL_cleanse(chain_.data(), chain_.size());
  OPENSSL_cleanse(rc4_.data(), rc4_.size());
  suite_ = {};
  tls13_ = chained_ = chain_known_ = encrypt_then_mac_ = false;
}

std::optional<std::size_t> TlsRecordCipher::open(std::uint64_t number, Bytes header, Bytes fragment,
                                                 std::uint8_t* out) {
  if (header.size() != kHeaderBytes) return std::nullopt;
  if (suite_.aead()) return open_aead(number, header, fragment, out);
  if (facts_of(suite_.cipher).block_bytes > 0) return open_cbc(number, header, fragment, out);
  return open_stream(number, header, fragment, out);
}

std::optional<std::size_t> TlsRecordCipher::open_aead(std::uint64_t number, Bytes header,
                                                      Bytes fragment, std::uint8_t* out) {
  if (fragment.size() < overhead_ - (tls13_ ? 1 : 0)) return std::nullopt;
  if (tls13_) {
    if (!aead_.open(nonce_of(iv_, number), header, fragment, out)) return std::nullopt;
    return fragment.size() - aead_.tag_bytes();
  }
  const CipherFacts& facts = facts_of(suite_.cipher);
  const Bytes explicit_part = fragment.first(facts.explicit_bytes);
  const Bytes sealed = fragment.subspan(facts.explicit_bytes);
  Aead::Nonce nonce = iv_;
  if (explicit_part.empty()) {
    nonce = nonce_of(iv_, number);  // RFC 7905 §2
  } else {
    std::copy(explicit_part.begin(), explicit_part.end(), nonce.begin() + facts.salt_bytes);
  }
  const std::size_t size = sealed.size() - aead_.tag_bytes();
  if (!aead_.open(nonce, pseudo_header(number, header, size), sealed, out)) return std::nullopt;
  return size;
}

bool TlsRecordCipher::authentic(std::uint64_t number, Bytes header, Bytes text, Bytes mac) const {
  std::array<std::uint8_t, kDigestBytesMax> expected{};
  mac_.of({pseudo_header(number, header, text.size()), text}, expected.data());
  return std::equal(mac.begin(), mac.end(), expected.begin());
}

std::optional<std::size_t> TlsRecordCipher::open_cbc(std::uint64_t number, Bytes header,
                                                     Bytes fragment, std::uint8_t* out) {
  const std::size_t block = facts_of(suite_.cipher).block_bytes;
  const std::size_t mac_bytes = digest_bytes(suite_.mac);
  Bytes sealed = fragment;
  if (encrypt_then_mac_) {  // RFC 7366 §3: the MAC is over what was encrypted
    if (sealed.size() < mac_bytes) return std::nullopt;
    sealed = sealed.first(sealed.size() - mac_bytes);
    if (!authentic(number, header, sealed, fragment.last(mac_bytes))) return std::nullopt;
  }
  const std::size_t vector_bytes = chained_ ? 0 : block;
  if (sealed.size() < vector_bytes + block || sealed.size() % block != 0) return std::nullopt;
  if (chained_ && !chain_known_) return std::nullopt;
  const std::uint8_t* vector = chained_ ? chain_.data() : sealed.data();
  const Bytes text = sealed.subspan(vector_bytes);
  std::array<std::uint8_t, 16> next_chain{};
  std::memcpy(next_chain.data(), text.data() + text.size() - block, block);
  int written = 0;
  if (EVP_DecryptInit_ex(context_.get(), nullptr, nullptr, nullptr, vector) != 1 ||
      EVP_DecryptUpdate(context_.get(), out, &written, text.data(), length(text.size())) != 1 ||
      static_cast<std::size_t>(written) != text.size())
    return std::nullopt;

  const std::size_t padding = std::size_t{out[text.size() - 1]} + 1;
  const std::size_t tail = padding + (encrypt_then_mac_ ? 0 : mac_bytes);
  if (tail > text.size()) return std::nullopt;
  for (std::size_t i = text.size() - padding; i < text.size(); ++i)
    if (out[i] + 1U != padding) return std::nullopt;
  const std::size_t size = text.size() - tail;
  if (!encrypt_then_mac_ &&
      !authentic(number, header, Bytes{out, size}, Bytes{out + size, mac_bytes}))
    return std::nullopt;
  if (chained_) chain_ = next_chain;
  return size;
}

std::optional<std::size_t> TlsRecordCipher::open_stream(std::uint64_t number, Bytes header,
                                                        Bytes fragment, std::uint8_t* out) {
  const std::size_t mac_bytes = digest_bytes(suite_.mac);
  if (fragment.size() < mac_bytes) return std::nullopt;
  RC4_KEY schedule;
  if (suite_.cipher == CipherKind::kRc4) {
    std::memcpy(&schedule, rc4_.data(), sizeof schedule);
    RC4(&schedule, fragment.size(), fragment.data(), out);
  } else {
    std::memmove(out, fragment.data(), fragment.size());
  }
  const std::size_t size = fragment.size() - mac_bytes;
  const bool good = authentic(number, header, Bytes{out, size}, Bytes{out + size, mac_bytes});
  if (suite_.cipher == CipherKind::kRc4) {
    if (good) std::memcpy(rc4_.data(), &schedule, sizeof schedule);
    OPENSSL_cleanse(&schedule, sizeof schedule);
  }
  if (!good) return std::nullopt;
  return size;
}

void TlsRecordCipher::pass(Bytes fragment) {
  const std::size_t block = facts_of(suite_.cipher).block_bytes;
  const std::size_t mac_bytes = encrypt_then_mac_ ? digest_bytes(suite_.mac) : 0;
  if (!chained_ || block == 0 || fragment.size() < block + mac_bytes) return;
  std::memcpy(chain_.data(), fragment.data() + fragment.size() - mac_bytes - block, block);
  chain_known_ = true;
}

bool TlsRecordCipher::lose() {
  chain_known_ = false;
  return suite_.cipher != CipherKind::kRc4;
}

std::optional<std::uint64_t> TlsRecordCipher::explicit_nonce(Bytes fragment) const {
  if (!suite_.aead() || tls13_ || facts_of(suite_.cipher).explicit_bytes != 8 ||
      fragment.size() < 8)
    return std::nullopt;
  return ByteReader{fragment.first(8)}.u64();
}

}  // namespace gnomon::message
