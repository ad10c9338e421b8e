#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/content/inspector.h"
#include "gnomon/flow/flow.h"
#include "gnomon/identify/api_reader.h"
#include "gnomon/message/grpc_stream.h"
#include "gnomon/message/http_events.h"
#include "gnomon/message/http_field_block.h"
#include "gnomon/sensor/pool.h"
#include "gnomon/sensor/text_pool.h"

namespace gnomon::sensor {

struct HttpExchange;
struct Knowledge;

// Gives the detectors, which take a while to load, to whoever first needs them; the same to all,
// from any thread. May give null.
using DetectorSource = std::function<const content::DetectorSet*()>;

struct ExchangeJudge;

// Whose a finding is that is told when its flow and its exchange may be gone.
struct FindingOrigin {
  observation::Conversation conversation;  // but for its Community ID
  observation::Identity identity;          // points into the knowledge it was judged by
  Time time;
  bool lossy = false;
};

// The bodies of one exchange while they come. Fields and buffers keep their room.
struct ExchangeBodies {
  // One direction: of the request, or of the response.
  struct Side {
    message::HttpFieldBlock fields;
    std::string message;  // of a WebSocket, as far as it came
    message::GrpcStream grpc;
    content::Inspector::Handle body = content::Inspector::kRefused;
    std::uint64_t piece = 0;  // its number, when it is one of an upload; 0: it is none
    bool carries = false;     // its bytes are of the upload
    bool creates = false;     // the answer says where the upload is
    bool is_grpc = false;
    bool scanning = false;  // its bytes go to `scan` as they come
    bool opened = false;
    bool complete = false;
  };
  std::array<Side, 2> sides;  // to the server, to the client
  identify::ApiScan scan;
  ExchangeJudge* judge = nullptr;    // what they are read by
  HttpExchange* exchange = nullptr;  // whose they are
  flow::Flow flow;                   // as it was when the exchange began
  std::uint32_t earlier =
      0xffffffff;  // the bodies that were silent before and behind these, by index
  std::uint32_t later = 0xffffffff;
  std::string scheme;
  bool to_api = false;     // the ApiReader reads it at the end
  bool scanned = false;    // `scan` has begun
  bool inspected = false;  // for what is sensitive in it
  bool fetch = false;      // read for what it fetches and for nothing else
  bool websocket = false;

  [[nodiscard]] Side& side(message::Direction direction) {
    return sides[static_cast<std::size_t>(direction)];
  }
};

struct ExchangeCounters {
  std::uint64_t bodies = 0;    // exchanges of which bodies were read
  std::uint64_t given_up = 0;  // read no further, as others wanted their place
  std::uint64_t api_read = 0;
};

// What an exchange's reader needs of its shard.
class ExchangeHost {
 public:
  // The frame being handled.
  [[nodiscard]] virtual std::uint64_t frame_number() const = 0;
  [[nodiscard]] virtual Time frame_time() const = 0;
  virtual bool knows_app(TextPool::Id host) = 0;
  // A hub or registry is there, by its name.
  virtual bool is_source(TextPool::Id host) = 0;
  virtual void tell_api(const flow::Flow& flow, const HttpExchange& exchange,
                        const identify::ApiFacts& facts) = 0;
  // `number` is of the frame where it was found. `flow` is null when nobody knows any more whose it
  // was, `exchange` when it is over.
  virtual void tell_finding(const flow::Flow* flow, const HttpExchange* exchange,
                            std::uint64_t number, const observation::FindingRecord& finding) = 0;
  virtual void tell_file(const flow::Flow* flow, const HttpExchange* exchange, std::uint64_t number,
                         const observation::FileRecord& file) = 0;
  // The same of what waited for documents to be opened.
  virtual FindingOrigin origin_of(const flow::Flow* flow, const HttpExchange* exchange,
                                  std::string_view host) = 0;
  virtual void tell_finding(const FindingOrigin& origin, std::uint64_t number,
                            const observation::FindingRecord& finding) = 0;
  virtual void tell_file(const FindingOrigin& origin, std::uint64_t number,
                         const observation::FileRecord& file) = 0;
  // A request is a piece of an upload, which is read with its other pieces elsewhere. Returns its
  // number.
  virtual std::uint64_t begin_piece(const flow::Flow& flow,
                                    const content::ExchangeFacts& facts) = 0;
  // The answer said where its other pieces go.
  virtual void place_piece(std::uint64_t piece, std::string_view url) = 0;
  virtual void piece_bytes(std::uint64_t piece, Bytes bytes) = 0;
  virtual void piece_gap(std::uint64_t piece, std::uint64_t bytes) = 0;
  virtual void end_piece(std::uint64_t piece, const HttpExchange& exchange, bool complete) = 0;
  // Is done with, but what was told may point into it.
  virtual void hold(std::shared_ptr<const void>) {}

 protected:
  ~ExchangeHost() = default;
};

// Reads what HTTP carries, in a shard: decides by host, method and type which bodies are worth it,
// hands them to the reader of model APIs and to the inspector of content, and tells what these
// found when the exchange is over.
// Bounded: of kBodiesMax exchanges read at once the longest silent makes room for the next. What it
// has shown is told as if it had ended there, incomplete.
class ExchangeReader final : content::InspectionEvents, message::GrpcEvents {
 public:
  static constexpr std::size_t kBodiesMax = 512;  // exchanges read at once
  static constexpr std::size_t kMessageBytesMax = identify::ApiScan::kBytesMax;
  static constexpr std::uint32_t kNone = 0xffffffff;

  // Detectors are asked for when there is a first body to inspect.
  ExchangeReader(ExchangeHost& host, std::shared_ptr<const Knowledge> knowledge);
  ~ExchangeReader();

  // Reads what begins from now on by this. What has begun is read to its end by what it began with.
  void change(std::shared_ptr<const Knowledge> knowledge);

  // Bodies of a request that was just told; kNone when they are not wanted.
  std::uint32_t open(const flow::Flow& flow, const message::HttpRequest& request,
                     std::string_view hostname, TextPool::Id host, bool decrypted);
  // Whose they are, at an address that stays; its `bodies` are taken from it when they are given
  // up.
  void belongs_to(std::uint32_t index, HttpExchange& exchange) {
    bodies_[index].exchange = &exchange;
  }
  void response(std::uint32_t index, const HttpExchange& exchange,
                const message::HttpResponse& response);
  // It became a WebSocket and no answer that says so is seen.
  void messages_follow(std::uint32_t index, const HttpExchange& exchange);
  // The final response, or an interim one, which may say where an upload is.
  void place(std::uint32_t index, const message::HttpResponse& response);
  void body(std::uint32_t index, message::Direction direction, Bytes bytes);
  void gap(std::uint32_t index, message::Direction direction, std::uint64_t bytes);
  void end(std::uint32_t index, message::Direction direction, bool complete);
  // Of a WebSocket.
  void message_data(std::uint32_t index, message::Direction direction, Bytes bytes);
  void message_end(std::uint32_t index, message::Direction direction, bool complete);
  // The exchange is over: tells what was found.
  void close(std::uint32_t index, const flow::Flow& flow, const HttpExchange& exchange);

  // Tells what was found in bodies whose documents have been opened meanwhile.
  void collect();
  // The input is over.
  void flush();

  // What the exchange closed last was for, as far as its API says; lives as long as the knowledge.
  [[nodiscard]] std::string_view usage() const { return usage_; }
  [[nodiscard]] const ExchangeCounters& counters() const { return counters_; }
  [[nodiscard]] content::InspectorCounters inspector_counters() const;
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  using Side = ExchangeBodies::Side;

  enum class Interest : std::uint8_t { kNone, kFetch, kWhole };
  [[nodiscard]] Interest interest_in(const ExchangeJudge& judge, const flow::Flow& flow,
                                     const message::HttpRequest& request, std::string_view hostname,
                                     TextPool::Id host, bool decrypted) const;
  bool open_side(ExchangeBodies& bodies, message::Direction direction,
                 const message::Http1Fields& known);
  void begin_scan(ExchangeBodies& bodies);
  void scan(ExchangeBodies& bodies, message::Direction direction, std::string_view text);
  void read_api(ExchangeBodies& bodies, const flow::Flow& flow, const HttpExchange& exchange);

  void open_messages(std::uint32_t index, content::ExchangeFacts& facts);
  void inspect(std::uint32_t index, message::Direction direction,
               const content::ExchangeFacts& request, const message::Http1Fields& known,
               const message::HttpFields& fields);

  void on_finding(std::uint64_t owner, std::uint64_t mark,
                  const observation::FindingRecord& finding) override;
  void on_file(std::uint64_t owner, std::uint64_t mark,
               const observation::FileRecord& file) override;
  void on_waiting(std::uint64_t owner, std::string_view host) override;
  void on_told(std::uint64_t owner) override;
  [[nodiscard]] const FindingOrigin* origin(std::uint64_t owner) const;
  void on_grpc_message(std::uint32_t) override {}
  void on_grpc_data(Bytes bytes) override;
  void on_grpc_end(bool complete) override;

  struct Waiting {
    std::uint64_t owner;
    FindingOrigin origin;
    std::shared_ptr<const Knowledge> holds;  // what the origin's identity points into
  };

  void retire();
  // Makes the bodies the latest that something came of.
  void touch(std::uint32_t index);
  void forget(std::uint32_t index);
  void give_up(std::uint32_t index);
  void make_room_to_inspect(const content::Inspector& inspector, std::uint32_t except);

  ExchangeHost& host_;
  // The last is the one that new exchanges are read by; those before it have exchanges open.
  std::vector<std::unique_ptr<ExchangeJudge>> judges_;
  content::InspectorCounters earlier_;  // of judges that are gone
  std::string_view usage_;
  Pool<ExchangeBodies> bodies_;
  std::uint32_t oldest_ = kNone;  // of the bodies, by when something came of them last
  std::uint32_t latest_ = kNone;
  ExchangeCounters counters_;
  std::array<std::vector<identify::ApiField>, 2> api_fields_;
  std::vector<Waiting> waiting_;  // bodies with documents that are being opened
  std::uint64_t last_owner_ = 0;
  Side* grpc_side_ = nullptr;  // that is being fed
  ExchangeJudge* grpc_judge_ = nullptr;
  const flow::Flow* flow_ = nullptr;  // of the exchange that is being closed
  const HttpExchange* exchange_ = nullptr;
};

}  // namespace gnomon::sensor
