#include "gnomon/content/profile.h"

#include <catch2/catch.hpp>

#include "detector_rules.h"
#include "gnomon/content/tally.h"

namespace gnomon::content {
namespace {

constexpr std::string_view kDetectors =
    "category: pii\ndetectors:\n"
    "  - {id: mail, name: Mail, family: contact, severity: low, patterns: ['mail_[0-9a-f]{8}']}\n"
    "  - {id: call, name: Call, family: contact, patterns: ['call_[0-9a-f]{8}']}\n"
    "  - {id: card, name: Card, category: financial, patterns: ['card_[0-9a-f]{8}']}\n";
constexpr std::string_view kProfile =
    "profiles:\n  - id: both\n    name: Both\n    category: financial\n    severity: medium\n"
    "    conditions:\n      - {of: [card], unique: 2}\n"
    "      - {of: [contact], confidence: low}\n"
    "    levels: [{unique: 10, severity: high}]\n";

std::string with(std::string_view from, std::string_view to) {
  std::string text{kProfile};
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  return std::string{kDetectors} + text;
}

RuleBook book_of(const std::string& text) {
  auto book = read_rules({{"a.yaml", text}});
  REQUIRE(book);
  REQUIRE(book->profiles.size() == 1);
  return std::move(*book);
}

ProfileInput found(const RuleBook& book, std::string_view id, std::uint32_t sure,
                   std::uint32_t guesses = 0) {
  for (const Rule& rule : book.rules)
    if (rule.detector.id == id) return {&rule.detector, sure + guesses, sure + guesses, sure, sure};
  FAIL("no detector " << id);
  return {};
}

TEST_CASE("a profile holds when its conditions do", "[content][profile]") {
  const RuleBook book = book_of(with("", ""));
  const Profile& both = book.profiles.front();
  CHECK(both.detector.is_profile);
  CHECK(both.detector.index == 3);
  CHECK_FALSE(judge(both, {}, {}));
  CHECK_FALSE(judge(both, {found(book, "card", 2)}, {}));
  CHECK_FALSE(judge(both, {found(book, "mail", 2)}, {}));
  CHECK_FALSE(judge(both, {found(book, "card", 1), found(book, "mail", 1)}, {}));
  // Two cards, but one of them a guess.
  CHECK_FALSE(judge(both, {found(book, "card", 1, 1), found(book, "mail", 1)}, {}));

  const auto sure = judge(both, {found(book, "card", 2), found(book, "mail", 1)}, {});
  REQUIRE(sure);
  CHECK(sure->confidence == Confidence::kHigh);
  CHECK(sure->severity == Severity::kMedium);
  CHECK(sure->reason == "card 2, mail 1");

  const auto guess = judge(both, {found(book, "card", 2), found(book, "call", 0, 3)}, {});
  REQUIRE(guess);
  CHECK(guess->confidence == Confidence::kLow);
  CHECK(guess->reason == "card 2, call 3");

  const auto many = judge(both, {found(book, "card", 10), found(book, "call", 1)}, {});
  REQUIRE(many);
  CHECK(many->severity == Severity::kHigh);
}

TEST_CASE("what a profile may say", "[content][profile]") {
  struct Case {
    std::string_view from;
    std::string_view to;
    std::uint32_t cards;
    std::uint32_t mails;
    std::uint32_t calls;
    bool holds;
  };
  const auto& row = GENERATE(values<Case>({
      {"of: [card], unique: 2", "of: [financial], count: 3", 3, 1, 0, true},
      {"of: [card], unique: 2", "of: [financial], count: 3", 2, 1, 0, false},
      {"of: [contact]", "of: [pii], except: [mail]", 2, 1, 0, false},
      {"of: [contact]", "of: [pii], except: [mail]", 2, 1, 1, true},
      {"of: [contact]", "of: [pii], except: [contact]", 2, 1, 1, false},
      {"of: [contact]", "of: [contact], kinds: 2", 2, 1, 1, false},  // one family
      {"of: [contact]", "of: [contact], unique: 4", 2, 2, 2, true},  // of both together
      {"of: [contact]", "of: [pii, financial], kinds: 2", 2, 1, 0, true},
      {"of: [contact]", "of: [contact], severity: medium", 2, 1, 0, false},
      {"of: [contact]", "of: [contact], severity: medium", 2, 0, 1, true},
      {"    levels", "    needed: 1\n    levels", 0, 1, 0, true},
      {"    levels", "    needed: 1\n    levels", 0, 0, 0, false},
  }));
  INFO(row.from << " -> " << row.to);
  const RuleBook book = book_of(with(row.from, row.to));
  const std::vector<ProfileInput> inputs = {found(book, "card", row.cards),
                                            found(book, "mail", row.mails),
                                            found(book, "call", row.calls)};
  CHECK(judge(book.profiles.front(), inputs, {}).has_value() == row.holds);
}

TEST_CASE("a profile may be of one direction and of some who speak", "[content][profile]") {
  struct Case {
    std::string_view says;
    TextContext context;
    bool holds;
  };
  const auto& row = GENERATE(values<Case>({
      {"direction: to_client", {false, Role::kAssistant}, true},
      {"direction: to_client", {true, Role::kAssistant}, false},
      {"direction: to_server", {true, Role::kNone}, true},
      {"direction: to_server", {false, Role::kNone}, false},
      {"roles: [tool, assistant]", {true, Role::kTool}, true},
      {"roles: [tool, assistant]", {true, Role::kUser}, false},
      {"roles: [tool, assistant]", {true, Role::kNone}, false},
  }));
  INFO(row.says);
  const RuleBook book =
      book_of(with("    levels", "    " + std::string{row.says} + "\n    levels"));
  const std::vector<ProfileInput> inputs = {found(book, "card", 2), found(book, "mail", 1)};
  CHECK(judge(book.profiles.front(), inputs, row.context).has_value() == row.holds);
}

TEST_CASE("a profile may be sure of what is made of guesses", "[content][profile]") {
  const RuleBook book = book_of(with("    levels", "    confidence: high\n    levels"));
  const auto verdict =
      judge(book.profiles.front(), {found(book, "card", 2), found(book, "call", 0, 3)}, {});
  REQUIRE(verdict);
  CHECK(verdict->confidence == Confidence::kHigh);
}

TEST_CASE("what is wrong with a profile is said with its line", "[content][profile]") {
  struct Case {
    std::string_view from;
    std::string_view to;
    std::string_view says;
  };
  const auto& row = GENERATE(values<Case>({
      {"of: [card]", "of: [kard]",
       "line 12: both: no detector, family or category is called 'kard'"},
      {"of: [card]", "of: card", "line 12: both: a list is wanted"},
      {"{of: [card], unique: 2}", "{unique: 2}", "line 12: both: a condition says 'of' what"},
      {"unique: 2", "uniqe: 2", "line 12: both: 'uniqe' is not known in a condition"},
      {"unique: 2", "unique: 0", "line 12: both: a number from 1 to 1000000 is wanted"},
      {"unique: 2", "unique: two", "line 12: both: a number from 1 to 1000000 is wanted"},
      {"confidence: low", "confidence: maybe", "line 13: both: 'maybe' is not a confidence"},
      {"severity: medium", "severity: huge", "line 10: both: 'huge' is not a severity"},
      {"category: financial\n    sev", "category: money\n    sev",
       "line 9: both: 'money' is not a category"},
      {"    name: Both\n", "", "both: has no name"},
      {"id: both", "od: both", "has no id"},
      {"id: both", "id: card", "'card' is there twice"},
      {"    levels", "    needed: 3\n    levels",
       "both: more are needed than there are conditions"},
      {"unique: 10, ", "", "both: a level says 'unique'"},
      {"    levels", "    direction: up\n    levels", "'up' is not to_server or to_client"},
      {"    levels", "    roles: [admin]\n    levels", "'admin' is not a role"},
      {"    levels", "    level", "'level' is not known in a profile"},
      {"profiles:\n", "profiles: 3\nabout:\n", "a list of profiles is wanted"},
  }));
  INFO(row.from << " -> " << row.to);
  const auto book = read_rules({{"a.yaml", with(row.from, row.to)}});
  REQUIRE_FALSE(book);
  INFO(book.error().message);
  CHECK(book.error().message.find(row.says) != std::string::npos);
  CHECK(book.error().message.find("a.yaml") != std::string::npos);
}

TEST_CASE("a local profile stands for a shipped one", "[content][profile]") {
  const std::string shipped = with("", "");
  std::string own{kProfile};
  own.replace(own.find("name: Both"), 10, "name: Ours");
  const auto book = read_rules({{"a.yaml", shipped}, {"b.yaml", own, true}});
  REQUIRE(book);
  REQUIRE(book->profiles.size() == 1);
  CHECK(book->profiles.front().detector.name == "Ours");
  CHECK_FALSE(read_rules({{"a.yaml", shipped}, {"b.yaml", own}}));
  // One by the name of a detector is none of its kind.
  std::string other{kProfile};
  other.replace(other.find("id: both"), 8, "id: card");
  CHECK_FALSE(read_rules({{"a.yaml", shipped}, {"b.yaml", other, true}}));
}

TEST_CASE("a file of profiles cut anywhere is read or refused", "[content][profile]") {
  const std::string whole = with("", "");
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const auto book = read_rules({{"a.yaml", whole.substr(0, cut)}});
    if (book) CHECK(book->profiles.size() <= 1);
  }
}

TEST_CASE("a tally tells the profiles that hold, once and without a value", "[content][profile]") {
  const RuleBook book = book_of(with("", ""));
  const auto match = [&](std::string_view id, std::uint64_t hash, Confidence confidence) {
    Match made;
    made.detector = found(book, id, 1).detector;
    made.value_hash = hash;
    made.confidence = confidence;
    made.sample = "c***";
    made.value = "value";
    return made;
  };
  FindingTally tally{InventoryKey{}};
  tally.add(std::vector{match("card", 1, Confidence::kHigh), match("card", 1, Confidence::kHigh),
                        match("mail", 2, Confidence::kHigh)});
  CHECK(tally.findings(book.profiles).size() == 2);  // one card, seen twice
  tally.add(std::vector{match("card", 3, Confidence::kHigh)});
  const auto findings = tally.findings(book.profiles);
  REQUIRE(findings.size() == 3);
  CHECK(tally.findings().size() == 2);
  const auto both = std::find_if(findings.begin(), findings.end(),
                                 [](const auto& each) { return each.detector->id == "both"; });
  REQUIRE(both != findings.end());
  CHECK(both->count == 1);
  CHECK(both->unique_count == 1);
  CHECK(both->sample == "card 2, mail 1");
  CHECK(both->value_hash.empty());
}

TEST_CASE("guesses do not make worse what is sure", "[content][tally]") {
  const RuleBook book = book_of(with("", ""));
  std::vector<Match> matches(12);
  for (std::size_t i = 0; i < matches.size(); ++i) {
    matches[i].detector = found(book, "card", 1).detector;
    matches[i].value_hash = i;
    matches[i].severity = Severity::kLow;
    matches[i].confidence = i == 0 ? Confidence::kHigh : Confidence::kLow;
  }
  FindingTally tally{InventoryKey{}};
  tally.add(matches);
  CHECK(tally.findings().front().severity == Severity::kLow);
  CHECK(tally.findings().front().unique_count == 12);
  for (Match& match : matches) match.confidence = Confidence::kHigh;
  tally.add(matches);
  CHECK(tally.findings().front().severity == Severity::kMedium);
}

}  // namespace
}  // namespace gnomon::content
