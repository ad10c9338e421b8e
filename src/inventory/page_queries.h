#pragma once

#include <string_view>
#include <vector>

#include "database.h"
#include "gnomon/inventory/pages.h"
#include "totals.h"

// The queries behind Pages. `kept`: whether the sums of totals.h can be believed.
namespace gnomon::inventory {

Result<std::vector<TimelinePoint>> timeline_of_all(Database& database, bool kept);
Result<Page<AppClient>> clients_of_app(Database& database, bool kept, std::string_view app,
                                       Slice slice);
Result<Page<Sighting>> evidence_of_app(Database& database, bool kept, std::string_view app,
                                       std::string_view client, Slice slice);
Result<std::vector<AppClient>> read_apps_of_client(Database& database, std::string_view client);
Result<Page<Alert>> read_alerts_page(Database& database, const AlertQuery& query, Slice slice);
Result<Page<AuditEntry>> read_audit_page(Database& database, const AuditQuery& query, Slice slice);
// `state`: of the sums, when they can be believed.
Result<Totals> totals_of(Database& database, const std::vector<AppSummary>& apps,
                         const std::optional<TotalsState>& state);

// A number as SQLite takes it for LIMIT and OFFSET.
std::int64_t bound(std::size_t number);

}  // namespace gnomon::inventory
