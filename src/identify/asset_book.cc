#include "gnomon/identify/asset_book.h"

#include <algorithm>
#include <compare>
#include <utility>

#include "api_contents.h"

namespace gnomon::identify {
namespace {

using observation::Authenticated;

struct ServerKey {
  IpAddress address;
  std::uint16_t port = 0;
  auto operator<=>(const ServerKey&) const = default;
};

// The traits shown under one name: what another name shows may be another server's behind a proxy.
struct Host {
  std::string name;
  std::vector<std::uint16_t> traits;  // ascending
};

// What is known of one product at a server, whether or not it has been told apart yet.
struct Facts {
  std::string version;
  std::vector<std::string> models;
  bool openly = false;        // a guarded function was granted without a credential
  bool by_strangers = false;  // ... to another host
  bool with_credential = false;
  bool refused = false;
  bool admin = false;  // an administrator's function, likewise, to another host
  // As it was last told.
  std::string told;
};

struct Server {
  observation::Place place;  // of the first sighting
  observation::Conversation conversation;
  Time time;
  std::string file, community, tunnel;  // what place and conversation point to
  std::vector<Host> hosts;
  std::map<std::uint16_t, Facts> products;  // by subject
  Facts any;                                // of calls that name no product
  bool tls = false;
  bool cleartext_prompt = false;
  bool changed = false;
};

void add_model(Facts& facts, std::string_view model, bool& changed) {
  if (model.empty() || model.size() > 256 || facts.models.size() >= AssetBook::kModelsMax) return;
  if (model.starts_with("http://") || model.starts_with("https://")) return;  // where, not which
  const auto at = std::lower_bound(facts.models.begin(), facts.models.end(), model);
  if (at != facts.models.end() && *at == model) return;
  facts.models.emplace(at, model);
  changed = true;
}

void raise(bool& flag, bool value, bool& changed) {
  if (!value || flag) return;
  flag = changed = true;
}

}  // namespace

struct AssetBook::State {
  explicit State(const ApiKnowledge::Contents& knowledge) : all(knowledge) {}

  const ApiKnowledge::Contents& all;
  using Servers = std::map<ServerKey, Server>;
  Servers servers;
  std::multimap<Time, Servers::iterator> changed;  // and when first since they were told of
  Counters counters;

  struct Named {
    std::uint16_t subject;
    const Host* host;
    unsigned score;
  };
  [[nodiscard]] std::vector<Named> products_of(const ServerKey& key, const Server& server) const;
  void tell(const ServerKey& key, Server& server, const Told& told) const;
};

AssetBook::AssetBook(const ApiKnowledge& knowledge)
    : state_(std::make_unique<State>(knowledge.contents())) {}
AssetBook::~AssetBook() = default;
AssetBook::AssetBook(AssetBook&&) noexcept = default;

const AssetBook::Counters& AssetBook::counters() const { return state_->counters; }

void AssetBook::see(const AssetSighting& sighting) {
  const ServerKey key{sighting.conversation.server, sighting.conversation.server_port};
  auto at = state_->servers.find(key);
  if (at == state_->servers.end()) {
    // A call alone says that there is a server of somebody's, not of which product.
    if (sighting.traits.empty()) return;
    if (state_->servers.size() >= kServersMax) {
      ++state_->counters.refused;
      return;
    }
    at = state_->servers.emplace(key, Server{}).first;
    ++state_->counters.servers;
    Server& fresh = at->second;
    fresh.place = sighting.place;
    fresh.conversation = sighting.conversation;
    fresh.time = sighting.time;
    fresh.file = sighting.place.file;
    fresh.community = sighting.conversation.community_id;
    fresh.tunnel = sighting.conversation.tunnel;
  }
  Server& server = at->second;
  bool changed = false;

  const auto named = std::find_if(server.hosts.begin(), server.hosts.end(),
                                  [&](const Host& each) { return each.name == sighting.host; });
  Host* host = named != server.hosts.end() ? &*named : nullptr;
  if (host == nullptr && server.hosts.size() < kHostsMax) {
    server.hosts.push_back({std::string{sighting.host}, {}});
    host = &server.hosts.back();
  }
  if (host == nullptr) {
    ++state_->counters.refused;
    return;
  }
  for (const std::uint16_t trait : sighting.traits) {
    const auto place = std::lower_bound(host->traits.begin(), host->traits.end(), trait);
    if (place != host->traits.end() && *place == trait) continue;
    host->traits.insert(place, trait);
    changed = true;
  }

  const bool granted = sighting.status >= 200 && sighting.status < 300;
  const bool refused = sighting.status == 401 || sighting.status == 403;
  const bool stranger = sighting.conversation.client != sighting.conversation.server;
  const auto mark = [&](Facts& facts) {
    raise(facts.openly, granted && !sighting.credential, changed);
    raise(facts.by_strangers, granted && !sighting.credential && stranger, changed);
    raise(facts.with_credential, granted && sighting.credential, changed);
    raise(facts.refused, refused, changed);
  };
  if (sighting.call) mark(server.any);
  for (const ApiTouch& touch : sighting.touches) {
    Facts& facts = server.products[touch.subject];
    mark(facts);
    raise(facts.admin, touch.admin && granted && !sighting.credential && stranger, changed);
  }
  for (const ApiSaid& said : sighting.said) {
    Facts& facts = server.products[said.subject];
    if (said.version) {
      if (facts.version != said.text && said.text.size() <= 64) {
        facts.version = said.text;
        changed = true;
      }
    } else {
      add_model(facts, said.text, changed);
    }
  }
  if (!nothing_there(sighting.status)) {
    add_model(server.any, sighting.model_requested, changed);
    add_model(server.any, sighting.model_returned, changed);
  }
  raise(server.tls, sighting.tls, changed);
  raise(server.cleartext_prompt, sighting.prompt && !sighting.tls && stranger, changed);
  if (changed && !std::exchange(server.changed, true)) state_->changed.emplace(sighting.time, at);
}

// The products whose traits under one name come to what they need, best name each; those that a
// better one stands for are left out.
std::vector<AssetBook::State::Named> AssetBook::State::products_of(const ServerKey& key,
                                                                   const Server& server) const {
  std::vector<Named> found;
  for (const Host& host : server.hosts) {
    for (std::size_t i = 0; i < host.traits.size();) {
      const std::uint16_t subject = all.traits[host.traits[i]].subject;
      Score sum;
      for (; i < host.traits.size() && all.traits[host.traits[i]].subject == subject; ++i)
        sum.add(all.traits[host.traits[i]]);
      const unsigned score = sum.sum();
      if (score < all.subjects[subject].need) continue;
      const auto known = std::find_if(found.begin(), found.end(),
                                      [&](const Named& each) { return each.subject == subject; });
      if (known == found.end()) {
        found.push_back({subject, &host, score});
      } else if (score > known->score) {
        *known = {subject, &host, score};
      }
    }
  }
  const auto replaced = [&](const Named& one) {
    const Subject& subject = all.subjects[one.subject];
    if (subject.generic && (found.size() > 1 || !key.address.is_private())) return true;
    return std::any_of(found.begin(), found.end(), [&](const Named& other) {
      if (other.host != one.host) return false;
      // What a gateway hands through is the server's behind it.
      const Subject& by = all.subjects[other.subject];
      if (by.kind == "gateway" && subject.kind == "inference") return true;
      return std::find(by.replaces.begin(), by.replaces.end(), subject.id) != by.replaces.end();
    });
  };
  std::vector<Named> kept;
  for (const Named& each : found)
    if (!replaced(each)) kept.push_back(each);
  std::sort(kept.begin(), kept.end(),
            [](const Named& a, const Named& b) { return a.subject < b.subject; });
  return kept;
}

void AssetBook::State::tell(const ServerKey& key, Server& server, const Told& told) const {
  for (const Named& named : products_of(key, server)) {
    const Subject& subject = all.subjects[named.subject];
    Facts& own = server.products[named.subject];
    observation::AssetRecord record;
    record.place = server.place;
    record.place.file = server.file;
    record.conversation = server.conversation;
    record.conversation.community_id = server.community;
    record.conversation.tunnel = server.tunnel;
    record.time = server.time;
    record.host = named.host->name;
    record.product = subject.id;
    record.kind = subject.kind;
    record.version = own.version;
    std::vector<std::string_view> models{own.models.begin(), own.models.end()};
    for (const std::string& each : server.any.models) models.push_back(each);
    std::sort(models.begin(), models.end());
    models.erase(std::unique(models.begin(), models.end()), models.end());
    record.models = models;
    std::vector<std::string_view> reasons;
    for (const std::uint16_t trait : named.host->traits)
      if (all.traits[trait].subject == named.subject) reasons.push_back(all.traits[trait].reason);
    record.reasons = reasons;
    const bool openly = own.openly || server.any.openly;
    std::vector<std::string_view> exposures;
    if (own.admin) exposures.push_back("admin-api");
    if (server.cleartext_prompt) exposures.push_back("cleartext-prompt");
    if (own.by_strangers || server.any.by_strangers) exposures.push_back("unauthenticated");
    record.exposures = exposures;
    record.authenticated =
        openly ? Authenticated::kNo
        : own.with_credential || own.refused || server.any.with_credential || server.any.refused
            ? Authenticated::kYes
            : Authenticated::kUnknown;
    record.tls = server.tls;

    // Told again only when something a reader would see is new.
    std::string now{record.version};
    for (const auto* list : {&models, &reasons, &exposures})
      for (const std::string_view each : *list) now.append("\n").append(each);
    now += static_cast<char>('0' + static_cast<int>(record.authenticated));
    now += record.tls ? 't' : 'c';
    if (now == own.told) continue;
    own.told = std::move(now);
    told(record);
  }
}

void AssetBook::tell(Time now, bool every, const Told& told) {
  if (state_->changed.empty()) return;
  const auto end = every ? state_->changed.end() : state_->changed.upper_bound(now - kQuiet);
  if (end == state_->changed.begin()) return;
  std::vector<State::Servers::iterator> due;
  for (auto at = state_->changed.begin(); at != end; ++at) due.push_back(at->second);
  state_->changed.erase(state_->changed.begin(), end);
  std::sort(due.begin(), due.end(),
            [](const auto& a, const auto& b) { return a->first < b->first; });
  for (const auto& at : due) {
    at->second.changed = false;
    state_->tell(at->first, at->second, told);
  }
}

}  // namespace gnomon::identify
