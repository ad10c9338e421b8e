#include "gnomon/identify/asset_book.h"

#include <algorithm>
#include <compare>
#include <deque>
#include <limits>
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

// What is known of one product at a server, whether or not it has been told apart yet.
struct Facts {
  std::string version;
  std::vector<std::string> models;
  bool openly = false;        // a guarded function was granted without a credential
  bool by_strangers = false;  // ... to another host
  bool with_credential = false;
  bool refused = false;
  bool admin = false;  // an administrator's function, likewise, to another host
};

// The first sighting of a day.
struct Seen {
  std::int64_t day = std::numeric_limits<std::int64_t>::min();
  observation::Place place;
  observation::Conversation conversation;
  Time time;
  std::string file, community, tunnel;  // what place and conversation point to
};

// What was shown under one name: another name may be another server's behind a proxy.
struct Host {
  std::string name;
  Seen seen;                                // on the latest day
  std::vector<std::uint16_t> traits;        // ascending
  std::map<std::uint16_t, Facts> products;  // by subject
  Facts any;                                // of calls that name no product
  bool cleartext_prompt = false;
};

struct Server {
  std::vector<Host> hosts;
  std::map<std::uint16_t, std::string> told;  // of each subject, as it was last told
  bool tls = false;
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

void see_on_day(const AssetSighting& sighting, Seen& seen, bool& changed) {
  const std::int64_t day =
      std::chrono::floor<std::chrono::days>(sighting.time).time_since_epoch().count();
  if (day <= seen.day) return;
  seen = {day,
          sighting.place,
          sighting.conversation,
          sighting.time,
          std::string{sighting.place.file},
          std::string{sighting.conversation.community_id},
          std::string{sighting.conversation.tunnel}};
  changed = true;
}

// `to` is known of what `from` is, too.
void join(const Facts& from, Facts& to) {
  if (to.version.empty()) to.version = from.version;
  to.models.insert(to.models.end(), from.models.begin(), from.models.end());
  to.openly |= from.openly;
  to.by_strangers |= from.by_strangers;
  to.with_credential |= from.with_credential;
  to.refused |= from.refused;
  to.admin |= from.admin;
}

// Whether a product of the kind may answer calls of models, so that it explains a generic API.
bool may_serve_models(std::string_view kind) {
  for (const std::string_view other :
       {"exposed-config", "notebook", "observability", "vector-database"})
    if (kind == other) return false;
  return true;
}

}  // namespace

struct AssetBook::State {
  explicit State(const ApiKnowledge::Contents& knowledge) : all(knowledge) {}

  const ApiKnowledge::Contents& all;
  using Servers = std::map<ServerKey, Server>;
  Servers servers;
  // Of which no trait was seen yet: what was asked of them until then counts when one comes.
  Servers early;
  std::deque<ServerKey> early_order;               // the oldest first; some may be known by now
  std::multimap<Time, Servers::iterator> changed;  // and when first since they were told of
  Counters counters;

  struct Named {
    std::uint16_t subject;
    const Host* host;
    unsigned score;
    bool handed;  // only by what another product hands on
  };
  [[nodiscard]] std::vector<Named> products_of(const ServerKey& key, const Server& server) const;
  void tell(const ServerKey& key, Server& server, const Told& told) const;
  Servers::iterator server_of(const AssetSighting& sighting, bool& known);
};

AssetBook::AssetBook(const ApiKnowledge& knowledge)
    : state_(std::make_unique<State>(knowledge.contents())) {}
AssetBook::~AssetBook() = default;
AssetBook::AssetBook(AssetBook&&) noexcept = default;

const AssetBook::Counters& AssetBook::counters() const { return state_->counters; }

// The one of the sighting, made if there is none; servers.end() when there is no room. A call alone
// says that there is a server of somebody's, not of which product: without a trait it is not
// `known`.
AssetBook::State::Servers::iterator AssetBook::State::server_of(const AssetSighting& sighting,
                                                                bool& known) {
  const ServerKey key{sighting.conversation.server, sighting.conversation.server_port};
  auto at = servers.find(key);
  known = at != servers.end();
  if (known) return at;
  at = early.find(key);
  known = !sighting.traits.empty();
  if (known && servers.size() >= kServersMax) {
    ++counters.refused;
    return servers.end();
  }
  if (known) ++counters.servers;
  if (at != early.end()) return known ? servers.insert(early.extract(at)).position : at;

  if (known) return servers.emplace(key, Server{}).first;
  if (early_order.size() >= kEarlyMax) {
    early.erase(early_order.front());
    early_order.pop_front();
  }
  early_order.push_back(key);
  return early.emplace(key, Server{}).first;
}

void AssetBook::see(const AssetSighting& sighting) {
  bool known = false;
  const auto at = state_->server_of(sighting, known);
  if (at == state_->servers.end()) return;
  Server& server = at->second;
  bool changed = false;

  const auto named = std::find_if(server.hosts.begin(), server.hosts.end(),
                                  [&](const Host& each) { return each.name == sighting.host; });
  Host* host = named != server.hosts.end() ? &*named : nullptr;
  if (host == nullptr && server.hosts.size() < kHostsMax) {
    server.hosts.emplace_back().name = sighting.host;
    host = &server.hosts.back();
  }
  if (host == nullptr) {
    ++state_->counters.refused;
    return;
  }
  see_on_day(sighting, host->seen, changed);
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
  if (sighting.call) mark(host->any);
  for (const ApiTouch& touch : sighting.touches) {
    Facts& facts = host->products[touch.subject];
    mark(facts);
    raise(facts.admin, touch.admin && granted && !sighting.credential && stranger, changed);
  }
  for (const ApiSaid& said : sighting.said) {
    Facts& facts = host->products[said.subject];
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
    add_model(host->any, sighting.model_requested, changed);
    add_model(host->any, sighting.model_returned, changed);
  }
  raise(server.tls, sighting.tls, changed);
  raise(host->cleartext_prompt, sighting.prompt && !sighting.tls && stranger, changed);
  if (known && changed && !std::exchange(server.changed, true))
    state_->changed.emplace(sighting.time, at);
}

// The products whose traits under one name come to what they need, each under every such name;
// those that a better one stands for are left out.
std::vector<AssetBook::State::Named> AssetBook::State::products_of(const ServerKey& key,
                                                                   const Server& server) const {
  std::vector<Named> found;
  for (const Host& host : server.hosts) {
    for (std::size_t i = 0; i < host.traits.size();) {
      const std::uint16_t subject = all.traits[host.traits[i]].subject;
      Score sum, own;
      for (; i < host.traits.size() && all.traits[host.traits[i]].subject == subject; ++i) {
        const Trait& trait = all.traits[host.traits[i]];
        sum.add(trait);
        if (!trait.handed) own.add(trait);
      }
      const unsigned score = sum.sum();
      const std::uint8_t need = all.subjects[subject].need;
      if (score >= need) found.push_back({subject, &host, score, own.sum() < need});
    }
  }
  const auto replaced = [&](const Named& one) {
    const Subject& subject = all.subjects[one.subject];
    if (subject.generic && !key.address.is_private()) return true;
    return std::any_of(found.begin(), found.end(), [&](const Named& other) {
      const Subject& by = all.subjects[other.subject];
      if (subject.generic && !by.generic)
        return other.host == one.host || may_serve_models(by.kind);
      if (other.host != one.host) return false;
      // What a gateway hands through is the server's behind it.
      if (by.kind == "gateway" && subject.kind == "inference") return true;
      const auto names = [&](const std::vector<std::string_view>& list) {
        return std::find(list.begin(), list.end(), subject.id) != list.end();
      };
      return names(by.replaces) || (one.handed && names(by.hands_on));
    });
  };
  std::vector<Named> kept;
  for (const Named& each : found)
    if (!replaced(each)) kept.push_back(each);
  // The best name of each first.
  std::stable_sort(kept.begin(), kept.end(), [](const Named& a, const Named& b) {
    return a.subject != b.subject ? a.subject < b.subject : a.score > b.score;
  });
  return kept;
}

void AssetBook::State::tell(const ServerKey& key, Server& server, const Told& told) const {
  const std::vector<Named> products = products_of(key, server);
  for (std::size_t i = 0; i < products.size(); ++i) {
    const Named& named = products[i];
    if (i > 0 && products[i - 1].subject == named.subject) continue;
    const Subject& subject = all.subjects[named.subject];
    // Names that are no other product's are taken for further ones of this server.
    Facts own;
    bool cleartext_prompt = false;
    const Seen* seen = &named.host->seen;
    for (const Host& host : server.hosts) {
      const auto names = [&](const Named& each) { return each.host == &host; };
      const auto is_ours = [&](const Named& each) {
        return names(each) && each.subject == named.subject;
      };
      if (std::any_of(products.begin(), products.end(), names) &&
          std::none_of(products.begin(), products.end(), is_ours))
        continue;
      join(host.any, own);
      if (const auto at = host.products.find(named.subject); at != host.products.end())
        join(at->second, own);
      cleartext_prompt |= host.cleartext_prompt;
      if (host.seen.day > seen->day ||
          (host.seen.day == seen->day && host.seen.time < seen->time))
        seen = &host.seen;
    }
    observation::AssetRecord record;
    record.place = seen->place;
    record.place.file = seen->file;
    record.conversation = seen->conversation;
    record.conversation.community_id = seen->community;
    record.conversation.tunnel = seen->tunnel;
    record.time = seen->time;
    record.host = named.host->name;
    record.product = subject.id;
    record.kind = subject.kind;
    record.version = own.version;
    std::vector<std::string_view> models{own.models.begin(), own.models.end()};
    std::sort(models.begin(), models.end());
    models.erase(std::unique(models.begin(), models.end()), models.end());
    record.models = models;
    std::vector<std::string_view> reasons;
    for (const std::uint16_t trait : named.host->traits)
      if (all.traits[trait].subject == named.subject) reasons.push_back(all.traits[trait].reason);
    record.reasons = reasons;
    std::vector<std::string_view> exposures;
    if (own.admin) exposures.push_back("admin-api");
    if (cleartext_prompt) exposures.push_back("cleartext-prompt");
    if (own.by_strangers) exposures.push_back("unauthenticated");
    record.exposures = exposures;
    record.authenticated = own.openly                           ? Authenticated::kNo
                           : own.with_credential || own.refused ? Authenticated::kYes
                                                                : Authenticated::kUnknown;
    record.tls = server.tls;

    // Told again only when something a reader would see is new, and on each day it is used, so that
    // each day's inventory has it.
    std::string now = std::to_string(seen->day);
    now.append("\n").append(record.version);
    for (const auto* list : {&models, &reasons, &exposures})
      for (const std::string_view each : *list) now.append("\n").append(each);
    now += static_cast<char>('0' + static_cast<int>(record.authenticated));
    now += record.tls ? 't' : 'c';
    std::string& before = server.told[named.subject];
    if (now == before) continue;
    before = std::move(now);
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
