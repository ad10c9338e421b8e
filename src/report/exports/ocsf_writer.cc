#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "../eve_parts.h"
#include "event_parts.h"
#include "gnomon/bytes/time.h"
#include "gnomon/report/numbers.h"

// Events by the Open Cybersecurity Schema Framework. What has no place there stands under
// "unmapped", as the schema wants it.
namespace gnomon::report {
namespace {

using observation::Conversation;
using observation::Identity;
using observation::Place;

constexpr std::string_view kSchemaVersion = "1.8.0";

struct Class {
  int uid;
  int category;
  std::string_view name;
  std::string_view category_name;
};
constexpr Class kNetworkActivity{4001, 4, "Network Activity", "Network Activity"};
constexpr Class kHttpActivity{4002, 4, "HTTP Activity", "Network Activity"};
constexpr Class kDnsActivity{4003, 4, "DNS Activity", "Network Activity"};
constexpr Class kDetectionFinding{2004, 2, "Detection Finding", "Findings"};
constexpr Class kDataSecurityFinding{2006, 2, "Data Security Finding", "Findings"};
constexpr Class kSoftwareInfo{5020, 5, "Software Inventory Info", "Discovery"};
constexpr Class kApiActivity{6003, 6, "API Activity", "Application Activity"};

struct Word {
  std::string_view word;
  int id;
};

template <std::size_t N>
int id_of(const Word (&words)[N], std::string_view word, int otherwise) {
  const auto found =
      std::find_if(words, words + N, [word](const Word& each) { return each.word == word; });
  return found == words + N ? otherwise : found->id;
}

constexpr Word kMethods[] = {{"CONNECT", 1}, {"DELETE", 2}, {"GET", 3},   {"HEAD", 4}, {"OPTIONS", 5},
                             {"POST", 6},    {"PUT", 7},    {"TRACE", 8}, {"PATCH", 9}};
constexpr Word kRcodes[] = {{"NOERROR", 0},  {"FORMERR", 1},  {"SERVFAIL", 2}, {"NXDOMAIN", 3},
                            {"NOTIMP", 4},   {"REFUSED", 5},  {"YXDOMAIN", 6}, {"YXRRSET", 7},
                            {"NXRRSET", 8},  {"NOTAUTH", 9},  {"NOTZONE", 10}};
constexpr int kOther = 99;

int severity_id(std::string_view word) { return static_cast<int>(severity_of(word)) + 1; }

class OcsfWriter final : public EventWriter {
 public:
  explicit OcsfWriter(std::unique_ptr<LineOutput> output) : EventWriter(std::move(output)) {}

  void on_flow(const observation::FlowRecord& record) override {
    JsonWriter json{line_};
    begin(json, kNetworkActivity, 6, record.end, {});
    json.member("start_time", milliseconds_of(record.start));
    json.member("end_time", milliseconds_of(record.end));
    json.member("duration", milliseconds_of(record.end) - milliseconds_of(record.start));
    write_conversation(json, record.conversation, record.host);
    json.member_if("app_protocol_name", record.app_proto);
    json.member_if("app_name", record.identity.app);
    write_object(json, "traffic", [&] {
      json.member("bytes_out", record.bytes_to_server);
      json.member("bytes_in", record.bytes_to_client);
      json.member("packets_out", record.packets_to_server);
      json.member("packets_in", record.packets_to_client);
    });
    if (record.has_tls || record.has_quic) {
      write_object(json, "tls", [&] {
        json.member("version", record.has_quic ? std::string_view{"TLS 1.3"} : record.tls.version);
        json.member_if("sni", record.tls.sni);
      });
      if (!record.tls.ja4.empty()) {
        json.key("ja4_fingerprint_list");
        json.begin_array();
        for (const std::string_view value : record.tls.ja4) {
          json.begin_object();
          json.member("type_id", 1);
          json.member("value", value);
          json.end_object();
        }
        json.end_array();
      }
    }
    write_unmapped(json, record.conversation, record.place, record.identity, [&] {
      json.member_if("host", record.host);
      if (record.host_source != observation::HostSource::kNone)
        json.member("host_source", observation::to_string(record.host_source));
      json.member_if("client_kind", record.client_kind);
      json.member("state", observation::to_string(record.state));
      json.member("upload_events", record.upload_events);
      json.member("upload_bytes", record.upload_bytes);
    });
    end(json, "flow", record.end, {});
  }

  void on_dns(const observation::DnsRecord& record) override {
    JsonWriter json{line_};
    begin(json, kDnsActivity, record.answered ? 2 : 1, record.time, {});
    write_conversation(json, record.conversation, {});
    write_object(json, "query", [&] {
      json.member("hostname", record.rrname);
      json.member("type", record.rrtype);
      json.member("packet_uid", static_cast<unsigned>(record.id));
    });
    if (!record.answers.empty()) {
      json.key("answers");
      json.begin_array();
      for (const observation::DnsAnswer& answer : record.answers) {
        json.begin_object();
        json.member("rdata", answer.rdata);
        json.member("type", answer.rrtype);
        json.member("ttl", static_cast<std::uint64_t>(answer.ttl));
        json.end_object();
      }
      json.end_array();
    }
    if (!record.rcode.empty()) {
      json.member("rcode", record.rcode);
      json.member("rcode_id", id_of(kRcodes, record.rcode, kOther));
    }
    write_unmapped(json, record.conversation, record.place, record.identity, [] {});
    end(json, "dns", record.time, {});
  }

  void on_http(const observation::HttpRecord& record) override {
    JsonWriter json{line_};
    begin(json, kHttpActivity, id_of(kMethods, record.method, kOther), record.time, {});
    write_conversation(json, record.conversation, record.hostname);
    json.member_if("app_name", record.identity.app);
    write_object(json, "http_request", [&] {
      write_object(json, "url", [&] {
        json.member_if("hostname", record.hostname);
        const std::size_t query = record.url.find('?');
        json.member("path", record.url.substr(0, query));
        if (query != std::string_view::npos)
          json.member("query_string", record.url.substr(query + 1));
      });
      if (id_of(kMethods, record.method, 0) != 0) json.member("http_method", record.method);
      json.member_if("user_agent", record.user_agent);
      json.member("body_length", record.request_length);
      json.member_if("version", record.protocol);
    });
    if (record.status != 0)
      write_object(json, "http_response", [&] {
        json.member("code", static_cast<unsigned>(record.status));
        json.member("body_length", record.response_length);
        json.member_if("content_type", record.content_type);
      });
    write_unmapped(json, record.conversation, record.place, record.identity, [&] {
      json.member("method", record.method);
      json.member("decrypted", record.decrypted);
      json.member_if("request_sha256", record.request_sha256);
    });
    end(json, "http", record.time, {});
  }

  void on_client_name(const observation::ClientNameRecord&) override {}
  void on_stats(const observation::StatsRecord&) override {}

  void on_file(const observation::FileRecord& record) override {
    // The class for files on a network wants an actor, which a packet does not tell: traffic with
    // the file beside it.
    JsonWriter json{line_};
    begin(json, kNetworkActivity, 6, record.time, {});
    write_conversation(json, record.conversation, record.host);
    json.member_if("app_name", record.identity.app);
    write_unmapped(json, record.conversation, record.place, record.identity, [&] {
      write_object(json, "file", [&] {
        json.member("name", record.file_name);
        json.member_if("type", record.file_type);
        json.member_if("mime_type", record.declared_type);
        json.member_if("sha256", record.sha256);
        json.member("size", record.size);
        json.member("complete", record.complete);
        json.member("direction", record.to_server ? "to_server" : "to_client");
        json.member_if("not_opened", record.not_opened);
      });
    });
    end(json, "fileinfo", record.time, {});
  }

  void on_finding(const observation::FindingRecord& record) override {
    JsonWriter json{line_};
    begin(json, kDataSecurityFinding, 1, record.time, record.severity);
    json.member("confidence_id", record.confidence == "high" ? 3 : record.confidence == "low" ? 1 : 0);
    json.member("status_id", 1);
    json.member("count", record.count);
    write_object(json, "finding_info", [&] {
      json.member("uid", std::to_string(record.conversation.flow_id) + "-" +
                             std::to_string(record.place.frame) + "-" +
                             std::string{record.detector});
      json.member("title", std::string{kind_of_finding(record.category)} + ": " +
                               std::string{record.detector});
      json.member_if("desc", joined(record.reasons, "; "));
      write_array(json, "types", std::initializer_list<std::string_view>{record.category});
      write_analytic(json, record.detector, record.category, 1);
    });
    write_object(json, "data_security", [&] {
      json.member("detection_system_id", kOther);
      json.member("detection_pattern", record.detector);
      json.member_if("pattern_match", record.sample);
      json.member("data_lifecycle_state_id", 2);
      json.member("category", record.category);
      json.member("category_id", category_id(record.category));
      json.member("status_id", record.partial ? 2 : 1);
      json.member("total", record.count);
    });
    if (!record.file_name.empty())
      write_object(json, "file", [&] {
        json.member("name", record.file_name);
        json.member("type_id", 1);
      });
    write_endpoints(json, record.conversation, record.host);
    write_unmapped(json, record.conversation, record.place, record.identity, [&] {
      json.member_if("host", record.host);
      json.member("direction", record.to_server ? "to_server" : "to_client");
      json.member_if("speaker", record.role);
      json.member("unique_count", record.unique_count);
      json.member_if("value_hash", record.value_hash);
      if (!record.references.empty()) write_array(json, "references", record.references);
      if (!record.reasons.empty()) write_array(json, "reasons", record.reasons);
    });
    end(json, "finding", record.time, record.severity);
  }

  void on_asset(const observation::AssetRecord& record) override {
    JsonWriter json{line_};
    begin(json, kSoftwareInfo, 2, record.time, {});
    write_object(json, "device", [&] {
      json.member("type_id", 1);
      json.member("ip", record.conversation.server.to_string());
      json.member_if("hostname", record.host);
    });
    write_object(json, "product", [&] {
      json.member("name", record.product);
      json.member_if("version", record.version);
    });
    write_unmapped(json, record.conversation, record.place, {}, [&] {
      json.member_if("kind", record.kind);
      json.member("port", static_cast<unsigned>(record.conversation.server_port));
      json.member("client", record.conversation.client.to_string());
      json.member("tls", record.tls);
      json.member("authenticated", record.authenticated == observation::Authenticated::kYes ? "yes"
                                   : record.authenticated == observation::Authenticated::kNo
                                       ? "no"
                                       : "unknown");
      write_array(json, "models", record.models);
      write_array(json, "exposures", record.exposures);
      write_array(json, "reasons", record.reasons);
    });
    end(json, "asset", record.time, {});
  }

  void on_model_call(const observation::ModelCallRecord& record) override {
    JsonWriter json{line_};
    begin(json, kApiActivity, 1, record.time, {}, true);
    write_object(json, "actor", [&] {
      json.member("app_name", record.user_agent.empty() ? std::string_view{"unknown"}
                                                        : record.user_agent);
    });
    write_object(json, "api", [&] {
      json.member("operation", record.operation.empty() ? record.family : record.operation);
      write_object(json, "service", [&] { json.member("name", record.family); });
    });
    write_endpoints(json, record.conversation, record.host);
    const std::string_view model =
        record.model_returned.empty() ? record.model_requested : record.model_returned;
    if (!model.empty())
      write_object(json, "ai_model", [&] {
        json.member("name", model);
        json.member("ai_provider", record.identity.app.empty()
                                       ? name_of_server(record.host, record.conversation)
                                       : std::string{record.identity.app});
      });
    write_object(json, "message_context", [&] {
      write_object(json, "application", [&] {
        json.member("name", record.identity.app.empty()
                                ? name_of_server(record.host, record.conversation)
                                : std::string{record.identity.app});
      });
      if (record.tokens_in + record.tokens_out > 0) {
        json.member("prompt_tokens", record.tokens_in);
        json.member("completion_tokens", record.tokens_out);
        json.member("total_tokens", record.tokens_in + record.tokens_out);
      }
    });
    write_unmapped(json, record.conversation, record.place, record.identity, [&] {
      json.member_if("model_requested", record.model_requested);
      json.member_if("tenant", record.tenant);
      json.member("streamed", record.streamed);
      json.member("authenticated", record.authenticated);
      if (!record.tools_offered.empty()) write_array(json, "tools_offered", record.tools_offered);
      if (!record.tools_called.empty()) write_array(json, "tools_called", record.tools_called);
    });
    end(json, "model_call", record.time, {});
  }

  void on_artifact(const observation::ArtifactRecord& record) override {
    JsonWriter json{line_};
    begin(json, kSoftwareInfo, 2, record.time, record.unsafe_format ? "medium" : "");
    write_object(json, "device", [&] {
      json.member("type_id", 0);
      json.member("ip", record.conversation.client.to_string());
    });
    write_object(json, "product", [&] {
      json.member("name", record.repository.empty() ? record.file : record.repository);
      json.member_if("version", record.revision);
      json.member_if("path", record.file);
    });
    write_unmapped(json, record.conversation, record.place, record.identity, [&] {
      json.member_if("host", record.host);
      json.member("kind", record.kind);
      json.member_if("format", record.format);
      json.member("unsafe_format", record.unsafe_format);
      json.member("bytes", record.bytes);
      json.member_if("fetched_from", record.fetched_from);
    });
    end(json, "artifact", record.time, record.unsafe_format ? "medium" : "");
  }

  void on_candidate(const observation::CandidateRecord& record) override {
    JsonWriter json{line_};
    begin(json, kDetectionFinding, 1, record.time, "low");
    const double score = std::isfinite(record.score) ? std::clamp(record.score, 0.0, 1.0) : 0;
    json.member("confidence_score", static_cast<int>(std::lround(score * 100)));
    json.member("is_alert", false);
    write_object(json, "finding_info", [&] {
      json.member("uid", "candidate-" + std::to_string(record.conversation.flow_id) + "-" +
                             std::to_string(record.place.frame));
      json.member("title", "Host that behaves like unknown AI");
      json.member("desc", joined(record.reasons, "; "));
      write_array(json, "types", std::initializer_list<std::string_view>{"shadow-ai"});
      write_analytic(json, "candidate", "shadow-ai", 2);
    });
    json.key("evidences");
    json.begin_array();
    json.begin_object();
    write_endpoints(json, record.conversation, record.host);
    json.end_object();
    json.end_array();
    write_unmapped(json, record.conversation, record.place, {},
                   [&] { json.member("host", record.host); });
    end(json, "candidate", record.time, "low");
  }

  void on_health(const observation::HealthRecord& record) override {
    if (const auto alert = alert_of(record)) on_alert(*alert);
  }

  void on_alert(const inventory::Alert& alert) override {
    JsonWriter json{line_};
    begin(json, kDetectionFinding, 1, alert.time, alert.severity);
    json.member("is_alert", true);
    json.member("status_id", 1);
    write_object(json, "finding_info", [&] {
      json.member("uid", alert.kind + "-" + alert.app + "-" + alert.client + "-" + alert.server +
                             "-" + (alert.host.empty() ? "" : alert.host + "-") +
                             day_text(alert.period));
      json.member("title", alert.title);
      json.member("desc", alert.explanation);
      write_array(json, "types", std::initializer_list<std::string_view>{alert.kind});
      write_analytic(json, std::to_string(alert.signature_id), alert.kind, 2);
    });
    if (!alert.client.empty() || !alert.server.empty() || !alert.host.empty()) {
      json.key("evidences");
      json.begin_array();
      json.begin_object();
      if (!alert.client.empty())
        write_object(json, "src_endpoint", [&] { json.member("ip", alert.client); });
      if (!alert.server.empty())
        write_object(json, "dst_endpoint", [&] {
          const ServerText server = server_of(alert.server);
          json.member("ip", server.address);
          if (server.port != 0) json.member("port", static_cast<unsigned>(server.port));
        });
      else if (!alert.host.empty())
        write_object(json, "dst_endpoint", [&] { json.member("hostname", alert.host); });
      json.end_object();
      json.end_array();
    }
    write_object(json, "unmapped", [&] {
      write_object(json, "gnomon", [&] {
        json.member_if("app", alert.app);
        write_object(json, "numbers", [&] {
          for (const auto& [name, value] : alert.numbers) json.member(name, value);
        });
      });
    });
    end(json, "alert", alert.time, alert.severity);
  }

 private:
  static int category_id(std::string_view category) {
    for (const std::string_view personal : {"pii", "health", "customer-data"})
      if (category.starts_with(personal)) return 1;
    if (category.starts_with("financial")) return 3;
    for (const std::string_view business : {"confidential", "source-code", "tax-business"})
      if (category.starts_with(business)) return 4;
    if (category.starts_with("secret") || category.starts_with("prompt")) return 6;
    return kOther;
  }

  static void write_analytic(JsonWriter& json, std::string_view uid, std::string_view category,
                             int type) {
    write_object(json, "analytic", [&] {
      json.member("type_id", type);
      json.member("uid", uid);
      json.member("name", uid);
      json.member("category", category);
    });
  }

  static void begin(JsonWriter& json, const Class& kind, int activity, Time time,
                    std::string_view severity, bool ai = false) {
    json.begin_object();
    json.member("class_uid", kind.uid);
    json.member("class_name", kind.name);
    json.member("category_uid", kind.category);
    json.member("category_name", kind.category_name);
    json.member("activity_id", activity);
    json.member("type_uid", kind.uid * 100 + activity);
    json.member("time", milliseconds_of(time));
    json.member("severity_id", severity_id(severity));
    write_object(json, "metadata", [&] {
      json.member("version", kSchemaVersion);
      if (ai) write_array(json, "profiles", std::initializer_list<std::string_view>{"ai_operation"});
      write_object(json, "product", [&] {
        json.member("name", "Gnomon");
        json.member("vendor_name", "Gnomon");
      });
    });
  }

  static void write_endpoints(JsonWriter& json, const Conversation& conversation,
                              std::string_view host) {
    write_object(json, "src_endpoint", [&] {
      json.member("ip", conversation.client.to_string());
      if (has_ports(conversation.protocol))
        json.member("port", static_cast<unsigned>(conversation.client_port));
    });
    write_object(json, "dst_endpoint", [&] {
      json.member("ip", conversation.server.to_string());
      if (has_ports(conversation.protocol))
        json.member("port", static_cast<unsigned>(conversation.server_port));
      json.member_if("hostname", host);
    });
  }

  static void write_conversation(JsonWriter& json, const Conversation& conversation,
                                 std::string_view host) {
    write_endpoints(json, conversation, host);
    write_object(json, "connection_info", [&] {
      const bool from_inside = conversation.client.is_private();
      const bool to_inside = conversation.server.is_private();
      json.member("direction_id", from_inside && to_inside ? 3 : from_inside ? 2 : to_inside ? 1 : 0);
      json.member("protocol_num", static_cast<unsigned>(conversation.protocol));
      json.member_if("protocol_name", transport_of(conversation.protocol));
      json.member("uid", std::to_string(conversation.flow_id));
      json.member_if("community_uid", conversation.community_id);
    });
  }

  template <class Fill>
  static void write_unmapped(JsonWriter& json, const Conversation& conversation, const Place& place,
                             const Identity& identity, Fill fill) {
    write_object(json, "unmapped", [&] {
      json.member("flow_id", conversation.flow_id);
      if (!place.file.empty()) {
        json.member("pcap_filename", place.file);
        json.member("pcap_cnt", place.frame);
      }
      if (conversation.vlan != 0) json.member("vlan", static_cast<unsigned>(conversation.vlan));
      json.member_if("tunnel", conversation.tunnel);
      write_object(json, "gnomon", [&] {
        write_identity(json, identity);
        fill();
      });
    });
  }

  void end(JsonWriter& json, std::string_view type, Time time, std::string_view severity) {
    json.end_object();
    output_->take({type, severity, output_->wants_about() ? rfc3339_text(time) : std::string{}},
                  line_);
    line_.clear();
  }

  std::string line_;
};

}  // namespace

std::unique_ptr<EventWriter> make_ocsf_writer(std::unique_ptr<LineOutput> output) {
  return std::make_unique<OcsfWriter>(std::move(output));
}

}  // namespace gnomon::report
