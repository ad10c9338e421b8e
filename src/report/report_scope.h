#pragma once

#include <map>
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
  void cut_detail(inventory::AppDetail& detail, const inventory::AppSummary& app) const;
  void cut_clients(ReportContent& content) const;
  void cut_hosts(ReportContent& content) const;
  void cut_listing(Listing& listing, ReportContent& content) const;
  [[nodiscard]] const std::vector<inventory::TimelinePoint>& hours() const { return use_.hours; }

 private:
  [[nodiscard]] bool overlaps(Time first, Time last) const;
  [[nodiscard]] bool is_member(const std::string& client) const;

  inventory::UseFilter filter_;
  inventory::PeriodUse use_;
  std::set<std::string> members_;
};

}  // namespace gnomon::report
