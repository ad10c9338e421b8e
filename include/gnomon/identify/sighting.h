#pragma once

#include <cstdint>
#include <string_view>

#include "gnomon/identify/catalogue.h"
#include "gnomon/observation/observation.h"

namespace gnomon::identify {

// What a flow, a request or an answer showed, as far as it matters for judging it. Everything may
// be left at its default: less is then claimed.
struct FlowFacts {
  observation::HostSource source = observation::HostSource::kNone;
  observation::Ech ech = observation::Ech::kNone;
  bool lookup = false;     // not a connection but an answered question for the name
  bool ambiguous = false;  // source is kDnsAnswer, and other names had the same address
  bool quic = false;       // payload below is of QUIC, else of TCP
  std::uint64_t payload_to_server = 0;  // of TCP or UDP, handshakes included
  std::uint64_t payload_to_client = 0;
  std::uint64_t hello_bytes = 0;    // of the ClientHello, where known
  std::string_view method;          // of the first visible request to the host, or of this one
  std::string_view path;            // with its query
  std::uint16_t status = 0;         // of its response; 0 when none was seen
  std::uint64_t request_bytes = 0;  // of its body
  bool request_read = false;        // its body was there in clear and whole
  std::uint32_t uploads = 0;        // FlowRecord::upload_events
  bool streamed_answer = false;     // a long answer of many small pieces was seen
  std::string_view alpn;            // first offered, or chosen where known: "h2", "h3", "grpc" ...
  Client client;                    // Catalogue::client()
};

// How sure a sighting of the matched app is, what it was used for, and why we say so. A pure
// function; allocates nothing: app, role, category and usage are views into the catalogue, `why`
// is a constant.
//
// The grade, weakest rule that applies:
//   none     no app is known for the host, the host is shared, or the name is the outer name of a
//            real Encrypted Client Hello
//   dns      a lookup; or a flow named from the client's DNS answers that other names share
//   name     a connection asked for the name; also the most that is claimed where reaching the host
//            proves no AI use (Proof::kEmbedded, kWidget, without a visible path that does), and of
//            hosts that only serve files, sign in or count (cdn, auth, telemetry) one step is
//            never passed: session
//   session  payload both ways beyond what a handshake needs
//   use      a request other than for the front page, an upload or a streamed answer was seen
//   content  the request's body was read
// A flow named from DNS answers gets one grade less than it would with a name of its own.
observation::Identity judge(const Match& match, const FlowFacts& facts);

// The same for a record of a flow, whose facts are all there. `ambiguous` as in FlowFacts.
observation::Identity judge(const Match& match, const Client& client,
                            const observation::FlowRecord& flow, bool ambiguous = false);

}  // namespace gnomon::identify
