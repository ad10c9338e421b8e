#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/flow/flow.h"
#include "gnomon/identify/api_reader.h"
#include "gnomon/message/http_events.h"
#include "gnomon/message/http_field_block.h"
#include "gnomon/sensor/pool.h"
#include "gnomon/sensor/text_pool.h"

namespace gnomon::sensor {

struct HttpExchange;

// The bodies of one exchange while they come. Fields and buffers keep their room.
struct ExchangeBodies {
  // One direction: of the request, or of the response.
  struct Side {
    message::HttpFieldBlock fields;
    std::string message;    // of a WebSocket, as far as it came
    bool scanning = false;  // its bytes go to `scan` as they come
    bool opened = false;
    bool complete = false;
  };
  std::array<Side, 2> sides;  // to the server, to the client
  identify::ApiScan scan;
  std::string scheme;
  bool websocket = false;

  [[nodiscard]] Side& side(message::Direction direction) {
    return sides[static_cast<std::size_t>(direction)];
  }
};

struct ExchangeCounters {
  std::uint64_t bodies = 0;   // exchanges of which bodies were read
  std::uint64_t refused = 0;  // beyond those that are read at once
  std::uint64_t api_read = 0;
};

// What an exchange's reader needs of its shard.
class ExchangeHost {
 public:
  // The frame being handled.
  [[nodiscard]] virtual std::uint64_t frame_number() const = 0;
  [[nodiscard]] virtual Time frame_time() const = 0;
  virtual bool knows_app(TextPool::Id host) = 0;
  virtual void tell_api(const flow::Flow& flow, const HttpExchange& exchange,
                        const identify::ApiFacts& facts) = 0;

 protected:
  ~ExchangeHost() = default;
};

// Reads what HTTP carries, in a shard: decides by host, method and type which bodies are worth it,
// hands them to the reader of model APIs, and tells what it found when the exchange is over.
// Bounded: bodies beyond kBodiesMax at once are not read, and counted.
class ExchangeReader final {
 public:
  static constexpr std::size_t kBodiesMax = 512;  // exchanges read at once
  static constexpr std::size_t kMessageBytesMax = identify::ApiScan::kBytesMax;
  static constexpr std::uint32_t kNone = 0xffffffff;

  ExchangeReader(ExchangeHost& host, const identify::ApiKnowledge& api);

  // Bodies of a request that was just told; kNone when they are not wanted, or there are too many.
  std::uint32_t open(const flow::Flow& flow, const message::HttpRequest& request, TextPool::Id host,
                     bool decrypted);
  void response(std::uint32_t index, const HttpExchange& exchange,
                const message::HttpResponse& response);
  void body(std::uint32_t index, message::Direction direction, Bytes bytes);
  void gap(std::uint32_t index, message::Direction direction, std::uint64_t bytes);
  void end(std::uint32_t index, message::Direction direction, bool complete);
  // Of a WebSocket.
  void message_data(std::uint32_t index, message::Direction direction, Bytes bytes);
  void message_end(std::uint32_t index, message::Direction direction, bool complete);
  // The exchange is over: tells what was found.
  void close(std::uint32_t index, const flow::Flow& flow, const HttpExchange& exchange);

  [[nodiscard]] const ExchangeCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  bool wants(const flow::Flow& flow, const message::HttpRequest& request, TextPool::Id host,
             bool decrypted) const;
  void open_body(ExchangeBodies& bodies, message::Direction direction,
                 const message::Http1Fields& known);
  void scan(ExchangeBodies& bodies, message::Direction direction, std::string_view text);
  void read_api(ExchangeBodies& bodies, const flow::Flow& flow, const HttpExchange& exchange);

  ExchangeHost& host_;
  const identify::ApiKnowledge& api_;
  identify::ApiReader api_reader_;
  Pool<ExchangeBodies> bodies_;
  ExchangeCounters counters_;
  std::array<std::vector<identify::ApiField>, 2> api_fields_;
};

}  // namespace gnomon::sensor
