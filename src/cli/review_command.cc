#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "candidate_command.h"
#include "command.h"
#include "find_app.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/inventory/review.h"
#include "gnomon/report/display_text.h"
#include "options.h"

namespace gnomon::cli {
namespace {

using inventory::Inventory;
using inventory::Review;

struct Field {
  const char* option;
  const char* called;
  const char* help;
  std::string Review::*member;
};
constexpr Field kFields[] = {
    {"status", "STATUS", "the decision: sanctioned, tolerated, unsanctioned, or unreviewed again",
     &Review::status},
    {"owner", "TEXT", "who answers for the app", &Review::owner},
    {"purpose", "TEXT", "what it is used for", &Review::purpose},
    {"department", "TEXT", "where it is used", &Review::department},
    {"data-class", "TEXT", "the most sensitive data it may see", &Review::data_class},
    {"review-date", "YYYY-MM-DD", "when to look again", &Review::review_date},
    {"reason", "TEXT", "why it was decided so", &Review::reason},
};

// Who is at the keyboard, also behind sudo.
std::string name_of_user() {
  for (const char* variable : {"SUDO_USER", "LOGNAME", "USER"})
    if (const char* name = std::getenv(variable); name != nullptr && *name != '\0') return name;
  if (const passwd* entry = ::getpwuid(::getuid())) return entry->pw_name;
  return "uid " + std::to_string(::getuid());
}

}  // namespace

int run_review(Arguments arguments) {
  CommandLine line{
      "review",
      "APP [--status STATUS] [--owner TEXT ...] [--db FILE]\n"
      "       gnomon review HOST --candidate accept|dismiss [--reason TEXT] [--db FILE]",
      "Records a decision about an app, named by its id or its name, or about a\n"
      "candidate, named by its host. What is not given stays as it was; an empty text\n"
      "takes a value away. Every change is kept in the inventory's audit with who made\n"
      "it and when."};
  add_database_option(line);
  for (const Field& field : kFields)
    line.options().add_options()(field.option, text_value(field.called), field.help);
  line.options().add_options()("actor", text_value("NAME"),
                               "who decides, for the audit (default: the user's name)");
  add_candidate_options(line);
  line.take_words("APP or HOST", 1, 1);
  if (const std::optional<int> code = line.parse(arguments)) return *code;

  if (line.has("actor") && line.text("actor").empty())
    return line.misused("--actor: the audit wants a name");
  const std::string actor = line.has("actor") ? line.text("actor") : name_of_user();
  if (line.has("candidate")) {
    for (const Field& field : kFields)
      if (line.has(field.option) && std::string_view{field.option} != "reason")
        return line.misused("--" + std::string{field.option} +
                            " goes with apps; an accepted candidate is one after the next replay");
    return review_candidate(line, actor);
  }
  bool any = false;
  for (const Field& field : kFields) any |= line.has(field.option);
  if (!any) return line.misused("say what to record: --status, --owner, --reason ...");
  if (line.has("status") && !inventory::is_review_status(line.text("status")))
    return line.misused("--status: '" + line.text("status") + "' is not " +
                        one_of({"sanctioned", "tolerated", "unsanctioned", "unreviewed"}));
  if (!line.text("review-date").empty() && !inventory::is_date(line.text("review-date")))
    return line.misused("--review-date: '" + line.text("review-date") +
                        "' is no day written YYYY-MM-DD");

  const std::string database = line.text("db");
  auto inventory = Inventory::open(database);
  if (!inventory) return line.unreadable(no_inventory_message(database, inventory.error().message));
  auto apps = inventory->apps();
  if (!apps) return line.unreadable(database + ": " + apps.error().message);
  auto app = find_app(*apps, line.words().front());
  if (!app) return line.misused(app.error().message);

  const inventory::AppSummary& found = **app;
  Review review = found.review;
  for (const Field& field : kFields)
    if (line.has(field.option)) review.*field.member = line.text(field.option);
  const std::string name = found.facts.name + " (" + found.facts.id + ")";
  std::string said;
  if (review == found.review) {
    said = name + ": nothing to change, it is " + review.status + ".";
  } else {
    const Time now = std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now());
    if (auto stored = inventory::set_review(database, found.facts.id, review, actor, now); !stored)
      return line.unreadable(stored.error().message);
    said = name + ": " + review.status;
    if (review.status != found.review.status) said += ", was " + found.review.status;
    said += ". Recorded for " + actor + ".";
  }
  std::printf("%s\n", report::printable(said).c_str());
  return kDone;
}

}  // namespace gnomon::cli
