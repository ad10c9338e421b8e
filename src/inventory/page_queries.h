#pragma once

#include <string_view>
#include <vector>

#include "database.h"
#include "gnomon/inventory/pages.h"

// The queries behind Pages. `kept`: whether the sums of totals.h can be believed.
namespace gnomon::inventory {

Result<std::vector<TimelinePoint>> timeline_of_all(Database& database, bool kept,
                                                   Interval interval);
Result<std::vector<TimelinePoint>> timeline_of_app(Database& database, bool kept,
                                                   std::string_view app, Interval interval);
Result<std::vector<TimelinePoint>> timeline_of_client(Database& database, std::string_view client,
                                                      Interval interval);
Result<Page<AppClient>> clients_of_app(Database& database, std::string_view app,
                                       std::uint64_t total, Slice slice);
Result<std::vector<AppEndpoint>> endpoints_of_app(Database& database, std::string_view app);
Result<Page<Sighting>> evidence_of_app(Database& database, std::string_view app,
                                       std::string_view client, Slice slice);
Result<std::vector<AppClient>> read_apps_of_client(Database& database, std::string_view client);
Result<Page<ClientRow>> read_clients_page(Database& database, bool kept, const ClientQuery& query,
                                          Slice slice);
Result<Page<Alert>> read_alerts_page(Database& database, const AlertQuery& query, Slice slice);
Result<Page<AuditEntry>> read_audit_page(Database& database, const AuditQuery& query, Slice slice);
// What neither apps nor clients tell.
std::optional<Error> count_rest(Database& database, Totals& totals);

}  // namespace gnomon::inventory
