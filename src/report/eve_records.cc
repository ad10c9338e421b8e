#include <algorithm>
#include <cmath>

#include "eve_parts.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/observation/health.h"
#include "gnomon/report/eve_writer.h"
#include "gnomon/report/health_signature.h"

// Events of what content, servers and hosts told, and of what departed from its past.
namespace gnomon::report {
namespace {

constexpr double kPermille = 1000;

std::string_view direction_of(bool to_server) { return to_server ? "to_server" : "to_client"; }

// Suricata counts from 1, the worst, to 3.
int eve_severity(std::string_view severity) {
  if (severity == "critical" || severity == "high") return 1;
  return severity == "medium" ? 2 : 3;
}

void write_text_list(JsonWriter& json, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  json.key(name);
  json.begin_array();
  json.value(text);
  json.end_array();
}

}  // namespace

void EveWriter::on_finding(const observation::FindingRecord& record) {
  severity_ = record.severity;
  JsonWriter json{buffer_};
  begin(json, "finding", record.time, record.conversation, record.place, {});
  json.key("gnomon");
  json.begin_object();
  json.member_if("host", record.host);
  json.member_if("app", record.identity.app);
  json.member_if("usage", record.identity.usage);
  json.member("detector", record.detector);
  json.member("category", record.category);  // of what was found, not of the app
  json.member("severity", record.severity);
  json.member("confidence", record.confidence);
  json.member("direction", direction_of(record.to_server));
  json.member_if("speaker", record.role);
  json.member("count", record.count);
  json.member("unique_count", record.unique_count);
  json.member_if("sample", record.sample);
  json.member_if("value_hash", record.value_hash);
  json.member_if("file_name", record.file_name);
  json.member_if("file_type", record.file_type);
  write_texts(json, "references", record.references);
  write_texts(json, "reasons", record.reasons);
  if (record.partial) json.member("partial", true);
  if (record.lossy) json.member("lossy", true);
  json.end_object();
  json.end_object();
  end_line();
}

void EveWriter::on_file(const observation::FileRecord& record) {
  JsonWriter json{buffer_};
  begin(json, "fileinfo", record.time, record.conversation, record.place, {});
  json.key("fileinfo");
  json.begin_object();
  json.member("filename", record.file_name);
  json.member_if("magic", record.file_type);
  json.member("gaps", record.gap_bytes > 0);
  json.member("state", record.complete ? "CLOSED" : "TRUNCATED");
  json.member_if("sha256", record.sha256);
  json.member("stored", false);
  json.member("size", record.size);
  json.end_object();
  json.key("gnomon");
  json.begin_object();
  json.member_if("host", record.host);
  write_identity(json, record.identity);
  json.member("direction", direction_of(record.to_server));
  json.member_if("declared_type", record.declared_type);
  if (record.gap_bytes > 0) json.member("gap_bytes", record.gap_bytes);
  if (record.truncated) json.member("truncated", true);
  json.member_if("not_opened", record.not_opened);
  json.end_object();
  json.end_object();
  end_line();
}

void EveWriter::on_asset(const observation::AssetRecord& record) {
  JsonWriter json{buffer_};
  begin(json, "asset", record.time, record.conversation, record.place, {});
  json.key("gnomon");
  json.begin_object();
  json.member_if("host", record.host);
  json.member("product", record.product);
  json.member_if("kind", record.kind);
  json.member_if("version", record.version);
  json.key("models");
  json.begin_array();
  for (const std::string_view model : record.models) json.value(model);
  json.end_array();
  json.key("authenticated");
  switch (record.authenticated) {
    case observation::Authenticated::kUnknown:
      json.null();
      break;
    case observation::Authenticated::kNo:
      json.value(false);
      break;
    case observation::Authenticated::kYes:
      json.value(true);
      break;
  }
  json.member("tls", record.tls);
  write_texts(json, "exposures", record.exposures);
  write_texts(json, "reasons", record.reasons);
  json.end_object();
  json.end_object();
  end_line();
}

void EveWriter::on_model_call(const observation::ModelCallRecord& record) {
  JsonWriter json{buffer_};
  begin(json, "model_call", record.time, record.conversation, record.place, {});
  json.key("gnomon");
  json.begin_object();
  json.member_if("host", record.host);
  write_identity(json, record.identity);
  json.member("family", record.family);
  json.member_if("operation", record.operation);
  json.member_if("model_requested", record.model_requested);
  json.member_if("model_returned", record.model_returned);
  write_texts(json, "tools_offered", record.tools_offered);
  write_texts(json, "tools_called", record.tools_called);
  json.member_if("tenant", record.tenant);
  json.member_if("user_agent", record.user_agent);
  if (record.tokens_in > 0) json.member("tokens_in", record.tokens_in);
  if (record.tokens_out > 0) json.member("tokens_out", record.tokens_out);
  json.member("streamed", record.streamed);
  json.member("authenticated", record.authenticated);
  json.end_object();
  json.end_object();
  end_line();
}

void EveWriter::on_artifact(const observation::ArtifactRecord& record) {
  JsonWriter json{buffer_};
  begin(json, "artifact", record.time, record.conversation, record.place, {});
  json.key("gnomon");
  json.begin_object();
  json.member_if("host", record.host);
  write_identity(json, record.identity);
  json.member("kind", record.kind);
  json.member_if("repository", record.repository);
  json.member_if("file", record.file);
  json.member_if("revision", record.revision);
  json.member_if("format", record.format);
  json.member("unsafe_format", record.unsafe_format);
  json.member("bytes", record.bytes);
  json.member_if("fetched_from", record.fetched_from);
  json.end_object();
  json.end_object();
  end_line();
}

void EveWriter::on_candidate(const observation::CandidateRecord& record) {
  JsonWriter json{buffer_};
  begin(json, "candidate", record.time, record.conversation, record.place, {});
  json.key("gnomon");
  json.begin_object();
  json.member("host", record.host);
  // Three digits, whatever the processor's last bits are.
  const double score = std::isfinite(record.score) ? record.score : 0;
  json.member("score", std::round(std::clamp(score, 0.0, 1.0) * kPermille) / kPermille);
  json.key("reasons");
  json.begin_array();
  for (const std::string_view reason : record.reasons) json.value(reason);
  json.end_array();
  json.end_object();
  json.end_object();
  end_line();
}

void EveWriter::on_health(const observation::HealthRecord& record) {
  if (record.state != observation::HealthState::kBegan &&
      record.state != observation::HealthState::kEnded)
    return;
  const std::string_view severity = observation::to_string(record.severity);
  JsonWriter json{buffer_};
  json.begin_object();
  json.member("timestamp", to_eve_time(record.last));
  json.member("event_type", "alert");
  json.key("alert");
  json.begin_object();
  json.member("action", "allowed");
  json.member("gid", 1);
  json.member("signature_id", static_cast<std::uint64_t>(health_signature_id(record.check)));
  json.member("rev", 1);
  json.member("signature", record.title);
  json.member("category", "Sensor health");
  json.member("severity", record.severity == observation::HealthSeverity::kCritical  ? 1
                          : record.severity == observation::HealthSeverity::kWarning ? 2
                                                                                     : 3);
  json.key("metadata");
  json.begin_object();
  write_text_list(json, "signature_severity", severity);
  write_text_list(json, "kind", record.check);
  json.end_object();
  json.end_object();
  json.key("gnomon");
  json.begin_object();
  json.member("check", record.check);
  json.member("state", observation::to_string(record.state));
  json.member("severity", severity);
  json.member("first", to_eve_time(record.first));
  json.member("last", to_eve_time(record.last));
  json.member("evidence", record.evidence);
  json.member("meaning", record.meaning);
  json.member("remedy", record.remedy);
  json.member_if("command", record.command);
  json.member("part", record.part);
  json.member("whole", record.whole);
  json.end_object();
  json.end_object();
  end_line();
}

void EveWriter::on_alert(const inventory::Alert& alert) {
  severity_ = alert.severity;
  JsonWriter json{buffer_};
  json.begin_object();
  json.member("timestamp", to_eve_time(alert.time));
  json.member("event_type", "alert");
  json.member_if("src_ip", alert.client);
  if (const std::size_t colon = alert.server.rfind(':'); colon != std::string::npos) {
    std::string_view address{alert.server.data(), colon};
    if (address.starts_with('[') && address.ends_with(']'))
      address = address.substr(1, address.size() - 2);
    json.member("dest_ip", address);
    const std::string_view digits{alert.server.data() + colon + 1, alert.server.size() - colon - 1};
    std::uint32_t port = 0;
    for (const char c : digits)
      if (is_digit(c)) port = (port * 10 + static_cast<std::uint32_t>(c - '0')) & 0xffff;
    json.member("dest_port", port);
  }
  json.key("alert");
  json.begin_object();
  json.member("action", "allowed");
  json.member("gid", 1);
  json.member("signature_id", static_cast<std::uint64_t>(alert.signature_id));
  json.member("rev", 1);
  json.member("signature", alert.title);
  std::string_view category = alert.category;
  for (std::size_t i = 0; category.empty() && i < inventory::kAlertKinds; ++i) {
    const auto kind = static_cast<inventory::AlertKind>(i);
    if (to_string(kind) == alert.kind) category = inventory::category_of(kind);
  }
  json.member("category", category);
  json.member("severity", eve_severity(alert.severity));
  json.key("metadata");
  json.begin_object();
  write_text_list(json, "signature_severity", alert.severity);
  write_text_list(json, "kind", alert.kind);
  write_text_list(json, "app", alert.app);
  for (const auto& [name, value] : alert.numbers) write_text_list(json, name, value);
  if (!alert.tags.empty()) {
    json.key("tags");
    json.begin_array();
    for (const std::string& tag : alert.tags) json.value(tag);
    json.end_array();
  }
  json.end_object();
  json.end_object();
  json.key("gnomon");
  json.begin_object();
  json.member_if("app", alert.app);
  json.member("severity", alert.severity);
  json.member("period", to_eve_time(alert.period));
  json.member_if("host", alert.host);
  json.member_if("rule", alert.policy ? alert.kind : std::string{});
  json.member("why", alert.explanation);
  json.end_object();
  json.end_object();
  end_line();
}

}  // namespace gnomon::report
