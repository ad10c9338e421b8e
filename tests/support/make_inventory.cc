// Makes a large inventory, as an organisation's after some months, to measure and look at pages and
// reports with: by default 2,000 apps, 50,000 clients and 5 million hourly rows of 12 weeks in 12
// runs, with findings, servers, candidates, alerts, decisions and groups. The same arguments make
// the same file.
//
//   cmake --build --preset release --target make_inventory
//   build/release/tests/make_inventory FILE.db [--apps N] [--clients N] [--hours N]
//   build/release/tests/make_inventory --time FILE.db     # how long each page's query takes
//
// It takes about a minute and 700 MB; --hours 50000 --clients 500 --apps 200 makes a small one at
// once. Nothing in it is of a real network; hostile names are among it (formulas, markup, quotes,
// right-to-left marks, control characters).

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "anomalies.h"
#include "database.h"
#include "gnomon/inventory/decisions.h"
#include "gnomon/inventory/groups.h"
#include "gnomon/inventory/pages.h"
#include "memberships.h"
#include "ratings.h"
#include "totals.h"

using namespace gnomon;
using namespace gnomon::inventory;

namespace {

constexpr std::int64_t kRuns = 12;
constexpr std::int64_t kFirstHour = 490'896;  // 2026-01-01
constexpr std::int64_t kWeekHours = 168;
constexpr std::int64_t kHourNs = 3'600'000'000'000;

struct Sizes {
  std::uint64_t apps = 2'000;
  std::uint64_t clients = 50'000;
  std::uint64_t hours = 5'000'000;
};

// splitmix64: the same numbers everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t end) { return end == 0 ? 0 : next() % end; }

 private:
  std::uint64_t state_;
};

constexpr std::string_view kCategories[] = {
    "chat-assistant",    "llm-api",          "coding-assistant",
    "writing",           "image-generation", "translation",
    "meeting-assistant", "search",           "agent",
    "audio-voice",       "data-analysis",    "other"};
constexpr std::string_view kUsages[] = {"web-chat", "api", "coding-assistant", "embedded", ""};
constexpr std::string_view kKinds[] = {"browser", "browser", "sdk", "cli", "desktop", "unknown"};
constexpr std::string_view kCountries[] = {"US", "DE", "CN", "FR", "GB", "JP", ""};
constexpr std::string_view kDetectors[] = {"aws-access-key",       "iban",
                                           "email-address",        "credit-card",
                                           "confidential-marking", "prompt-injection"};
constexpr std::string_view kFindingCategories[] = {"secret", "financial", "pii",
                                                   "financial", "confidential", "prompt-attack"};
constexpr std::string_view kSeverities[] = {"critical", "high", "low", "high", "medium", "high"};
constexpr std::string_view kHostile[] = {"<script>alert(1)</script>",
                                         "=HYPERLINK(\"http://x.example\")",
                                         "\"quoted\" 'name'",
                                         "+1+cmd|' /C calc'!A0",
                                         "-2+3",
                                         "@SUM(A1)",
                                         "evil\xe2\x80\xae"
                                         "txt.exe",
                                         "bell\x07 and \x1b[31mred",
                                         "not utf-8 \xff\xfe"};

std::string numbered(std::string_view word, std::uint64_t number, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*s%0*llu", static_cast<int>(word.size()), word.data(), digits,
                static_cast<unsigned long long>(number));
  return text;
}

std::string app_id(std::uint64_t app) { return numbered("app-", app, 4); }
std::string client_of(std::uint64_t client) {
  return "10." + std::to_string(client / 65'536) + "." + std::to_string(client / 256 % 256) + "." +
         std::to_string(client % 256);
}

class Maker {
 public:
  Maker(Database& database, const Sizes& sizes) : database_(database), sizes_(sizes) {}

  bool make(const std::string& rubric) {
    if (!run("BEGIN")) return false;
    const bool made = make_runs(rubric) && make_apps() && make_use() && make_names() &&
                      make_findings() && make_servers() && make_hosts() && make_alerts();
    return made && run("COMMIT");
  }

 private:
  bool run(const char* sql) {
    const auto failed = database_.run(sql);
    if (failed) std::fprintf(stderr, "%s\n", failed->message.c_str());
    return !failed;
  }
  Statement prepare(std::string_view sql) {
    auto statement = database_.prepare(sql);
    if (!statement) {
      std::fprintf(stderr, "%s\n", statement.error().message.c_str());
      std::exit(1);
    }
    return std::move(*statement);
  }

  bool make_runs(const std::string& rubric) {
    auto insert = prepare("INSERT INTO capture_run VALUES (?, 'finished', '', ?, ?, ?)");
    auto input = prepare("INSERT INTO run_input VALUES (?, 0, ?, ?, 1000000000, '')");
    auto coverage = prepare("INSERT INTO run_coverage VALUES (?, ?, ?)");
    for (std::int64_t i = 0; i < kRuns; ++i) {
      const std::int64_t from = (kFirstHour + i * kWeekHours) * kHourNs;
      const std::int64_t until = (kFirstHour + (i + 1) * kWeekHours) * kHourNs - 1;
      if (!insert.bind_all(i + 1, from, until, until).run()) return false;
      const std::string path = numbered("week-", static_cast<std::uint64_t>(i), 2) + ".pcap";
      if (!input.bind_all(i + 1, path, path).run()) return false;
      for (const auto& [name, value] :
           {std::pair<std::string_view, std::int64_t>{"flows", 20'000'000},
            {"flows_tls", 15'000'000},
            {"flows_named", 14'000'000},
            {"flows_ech_real", 250'000}})
        if (!coverage.bind_all(i + 1, name, value).run()) return false;
    }
    auto store = prepare("INSERT INTO risk_rubric VALUES (1, ?, '')");
    return store.bind(1, rubric).run();
  }

  bool make_apps() {
    auto insert = prepare("INSERT INTO app VALUES (?,?,?,?,?)");
    auto attribute = prepare("INSERT INTO app_attribute VALUES (?,?,?)");
    for (std::uint64_t i = 0; i < sizes_.apps; ++i) {
      const std::string id = app_id(i);
      std::string name = "Example AI " + std::to_string(i);
      if (i % 100 == 7) name = kHostile[i / 100 % std::size(kHostile)];
      const std::string vendor = i % 5 == 4 ? "" : "Vendor " + std::to_string(i / 3);
      if (!insert
               .bind_all(id, name, vendor, kCountries[i % std::size(kCountries)],
                         kCategories[i % std::size(kCategories)])
               .run())
        return false;
      const auto tell = [&](std::string_view key, std::string_view value) {
        return attribute.bind_all(id, key, value).run();
      };
      if (!tell("trains_on_customer_data_default", i % 3 == 0   ? "yes"
                                                   : i % 3 == 1 ? "no"
                                                                : "unknown") ||
          !tell("retention", i % 4 == 0   ? "30d"
                             : i % 4 == 1 ? "indefinite"
                                          : "unknown") ||
          !tell("soc2", i % 2 == 0 ? "yes" : "unknown") ||
          !tell("sso", i % 3 == 0 ? "no" : "yes") || !tell("gdpr_dpa", i % 4 == 0 ? "yes" : "no"))
        return false;
    }
    return true;
  }

  // Who uses what, in the order of the tables' keys: a few apps are used by very many.
  bool make_use() {
    auto sighting = prepare(
        "INSERT INTO sighting (app, run, client, host, role, port, protocol, app_proto, usage, "
        "client_kind, grade, first_seen_ns, last_seen_ns, flows, sessions, lookups, requests, "
        "upload_events, upload_bytes, bytes_to_server, bytes_to_client, proof_time_ns, "
        "proof_number, proof_flow_id, proof_frame, proof_file, proof_host_source, proof_why) "
        "VALUES (?,?,?,?,'web-ui',443,'tcp',?,?,?,?,?,?,?,?,0,0,?,?,?,?,?,?,?,?,?,'tls_sni',"
        "'bytes flowed both ways')");
    auto hour = prepare("INSERT INTO app_hour VALUES (?,?,?,?,?,?,?,?,?,?)");
    double weights = 0;
    for (std::uint64_t i = 0; i < sizes_.apps; ++i) weights += 1.0 / static_cast<double>(i + 3);
    const double pairs = static_cast<double>(sizes_.hours) / (kHoursOfPair * kRunsOfPair);
    std::uint64_t number = 0;
    for (std::uint64_t i = 0; i < sizes_.apps; ++i) {
      const std::string id = app_id(i);
      const double share = 1.0 / static_cast<double>(i + 3) / weights;
      const auto users = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(pairs * share), 1,
                                                   sizes_.clients * 7 / 10);
      // Hours that too few clients are left for are spread over those there are.
      const auto hours = static_cast<std::int64_t>(
          std::clamp(pairs * share * kHoursOfPair / static_cast<double>(users), 1.0, 60.0));
      std::vector<std::pair<std::string, std::uint64_t>> clients;
      const std::uint64_t step = std::max<std::uint64_t>(sizes_.clients / users, 1);
      for (std::uint64_t c = 0; c < users; ++c) {
        const std::uint64_t client = (c * step + i * 31) % sizes_.clients;
        clients.emplace_back(client_of(client), client);
      }
      std::sort(clients.begin(), clients.end());
      for (std::int64_t r = 0; r < kRuns; ++r) {
        for (const auto& [client, place] : clients) {
          Random random{i * 1'000'003 + place * 7919 + static_cast<std::uint64_t>(r)};
          if (random.below(kRuns) >= kRunsOfPair) continue;
          const std::int64_t first = kFirstHour + r * kWeekHours +
                                     static_cast<std::int64_t>(random.below(5)) * 24 +
                                     static_cast<std::int64_t>(7 + random.below(9));
          const std::string host = i % 50 == 13
                                       ? std::string{kHostile[i / 50 % std::size(kHostile)]}
                                       : (place % 3 == 0 ? "api." : "www.") + id + ".example";
          const std::uint64_t up = 2'000 + random.below(200'000);
          const std::uint64_t uploads = random.below(10) == 0 ? 1 + random.below(4) : 0;
          const std::uint64_t flows = static_cast<std::uint64_t>(hours) * 3;
          const std::string file = numbered("week-", static_cast<std::uint64_t>(r), 2) + ".pcap";
          ++number;
          const std::int64_t grade = i % 17 == 16 ? 1 : i % 5 == 0 ? 4 : 3;
          sighting.bind_all(id, r + 1, client, host,
                            std::string_view{i % 40 == 3  ? "http"
                                             : i % 3 == 0 ? "quic"
                                                          : "tls"},
                            kUsages[(i + place) % std::size(kUsages)],
                            kKinds[random.below(std::size(kKinds))], grade, first * kHourNs,
                            (first + hours) * kHourNs - 1, flows,
                            grade >= 3 ? flows : std::uint64_t{0}, uploads, uploads * 50'000, up,
                            up * 9, first * kHourNs, number, number * 7, number, file);
          if (!sighting.run()) return false;
          for (std::int64_t h = 0; h < hours; ++h) {
            const std::int64_t at = first + h % 9 + h / 9 * 24;
            if (at >= kFirstHour + (r + 1) * kWeekHours) break;
            const auto part = static_cast<std::uint64_t>(hours);
            hour.bind_all(id, r + 1, client, at, std::uint64_t{3},
                          grade >= 3 ? std::uint64_t{3} : std::uint64_t{0},
                          h == 0 ? uploads : std::uint64_t{0},
                          h == 0 ? uploads * 50'000 : std::uint64_t{0}, up / part, up * 9 / part);
            if (!hour.run()) return false;
          }
        }
      }
    }
    return true;
  }

  bool make_names() {
    auto insert = prepare("INSERT INTO client_name VALUES (?,1,'dhcp',?,?,?,?)");
    for (std::uint64_t c = 0; c < sizes_.clients; c += 2) {
      const std::string name = c % 5'000 == 0
                                   ? std::string{kHostile[c / 5'000 % std::size(kHostile)]}
                                   : numbered("laptop-", c, 5);
      char mac[24];
      std::snprintf(mac, sizeof mac, "02:00:00:%02x:%02x:%02x",
                    static_cast<unsigned>(c >> 16 & 255), static_cast<unsigned>(c >> 8 & 255),
                    static_cast<unsigned>(c & 255));
      if (!insert
               .bind_all(client_of(c), name, std::string_view{mac}, kFirstHour * kHourNs,
                         (kFirstHour + 20) * kHourNs)
               .run())
        return false;
    }
    return true;
  }

  bool make_findings() {
    auto insert = prepare(
        "INSERT OR IGNORE INTO finding (app, detector, category, severity, confidence, to_server, "
        "role, client, host, file_name, file_type, value_hash, run, bodies, count, "
        "partial_bodies, unique_count, sample, reference_ids, first_seen_ns, last_seen_ns, "
        "proof_weight, proof_time_ns, proof_number, proof_flow_id, proof_frame, proof_file) VALUES "
        "(?,?,?,?,'high',1,'user',?,?,?,?,?,?,1,?,0,1,?,'LLM02',?,?,1,?,?,?,"
        "?,?)");
    const std::uint64_t count = sizes_.hours / 250;
    for (std::uint64_t i = 0; i < count; ++i) {
      Random random{i + 77};
      const std::uint64_t app = random.below(std::min<std::uint64_t>(sizes_.apps, 300));
      const std::size_t kind = random.below(std::size(kDetectors));
      const auto run = static_cast<std::int64_t>(random.below(kRuns));
      const std::int64_t at =
          (kFirstHour + run * kWeekHours + static_cast<std::int64_t>(random.below(160))) * kHourNs;
      const std::string host = "www." + app_id(app) + ".example";
      const std::string file =
          i % 500 == 1 ? std::string{kHostile[i / 500 % std::size(kHostile)]} : "report.docx";
      const std::string pcap = numbered("week-", static_cast<std::uint64_t>(run), 2) + ".pcap";
      const std::string id = app_id(app);
      const std::string client = client_of(random.below(sizes_.clients));
      const std::string hash = numbered("", i, 16);
      insert.bind_all(id, kDetectors[kind], kFindingCategories[kind], kSeverities[kind], client,
                      host, file, std::string_view{"docx"}, hash, run + 1, 1 + random.below(9),
                      std::string_view{"AK**********LE"}, at, at, at, i, i * 7, i, pcap);
      if (!insert.run()) return false;
    }
    return true;
  }

  bool make_servers() {
    auto asset = prepare(
        "INSERT INTO asset VALUES (?,11434,'',?,'inference','0.5.1',1,50,0,50,0,50,'answers as "
        "ollama',?,?,1,?,1,1,1,'week-00.pcap')");
    auto exposure =
        prepare("INSERT INTO asset_exposure VALUES (?,11434,?,1,50,?,?,1,?,1,1,1,'week-00.pcap')");
    auto user = prepare(
        "INSERT INTO asset_client VALUES (?,11434,?,'10.0.0.0/8 private',1,5,?,?,1,?,1,1,1,"
        "'week-00.pcap')");
    auto model =
        prepare("INSERT INTO asset_model VALUES (?,11434,?,1,5,?,?,1,?,1,1,1,'week-00.pcap')");
    const std::int64_t at = kFirstHour * kHourNs;
    const std::uint64_t count = std::min<std::uint64_t>(sizes_.apps / 20 + 1, 100);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string address = "10.200.0." + std::to_string(i + 1);
      if (!asset.bind_all(address, std::string_view{i % 3 == 0 ? "vllm" : "ollama"}, at, at, at)
               .run() ||
          !exposure
               .bind_all(address,
                         std::string_view{i % 2 == 0 ? "unauthenticated" : "cleartext-prompt"}, at,
                         at, at)
               .run() ||
          !model.bind_all(address, std::string_view{"llama3:8b"}, at, at, at).run())
        return false;
      for (std::uint64_t c = 0; c < 20 && c < sizes_.clients; ++c)
        if (!user.bind_all(address, client_of((i * 37 + c) % sizes_.clients), at, at, at).run())
          return false;
    }
    return true;
  }

  bool make_hosts() {
    auto unknown = prepare(
        "INSERT INTO host_unknown (host, run, client, flows, sessions, bytes_to_server, "
        "bytes_to_client, first_seen_ns, last_seen_ns) VALUES (?,1,?,5,5,1000,?,?,?)");
    auto candidate = prepare("INSERT INTO candidate VALUES (?,1,9,?,?,?,?,1,1,1,'week-00.pcap')");
    auto reason = prepare(
        "INSERT INTO candidate_reason VALUES (?,'answers come in small pieces',1,9,?,?,1,?,1,1,1,"
        "'week-00.pcap')");
    auto client =
        prepare("INSERT INTO candidate_client VALUES (?,?,1,9,?,?,1,?,1,1,1,'week-00.pcap')");
    const std::int64_t at = kFirstHour * kHourNs;
    for (std::uint64_t i = 0; i < sizes_.apps * 5; ++i) {
      const std::string host = "host-" + std::to_string(i) + ".example.net";
      if (!unknown.bind_all(host, client_of(i % sizes_.clients), i * 1'000, at, at).run())
        return false;
      if (i % 30 != 0) continue;
      std::string name = "ai-" + host;
      if (const std::uint64_t at_hostile = i / 600; i % 600 == 0) {
        name = kHostile[at_hostile % std::size(kHostile)];
        if (at_hostile >= std::size(kHostile)) name += std::to_string(i);
      }
      if (!candidate
               .bind_all(name, std::int64_t{500'000 + static_cast<std::int64_t>(i % 499'000)}, at,
                         at, at)
               .run() ||
          !reason.bind_all(name, at, at, at).run() ||
          !client.bind_all(name, client_of(i % sizes_.clients), at, at, at).run())
        return false;
    }
    return true;
  }

  bool make_alerts() {
    auto insert = prepare(
        "INSERT INTO alert (id, kind, app, client, server, host, period_ns, run, time_ns, "
        "signature_id, severity, category, title, explanation, numbers, tags, is_policy, "
        "evidence_count) VALUES (?,?,?,?,'','',?,?,?,?,?,?,?,?,?,'',?,1)");
    for (std::uint64_t i = 0; i < sizes_.apps * 2; ++i) {
      Random random{i + 991};
      const auto run = static_cast<std::int64_t>(random.below(kRuns));
      Alert alert;
      alert.kind = i % 3 == 0 ? "new-app" : i % 3 == 1 ? "volume-growth" : "secrets-to-ai";
      alert.app = app_id(random.below(sizes_.apps));
      alert.client = i % 3 == 0 ? "" : client_of(i % sizes_.clients);
      const std::int64_t day =
          kFirstHour + run * kWeekHours + static_cast<std::int64_t>(i % 7) * 24;
      alert.period = Time{std::chrono::hours{day}};
      alert.id = id_of(alert);
      const std::string title = "Something about " + alert.app;
      insert.bind_all(alert.id, alert.kind, alert.app, alert.client, alert.period, run + 1,
                      Time{std::chrono::hours{day + 9}}, std::int64_t{9'100'001},
                      std::string_view{i % 4 == 0 ? "high" : "medium"},
                      std::string_view{"Shadow AI"}, title, std::string_view{"Made up."},
                      std::string_view{"bytes=1"}, std::int64_t{i % 3 == 2 ? 1 : 0});
      (void)insert.run();  // two of the same subject and day are one
    }
    return true;
  }

  static constexpr double kHoursOfPair = 6;
  static constexpr std::uint64_t kRunsOfPair = 2;

  Database& database_;
  Sizes sizes_;
};

bool decide(const std::filesystem::path& path, const Sizes& sizes) {
  const Time now{std::chrono::hours{kFirstHour + kRuns * kWeekHours}};
  for (int i = 0; i < 6; ++i) {
    ClientGroup group;
    group.id = std::vector<std::string>{
        "finance", "research", "sales", "support", "it", "board"}[static_cast<std::size_t>(i)];
    group.description = "Made up";
    group.members = {"10.0." + std::to_string(i * 32) + ".0/19"};
    auto stored = set_group(path, group, std::nullopt, "maker", now);
    if (!stored || !stored->problem.empty()) return false;
  }
  constexpr std::string_view kStatuses[] = {"sanctioned", "tolerated", "unsanctioned",
                                            "under-review"};
  std::vector<DecisionChange> changes;
  for (std::uint64_t i = 0; i < sizes.apps; i += 3) {
    DecisionChange change;
    change.scope.app = app_id(i);
    change.review.status = kStatuses[i / 3 % std::size(kStatuses)];
    change.review.owner = i % 99 == 0 ? "=1+1" : "Ada Example";
    change.review.department = "Research";
    change.review.review_date = i % 2 == 0 ? "2026-02-01" : "2027-01-01";
    change.review.reason = "Made up";
    changes.push_back(change);
    if (i % 30 == 0) {
      change.scope.usage = "upload";
      change.review.status = "unsanctioned";
      changes.push_back(change);
    }
  }
  auto stored = set_decisions(path, changes, "maker", now);
  return stored && stored->problems.empty();
}

// Every query of Pages on an inventory that is there: on a fresh connection, and once more.
int time_pages(const std::string& path) {
  auto pages = Pages::open(path);
  if (!pages) {
    std::fprintf(stderr, "%s\n", pages.error().message.c_str());
    return 1;
  }
  const auto took = [](auto&& query) {
    const auto began = std::chrono::steady_clock::now();
    const bool good = static_cast<bool>(query());
    const auto ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began);
    return good ? ms.count() : -1;
  };
  const auto tell = [&](const char* name, auto&& query) {
    const double first = took(query);
    const double second = took(query);
    std::printf("%-34s %8.1f ms, again %8.1f ms\n", name, first, second);
  };
  tell("app with the most clients", [&] { return pages->app_parts(app_id(0)); });
  tell("its hours", [&] { return pages->app_timeline(app_id(0)); });
  tell("app in the middle", [&] { return pages->app_parts(app_id(500)); });
  tell("apps of a client", [&] { return pages->apps_of_client(client_of(1)); });
  tell("open alerts, 100", [&] { return pages->alerts({.state = AlertState::kOpen}, {0, 100}); });
  tell("audit, 100", [&] { return pages->audit({}, {0, 100}); });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view{argv[1]} == "--time") return time_pages(argv[2]);
  Sizes sizes;
  std::string path;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word{argv[i]};
    std::uint64_t* number = word == "--apps"      ? &sizes.apps
                            : word == "--clients" ? &sizes.clients
                            : word == "--hours"   ? &sizes.hours
                                                  : nullptr;
    if (number != nullptr && i + 1 < argc) {
      *number = std::max<std::uint64_t>(std::strtoull(argv[++i], nullptr, 10), 1);
    } else if (path.empty() && !word.starts_with("-")) {
      path = word;
    } else {
      std::fprintf(stderr, "make_inventory FILE.db [--apps N] [--clients N] [--hours N]\n");
      return 1;
    }
  }
  std::ifstream file{std::string{GNOMON_SOURCE_DIR} + "/signatures/risk.yaml"};
  const std::string rubric{std::istreambuf_iterator<char>{file}, {}};
  if (path.empty() || rubric.empty() || std::filesystem::exists(path)) {
    std::fprintf(stderr, "make_inventory: give the path of a file that is not there yet\n");
    return 1;
  }
  auto database = Database::open(path, Access::kCreate);
  if (!database) {
    std::fprintf(stderr, "%s\n", database.error().message.c_str());
    return 1;
  }
  (void)database->run("PRAGMA synchronous = OFF");
  if (!Maker{*database, sizes}.make(rubric)) {
    std::fprintf(stderr, "%s\n", database->error().message.c_str());
    return 1;
  }
  std::fprintf(stderr, "observations are there; adding up\n");
  {
    Transaction transaction{*database};
    auto failed = refresh_totals(*database, 0, true);
    if (!failed) failed = record_ratings(*database);
    if (!failed) failed = transaction.commit();
    if (failed) {
      std::fprintf(stderr, "%s\n", failed->message.c_str());
      return 1;
    }
  }
  if (!decide(path, sizes)) {
    std::fprintf(stderr, "decisions could not be stored\n");
    return 1;
  }
  (void)database->run("PRAGMA wal_checkpoint(TRUNCATE)");
  return 0;
}
