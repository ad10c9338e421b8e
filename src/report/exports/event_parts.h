#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gnomon/observation/observation.h"
#include "gnomon/report/event_writer.h"
#include "gnomon/report/json_writer.h"

// What the formats of events besides EVE share.
namespace gnomon::report {

template <class Fill>
void write_object(JsonWriter& json, std::string_view key, Fill fill) {
  json.key(key);
  json.begin_object();
  fill();
  json.end_object();
}

template <class Texts>
void write_array(JsonWriter& json, std::string_view key, const Texts& texts) {
  json.key(key);
  json.begin_array();
  for (const auto& text : texts) json.value(std::string_view{text});
  json.end_array();
}

inline std::int64_t milliseconds_of(Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

// "1 app", for OCSF 0 to 6 and syslog: how bad a word for severity is. Unknown words are
// informational.
enum class Severity : std::uint8_t { kInformation, kLow, kMedium, kHigh, kCritical };
Severity severity_of(std::string_view word);

// "tcp", "udp", "icmp" ...; empty for a protocol without a name here.
std::string_view transport_of(std::uint8_t protocol);
bool has_ports(std::uint8_t protocol);

// "10.0.0.7" and 11434 of "10.0.0.7:11434", "2001:db8::7" of "[2001:db8::7]:8000".
struct ServerText {
  std::string address;
  std::uint16_t port = 0;
};
ServerText server_of(std::string_view text);

// What a finding of a category is called: code that attacks is no data that left.
std::string_view kind_of_finding(std::string_view category);

// The name of the host, else the address.
std::string name_of_server(std::string_view host, const observation::Conversation& conversation);

// What is wrong with what the sensor is shown, as an alert; none while it goes on.
std::optional<inventory::Alert> alert_of(const observation::HealthRecord& record);

std::unique_ptr<EventWriter> make_ocsf_writer(std::unique_ptr<LineOutput> output);
std::unique_ptr<EventWriter> make_ecs_writer(std::unique_ptr<LineOutput> output);
std::unique_ptr<EventWriter> make_cef_writer(std::unique_ptr<LineOutput> output);

}  // namespace gnomon::report
