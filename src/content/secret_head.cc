#include "secret_head.h"

#include <algorithm>
#include <string>
#include <vector>

#include "secret_value.h"
#include "validator.h"
#include "window_scan.h"

namespace gnomon::content {
namespace {

using View = std::string_view;

constexpr std::size_t kCompoundLeast = 8;  // of a head that may end a word: Benutzerpasswort
constexpr std::size_t kPasswordMax = 128;

// "db password", "Benutzerpasswort".
bool ends_as(View words, View head) {
  if (!words.ends_with(head)) return false;
  return words.size() == head.size() || words[words.size() - head.size() - 1] == ' ' ||
         head.size() >= kCompoundLeast;
}

// "mot de passe du compte", "password for VPN".
bool begins_as(View words, View head) {
  constexpr View kLinks[] = {" da ",  " de ",  " del ", " der ",  " des ", " di ",   " do ", " du ",
                             " for ", " für ", " of ",  " para ", " per ", " pour ", " van "};
  return words.starts_with(head) &&
         std::any_of(std::begin(kLinks), std::end(kLinks),
                     [&](View link) { return words.substr(head.size()).starts_with(link); });
}

bool names(View words, const std::vector<std::string>& heads) {
  return std::any_of(heads.begin(), heads.end(), [&](const std::string& head) {
    return ends_as(words, head) || begins_as(words, head);
  });
}

// Whether something is said about secrets: asked, counted, dated, or what was made of them.
bool is_about(std::string words) {
  constexpr View kWords[] = {"age",      "ask",      "bcrypt",   "change", "changed", "count",
                             "crypt",    "date",     "days",     "failed", "force",   "forgot",
                             "has",      "invalid",  "is",       "last",   "max",     "min",
                             "must",     "need",     "needs",    "no",     "num",     "number",
                             "require",  "required", "requires", "scrypt", "show",    "status",
                             "strength", "use",      "uses",     "wrong"};
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    const View word = View{words}.substr(at, end - at);
    if (std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords)) return true;
    at = end + 1;
  }
  std::replace(words.begin(), words.end(), ' ', '_');
  return is_about_passwords(words) || is_public_name(words);
}

// What applications keep in the place of a password, and addresses of chains of blocks.
bool is_digest(View value) {
  const View digits = value.starts_with("0x") ? value.substr(2) : value;
  if (is_hex(digits) && (value.size() != digits.size() || digits.size() == 32 ||
                         digits.size() == 40 || digits.size() == 48 || digits.size() >= 56))
    return true;
  if (value.ends_with('=') && value.size() >= 24 && value.size() % 4 == 0) return true;
  // $2b$12$..., {SSHA}..., pbkdf2:sha256:..., *2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19
  return (value.front() == '$' && value.find('$', 1) != View::npos) || value.front() == '{' ||
         (value.size() == 41 && value.front() == '*' && is_hex(value.substr(1))) ||
         value.find("pbkdf2") != View::npos || value.find("sha256") != View::npos ||
         value.find("sha512") != View::npos || value.find("argon2") != View::npos ||
         value.find("scrypt") != View::npos;
}

// An address of the web or of mail, a path, a reference to where the secret is kept.
bool is_place(View value) {
  if (value.find("://") != View::npos || value.find("..") != View::npos ||
      value.find(":/") != View::npos)
    return true;
  if (value.front() == '/' || value.starts_with("./") || value.starts_with("~/") ||
      value.starts_with("\\\\") || (value.size() > 2 && value.substr(1, 2) == ":\\"))
    return true;
  const std::size_t at = value.find('@');
  const std::size_t dot = value.rfind('.');
  return at != View::npos && at > 0 && dot != View::npos && dot > at + 1 &&
         value.size() - dot >= 3 &&
         std::all_of(value.begin() + static_cast<std::ptrdiff_t>(dot) + 1, value.end(), is_letter);
}

// Dates, amounts, versions, telephone numbers.
bool is_figures(View value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return is_digit(c) || View{"-+./:,#%"}.find(c) != View::npos; });
}

bool is_strong_password(View value, const ValueShape& shape) {
  const int kinds = (shape.lower > 0) + (shape.upper > 0) + (shape.digits > 0) + (shape.other > 0);
  return value.size() >= 8 && kinds >= 3 && shape.digits > 0 && entropy_bits(value) >= 2.8;
}

CellGrade grade_password(View value, const ValueShape& shape) {
  if (value.size() > kPasswordMax || is_figures(value)) return CellGrade::kNothing;
  if (is_wordy(value, shape)) return CellGrade::kNothing;
  if (is_strong_password(value, shape)) return CellGrade::kStrong;
  return value.size() >= 6 && shape.lower + shape.upper > 0 && entropy_bits(value) >= 2.2
             ? CellGrade::kFair
             : CellGrade::kWeak;
}

// A secret of a machine is made by chance; what people type in its place is fair.
CellGrade grade_secret(View value, const ValueShape& shape) {
  NamedValue place;
  place.name = "secret";
  place.value = value;
  place.binding = Binding::kOperator;
  place.quoted = true;
  if (is_sure_secret(place, shape)) return CellGrade::kStrong;
  return !is_wordy(value, shape) && !is_figures(value) && is_strong_password(value, shape)
             ? CellGrade::kFair
             : CellGrade::kNothing;
}

}  // namespace

std::string caption_words(std::string_view caption) {
  std::string words;
  bool lower_before = false;
  for (std::size_t at = 0; at < caption.size(); ++at) {
    const char c = caption[at];
    const bool byte_order_mark = caption.substr(at).starts_with("\xef\xbb\xbf");
    if (byte_order_mark || caption.substr(at).starts_with("\xc2\xa0")) {
      at += byte_order_mark ? 2 : 1;
    } else if (is_alnum(c) || static_cast<unsigned char>(c) >= 0x80) {
      if (is_upper(c) && lower_before) words += ' ';
      words += to_lower(c);
      lower_before = is_lower(c);
      continue;
    } else if ((c == '(' || c == '[') && !words.empty()) {
      break;
    }
    if (!words.empty() && words.back() != ' ') words += ' ';
    lower_before = false;
  }
  while (!words.empty() && (words.back() == ' ' || is_digit(words.back()))) words.pop_back();
  return words;
}

bool is_masked(std::string_view value) {
  return std::none_of(value.begin(), value.end(), is_alnum) || value.find("***") != View::npos ||
         value.find("\u2022\u2022") != View::npos;
}

SecretHead secret_head_of(const DetectorSet::Compiled& set, std::string_view caption) {
  const std::string words = caption_words(caption);
  if (words.empty()) return SecretHead::kNone;
  const std::uint32_t password = set.built_in_rule("password");
  const std::uint32_t secret = set.built_in_rule("secret");
  SecretHead head = SecretHead::kNone;
  if (password != kNoRule && names(words, set.rules[password].heads))
    head = SecretHead::kPassword;
  else if (secret != kNoRule && names(words, set.rules[secret].heads))
    head = SecretHead::kSecret;
  else if (password != kNoRule && names(words, set.rules[password].doubtful_heads))
    head = SecretHead::kDoubtfulPassword;
  else if (secret != kNoRule && names(words, set.rules[secret].doubtful_heads))
    head = SecretHead::kDoubtfulSecret;
  return head == SecretHead::kNone || is_about(words) ? SecretHead::kNone : head;
}

bool names_account(const DetectorSet::Compiled& set, std::string_view caption) {
  const std::uint32_t password = set.built_in_rule("password");
  return password != kNoRule && names(caption_words(caption), set.rules[password].account_heads);
}

bool is_plain_caption(std::string_view caption) {
  if (caption.size() > 1 && caption.front() == '"' && caption.back() == '"') {
    caption.remove_prefix(1);
    caption.remove_suffix(1);
  }
  for (std::size_t at = 0; at < caption.size(); ++at) {
    const char c = caption[at];
    const char before = at > 0 ? caption[at - 1] : ' ';
    const char after = at + 1 < caption.size() ? caption[at + 1] : ' ';
    if (c == '(' && (before != ' ' || caption.back() != ')')) return false;
    if (c == ')' && at + 1 < caption.size()) return false;
    if (c == '\'' && !(is_letter(before) && after != ' ')) return false;
    if (View{"\"+[]$;\\^!"}.find(c) != View::npos) return false;
  }
  return true;
}

CellGrade grade_cell(SecretHead head, std::string_view value) {
  if (value.size() < 4 || is_masked(value) || value.find_first_of(" \t\r\n") != View::npos)
    return CellGrade::kNothing;
  const ValueShape shape = shape_of(value);
  if (is_place(value) || is_timestamp(value) || is_word_of_code(value) ||
      looks_like_placeholder(value) || is_reference("password", value, shape))
    return CellGrade::kNothing;
  const bool password = head == SecretHead::kPassword || head == SecretHead::kDoubtfulPassword;
  if (!password) {
    if (value.starts_with("0x")) {  // a wallet's key; else an address or what was signed
      if (head != SecretHead::kSecret || value.size() != 66 || !is_hex(value.substr(2)))
        return CellGrade::kNothing;
      return grade_secret(value.substr(2), shape_of(value.substr(2)));
    }
    return grade_secret(value, shape);
  }
  return is_digest(value) ? CellGrade::kNothing : grade_password(value, shape);
}

}  // namespace gnomon::content
