#pragma once

#include <optional>
#include <string_view>

namespace gnomon {

// What a reference of HTTP says, such as a Location field (RFC 3986, 4.1). Views into it.
struct UrlReference {
  std::string_view host;  // without user and port; brackets stay
  std::string_view rest;  // from the path on, without a fragment; may be empty
  bool has_host = false;  // else it stays on the host of the request
};

// "https://host:8443/a?b", "//host/a" and "/a?b", also "a" and "?b". Nothing of "mailto:a".
std::optional<UrlReference> split_url_reference(std::string_view url);

// The value of `name` in a query, as sent: "2" of "b" in "/a?c=1&b=2". Empty when it is not there.
std::string_view query_value(std::string_view target, std::string_view name);

}  // namespace gnomon
