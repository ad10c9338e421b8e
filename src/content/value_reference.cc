#include "value_reference.h"

#include <algorithm>

#include "gnomon/bytes/ascii.h"
#include "secret_value.h"

namespace gnomon::content {
namespace {

using View = std::string_view;

bool is_name(char c) { return is_alnum(c) || c == '_'; }

// What a variable's name goes on with in code: members, keys, arguments of a position.
bool is_of_variable(char c) { return is_name(c) || View{".[]'\"->:"}.find(c) != View::npos; }

// Opens with `open` and holds `close` behind it, or is cut off before.
bool encloses(View value, View open, View close) {
  const std::size_t from = value.find(open);
  return from != View::npos && (from == 0 || value.find(close, from + open.size()) != View::npos);
}

}  // namespace

bool is_template(View value) {
  if (encloses(value, "${", "}") || encloses(value, "$(", ")") || encloses(value, "{{", "}}") ||
      encloses(value, "<%", "%>") || encloses(value, "#{", "}"))
    return true;
  const char first = value.front();
  const View rest = value.substr(1);
  if (first == '$' || first == '&' || first == '@')
    return !rest.empty() &&
           (is_letter(rest.front()) || rest.front() == '_' || rest.front() == '@') &&
           std::all_of(rest.begin(), rest.end(),
                       [](char c) { return is_of_variable(c) || c == '@' || c == ';'; });
  // %NAME%, %s, %(name)s, %{name}
  return first == '%' &&
         (value.back() == '%' || value.size() < 8 || rest.front() == '(' || rest.front() == '{');
}

bool is_crypt_hash(std::string_view value) {
  if (!value.starts_with('$')) return false;
  const View method = value.substr(1, std::min(value.find('$', 1), value.size()) - 1);
  if (method.size() + 1 == value.size()) return false;
  for (const View known :
       {"1", "2", "2a", "2b", "2x", "2y", "5", "6", "7", "y", "gy", "P", "H", "S", "apr1", "md5"})
    if (method == known) return true;
  for (const View known : {"argon2", "pbkdf2", "scrypt", "bcrypt", "sha"})
    if (method.starts_with(known)) return true;
  return false;
}

bool is_enclosed(std::string_view value) {
  const auto is_text = [](View text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return is_name(c) || View{" -./:|"}.find(c) != View::npos; });
  };
  for (const View pair : {"<>", "{}", "[]"}) {
    if (value.front() != pair[0]) continue;
    // Something may stand behind it, or it is cut off at a blank: {name}', <your
    const View rest = value.substr(1);
    if (value.back() == pair[1] ||
        is_text(rest.substr(0, std::min(rest.find(pair[1]), rest.size()))))
      return true;
  }
  for (std::size_t open = value.find('<'); open != View::npos; open = value.find('<', open + 1)) {
    const View rest = value.substr(open + 1);
    const View within = rest.substr(0, std::min(rest.find('>'), rest.size()));
    if (within.size() >= 3 && is_letter(within.front()) && is_text(within)) return true;
  }
  return false;
}

bool is_call(View value) {
  const std::size_t open = value.find('(');
  if (open == View::npos) return false;
  View name = value.substr(0, open);
  while (!name.empty() && View{"!$&*@"}.find(name.front()) != View::npos) name.remove_prefix(1);
  if (name.size() < 3 || is_digit(name.front()) ||
      !std::all_of(
          name.begin(), name.end(),
          [](char c) { return is_name(c) || c == '.' || c == ':' || c == '-' || c == '>'; }) ||
      shape_of(name).changes * 2 > name.size())
    return false;
  std::size_t depth = 0;
  for (std::size_t at = open; at < value.size(); ++at) {
    if (value[at] == '(') ++depth;
    if (value[at] == ')' && --depth == 0) return at + 1 == value.size() || !is_name(value[at + 1]);
  }
  // Cut off at a blank or a comma: get_password(self
  const View within = value.substr(open + 1);
  return within.empty() ||
         std::all_of(within.begin(), within.end(), [](char c) { return is_of_variable(c); });
}

bool looks_like_pattern(View value) {
  for (const View part : {"a-z", "A-Z", "0-9", "\\d", "\\w", "\\s", "\\b", "\\S",
                          "(?:", "(?=", "(?!", "(?P", "(?i", "[^", ".*?", "]{", "]+", "]*"})
    if (value.find(part) != View::npos) return true;
  return false;
}

std::size_t longest_word(View value) {
  std::size_t longest = 0;
  std::size_t letters = 0;
  for (const char c : value) {
    letters = is_letter(c) ? letters + 1 : 0;
    longest = std::max(longest, letters);
  }
  return longest;
}

bool is_reference(View name, View value, const ValueShape& shape) {
  if (is_template(value) || is_crypt_hash(value) || is_call(value)) return true;
  const std::size_t open = value.find('(');
  const std::size_t arrow = std::min(value.find("->"), value.find("::"));
  // In words that marks join it is code: (a), this->name, Name::kValue.
  constexpr std::size_t kLong = 40;
  const std::size_t changes_least =
      value.size() < kLong ? (value.size() + 1) / 2 : value.size() * 2 / 5;
  const bool thick = shape.changes >= changes_least && shape.other * 2 < value.size() + 2;
  if (!thick &&
      ((open != View::npos && value.find(')', open) != View::npos) || arrow != View::npos))
    return true;
  if (!thick && (value.front() == '&' || value.front() == '<' || value.front() == '@')) return true;
  // pass_rate_field = "pass_rate_1": one name that stands for another.
  // Vendors begin keys with their name as well: acme_token = "acme_4f0c...".
  constexpr std::size_t kSame = 6;
  if (value.size() >= 30 && looks_random(value.substr(kSame), shape, false)) return false;
  return name.size() >= kSame && value.size() >= kSame &&
         std::equal(name.begin(), name.begin() + kSame, value.begin(),
                    [](char a, char b) { return to_lower(a) == to_lower(b); });
}

}  // namespace gnomon::content
