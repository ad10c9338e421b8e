// How a shard reads TLS whose secrets it has: plaintext is read as a connection of its own.
#include <algorithm>

#include "gnomon/sensor/shard.h"

namespace gnomon::sensor {

// Hands what one session decrypts to the readers, with the session's notes in place of the flow's.
class Shard::Plaintext final : public message::TlsPlaintext {
 public:
  Plaintext(Shard& shard, FlowNotes& inner) : shard_(shard), inner_(inner) {}

  void on_plaintext(unsigned end, Bytes bytes) override {
    const Inside inside{*this, end};
    if (inner_.wants(end)) shard_.read_stream(shard_.side_, bytes);
  }
  void on_plaintext_gap(unsigned end, std::uint64_t bytes) override {
    const Inside inside{*this, end};
    if (inner_.wants(end))
      shard_.read_gap(static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, 0xffffffff)));
  }
  void on_alpn(std::string_view) override {}

 private:
  // While it lives the shard is at the plaintext of one side.
  class Inside {
   public:
    Inside(Plaintext& plaintext, unsigned end)
        : shard_(plaintext.shard_), notes_(shard_.notes_), side_(shard_.side_) {
      shard_.notes_ = &plaintext.inner_;
      shard_.side_ = flow::Side{static_cast<std::uint8_t>(end)};
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() {
      shard_.notes_ = notes_;
      shard_.side_ = side_;
    }

   private:
    Shard& shard_;
    FlowNotes* notes_;
    flow::Side side_;
  };

  Shard& shard_;
  FlowNotes& inner_;
};

void Shard::begin_session(FlowNotes& notes) {
  if (notes.session != FlowNotes::kNone || notes.depth >= message::TlsDecryptor::kDepthMax) return;
  if (notes.outer == nullptr) {
    make_room_for_session();
    sessions_opened_.add({index_, notes.serial}, holds(&FlowNotes::session));
  } else if (sessions_.used() >= kSessionsMax) {  // the oldest may be the one around this
    ++counters_.sessions_given_up;
    notes.give_up();
    return;
  }
  notes.session = sessions_.take();
  TlsSession& session = sessions_[notes.session];
  session.decryptor.reset(notes.depth);
  session.inner = FlowNotes{};
  session.inner.serial = notes.serial;
  session.inner.outer = &notes;
  session.inner.decrypted = true;
  session.inner.depth = static_cast<std::uint8_t>(notes.depth + 1);
}

void Shard::decrypt(flow::Side side, Bytes bytes) {
  TlsSession& session = sessions_[notes_->session];
  keys_.set_now(turn_.time);
  Plaintext plaintext{*this, session.inner};
  session.decryptor.feed(static_cast<unsigned>(flow::index_of(side)), bytes, tls_crypto_, keys_,
                         decrypt_counters_, plaintext);
}

void Shard::decrypt_gap(flow::Side side, std::uint32_t count) {
  TlsSession& session = sessions_[notes_->session];
  keys_.set_now(turn_.time);
  Plaintext plaintext{*this, session.inner};
  session.decryptor.gap(static_cast<unsigned>(flow::index_of(side)), count, tls_crypto_, keys_,
                        decrypt_counters_, plaintext);
}

// The flow, which is the current one, ends: a secret may have been written since its last packet.
void Shard::retry_session(FlowNotes& notes) {
  TlsSession& session = sessions_[notes.session];
  if (session.decryptor.waits()) {
    keys_.look_now();
    Plaintext plaintext{*this, session.inner};
    session.decryptor.retry(tls_crypto_, keys_, decrypt_counters_, plaintext);
  }
  if (session.inner.session != FlowNotes::kNone) retry_session(session.inner);
}

void Shard::end_session(FlowNotes& notes, const flow::Flow& flow, bool finished) {
  TlsSession& session = sessions_[notes.session];
  FlowNotes& inner = session.inner;
  session.decryptor.close(decrypt_counters_);
  if (inner.session != FlowNotes::kNone) end_session(inner, flow, finished);
  close_http(inner, flow, finished);
  let_go(inner);
  session.decryptor.reset();  // wipes the keys
  sessions_.give_back(notes.session);
  notes.session = FlowNotes::kNone;
}

// Between packets: a session whose readers are in the middle of something is not touched.
void Shard::end_session_if_done(FlowNotes& notes) {
  const TlsSession& session = sessions_[notes.session];
  const FlowNotes& inner = session.inner;
  const bool read = !inner.wants(0) && !inner.wants(1);
  if (session.decryptor.done() || read) end_session(notes, *flow_, false);
}

void Shard::make_room_for_session() {
  while (sessions_.used() >= kSessionsMax) {
    const auto oldest = sessions_opened_.take_oldest(holds(&FlowNotes::session));
    if (!oldest) return;
    notes_of(oldest->flow).give_up();
    end_session(notes_of(oldest->flow), table_.flow(oldest->flow), false);
    ++counters_.sessions_given_up;
  }
}

}  // namespace gnomon::sensor
