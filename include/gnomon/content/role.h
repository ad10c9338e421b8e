#pragma once

#include <cstdint>
#include <string_view>

namespace gnomon::content {

// Who speaks, where a body tells: the message roles of LLM APIs.
enum class Role : std::uint8_t { kNone, kUser, kSystem, kTool, kAssistant };
std::string_view to_string(Role role);  // "user" ...; empty for kNone

// Who speaks, and which way: some detectors weigh it.
struct TextContext {
  bool to_server = true;
  Role role = Role::kNone;
};

}  // namespace gnomon::content
