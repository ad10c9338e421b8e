#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gnomon/bytes/result.h"
#include "gnomon/inventory/inventory.h"

namespace gnomon::cli {

struct Server {
  std::string address;  // as IpAddress writes it
  std::optional<std::uint16_t> port;
};

// "10.0.0.7", "10.0.0.7:11434", "2001:db8::7", "[2001:db8::7]:8000"; nothing when it is no address.
std::optional<Server> parse_server(std::string_view word);

// The self-hosted server that somebody means. The error says which there are.
Result<const inventory::Asset*> find_asset(std::span<const inventory::Asset> assets,
                                           const Server& server);

}  // namespace gnomon::cli
