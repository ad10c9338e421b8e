#include "gnomon/report/eve_writer.h"

#include <cstdio>
#include <utility>

#include "eve_parts.h"

namespace gnomon::report {
namespace {

using observation::Conversation;

void write_protocol(JsonWriter& json, std::uint8_t protocol) {
  switch (protocol) {
    case 1:
      json.member("proto", "ICMP");
      return;
    case 2:
      json.member("proto", "IGMP");
      return;
    case 6:
      json.member("proto", "TCP");
      return;
    case 17:
      json.member("proto", "UDP");
      return;
    case 47:
      json.member("proto", "GRE");
      return;
    case 50:
      json.member("proto", "ESP");
      return;
    case 51:
      json.member("proto", "AH");
      return;
    case 58:
      json.member("proto", "IPv6-ICMP");
      return;
    case 132:
      json.member("proto", "SCTP");
      return;
    default: {
      char text[4];
      std::snprintf(text, sizeof text, "%03u", static_cast<unsigned>(protocol));
      json.member("proto", std::string_view{text});
    }
  }
}

// One fingerprint is a string, as Suricata writes it; a flow with hellos that differ has a list.
void write_ja4(JsonWriter& json, std::span<const std::string_view> ja4) {
  if (ja4.size() == 1) {
    json.member("ja4", ja4.front());
  } else {
    write_texts(json, "ja4", ja4);
  }
}

void write_tls(JsonWriter& json, const observation::FlowRecord& record) {
  const observation::TlsFacts& tls = record.tls;
  json.key(record.has_quic ? "quic" : "tls");
  json.begin_object();
  json.member_if("sni", tls.sni);
  write_texts(json, "more_sni", tls.more_sni);
  json.member_if("version", record.has_quic ? record.quic_version : tls.version);
  write_ja4(json, tls.ja4);
  write_texts(json, "client_alpns", tls.alpns);
  write_texts(json, "subjectaltname", tls.certificate_names);
  if (tls.ech != observation::Ech::kNone) json.member("ech", observation::to_string(tls.ech));
  json.end_object();
}

}  // namespace

void write_identity(JsonWriter& json, const observation::Identity& identity) {
  json.member_if("app", identity.app);
  json.member_if("role", identity.role);
  json.member_if("category", identity.category);
  json.member_if("usage", identity.usage);
  if (identity.grade != observation::Grade::kNone)
    json.member("grade", observation::to_string(identity.grade));
  json.member_if("why", identity.why);
}

void write_texts(JsonWriter& json, std::string_view name, std::span<const std::string_view> texts) {
  if (texts.empty()) return;
  json.key(name);
  json.begin_array();
  for (const std::string_view each : texts) json.value(each);
  json.end_array();
}

Result<std::unique_ptr<EveWriter>> EveWriter::open(const std::string& path) {
  auto output = open_line_file(path);
  if (!output) return output.error();
  return std::make_unique<EveWriter>(std::move(*output));
}

EveWriter::EveWriter(std::unique_ptr<LineOutput> output) : EventWriter(std::move(output)) {}

void EveWriter::end_line() {
  EventLine about;
  if (output_->wants_about()) {
    // Both stand at the beginning of every event, before anything that came from the network.
    const auto member = [this](std::string_view name) {
      const std::string wanted = "\"" + std::string{name} + "\":\"";
      const std::size_t at = buffer_.find(wanted);
      if (at == std::string::npos) return std::string_view{};
      const std::size_t from = at + wanted.size();
      return std::string_view{buffer_}.substr(from, buffer_.find('"', from) - from);
    };
    about.type = member("event_type");
    about.severity = severity_;
    about.time = member("timestamp");
    // EVE writes the zone as +0000.
    if (about.time.ends_with("+0000")) about.time.replace(about.time.size() - 5, 5, "Z");
  }
  output_->take(about, buffer_);
  buffer_.clear();
  severity_ = {};
}

void EveWriter::begin(JsonWriter& json, std::string_view type, Time time,
                      const Conversation& conversation, const observation::Place& place,
                      std::string_view app_proto) {
  json.begin_object();
  json.member("timestamp", to_eve_time(time));
  json.member("flow_id", conversation.flow_id);
  json.member("event_type", type);
  if (conversation.vlan != 0) {
    json.key("vlan");
    json.begin_array();
    json.value(static_cast<unsigned>(conversation.vlan));
    if (conversation.inner_vlan != 0) json.value(static_cast<unsigned>(conversation.inner_vlan));
    json.end_array();
  }
  json.member("src_ip", conversation.client.to_string());
  json.member("dest_ip", conversation.server.to_string());
  switch (conversation.protocol) {
    case 6:
    case 17:
    case 132:
      json.member("src_port", static_cast<unsigned>(conversation.client_port));
      json.member("dest_port", static_cast<unsigned>(conversation.server_port));
      break;
    case 1:
    case 58:
      json.member("icmp_type", static_cast<unsigned>(conversation.client_port));
      json.member("icmp_code", static_cast<unsigned>(conversation.server_port));
      break;
    default:
      break;
  }
  write_protocol(json, conversation.protocol);
  json.member_if("app_proto", app_proto);
  json.member_if("community_id", conversation.community_id);
  if (!conversation.tunnel.empty()) {
    json.key("tunnel");
    json.begin_object();
    json.member("src_ip", conversation.tunnel_source.to_string());
    json.member("dest_ip", conversation.tunnel_destination.to_string());
    json.member("proto", conversation.tunnel);
    json.member("depth", static_cast<unsigned>(conversation.tunnel_depth));
    json.end_object();
  }
  if (!place.file.empty()) {
    json.member(place.live ? "in_iface" : "pcap_filename", place.file);
    if (!place.live) json.member("pcap_cnt", place.frame);
  }
}

void EveWriter::on_flow(const observation::FlowRecord& record) {
  JsonWriter json{buffer_};
  begin(json, "flow", record.end, record.conversation, record.place, record.app_proto);
  json.key("flow");
  json.begin_object();
  json.member("pkts_toserver", record.packets_to_server);
  json.member("pkts_toclient", record.packets_to_client);
  json.member("bytes_toserver", record.bytes_to_server);
  json.member("bytes_toclient", record.bytes_to_client);
  json.member("start", to_eve_time(record.start));
  json.member("end", to_eve_time(record.end));
  json.member("age",
              std::chrono::duration_cast<std::chrono::seconds>(record.end - record.start).count());
  json.member("state", observation::to_string(record.state));
  json.member("reason", observation::to_string(record.reason));
  json.end_object();
  if (record.has_tls || record.has_quic) write_tls(json, record);
  json.key("ndpi");
  json.begin_object();
  json.member("proto", record.ndpi_protocol);
  json.member("category", record.ndpi_category);
  json.key("risks");
  json.begin_array();
  for (const std::string_view risk : record.ndpi_risks) json.value(risk);
  json.end_array();
  json.end_object();

  json.key("gnomon");
  json.begin_object();
  json.member_if("host", record.host);
  if (record.host_source != observation::HostSource::kNone)
    json.member("host_source", observation::to_string(record.host_source));
  write_identity(json, record.identity);
  json.member_if("client_kind", record.client_kind);
  if (record.upload_events > 0) {
    json.member("upload_events", record.upload_events);
    json.member("upload_bytes", record.upload_bytes);
  }
  if (record.shape.streamed > 0) {
    json.key("stream");
    json.begin_object();
    json.member("requests", record.shape.requests);
    json.member("responses", record.shape.responses);
    json.member("streamed", record.shape.streamed);
    json.member("pieces", record.shape.pieces);
    json.member("cadence_ms", record.shape.cadence_ms);
    json.member("piece_bytes", record.shape.piece_bytes);
    json.end_object();
  }
  json.member("payload_toserver", record.payload_to_server);
  json.member("payload_toclient", record.payload_to_client);
  if (record.duplicates > 0) json.member("duplicates", record.duplicates);
  if (record.gap_bytes > 0) json.member("gap_bytes", record.gap_bytes);
  if (record.lost_bytes > 0) json.member("lost_bytes", record.lost_bytes);
  if (record.midstream) json.member("midstream", true);
  if (record.one_sided) json.member("one_sided", true);
  if (record.truncated) json.member("truncated", true);
  json.end_object();
  json.end_object();
  end_line();
}

void EveWriter::on_dns(const observation::DnsRecord& record) {
  JsonWriter json{buffer_};
  begin(json, "dns", record.time, record.conversation, record.place, "dns");
  json.key("dns");
  json.begin_object();
  json.member("version", 2);
  json.member("type", record.answered ? "answer" : "query");
  json.member("id", static_cast<unsigned>(record.id));
  json.member("rrname", record.rrname);
  json.member("rrtype", record.rrtype);
  json.member_if("rcode", record.rcode);
  if (!record.answers.empty()) {
    json.key("answers");
    json.begin_array();
    for (const observation::DnsAnswer& answer : record.answers) {
      json.begin_object();
      json.member("rrname", answer.rrname);
      json.member("rrtype", answer.rrtype);
      json.member("ttl", static_cast<std::uint64_t>(answer.ttl));
      json.member("rdata", answer.rdata);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  json.key("gnomon");
  json.begin_object();
  json.member("answered", record.answered);
  write_identity(json, record.identity);
  json.end_object();
  json.end_object();
  end_line();
}

void EveWriter::on_http(const observation::HttpRecord& record) {
  JsonWriter json{buffer_};
  begin(json, "http", record.time, record.conversation, record.place, "http");
  json.key("http");
  json.begin_object();
  json.member_if("hostname", record.hostname);
  json.member("url", record.url);
  json.member_if("http_user_agent", record.user_agent);
  json.member_if("http_content_type", record.content_type);
  json.member("http_method", record.method);
  json.member("protocol", record.protocol);
  if (record.status != 0) json.member("status", static_cast<unsigned>(record.status));
  json.member("length", record.response_length);
  json.member("request_length", record.request_length);
  json.member("response_length", record.response_length);
  json.member_if("request_sha256", record.request_sha256);
  json.end_object();
  json.key("gnomon");
  json.begin_object();
  json.member("decrypted", record.decrypted);
  json.member("request_complete", record.request_complete);
  json.member("response_complete", record.response_complete);
  json.member_if("request_content_type", record.request_content_type);
  write_identity(json, record.identity);
  json.end_object();
  json.end_object();
  end_line();
}

void EveWriter::on_client_name(const observation::ClientNameRecord&) {
  // How clients call themselves belongs to the inventory; EVE has no event for it.
}

void EveWriter::on_stats(const observation::StatsRecord& record) {
  JsonWriter json{buffer_};
  json.begin_object();
  json.member("timestamp", to_eve_time(record.time));
  json.member("event_type", "stats");
  json.key("stats");
  json.begin_object();
  std::string_view group;
  for (const auto& [name, value] : record.counters) {
    const std::size_t dot = name.find('.');
    const std::string_view own = name.substr(0, dot);
    if (own != group) {
      if (!group.empty()) json.end_object();
      json.key(own);
      json.begin_object();
      group = own;
    }
    json.member(dot == std::string_view::npos ? std::string_view{"value"} : name.substr(dot + 1),
                value);
  }
  if (!group.empty()) json.end_object();
  json.end_object();
  json.key("gnomon");
  json.begin_object();
  json.member("final", record.final);
  json.end_object();
  json.end_object();
  end_line();
}

}  // namespace gnomon::report
