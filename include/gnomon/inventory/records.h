#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gnomon/bytes/time.h"
#include "gnomon/inventory/risk.h"
#include "gnomon/observation/observation.h"

// What content, servers and hosts told, as it is read: plain values, whole and sorted. Text that
// came from the network is bytes: escape it where it is written.
namespace gnomon::inventory {

// A packet to look at.
struct ProofPlace {
  std::uint64_t flow_id = 0;
  std::string file;
  std::uint64_t frame = 0;
};

// A fault of what the sensor was shown (docs/doctor.md), over all runs that had it.
struct HealthSummary {
  std::string check;  // "one-sided", "kernel-drops" ...
  std::string title;
  observation::HealthSeverity severity = observation::HealthSeverity::kNone;
  std::string evidence;  // of the run that was worst
  std::string meaning;
  std::string remedy;
  std::string command;
  Time first_seen;
  Time last_seen;
  std::uint64_t intervals = 0;  // that had it; 0 when only whole runs show it
  std::uint64_t runs = 0;
  std::int64_t run = 0;  // the one that was worst
};

// What one detector found of one app and client in one direction. Nothing of the text is kept but
// the masked sample.
struct FindingSummary {
  std::string app;     // id; empty when no app is known for the host
  std::string client;  // address; empty for those beyond the recorder's limit
  std::string host;
  std::string direction;  // "to_server", "to_client"
  std::string detector;
  std::string category;
  std::string severity;
  std::string confidence;
  std::uint64_t count = 0;
  std::uint64_t unique_count = 0;  // at least so many different values
  std::uint64_t bodies = 0;        // requests, answers and files that held it
  std::uint64_t partial_bodies = 0;
  std::uint64_t lossy_bodies = 0;  // read when packets were being lost
  std::string sample;
  std::string value_hash;
  std::string references;  // "AML.T0051.000; LLM01"
  std::string reasons;     // "checksum; label": what speaks for it and against it, fixed words
  std::string file_name;
  std::string file_type;
  Time first_seen;
  Time last_seen;
  ProofPlace proof;
};

// A file or body part that was sent or received in clear.
struct FileSummary {
  std::string app;
  std::string client;
  std::string host;
  std::string direction;
  std::string file_name;
  std::string file_type;  // by content
  std::string declared_type;
  std::string sha256;  // empty when it was not seen whole
  std::string not_opened;
  std::uint64_t times = 0;
  std::uint64_t bytes = 0;
  std::uint64_t gap_bytes = 0;
  std::uint64_t complete = 0;  // of times
  std::uint64_t truncated = 0;
  Time first_seen;
  Time last_seen;
  ProofPlace proof;
};

struct AssetClient {
  std::string client;
  std::string name;     // that it gives itself
  std::string network;  // "10.1.2.0/24 private"
  std::uint64_t observations = 0;
  Time first_seen;
  Time last_seen;
};

// What a server was taken for, with the traits that decided it.
struct AssetProduct {
  std::string host;
  std::string product;
  std::string kind;
  std::string version;
  std::uint64_t observations = 0;
  std::string reasons;
  ProofPlace proof;
};

// A self-hosted AI server.
struct Asset {
  std::string address;
  std::uint16_t port = 0;
  std::vector<std::string> hosts;  // it was asked for by; sorted
  std::string product;             // the most exact that was recognised
  std::vector<std::string>
      product_names;  // all that were; what only tells an API not beside others
  std::string kind;
  std::vector<std::string> versions;  // of several products each after its name
  std::vector<std::string> models;
  std::string authenticated;  // "yes", "no" (at least once not), "unknown"
  std::string tls;            // "yes", "no", "partly"
  std::vector<std::string> exposures;
  std::vector<std::string> networks;  // of its clients
  std::uint64_t clients = 0;
  std::uint64_t observations = 0;
  std::uint64_t calls = 0;  // model calls that were read
  std::uint64_t tokens = 0;
  Time first_seen;
  Time last_seen;
  ProofPlace proof;
  std::optional<RiskRating> rating;    // its exposures by the rubric's weights, row by row
  std::vector<AssetProduct> products;  // best first
  std::vector<AssetClient> by_client;  // most observations first

  [[nodiscard]] std::string server() const;  // "10.0.0.7:11434", "[2001:db8::7]:8000"
};

// Requests to models, rolled up.
struct ModelUse {
  std::string app;
  std::string client;
  std::string host;
  std::string server;  // address and port where no vendor's name says more
  std::string family;
  std::string operation;
  std::string model_requested;
  std::string model_returned;
  std::string tenant;
  std::uint64_t calls = 0;
  std::uint64_t tokens_in = 0;
  std::uint64_t tokens_out = 0;
  std::uint64_t streamed = 0;
  std::uint64_t authenticated = 0;
  std::string user_agent;
  Time first_seen;
  Time last_seen;
  ProofPlace proof;
};

// An edge of the graph of clients, servers and tools.
struct ToolUse {
  std::string app;
  std::string client;
  std::string server;  // host, or address and port
  std::string family;  // "mcp" ...
  std::string tool;
  std::uint64_t offered = 0;
  std::uint64_t called = 0;
  Time first_seen;
  Time last_seen;
};

// A model, data set, package or tool server that was fetched.
struct ArtifactSummary {
  std::string app;
  std::string client;
  std::string host;
  std::string kind;
  std::string repository;
  std::string file;
  std::string revision;
  std::string format;
  bool unsafe_format = false;
  std::string fetched_from;  // the storage that the host, a hub, had sent the client to
  std::uint64_t times = 0;
  std::uint64_t bytes = 0;
  Time first_seen;
  Time last_seen;
  ProofPlace proof;
};

// A host in no list that behaves like AI.
struct Candidate {
  std::string host;
  double score = 0;  // the best, 0 to 1
  std::vector<std::string> reasons;
  std::uint64_t clients = 0;
  std::uint64_t observations = 0;
  std::string status;  // "new", "accepted", "dismissed", "known" (by a later catalogue, or as one
                       // of our own)
  std::string fingerprint;   // of the evidence
  std::string new_evidence;  // why one that was dismissed is back; empty when it is not
  std::string app;           // the id it was accepted as, or is known as
  std::string decided_by;
  Time decided_at;  // wall clock
  std::string reason;
  std::string known_as;  // "self-hosted: ollama at 10.0.0.1:11434"; empty of apps
  Time first_seen;
  Time last_seen;
  ProofPlace proof;
};

// A use of an app that was not known to be one at the time.
struct RetroUse {
  std::string app;
  std::string host;
  std::string client;
  std::uint64_t sessions = 0;
  std::uint64_t bytes_to_server = 0;
  std::uint64_t bytes_to_client = 0;
  Time used_since;
  Time last_seen;
  Time known_since;  // wall clock
  ProofPlace proof;
};

}  // namespace gnomon::inventory
