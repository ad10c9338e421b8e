// Values that several kinds of signature files use.
#include <libpsl.h>

#include <algorithm>

#include "catalogue_builder.h"
#include "gnomon/bytes/ascii.h"

namespace gnomon::identify {
namespace {

// "2025", "2025-01", "2025-01-29": as exact as it is known.
bool is_date(std::string_view text) {
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    for (const char c : text.substr(at, size)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4);
  if (year < 2000 || year > 2099) return false;
  if (text.size() == 4) return true;
  const int month = number(5, 2);
  if (text[4] != '-' || month < 1 || month > 12) return false;
  if (text.size() == 7) return true;
  constexpr int kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int day = number(8, 2);
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return text[7] == '-' && day >= 1 && day <= kDays[month - 1] && (month != 2 || leap || day <= 28);
}

// Of the Public Suffix List as the library carries it, with its private part (github.io) where that
// is wanted. The rule that every unknown last label is one is left out: networks have such names
// for themselves.
bool is_public_suffix(std::string_view name, bool private_too) {
  const psl_ctx_t* const list = psl_builtin();
  const std::string text{name};
  return list != nullptr && psl_is_public_suffix2(list, text.c_str(),
                                                  (private_too ? PSL_TYPE_ANY : PSL_TYPE_ICANN) |
                                                      PSL_TYPE_NO_STAR_RULE) != 0;
}

std::string quoted(std::string_view text) { return "'" + std::string{text} + "'"; }

}  // namespace

bool CatalogueBuilder::read_flag(YamlReader& in) {
  const std::string_view text = in.scalar();
  if (text != "true" && text != "false" && !text.empty())
    in.problem("must be true or false, not " + quoted(text));
  return text == "true";
}

Role CatalogueBuilder::read_role(YamlReader& in) {
  const std::string_view text = in.scalar();
  for (const Role role : kRoles)
    if (to_string(role) == text) return role;
  if (!text.empty())
    in.problem("no role " + quoted(text) + "; vocabulary.yaml has those there are");
  return Role::kWebUi;
}

Proof CatalogueBuilder::read_proof(YamlReader& in) {
  const std::string_view text = in.scalar();
  for (const Proof proof : {Proof::kAi, Proof::kEmbedded, Proof::kWidget})
    if (to_string(proof) == text) return proof;
  if (!text.empty()) in.problem("must be ai, embedded or widget, not " + quoted(text));
  return Proof::kAi;
}

std::string_view CatalogueBuilder::read_pattern(YamlReader& in, bool tree) {
  const std::string_view text = in.scalar();
  if (text.empty()) return {};
  if (const std::string_view complaint = HostTable::complaint(text, tree); !complaint.empty()) {
    in.problem(quoted(text) + " " + std::string{complaint});
    return {};
  }
  return keep(text);
}

// Whether the pattern covers all below a name that belongs to many.
void CatalogueBuilder::refuse_too_broad(std::string_view pattern, std::string_view file,
                                        unsigned line, std::string_view key) {
  const std::string_view bare = pattern.starts_with("*.") ? pattern.substr(2) : pattern;
  const auto refuse = [&](std::string_view why) {
    problems_.push_back(
        {std::string{file}, line, std::string{key},
         quoted(pattern) + " " + std::string{why} + ": name the app's own hosts below it"});
  };
  if (too_broad_.contains(bare)) {
    refuse("covers far more than an app (too_broad in shared-hosts.yaml)");
  } else if (!was_good_ && is_public_suffix(bare, rank_ != Rank::kShipped)) {
    // Builders of sites put their own names on the list: one that was shipped before must not end
    // every start on a system with a newer list.
    refuse("is a public suffix, and what is below it belongs to anybody");
  }
}

std::string_view CatalogueBuilder::read_country(YamlReader& in) {
  const std::string_view text = in.scalar();
  const bool fits = text.size() == 2 && is_upper(text[0]) && is_upper(text[1]);
  if (!fits && !text.empty())
    in.problem("must be two capital letters (ISO 3166), not " + quoted(text));
  return fits ? keep(text) : std::string_view{};
}

std::string_view CatalogueBuilder::read_date(YamlReader& in) {
  const std::string_view text = in.scalar();
  if (is_date(text)) return keep(text);
  if (!text.empty())
    in.problem("must be a date such as 2026-10 or 2026-10-31, not " + quoted(text));
  return {};
}

std::string_view CatalogueBuilder::read_word(YamlReader& in,
                                             const std::vector<std::string_view>& words,
                                             std::string_view what) {
  const std::string_view text = in.scalar();
  if (text.empty()) return {};
  const auto at = std::find(words.begin(), words.end(), text);
  if (at != words.end()) return *at;
  in.problem("no " + std::string{what} + " " + quoted(text));
  return {};
}

std::vector<std::string_view> CatalogueBuilder::read_word_list(
    YamlReader& in, const std::vector<std::string_view>& words, std::string_view what) {
  std::vector<std::string_view> list;
  in.sequence([&] {
    const std::string_view word = read_word(in, words, what);
    if (word.empty()) return;
    if (std::find(list.begin(), list.end(), word) != list.end())
      in.problem(quoted(word) + " is there twice");
    list.push_back(word);
  });
  return list;
}

}  // namespace gnomon::identify
