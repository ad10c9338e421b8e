#include "gnomon/inventory/used_apps.h"

#include "database.h"
#include "gnomon/observation/observation.h"

namespace gnomon::inventory {

Result<std::vector<std::string>> used_apps(const std::filesystem::path& path) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  // By app, each looked at until the first sighting that will do: sightings are many.
  auto query = database->prepare(
      "SELECT a.id FROM app a WHERE EXISTS (SELECT 1 FROM sighting s JOIN capture_run r "
      "ON r.id = s.run AND r.state = 'finished' WHERE s.app = a.id AND s.grade >= ?) ORDER BY a.id");
  if (!query) return query.error();
  query->bind(1, static_cast<std::int64_t>(observation::Grade::kSession));
  std::vector<std::string> apps;
  while (query->step()) apps.push_back(query->text(0));
  if (!query->ok()) return database->error();
  return apps;
}

}  // namespace gnomon::inventory
