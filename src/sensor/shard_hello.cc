// How a shard takes names, fingerprints and versions from hellos, over TCP and QUIC.
#include <algorithm>

#include "gnomon/bytes/ascii.h"
#include "gnomon/message/ech.h"
#include "gnomon/message/ja4.h"
#include "gnomon/message/tls_certificate.h"
#include "gnomon/sensor/shard.h"

namespace gnomon::sensor {
namespace {

observation::Ech ech_of(const message::ClientHello& hello) {
  switch (message::classify_ech(hello)) {
    case message::EchKind::kNone:
      return observation::Ech::kNone;
    case message::EchKind::kGrease:
      return observation::Ech::kGrease;
    case message::EchKind::kReal:
      return observation::Ech::kReal;
    case message::EchKind::kUndecided:
      return observation::Ech::kUndecided;
  }
  return observation::Ech::kUndecided;
}

}  // namespace

TlsNotes& Shard::tls_notes(FlowNotes& notes) {
  if (notes.tls == FlowNotes::kNone) {
    notes.tls = tls_.take();
    tls_[notes.tls] = TlsNotes{};
  }
  return tls_[notes.tls];
}

// A hello that comes in small segments is not read again from its start for each.
void Shard::want_of_hello(flow::Side side, const message::TlsNotYet& not_yet) {
  notes_->hello_wanted[flow::index_of(side)] =
      static_cast<std::uint32_t>(std::min(not_yet.bytes_wanted, kHeldMax + 1));
}

// Bytes of the stream that were used; 0 when more are wanted, or when it was no hello.
std::size_t Shard::read_client_hello_at(flow::Side side, Bytes bytes) {
  FlowNotes& notes = *notes_;
  const bool further = notes.tls != FlowNotes::kNone && tls_[notes.tls].hellos > 0;
  const auto reading = message::read_client_hello(
      bytes, tls_scratch_, further ? message::HelloOrder::kFurther : message::HelloOrder::kFirst);
  if (const auto* not_yet = std::get_if<message::TlsNotYet>(&reading)) {
    want_of_hello(side, *not_yet);
    return 0;
  }
  const auto* found = std::get_if<message::TlsClientHello>(&reading);
  if (found == nullptr) {
    // Perhaps a hello in more records than are worth putting together.
    if (!further) tell_partial_hello(bytes);
    notes.side_done[flow::index_of(side)] = true;
    return 0;
  }
  ++counters_.tls_hellos;
  take_hello(found->hello, side, HelloKind::kTls, 0);
  return found->bytes_consumed;
}

std::size_t Shard::read_server_hello_at(flow::Side side, Bytes bytes) {
  FlowNotes& notes = *notes_;
  const auto reading = message::read_server_hello(bytes, tls_scratch_);
  if (const auto* not_yet = std::get_if<message::TlsNotYet>(&reading)) {
    want_of_hello(side, *not_yet);
    return 0;
  }
  const auto* found = std::get_if<message::TlsServerHello>(&reading);
  if (found == nullptr) {
    notes.side_done[flow::index_of(side)] = true;
    return 0;
  }
  flow::FlowTable::decide_client(*flow_, flow::other(side), flow::ClientEvidence::kHello);
  tls_notes(notes).server_version = found->hello.version;
  if (wants_certificate(notes, found->hello)) {
    const auto certificate = message::read_server_certificate(bytes, tls_scratch_);
    if (const auto* not_yet = std::get_if<message::TlsNotYet>(&certificate)) {
      want_of_hello(side, *not_yet);
      return 0;
    }
    if (const auto* names = std::get_if<message::CertificateNames>(&certificate))
      take_certificate(*names);
  }
  // After a HelloRetryRequest the real one follows; otherwise the rest is not for us.
  if (!found->hello.is_retry_request) notes.side_done[flow::index_of(side)] = true;
  return found->bytes_consumed;
}

// Certificates are read where they may tell something that is not known: of connections without a
// name, and with hosts that no list knows. From TLS 1.3 on they are encrypted.
bool Shard::wants_certificate(const FlowNotes& notes, const message::ServerHello& hello) {
  if (hello.is_retry_request || hello.version > 0x0303) return false;
  if (notes.host == TextPool::kNone) return true;
  const identify::Match& match = match_of(notes.host);
  return match.app == nullptr && !match.shared;
}

void Shard::take_certificate(const message::CertificateNames& names) {
  TlsNotes& tls = tls_notes(*notes_);
  if (tls.certificate != TextPool::kNone || names.count == 0) return;
  ++counters_.certificates;
  text_.clear();
  for (const std::string_view name : names.all()) {
    if (!text_.empty()) text_ += '\0';
    text_ += name;
  }
  tls.certificate = texts_.intern(text_);
}

// The end of a hello is missing, and with it what proves that it was read rightly: what lies before
// the cut names the host, but is reported neither as SNI nor as fingerprint.
void Shard::tell_partial_hello(Bytes bytes) {
  const auto reading = message::read_cut_client_hello(bytes, tls_scratch_);
  const auto* found = std::get_if<message::TlsClientHello>(&reading);
  if (found == nullptr || found->hello.server_name.empty()) return;
  if (ech_of(found->hello) == observation::Ech::kReal) return;
  ++counters_.partial_hellos;
  set_lowered_host(*notes_, found->hello.server_name, observation::HostSource::kTlsSniPartial);
}

void Shard::set_lowered_host(FlowNotes& notes, std::string_view name,
                             observation::HostSource source) {
  text_.assign(name);
  for (char& each : text_) each = to_lower(each);
  while (!text_.empty() && text_.back() == '.') text_.pop_back();
  if (!text_.empty()) set_host(notes, text_, source);
}

void Shard::add_further_name(TlsNotes& tls, std::string_view name) {
  if (texts_.text(tls.sni) == name) return;
  const auto end = tls.more_sni.begin() + tls.more_sni_count;
  if (std::any_of(tls.more_sni.begin(), end,
                  [&](TextPool::Id id) { return texts_.text(id) == name; }))
    return;
  if (tls.more_sni_count < TlsNotes::kHellosMax) {
    tls.more_sni[tls.more_sni_count++] = texts_.intern(name);
  } else {
    ++counters_.hellos_not_kept;
  }
}

void Shard::take_hello(const message::ClientHello& hello, flow::Side side, HelloKind kind,
                       std::uint32_t quic_version) {
  const bool over_quic = kind != HelloKind::kTls;
  FlowNotes& notes = *notes_;
  flow::FlowTable::decide_client(*flow_, side, flow::ClientEvidence::kHello);
  TlsNotes& tls = tls_notes(notes);
  const observation::Ech ech = ech_of(hello);
  if (!hello.server_name.empty()) {
    if (kind == HelloKind::kGoogleQuic) {
      // Names the host below; no ClientHello said it, so it is reported as none.
    } else if (tls.sni == TextPool::kNone) {
      tls.sni = texts_.intern(hello.server_name);
    } else {
      add_further_name(tls, hello.server_name);
    }
    for (std::size_t i = 0; kind != HelloKind::kGoogleQuic && i < hello.further_name_count; ++i)
      add_further_name(tls, hello.further_names[i]);
    // The outer name of a real ECH is the provider's, not the app's.
    if (ech != observation::Ech::kReal)
      set_lowered_host(
          notes, hello.server_name,
          over_quic ? observation::HostSource::kQuicSni : observation::HostSource::kTlsSni);
  }
  // Google's own handshake is no TLS and has no fingerprint.
  std::optional<message::Ja4> ja4;
  if (kind != HelloKind::kGoogleQuic)
    ja4 = message::ja4_of(
        hello, over_quic ? message::HelloTransport::kQuic : message::HelloTransport::kTcp);
  if (ja4) {
    const std::string_view text = ja4->view();
    const auto end = tls.ja4.begin() + tls.ja4_count;
    const bool known =
        std::any_of(tls.ja4.begin(), end, [&](TextPool::Id id) { return texts_.text(id) == text; });
    if (!known && tls.ja4_count < TlsNotes::kHellosMax) {
      tls.ja4[tls.ja4_count++] = texts_.intern(text);
    } else if (!known) {
      ++counters_.hellos_not_kept;
    }
  }
  if (tls.hellos == 0) {
    tls.over_quic = over_quic;
    tls.quic_version = quic_version;
    tls.client_version = hello.best_version();
    if (hello.alpn_kept() > 0) {
      text_.clear();
      for (std::size_t i = 0; i < hello.alpn_kept(); ++i) {
        if (i > 0) text_ += '\0';
        text_ += hello.alpn[i];
      }
      tls.alpns = texts_.intern(text_);
    }
  }
  tls.ech = std::max(tls.ech, ech);
  // Headers, version, random and lengths (RFC 8446 §4.1.2) take 51 bytes.
  const std::size_t size = tls.hello_bytes + 51 + hello.session_id.size() +
                           hello.cipher_suites.size() + hello.extensions.size();
  tls.hello_bytes = static_cast<std::uint16_t>(std::min<std::size_t>(size, 0xffff));
  if (tls.hellos < 0xff) ++tls.hellos;
  start_shape(notes, index_);
}

}  // namespace gnomon::sensor
