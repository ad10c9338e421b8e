#include "find_asset.h"

#include <charconv>
#include <vector>

#include "gnomon/bytes/ip_address.h"
#include "gnomon/report/numbers.h"

namespace gnomon::cli {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return port;
}

}  // namespace

std::optional<Server> parse_server(std::string_view word) {
  if (const auto address = IpAddress::parse(word)) return Server{address->to_string(), {}};
  const std::size_t colon = word.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = word.substr(0, colon);
  const auto port = parse_port(word.substr(colon + 1));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  if (!port || !address) return std::nullopt;
  return Server{address->to_string(), port};
}

Result<const inventory::Asset*> find_asset(std::span<const inventory::Asset> assets,
                                           const Server& server) {
  std::vector<const inventory::Asset*> at_address;
  for (const inventory::Asset& asset : assets) {
    if (asset.address != server.address) continue;
    if (server.port == asset.port) return &asset;
    at_address.push_back(&asset);
  }
  if (!server.port && at_address.size() == 1) return at_address.front();
  std::vector<std::string> names;
  for (const inventory::Asset* asset : at_address) names.push_back("'" + asset->server() + "'");
  if (names.empty())
    return Error{"the inventory holds no self-hosted AI server at '" + server.address +
                 (server.port ? " port " + std::to_string(*server.port) : "") +
                 "'; gnomon inventory --assets lists them"};
  return Error{server.port ? "no self-hosted AI server was seen at that port; at this address: " +
                                 report::listed(names)
                           : "several servers are there; say one of " + report::listed(names)};
}

}  // namespace gnomon::cli
