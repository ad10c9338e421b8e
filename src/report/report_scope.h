#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gnomon/report/report_content.h"

namespace gnomon::report {

// Cuts a report down to a period and a group of clients; does nothing when neither is asked for.
class ReportScope {
 public:
  static Result<ReportScope> read(inventory::Inventory& inventory,
                                  const inventory::UseFilter& filter);

  [[nodiscard]] std::string text() const;
  void cut_apps(ReportContent& content) const;  // and the totals
  std::optional<Error> cut_detail(inventory::Inventory& inventory, inventory::AppDetail& detail,
                                  const inventory::AppSummary& app) const;
  // Of rows that come one by one: whether they are within; what is counted of them is cut.
  bool cut(inventory::AppClient& client, const std::string& app) const;
  [[nodiscard]] bool holds(const inventory::Sighting& sighting) const;
  bool cut(inventory::ClientSummary& client) const;
  void cut_hosts(ReportContent& content) const;  // all of them, and their total
  [[nodiscard]] bool all() const { return filter_.all(); }
  void cut_listing(Listing& listing, ReportContent& content) const;
  [[nodiscard]] const std::vector<inventory::TimelinePoint>& hours() const { return use_.hours; }

 private:
  // What was used of one app or by one client, or only looked up.
  struct Use {
    inventory::Counts counts;
    inventory::Grade grade = inventory::Grade::kNone;
    inventory::Grade weak_grade = inventory::Grade::kNone;  // of what leaves no hours
    std::set<std::string> others;  // clients of the app, apps of the client
    std::set<std::string> others_used;  // with a session
    Time first = Time::max();
    Time last = Time::min();

    void see(const inventory::ClientUse& use, const std::string& other);
    void see(const inventory::ClientEvidence& evidence, const std::string& other);
    // Within the period; evidence of a connection that had no hour there is none.
    [[nodiscard]] bool is_seen() const;
  };

  // Without bytes both ways there was no use, whatever was proved at other times.
  template <class Summary>
  static void set_use(Summary& summary, const Use& use);
  [[nodiscard]] bool overlaps(Time first, Time last) const;
  [[nodiscard]] bool is_member(const std::string& client) const;

  inventory::UseFilter filter_;  // in whole hours
  bool widened_ = false;         // to whole hours
  inventory::PeriodUse use_;
  std::map<std::string, std::map<std::string, Use>> by_app_;  // and client
  std::map<std::string, Use> by_client_;
  std::set<std::string> members_;
};

}  // namespace gnomon::report
