#include "gnomon/inventory/frameworks.h"

#include <algorithm>
#include <array>
#include <functional>

#include "audit.h"

namespace gnomon::inventory {
namespace {

constexpr std::string_view kUnknown = "unknown";

struct Known {
  std::string value;
  std::string_view source;
};

struct Input {
  const AppSummary& app;
  const Decision* decision;  // the app's own; null when there is none
};

std::string attribute(const AppSummary& app, std::string_view key) {
  for (const auto& [name, value] : app.facts.attributes)
    if (name == key && value != kUnknown) return value;
  return {};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

template <auto Member>
Known of_review(const Input& in) {
  return {in.decision == nullptr ? std::string{} : in.decision->review.*Member, "decision"};
}

Known name_of(const Input& in) { return {in.app.facts.name, "catalogue"}; }
Known vendor_of(const Input& in) { return {in.app.facts.vendor, "catalogue"}; }
Known country_of(const Input& in) { return {in.app.facts.vendor_country, "catalogue"}; }
Known category_of_app(const Input& in) { return {in.app.facts.category, "catalogue"}; }
Known residency_of(const Input& in) {
  return {attribute(in.app, "data_residency_country"), "catalogue"};
}
Known training_of(const Input& in) {
  return {attribute(in.app, "trains_on_customer_data_default"), "catalogue"};
}
Known retention_of(const Input& in) { return {attribute(in.app, "retention"), "catalogue"}; }
Known agreement_of(const Input& in) { return {attribute(in.app, "gdpr_dpa"), "catalogue"}; }
Known breach_of(const Input& in) { return {attribute(in.app, "known_breach"), "catalogue"}; }
Known certificates_of(const Input& in) {
  std::string text;
  for (const auto& [key, name] : {std::pair<std::string_view, std::string_view>{"soc2", "SOC 2"},
                                  {"iso27001", "ISO 27001"},
                                  {"iso42001", "ISO 42001"}}) {
    const std::string value = attribute(in.app, key);
    if (!value.empty()) text += (text.empty() ? "" : ", ") + std::string{name} + ": " + value;
  }
  return {text, "catalogue"};
}
Known status_of(const Input& in) { return {in.app.review.status, "decision"}; }
Known links_of(const Input& in) {
  return {in.decision == nullptr ? std::string{} : joined(in.decision->links), "decision"};
}
Known seen_of(const Input& in) {
  return {to_text_time(in.app.first_seen).substr(0, 10) + " to " +
              to_text_time(in.app.last_seen).substr(0, 10),
          "observed"};
}
Known found_by(const Input& in) {
  return {"network sensor, evidence: " + std::string{observation::to_string(in.app.grade)},
          "observed"};
}
Known users_of(const Input& in) {
  return {in.app.grade >= Grade::kSession ? std::to_string(in.app.clients_used) + " clients"
                                          : std::string{"0 clients"},
          "observed"};
}
Known usages_of(const Input& in) { return {joined(in.app.usages), "observed"}; }
Known risk_of(const Input& in) {
  if (!in.app.rating) return {};
  return {std::to_string(in.app.rating->score) + " of 100, " +
              std::string{to_string(in.app.rating->level)} + ", confidence " +
              std::to_string(in.app.rating->confidence) + " %",
          "observed"};
}
Known nothing(const Input&) { return {}; }

struct FieldSpec {
  std::string_view framework;
  std::string_view key;
  std::string_view title;
  Known (*known)(const Input&);
  std::array<std::string_view, 5> choices = {};
};

constexpr std::string_view kNist = "nist-ai-rmf";
constexpr std::string_view kIso = "iso-42001";
constexpr std::string_view kEu = "eu-ai-act";

// NIST AI RMF 1.0, GOVERN 1.6: an inventory of AI systems, resourced by risk. ISO/IEC 42001, Annex
// A.4: resources of AI systems documented (A.4.2), of which data (A.4.3), tooling (A.4.4), system
// and computing (A.4.5), people (A.4.6). EU AI Act (Regulation 2024/1689): articles 5, 6, 26, 27,
// 50 and 4.
// clang-format off
const FieldSpec kFields[] = {
    {kNist, "nist.name",            "AI system",                        name_of},
    {kNist, "nist.vendor",          "Third party that provides it",     vendor_of},
    {kNist, "nist.purpose",         "Intended purpose",                 of_review<&Review::purpose>},
    {kNist, "nist.owner",           "Accountable person",               of_review<&Review::owner>},
    {kNist, "nist.department",      "Business unit",                    of_review<&Review::department>},
    {kNist, "nist.status",          "Status",                           status_of},
    {kNist, "nist.discovered",      "How it was found",                 found_by},
    {kNist, "nist.in_use",          "In use",                           seen_of},
    {kNist, "nist.users",           "Users",                            users_of},
    {kNist, "nist.risk",            "Risk",                             risk_of},
    {kNist, "nist.incidents",       "Known incidents",                  breach_of},
    {kNist, "nist.review_date",     "Next review",                      of_review<&Review::review_date>},
    {kNist, "nist.documentation",   "Documentation",                    links_of},
    {kNist, "nist.incident_plan",   "Incident response plan",           nothing},
    {kNist, "nist.decommissioning", "How it would be taken out of use", nothing},
    {kIso,  "iso.resources",        "A.4.2 Resources documented",       category_of_app},
    {kIso,  "iso.usages",           "A.4.2 Where it is used in the life cycle", usages_of},
    {kIso,  "iso.data_class",       "A.4.3 Data it may see",            of_review<&Review::data_class>},
    {kIso,  "iso.data_training",    "A.4.3 Training on the data",       training_of},
    {kIso,  "iso.data_retention",   "A.4.3 Retention of the data",      retention_of},
    {kIso,  "iso.tooling",          "A.4.4 Tools and models",           nothing},
    {kIso,  "iso.computing",        "A.4.5 Where it is processed",      residency_of},
    {kIso,  "iso.certificates",     "A.4.5 Certificates of the provider", certificates_of},
    {kIso,  "iso.people",           "A.4.6 People and their competence", nothing},
    {kEu,   "eu.provider",          "Provider",                         vendor_of},
    {kEu,   "eu.provider_country",  "Country of the provider",          country_of},
    {kEu,   "eu.role",              "Role of this organisation",        nothing,
     {"deployer", "provider", "importer", "distributor"}},
    {kEu,   "eu.risk_class",        "Risk class (articles 5 and 6)",    nothing,
     {"unacceptable", "high", "limited", "minimal"}},
    {kEu,   "eu.annex_iii",         "Use of Annex III",                 nothing},
    {kEu,   "eu.purpose",           "Intended purpose",                 of_review<&Review::purpose>},
    {kEu,   "eu.general_purpose",   "General-purpose model (article 51)", nothing, {"yes", "no"}},
    {kEu,   "eu.transparency",      "People are told (article 50)",     nothing, {"yes", "no", "not needed"}},
    {kEu,   "eu.human_oversight",   "Human oversight (article 26)",     nothing},
    {kEu,   "eu.literacy",          "AI literacy of the staff (article 4)", nothing, {"yes", "no"}},
    {kEu,   "eu.rights_assessment", "Fundamental rights assessment (article 27)", nothing,
     {"done", "not needed", "open"}},
    {kEu,   "eu.data_agreement",    "Data processing agreement (GDPR, article 28)", agreement_of},
    {kEu,   "eu.registration",      "Registration (article 49)",        nothing, {"done", "not needed", "open"}},
};
// clang-format on

const FieldSpec* find_field(std::string_view key) {
  const auto* at = std::find_if(std::begin(kFields), std::end(kFields),
                                [&](const FieldSpec& each) { return each.key == key; });
  return at == std::end(kFields) ? nullptr : at;
}

std::string choices_text(const FieldSpec& field) {
  std::string text;
  for (const std::string_view choice : field.choices)
    if (!choice.empty()) text += (text.empty() ? "" : ", ") + std::string{choice};
  return text;
}

// What the decision or the catalogue holds is changed there, not here.
bool can_be_given(const FieldSpec& field) {
  return field.known == nothing || field.known == vendor_of || field.known == country_of ||
         field.known == residency_of || field.known == training_of || field.known == retention_of ||
         field.known == agreement_of || field.known == certificates_of ||
         field.known == breach_of || field.known == category_of_app;
}

}  // namespace

std::vector<FrameworkField> framework_fields(const AppSummary& app,
                                             std::span<const Decision> decisions,
                                             std::span<const GivenField> given) {
  Input input{app, nullptr};
  for (const Decision& each : decisions)
    if (each.scope.app == app.facts.id && each.scope.usage.empty() &&
        each.scope.client_group.empty())
      input.decision = &each;
  std::vector<FrameworkField> fields;
  for (const FieldSpec& spec : kFields) {
    FrameworkField& field = fields.emplace_back();
    field.framework = spec.framework;
    field.key = spec.key;
    field.title = spec.title;
    field.can_be_given = can_be_given(spec);
    for (const std::string_view choice : spec.choices)
      if (!choice.empty()) field.choices.emplace_back(choice);
    const auto said = std::find_if(given.begin(), given.end(),
                                   [&](const GivenField& each) { return each.key == spec.key; });
    Known known = spec.known(input);
    if (said != given.end() && field.can_be_given) known = {said->value, "given"};
    field.value = known.value.empty() ? std::string{kUnknown} : std::move(known.value);
    field.source = field.value == kUnknown ? kUnknown : known.source;
  }
  return fields;
}

Result<std::vector<GivenField>> given_fields(const std::filesystem::path& path,
                                             std::string_view app) {
  auto database = Database::open(path, Access::kRead);
  if (!database) return database.error();
  auto query =
      database->prepare("SELECT field, value FROM app_framework WHERE app = ? ORDER BY field");
  if (!query) return query.error();
  query->bind(1, app);
  std::vector<GivenField> fields;
  while (query->step()) fields.push_back({query->text(0), query->text(1)});
  if (!query->ok()) return database->error();
  return fields;
}

Result<std::monostate> set_framework_field(const std::filesystem::path& path, std::string_view app,
                                           std::string_view key, std::string_view value,
                                           std::string_view actor, Time at) {
  const FieldSpec* field = find_field(key);
  if (field == nullptr) return Error{"there is no field '" + std::string{key} + "'"};
  if (!can_be_given(*field))
    return Error{"'" + std::string{key} +
                 "' is told by what was observed or decided; change it there"};
  if (value.size() > 4'000) return Error{"the value is longer than 4000 bytes"};
  if (!value.empty() && !field->choices.front().empty() &&
      std::find(field->choices.begin(), field->choices.end(), value) == field->choices.end())
    return Error{"'" + std::string{value} + "' is not one of " + choices_text(*field)};
  auto database = Database::open(path, Access::kEdit);
  if (!database) return database.error();
  Transaction transaction{*database};
  if (transaction.error()) return *transaction.error();
  std::string before;
  {
    auto query = database->prepare(
        "SELECT a.id, f.value FROM app a LEFT JOIN app_framework f ON f.app = a.id AND f.field = "
        "?2 "
        "WHERE a.id = ?1");
    if (!query) return query.error();
    if (!query->bind_all(app, key).step()) {
      if (!query->ok()) return database->error();
      return Error{"the inventory holds no app '" + std::string{app} + "'"};
    }
    before = query->text(1);
  }
  if (before == value) return std::monostate{};
  if (value.empty()) {
    auto forget = database->prepare("DELETE FROM app_framework WHERE app = ? AND field = ?");
    if (!forget) return forget.error();
    if (!forget->bind_all(app, key).run()) return database->error();
  } else {
    auto store = database->prepare(
        "INSERT INTO app_framework VALUES (?,?,?,1,?,?) ON CONFLICT DO UPDATE SET "
        "value = excluded.value, version = version + 1, updated_at_ns = excluded.updated_at_ns, "
        "updated_by = excluded.updated_by");
    if (!store) return store.error();
    if (!store->bind_all(app, key, value, at, actor).run()) return database->error();
  }
  auto audit = AuditWriter::prepare(*database, actor, at);
  if (!audit) return audit.error();
  if (!audit->append("framework", app, key, before, value)) return database->error();
  if (auto failed = transaction.commit()) return *failed;
  return std::monostate{};
}

}  // namespace gnomon::inventory
