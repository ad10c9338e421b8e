#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/blocks.h"
#include "gnomon/flow/flow_table.h"
#include "gnomon/flow/ndpi_engine.h"
#include "gnomon/flow/tcp_conversation.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/identify/client_kind.h"
#include "gnomon/message/dns_message.h"
#include "gnomon/message/dns_tcp_stream.h"
#include "gnomon/message/quic_initial.h"
#include "gnomon/message/tls_certificate.h"
#include "gnomon/message/tls_records.h"
#include "gnomon/sensor/claim_queue.h"
#include "gnomon/sensor/exchange_reader.h"
#include "gnomon/sensor/flow_notes.h"
#include "gnomon/sensor/http_reader.h"
#include "gnomon/sensor/key_store.h"
#include "gnomon/sensor/knowledge.h"
#include "gnomon/sensor/places.h"
#include "gnomon/sensor/pool.h"
#include "gnomon/sensor/quic_session.h"
#include "gnomon/sensor/replay.h"
#include "gnomon/sensor/stream_shape.h"
#include "gnomon/sensor/tls_session.h"
#include "gnomon/sensor/turn.h"

namespace gnomon::sensor {

struct ShardCounters {
  std::uint64_t tls_hellos = 0;
  std::uint64_t quic_hellos = 0;
  std::uint64_t partial_hellos = 0;   // of which the end never came
  std::uint64_t certificates = 0;     // of servers, with names
  std::uint64_t hellos_not_kept = 0;  // more distinct ones in a flow than TlsNotes has room for
  std::uint64_t quic_given_up = 0;    // Initials that never made a hello
  std::uint64_t dns_messages = 0;
  std::uint64_t dns_malformed = 0;
  std::uint64_t dns_unanswered = 0;
  std::uint64_t dns_given_up = 0;  // flows whose questions are waited for no longer: too many do
  std::uint64_t dhcp_messages = 0;
  std::uint64_t gap_bytes = 0;  // of streams that were being read
  std::uint64_t gaps = 0;
  std::uint64_t ndpi_flows = 0;         // shown to nDPI
  std::uint64_t ndpi_given_up = 0;      // ended early because too many were undecided
  std::uint64_t sessions_given_up = 0;  // decrypted no further because too many were open
  std::uint64_t buffers_refused = 0;    // bytes that waited for more and found no room
  std::uint64_t held_given_up = 0;      // buffers of such bytes that gave way to others
  std::uint64_t shapes_given_up = 0;  // measured no further because too many were
};

// DNS questions of a flow that wait for their answers.
struct PendingQueries {
  static constexpr std::size_t kMax = 16;
  struct Query {
    Time time;
    std::uint64_t number = 0;
    TextPool::Id name = TextPool::kNone;
    std::uint16_t id = 0;
    std::uint16_t type = 0;
  };
  std::array<Query, kMax> queries;
  std::size_t count = 0;
};

// An answer to a question, for the case that the question is captured behind it: the two directions
// of a link often come from two ports of a mirror.
struct EarlyAnswer {
  std::uint64_t key = 0;  // of flow, id, type and name
  Time time;
};

// What the shards of one thread share: state of libraries, and room to work in.
struct Tools {
  flow::NdpiEngine& ndpi;
  message::QuicCrypto& quic_crypto;
  message::TlsScratch& tls_scratch;
  message::TlsCrypto& tls_crypto;
  KeyStore& keys;
};

// Everything about the flows that hash to one shard: the table, what their bytes are read as, and
// the readers' state. Single-threaded, and knows nothing of other shards, so that what it does
// depends on its packets alone. Memory of readers is bounded per shard; at a limit the oldest
// reader gives way and is counted.
class Shard final : public flow::FlowEndHandler, flow::StreamReader, HttpHost, ExchangeHost {
 public:
  Shard(const ReplayOptions& options, KnowledgePointer knowledge, const Tools& tools,
        const Places& places, unsigned number);

  // Judges everything by this from now on; what is being read is read to its end by what it began
  // with. `number` is of the frame before.
  void change(const KnowledgePointer& knowledge, std::uint64_t number, Batch& batch);

  void handle(const packet::Packet& packet, Batch& batch);
  // Ends what has been silent too long, though no packet came.
  void tick(Time clock, std::uint64_t last_number, Batch& batch);
  void step_clock(std::chrono::nanoseconds by) { table_.shift_clock(by); }
  // Ends flows that began at or before frame `last_number`.
  void finish(std::uint64_t last_number, Batch& batch);

  void prefetch_slot(std::uint32_t hash) const { table_.prefetch_slot(hash); }
  void prefetch_record(std::uint32_t hash) const { table_.prefetch_record(hash); }
  void prefetch_notes(std::uint32_t hash) const {
    const flow::FlowIndex index = table_.likely(hash);
    if (index != flow::kNoFlow) prefetch_notes_of(index);
  }

  static std::span<const std::string_view> counter_names();
  // Adds what was read of bodies elsewhere than in a shard, and what memory that takes.
  static void add_content(const content::InspectorCounters& counters, std::uint64_t memory_bytes,
                          std::span<std::uint64_t> sums);
  void add_counters(std::span<std::uint64_t> sums) const;

 private:
  static constexpr std::size_t kHeldMax = 64 * 1024;  // bytes of a side that wait for more
  static constexpr std::size_t kHeldBuffersMax = 4096;  // at once
  static constexpr std::size_t kNdpiMax = 512;  // flows undecided at once
  static constexpr std::size_t kQuicMax = 256;
  static constexpr std::size_t kPendingMax = 4096;     // flows with questions that wait
  static constexpr std::size_t kSessionsMax = 512;     // decrypted at once
  static constexpr std::size_t kShapesMax = 4096;
  static constexpr std::uint16_t kShapeNone = 0xffff;  // Flow::shape: nobody measures it
  static constexpr std::uint16_t kWatchSegments = 128;  // looked at for a hello further in
  static constexpr std::uint16_t kWatchDatagrams = 8;  // looked at for QUIC after nDPI is done
  static constexpr std::size_t kEarlyAnswers = 1024;   // of the DNS, remembered for so long:
  static constexpr std::chrono::seconds kEarlyFor{1};
  static constexpr std::uint8_t kQuicTries = 24;       // datagrams that may complete a hello

  // flow::FlowEndHandler
  void flow_ended(flow::FlowIndex index, const flow::Flow& flow, flow::Ending ending) override;
  // flow::StreamReader, for the side in `side_`
  void turn_to(flow::Side side) override { side_ = side; }
  void stream_bytes(Bytes bytes) override;
  void stream_gap(std::uint32_t count) override;
  bool may_start(Bytes bytes) override;
  // HttpHost
  TextPool& texts() override { return texts_; }
  Turn& turn() override { return turn_; }
  void emit(const flow::Flow& flow, const HttpExchange& exchange) override;
  void tell_dns(const flow::Flow& flow, Bytes message) override;
  void set_host(FlowNotes& notes, std::string_view host, observation::HostSource source) override;
  HttpNotes& http_notes(FlowNotes& notes) override;
  // ExchangeHost (exchange_records.cc)
  [[nodiscard]] std::uint64_t frame_number() const override { return turn_.frame; }
  [[nodiscard]] Time frame_time() const override { return turn_.time; }
  bool knows_app(TextPool::Id host) override;
  bool is_source(TextPool::Id host) override;
  void tell_api(const flow::Flow& flow, const HttpExchange& exchange,
                const identify::ApiFacts& facts) override;
  void tell_finding(const flow::Flow* flow, const HttpExchange* exchange, std::uint64_t number,
                    const observation::FindingRecord& finding) override;
  void tell_file(const flow::Flow* flow, const HttpExchange* exchange, std::uint64_t number,
                 const observation::FileRecord& file) override;
  FindingOrigin origin_of(const flow::Flow* flow, const HttpExchange* exchange,
                          std::string_view host) override;
  void tell_finding(const FindingOrigin& origin, std::uint64_t number,
                    const observation::FindingRecord& finding) override;
  void tell_file(const FindingOrigin& origin, std::uint64_t number,
                 const observation::FileRecord& file) override;
  std::uint64_t begin_piece(const flow::Flow& flow, const content::ExchangeFacts& facts) override;
  void piece_bytes(std::uint64_t piece, Bytes bytes) override;
  void place_piece(std::uint64_t piece, std::string_view url) override;
  void piece_gap(std::uint64_t piece, std::uint64_t bytes) override;
  void end_piece(std::uint64_t piece, const HttpExchange& exchange, bool complete) override;
  UploadStep& tell_piece(std::uint64_t piece, UploadStep::Kind kind);
  void hold(std::shared_ptr<const void> used) override { turn_.batch->holds.push_back(std::move(used)); }

  // Those of a flow that has none are nobody's, and not to be written to.
  FlowNotes& notes_of(flow::FlowIndex index) {
    const std::uint32_t at = table_.flow(index).notes;
    return at == FlowNotes::kNone ? no_notes_ : chunks_[at >> kChunkBits][at & kChunkMask];
  }
  void prefetch_notes_of(flow::FlowIndex index) const {
    const std::uint32_t at = table_.flow(index).notes;
    if (at == FlowNotes::kNone) return;
    const auto* notes =
        reinterpret_cast<const char*>(&chunks_[at >> kChunkBits][at & kChunkMask]);
    __builtin_prefetch(notes);
    __builtin_prefetch(notes + 64);
    __builtin_prefetch(notes + 128);
  }
  // Whether a claim to what `part` of a flow's notes names is not stale.
  [[nodiscard]] auto holds(std::uint32_t FlowNotes::*part) {
    static_assert(FlowNotes::kNone == flow::NdpiEngine::kNone);
    return [this, part](const Claim& claim) {
      const FlowNotes& notes = notes_of(claim.flow);
      return notes.serial == claim.serial && notes.*part != FlowNotes::kNone;
    };
  }
  [[nodiscard]] auto holds_bytes() {
    return [this](const Claim& claim) {
      const FlowNotes& notes = notes_of(claim.flow);
      return notes.serial == claim.serial &&
             (notes.held[0] != FlowNotes::kNone || notes.held[1] != FlowNotes::kNone);
    };
  }
  FlowNotes& fresh_notes(flow::FlowIndex index);
  void let_go(FlowNotes& notes);

  // TCP (shard_tcp.cc)
  void read_tcp(const packet::Packet& packet, flow::Side sender);
  void read_stream(flow::Side side, Bytes bytes);
  void decide(flow::Side side, Bytes bytes);
  void watch(flow::Side side, Bytes bytes);
  void read_tls(flow::Side side, Bytes bytes);
  void want_of_hello(flow::Side side, const message::TlsNotYet& not_yet);
  std::size_t read_client_hello_at(flow::Side side, Bytes bytes);
  std::size_t read_server_hello_at(flow::Side side, Bytes bytes);
  bool wants_certificate(const FlowNotes& notes, const message::ServerHello& hello);
  void take_certificate(const message::CertificateNames& names);
  void tell_partial_hello(Bytes bytes);
  void read_http(flow::Side side, Bytes bytes);
  void read_dns_stream(flow::Side side, Bytes bytes);
  void read_other_side(flow::Side side);
  void keep_rest(flow::Side side, Bytes rest);
  void become_plain();
  void make_room_for_http();
  void leave_tunnel();
  void close_http(FlowNotes& notes, const flow::Flow& flow, bool finished);
  void settle_if_done();
  bool hold(flow::Side side, Bytes bytes);
  void make_room_for_held();
  void drop_held(FlowNotes& notes, flow::Side side);
  [[nodiscard]] message::Direction direction_of(flow::Side side) const {
    return side == flow_->client ? message::Direction::kToServer : message::Direction::kToClient;
  }

  // TLS with secrets at hand (shard_decrypt.cc)
  class Plaintext;
  void decrypt(flow::Side side, Bytes bytes);
  void decrypt_gap(flow::Side side, std::uint32_t count);
  void begin_session(FlowNotes& notes);
  void retry_session(FlowNotes& notes);
  void end_session(FlowNotes& notes, const flow::Flow& flow, bool finished);
  void end_session_if_done(FlowNotes& notes);
  void make_room_for_session();
  void read_gap(std::uint32_t count);

  // QUIC with secrets at hand (shard_decrypt_quic.cc)
  class QuicPlaintext;
  void begin_quic_session(FlowNotes& notes);
  void decrypt_quic(flow::Side sender, Bytes datagram);
  void retry_quic_session();
  void end_quic_session(FlowNotes& notes, const flow::Flow& flow, flow::FlowIndex index);
  // Shapes of answers (shard_shape.cc)
  void start_shape(const FlowNotes& notes, flow::FlowIndex index);
  void measure_shape(flow::Flow& flow, const packet::Packet& packet, flow::Side sender);
  void tell_shape(const flow::Flow& flow, observation::FlowRecord& record);
  void end_shape(flow::Flow& flow);

  // Hellos (shard_hello.cc)
  enum class HelloKind : std::uint8_t { kTls, kQuic, kGoogleQuic };
  void take_hello(const message::ClientHello& hello, flow::Side side, HelloKind kind,
                  std::uint32_t quic_version);
  TlsNotes& tls_notes(FlowNotes& notes);
  void add_further_name(TlsNotes& tls, std::string_view name);
  void set_lowered_host(FlowNotes& notes, std::string_view name, observation::HostSource source);

  // UDP (shard_udp.cc)
  void read_udp(const packet::Packet& packet, flow::Side sender);
  bool read_quic(const packet::Packet& packet, flow::Side sender);
  void end_quic(FlowNotes& notes);
  void tell_partial_quic();
  void make_room_for_quic();
  bool read_dns(Bytes bytes);
  void tell_dns_answer();
  void tell_dns_record(const flow::Flow& flow);
  void remember_query();
  void make_room_for_queries();
  void tell_all_unanswered(const flow::Flow& flow, const FlowNotes& notes);
  void forget_queries(FlowNotes& notes);
  [[nodiscard]] EarlyAnswer answer_to(const message::DnsQuestion& question) const;
  [[nodiscard]] bool is_answered(const message::DnsQuestion& question) const;
  void remember_question(PendingQueries& pending, const message::DnsQuestion& question);
  [[nodiscard]] std::size_t find_question(const PendingQueries& pending,
                                          const message::DnsQuestion& question) const;
  void tell_unanswered(const flow::Flow& flow, const PendingQueries::Query& query);
  bool read_local_names(Bytes bytes);
  bool read_dhcp(Bytes bytes);
  [[nodiscard]] observation::Identity identity_of_lookup(std::string_view name) const;
  [[nodiscard]] observation::ClientNameRecord client_name(const IpAddress& client,
                                                          std::string_view mac,
                                                          std::string_view name,
                                                          std::string_view source);
  void tell_client_name(const IpAddress& client, std::string_view mac, std::string_view name,
                        std::string_view source);

  // nDPI (shard.cc)
  void show_ndpi(const packet::Packet& packet, flow::Side sender);
  void finish_ndpi(FlowNotes& notes);
  void cancel_ndpi(FlowNotes& notes);
  void make_room_for_ndpi();

  // Records (flow_record.cc)
  void tell_flow(const flow::Flow& flow, FlowNotes& notes, flow::Ending ending);
  void fill_tls(const TlsNotes& tls, observation::FlowRecord& record);
  void fill_conversation(const flow::Flow& flow, observation::Conversation& conversation);
  void fill_addresses(const flow::Flow& flow, observation::Conversation& conversation);
  void add_community_id(observation::Conversation& conversation);
  std::string_view copy_url(std::string_view url);
  flow::NdpiVerdict verdict_of(const flow::Flow& flow, FlowNotes& notes);
  void identify_flow(const FlowNotes& notes, observation::FlowRecord& record);
  void identify_request(const HttpExchange& exchange, observation::HttpRecord& record);
  observation::Identity identity_of(const HttpExchange& exchange);
  template <class Record>
  void place_finding(const FindingOrigin& origin, std::uint64_t number, Record& record);
  const identify::Match& match_of(TextPool::Id host);

  static constexpr std::uint32_t kChunkBits = 9;
  static constexpr std::uint32_t kChunkMask = (1u << kChunkBits) - 1;

  const ReplayOptions& options_;
  KnowledgePointer knowledge_;
  flow::NdpiEngine& ndpi_;
  message::QuicCrypto& quic_crypto_;
  message::TlsScratch& tls_scratch_;
  message::TlsCrypto& tls_crypto_;
  KeyStore& keys_;
  const Places& places_;
  const unsigned number_;  // among the shards

  TextPool texts_;
  flow::FlowTable table_;
  flow::SegmentPool segments_;
  // Notes are made when a flow's first payload comes: half of all flows never have any.
  Blocks note_blocks_{sizeof(FlowNotes) << kChunkBits};
  std::vector<FlowNotes*> chunks_;  // by Flow::notes
  std::vector<std::uint32_t> notes_free_;
  std::uint32_t notes_used_ = 0;
  FlowNotes no_notes_;
  Pool<TlsNotes> tls_;
  Pool<HttpNotes> http_notes_;
  Pool<std::vector<std::uint8_t>> held_;
  Pool<message::QuicInitialReader> quic_;
  Pool<TlsSession> sessions_;
  Pool<QuicSession> quic_sessions_;
  Pool<PendingQueries> pending_;
  std::vector<EarlyAnswer> early_answers_;  // by their key's low bits; a later one takes the place
  Pool<message::DnsTcpStream> dns_streams_;
  std::optional<ExchangeReader> exchanges_;  // when bodies are read
  Pool<ShapeMeter> shapes_;
  HttpReader http_;
  message::DnsMessage dns_message_;

  ClaimQueue<Claim> undecided_{kNdpiMax};            // flows that nDPI was shown
  ClaimQueue<Claim> quic_opened_{kQuicMax};          // flows with a QUIC reader
  ClaimQueue<Claim> queries_opened_{kPendingMax};    // flows with questions that wait
  ClaimQueue<Claim> held_opened_{kHeldBuffersMax};   // flows that hold bytes back
  ClaimQueue<Claim> sessions_opened_{kSessionsMax};  // flows with a TLS session
  ClaimQueue<Claim> quic_sessions_opened_{kSessionsMax};
  ClaimQueue<Claim> shapes_opened_{kShapesMax};  // flows that are measured
  std::size_t undecided_count_ = 0;
  std::vector<flow::FlowIndex> living_;  // while finishing: by beginning
  std::size_t living_at_ = 0;
  bool finishing_ = false;

  ShardCounters counters_;
  message::TlsDecryptCounters decrypt_counters_;
  message::QuicDecryptCounters quic_decrypt_counters_;
  std::uint32_t next_serial_ = 0;
  std::uint64_t last_piece_ = 0;  // of an upload

  // The packet being handled.
  Turn turn_;
  const packet::Packet* packet_ = nullptr;
  flow::FlowIndex index_ = flow::kNoFlow;
  flow::Flow* flow_ = nullptr;
  FlowNotes* notes_ = nullptr;
  flow::Side side_ = flow::Side::kLower;
  std::string text_;
  std::vector<std::uint8_t> joined_;
  std::vector<HttpReader::TunnelPiece> tunnel_pieces_;
  std::vector<std::uint8_t> tunnel_bytes_;
  std::vector<std::string_view> risk_names_;
};

}  // namespace gnomon::sensor
