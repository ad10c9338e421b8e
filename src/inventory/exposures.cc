#include "exposures.h"

namespace gnomon::inventory {

Result<std::map<ServerKey, std::vector<std::string>>> read_exposures(Database& database) {
  auto query = database.prepare(
      "SELECT t.address, t.port, t.exposure, 0 FROM asset_exposure t JOIN capture_run r ON "
      "r.id = t.run AND r.state = 'finished' UNION "
      "SELECT t.address, t.port, 'public-clients', 1 FROM asset_client t JOIN capture_run r ON "
      "r.id = t.run AND r.state = 'finished' WHERE t.network LIKE '% public' ORDER BY 1, 2, 4, 3");
  if (!query) return query.error();
  std::map<ServerKey, std::vector<std::string>> exposures;
  while (query->step())
    exposures[{query->text(0), static_cast<std::uint16_t>(query->integer(1))}].push_back(
        query->text(2));
  if (!query->ok()) return database.error();
  return exposures;
}

}  // namespace gnomon::inventory
