#include "gnomon/observation/observation.h"

namespace gnomon::observation {

std::string_view to_string(Grade grade) {
  switch (grade) {
    case Grade::kNone: return "none";
    case Grade::kDns: return "dns";
    case Grade::kName: return "name";
    case Grade::kSession: return "session";
    case Grade::kUse: return "use";
    case Grade::kContent: return "content";
  }
  return "none";
}

std::string_view to_string(HostSource source) {
  switch (source) {
    case HostSource::kNone: return "none";
    case HostSource::kTlsSni: return "tls_sni";
    case HostSource::kQuicSni: return "quic_sni";
    case HostSource::kHttpHost: return "http_host";
    case HostSource::kHttpConnect: return "http_connect";
    case HostSource::kTlsSniPartial: return "tls_sni_partial";
    case HostSource::kDnsAnswer: return "dns_answer";
    case HostSource::kCertificate: return "certificate";
  }
  return "none";
}

std::string_view to_string(Ech ech) {
  switch (ech) {
    case Ech::kNone: return "none";
    case Ech::kGrease: return "grease";
    case Ech::kReal: return "real";
    case Ech::kUndecided: return "undecided";
  }
  return "none";
}

std::string_view to_string(FlowState state) {
  switch (state) {
    case FlowState::kNew: return "new";
    case FlowState::kEstablished: return "established";
    case FlowState::kClosed: return "closed";
  }
  return "new";
}

std::string_view to_string(EndReason reason) {
  switch (reason) {
    case EndReason::kFinished: return "finished";
    case EndReason::kTimeout: return "timeout";
    case EndReason::kEvicted: return "forced";
    case EndReason::kShutdown: return "shutdown";
  }
  return "shutdown";
}

std::string_view to_string(HealthSeverity severity) {
  switch (severity) {
    case HealthSeverity::kNone: return "none";
    case HealthSeverity::kNotice: return "notice";
    case HealthSeverity::kWarning: return "warning";
    case HealthSeverity::kCritical: return "critical";
  }
  return "none";
}

std::string_view to_string(HealthState state) {
  switch (state) {
    case HealthState::kBegan: return "began";
    case HealthState::kGoesOn: return "goes-on";
    case HealthState::kEnded: return "ended";
    case HealthState::kFinal: return "final";
  }
  return "final";
}

}  // namespace gnomon::observation
