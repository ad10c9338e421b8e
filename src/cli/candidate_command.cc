#include "candidate_command.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/wall_clock.h"
#include "gnomon/inventory/candidate_review.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/report/display_text.h"
#include "local_app.h"
#include "signature_folder.h"

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;
using inventory::Candidate;

struct Decision {
  std::string_view word;
  std::string_view status;
};
constexpr Decision kDecisions[] = {
    {"accept", "accepted"}, {"dismiss", "dismissed"}, {"reopen", "new"}};

std::string id_of(const std::string& host) {
  std::string id;
  for (const char c : host) {
    const char kept = is_lower(c) || is_digit(c) ? c : '-';
    if (kept == '-' && (id.empty() || id.back() == '-')) continue;
    id += kept;
  }
  while (id.ends_with('-')) id.pop_back();
  return id.substr(0, 64);
}

}  // namespace

void add_candidate_options(CommandLine& line) {
  line.options().add_options()  //
      ("candidate", text_value("DECISION"),
       "decides about a host from 'gnomon inventory --candidates': accept (it becomes known, by a "
       "file in the folder of local signatures), dismiss (it stays away until its evidence "
       "changes) or reopen")  //
      ("id", text_value("ID"),
       "of the app that an accepted host becomes (default: from the host)")  //
      ("name", text_value("TEXT"), "its name (default: the host)")           //
      ("vendor", text_value("TEXT"),
       "its vendor, where known; without a candidate: all apps of this vendor")  //
      ("category", text_value("WORD"),
       "its category, a word of vocabulary.yaml (default: other); without a candidate: all apps of "
       "this category");
  add_signature_options(line);  // --local-signatures says where the file goes
}

int review_candidate(const CommandLine& line, const std::string& actor) {
  const std::string word = line.text("candidate");
  const auto* decision = std::find_if(std::begin(kDecisions), std::end(kDecisions),
                                      [&](const Decision& each) { return each.word == word; });
  if (decision == std::end(kDecisions))
    return line.misused("--candidate: '" + word + "' is not " +
                        one_of({"accept", "dismiss", "reopen"}));
  const std::string database = line.text("db");
  const std::string host = lowered(line.words().front());
  std::vector<Candidate> candidates;
  {
    auto inventory = inventory::Inventory::open(database);
    if (!inventory)
      return line.unreadable(no_inventory_message(database, inventory.error().message));
    auto all = inventory->candidates();
    if (!all) return line.unreadable(database + ": " + all.error().message);
    candidates = std::move(*all);
  }
  const auto candidate = std::find_if(candidates.begin(), candidates.end(),
                                      [&](const Candidate& each) { return each.host == host; });
  if (candidate == candidates.end())
    return line.misused("the inventory holds no candidate '" + host +
                        "'; gnomon inventory --candidates lists them");

  inventory::CandidateDecision stored{host, std::string{decision->status}, {}, line.text("reason")};
  const Time now = wall_clock();
  std::string said = host + ": " + stored.status + ". Recorded for " + actor + ".";
  // Before anything is recorded: who is told of a misuse must find all as it was.
  const bool of_signatures = word == "accept" || !candidate->app.empty();
  auto folders = of_signatures ? signature_folders(line)
                               : Result<identify::SignatureFolders>{identify::SignatureFolders{}};
  if (!folders) return line.misused(folders.error().message);
  if (word == "accept") {
    LocalApp app;
    app.host = host;
    app.id = stored.app = line.has("id") ? line.text("id") : id_of(host);
    app.name = line.has("name") ? line.text("name") : host;
    app.vendor = line.text("vendor");
    if (line.has("category")) app.category = line.text("category");
    app.comment = accepted_by(actor, now, stored.reason);
    const auto written = write_local_app(*folders, app);
    if (!written) return line.misused(written.error().message);
    const fs::path path = *written;
    said +=
        " Written: " + path.string() + ". 'gnomon inventory --rematch' tells who used it so far.";
    // A file that stays without its decision would be known with nobody having said so.
    if (auto done = inventory::decide_candidate(database, stored, actor, now); !done) {
      std::error_code ignored;
      fs::remove(path, ignored);
      return line.unreadable(done.error().message);
    }
  } else if (auto done = inventory::decide_candidate(database, stored, actor, now); !done) {
    return line.unreadable(done.error().message);
  } else if (!candidate->app.empty()) {
    said += " " + withdrawn_text(withdraw_local_app(*folders, candidate->app), candidate->app);
  }
  std::printf("%s\n", report::printable(said).c_str());
  return kDone;
}

}  // namespace gnomon::cli
