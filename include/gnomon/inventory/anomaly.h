#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/time.h"
#include "gnomon/inventory/risk.h"

namespace gnomon::inventory {

enum class AlertKind : std::uint8_t {
  kNewApp,        // an app that nobody used before
  kNewClient,     // a client that did not use the app before
  kVolumeGrowth,  // far more bytes than on the days before
  kUploadGrowth,  // far more uploaded than on the days before
  kOffHours,      // use outside working hours by whom that was unusual
  kRequestBurst,  // many calls a minute to a self-hosted server
  kTokenBurst,    // many tokens an hour at a self-hosted server
};
inline constexpr std::size_t kAlertKinds = 7;

std::string_view to_string(AlertKind kind);  // "new-app", "request-burst" ...
// As EVE's alert.signature_id, and what its category says.
std::uint32_t signature_id_of(AlertKind kind);
std::string_view category_of(AlertKind kind);

// Something departed from its own past, or a policy rule held. Told once for each subject (app,
// client, server, host) and period.
struct Alert {
  std::string id;        // hash of kind, subject and period: the same in every copy
  std::string kind;      // as to_string(AlertKind), or the id of a policy rule
  std::string severity;  // "low", "medium", "high", "critical"
  std::string app;       // id; empty for a server that is no known app's
  std::string client;    // address; empty when it is about all
  std::string server;    // "address:port"; empty when it is about an app
  std::string host;      // of a candidate, or of AI that is no known app's
  Time time;             // when it was seen
  Time period;           // beginning of the day
  std::uint32_t signature_id = 0;
  std::string title;                                         // "New app in use: chat"
  std::string explanation;                                   // with every number that decided it
  std::vector<std::pair<std::string, std::string>> numbers;  // the same by name
  std::int64_t run = 0;                                      // that told it
  bool policy = false;                                       // of a rule, not of an anomaly
  std::string category;                                      // "Shadow AI" ...
  std::vector<std::string> tags;
  std::uint64_t evidence_count = 0;  // observations behind it, of policy alerts
  // What somebody said to it; empty while it is open.
  std::string acked_by;
  Time acked_at;  // wall clock
  std::string ack_note;
};

// 16 hexadecimal digits of the alert's kind, subject and period.
std::string id_of(const Alert& alert);

// The thresholds: signatures/anomalies.yaml, which describes them. Immutable once loaded.
struct AnomalyRules {
  // A threshold that is not there for a kind is 0.
  struct Rule {
    bool enabled = true;
    std::string severity = "medium";
    std::uint64_t factor = 0;
    std::uint64_t least = 0;   // bytes, flows, calls or tokens below which nothing is told
    std::uint64_t always = 0;  // from here on it is told whatever was usual
    std::uint64_t active_days_min = 0;
    std::uint64_t usual_percent_max = 0;
  };
  std::uint64_t days = 28;     // that a day is compared with
  std::uint64_t days_min = 7;  // of them with any AI traffic, before anything is judged
  Rule rules[kAlertKinds];

  [[nodiscard]] const Rule& operator[](AlertKind kind) const {
    return rules[static_cast<std::size_t>(kind)];
  }

  // Strict, as RiskRubric::parse().
  static Result<AnomalyRules> parse(std::string_view text, std::string_view name);
};

}  // namespace gnomon::inventory
