#include <string>
#include <utility>

#include "../eve_parts.h"
#include "event_parts.h"
#include "gnomon/report/numbers.h"

// Events by the Elastic Common Schema. What has no field there stands under "gnomon".
namespace gnomon::report {
namespace {

using observation::Conversation;
using observation::Identity;
using observation::Place;
using Words = std::initializer_list<std::string_view>;

constexpr std::string_view kSchemaVersion = "9.4.0";

// event.severity: as Elastic's detection rules count risk.
int severity_number(std::string_view word) {
  constexpr int kNumbers[] = {0, 21, 47, 73, 99};
  return kNumbers[static_cast<std::size_t>(severity_of(word))];
}

struct Event {
  std::string_view type;  // event.dataset and .action
  std::string_view kind = "event";
  std::string_view category;  // empty: none fits
  Words types;
  std::string_view severity = {};
};

class EcsWriter final : public EventWriter {
 public:
  explicit EcsWriter(std::unique_ptr<LineOutput> output) : EventWriter(std::move(output)) {}

  void on_flow(const observation::FlowRecord& record) override {
    JsonWriter json{line_};
    const Event event{"flow", "event", "network", {"connection", "end"}};
    begin(json, event, record.end, [&] {
      json.member("start", rfc3339_text(record.start));
      json.member("end", rfc3339_text(record.end));
      json.member("duration", (record.end - record.start).count());
    });
    write_side(json, "source", record.conversation, true, {}, &record);
    write_side(json, "destination", record.conversation, false, record.host, &record);
    write_network(json, record.conversation, record.app_proto, record.identity.app,
                  record.bytes_to_server + record.bytes_to_client,
                  record.packets_to_server + record.packets_to_client);
    if (record.has_tls || record.has_quic)
      write_object(json, "tls", [&] {
        const std::string_view version =
            record.has_quic ? std::string_view{"TLS 1.3"} : record.tls.version;
        if (version.starts_with("TLS ")) {
          json.member("version", version.substr(4));
          json.member("version_protocol", "tls");
        }
        if (!record.tls.sni.empty())
          write_object(json, "client", [&] { json.member("server_name", record.tls.sni); });
      });
    if (!record.user_agent.empty())
      write_object(json, "user_agent", [&] { json.member("original", record.user_agent); });
    write_own(json, record.conversation, record.place, record.identity, [&] {
      json.member_if("host", record.host);
      if (record.host_source != observation::HostSource::kNone)
        json.member("host_source", observation::to_string(record.host_source));
      json.member_if("client_kind", record.client_kind);
      json.member("upload_events", record.upload_events);
      json.member("upload_bytes", record.upload_bytes);
      if (!record.tls.ja4.empty()) write_array(json, "ja4", record.tls.ja4);
    });
    end(json, event, record.end);
  }

  void on_dns(const observation::DnsRecord& record) override {
    JsonWriter json{line_};
    const Event event{"dns", "event", "network", {"protocol"}};
    begin(json, event, record.time, [] {});
    write_side(json, "source", record.conversation, true, {});
    write_side(json, "destination", record.conversation, false, {});
    write_network(json, record.conversation, "dns", {}, 0, 0);
    write_object(json, "dns", [&] {
      json.member("id", std::to_string(record.id));
      json.member("type", record.answered ? "answer" : "query");
      write_object(json, "question", [&] {
        json.member("name", record.rrname);
        json.member("type", record.rrtype);
      });
      json.member_if("response_code", record.rcode);
      if (record.answers.empty()) return;
      json.key("answers");
      json.begin_array();
      for (const observation::DnsAnswer& answer : record.answers) {
        json.begin_object();
        json.member("name", answer.rrname);
        json.member("type", answer.rrtype);
        json.member("data", answer.rdata);
        json.member("ttl", static_cast<std::uint64_t>(answer.ttl));
        json.end_object();
      }
      json.end_array();
    });
    write_own(json, record.conversation, record.place, record.identity, [] {});
    end(json, event, record.time);
  }

  void on_http(const observation::HttpRecord& record) override {
    JsonWriter json{line_};
    const Event event{"http", "event", "web", {"access"}};
    begin(json, event, record.time, [] {});
    write_side(json, "source", record.conversation, true, {});
    write_side(json, "destination", record.conversation, false, record.hostname);
    write_network(json, record.conversation, "http", record.identity.app, 0, 0);
    write_object(json, "http", [&] {
      if (record.protocol.starts_with("HTTP/"))
        json.member("version", record.protocol.substr(5));
      write_object(json, "request", [&] {
        json.member("method", record.method);
        json.member_if("mime_type", record.request_content_type);
        write_object(json, "body", [&] { json.member("bytes", record.request_length); });
      });
      if (record.status == 0) return;
      write_object(json, "response", [&] {
        json.member("status_code", static_cast<unsigned>(record.status));
        json.member_if("mime_type", record.content_type);
        write_object(json, "body", [&] { json.member("bytes", record.response_length); });
      });
    });
    write_object(json, "url", [&] {
      json.member_if("domain", record.hostname);
      json.member("original", record.url);
    });
    if (!record.user_agent.empty())
      write_object(json, "user_agent", [&] { json.member("original", record.user_agent); });
    write_own(json, record.conversation, record.place, record.identity, [&] {
      json.member("decrypted", record.decrypted);
      json.member_if("request_sha256", record.request_sha256);
    });
    end(json, event, record.time);
  }

  void on_client_name(const observation::ClientNameRecord&) override {}
  void on_stats(const observation::StatsRecord&) override {}

  void on_file(const observation::FileRecord& record) override {
    JsonWriter json{line_};
    const Event event{"fileinfo", "event", "file", {"access"}};
    begin(json, event, record.time, [] {});
    write_side(json, "source", record.conversation, true, {});
    write_side(json, "destination", record.conversation, false, record.host);
    write_network(json, record.conversation, {}, record.identity.app, 0, 0);
    write_object(json, "file", [&] {
      json.member("name", record.file_name);
      json.member("size", record.size);
      json.member_if("mime_type", record.declared_type);
      if (!record.sha256.empty())
        write_object(json, "hash", [&] { json.member("sha256", record.sha256); });
    });
    write_own(json, record.conversation, record.place, record.identity, [&] {
      json.member_if("file_type", record.file_type);
      json.member("direction", record.to_server ? "to_server" : "to_client");
      json.member("complete", record.complete);
      json.member_if("not_opened", record.not_opened);
    });
    end(json, event, record.time);
  }

  void on_finding(const observation::FindingRecord& record) override {
    JsonWriter json{line_};
    const Event event{"finding", "signal", "network", {"info"}, record.severity};
    begin(json, event, record.time,
          [&] { json.member_if("reason", joined(record.reasons, "; ")); });
    json.member("message", std::string{kind_of_finding(record.category)} + ": " +
                               std::string{record.detector});
    write_side(json, "source", record.conversation, true, {});
    write_side(json, "destination", record.conversation, false, record.host);
    write_network(json, record.conversation, {}, record.identity.app, 0, 0);
    write_rule(json, record.detector, record.category, "detectors");
    if (!record.file_name.empty())
      write_object(json, "file", [&] { json.member("name", record.file_name); });
    write_own(json, record.conversation, record.place, record.identity, [&] {
      json.member("detector", record.detector);
      json.member("finding_category", record.category);
      json.member("severity", record.severity);
      json.member("confidence", record.confidence);
      json.member("direction", record.to_server ? "to_server" : "to_client");
      json.member("count", record.count);
      json.member("unique_count", record.unique_count);
      json.member_if("sample", record.sample);
      json.member_if("value_hash", record.value_hash);
      if (!record.references.empty()) write_array(json, "references", record.references);
      if (!record.reasons.empty()) write_array(json, "reasons", record.reasons);
    });
    end(json, event, record.time);
  }

  void on_asset(const observation::AssetRecord& record) override {
    JsonWriter json{line_};
    const Event event{"asset", "asset", "host", {"info"}};
    begin(json, event, record.time, [] {});
    write_side(json, "source", record.conversation, true, {});
    write_side(json, "destination", record.conversation, false, record.host);
    write_object(json, "service", [&] {
      json.member("name", record.product);
      json.member_if("type", record.kind);
      json.member_if("version", record.version);
      json.member("address", record.conversation.server.to_string() + ":" +
                                 std::to_string(record.conversation.server_port));
    });
    write_own(json, record.conversation, record.place, {}, [&] {
      json.member("tls", record.tls);
      if (record.authenticated != observation::Authenticated::kUnknown)
        json.member("authenticated", record.authenticated == observation::Authenticated::kYes);
      write_array(json, "models", record.models);
      write_array(json, "exposures", record.exposures);
      write_array(json, "reasons", record.reasons);
    });
    end(json, event, record.time);
  }

  void on_model_call(const observation::ModelCallRecord& record) override {
    JsonWriter json{line_};
    const Event event{"model_call", "event", "api", {"access"}};
    begin(json, event, record.time, [] {});
    write_side(json, "source", record.conversation, true, {});
    write_side(json, "destination", record.conversation, false, record.host);
    write_network(json, record.conversation, {}, record.identity.app, 0, 0);
    write_object(json, "gen_ai", [&] {
      write_object(json, "provider", [&] {
        json.member("name", record.identity.app.empty() ? record.family : record.identity.app);
      });
      if (!record.operation.empty())
        write_object(json, "operation", [&] { json.member("name", record.operation); });
      if (!record.model_requested.empty())
        write_object(json, "request", [&] { json.member("model", record.model_requested); });
      if (!record.model_returned.empty())
        write_object(json, "response", [&] { json.member("model", record.model_returned); });
      if (record.tokens_in + record.tokens_out > 0)
        write_object(json, "usage", [&] {
          json.member("input_tokens", record.tokens_in);
          json.member("output_tokens", record.tokens_out);
        });
      if (!record.tools_called.empty())
        write_object(json, "tool", [&] { json.member("name", record.tools_called.front()); });
    });
    if (!record.user_agent.empty())
      write_object(json, "user_agent", [&] { json.member("original", record.user_agent); });
    write_own(json, record.conversation, record.place, record.identity, [&] {
      json.member("family", record.family);
      json.member_if("tenant", record.tenant);
      json.member("streamed", record.streamed);
      json.member("authenticated", record.authenticated);
      if (!record.tools_offered.empty()) write_array(json, "tools_offered", record.tools_offered);
      if (!record.tools_called.empty()) write_array(json, "tools_called", record.tools_called);
    });
    end(json, event, record.time);
  }

  void on_artifact(const observation::ArtifactRecord& record) override {
    JsonWriter json{line_};
    const Event event{"artifact", "event", "file", {"access"},
                      record.unsafe_format ? "medium" : ""};
    begin(json, event, record.time, [] {});
    write_side(json, "source", record.conversation, true, {});
    write_side(json, "destination", record.conversation, false, record.host);
    write_network(json, record.conversation, {}, record.identity.app, 0, 0);
    write_object(json, "file", [&] {
      json.member("name", record.file.empty() ? record.repository : record.file);
      json.member("size", record.bytes);
    });
    write_own(json, record.conversation, record.place, record.identity, [&] {
      json.member("kind", record.kind);
      json.member_if("repository", record.repository);
      json.member_if("revision", record.revision);
      json.member_if("format", record.format);
      json.member("unsafe_format", record.unsafe_format);
      json.member_if("fetched_from", record.fetched_from);
    });
    end(json, event, record.time);
  }

  void on_candidate(const observation::CandidateRecord& record) override {
    JsonWriter json{line_};
    const Event event{"candidate", "signal", "network", {"info"}, "low"};
    begin(json, event, record.time, [] {});
    json.member("message", "Host that behaves like unknown AI");
    write_side(json, "source", record.conversation, true, {});
    write_side(json, "destination", record.conversation, false, record.host);
    write_network(json, record.conversation, {}, {}, 0, 0);
    write_own(json, record.conversation, record.place, {}, [&] {
      json.member("host", record.host);
      write_array(json, "reasons", record.reasons);
    });
    end(json, event, record.time);
  }

  void on_health(const observation::HealthRecord& record) override {
    if (const auto alert = alert_of(record)) on_alert(*alert);
  }

  void on_alert(const inventory::Alert& alert) override {
    JsonWriter json{line_};
    const Event event{"alert", "alert", "network", {"info"}, alert.severity};
    begin(json, event, alert.time, [&] { json.member("reason", alert.explanation); });
    json.member("message", alert.title);
    if (!alert.client.empty())
      write_object(json, "source", [&] {
        json.member("ip", alert.client);
        json.member("address", alert.client);
      });
    if (!alert.server.empty())
      write_object(json, "destination", [&] {
        const ServerText server = server_of(alert.server);
        json.member("ip", server.address);
        json.member("address", server.address);
        if (server.port != 0) json.member("port", static_cast<unsigned>(server.port));
      });
    else if (!alert.host.empty())
      write_object(json, "destination", [&] {
        json.member("address", alert.host);
        json.member("domain", alert.host);
      });
    write_rule(json, std::to_string(alert.signature_id), alert.kind, "anomalies");
    write_object(json, "gnomon", [&] {
      json.member_if("app", alert.app);
      json.member("severity", alert.severity);
      json.member("kind", alert.kind);
      write_object(json, "numbers", [&] {
        for (const auto& [name, value] : alert.numbers) json.member(name, value);
      });
    });
    end(json, event, alert.time);
  }

 private:
  template <class Fill>
  static void begin(JsonWriter& json, const Event& event, Time time, Fill fill) {
    json.begin_object();
    json.member("@timestamp", rfc3339_text(time));
    write_object(json, "ecs", [&] { json.member("version", kSchemaVersion); });
    write_object(json, "event", [&] {
      json.member("kind", event.kind);
      if (!event.category.empty()) write_array(json, "category", Words{event.category});
      write_array(json, "type", event.types);
      json.member("action", event.type);
      json.member("module", "gnomon");
      json.member("dataset", "gnomon." + std::string{event.type});
      if (!event.severity.empty()) json.member("severity", severity_number(event.severity));
      fill();
    });
    write_object(json, "observer", [&] {
      json.member("vendor", "Gnomon");
      json.member("product", "Gnomon");
      json.member("type", "ids");
    });
  }

  static void write_side(JsonWriter& json, std::string_view key, const Conversation& conversation,
                         bool client, std::string_view host,
                         const observation::FlowRecord* flow = nullptr) {
    const std::string address = (client ? conversation.client : conversation.server).to_string();
    write_object(json, key, [&] {
      json.member("ip", address);
      json.member("address", host.empty() ? std::string_view{address} : host);
      json.member_if("domain", host);
      if (has_ports(conversation.protocol))
        json.member("port", static_cast<unsigned>(client ? conversation.client_port
                                                         : conversation.server_port));
      if (flow == nullptr) return;
      json.member("bytes", client ? flow->bytes_to_server : flow->bytes_to_client);
      json.member("packets", client ? flow->packets_to_server : flow->packets_to_client);
    });
  }

  static void write_network(JsonWriter& json, const Conversation& conversation,
                            std::string_view protocol, std::string_view app, std::uint64_t bytes,
                            std::uint64_t packets) {
    write_object(json, "network", [&] {
      json.member("type", conversation.client.is_v4() ? "ipv4" : "ipv6");
      json.member_if("transport", transport_of(conversation.protocol));
      json.member("iana_number", std::to_string(conversation.protocol));
      json.member_if("protocol", protocol);
      json.member_if("application", app);
      json.member_if("community_id", conversation.community_id);
      const bool from_inside = conversation.client.is_private();
      const bool to_inside = conversation.server.is_private();
      json.member("direction", from_inside && to_inside ? "internal"
                               : from_inside            ? "outbound"
                               : to_inside              ? "inbound"
                                                        : "external");
      if (bytes > 0) json.member("bytes", bytes);
      if (packets > 0) json.member("packets", packets);
      if (conversation.vlan != 0)
        write_object(json, "vlan", [&] { json.member("id", std::to_string(conversation.vlan)); });
    });
  }

  static void write_rule(JsonWriter& json, std::string_view id, std::string_view category,
                         std::string_view set) {
    write_object(json, "rule", [&] {
      json.member("id", id);
      json.member("name", id);
      json.member("category", category);
      json.member("ruleset", set);
    });
  }

  template <class Fill>
  static void write_own(JsonWriter& json, const Conversation& conversation, const Place& place,
                        const Identity& identity, Fill fill) {
    write_object(json, "gnomon", [&] {
      json.member("flow_id", std::to_string(conversation.flow_id));
      if (!place.file.empty()) {
        json.member("pcap_filename", place.file);
        json.member("pcap_cnt", place.frame);
      }
      json.member_if("tunnel", conversation.tunnel);
      write_identity(json, identity);
      fill();
    });
  }

  void end(JsonWriter& json, const Event& event, Time time) {
    json.end_object();
    output_->take(
        {event.type, event.severity, output_->wants_about() ? rfc3339_text(time) : std::string{}},
        line_);
    line_.clear();
  }

  std::string line_;
};

}  // namespace

std::unique_ptr<EventWriter> make_ecs_writer(std::unique_ptr<LineOutput> output) {
  return std::make_unique<EcsWriter>(std::move(output));
}

}  // namespace gnomon::report
