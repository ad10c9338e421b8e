#include "event_parts.h"

#include "gnomon/bytes/ascii.h"
#include "gnomon/report/eve_writer.h"
#include "gnomon/report/health_signature.h"

namespace gnomon::report {

Severity severity_of(std::string_view word) {
  if (word == "critical") return Severity::kCritical;
  if (word == "high") return Severity::kHigh;
  if (word == "medium" || word == "warning") return Severity::kMedium;
  return word == "low" || word == "notice" ? Severity::kLow : Severity::kInformation;
}

std::string_view transport_of(std::uint8_t protocol) {
  switch (protocol) {
    case 1:
      return "icmp";
    case 6:
      return "tcp";
    case 17:
      return "udp";
    case 58:
      return "ipv6-icmp";
    case 132:
      return "sctp";
    default:
      return {};
  }
}

bool has_ports(std::uint8_t protocol) {
  return protocol == 6 || protocol == 17 || protocol == 132;
}

ServerText server_of(std::string_view text) {
  ServerText server;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return {std::string{text}, 0};
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  server.address = address;
  for (const char c : text.substr(colon + 1))
    if (is_digit(c)) server.port = static_cast<std::uint16_t>(server.port * 10 + (c - '0'));
  return server;
}

std::string_view kind_of_finding(std::string_view category) {
  if (category == "misuse") return "Misuse";
  return category == "prompt-attack" ? "Prompt attack" : "Sensitive data";
}

std::string name_of_server(std::string_view host, const observation::Conversation& conversation) {
  return host.empty() ? conversation.server.to_string() : std::string{host};
}

std::optional<inventory::Alert> alert_of(const observation::HealthRecord& record) {
  if (record.state != observation::HealthState::kBegan &&
      record.state != observation::HealthState::kEnded)
    return std::nullopt;
  inventory::Alert alert;
  alert.kind = record.check;
  alert.severity = observation::to_string(record.severity);
  alert.time = record.last;
  alert.period = record.first;
  alert.signature_id = health_signature_id(record.check);
  alert.title = std::string{record.title} + ": " +
                std::string{observation::to_string(record.state)};
  alert.explanation = record.evidence;
  for (const std::string_view more : {record.meaning, record.remedy})
    if (!more.empty()) alert.explanation += " " + std::string{more};
  return alert;
}

std::optional<EventFormat> event_format_of(std::string_view word) {
  if (word == "eve") return EventFormat::kEve;
  if (word == "ocsf") return EventFormat::kOcsf;
  if (word == "ecs") return EventFormat::kEcs;
  if (word == "cef") return EventFormat::kCef;
  return std::nullopt;
}

std::unique_ptr<EventWriter> make_event_writer(EventFormat format,
                                               std::unique_ptr<LineOutput> output) {
  switch (format) {
    case EventFormat::kOcsf:
      return make_ocsf_writer(std::move(output));
    case EventFormat::kEcs:
      return make_ecs_writer(std::move(output));
    case EventFormat::kCef:
      return make_cef_writer(std::move(output));
    case EventFormat::kEve:
      break;
  }
  return std::make_unique<EveWriter>(std::move(output));
}

}  // namespace gnomon::report
