#include "gnomon/inventory/risk.h"

#include <algorithm>
#include <map>

#include "test_records.h"

namespace gnomon::inventory {

RiskRubric shipped() {
  auto rubric = RiskRubric::load("signatures/risk.yaml");
  INFO((rubric ? std::string{} : rubric.error().message));
  REQUIRE(rubric);
  return *rubric;
}

// All that can be known, each at its best.
RiskInput best_input() {
  RiskInput input;
  input.app = "chat";
  input.facts = {"chat",
                 "Chat",
                 "Chat SE",
                 "DE",
                 "chat-assistant",
                 {{"anonymous_use", "no"},
                  {"data_residency_country", "EU"},
                  {"enterprise_tier", "yes"},
                  {"file_upload", "no"},
                  {"gdpr_dpa", "yes"},
                  {"hipaa_baa", "yes"},
                  {"iso27001", "yes"},
                  {"known_breach", "none"},
                  {"retention", "0"},
                  {"soc2", "yes"},
                  {"sso", "yes"},
                  {"trains_on_customer_data_default", "no"}}};
  for (const ExposureMetric& metric : kExposureMetrics) input.*metric.member = 0;
  input.status = "sanctioned";
  input.review_date = "2030-01-01";
  input.as_of = at_second(0);  // 2023-11-14
  return input;
}

void set(RiskInput& input, const std::string& key, const std::string& value) {
  for (auto& [name, old] : input.facts.attributes)
    if (name == key) old = value;
}

const RiskRow& row_of(const RiskRating& rating, std::string_view key) {
  const auto found = std::find_if(rating.rows.begin(), rating.rows.end(),
                                  [key](const RiskRow& row) { return row.key == key; });
  REQUIRE(found != rating.rows.end());
  return *found;
}

// What must hold of every rating.
void check_sound(const RiskRating& rating) {
  std::int32_t sum = 0;
  std::int32_t unknown = 0;
  for (const RiskRow& row : rating.rows) {
    INFO(row.key);
    sum += row.points;
    if (!row.known) {
      unknown += row.points_max;
      CHECK(row.points == 0);
    }
    if (row.part != RiskPart::kOverride) {
      CHECK(row.points >= 0);
      CHECK(row.points <= row.points_max);
    }
    CHECK_FALSE(row.label.empty());
    CHECK_FALSE(row.value.empty());
    CHECK_FALSE(row.why.empty());
  }
  CHECK(rating.score == sum);
  CHECK(rating.score >= 0);
  CHECK(rating.score <= 100);
  CHECK(rating.confidence == 100 - unknown);
}

TEST_CASE("the best that can be known is 0 points, of which we are sure", "[risk]") {
  const RiskRating rating = shipped().rate(best_input());
  check_sound(rating);
  CHECK(rating.score == 0);
  CHECK(rating.level == RiskLevel::kMinimal);
  CHECK(rating.confidence == 100);
  CHECK(rating.score_worst == 0);
  CHECK(rating.rows.size() == shipped().factors().size());
}

TEST_CASE("an app of which everything speaks against it is rated 100", "[risk]") {
  RiskInput input = best_input();
  for (const char* key : {"anonymous_use", "file_upload", "trains_on_customer_data_default"})
    set(input, key, "yes");
  for (const char* key : {"enterprise_tier", "gdpr_dpa", "hipaa_baa", "iso27001", "soc2", "sso"})
    set(input, key, "no");
  set(input, "data_residency_country", "CN/SG");
  set(input, "known_breach", "2025-01 an open database");
  set(input, "retention", "indefinite");
  input.facts.vendor_country = "CN";
  for (const ExposureMetric& metric : kExposureMetrics) input.*metric.member = UINT64_MAX;
  for (const char* category : {"secret.cloud", "pii", "source-code", "prompt-attack"})
    input.findings_by_kind.push_back({category, "high", "high", "to_server", 1000});
  input.status = "unsanctioned";
  input.review_date = "2023-11-13";
  const RiskRating rating = shipped().rate(input);
  check_sound(rating);
  CHECK(rating.score == 100);
  CHECK(rating.level == RiskLevel::kCritical);
  CHECK(row_of(rating, "review").value == "overdue");
}

TEST_CASE("findings count in the rows of their kind, direction and confidence", "[risk]") {
  struct Case {
    FindingCount finding;
    std::string_view row;
    std::int32_t points;
  };
  const auto row = GENERATE(values<Case>({
      {{"secret.cloud", "critical", "high", "to_server", 1}, "secrets", 3},
      {{"secret", "critical", "high", "to_server", 10}, "secrets", 4},
      {{"secretservice", "critical", "high", "to_server", 10}, "secrets", 0},
      {{"secret.cloud", "critical", "low", "to_server", 10}, "secrets", 0},
      {{"secret.cloud", "critical", "high", "to_client", 10}, "secrets", 0},
      {{"pii.gov", "high", "high", "to_server", 10}, "personal_data", 2},
      {{"health.doc", "high", "high", "to_server", 100}, "personal_data", 3},
      {{"customer-data", "critical", "high", "to_server", 1}, "personal_data", 1},
      {{"confidential", "high", "high", "to_server", 1}, "confidential", 1},
      {{"source-code", "low", "high", "to_server", 1}, "confidential", 1},
      {{"infrastructure", "medium", "high", "to_server", 1}, "confidential", 1},
      {{"source-code", "low", "low", "to_server", 9}, "confidential", 0},
      {{"confidential", "high", "low", "to_server", 9}, "confidential", 0},
      {{"network-device", "low", "high", "to_server", 9}, "confidential", 0},
      {{"prompt-attack", "high", "high", "to_client", 1}, "prompt_attacks", 1},
      {{"misuse", "medium", "high", "to_client", 1}, "prompt_attacks", 1},
      {{"misuse", "medium", "low", "to_server", 9}, "prompt_attacks", 0},
      {{"misuse", "low", "high", "to_server", 9}, "prompt_attacks", 0},
      {{"pii.gov", "high", "high", "to_server", 10}, "secrets", 0},
  }));
  RiskInput input = best_input();
  input.findings_by_kind = {row.finding};
  const RiskRating rating = shipped().rate(input);
  check_sound(rating);
  CHECK(row_of(rating, row.row).points == row.points);
}

TEST_CASE("a server of one's own is rated by what is exposed, and no higher than 100", "[risk]") {
  const RiskRubric rubric = shipped();
  CHECK(rubric.rate_asset({}).score == 0);
  const std::vector<std::string> one{"unauthenticated"};
  CHECK(rubric.rate_asset(one).score == 35);
  CHECK(rubric.rate_asset(one).level == RiskLevel::kMedium);
  const std::vector<std::string> all{"unauthenticated", "admin-api", "public-clients",
                                     "cleartext-prompt", "something-new"};
  const RiskRating rating = rubric.rate_asset(all);
  CHECK(rating.score == 100);
  CHECK(rating.level == RiskLevel::kCritical);
  CHECK(rating.rows.size() == 5);
  CHECK(row_of(rating, "something-new").points == 0);
}

TEST_CASE("unknown is neither safe nor unsafe: no points, less confidence, and shown", "[risk]") {
  RiskInput known = best_input();
  RiskInput unknown = known;
  unknown.facts.attributes.clear();
  unknown.facts.vendor_country.clear();
  const RiskRubric rubric = shipped();
  const RiskRating sure = rubric.rate(known);
  const RiskRating unsure = rubric.rate(unknown);
  check_sound(unsure);
  CHECK(unsure.score == sure.score);
  CHECK(unsure.confidence == 55);
  CHECK(unsure.score_worst == 45);
  for (const RiskRow& row : unsure.rows)
    if (row.part == RiskPart::kVendor) {
      CHECK_FALSE(row.known);
      CHECK(row.value == "unknown");
    }

  set(known, "soc2", "unknown");
  CHECK(rubric.rate(known).confidence == 97);
  set(known, "soc2", "perhaps");  // no answer of ours: shown, and not known
  CHECK(rubric.rate(known).confidence == 97);
  CHECK(row_of(rubric.rate(known), "soc2").value == "perhaps");
  known.findings.reset();  // nothing could be read
  CHECK(rubric.rate(known).confidence == 88);
  CHECK(row_of(rubric.rate(known), "secrets").value == "not visible");
  CHECK(rubric.rate(known).score_worst == 12);
}

TEST_CASE("one answer moves one row", "[risk]") {
  struct Case {
    const char* key;
    const char* value;
    std::int32_t points;
  };
  const auto [key, value, points] = GENERATE(values<Case>({
      {"trains_on_customer_data_default", "yes", 10},
      {"trains_on_customer_data_default", "opt-out", 6},
      {"retention", "30d (less by agreement; ZDR possible)", 1},
      {"retention", "until deleted, then 30d", 4},
      {"retention", "18 months (3-36), reviewed chats up to 3y, 72h with activity off", 6},
      {"retention", "Indefinite until deleted", 6},
      {"retention", "0-24h cache, zero on request", 1},
      {"retention", "0 option", 2},
      {"retention", "zero-access encrypted", 0},
      {"data_residency_country", "US (EU/UK/JP/IN/... for Enterprise)", 3},  // IN is not listed
      {"data_residency_country", "US/EU", 2},
      {"data_residency_country", "choice of region", 0},
      {"data_residency_country", "CN or SG/US by region", 5},
      {"data_residency_country", "EU (DE)", 0},
      {"data_residency_country", "US, EU (GHE.com)", 2},  // GHE is no country
      {"known_breach", "2024-12 other users' chats were shown", 4},
      {"known_breach", "no", 0},
      {"soc2", "no", 3},
      {"anonymous_use", "yes", 2},
  }));
  INFO(key << " " << value);
  RiskInput input = best_input();
  set(input, key, value);
  const RiskRating rating = shipped().rate(input);
  check_sound(rating);
  CHECK(rating.score == points);
  CHECK(row_of(rating, key).points == points);
  CHECK(row_of(rating, key).value == value);
  CHECK(rating.confidence == 100);
}

TEST_CASE("exposure counts by steps", "[risk]") {
  const RiskRubric rubric = shipped();
  RiskInput input = best_input();
  const std::map<std::uint64_t, std::int32_t> steps{{0, 0},  {1, 1},   {9, 1},     {10, 2},
                                                    {99, 2}, {100, 4}, {1'000, 6}, {UINT64_MAX, 6}};
  for (const auto& [uploads, points] : steps) {
    input.upload_events = uploads;
    CHECK(rubric.rate(input).score == points);
  }
  input = best_input();
  input.upload_bytes = 1'234'567;
  CHECK(row_of(rubric.rate(input), "upload_bytes").value == "1,234,567 bytes");
  input.growth_percent = 51;
  CHECK(row_of(rubric.rate(input), "growth_percent").value == "51 %");
}

TEST_CASE("governance knows the decision and when to look again", "[risk]") {
  const RiskRubric rubric = shipped();
  RiskInput input = best_input();
  input.status = "tolerated";
  CHECK(rubric.rate(input).score == 6);
  input.review_date.clear();
  CHECK(rubric.rate(input).score == 7);
  input.review_date = "2023-11-14";  // today is not overdue
  CHECK(rubric.rate(input).score == 6);
  input.review_date = "2023-11-13";
  CHECK(rubric.rate(input).score == 10);
  input.status = "unreviewed";
  CHECK(row_of(rubric.rate(input), "review").value == "not reviewed");
  CHECK(rubric.rate(input).score == 10);
}

TEST_CASE("retention is the longest time that a text names", "[risk]") {
  struct Case {
    const char* text;
    std::optional<std::uint64_t> days;
  };
  const auto [text, days] = GENERATE(values<Case>({
      {"30d", 30},
      {"1h for API outputs", 1},
      {"48h", 2},
      {"18 months", 540},
      {"1 month free tier", 30},
      {"5y after account deletion (2025 report of telemetry even when off)", 1825},
      {"30d, or 5y when training is allowed", 1825},
      {"14d or 400d traces", 400},
      {"0", 0},
      {"0 for open models", 0},
      {"99999999999999999999 years", 36'500'000},
      {"until deleted", std::nullopt},
      {"2025 report", std::nullopt},
      {"30", std::nullopt},
      {"", std::nullopt},
      {"30 dogs", std::nullopt},
  }));
  INFO(text);
  CHECK(retention_days(text) == days);
}

TEST_CASE("working hours follow the offset and the week", "[risk]") {
  WorkingHours hours;                                          // 7 to 19, UTC
  const Time tuesday = at_second(0) - std::chrono::hours{22};  // 2023-11-14 00:13
  CHECK_FALSE(hours.contains(tuesday + std::chrono::hours{6}));
  CHECK(hours.contains(tuesday + std::chrono::hours{7}));
  CHECK(hours.contains(tuesday + std::chrono::hours{18}));
  CHECK_FALSE(hours.contains(tuesday + std::chrono::hours{19}));
  hours.utc_offset_minutes = 60;
  CHECK(hours.contains(tuesday + std::chrono::hours{6}));
  const Time saturday = tuesday + std::chrono::hours{4 * 24 + 10};
  CHECK_FALSE(hours.contains(saturday));
  hours.weekends = true;
  CHECK(hours.contains(saturday));
}

TEST_CASE("an override stands for its days, as a row that makes up the difference", "[risk]") {
  std::string text = rubric_text();
  text.replace(text.find("overrides: []"), 13,
               "overrides:\n"
               "  - {app: chat, score: 60, from: 2023-11-14, until: 2023-11-14, reason: a test}\n"
               "  - {app: other, score: 9, from: 2020-01-01, reason: a test}\n");
  auto rubric = RiskRubric::parse(text, "risk.yaml");
  REQUIRE(rubric);
  RiskInput input = best_input();
  RiskRating rating = rubric->rate(input);
  check_sound(rating);
  CHECK(rating.score == 60);
  CHECK(rating.level == RiskLevel::kHigh);
  CHECK(rating.rows.back().part == RiskPart::kOverride);
  CHECK(rating.rows.back().points == 60);
  CHECK(rating.rows.back().why == "a test");
  input.as_of = at_second(86'400);
  CHECK(rubric->rate(input).score == 0);
  input.as_of = at_second(-86'400);
  CHECK(rubric->rate(input).score == 0);
  input.app = "other";
  CHECK(rubric->rate(input).score == 9);
}

TEST_CASE("equal input gives equal ratings", "[risk]") {
  const RiskInput input = best_input();
  const RiskRating a = shipped().rate(input);
  const RiskRating b = shipped().rate(input);
  REQUIRE(a.rows.size() == b.rows.size());
  for (std::size_t i = 0; i < a.rows.size(); ++i) {
    CHECK(a.rows[i].value == b.rows[i].value);
    CHECK(a.rows[i].points == b.rows[i].points);
  }
}

TEST_CASE("an error in the rubric is told with its line", "[risk]") {
  struct Case {
    const char* was;
    const char* is;
    const char* message;
  };
  const auto [was, is, message] = GENERATE(values<Case>({
      {"levels:\n", "level:\n", "unknown key 'level' in the rubric"},
      {"  low: 15\n", "  low: 45\n", "level 'medium' must begin above the one before"},
      {"  minimal: 0\n", "  minimal: 1\n", "level 'minimal' must begin at 0"},
      {"  minimal: 0\n", "", "key 'minimal' is missing"},
      {"  from: 7\n", "  from: 7.5\n", "'from' must be a whole number from 0 to 23"},
      {"  from: 7\n", "  from: 20\n", "'to' must be after 'from'"},
      {"  weekends: false\n", "  weekends: maybe\n", "'weekends' must be true or false"},
      {"    kind: text\n", "    kind: prose\n", "unknown kind 'prose'"},
      {"    kind: text\n", "    kind: text\n    other: 1\n", "'other' has no meaning for kind"},
      {"    label: SOC 2\n", "", "key 'label' is missing"},
      {"    label: SOC 2\n", "    label: [a]\n", "'label' must be a text"},
      {"    label: SOC 2\n", "    lable: SOC 2\n", "unknown key 'lable' in a factor"},
      {"    label: SOC 2\n", "    label: a\n    label: b\n", "'label' is there twice"},
      {"values: {yes: 0, no: 3}", "values: {yes: 0, no: 4}", "points of 'soc2' must be"},
      {"values: {yes: 0, no: 3}", "values: {yes: 0, no: 2}", "gives its points_max of 3"},
      {"values: {yes: 0, no: 3}", "values: {no: 0, no: 3}", "'no' is there twice"},
      {"values: {yes: 0, no: 3}", "values: []", "'values' must be a list"},
      {"steps: {0: 0, 1: 3}", "steps: {1: 3, 0: 0}", "steps must ascend"},
      {"steps: {0: 0, 1: 3}", "steps: {0: 0, one: 3}", "a step must be a whole number"},
      {"steps: {0: 0, 1: 3}", "values: {a: 3}", "'values' has no meaning for kind 'steps'"},
      {"key: upload_events", "key: feelings", "unknown factor 'feelings' of exposure"},
      {"key: status", "key: clients", "factor 'clients' is there twice"},
      {"key: review\n", "key: state\n", "unknown factor 'state' of governance"},
      {"    points_max: 16\n    values: {unreviewed: 10, under-review: 8, sanctioned: 0, "
       "tolerated: 6, unsanctioned: 16}",
       "    points_max: 15\n    values: {unreviewed: 10, under-review: 8, sanctioned: 0, "
       "tolerated: 6, unsanctioned: 15}",
       "add up to 99, but must make 100"},
      {"overrides: []", "overrides: [{app: a, score: 1, from: 2026-02-30, reason: r}]",
       "'from' must be a day as 2026-12-31"},
      {"overrides: []", "overrides: [{app: a, score: 101, from: 2026-02-03, reason: r}]",
       "'score' must be a whole number from 0 to 100"},
      {"overrides: []", "overrides: 7", "'overrides' must be a list"},
      {"findings: {categories: [secret]", "findings: {categories: secret",
       "'categories' must be a list of words"},
      {"findings: {categories: [secret]", "findings: {kinds: [secret]",
       "unknown key 'kinds' in findings"},
      {"exposure: admin-api", "exposure: unauthenticated",
       "exposure 'unauthenticated' is there twice"},
      {"    points: 35\n", "    points: 101\n", "'points' must be a whole number from 0 to 100"},
      {"    points: 35\n", "", "key 'points' is missing"},
      {"overrides: []",
       "overrides: [{app: a, score: 1, from: 2026-02-03, until: 2026-02-02, reason: r}]",
       "'until' is before 'from'"},
      {"overrides: []", "overrides: [", "is not YAML"},
      {"exposure:", "exposure: {}\nexposures:", "unknown key 'exposures'"},
  }));
  std::string text = rubric_text();
  const std::size_t at = text.find(was);
  REQUIRE(at != std::string::npos);
  text.replace(at, std::string_view{was}.size(), is);
  INFO(is);
  auto rubric = RiskRubric::parse(text, "my/risk.yaml");
  REQUIRE_FALSE(rubric);
  CHECK_THAT(rubric.error().message,
             Catch::Matches("my/risk\\.yaml:[0-9]+: .*") && Catch::Contains(message));
}

TEST_CASE("the line of an error is the line it is on", "[risk]") {
  auto rubric = RiskRubric::parse("levels:\n  minimal: 0\n  low: x\n", "r");
  REQUIRE_FALSE(rubric);
  CHECK_THAT(rubric.error().message, Catch::StartsWith("r:3: "));
  for (const char* nonsense : {"", "7", "[]", "- a", "levels: {}", "a: &x {b: *x}", "\t"})
    CHECK_FALSE(RiskRubric::parse(nonsense, "r"));
  CHECK_FALSE(RiskRubric::load("no/such/file.yaml"));
}

TEST_CASE("a rubric that was cut anywhere is an error, never a crash", "[risk]") {
  const std::string whole = rubric_text();
  const std::size_t assets = whole.find("assets:\n");
  // From the last factor's last line on the rest is optional.
  const std::size_t last_line = whole.rfind("why: ", assets);
  for (std::size_t cut = 0; cut < assets; cut += 7) {
    INFO(cut);
    CHECK(RiskRubric::parse(whole.substr(0, cut), "r").has_value() == (cut > last_line + 5));
  }
  for (std::size_t cut = assets; cut < whole.size(); cut += 7)
    (void)RiskRubric::parse(whole.substr(0, cut), "r");
  CHECK_FALSE(RiskRubric::parse(whole.substr(0, whole.find("    points: 35")), "r"));
}

}  // namespace gnomon::inventory
