#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "event_parts.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/numbers.h"

// Events in the Common Event Format. What came from the network is made printable first, then
// escaped as the format wants it: no byte of it can end a field or a line.
namespace gnomon::report {
namespace {

using observation::Conversation;
using observation::Identity;
using observation::Place;

constexpr std::size_t kFieldBytesMax = 1'000;

std::string cut(std::string_view text) {
  std::string out = printable(text.substr(0, kFieldBytesMax));
  return out.size() > 2 * kFieldBytesMax ? out.substr(0, 2 * kFieldBytesMax) : out;
}

std::string header_text(std::string_view text) {
  std::string out;
  for (const char c : cut(text)) {
    if (c == '|' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string value_text(std::string_view text) {
  std::string out;
  for (const char c : cut(text)) {
    if (c == '=' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// Of 0 to 10.
int severity_number(std::string_view word) {
  constexpr int kNumbers[] = {1, 3, 5, 8, 10};
  return kNumbers[static_cast<std::size_t>(severity_of(word))];
}

class CefWriter final : public EventWriter {
 public:
  explicit CefWriter(std::unique_ptr<LineOutput> output) : EventWriter(std::move(output)) {}

  void on_flow(const observation::FlowRecord& record) override {
    begin("flow", record.identity.app.empty() ? "Connection" : "Connection to an AI app", {},
          record.end);
    add("start", milliseconds_of(record.start));
    add("end", milliseconds_of(record.end));
    add_conversation(record.conversation, record.host);
    add("out", record.bytes_to_server);
    add("in", record.bytes_to_client);
    add("app", record.app_proto);
    add("requestClientApplication", record.user_agent);
    add_identity(record.identity);
    add_number(1, "uploads", record.upload_events);
    end(record.place, record.conversation);
  }

  void on_dns(const observation::DnsRecord& record) override {
    begin("dns", "DNS question", {}, record.time);
    add_conversation(record.conversation, {});
    add("app", "DNS");
    add("request", record.rrname);
    add("reason", record.rcode);
    add_identity(record.identity);
    end(record.place, record.conversation);
  }

  void on_http(const observation::HttpRecord& record) override {
    begin("http", "HTTP request", {}, record.time);
    add_conversation(record.conversation, record.hostname);
    add("app", "HTTP");
    add("requestMethod", record.method);
    add("request", record.url);
    add("requestClientApplication", record.user_agent);
    add("out", record.request_length);
    add("in", record.response_length);
    if (record.status != 0) add("outcome", std::to_string(record.status));
    add_identity(record.identity);
    end(record.place, record.conversation);
  }

  void on_client_name(const observation::ClientNameRecord&) override {}
  void on_stats(const observation::StatsRecord&) override {}

  void on_file(const observation::FileRecord& record) override {
    begin("fileinfo", record.to_server ? "File sent" : "File received", {}, record.time);
    add_conversation(record.conversation, record.host);
    add("fname", record.file_name);
    add("fsize", record.size);
    add("fileType", record.file_type);
    add("fileHash", record.sha256);
    add_identity(record.identity);
    end(record.place, record.conversation);
  }

  void on_finding(const observation::FindingRecord& record) override {
    std::string name{kind_of_finding(record.category)};
    const bool app = !record.identity.app.empty();
    if (record.category == "misuse") {
      name += app ? " of an AI app" : "";
    } else if (record.category == "prompt-attack") {
      name += app ? " at an AI app" : "";
    } else {
      name += record.to_server ? " sent" : " received";
      if (app) name += record.to_server ? " to an AI app" : " from an AI app";
    }
    begin("finding:" + std::string{record.detector}, name, record.severity, record.time);
    add("cat", record.category);
    add("reason", std::string_view{joined(record.reasons, "; ")});
    add_conversation(record.conversation, record.host);
    add("fname", record.file_name);
    add("cnt", record.count);
    add("deviceDirection", record.to_server ? "1" : "0");
    add_identity(record.identity);
    add_text(4, "detector", record.detector);
    add_text(5, "sample", record.sample);
    add_text(6, "confidence", record.confidence);
    end(record.place, record.conversation);
  }

  void on_asset(const observation::AssetRecord& record) override {
    begin("asset", "Self-hosted AI server", {}, record.time);
    add_conversation(record.conversation, record.host);
    add_text(1, "product", record.product);
    add_text(2, "version", record.version);
    add_text(3, "models", joined(record.models, ", "));
    add_text(4, "exposures", joined(record.exposures, ", "));
    end(record.place, record.conversation);
  }

  void on_model_call(const observation::ModelCallRecord& record) override {
    begin("model_call", "Request to a model", {}, record.time);
    add_conversation(record.conversation, record.host);
    add("requestClientApplication", record.user_agent);
    add_identity(record.identity);
    add_text(4, "model", record.model_returned.empty() ? record.model_requested
                                                       : record.model_returned);
    add_text(5, "operation", record.operation);
    add_text(6, "tools", joined(record.tools_called, ", "));
    add_number(1, "tokensIn", record.tokens_in);
    add_number(2, "tokensOut", record.tokens_out);
    end(record.place, record.conversation);
  }

  void on_artifact(const observation::ArtifactRecord& record) override {
    begin("artifact", "Model, data set or package fetched", record.unsafe_format ? "medium" : "",
          record.time);
    add_conversation(record.conversation, record.host);
    add("fname", record.file.empty() ? record.repository : record.file);
    add("fsize", record.bytes);
    add("fileType", record.format);
    add_identity(record.identity);
    add_text(4, "repository", record.repository);
    add_text(5, "kind", record.kind);
    add_text(6, "fetchedFrom", record.fetched_from);
    end(record.place, record.conversation);
  }

  void on_candidate(const observation::CandidateRecord& record) override {
    begin("candidate", "Host that behaves like unknown AI", "low", record.time);
    add_conversation(record.conversation, record.host);
    add_text(1, "reasons", joined(record.reasons, "; "));
    const double score = std::isfinite(record.score) ? std::clamp(record.score, 0.0, 1.0) : 0;
    add_number(1, "scorePercent", static_cast<std::uint64_t>(std::lround(score * 100)));
    end(record.place, record.conversation);
  }

  void on_health(const observation::HealthRecord& record) override {
    if (const auto alert = alert_of(record)) on_alert(*alert);
  }

  void on_alert(const inventory::Alert& alert) override {
    begin("alert:" + std::to_string(alert.signature_id), alert.title, alert.severity, alert.time);
    add("cat", alert.kind);
    add("src", alert.client);
    if (!alert.server.empty()) {
      const ServerText server = server_of(alert.server);
      add("dst", server.address);
      if (server.port != 0) add("dpt", static_cast<std::uint64_t>(server.port));
    }
    add("dhost", alert.host);
    add("msg", alert.explanation);
    add_text(1, "aiApp", alert.app);
    finish();
  }

 private:
  void begin(std::string_view id, std::string_view name, std::string_view severity, Time time) {
    type_ = id.substr(0, id.find(':'));
    severity_ = severity;
    time_ = time;
    line_ = "CEF:0|Gnomon|Gnomon|1|" + header_text(id) + "|" + header_text(name) + "|" +
            std::to_string(severity_number(severity)) + "|rt=" +
            std::to_string(milliseconds_of(time));
  }

  void add(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    line_ += " " + std::string{key} + "=" + value_text(value);
  }
  void add(std::string_view key, const char* value) { add(key, std::string_view{value}); }
  void add(std::string_view key, std::uint64_t value) {
    line_ += " " + std::string{key} + "=" + std::to_string(value);
  }
  void add(std::string_view key, std::int64_t value) {
    line_ += " " + std::string{key} + "=" + std::to_string(value);
  }
  void add(std::string_view key, std::uint32_t value) { add(key, std::uint64_t{value}); }

  void add_text(int number, std::string_view label, std::string_view value) {
    if (value.empty()) return;
    const std::string key = "cs" + std::to_string(number);
    add(key + "Label", label);
    add(key, value);
  }
  void add_number(int number, std::string_view label, std::uint64_t value) {
    if (value == 0) return;
    const std::string key = "cn" + std::to_string(number);
    add(key + "Label", label);
    add(key, value);
  }

  void add_conversation(const Conversation& conversation, std::string_view host) {
    add("src", std::string_view{conversation.client.to_string()});
    add("dst", std::string_view{conversation.server.to_string()});
    if (has_ports(conversation.protocol)) {
      add("spt", std::uint64_t{conversation.client_port});
      add("dpt", std::uint64_t{conversation.server_port});
    }
    const std::string_view transport = transport_of(conversation.protocol);
    add("proto", transport);
    add("dhost", host);
  }

  void add_identity(const Identity& identity) {
    add_text(1, "aiApp", identity.app);
    add_text(2, "usage", identity.usage);
    if (identity.grade != observation::Grade::kNone)
      add_text(3, "evidence", observation::to_string(identity.grade));
  }

  void end(const Place& place, const Conversation& conversation) {
    add("externalId", conversation.flow_id);
    if (!place.file.empty()) {
      add("filePath", place.file);
      add_number(3, "frame", place.frame);
    }
    finish();
  }

  void finish() {
    output_->take(
        {type_, severity_, output_->wants_about() ? rfc3339_text(time_) : std::string{}}, line_);
    line_.clear();
  }

  std::string line_;
  std::string type_;
  std::string severity_;
  Time time_;
};

}  // namespace

std::unique_ptr<EventWriter> make_cef_writer(std::unique_ptr<LineOutput> output) {
  return std::make_unique<CefWriter>(std::move(output));
}

}  // namespace gnomon::report
