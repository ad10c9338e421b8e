#include "gnomon/identify/redirect_memory.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hash.h"
#include "gnomon/bytes/url_reference.h"

namespace gnomon::identify {
namespace {

// Host (lower case, without port) and path of a URL to `place`; its query is returned. A target
// that is no URL is below `host`; "//host/path" keeps the scheme (RFC 3986, 4.2).
std::string_view split_url(std::string_view url, std::string_view host, std::string& place) {
  place.clear();
  const std::optional<UrlReference> said = split_url_reference(url);
  if (!said) return {};
  if (said->has_host) host = said->host;
  url = said->rest;
  const std::size_t query = std::min(url.find('?'), url.size());
  place.reserve(host.size() + query + 1);
  std::transform(host.begin(), host.end(), std::back_inserter(place), to_lower);
  place += query == 0 ? std::string_view{"/"} : url.substr(0, query);
  return url.substr(std::min(query + 1, url.size()));
}

std::uint64_t key_of(const IpAddress& client, std::string_view place) {
  return hash_bytes(place.data(), place.size(),
                    hash_bytes(client.bytes().data(), client.bytes().size()));
}

std::string_view host_of(std::string_view place) { return place.substr(0, place.find('/')); }

}  // namespace

bool RedirectMemory::same_thing(const Redirect& one, const Redirect& two) {
  return one.host == two.host && one.kind == two.kind && one.repository == two.repository &&
         one.file == two.file && one.revision == two.revision;
}

// The one that is renewed, else a new one, else the oldest: of the client when it has its share.
RedirectMemory::Redirect& RedirectMemory::room_for(const IpAddress& client, std::uint64_t key,
                                                   std::uint64_t query) {
  Redirect* oldest = nullptr;
  Redirect* oldest_of_client = nullptr;
  std::size_t of_client = 0;
  for (Redirect& each : redirects_) {
    if (each.key == key && each.query == query && each.client == client) return each;
    if (oldest == nullptr || each.order < oldest->order) oldest = &each;
    if (each.client != client) continue;
    ++of_client;
    if (oldest_of_client == nullptr || each.order < oldest_of_client->order)
      oldest_of_client = &each;
  }
  if (of_client < kClientMax && redirects_.size() < kRedirectsMax) return redirects_.emplace_back();
  ++counters_.evicted;
  return of_client < kClientMax ? *oldest : *oldest_of_client;
}

void RedirectMemory::remember(const observation::ArtifactRecord& record) {
  if (record.moved_to.empty() || record.moved_to.size() > kUrlBytesMax) return;
  if (record.repository.empty() && record.revision.empty()) return;
  // Storage that sends to other storage was named by its hub just before.
  const std::string_view from = record.fetched_from.empty() ? record.host : record.fetched_from;
  const std::string_view query = split_url(record.moved_to, from, place_);
  if (place_.empty() || host_of(place_).empty() || host_of(place_) == from) return;
  const IpAddress& client = record.conversation.client;
  const std::uint64_t key = key_of(client, place_);
  const std::uint64_t query_hash = hash_bytes(query.data(), query.size());
  Redirect made;
  made.key = key;
  made.query = query_hash;
  made.order = ++order_;
  made.client = client;
  made.time = record.time;
  made.until = record.time + kHold;
  made.place = place_;
  made.host = record.host;
  made.kind = record.kind;
  made.repository = record.repository;
  made.file = record.file;
  made.revision = record.revision;
  made.format = record.format;
  made.unsafe_format = record.unsafe_format;
  made.only_models = record.only_models;
  made.model_format = record.model_format;
  made.app = record.identity.app;
  made.role = record.identity.role;
  made.category = record.identity.category;
  made.usage = record.identity.usage;
  made.why = record.identity.why;
  made.grade = record.identity.grade;
  ++counters_.remembered;
  room_for(client, key, query_hash) = std::move(made);
}

void RedirectMemory::name(observation::ArtifactRecord& record) {
  if (!record.repository.empty() || record.target.empty() || redirects_.empty()) return;
  const std::string_view query = split_url(record.target, record.host, place_);
  const IpAddress& client = record.conversation.client;
  const std::uint64_t key = key_of(client, place_);
  const std::uint64_t query_hash = hash_bytes(query.data(), query.size());
  Redirect* found = nullptr;
  bool exact = false;
  bool several = false;
  for (Redirect& each : redirects_) {
    if (each.key != key || each.client != client || each.place != place_) continue;
    if (record.time < each.time || record.time > each.until) continue;
    if (each.query == query_hash) {
      found = &each;
      exact = true;
      break;
    }
    several = several || (found != nullptr && !same_thing(*found, each));
    if (found == nullptr || found->order < each.order) found = &each;
  }
  if (found == nullptr || (several && !exact)) return;
  // What a hub of anything sent the client to, and what turns out to be no model.
  if (found->only_models && !record.model_format && !found->model_format && record.moved_to.empty())
    return;
  // What the first part of a file shows, the others have not.
  if (record.model_format && !found->model_format) {
    found->model_format = true;
    found->format = record.format;
    found->unsafe_format = record.unsafe_format;
  }
  found->until = std::max(found->until, record.time + kHold);
  ++counters_.joined;
  named_ = *found;
  record.fetched_from = record.host;
  record.host = named_.host;
  // A registry of containers does not say before whether a layer is a model.
  if (!record.model_format || named_.kind != "container") record.kind = named_.kind;
  record.only_models = named_.only_models;
  record.model_format = record.model_format || named_.model_format;
  record.repository = named_.repository;
  if (!named_.file.empty()) record.file = named_.file;
  record.revision = named_.revision;
  if (record.format.empty()) {
    record.format = named_.format;
    record.unsafe_format = named_.unsafe_format;
  }
  // Of the hub's own storage the exchange says more than the redirect did.
  if (!named_.app.empty() && record.identity.app != named_.app)
    record.identity = {named_.app, named_.role, named_.category,
                       named_.usage, named_.why, named_.grade};
}

bool RedirectMemory::stands(const observation::ArtifactRecord& record) {
  if (record.asked_only) return false;
  if (record.only_models && !record.model_format) return false;
  return !record.only_joined || (!record.repository.empty() && record.moved_to.empty());
}

}  // namespace gnomon::identify
