#pragma once

#include <array>
#include <cstdint>

#include "gnomon/flow/ndpi_engine.h"
#include "gnomon/flow/tcp_conversation.h"
#include "gnomon/observation/observation.h"
#include "gnomon/sensor/text_pool.h"

namespace gnomon::sensor {

// What the bytes of a flow are being read as.
enum class Mode : std::uint8_t {
  kUndecided,
  kTls,
  kQuic,
  kHttp,
  kDns,
  kMdns,
  kLlmnr,
  kDhcp,
  kDhcp6,
  kPlain,  // none of ours: nDPI's, and watched for a hello or a request further in
};

// What hellos said, over TCP or QUIC. Kept until the flow ends.
struct TlsNotes {
  static constexpr std::size_t kHellosMax = 8;  // distinct names and fingerprints kept of a flow

  TextPool::Id sni = TextPool::kNone;
  std::array<TextPool::Id, kHellosMax> more_sni{};
  std::array<TextPool::Id, kHellosMax> ja4{};
  TextPool::Id alpns = TextPool::kNone;  // joined by a zero byte
  TextPool::Id certificate = TextPool::kNone;  // its names, joined so
  std::uint32_t quic_version = 0;
  std::uint16_t client_version = 0;  // the best the client offers
  std::uint16_t server_version = 0;  // 0 until the server has chosen
  std::uint16_t hello_bytes = 0;     // of all hellos: what of the payload is nobody's data
  std::uint8_t more_sni_count = 0;
  std::uint8_t ja4_count = 0;
  std::uint8_t hellos = 0;
  observation::Ech ech = observation::Ech::kNone;
  bool over_quic = false;
};

// What HTTP requests of a flow said. Kept until the flow ends; the connection that is being read
// may be given up before.
struct HttpNotes {
  TextPool::Id user_agent = TextPool::kNone;
  TextPool::Id path = TextPool::kNone;  // of the first request that went to the flow's host
  TextPool::Id method = TextPool::kNone;
  std::string_view api_usage;  // of the first request that only a model API, or the like, has
  std::uint32_t requests = 0;
  std::uint32_t uploads = 0;
  std::uint64_t upload_bytes = 0;
};

// What the parsers know of a flow: the part beside flow::Flow that only packets with payload touch,
// and those only until the flow is settled.
struct FlowNotes {
  static constexpr std::uint32_t kNone = 0xffffffff;

  flow::TcpConversation streams;
  std::array<std::uint32_t, 2> held{kNone, kNone};  // buffers: bytes waiting for more
  std::array<std::uint32_t, 2> hello_wanted{};  // TLS: with fewer held, reading tells nothing new
  std::array<std::uint16_t, 2> watched{};           // segments looked at in Mode::kPlain
  std::array<std::uint16_t, 2> skip{};              // TLS: bytes of a record still to step over
  std::array<bool, 2> side_done{};                  // nothing more is wanted of this side
  Mode mode = Mode::kUndecided;
  observation::HostSource host_source = observation::HostSource::kNone;
  TextPool::Id host = TextPool::kNone;
  std::uint32_t tls = kNone;
  std::uint32_t http_notes = kNone;
  std::uint32_t http = kNone;  // connection being read
  std::uint32_t quic = kNone;
  std::uint32_t session = kNone;       // TLS that is being decrypted
  std::uint32_t quic_session = kNone;  // QUIC that is being decrypted
  std::uint32_t dns = kNone;  // questions that wait
  std::array<std::uint32_t, 2> dns_streams{kNone, kNone};
  std::uint32_t serial = 0;  // tells this flow from others that had its index
  flow::NdpiEngine::Handle ndpi = flow::NdpiEngine::kNone;
  std::uint32_t gap_bytes = 0;
  std::uint8_t quic_tries = 0;
  bool ndpi_done = false;
  bool http_seen = false;
  bool http2 = false;
  bool spoke = false;          // at least one message of `mode` was understood
  bool carries_ip = false;     // one of its first datagrams holds an IP packet: a tunnel
  bool decrypted = false;      // notes of the plaintext inside a TLS connection
  bool given_up = false;       // read in part, as too many others were being read
  std::uint8_t depth = 0;      // how many TLS connections are around it
  FlowNotes* outer = nullptr;  // the notes of the connection around it
  flow::NdpiVerdict verdict;

  // Whether somebody still reads what this side sends.
  [[nodiscard]] bool wants(std::size_t side) const { return !side_done[side] || session != kNone; }

  // What was left unread is the whole flow's, however deep inside it lies.
  void give_up() {
    for (FlowNotes* each = this; each != nullptr; each = each->outer) each->given_up = true;
  }
};

}  // namespace gnomon::sensor
