#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "gnomon/identify/catalogue.h"
#include "text_index.h"

namespace gnomon::identify {

// Clients by the product tokens of user agents (RFC 9110, 10.1.5) and by JA4. Of several that fit,
// the one added first wins. Texts are views.
class ClientTable {
 public:
  void add(const Client& client) { clients_.push_back(client); }
  // To the client added last. Lower case, without version: "claude-cli", "openai/python". False
  // when another client has it.
  bool add_token(std::string_view token);
  // "t13d*_8daaf6152771_*": three parts; the middle one is literal. False as above.
  bool add_ja4(std::string_view pattern);

  [[nodiscard]] Client find(std::string_view user_agent, std::string_view ja4) const;

  // Whether the text can be a token, respectively a pattern of fingerprints.
  static bool is_token(std::string_view token);
  static bool is_ja4_pattern(std::string_view pattern);

 private:
  struct Fingerprint {
    std::string_view pattern;
    std::uint32_t client;
    std::uint32_t next;  // with the same middle part
  };

  [[nodiscard]] std::uint32_t by_user_agent(std::string_view user_agent) const;
  [[nodiscard]] std::uint32_t by_ja4(std::string_view ja4) const;

  std::vector<Client> clients_;
  TextIndex tokens_;
  TextIndex middles_;
  std::vector<Fingerprint> fingerprints_;
};

}  // namespace gnomon::identify
