#pragma once

#include <span>
#include <string_view>

namespace gnomon::cli {

// What the shell gets to know (design: relied on from outside).
enum ExitCode : int {
  kDone = 0,
  kMisused = 1,     // bad usage or configuration
  kUnreadable = 2,  // input could not be read
  kDamaged = 3,     // finished, but damaged input was skipped; counted and named
};

using Arguments = std::span<char* const>;  // without the program's and the command's name

struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(Arguments arguments);
};

int run_replay(Arguments arguments);
int run_capture(Arguments arguments);
int run_inventory(Arguments arguments);
int run_show(Arguments arguments);
int run_review(Arguments arguments);
int run_report(Arguments arguments);
int run_export(Arguments arguments);
int run_signatures(Arguments arguments);
int run_classify(Arguments arguments);
int run_tidy(Arguments arguments);
int run_backup(Arguments arguments);
int run_verify(Arguments arguments);
int run_policy(Arguments arguments);
int run_alert(Arguments arguments);
int run_group(Arguments arguments);
int run_risk(Arguments arguments);
int run_register(Arguments arguments);
int run_privacy(Arguments arguments);
int run_reveal(Arguments arguments);
int run_serve(Arguments arguments);
int run_user(Arguments arguments);
int run_doctor(Arguments arguments);
int run_config(Arguments arguments);
int run_status(Arguments arguments);

}  // namespace gnomon::cli
