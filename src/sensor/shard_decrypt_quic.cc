// How a shard reads QUIC whose secrets it has: streams go to the reader of HTTP/3.
#include "gnomon/sensor/shard.h"

namespace gnomon::sensor {

class Shard::QuicPlaintext final : public message::QuicStreams {
 public:
  QuicPlaintext(Shard& shard, const flow::Flow& flow, FlowNotes& notes, flow::FlowIndex index)
      : shard_(shard),
        flow_(flow),
        notes_(notes),
        index_(index),
        session_(shard.quic_sessions_[notes.quic_session]) {}

  void on_client(unsigned end) override { session_.client = end; }
  void on_alpn(std::string_view protocol) override {
    session_.other_protocol = !protocol.starts_with("h3");
  }
  void on_stream(unsigned end, std::uint64_t stream, Bytes bytes, bool fin) override {
    if (readable()) shard_.http_.feed_stream(flow_, notes_, direction(end), stream, bytes, fin);
  }
  void on_stream_gap(unsigned end, std::uint64_t stream, std::uint64_t bytes) override {
    if (readable()) shard_.http_.gap_stream(flow_, notes_, direction(end), stream, bytes);
  }
  void on_stream_reset(unsigned end, std::uint64_t stream) override {
    if (readable()) shard_.http_.reset_stream(flow_, notes_, direction(end), stream);
  }

 private:
  [[nodiscard]] message::Direction direction(unsigned end) const {
    return end == session_.client ? message::Direction::kToServer : message::Direction::kToClient;
  }
  bool readable() {
    if (session_.other_protocol) return false;
    if (notes_.http != FlowNotes::kNone) return true;
    if (notes_.http_seen) return false;  // it was given up
    shard_.make_room_for_http();
    shard_.http_.open(notes_, index_, HttpStart::kHttp3, true);
    return true;
  }

  Shard& shard_;
  const flow::Flow& flow_;
  FlowNotes& notes_;
  flow::FlowIndex index_;
  QuicSession& session_;
};

void Shard::begin_quic_session(FlowNotes& notes) {
  while (quic_sessions_.used() >= kSessionsMax) {
    const auto oldest = quic_sessions_opened_.take_oldest(holds(&FlowNotes::quic_session));
    if (!oldest) break;
    FlowNotes& other = notes_of(oldest->flow);
    flow::Flow& flow = table_.flow(oldest->flow);
    end_quic_session(other, flow, oldest->flow);
    close_http(other, flow, false);
    ++counters_.sessions_given_up;
  }
  notes.quic_session = quic_sessions_.take();
  quic_sessions_opened_.add({index_, notes.serial}, holds(&FlowNotes::quic_session));
  QuicSession& session = quic_sessions_[notes.quic_session];
  session.decryptor.reset();
  session.client = static_cast<unsigned>(flow::index_of(flow_->client));
  session.other_protocol = false;
}

void Shard::decrypt_quic(flow::Side sender, Bytes datagram) {
  FlowNotes& notes = *notes_;
  QuicSession& session = quic_sessions_[notes.quic_session];
  keys_.set_now(turn_.time);
  QuicPlaintext plaintext{*this, *flow_, notes, index_};
  session.decryptor.feed(static_cast<unsigned>(flow::index_of(sender)), datagram, quic_crypto_,
                         tls_crypto_, keys_, quic_decrypt_counters_, plaintext);
  if (session.decryptor.done()) end_quic_session(notes, *flow_, index_);
}

void Shard::retry_quic_session() {
  QuicSession& session = quic_sessions_[notes_->quic_session];
  if (!session.decryptor.waits()) return;
  keys_.look_now();
  QuicPlaintext plaintext{*this, *flow_, *notes_, index_};
  session.decryptor.retry(quic_crypto_, tls_crypto_, keys_, quic_decrypt_counters_, plaintext);
}

void Shard::end_quic_session(FlowNotes& notes, const flow::Flow& flow, flow::FlowIndex index) {
  QuicSession& session = quic_sessions_[notes.quic_session];
  {
    QuicPlaintext plaintext{*this, flow, notes, index};
    session.decryptor.close(quic_decrypt_counters_, plaintext);
  }
  session.decryptor.reset();  // wipes the keys
  quic_sessions_.give_back(notes.quic_session);
  notes.quic_session = FlowNotes::kNone;
}

}  // namespace gnomon::sensor
