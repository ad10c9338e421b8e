#include <algorithm>
#include <map>
#include <set>

#include "app_detail.h"
#include "exposures.h"
#include "gnomon/inventory/inventory.h"
#include "gnomon/observation/coverage.h"
#include "records.h"
#include "rows.h"

namespace gnomon::inventory {
namespace {

using Key = ServerKey;

// What only tells which API is spoken, when a product was recognised too.
bool is_vague(std::string_view product) {
  return product.empty() || product == "openai-compatible" || product.ends_with("-compatible");
}

struct Seen {
  std::uint64_t authenticated = 0, unauthenticated = 0, over_tls = 0, in_clear = 0;
};

std::optional<Error> read_products(Database& database, std::map<Key, Asset>& assets,
                                   std::map<Key, Seen>& seen) {
  auto query = database.prepare(
      "SELECT address, port, host, product, kind, version, observations, authenticated, "
      "unauthenticated, over_tls, in_clear, reasons, first_seen_ns, last_seen_ns, flow_id, file, "
      "frame FROM v_asset_products ORDER BY address, port, host, product, kind, version");
  if (!query) return query.error();
  while (query->step()) {
    const Key key{query->text(0), static_cast<std::uint16_t>(query->integer(1))};
    const auto [at, is_new] = assets.try_emplace(key);
    Asset& asset = at->second;
    asset.address = key.first;
    asset.port = key.second;
    AssetProduct& product = asset.products.emplace_back();
    product.host = query->text(2);
    product.product = query->text(3);
    product.kind = query->text(4);
    product.version = query->text(5);
    product.observations = query->number(6);
    product.reasons = query->text(11);
    product.proof = {query->number(14), query->text(15), query->number(16)};
    Seen& sums = seen[key];
    sums.authenticated += query->number(7);
    sums.unauthenticated += query->number(8);
    sums.over_tls += query->number(9);
    sums.in_clear += query->number(10);
    asset.observations += product.observations;
    const Time first = query->time(12);
    const Time last = query->time(13);
    asset.first_seen = is_new ? first : std::min(asset.first_seen, first);
    asset.last_seen = is_new ? last : std::max(asset.last_seen, last);
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

// Texts of one table by server.
std::optional<Error> read_texts(Database& database, std::map<Key, Asset>& assets, const char* sql,
                                std::vector<std::string> Asset::*member) {
  auto query = database.prepare(sql);
  if (!query) return query.error();
  while (query->step()) {
    const auto at = assets.find({query->text(0), static_cast<std::uint16_t>(query->integer(1))});
    if (at != assets.end()) (at->second.*member).push_back(query->text(2));
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

std::optional<Error> read_clients(Database& database, std::map<Key, Asset>& assets) {
  auto names = read_client_names(database);
  if (!names) return names.error();
  auto query = database.prepare(
      "SELECT address, port, client, network, observations, first_seen_ns, last_seen_ns "
      "FROM v_asset_clients ORDER BY address, port, observations DESC, client");
  if (!query) return query.error();
  while (query->step()) {
    const auto at = assets.find({query->text(0), static_cast<std::uint16_t>(query->integer(1))});
    if (at == assets.end()) continue;
    AssetClient& client = at->second.by_client.emplace_back();
    client.client = query->text(2);
    client.network = query->text(3);
    client.observations = query->number(4);
    client.first_seen = query->time(5);
    client.last_seen = query->time(6);
    if (const auto known = names->find(client.client); known != names->end())
      client.name = known->second.name;
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

std::optional<Error> read_calls(Database& database, std::map<Key, Asset>& assets) {
  std::map<std::string, Asset*> by_server;
  for (auto& [key, asset] : assets) by_server.emplace(asset.server(), &asset);
  auto query = database.prepare(
      "SELECT server, sum(calls), sum(tokens_in + tokens_out) FROM v_model_calls "
      "WHERE server <> '' GROUP BY server");
  if (!query) return query.error();
  while (query->step()) {
    const auto at = by_server.find(query->text(0));
    if (at == by_server.end()) continue;
    at->second->calls = query->number(1);
    at->second->tokens = query->number(2);
  }
  return query->ok() ? std::nullopt : std::optional{database.error()};
}

void settle(Asset& asset, const Seen& seen) {
  std::stable_sort(asset.products.begin(), asset.products.end(),
                   [](const AssetProduct& a, const AssetProduct& b) {
                     if (is_vague(a.product) != is_vague(b.product)) return is_vague(b.product);
                     return a.observations > b.observations;
                   });
  const AssetProduct& best = asset.products.front();
  asset.product = best.product;
  asset.kind = best.kind;
  asset.proof = best.proof;
  std::set<std::string> hosts;
  std::set<std::string> versions;
  std::set<std::string> networks;
  std::set<std::string> clients;
  std::vector<std::string>& names = asset.product_names;
  for (const AssetProduct& product : asset.products)
    if ((is_vague(best.product) || !is_vague(product.product)) &&
        (names.empty() || !product.product.empty()) &&
        std::find(names.begin(), names.end(), product.product) == names.end())
      names.push_back(product.product);
  const auto is_named = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const AssetProduct& product : asset.products) {
    if (!product.host.empty()) hosts.insert(product.host);
    if (!product.version.empty() && is_named(product.product))
      versions.insert(names.size() == 1 ? product.version
                                        : product.product + " " + product.version);
  }
  for (const AssetClient& client : asset.by_client) {
    networks.insert(client.network);
    clients.insert(client.client);
  }
  asset.hosts.assign(hosts.begin(), hosts.end());
  asset.versions.assign(versions.begin(), versions.end());
  asset.networks.assign(networks.begin(), networks.end());
  asset.clients = clients.size();
  asset.authenticated = seen.unauthenticated > 0 ? "no"
                        : seen.authenticated > 0 ? "yes"
                                                 : "unknown";
  asset.tls = seen.in_clear == 0 ? "yes" : seen.over_tls == 0 ? "no" : "partly";
}

}  // namespace

std::string Asset::server() const { return server_text(address, port); }

Result<std::vector<Asset>> read_assets(Database& database,
                                       const std::optional<RiskRubric>& rubric) {
  std::map<Key, Asset> assets;
  std::map<Key, Seen> seen;
  if (auto failed = read_products(database, assets, seen)) return *failed;
  if (auto failed = read_texts(
          database, assets,
          "SELECT DISTINCT t.address, t.port, t.model FROM asset_model t JOIN capture_run r "
          "ON r.id = t.run AND r.state = 'finished' ORDER BY 1, 2, 3",
          &Asset::models))
    return *failed;
  auto exposures = read_exposures(database);
  if (!exposures) return exposures.error();
  for (auto& [key, asset] : assets) asset.exposures = std::move((*exposures)[key]);
  if (auto failed = read_clients(database, assets)) return *failed;
  if (auto failed = read_calls(database, assets)) return *failed;

  std::vector<Asset> all;
  for (auto& [key, asset] : assets) {
    settle(asset, seen[key]);
    if (rubric) asset.rating = rubric->rate_asset(asset.exposures);
    all.push_back(std::move(asset));
  }
  std::stable_sort(all.begin(), all.end(), [](const Asset& a, const Asset& b) {
    const std::int32_t score_a = a.rating ? a.rating->score : 0;
    const std::int32_t score_b = b.rating ? b.rating->score : 0;
    return score_a != score_b ? score_a > score_b : a.observations > b.observations;
  });
  return all;
}

}  // namespace gnomon::inventory
