#pragma once

#include <array>
#include <map>
#include <string_view>
#include <vector>

#include "gnomon/identify/catalogue.h"

namespace gnomon::identify {

inline constexpr std::array kRoles{
    Role::kWebUi,     Role::kApi,           Role::kUpload,    Role::kCdn, Role::kAuth,
    Role::kTelemetry, Role::kModelDownload, Role::kWebsocket, Role::kMcp,
};

// vocabulary.yaml and sources.yaml: the words that other files may use. Views into the catalogue's
// text.
struct Vocabulary {
  struct RoleWord {
    Role role = Role::kWebUi;
    std::string_view usage;  // empty: as the app's category says
  };
  struct CategoryWord {
    std::string_view usage;
    std::string_view web_usage;  // of what people see, where it is another; else empty
  };
  struct AttributeWord {
    std::vector<std::string_view> values;  // empty: any text
    bool fact = false;                     // said by `has` and `lacks`
  };

  std::map<std::string_view, RoleWord> roles;
  std::map<std::string_view, CategoryWord> categories;
  std::map<std::string_view, AttributeWord> attributes;
  std::vector<std::string_view> usages;
  std::vector<std::string_view> interfaces;
  std::vector<std::string_view> client_kinds;
  std::vector<std::string_view> sources;

  [[nodiscard]] std::string_view usage_of(Role role) const;  // empty: as the category says
};

// What a first label tells of hosts that only a domain of their app covers: api.example.ai.
struct LabelRole {
  std::string_view label;
  Role role = Role::kWebUi;
  std::string_view usage;  // empty: as the app's category says
};

}  // namespace gnomon::identify
