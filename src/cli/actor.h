#pragma once

#include <string>

#include "options.h"

namespace gnomon::cli {

// --actor, for commands whose doings are audited.
void add_actor_option(CommandLine& line);
// Who does it: --actor, or who is at the keyboard, also behind sudo. Empty when --actor is.
std::string actor_of(const CommandLine& line);
inline constexpr const char* kNoActor = "--actor: the audit wants a name";

// Writes a line for people, made printable, on standard output.
void say_line(const std::string& text);

}  // namespace gnomon::cli
