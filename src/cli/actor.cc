#include "actor.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "gnomon/report/display_text.h"

namespace gnomon::cli {
namespace {

std::string name_of_user() {
  for (const char* variable : {"SUDO_USER", "LOGNAME", "USER"})
    if (const char* name = std::getenv(variable); name != nullptr && *name != '\0') return name;
  if (const passwd* entry = ::getpwuid(::getuid())) return entry->pw_name;
  return "uid " + std::to_string(::getuid());
}

}  // namespace

void add_actor_option(CommandLine& line) {
  line.options().add_options()("actor", text_value("NAME"),
                               "who does this, for the audit (default: the user's name)");
}

std::string actor_of(const CommandLine& line) {
  return line.has("actor") ? line.text("actor") : name_of_user();
}

void say_line(const std::string& text) { std::printf("%s\n", report::printable(text).c_str()); }

}  // namespace gnomon::cli
