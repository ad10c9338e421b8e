#include "der_kind.h"

#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <catch2/catch.hpp>
#include <string>

#include "gnomon/bytes/handle.h"
#include "gnomon/content/file_type.h"
#include "part_log.h"
#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

using Key = Handle<EVP_PKEY, EVP_PKEY_free>;

// What one of OpenSSL's writers makes of a thing.
template <class Write>
std::string der(Write write) {
  unsigned char* at = nullptr;
  const int size = write(&at);
  REQUIRE(size > 0);
  std::string bytes{reinterpret_cast<const char*>(at), static_cast<std::size_t>(size)};
  OPENSSL_free(at);
  return bytes;
}

Key made(const std::string& kind) {
  EVP_PKEY* key = kind == "RSA"  ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1024})
                  : kind == "EC" ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                                 : EVP_PKEY_Q_keygen(nullptr, nullptr, kind.c_str());
  REQUIRE(key != nullptr);
  return Key{key};
}

std::string pkcs8(EVP_PKEY* key) {
  const Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info{EVP_PKEY2PKCS8(key)};
  return der([&](auto at) { return i2d_PKCS8_PRIV_KEY_INFO(info.get(), at); });
}

// The certificate that the key signs of itself.
Handle<X509, X509_free> certificate(EVP_PKEY* key) {
  Handle<X509, X509_free> made{X509_new()};
  X509_set_version(made.get(), 2);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 60);
  X509_set_pubkey(made.get(), key);
  REQUIRE(X509_sign(made.get(), key, EVP_sha256()) > 0);
  return made;
}

std::string store(EVP_PKEY* key) {
  const auto own = certificate(key);
  const Handle<PKCS12, PKCS12_free> made{
      PKCS12_create("open", "name", key, own.get(), nullptr, 0, 0, 1, 1, 0)};
  return der([&](auto at) { return i2d_PKCS12(made.get(), at); });
}

}  // namespace

TEST_CASE("private keys and stores of them are told by their structure", "[content][der]") {
  const std::string algorithm = GENERATE("RSA", "EC", "ED25519");
  INFO(algorithm);
  const Key key = made(algorithm);
  const std::string whole = pkcs8(key.get());
  CHECK(der_kind(bytes_of(whole)) == "der-key");
  CHECK(der_kind(bytes_of(der([&](auto at) { return i2d_PrivateKey(key.get(), at); }))) ==
        "der-key");
  if (algorithm != "ED25519") CHECK(der_kind(bytes_of(store(key.get()))) == "pkcs12");
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    CHECK((der_kind(bytes_of(whole.substr(0, cut))).empty() || cut > 8));
}

TEST_CASE("what is public, or encrypted, is no key", "[content][der]") {
  const Key key = made(GENERATE(as<std::string>{}, "RSA", "EC"));
  CHECK(der_kind(bytes_of(der([&](auto at) { return i2d_PUBKEY(key.get(), at); }))).empty());
  const auto own = certificate(key.get());
  CHECK(der_kind(bytes_of(der([&](auto at) { return i2d_X509(own.get(), at); }))).empty());
  const Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info{EVP_PKEY2PKCS8(key.get())};
  const Handle<X509_SIG, X509_SIG_free> sealed{
      PKCS8_encrypt(-1, EVP_aes_128_cbc(), "open", 4, nullptr, 0, 1, info.get())};
  CHECK(der_kind(bytes_of(der([&](auto at) { return i2d_X509_SIG(sealed.get(), at); }))).empty());
  CHECK(der_kind(bytes_of(std::string(64, '0'))).empty());
  CHECK(der_kind({}).empty());
}

TEST_CASE("detectors speak of a file by its type alone", "[content][der]") {
  const auto told = [](std::string_view bytes) {
    Scanner scanner{shipped_detectors()};
    std::vector<Match> matches;
    scanner.scan_type(file_type_of(bytes_of(bytes), "a.bin", {}).name, matches);
    std::string all;
    for (const Match& match : matches) {
      CHECK(match.confidence == Confidence::kHigh);
      CHECK(match.sample.empty());
      all += match.detector->id;
    }
    return all;
  };
  const Key key = made("EC");
  CHECK(told(pkcs8(key.get())) == "private-key-file");
  CHECK(told(store(key.get())) == "key-store-file");
  CHECK(told(std::string("\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1", 12)) == "key-store-file");
  CHECK(told(std::string("\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5", 8)) == "password-store-file");
  CHECK(told(std::string(128, '\0') + "DICM") == "dicom-file");
  CHECK(told(std::string("AC1032\0\0\0\0", 10)) == "design-file");
  CHECK(told(std::string("\0\x06\0\x02\0\x05\0\x1c", 8)) == "design-file");
  CHECK(told("%SEMI-OASIS\r\n\x01") == "design-file");
  CHECK(told("AC1032 is the version of 2018").empty());
  CHECK(told("ordinary words").empty());
}

}  // namespace gnomon::content
