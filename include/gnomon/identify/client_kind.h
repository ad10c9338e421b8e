#pragma once

#include <string_view>

#include "gnomon/identify/catalogue.h"

namespace gnomon::identify {

// The word for FlowRecord::client_kind: empty when neither the user agent nor the fingerprint is
// known. The user agent speaks first, being the client's own claim about itself.
inline std::string_view client_kind(const Catalogue& catalogue, std::string_view user_agent,
                                    std::string_view ja4) {
  if (user_agent.empty() && ja4.empty()) return {};
  return catalogue.client(user_agent, ja4).kind;
}

}  // namespace gnomon::identify
