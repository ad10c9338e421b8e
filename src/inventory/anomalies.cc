#include "anomalies.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "gnomon/observation/coverage.h"
#include "rows.h"
#include "some_apps.h"

namespace gnomon::inventory {
namespace {

using observation::grouped;
using Day = std::int64_t;  // since 1970, by the rubric's clock
using Rule = AnomalyRules::Rule;

constexpr std::int64_t kHoursPerDay = 24;
constexpr std::int64_t kMinutesPerHour = 60;
constexpr std::int64_t kMinutesPerDay = kHoursPerDay * kMinutesPerHour;

std::int64_t floored(std::int64_t number, std::int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}

struct Clock {
  const WorkingHours& hours;

  [[nodiscard]] Day day_of_hour(std::int64_t hour) const {
    return floored(hour * kMinutesPerHour + hours.utc_offset_minutes, kMinutesPerDay);
  }
  [[nodiscard]] Day day_of(Time time) const {
    return day_of_hour(std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count());
  }
  [[nodiscard]] Time beginning_of(Day day) const {
    return Time{std::chrono::minutes{day * kMinutesPerDay - hours.utc_offset_minutes}};
  }
};

Time time_of_hour(std::int64_t hour) { return Time{std::chrono::hours{hour}}; }

std::string text_of(Day day) { return to_text_time(Time{std::chrono::days{day}}).substr(0, 10); }

struct DaySums {
  std::uint64_t sessions = 0, flows = 0, off_flows = 0, bytes = 0, upload_bytes = 0;
  std::int64_t first_hour = 0;  // with traffic
};
struct Subject {
  std::string app;
  std::string client;  // empty: all of them
  auto operator<=>(const Subject&) const = default;
};
using Days = std::map<Day, DaySums>;

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
  Judge(const AnomalyRules& rules, const WorkingHours& hours, Day from, Day until,
        const std::set<std::string>* apps)
      : rules_(rules), clock_{hours}, from_(from), until_(until), apps_(apps) {}

  std::optional<Error> read(Database& database) {
    const std::int64_t earliest =
        (from_ - static_cast<Day>(rules_.days) - 1) * kHoursPerDay;  // whatever the clock
    const std::int64_t latest = (until_ + 2) * kHoursPerDay;
    if (auto failed = read_observed(database, earliest, latest)) return failed;
    const SomeApps some{apps_};
    auto query = database.prepare(
        "SELECT app, client, hour, sum(sessions), sum(flows), "
        "sum(bytes_to_server + bytes_to_client), sum(upload_bytes) FROM v_app_hours " +
        some.where("app") + (apps_ == nullptr ? " WHERE" : " AND") + " hour BETWEEN " +
        std::to_string(earliest) + " AND " + std::to_string(latest) +
        " GROUP BY app, client, hour ORDER BY app, client, hour");
    if (!query) return query.error();
    some.bind(*query);
    while (query->step()) {
      const std::int64_t hour = query->integer(2);
      const Day day = clock_.day_of_hour(hour);
      const std::string app = query->text(0);
      const std::string client = query->text(1);
      observed_.insert(day);
      const bool off = !clock_.hours.contains(time_of_hour(hour));
      // Those beyond the recorder's limit, client '', are in the sum alone.
      std::vector<Subject> subjects{{app, ""}};
      if (!client.empty()) subjects.push_back({app, client});
      for (const Subject& subject : subjects) {
        auto [at, is_new] = subjects_[subject].try_emplace(day);
        DaySums& sums = at->second;
        sums.sessions += query->number(3);
        sums.flows += query->number(4);
        sums.off_flows += off ? query->number(4) : 0;
        sums.bytes += query->number(5);
        sums.upload_bytes += query->number(6);
        sums.first_hour = is_new ? hour : std::min(sums.first_hour, hour);
      }
    }
    if (!query->ok()) return database.error();

    // Since when, of the apps that are judged: all of the past of all apps would be much to read.
    auto first = database.prepare(
        "SELECT client, min(hour) FROM v_app_hours WHERE app = ? AND sessions > 0 GROUP BY client");
    if (!first) return first.error();
    std::set<std::string> judged;
    for (const auto& [subject, days] : subjects_)
      if (const auto at = days.lower_bound(from_); at != days.end() && at->first <= until_)
        judged.insert(subject.app);
    for (const std::string& app : judged) {
      first->bind(1, app);
      while (first->step()) {
        const Day day = clock_.day_of_hour(first->integer(1));
        first_use_.insert_or_assign(Subject{app, first->text(0)}, day);
        const auto [of_app, is_new] = first_use_.try_emplace({app, ""}, day);
        if (!is_new) of_app->second = std::min(of_app->second, day);
      }
      if (!first->ok()) return database.error();
      first->reset();
    }

    auto calls = database.prepare(
        "SELECT c.server, c.client, c.hour, sum(c.calls), sum(c.tokens), max(c.proof_weight), "
        "c.proof_time_ns FROM call_hour c JOIN capture_run r ON r.id = c.run "
        "AND r.state = 'finished' WHERE c.hour BETWEEN ? AND ? GROUP BY c.server, c.client, "
        "c.hour");
    if (!calls) return calls.error();
    calls->bind(1, earliest).bind(2, latest);
    while (calls->step()) {
      const Day day = clock_.day_of_hour(calls->integer(2));
      ServerDay& at = servers_[{calls->text(0), calls->text(1)}][day];
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
    return calls->ok() ? std::nullopt : std::optional{database.error()};
  }

  std::vector<Alert> judge() {
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
    for (const auto& [key, days] : servers_)
      for (auto at = days.lower_bound(from_); at != days.end() && at->first <= until_; ++at)
        judge_server(key.first, key.second, days, at->first, at->second);
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
  using Numbers = std::vector<std::pair<std::string, std::string>>;

  // Days with any AI traffic, where not all of it is read.
  std::optional<Error> read_observed(Database& database, std::int64_t earliest,
                                     std::int64_t latest) {
    if (apps_ == nullptr) return std::nullopt;
    auto query =
        database.prepare("SELECT DISTINCT hour FROM hour_total WHERE hour BETWEEN ? AND ?");
    if (!query) return query.error();
    query->bind(1, earliest).bind(2, latest);
    while (query->step()) observed_.insert(clock_.day_of_hour(query->integer(0)));
    return query->ok() ? std::nullopt : std::optional{database.error()};
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

  void judge_server(const std::string& server, const std::string& client,
                    const std::map<Day, ServerDay>& days, Day day, const ServerDay& now) {
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
                  const std::map<Day, ServerDay>& days, Day day, std::uint64_t ServerDay::*member,
                  Time time, std::string title, const std::string& what) {
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
  Clock clock_;
  Day from_;
  Day until_;
  const std::set<std::string>* apps_;  // those that are judged; null: all
  std::set<Day> observed_;
  std::map<Subject, Days> subjects_;
  std::map<Subject, Day> first_use_;
  std::map<std::pair<std::string, std::string>, std::map<Day, ServerDay>> servers_;
  std::vector<Alert> alerts_;
};

using AlertKey = std::tuple<std::string, std::string, std::string, std::string, std::int64_t>;

AlertKey key_of(const Alert& alert) {
  return {alert.kind, alert.app, alert.client, alert.server,
          alert.period.time_since_epoch().count()};
}

}  // namespace

Result<DayChanges> find_day_changes(Database& database, const AnomalyRules& rules,
                                    const WorkingHours& hours, Time first, Time last,
                                    const std::set<std::string>* apps) {
  const Clock clock{hours};
  const Day from = clock.day_of(first);
  const Day until = clock.day_of(last);
  Judge judge{rules, hours, from, until, apps};
  if (auto failed = judge.read(database)) return *failed;
  std::vector<Alert> alerts = judge.judge();

  std::set<AlertKey> found;
  for (const Alert& alert : alerts) found.insert(key_of(alert));
  DayChanges changes;
  std::set<AlertKey> stored;
  auto query = database.prepare(
      "SELECT kind, app, client, server, period_ns FROM alert "
      "WHERE is_policy = 0 AND period_ns BETWEEN ? AND ? AND kind NOT LIKE ?");
  if (!query) return query.error();
  query->bind(1, clock.beginning_of(from)).bind(2, clock.beginning_of(until));
  const std::string sensor_alerts = std::string{kSensorAlerts} + "%";
  query->bind(3, sensor_alerts);
  while (query->step()) {
    Alert alert;
    alert.kind = query->text(0);
    alert.app = query->text(1);
    alert.client = query->text(2);
    alert.server = query->text(3);
    alert.period = query->time(4);
    const auto [at, is_new] = stored.insert(key_of(alert));
    // Of servers all are judged, of apps perhaps not.
    const bool judged = apps == nullptr || alert.app.empty() || apps->contains(alert.app);
    if (is_new && judged && !found.contains(*at)) changes.gone.push_back(std::move(alert));
  }
  if (!query->ok()) return database.error();
  for (Alert& alert : alerts)
    if (!stored.contains(key_of(alert))) changes.told.push_back(std::move(alert));
  return changes;
}

Result<std::vector<Alert>> judge_days(Database& database, const AnomalyRules& rules,
                                      const WorkingHours& hours, Time first, Time last,
                                      std::int64_t run) {
  auto changes = find_day_changes(database, rules, hours, first, last, nullptr);
  if (!changes) return changes.error();
  if (auto failed = store_day_changes(database, *changes, run)) return *failed;
  return std::move(changes->told);
}

}  // namespace gnomon::inventory
