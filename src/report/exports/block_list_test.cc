#include "gnomon/report/block_list.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "../../inventory/test_review.h"
#include "../test_inventory.h"
#include "gnomon/report/bill_of_materials.h"

namespace gnomon::report {
namespace {

bool is_in(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The sample's apps, "chatter" decided against; "quiet" lives below chatter's domain.
class Blocking {
 public:
  Blocking() {
    sample_.make();
    decide("chatter", "unsanctioned");
    knowledge_.hosts = {
        {"chatter", "chat.example", "web-ui", true, ""},
        {"chatter", "api.chat.example", "api", false, ""},
        {"chatter", "*.sites.example", "web-ui", false, "shared: pages that anybody publishes"},
        {"chatter", "run.*.cloud.example", "api", false, ""},
        {"evil", "evil.example", "api", true, ""},
    };
    knowledge_.shared = [](std::string_view) { return std::string{}; };
  }

  void decide(const std::string& app, const std::string& status) {
    inventory::Review review;
    review.status = status;
    review.reason = "test";
    REQUIRE(inventory::set_review(sample_.path(), app, review, "tester", SampleInventory::at(0)));
  }

  [[nodiscard]] BlockList list(const BlockSelection& selection = {}) const {
    auto made = make_block_list(sample_.path(), knowledge_, selection);
    REQUIRE(made);
    return std::move(*made);
  }
  HostKnowledge& knowledge() { return knowledge_; }
  [[nodiscard]] const SampleInventory& sample() const { return sample_; }

 private:
  SampleInventory sample_;
  HostKnowledge knowledge_;
};

std::string names_of(const BlockList& list) {
  std::string out;
  for (const BlockEntry& entry : list.entries)
    out += (entry.itself ? "" : "*.") + entry.name + (entry.itself && entry.below ? "+ " : " ");
  return out;
}

std::string why_of(const BlockList& list, std::string_view what) {
  for (const Refusal& refusal : list.refused)
    if (refusal.what == what) return refusal.why;
  return {};
}

}  // namespace

TEST_CASE("only apps that were decided against are blocked unless others are asked for") {
  Blocking blocking;
  CHECK(names_of(blocking.list()) == "chat.example+ ");
  BlockSelection all;
  all.statuses.clear();
  CHECK(names_of(blocking.list(all)) == "chat.example+ evil.example+ quiet.example ");
  all.apps = {"evil"};
  CHECK(names_of(blocking.list(all)) == "evil.example+ ");
  BlockSelection none;
  none.statuses = {"tolerated"};
  CHECK(names_of(blocking.list(none)).empty());
  BlockSelection category;
  category.categories = {"llm-api"};
  CHECK(names_of(blocking.list(category)).empty());
  BlockSelection api;
  api.roles = {"api"};
  CHECK(names_of(blocking.list(api)) == "api.chat.example ");
}

TEST_CASE("for a group of clients counts what was decided for it") {
  const Blocking blocking;
  BlockSelection selection;
  selection.client_group = "lab";
  selection.members = {"10.1.0.0/16"};
  selection.status_in_group = {{"chatter", "tolerated"}, {"evil", "unsanctioned"}};
  const BlockList list = blocking.list(selection);
  CHECK(names_of(list) == "evil.example+ ");
  CHECK(list.clients == "clients of lab: 10.1.0.0/16");
}

TEST_CASE("an entry says what of this network's traffic it hits") {
  const BlockList list = Blocking{}.list();
  REQUIRE(list.entries.size() == 1);
  const BlockEntry& entry = list.entries.front();
  CHECK(entry.seen.clients == 2);
  CHECK(entry.seen.sessions == 2);
  CHECK(entry.seen.client_addresses == std::vector<std::string>{"10.0.0.1", "10.0.0.2"});
  CHECK(entry.seen.other_apps.empty());
  CHECK(entry.hosts == std::vector<std::string>{"api.chat.example", "chat.example"});
  for (const BlockFormat& format : block_formats())
    if (format.comments && !format.addresses) {
      INFO(format.name);
      CHECK(is_in(format.write(list, {}), "2 clients, 2 sessions, last seen 2026-11-24"));
    }
}

TEST_CASE("what others use too is refused with its reason unless it is asked for") {
  Blocking blocking;
  const BlockList list = blocking.list();
  CHECK(why_of(list, "*.sites.example") == "shared: pages that anybody publishes");
  CHECK(is_in(why_of(list, "run.*.cloud.example"), "a star inside"));
  BlockSelection shared;
  shared.include_shared = true;
  CHECK(names_of(blocking.list(shared)) == "chat.example+ *.sites.example ");

  blocking.knowledge().hosts.front().shared = "a general service";
  blocking.knowledge().hosts[1].shared = "a general service";
  CHECK(names_of(blocking.list()).empty());
  CHECK(why_of(blocking.list(), "chat.example") == "a general service");
}

TEST_CASE("a host that was seen and that the catalogue calls shared today is refused") {
  Blocking blocking;
  blocking.knowledge().hosts.clear();
  CHECK(names_of(blocking.list()) == "chat.example ");
  blocking.knowledge().shared = [](std::string_view host) {
    return host == "chat.example" ? "shared: serves many" : "";
  };
  CHECK(names_of(blocking.list()).empty());
  CHECK(why_of(blocking.list(), "chat.example") == "shared: serves many");
}

TEST_CASE("a domain is narrowed where an app lives below that stays allowed") {
  Blocking blocking;
  blocking.knowledge().hosts.push_back({"quiet", "quiet.chat.example", "web-ui", false, ""});
  const BlockList list = blocking.list();
  CHECK(names_of(list) == "api.chat.example chat.example ");
  CHECK(is_in(list.entries.back().note, "Quiet"));
  blocking.decide("quiet", "unsanctioned");
  CHECK(names_of(blocking.list()) == "chat.example+ quiet.example ");
}

TEST_CASE("what else would be hit is counted, and an address that serves others is refused") {
  const SampleInventory sample;
  auto options = SampleInventory::with_facts({{"chatter", "Chatter", "", "", "", {}}});
  options.path = sample.path();
  auto recorder = inventory::Recorder::open(std::move(options));
  REQUIRE(recorder);
  const auto see = [&](std::string_view app, std::string_view host, const char* client,
                       const char* server) {
    auto flow = SampleInventory::flow(app, host, client, 0, 1);
    flow.conversation.server = *IpAddress::parse(server);
    recorder->on_flow(flow);
  };
  see("chatter", "chat.example", "10.0.0.1", "192.0.2.1");
  see("chatter", "chat.example", "10.0.0.1", "192.0.2.2");
  see("chatter", "chat.example", "10.0.0.1", "2001:db8::1");
  see("chatter", "chat.example", "10.0.0.1", "10.9.9.9");
  see("", "img.chat.example", "10.0.0.7", "198.51.100.1");
  see("", "other.test", "10.0.0.8", "192.0.2.2");
  REQUIRE(recorder->finish({}, {}));
  HostKnowledge knowledge;
  knowledge.hosts = {{"chatter", "chat.example", "web-ui", true, ""}};
  BlockSelection selection;
  selection.statuses.clear();
  auto list = make_block_list(sample.path(), knowledge, selection);
  REQUIRE(list);
  REQUIRE(list->entries.size() == 1);
  const Collateral& seen = list->entries.front().seen;
  CHECK(seen.clients == 1);
  CHECK(seen.other_hosts == std::vector<std::string>{"img.chat.example"});
  CHECK(seen.other_client_addresses == std::vector<std::string>{"10.0.0.7"});

  const auto addresses_of = [](const BlockList& made) {
    std::string out;
    for (const BlockAddress& each : made.addresses) out += each.address + " ";
    return out;
  };
  CHECK(addresses_of(*list) == "192.0.2.1 198.51.100.1 2001:db8::1 ");
  CHECK(is_in(why_of(*list, "192.0.2.2"), "such as other.test"));
  CHECK(is_in(why_of(*list, "10.9.9.9"), "this network"));
  selection.include_shared = true;
  auto all = make_block_list(sample.path(), knowledge, selection);
  REQUIRE(all);
  CHECK(addresses_of(*all) == "10.9.9.9 192.0.2.1 192.0.2.2 198.51.100.1 2001:db8::1 ");
  CHECK(all->addresses[2].seen.other_hosts == std::vector<std::string>{"other.test"});
  CHECK(all->addresses[2].seen.other_clients == 1);
}

TEST_CASE("hostile names never reach a list") {
  Blocking blocking;
  const BlockList list = blocking.list();
  CHECK(why_of(list, kHostileHost) == "not a host name");
  BlockSelection all;
  all.statuses.clear();
  const BlockList whole = blocking.list(all);
  for (const BlockFormat& format : block_formats()) {
    INFO(format.name);
    const std::string text = format.write(whole, {});
    CHECK_FALSE(is_in(text, "\x1b"));
    CHECK_FALSE(is_in(text, "\xe2\x80\xae"));
    CHECK_FALSE(is_in(text, "\xff"));
    // Names of apps may stand in comments, never on a line of their own.
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t end = std::min(text.find('\n', from), text.size());
      CHECK_FALSE(text.substr(from, end - from).starts_with("</script>"));
      CHECK_FALSE(text.substr(from, end - from).starts_with("="));
      from = end + 1;
    }
  }
}

TEST_CASE("a list has the date of the last packet and is the same every time") {
  Blocking blocking;
  for (const BlockFormat& format : block_formats()) {
    INFO(format.name);
    const std::string text = format.write(blocking.list(), {});
    CHECK(text == format.write(blocking.list(), {}));
    if (format.comments) {
      if (!format.addresses) CHECK(is_in(text, "2026-11-24"));
    } else {
      CHECK_FALSE(is_in(text, "#"));
    }
  }
}

TEST_CASE("names one by one are those that are known or were seen") {
  Blocking blocking;
  const auto text_of = [&](std::string_view name) {
    for (const BlockFormat& format : block_formats())
      if (format.name == name) return format.write(blocking.list(), {});
    return std::string{};
  };
  CHECK(is_in(text_of("hosts"), "0.0.0.0 api.chat.example  # Chatter"));
  CHECK(is_in(text_of("hosts"), ":: chat.example\n"));
  CHECK(text_of("edl") == "chat.example\n*.chat.example\n");
  CHECK(text_of("edl-url") == "chat.example/\n*.chat.example/\n");
  CHECK(is_in(text_of("rpz"), "\nchat.example CNAME .\n*.chat.example CNAME .\n"));
  CHECK(is_in(text_of("rpz"), "SOA localhost. root.localhost. ( 1795518030 "));
  CHECK(is_in(text_of("squid"), "acl gnomon_ai dstdomain .chat.example\n"));
  CHECK(is_in(text_of("suricata"), "tls.sni; dotprefix; content:\".chat.example\"; endswith;"));
  CHECK(is_in(text_of("defender"), "\r\nDomainName,chat.example,,Block,"));
  CHECK(is_in(text_of("fortigate"), "set url \"*.chat.example\""));
}

TEST_CASE("clients are named in the explanation only when they may be") {
  const BlockList list = Blocking{}.list();
  CHECK(is_in(explain_block_list(list, {}), "\"10.0.0.1\""));
  BlockStyle style;
  style.clients = false;
  const std::string without = explain_block_list(list, style);
  CHECK_FALSE(is_in(without, "10.0.0.1"));
  CHECK(is_in(without, "\"clients\":2"));
}

TEST_CASE("a bill of materials holds what is used and names clients only when it may") {
  Blocking blocking;
  auto inventory = inventory::Inventory::open(blocking.sample().path());
  REQUIRE(inventory);
  const auto bill = bill_of_materials(*inventory, true);
  REQUIRE(bill);
  CHECK(is_in(*bill, "\"bom-ref\":\"app:chatter\""));
  CHECK(is_in(*bill, "ip:10.0.0.1"));
  CHECK_FALSE(is_in(*bill, "app:quiet"));  // only asked for
  const auto again = bill_of_materials(*inventory, true);
  REQUIRE(again);
  CHECK(*bill == *again);
  const auto without = bill_of_materials(*inventory, false);
  REQUIRE(without);
  CHECK_FALSE(is_in(*without, "10.0.0.1"));
  CHECK_FALSE(is_in(*without, "2001:db8::1"));
}

}  // namespace gnomon::report
