#include "gnomon/bytes/url_reference.h"

namespace gnomon {

std::optional<UrlReference> split_url_reference(std::string_view url) {
  UrlReference said;
  url = url.substr(0, url.find('#'));
  const std::string_view before_path = url.substr(0, url.find_first_of("/?"));
  if (const bool whole = before_path.ends_with(':') && before_path.size() > 1;
      whole || url.starts_with("//")) {
    if (whole) url.remove_prefix(before_path.size());
    if (!url.starts_with("//")) return std::nullopt;
    url.remove_prefix(2);
    said.has_host = true;
    said.host = url.substr(0, url.find_first_of("/?"));
    url.remove_prefix(said.host.size());
    if (const std::size_t user = said.host.rfind('@'); user != std::string_view::npos)
      said.host.remove_prefix(user + 1);
    // A colon inside brackets is an address's.
    if (const std::size_t port = said.host.rfind(':');
        port != std::string_view::npos && said.host.find(']', port) == std::string_view::npos)
      said.host = said.host.substr(0, port);
  }
  said.rest = url;
  return said;
}

std::string_view query_value(std::string_view target, std::string_view name) {
  target = target.substr(0, target.find('#'));
  std::size_t at = target.find('?');
  while (at != std::string_view::npos) {
    target.remove_prefix(at + 1);
    at = target.find('&');
    const std::string_view pair = target.substr(0, at);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
  }
  return {};
}

}  // namespace gnomon
