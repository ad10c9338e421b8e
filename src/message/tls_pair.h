#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gnomon/bytes/handle.h"
#include "gnomon/message/key_log.h"

// Both ends of a TLS connection by OpenSSL, in memory, and all that goes over the wire between
// them: for tests.
namespace gnomon::message::samples {

using SslContext = Handle<SSL_CTX, SSL_CTX_free>;
using Ssl = Handle<SSL, SSL_free>;

// What one end sent at once.
struct Flight {
  unsigned end;  // 0 the client
  std::vector<std::uint8_t> bytes;
};

struct TlsPairOptions {
  int version = TLS1_3_VERSION;
  std::string suites;  // OpenSSL's name of one; empty for its own choice
  std::string client_groups, server_groups;
  std::uint64_t context_options = 0;
  std::size_t padding = 0;  // TLS 1.3: blocks that records are padded to
  bool rsa = false;         // certificate; else ECDSA
  std::string alpn;
  std::string common_name;  // of the server's certificate
  std::string alt_names;    // "DNS:a.example,IP:1.2.3.4"
};

class TlsPair {
 public:
  explicit TlsPair(const TlsPairOptions& options) : options_(options) {
    client_context_.reset(context(false));
    server_context_.reset(context(true));
    SSL_CTX_set_keylog_callback(client_context_.get(), [](const SSL* ssl, const char* line) {
      auto* self = static_cast<TlsPair*>(SSL_get_app_data(ssl));
      self->key_log_ += std::string{line} + "\n";
    });
    fresh();
  }

  // A new connection of the same two, resuming the last session.
  void again() {
    const Handle<SSL_SESSION, SSL_SESSION_free> session{SSL_get1_session(client_.get())};
    // Only what ended well is resumed.
    for (SSL* each : {client_.get(), server_.get()})
      SSL_set_shutdown(each, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    fresh();
    SSL_set_session(client_.get(), session.get());
  }

  bool handshake() {
    for (int i = 0; i < 20; ++i) {
      const int done_client = SSL_do_handshake(client_.get());
      collect(0);
      const int done_server = SSL_do_handshake(server_.get());
      collect(1);
      if (done_client == 1 && done_server == 1) return true;
    }
    return false;
  }

  bool send(unsigned end, const std::string& text) {
    SSL* const from = end == 0 ? client_.get() : server_.get();
    SSL* const to = end == 0 ? server_.get() : client_.get();
    if (SSL_write(from, text.data(), static_cast<int>(text.size())) !=
        static_cast<int>(text.size()))
      return false;
    collect(end);
    std::vector<char> got(text.size() + 1);
    std::size_t have = 0;
    while (have < text.size()) {
      const int read = SSL_read(to, got.data() + have, static_cast<int>(got.size() - have));
      if (read <= 0) break;
      have += static_cast<std::size_t>(read);
    }
    collect(1 - end);  // what reading made it answer
    return have == text.size();
  }

  // The client shakes hands once more.
  bool renegotiate() {
    if (SSL_renegotiate(client_.get()) != 1) return false;
    for (int i = 0; i < 10 && SSL_renegotiate_pending(client_.get()) == 1; ++i) {
      char nothing = 0;
      SSL_do_handshake(client_.get());
      collect(0);
      SSL_read(server_.get(), &nothing, 1);
      collect(1);
      SSL_read(client_.get(), &nothing, 1);
      collect(0);
    }
    return SSL_renegotiate_pending(client_.get()) == 0;
  }

  bool send_early(const std::string& text) {
    std::size_t written = 0;
    if (SSL_write_early_data(client_.get(), text.data(), text.size(), &written) != 1) return false;
    collect(0);
    std::vector<char> got(text.size() + 1);
    std::size_t have = 0;
    SSL_read_early_data(server_.get(), got.data(), got.size(), &have);
    collect(1);
    return written == text.size();
  }

  void collect(unsigned end) {
    BIO* const from = end == 0 ? client_out_ : server_out_;
    BIO* const to = end == 0 ? server_in_ : client_in_;
    std::vector<std::uint8_t> bytes(BIO_ctrl_pending(from));
    if (bytes.empty()) return;
    BIO_read(from, bytes.data(), static_cast<int>(bytes.size()));
    BIO_write(to, bytes.data(), static_cast<int>(bytes.size()));
    flights_.push_back({end, std::move(bytes)});
  }

  SSL* client() { return client_.get(); }
  SSL* server() { return server_.get(); }
  const std::string& key_log() const { return key_log_; }
  const std::vector<Flight>& flights() const { return flights_; }

 private:
  SSL_CTX* context(bool server) {
    SSL_CTX* made = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    SSL_CTX_set_security_level(made, 0);
    SSL_CTX_set_min_proto_version(made, options_.version);
    SSL_CTX_set_max_proto_version(made, options_.version);
    SSL_CTX_set_options(made, options_.context_options | SSL_OP_LEGACY_SERVER_CONNECT);
    SSL_CTX_set_max_early_data(made, 16384);
    SSL_CTX_set_recv_max_early_data(made, 16384);
    if (!options_.suites.empty()) {
      if (options_.version == TLS1_3_VERSION) {
        SSL_CTX_set_ciphersuites(made, options_.suites.c_str());
      } else {
        SSL_CTX_set_cipher_list(made, (options_.suites + ":@SECLEVEL=0").c_str());
      }
    }
    const std::string& groups = server ? options_.server_groups : options_.client_groups;
    if (!groups.empty()) SSL_CTX_set1_groups_list(made, groups.c_str());
    if (options_.padding > 0) SSL_CTX_set_block_padding(made, options_.padding);
    if (server) {
      const Handle<EVP_PKEY, EVP_PKEY_free> key{options_.rsa ? EVP_RSA_gen(2048)
                                                             : EVP_EC_gen("P-256")};
      const Handle<X509, X509_free> certificate{X509_new()};
      X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
      X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
      X509_set_pubkey(certificate.get(), key.get());
      X509_set_version(certificate.get(), 2);
      if (!options_.common_name.empty()) {
        X509_NAME* const name = X509_get_subject_name(certificate.get());
        for (const auto& [field, text] :
             {std::pair{"O", std::string{"not.the.name.example"}}, {"CN", options_.common_name}})
          X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()), -1, 0);
      }
      for (const auto& [kind, value] : {std::pair{NID_basic_constraints, std::string{"critical,CA:FALSE"}},
                                        {NID_subject_alt_name, options_.alt_names}}) {
        if (value.empty()) continue;
        const Handle<X509_EXTENSION, X509_EXTENSION_free> extension{
            X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str())};
        X509_add_ext(certificate.get(), extension.get(), -1);
      }
      X509_sign(certificate.get(), key.get(), EVP_sha256());
      SSL_CTX_use_certificate(made, certificate.get());
      SSL_CTX_use_PrivateKey(made, key.get());
      SSL_CTX_set_dh_auto(made, 1);
      SSL_CTX_set_session_id_context(made, reinterpret_cast<const unsigned char*>("t"), 1);
      SSL_CTX_set_alpn_select_cb(
          made,
          [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in,
             unsigned in_size, void*) {
            if (in_size == 0) return SSL_TLSEXT_ERR_NOACK;
            *out = in + 1;
            *size = in[0];
            return SSL_TLSEXT_ERR_OK;
          },
          nullptr);
    }
    return made;
  }

  void fresh() {
    client_.reset(SSL_new(client_context_.get()));
    server_.reset(SSL_new(server_context_.get()));
    client_in_ = BIO_new(BIO_s_mem());
    client_out_ = BIO_new(BIO_s_mem());
    server_in_ = BIO_new(BIO_s_mem());
    server_out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(client_.get(), client_in_, client_out_);
    SSL_set_bio(server_.get(), server_in_, server_out_);
    SSL_set_app_data(client_.get(), this);
    SSL_set_connect_state(client_.get());
    SSL_set_accept_state(server_.get());
    SSL_set_tlsext_host_name(client_.get(), "api.example");
    if (!options_.alpn.empty()) {
      const std::string list = static_cast<char>(options_.alpn.size()) + options_.alpn;
      SSL_set_alpn_protos(client_.get(), reinterpret_cast<const unsigned char*>(list.data()),
                          static_cast<unsigned>(list.size()));
    }
    flights_.clear();
  }

  TlsPairOptions options_;
  SslContext client_context_, server_context_;
  Ssl client_, server_;
  BIO* client_in_ = nullptr;  // owned by the connections
  BIO* client_out_ = nullptr;
  BIO* server_in_ = nullptr;
  BIO* server_out_ = nullptr;
  std::string key_log_;
  std::vector<Flight> flights_;
};

}  // namespace gnomon::message::samples
