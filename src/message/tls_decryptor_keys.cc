// What the handshake says, and the keys that follow.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <algorithm>

#include "gnomon/message/client_hello.h"
#include "tls_decryptor_state.h"

namespace gnomon::message {

void TlsDecryptor::State::read_handshake(unsigned end, Bytes fragment, const Call& call) {
  End& own = ends[end];
  const auto on_bytes = [&](HandshakeType type, Bytes bytes) {
    if (type == HandshakeType::kClientHello && bytes.size() == 4) {
      exchange.transcript.clear();
      exchange.transcript_whole = true;
    }
    if (!exchange.transcript_whole || exchange.has_encrypted_pre_master) return;
    if (choice.tls13() || exchange.transcript.size() + bytes.size() > kTranscriptBytesMax) {
      exchange.transcript_whole = false;
      return;
    }
    exchange.transcript.insert(exchange.transcript.end(), bytes.begin(), bytes.end());
  };
  const auto on_message = [&](HandshakeType type, Bytes body) {
    switch (type) {
      case HandshakeType::kClientHello:
        on_client_hello(end, body, call);
        break;
      case HandshakeType::kServerHello:
        on_server_hello(end, body, call);
        break;
      case HandshakeType::kClientKeyExchange:
        // EncryptedPreMasterSecret (RFC 5246 §7.4.7.1): its length, then what NSS logs the first
        // eight bytes of. Of other exchanges there is no such line.
        if (choice.tls13() || exchange.has_encrypted_pre_master) break;
        exchange.has_encrypted_pre_master = true;
        if (body.size() >= 2 + exchange.encrypted_pre_master.size())
          std::copy_n(body.begin() + 2, exchange.encrypted_pre_master.size(),
                      exchange.encrypted_pre_master.begin());
        break;
      case HandshakeType::kEncryptedExtensions: {
        const std::string_view alpn = alpn_of_encrypted_extensions(body);
        if (!alpn.empty() && !told_alpn) call.out.on_alpn(alpn);
        told_alpn = true;
        break;
      }
      case HandshakeType::kEndOfEarlyData:
        if (own.epoch == Epoch::kEarly) own.epoch = Epoch::kHandshake;
        break;
      case HandshakeType::kFinished:
        if (own.epoch == Epoch::kHandshake) own.epoch = Epoch::kTraffic;
        break;
      case HandshakeType::kKeyUpdate:
        on_key_update(end, call);
        break;
    }
  };
  own.messages.feed(fragment, on_bytes, on_message);
}

void TlsDecryptor::State::on_client_hello(unsigned end, Bytes body, const Call&) {
  if (has_choice && choice.tls13()) return;
  const auto hello = parse_client_hello(body);
  if (!hello || hello->random.size() != exchange.client_random.size()) return;
  client = static_cast<int>(end);
  std::copy(hello->random.begin(), hello->random.end(), exchange.client_random.begin());
  exchange.has_encrypted_pre_master = false;
  // A hello that answers HelloRetryRequest offers none any more, though some may be on its way.
  early_offered = early_offered || hello->has_early_data;
}

void TlsDecryptor::State::on_server_hello(unsigned end, Bytes body, const Call& call) {
  if (is_client(end) || client < 0 || (has_choice && choice.tls13())) return;
  const auto chosen = parse_server_choice(body);
  if (!chosen) return;
  if (chosen->retry_request) {
    retried = true;
    return;
  }
  choice = *chosen;
  suite = tls_suite(choice.suite);
  if (!suite || choice.compression != 0 || choice.version < 0x0301 || choice.version > 0x0304 ||
      choice.tls13() != ((choice.suite >> 8) == 0x13)) {
    refuse(call);
    return;
  }
  has_choice = true;
  if (!choice.alpn.empty() && !told_alpn) {
    call.out.on_alpn(choice.alpn);
    told_alpn = true;
  }
  choice.alpn = {};
  if (!choice.tls13()) return;
  exchange.transcript.clear();
  End& server = ends[end];
  End& other = ends[1 - end];
  server.epoch = Epoch::kHandshake;
  other.epoch = early_offered ? Epoch::kEarly : Epoch::kHandshake;
  other.messages.reset();
}

void TlsDecryptor::State::on_key_update(unsigned end, const Call& call) {
  End& own = ends[end];
  if (own.epoch != Epoch::kTraffic || own.secret.empty()) return;
  own.secret = next_traffic_secret(own.secret, suite->hash);
  if (!start_from_traffic(call.crypto, own.secret, *suite, own.ciphers[own.active]))
    give_up(end, call);
  own.number = 0;
}

bool TlsDecryptor::State::key_epoch(unsigned end, Epoch epoch, TlsRecordCipher& cipher,
                                    const Call& call) {
  const bool of_client = is_client(end);
  KeyLabel label{};
  switch (epoch) {
    case Epoch::kEarly:
      label = KeyLabel::kClientEarly;
      break;
    case Epoch::kHandshake:
      label = of_client ? KeyLabel::kClientHandshake : KeyLabel::kServerHandshake;
      break;
    case Epoch::kTraffic:
      label = of_client ? KeyLabel::kClientTraffic : KeyLabel::kServerTraffic;
      break;
    case Epoch::kClear:
    case Epoch::kSealed:
      return false;
  }
  Secret secret;
  if (!call.keys.find_key(label, exchange.client_random, secret)) return false;
  if (!start_from_traffic(call.crypto, secret, *suite, cipher)) return false;
  if (epoch == Epoch::kTraffic) ends[end].secret = secret;
  return true;
}

bool TlsDecryptor::State::key_sealed(unsigned end, const Call& call) {
  if (!has_choice || client < 0 || choice.tls13()) return false;
  Secret master;
  if (!find_master_secret(call.keys, exchange, choice, *suite, master)) return false;
  End& own = ends[end];
  own.ciphers[own.active].wipe();
  if (!start_from_master(call.crypto, master, exchange, choice, *suite, is_client(end),
                         own.ciphers[own.active])) {
    refuse(call);
    return false;
  }
  own.epoch = own.keyed = Epoch::kSealed;
  own.number = 0;
  return true;
}

}  // namespace gnomon::message
