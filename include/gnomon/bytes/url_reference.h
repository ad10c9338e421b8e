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

}  // namespace gnomon
