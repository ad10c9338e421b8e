#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gnomon::inventory {

// What is known of a vendor, key to value, sorted by key. A key that is missing, or whose value is
// "unknown", is unknown: neither safe nor unsafe. The keys that signatures/risk.yaml rates:
//
//   trains_on_customer_data_default   yes | opt-out | no
//   retention                         text: "30d", "until deleted", "indefinite" ...
//   enterprise_tier, sso, soc2, iso27001, hipaa_baa, gdpr_dpa, anonymous_use, file_upload
//                                     yes | no
//   data_residency_country            text: "US/EU", "choice of region", "CN" ...
//   known_breach                      text: what happened and when; "none" when none is known
//
// Others ("notes", "source") are kept and shown, not rated. The vendor's country is rated as
// vendor_country and comes from AppFacts.
using VendorAttributes = std::vector<std::pair<std::string, std::string>>;

// The catalogue's knowledge of one app. Handed to the recorder once, kept in the database with the
// apps that were seen, so that reports need no signatures.
struct AppFacts {
  std::string id;              // as observation::Identity::app
  std::string name;            // for people: "ChatGPT"
  std::string vendor;          // empty when not known
  std::string vendor_country;  // ISO 3166 alpha-2; empty when not known
  std::string category;        // "chat-assistant" ...
  VendorAttributes attributes;

  bool operator==(const AppFacts&) const = default;
};

}  // namespace gnomon::inventory
