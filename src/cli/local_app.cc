#include "local_app.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string_view>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/sha256.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/json_writer.h"
#include "gnomon/report/numbers.h"
#include "write_file.h"

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;

bool is_host_name(const std::string& host) {
  return !host.empty() && host.size() <= 253 && host.find('.') != std::string::npos &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return is_lower(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
         });
}

bool is_id(const std::string& id) {
  return !id.empty() && id.size() <= 64 && id.front() != '-' && id.back() != '-' &&
         std::all_of(id.begin(), id.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
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
  return write_whole(path, text);
}

constexpr std::string_view kAccepted = "Accepted from the candidates by ";

// A line that tells whether the text was changed since.
std::string seal_of(std::string_view text) {
  constexpr std::size_t kDigits = 16;
  Sha256 sum;
  sum.start();
  sum.add({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  const std::array<char, 64> digits = to_hex(sum.finish());
  return "# Removed when the decision is taken back, unless it was changed since: " +
         std::string{digits.data(), kDigits} + "\n";
}

std::string text_of(const LocalApp& app) {
  const std::string first = "# " + report::printable(app.comment) + "\n";
  std::string text;
  if (!app.vendor.empty()) text += "vendor: " + in_quotes(app.vendor) + "\n";
  text += "apps:\n  - id: " + app.id + "\n    name: " + in_quotes(app.name) +
          "\n    category: " + app.category + "\n    interfaces: [web]\n    domains: [" +
          in_quotes(app.host) + "]\n";
  return first + seal_of(first + text) + text;
}

}  // namespace

std::string accepted_by(const std::string& actor, Time now, const std::string& reason) {
  return std::string{kAccepted} + actor + " on " + report::day_text(now) +
         (reason.empty() ? "." : ": " + reason);
}

Result<fs::path> write_local_app(const identify::SignatureFolders& folders, const LocalApp& app) {
  if (!is_host_name(app.host))
    return Error{"'" + app.host + "' is no host name: it cannot become a signature"};
  if (!is_id(app.id))
    return Error{"id '" + app.id + "' must be small letters, digits and hyphens"};
  if (!is_id(app.category)) return Error{"category '" + app.category + "' is no word"};
  if (folders.local.empty()) return Error{"no folder of local signatures is named"};
  // One of the same id would take the place of the whole app.
  if (const auto before = identify::Catalogue::load(folders, nullptr);
      before && std::any_of(before->apps().begin(), before->apps().end(),
                            [&](const identify::App& known) { return known.id == app.id; }))
    return Error{"there is an app '" + app.id + "' already: name another id"};
  const fs::path path = folders.local / (app.id + ".yaml");
  if (auto failed = write_new(path, text_of(app))) return *failed;
  // Not to be found out at the next replay, which it would stop.
  std::vector<identify::Problem> problems;
  if (const auto catalogue = identify::Catalogue::load(folders, &problems); !catalogue) {
    std::error_code ignored;
    fs::remove(path, ignored);
    return Error{"the signatures would not agree any more, " + path.string() +
                 " was not written: " +
                 (problems.empty() ? catalogue.error().message : problems.front().to_string())};
  }
  return path;
}

WithdrawnApp withdraw_local_app(const identify::SignatureFolders& folders, const std::string& id) {
  if (folders.local.empty() || !is_id(id)) return {};
  const fs::path path = folders.local / (id + ".yaml");
  std::error_code failed;
  if (!fs::exists(path, failed)) return {};
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  const std::size_t seal = text.find('\n') + 1;  // 0 where there is no line
  const std::size_t rest = text.find('\n', seal) + 1;
  const std::string line = rest > seal ? text.substr(seal, rest - seal) : std::string{};
  if (rest > seal) text.erase(seal, rest - seal);
  const bool as_written = text.starts_with("# " + std::string{kAccepted}) && line == seal_of(text);
  return {path, as_written && fs::remove(path, failed)};
}

std::string withdrawn_text(const WithdrawnApp& app, const std::string& id) {
  if (app.removed) return "Removed: " + app.path.string() + ".";
  const std::string stays = "The app '" + id + "' that it became stays known: ";
  if (app.path.empty()) return stays + "no file of it was found to remove.";
  return stays + app.path.string() + " may have been changed by hand, and is kept.";
}

}  // namespace gnomon::cli
