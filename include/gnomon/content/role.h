#pragma once

#include <cstdint>
#include <string_view>

namespace gnomon::content {

// Who speaks, where a body tells: the message roles of LLM APIs.
enum class Role : std::uint8_t { kNone, kUser, kSystem, kTool, kAssistant };
std::string_view to_string(Role role);  // "user" ...; empty for kNone

}  // namespace gnomon::content
