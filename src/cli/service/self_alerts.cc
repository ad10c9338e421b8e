#include "self_alerts.h"

#include <array>

#include "gnomon/observation/coverage.h"

namespace gnomon::cli {
namespace {

struct Kind {
  const char* name;
  const char* severity;
  std::uint32_t signature_id;
  const char* title;
};
constexpr Kind kKinds[] = {
    {"sensor-loss", "high", 9100101, "Sensor: packets are lost"},
    {"sensor-stall", "high", 9100102, "Sensor: no packets come"},
    {"sensor-disk", "critical", 9100103, "Sensor: a disk is full, or nearly"},
    {"sensor-signatures", "low", 9100104, "Sensor: the signatures are old"},
};

std::string percent(std::uint64_t part, std::uint64_t whole) {
  const std::uint64_t hundredths = whole == 0 ? 0 : part * 10000 / whole;
  const std::uint64_t rest = hundredths % 100;
  return std::to_string(hundredths / 100) + (rest < 10 ? ".0" : ".") + std::to_string(rest);
}

}  // namespace

std::vector<SelfAlerts::Change> SelfAlerts::judge(const SelfFacts& facts, const Config& config) {
  std::array<std::string, kKinds> why;
  std::array<std::vector<std::pair<std::string, std::string>>, kKinds> numbers;
  const auto lost_share =
      facts.received == 0
          ? 0.0
          : 100.0 * static_cast<double>(facts.lost) / static_cast<double>(facts.received);
  if (facts.lost > 0 && config.loss_percent_max < 100 && lost_share > config.loss_percent_max) {
    why[0] = observation::grouped(facts.lost) + " of " + observation::grouped(facts.received) +
             " packets of an interval were lost (" + percent(facts.lost, facts.received) +
             " %): flows are missing or incomplete";
    numbers[0] = {{"lost", std::to_string(facts.lost)},
                  {"received", std::to_string(facts.received)}};
  }
  if (config.stall_max.count() > 0 && facts.silent >= config.stall_max) {
    why[1] = "no packet came for " + std::to_string(facts.silent.count()) +
             " seconds: look at the cable and at the mirror port";
    numbers[1] = {{"seconds", std::to_string(facts.silent.count())}};
  }
  std::array<const char*, kKinds> titles{};
  for (std::size_t i = 0; i < kKinds; ++i) titles[i] = cli::kKinds[i].title;
  // There are other reasons than a full disk: a lock, a mode.
  if (facts.write_failure || facts.events_failure)
    titles[2] = "Sensor: what it sees cannot be written";
  if (facts.write_failure) {
    why[2] = "the inventory cannot be written: " + *facts.write_failure;
  } else if (facts.events_failure) {
    why[2] = "events cannot be written: " + *facts.events_failure;
  } else if (facts.disk_free && *facts.disk_free < config.disk_free_min) {
    why[2] = std::to_string(*facts.disk_free >> 20) + " MiB are left on the disk of the inventory";
    numbers[2] = {{"bytes_free", std::to_string(*facts.disk_free)}};
  }
  if (facts.signatures_age && config.signatures_age_max.count() > 0 &&
      *facts.signatures_age > config.signatures_age_max) {
    const std::string days = std::to_string(facts.signatures_age->count() / 86400);
    why[3] = "the newest signature is " + days +
             " days old: apps that came up since are not known by name";
    numbers[3] = {{"days", days}};
  }

  std::vector<Change> changes;
  for (std::size_t i = 0; i < kKinds; ++i) {
    Condition& condition = conditions_[i];
    const Kind& kind = cli::kKinds[i];
    const bool wrong = !why[i].empty();
    Change change;
    change.alert.kind = kind.name;
    change.alert.severity = kind.severity;
    change.alert.signature_id = kind.signature_id;
    change.alert.time = change.alert.period = facts.now;
    if (!condition.active) condition.title = titles[i];
    change.alert.title = condition.title;
    change.alert.category = "Sensor health";
    if (wrong) {
      condition.calm = 0;
      if (condition.active) continue;
      condition.active = true;
      change.alert.explanation = why[i];
      change.alert.numbers = numbers[i];
      changes.push_back(std::move(change));
    } else if (condition.active && ++condition.calm >= kCalm) {
      condition.active = false;
      change.began = false;
      change.alert.explanation = "it is over";
      changes.push_back(std::move(change));
    }
  }
  return changes;
}

std::vector<std::string> SelfAlerts::active() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kKinds; ++i)
    if (conditions_[i].active) names.emplace_back(cli::kKinds[i].name);
  return names;
}

}  // namespace gnomon::cli
