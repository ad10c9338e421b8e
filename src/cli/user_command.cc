#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <optional>
#include <string>

#include "command.h"
#include "gnomon/report/console_accounts.h"
#include "options.h"

namespace gnomon::cli {
namespace {

using report::console::AccountFile;
using report::console::role_of;

// A terminal that does not show what is typed, for as long as this lives.
class Unseen {
 public:
  Unseen() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~Unseen() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

// From the terminal, twice, or the first line of standard input; never from the command line, which
// every user of the machine can read.
Result<std::string> ask_password() {
  std::string password;
  if (::isatty(STDIN_FILENO) == 0) {
    if (!std::getline(std::cin, password)) return Error{"standard input holds no password"};
    return password;
  }
  const Unseen unseen;
  std::fputs("Password (12 characters or more): ", stderr);
  std::getline(std::cin, password);
  std::fputs("\nAgain: ", stderr);
  std::string again;
  std::getline(std::cin, again);
  std::fputs("\n", stderr);
  if (password != again) return Error{"the two passwords differ"};
  return password;
}

}  // namespace

int run_user(Arguments arguments) {
  CommandLine line{
      "user", "add NAME [--role ROLE] | passwd NAME | role NAME --role ROLE | remove NAME | list",
      "Says who may sign in to the console of an inventory ('gnomon serve'). Passwords are\n"
      "asked for on the terminal, or read from the first line of standard input. What is\n"
      "changed here holds at once, also while the console runs: whoever is signed in with\n"
      "another role or password is signed out."};
  add_database_option(line);
  line.options().add_options()("role", text_value("ROLE"),
                               "viewer reads, reviewer also decides, admin also says who may");
  line.take_words("what to do (add, passwd, role, remove or list)", 1, 2);
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  const std::string& action = line.words().front();
  const AccountFile accounts{line.text("db")};
  if (action == "list") {
    if (line.words().size() > 1) return line.misused("list takes no name");
    auto all = accounts.read();
    if (!all) return line.unreadable(all.error().message);
    for (const auto& account : *all)
      std::printf("%-24s %.*s\n", account.name.c_str(),
                  static_cast<int>(to_string(account.role).size()), to_string(account.role).data());
    return kDone;
  }
  if (action != "add" && action != "passwd" && action != "role" && action != "remove")
    return line.misused("'" + action + "' is not " +
                        one_of({"add", "passwd", "role", "remove", "list"}));
  if (line.words().size() < 2) return line.misused("NAME is missing");
  const std::string& name = line.words()[1];
  const bool takes_role = action == "add" || action == "role";
  if (line.has("role") && !takes_role) return line.misused("--role goes with add and role");
  if (action == "role" && !line.has("role")) return line.misused("--role is missing");
  const auto role = role_of(line.has("role") ? line.text("role") : "viewer");
  if (!role)
    return line.misused("--role: '" + line.text("role") + "' is not " +
                        one_of({"viewer", "reviewer", "admin"}));

  Result<std::monostate> done = std::monostate{};
  if (action == "remove") {
    done = accounts.remove(name);
  } else if (action == "role") {
    done = accounts.set_role(name, *role);
  } else {
    if (!report::console::is_account_name(name))
      return line.misused("an account's name is letters, digits and ._@-, up to 64 of them");
    auto password = ask_password();
    if (!password) return line.misused(password.error().message);
    done = action == "add" ? accounts.add(name, *role, *password)
                           : accounts.set_password(name, *password);
  }
  if (!done) return line.misused(done.error().message);
  return kDone;
}

}  // namespace gnomon::cli
