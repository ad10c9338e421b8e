#include "day_judge.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "gnomon/observation/coverage.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

using observation::grouped;
using Rule = AnomalyRules::Rule;

constexpr std::int64_t kHoursPerDay = 24;

std::string text_of(Day day) { return to_text_time(Time{std::chrono::days{day}}).substr(0, 10); }

// The past of a day: values of the days before it on which there were any.
struct Past {
  std::vector<std::uint64_t> values;  // sorted
  std::uint64_t observed = 0;         // days with any AI traffic at all

  [[nodiscard]] std::uint64_t most() const { return values.empty() ? 0 : values.back(); }
  [[nodiscard]] std::uint64_t median() const {
    return values.empty() ? 0 : values[values.size() / 2];
  }
};

class Judge {
 public:
  Judge(const AnomalyRules& rules, const DayClock& clock, Day from, Day until)
      : rules_(rules), clock_(clock), from_(from), until_(until) {}

  // What is read at most, whatever the clock.
  [[nodiscard]] std::int64_t earliest_hour() const {
    return (from_ - static_cast<Day>(rules_.days) - 1) * kHoursPerDay;
  }
  [[nodiscard]] std::int64_t latest_hour() const { return (until_ + 2) * kHoursPerDay; }

  std::optional<Error> judge_apps(Database& database, const std::set<std::string>* apps) {
    if (auto failed = read_observed(database)) return failed;
    auto reader = AppDaysReader::prepare(database, clock_, earliest_hour(), latest_hour());
    if (!reader) return reader.error();
    std::set<std::string> all;
    if (apps == nullptr) {
      auto query = database.prepare("SELECT id FROM app");
      if (!query) return query.error();
      while (query->step()) all.insert(query->text(0));
      if (!query->ok()) return database.error();
    }
    for (const std::string& app : apps == nullptr ? all : *apps) {
      if (!reader->read_days(app, subjects_)) return database.error();
      if (!is_active()) continue;
      if (!reader->read_first_use(app, first_use_)) return database.error();
      judge_subjects();
    }
    return std::nullopt;
  }

  // Servers and their clients, one after the other.
  std::optional<Error> judge_servers(Database& database) {
    auto calls = database.prepare(
        "SELECT c.server, c.client, c.hour, sum(c.calls), sum(c.tokens), max(c.proof_weight), "
        "c.proof_time_ns FROM call_hour c JOIN capture_run r ON r.id = c.run "
        "AND r.state = 'finished' WHERE c.hour BETWEEN ? AND ? GROUP BY c.server, c.client, "
        "c.hour ORDER BY c.server, c.client");
    if (!calls) return calls.error();
    calls->bind(1, earliest_hour()).bind(2, latest_hour());
    std::string server, client;
    ServerDays days;
    const auto judge = [&] {
      for (auto at = days.lower_bound(from_); at != days.end() && at->first <= until_; ++at)
        judge_server(server, client, days, at->first, at->second);
      days.clear();
    };
    while (calls->step()) {
      if (calls->text(0) != server || calls->text(1) != client) {
        judge();
        server = calls->text(0);
        client = calls->text(1);
      }
      const Day day = clock_.day_of_hour(calls->integer(2));
      ServerDay& at = days[day];
      if (calls->number(5) > at.minute_calls) {
        at.minute_calls = calls->number(5);
        at.minute = calls->time(6);
      }
      if (calls->number(4) > at.hour_tokens) {
        at.hour_tokens = calls->number(4);
        at.hour = time_of_hour(calls->integer(2));
        at.hour_calls = calls->number(3);
      }
    }
    judge();
    return calls->ok() ? std::nullopt : std::optional{database.error()};
  }

  std::vector<Alert> take_alerts() {
    drop_explained();
    std::sort(alerts_.begin(), alerts_.end(), [](const Alert& a, const Alert& b) {
      return std::tie(a.time, a.signature_id, a.app, a.client, a.server) <
             std::tie(b.time, b.signature_id, b.app, b.client, b.server);
    });
    return std::move(alerts_);
  }

 private:
  struct ServerDay {
    std::uint64_t minute_calls = 0, hour_tokens = 0, hour_calls = 0;
    Time minute, hour;
  };
  using ServerDays = std::map<Day, ServerDay>;
  using Numbers = std::vector<std::pair<std::string, std::string>>;

  // Days with any AI traffic.
  std::optional<Error> read_observed(Database& database) {
    auto query =
        database.prepare("SELECT DISTINCT hour FROM hour_total WHERE hour BETWEEN ? AND ?");
    if (!query) return query.error();
    query->bind(1, earliest_hour()).bind(2, latest_hour());
    while (query->step()) observed_.insert(clock_.day_of_hour(query->integer(0)));
    return query->ok() ? std::nullopt : std::optional{database.error()};
  }

  // On any of the days that are judged: all of the past of all apps would be much to read.
  [[nodiscard]] bool is_active() const {
    return std::any_of(subjects_.begin(), subjects_.end(), [&](const auto& each) {
      const auto at = each.second.lower_bound(from_);
      return at != each.second.end() && at->first <= until_;
    });
  }

  void judge_subjects() {
    for (const auto& [subject, days] : subjects_) {
      for (auto at = days.lower_bound(from_); at != days.end() && at->first <= until_; ++at) {
        const Past all = past(days, at->first, [](const DaySums& sums) { return sums.flows; });
        if (all.observed < rules_.days_min) continue;
        const Day day = at->first;
        const DaySums& sums = at->second;
        const auto first = first_use_.find(subject);
        if (first == first_use_.end() || first->second > day) continue;  // no use yet
        if (first->second == day) {
          judge_first(subject, day, sums, all.observed);
          continue;
        }
        judge_growth(AlertKind::kVolumeGrowth, subject, days, day, &DaySums::bytes);
        judge_growth(AlertKind::kUploadGrowth, subject, days, day, &DaySums::upload_bytes);
        judge_off_hours(subject, days, day, sums);
      }
    }
  }

  template <class Values, class ValueOf>
  [[nodiscard]] Past past(const Values& days, Day day, ValueOf value_of) const {
    Past past;
    const Day begin = day - static_cast<Day>(rules_.days);
    past.observed = static_cast<std::uint64_t>(
        std::distance(observed_.lower_bound(begin), observed_.lower_bound(day)));
    for (auto at = days.lower_bound(begin); at != days.end() && at->first < day; ++at)
      if (const std::uint64_t value = value_of(at->second); value > 0) past.values.push_back(value);
    std::sort(past.values.begin(), past.values.end());
    return past;
  }

  void tell(AlertKind kind, const Subject& subject, const std::string& server, Day day, Time time,
            std::string title, std::string explanation, Numbers numbers) {
    Alert alert;
    alert.kind = to_string(kind);
    alert.severity = rules_[kind].severity;
    alert.category = category_of(kind);
    alert.app = subject.app;
    alert.client = subject.client;
    alert.server = server;
    alert.time = time;
    alert.period = clock_.beginning_of(day);
    alert.signature_id = signature_id_of(kind);
    alert.title = std::move(title);
    alert.explanation = std::move(explanation);
    alert.numbers = std::move(numbers);
    alerts_.push_back(std::move(alert));
  }

  void judge_first(const Subject& subject, Day day, const DaySums& sums, std::uint64_t observed) {
    const bool all = subject.client.empty();
    const AlertKind kind = all ? AlertKind::kNewApp : AlertKind::kNewClient;
    const Rule& rule = rules_[kind];
    // On an app's first day every client of it is new: the app is told.
    if (!all && first_use_.at({subject.app, ""}) == day) return;
    if (!rule.enabled || sums.sessions < rule.least || sums.sessions == 0) return;
    tell(kind, subject, "", day, time_of_hour(sums.first_hour),
         all ? "New app in use: " + subject.app
             : "New client of " + subject.app + ": " + subject.client,
         (all ? subject.app + " was first used on " + text_of(day)
              : subject.client + " first used " + subject.app + " on " + text_of(day)) +
             " (" + grouped(sums.sessions) + (sums.sessions == 1 ? " session, " : " sessions, ") +
             grouped(sums.bytes) + " bytes). AI traffic was seen on " + grouped(observed) +
             " of the " + grouped(rules_.days) + " days before, at least " +
             grouped(rules_.days_min) + " are needed, and this was not among it.",
         {{"sessions", std::to_string(sums.sessions)},
          {"bytes", std::to_string(sums.bytes)},
          {"days_observed", std::to_string(observed)},
          {"days_needed", std::to_string(rules_.days_min)}});
  }

  void judge_growth(AlertKind kind, const Subject& subject, const Days& days, Day day,
                    std::uint64_t DaySums::*member) {
    const Rule& rule = rules_[kind];
    const DaySums& sums = days.at(day);
    const std::uint64_t value = sums.*member;
    if (!rule.enabled || value < rule.least || value == 0) return;
    const Past before = past(days, day, [&](const DaySums& each) { return each.*member; });
    if (before.values.size() < rule.active_days_min) return;
    const bool unusual = value > before.most() && value / std::max<std::uint64_t>(rule.factor, 1) >=
                                                      std::max<std::uint64_t>(before.median(), 1);
    if (!unusual && (rule.always == 0 || value < rule.always)) return;
    const std::string what =
        kind == AlertKind::kVolumeGrowth ? "bytes exchanged" : "bytes uploaded";
    const std::string who = subject.client.empty() ? "by all clients" : "by " + subject.client;
    tell(kind, subject, "", day, time_of_hour(sums.first_hour),
         (kind == AlertKind::kVolumeGrowth ? "Far more traffic with " : "Far more uploaded to ") +
             subject.app + (subject.client.empty() ? "" : ": " + subject.client),
         grouped(value) + what + subject.app + " " + who + " on " + text_of(day) + ". On the " +
             grouped(before.values.size()) + " days with any among the " + grouped(rules_.days) +
             " before, the median was " + grouped(before.median()) + " and the most " +
             grouped(before.most()) + ". Told from " + grouped(rule.factor) +
             " times the median and " + grouped(rule.least) + " bytes on.",
         {{"bytes", std::to_string(value)},
          {"median", std::to_string(before.median())},
          {"most", std::to_string(before.most())},
          {"days", std::to_string(before.values.size())},
          {"factor", std::to_string(rule.factor)},
          {"least", std::to_string(rule.least)}});
  }

  void judge_off_hours(const Subject& subject, const Days& days, Day day, const DaySums& sums) {
    const Rule& rule = rules_[AlertKind::kOffHours];
    if (!rule.enabled || sums.off_flows < rule.least || sums.off_flows == 0) return;
    std::uint64_t flows = 0, off = 0, active = 0;
    for (auto at = days.lower_bound(day - static_cast<Day>(rules_.days));
         at != days.end() && at->first < day; ++at) {
      flows += at->second.flows;
      off += at->second.off_flows;
      ++active;
    }
    if (active < rule.active_days_min || flows == 0) return;
    const std::uint64_t usual = off * 100 / flows;
    if (usual > rule.usual_percent_max) return;
    tell(AlertKind::kOffHours, subject, "", day, time_of_hour(sums.first_hour),
         subject.app + " used outside working hours" +
             (subject.client.empty() ? "" : " by " + subject.client),
         grouped(sums.off_flows) + " of " + grouped(sums.flows) + " connections with " +
             subject.app + (subject.client.empty() ? "" : " by " + subject.client) + " on " +
             text_of(day) + " were outside working hours (" + std::to_string(clock_.hours.from) +
             " to " + std::to_string(clock_.hours.to) + " o'clock" +
             (clock_.hours.weekends ? "" : ", no weekends") + "); on " + grouped(active) +
             " days before it were " + std::to_string(usual) + " %. Told from " +
             grouped(rule.least) + " connections on, where at most " +
             std::to_string(rule.usual_percent_max) + " % were usual.",
         {{"connections_off_hours", std::to_string(sums.off_flows)},
          {"connections", std::to_string(sums.flows)},
          {"usual_percent", std::to_string(usual)},
          {"days", std::to_string(active)},
          {"least", std::to_string(rule.least)}});
  }

  void judge_server(const std::string& server, const std::string& client, const ServerDays& days,
                    Day day, const ServerDay& now) {
    const std::string who = client.empty() ? "all clients together" : client;
    judge_rate(AlertKind::kRequestBurst, server, client, days, day, &ServerDay::minute_calls,
               now.minute,
               "Burst of requests to " + server + (client.empty() ? "" : " by " + client),
               " calls within one minute by " + who + " to the self-hosted server " + server +
                   " at " + to_text_time(now.minute) + " UTC");
    judge_rate(AlertKind::kTokenBurst, server, client, days, day, &ServerDay::hour_tokens, now.hour,
               "Many tokens taken from " + server + (client.empty() ? "" : " by " + client),
               " tokens in " + grouped(now.hour_calls) + " calls within one hour by " + who +
                   " at the self-hosted server " + server + " from " + to_text_time(now.hour) +
                   " UTC");
  }

  void judge_rate(AlertKind kind, const std::string& server, const std::string& client,
                  const ServerDays& days, Day day, std::uint64_t ServerDay::*member, Time time,
                  std::string title, const std::string& what) {
    const Rule& rule = rules_[kind];
    const std::uint64_t value = days.at(day).*member;
    if (!rule.enabled || value < rule.least || value == 0) return;
    const Past before = past(days, day, [&](const ServerDay& each) { return each.*member; });
    const bool unusual = before.values.size() >= std::max<std::uint64_t>(rule.active_days_min, 1) &&
                         value > before.most() &&
                         value / std::max<std::uint64_t>(rule.factor, 1) >= before.median();
    const bool too_many = rule.always > 0 && value >= rule.always;
    if (!unusual && !too_many) return;
    std::string explanation = grouped(value) + what + ". ";
    if (too_many) explanation += "Told from " + grouped(rule.always) + " on, whatever is usual.";
    if (!too_many)
      explanation += "On " + grouped(before.values.size()) +
                     " days before, the median of the busiest was " + grouped(before.median()) +
                     " and the most " + grouped(before.most()) + ". Told from " +
                     grouped(rule.factor) + " times the median and " + grouped(rule.least) + " on.";
    tell(kind, {"", client}, server, day, time, std::move(title), std::move(explanation),
         {{kind == AlertKind::kRequestBurst ? "calls_per_minute" : "tokens_per_hour",
           std::to_string(value)},
          {"median", std::to_string(before.median())},
          {"most", std::to_string(before.most())},
          {"days", std::to_string(before.values.size())},
          {"factor", std::to_string(rule.factor)},
          {"least", std::to_string(rule.least)},
          {"always", std::to_string(rule.always)}});
  }

  // What is told of a client is not told of all clients as well.
  void drop_explained() {
    std::set<std::tuple<std::string, std::string, std::string, Time>> of_clients;
    for (const Alert& alert : alerts_)
      if (!alert.client.empty())
        of_clients.emplace(alert.kind, alert.app, alert.server, alert.period);
    std::erase_if(alerts_, [&](const Alert& alert) {
      return alert.client.empty() &&
             of_clients.contains({alert.kind, alert.app, alert.server, alert.period});
    });
  }

  const AnomalyRules& rules_;
  const DayClock clock_;
  Day from_;
  Day until_;
  std::set<Day> observed_;
  std::map<Subject, Days> subjects_;  // of the app at hand
  std::map<Subject, Day> first_use_;  // as well
  std::vector<Alert> alerts_;
};

}  // namespace

Result<std::vector<Alert>> judge_days(Database& database, const AnomalyRules& rules,
                                      const DayClock& clock, Day from, Day until,
                                      const std::set<std::string>* apps) {
  Judge judge{rules, clock, from, until};
  if (auto failed = judge.judge_apps(database, apps)) return *failed;
  if (auto failed = judge.judge_servers(database)) return *failed;
  return judge.take_alerts();
}

}  // namespace gnomon::inventory
