#include "gnomon/inventory/privacy.h"

#include <sys/stat.h>

#include "gnomon/inventory/frameworks.h"
#include "gnomon/inventory/pages.h"
#include "gnomon/inventory/retention.h"
#include "test_records.h"

namespace gnomon::inventory {
namespace {

PseudonymKey key_of(const Scratch& scratch, const char* name = "k") {
  auto key = PseudonymKey::load(scratch.folder() / name, true);
  REQUIRE(key);
  return *key;
}

void record_hidden(const Scratch& scratch, const PseudonymKey& key) {
  auto recorder = Recorder::open(options_for(scratch));
  REQUIRE(recorder);
  PseudonymSink sink{key, {}, {&*recorder}};
  recorder->keep_pseudonyms(key, [&] { return sink.taken(); });
  sink.on_flow(use_of("chat", "chat.example", "10.1.2.3", 0, 1));
  observation::ClientNameRecord name;
  name.client = address("10.1.2.3");
  name.name = "annas-laptop";
  name.mac = "00:11:22:33:44:55";
  name.source = "dhcp";
  name.time = at_second(1);
  sink.on_client_name(name);
  sink.on_finding(finding_of("10.1.2.3", "aws-access-key", "h", 2, 2));
  sink.on_asset(asset_of("198.51.100.7", "ollama", 3, 3));
  REQUIRE(recorder->finish(run_of("aa"), {}));
}

}  // namespace

TEST_CASE("a key is made for its owner alone, and one that others may read is refused",
          "[privacy]") {
  const Scratch scratch;
  const auto path = scratch.folder() / "k";
  CHECK_FALSE(PseudonymKey::load(path, false));
  const PseudonymKey key = key_of(scratch);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(key_of(scratch).id() == key.id());  // the same again
  CHECK(key_of(scratch, "other").id() != key.id());
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  auto open = PseudonymKey::load(path, true);
  REQUIRE_FALSE(open);
  CHECK_THAT(open.error().message, Catch::Contains("chmod 600"));
  for (const std::string& bad : {std::string{}, std::string{"x"}, std::string(88, 'a'),
                                 "gnomon pseudonym key 1\n" + std::string(64, 'g') + "\n",
                                 "gnomon pseudonym key 1\n" + std::string(63, 'a') + "\n",
                                 "gnomon pseudonym key 1\n" + std::string(64, 'a') + "\nmore"}) {
    const auto file = scratch.folder() / "bad";
    std::ofstream{file, std::ios::trunc} << bad;
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    CHECK_FALSE(PseudonymKey::load(file, true));
  }
}

TEST_CASE("pseudonyms are the same for the same client and key, and tell only its kind",
          "[privacy]") {
  const Scratch scratch;
  const PseudonymKey key = key_of(scratch);
  const PseudonymKey other = key_of(scratch, "other");
  const IpAddress inside = key.of_address(address("10.1.2.3"));
  CHECK(inside == key.of_address(address("10.1.2.3")));
  CHECK(inside != key.of_address(address("10.1.2.4")));
  CHECK(inside != other.of_address(address("10.1.2.3")));
  CHECK(is_pseudonym(inside));
  CHECK(inside.is_private());
  const IpAddress outside = key.of_address(address("198.51.100.7"));
  CHECK(is_pseudonym(outside));
  CHECK_FALSE(outside.is_private());
  CHECK_FALSE(is_pseudonym(address("10.1.2.3")));
  CHECK(key.of_name("a") != key.of_name("b"));
  CHECK_THAT(key.of_mac("00:11:22:33:44:55"), Catch::StartsWith("02:"));
}

TEST_CASE("what is sealed opens for its pseudonym and key alone, and whole", "[privacy]") {
  const Scratch scratch;
  const PseudonymKey key = key_of(scratch);
  const std::string sealed = key.seal("p", "10.1.2.3");
  CHECK(key.unseal("p", sealed) == "10.1.2.3");
  CHECK(sealed.find("10.1.2.3") == std::string::npos);
  CHECK_FALSE(key.unseal("q", sealed));
  CHECK_FALSE(key_of(scratch, "other").unseal("p", sealed));
  for (std::size_t cut = 0; cut < sealed.size(); ++cut)
    CHECK_FALSE(key.unseal("p", sealed.substr(0, cut)));
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string changed = sealed;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK_FALSE(key.unseal("p", changed));
  }
}

TEST_CASE("nothing of a client is in the file, and what there is can be revealed, audited",
          "[privacy]") {
  const Scratch scratch;
  const PseudonymKey key = key_of(scratch);
  record_hidden(scratch, key);
  std::string bytes;
  for (const char* suffix : {"", "-wal"}) {
    std::ifstream file{scratch.path().string() + suffix, std::ios::binary};
    bytes += std::string{std::istreambuf_iterator<char>{file}, {}};
  }
  for (const char* secret : {"10.1.2.3", "annas-laptop", "00:11:22:33:44:55", "198.51.100.7"}) {
    INFO(secret);
    CHECK(bytes.find(secret) == std::string::npos);
  }
  const std::string pseudonym = key.of_address(address("10.1.2.3")).to_string();
  CHECK(bytes.find(pseudonym) != std::string::npos);
  CHECK(scratch.ask("SELECT count(*) FROM client_name WHERE client = '" + pseudonym + "'") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM pseudonym") == 4);

  CHECK_FALSE(reveal(scratch.path(), key, pseudonym, " ", "ada", at_second(9)));
  auto found = reveal(scratch.path(), key, pseudonym, "incident 7", "ada", at_second(9));
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->original == "10.1.2.3");
  CHECK((*found)->kind == "address");
  auto nothing = reveal(scratch.path(), key, "fd67::1", "curious", "eve", at_second(9));
  REQUIRE(nothing);
  CHECK_FALSE(*nothing);
  nothing =
      reveal(scratch.path(), key_of(scratch, "other"), pseudonym, "theft", "eve", at_second(9));
  REQUIRE(nothing);
  CHECK_FALSE(*nothing);
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE action = 'reveal' AND reason = 'incident 7' "
                    "AND value_after = 'revealed'") == 1);
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE action = 'reveal' AND actor = 'eve' AND "
                    "value_after = 'not revealed'") == 2);
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE value_after LIKE '%10.1.2.3%'") == 0);
  auto state = privacy_state(scratch.path());
  REQUIRE(state);
  CHECK(state->pseudonyms);
  CHECK(state->mapped == 4);
}

TEST_CASE("one inventory holds clients in clear or of one key, never both", "[privacy]") {
  const Scratch scratch;
  const PseudonymKey key = key_of(scratch);
  const PseudonymKey other = key_of(scratch, "other");
  CHECK_FALSE(may_record(scratch.path(), &key));
  // Made, and then there was no room for anything in it.
  REQUIRE(scratch.execute("PRAGMA journal_mode = WAL; CREATE TABLE t (a); DROP TABLE t"));
  CHECK(std::filesystem::file_size(scratch.path()) > 0);
  CHECK_FALSE(may_record(scratch.path(), &key));
  CHECK_FALSE(may_record(scratch.path(), nullptr));
  record_hidden(scratch, key);
  CHECK_FALSE(may_record(scratch.path(), &key));
  CHECK_THAT(may_record(scratch.path(), &other)->message, Catch::Contains("another key"));
  CHECK_THAT(may_record(scratch.path(), nullptr)->message, Catch::Contains("under pseudonyms"));
  const Scratch clear;
  {
    auto recorder = Recorder::open(options_for(clear));
    REQUIRE(recorder);
    recorder->on_flow(use_of("chat", "chat.example", "10.1.2.3", 0, 1));
    REQUIRE(recorder->finish(run_of("aa"), {}));
  }
  CHECK_FALSE(may_record(clear.path(), nullptr));
  CHECK_THAT(may_record(clear.path(), &key)->message, Catch::Contains("in clear"));
}

TEST_CASE("the same records under pseudonyms make the same file", "[privacy]") {
  const Scratch one;
  const Scratch two;
  const PseudonymKey key = key_of(one);
  record_hidden(one, key);
  record_hidden(two, key);
  CHECK(dump_of(one) == dump_of(two));
}

TEST_CASE("a group is told before its clients become pseudonyms", "[privacy]") {
  const Scratch scratch;
  const PseudonymKey key = key_of(scratch);
  ClientGroup group;
  group.id = "finance";
  group.members = {"10.1.0.0/16"};
  auto map = GroupMap::make(std::span{&group, 1});
  REQUIRE(map);
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    PseudonymSink sink{key, *map, {&*recorder}};
    recorder->keep_pseudonyms(key, [&] { return sink.taken(); });
    sink.on_flow(use_of("chat", "chat.example", "10.1.2.3", 0, 1));
    REQUIRE(recorder->finish(run_of("aa"), {}));
  }
  CHECK(scratch.ask("SELECT count(*) FROM client_membership WHERE client_group = 'finance'") == 1);
}

TEST_CASE("of whom nothing is kept any more, it is not kept who it was", "[privacy]") {
  const Scratch scratch;
  record_hidden(scratch, key_of(scratch));
  TidyOptions options;
  options.now = at_second(900) + std::chrono::days{1};
  REQUIRE(tidy(scratch.path(), Retention{}, options));
  CHECK(scratch.ask("SELECT count(*) FROM pseudonym") == 4);
  options.now = at_second(900) + std::chrono::days{2'000};
  REQUIRE(tidy(scratch.path(), Retention{}, options));
  CHECK(scratch.ask("SELECT count(*) FROM pseudonym") == 0);
}

TEST_CASE("who comes back after a while is told again, with the group it had", "[privacy]") {
  const Scratch scratch;
  const PseudonymKey key = key_of(scratch);
  ClientGroup group;
  group.id = "finance";
  group.members = {"name:annas-laptop"};
  auto map = GroupMap::make(std::span{&group, 1});
  REQUIRE(map);
  PseudonymSink sink{key, *map, {}};
  const auto seen = [&](std::int64_t second) {
    sink.on_tick(at_second(second));
    sink.on_flow(use_of("chat", "chat.example", "10.1.2.3", second, 1));
    return sink.taken();
  };
  CHECK(seen(0).size() == 1);
  CHECK(seen(3'599).empty());
  observation::ClientNameRecord name;
  name.client = address("10.1.2.3");
  name.name = "annas-laptop";
  sink.on_client_name(name);
  const auto named = sink.taken();
  REQUIRE(named.size() == 2);  // the name, and the address for its group's sake
  CHECK(named[1].client_group == "finance");
  CHECK(seen(3'700).empty());
  const auto later = seen(3'599 + 3'600);
  REQUIRE(later.size() == 1);
  CHECK(later[0].client_group == "finance");
  CHECK(seen(7'200).empty());
  sink.tell_again();
  CHECK(seen(7'201).size() == 1);
  CHECK(seen(7'202).empty());
}

TEST_CASE("every field of the registers is filled or unknown", "[frameworks]") {
  const Scratch scratch;
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    recorder->on_flow(use_of("chat", "chat.example", "10.1.2.3", 0, 1));
    REQUIRE(recorder->finish(run_of("aa"), {}));
  }
  const auto fields = [&] {
    auto inventory = Inventory::open(scratch.path());
    REQUIRE(inventory);
    auto apps = inventory->apps();
    auto given = given_fields(scratch.path(), "chat");
    REQUIRE(given);
    return framework_fields((*apps)[0], {}, *given);
  };
  const auto value_of = [](const std::vector<FrameworkField>& all, std::string_view key) {
    for (const FrameworkField& each : all)
      if (each.key == key) return each.value + " " + each.source;
    return std::string{"nothing"};
  };
  auto all = fields();
  for (const FrameworkField& each : all) {
    INFO(each.key);
    CHECK_FALSE(each.value.empty());
    CHECK((each.value == "unknown") == (each.source == "unknown"));
  }
  CHECK(value_of(all, "nist.vendor") == "Chat Ltd catalogue");
  CHECK(value_of(all, "eu.risk_class") == "unknown unknown");
  CHECK(value_of(all, "nist.users") == "1 clients observed");
  const auto set = [&](const char* key, const char* value) {
    return set_framework_field(scratch.path(), "chat", key, value, "ada", at_second(1));
  };
  CHECK_FALSE(set("eu.risk_class", "enormous"));
  CHECK_FALSE(set("eu.nothing", "x"));
  CHECK_FALSE(set("nist.users", "7"));
  CHECK_FALSE(
      set_framework_field(scratch.path(), "nothing", "eu.risk_class", "high", "ada", at_second(1)));
  REQUIRE(set("eu.risk_class", "limited"));
  REQUIRE(set("iso.people", "two engineers"));
  all = fields();
  CHECK(value_of(all, "eu.risk_class") == "limited given");
  CHECK(value_of(all, "iso.people") == "two engineers given");
  REQUIRE(set("eu.risk_class", ""));
  CHECK(value_of(fields(), "eu.risk_class") == "unknown unknown");
  CHECK(scratch.ask("SELECT count(*) FROM audit WHERE action = 'framework'") == 3);
}

}  // namespace gnomon::inventory
