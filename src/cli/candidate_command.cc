#include "candidate_command.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "gnomon/identify/catalogue.h"
#include "gnomon/inventory/candidate_review.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/json_writer.h"
#include "gnomon/report/numbers.h"
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

std::string lowered(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool is_host_name(const std::string& host) {
  return !host.empty() && host.size() <= 253 && host.find('.') != std::string::npos &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                  c == '_';
         });
}

bool is_id(const std::string& id) {
  return !id.empty() && id.size() <= 64 && id.front() != '-' && id.back() != '-' &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

std::string id_of(const std::string& host) {
  std::string id;
  for (const char c : host) {
    const char kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
    if (kept == '-' && (id.empty() || id.back() == '-')) continue;
    id += kept;
  }
  while (id.ends_with('-')) id.pop_back();
  return id.substr(0, 64);
}

std::string in_quotes(std::string_view text) {
  std::string out;  // a JSON string is a double-quoted one of YAML
  report::append_json_text(out, report::printable(text));
  return out;
}

// Never half a file, and never over another.
std::optional<Error> write_new(const fs::path& path, const std::string& text) {
  std::error_code error;
  if (fs::exists(path, error)) return Error{"is there already"}.in(path.string());
  if (!path.parent_path().empty()) {
    fs::create_directories(path.parent_path(), error);
    if (error) return Error{error.message()}.in(path.parent_path().string());
  }
  const fs::path part = path.string() + ".part";
  {
    std::ofstream file{part, std::ios::binary | std::ios::trunc};
    if (!file) return Error{std::strerror(errno)}.in(path.string());
    file << text;
    file.flush();
    if (!file) {
      fs::remove(part, error);
      return Error{"could not be written whole"}.in(path.string());
    }
  }
  fs::rename(part, path, error);
  if (error) return Error{error.message()}.in(path.string());
  return std::nullopt;
}

}  // namespace

std::string local_signature(const std::string& host, const std::string& id, const std::string& name,
                            const std::string& vendor, const std::string& category,
                            const std::string& comment) {
  std::string text = "# " + report::printable(comment) + "\n";
  if (!vendor.empty()) text += "vendor: " + in_quotes(vendor) + "\n";
  text += "apps:\n  - id: " + id + "\n    name: " + in_quotes(name) +
          "\n    category: " + category + "\n    interfaces: [web]\n    domains: [" +
          in_quotes(host) + "]\n";
  return text;
}

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
  const Time now = std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now());
  std::string said = host + ": " + stored.status + ". Recorded for " + actor + ".";
  if (word == "accept") {
    const std::string category = line.has("category") ? line.text("category") : "other";
    if (!is_host_name(host))
      return line.misused("'" + host + "' is no host name: it cannot become a signature");
    stored.app = line.has("id") ? line.text("id") : id_of(host);
    if (!is_id(stored.app))
      return line.misused("--id: '" + stored.app + "' must be small letters, digits and hyphens");
    if (!is_id(category))
      return line.misused("--category: '" + category + "' is no word");
    auto folders = signature_folders(line);
    if (!folders) return line.misused(folders.error().message);
    if (folders->local.empty()) return line.misused("--local-signatures must name a folder");
    const fs::path path = folders->local / (stored.app + ".yaml");
    const std::string name = line.has("name") ? line.text("name") : host;
    const std::string comment = "Accepted from the candidates by " + actor + " on " +
                                report::day_text(now) +
                                (stored.reason.empty() ? "." : ": " + stored.reason);
    if (auto failed = write_new(path, local_signature(host, stored.app, name, line.text("vendor"),
                                                      category, comment)))
      return line.misused(failed->message);
    // Not to be found out at the next replay, which it would stop.
    if (!load_catalogue(*folders)) {
      std::error_code ignored;
      fs::remove(path, ignored);
      return line.misused("the signatures would not agree any more: " + path.string() +
                          " was not written");
    }
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
  }
  std::printf("%s\n", report::printable(said).c_str());
  return kDone;
}

}  // namespace gnomon::cli
