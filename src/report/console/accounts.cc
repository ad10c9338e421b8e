#include <algorithm>
#include <charconv>
#include <set>

#include "gnomon/bytes/ascii.h"
#include "gnomon/report/console_accounts.h"
#include "saved_views.h"
#include "sessions.h"

namespace gnomon::report::console {
namespace {

constexpr std::size_t kAccountsMax = 1'000;
constexpr std::string_view kHeading = "# gnomon console accounts: name role stamp password\n";

Result<Account> parse_line(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  if (words.size() != 4) return Error{"an account is four words: name, role, stamp, password"};
  Account account;
  account.name = words[0];
  if (!is_account_name(account.name)) return Error{"this is no account's name"};
  const auto role = role_of(words[1]);
  if (!role) return Error{"the role is none of viewer, reviewer, admin"};
  account.role = *role;
  const char* end = words[2].data() + words[2].size();
  const auto [at, failed] = std::from_chars(words[2].data(), end, account.stamp);
  if (failed != std::errc{} || at != end) return Error{"the stamp is no number"};
  account.password = words[3];
  if (!account.password.starts_with("scrypt:")) return Error{"the password is not kept by scrypt"};
  return account;
}

Result<std::vector<Account>> parse(std::string_view text, const std::filesystem::path& path) {
  std::vector<Account> accounts;
  std::set<std::string> names;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    auto account = parse_line(line);
    const auto refuse = [&](Error error) {
      return std::move(error).in(path.string() + ":" + std::to_string(number));
    };
    if (!account) return refuse(account.error());
    if (!names.insert(account->name).second) return refuse(Error{"this account is there twice"});
    if (accounts.size() >= kAccountsMax) return refuse(Error{"there are too many accounts"});
    accounts.push_back(std::move(*account));
  }
  return accounts;
}

std::uint64_t new_stamp() {
  std::uint64_t stamp = 0;
  const std::string digits = random_hex(7);
  std::from_chars(digits.data(), digits.data() + digits.size(), stamp, 16);
  return stamp;
}

Account* find(std::vector<Account>& accounts, std::string_view name) {
  const auto at = std::find_if(accounts.begin(), accounts.end(),
                               [&](const Account& each) { return each.name == name; });
  return at == accounts.end() ? nullptr : &*at;
}

Error no_such(std::string_view name) {
  return Error{"there is no account '" + std::string{name} + "'"};
}

bool has_other_admin(const std::vector<Account>& accounts, std::string_view name) {
  return std::any_of(accounts.begin(), accounts.end(), [&](const Account& each) {
    return each.name != name && each.role == Role::kAdmin;
  });
}

Error last_admin(std::string_view name) {
  return Error{"'" + std::string{name} +
               "' is the last admin; make another one first, or nobody could let anybody in"};
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kReviewer:
      return "reviewer";
    case Role::kAdmin:
      return "admin";
  }
  return "";
}

std::optional<Role> role_of(std::string_view word) {
  for (const Role role : {Role::kViewer, Role::kReviewer, Role::kAdmin})
    if (word == to_string(role)) return role;
  return std::nullopt;
}

bool is_account_name(std::string_view name) {
  constexpr std::size_t kNameBytesMax = 64;
  return !name.empty() && name.size() <= kNameBytesMax && is_alnum(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_alnum(c) || c == '.' || c == '_' || c == '-' || c == '@';
         });
}

AccountFile::AccountFile(const std::filesystem::path& database)
    : database_(database), file_(database.string() + "-accounts", "holds passwords") {}

Result<std::vector<Account>> AccountFile::read() const {
  auto text = file_.read();
  if (!text) return text.error();
  return parse(*text, path());
}

template <class Change>
Result<std::monostate> AccountFile::change(const Change& change) const {
  auto lock = file_.lock();
  if (!lock) return lock.error();
  auto accounts = read();
  if (!accounts) return accounts.error();
  if (auto failed = change(*accounts)) return *failed;
  std::string text{kHeading};
  for (const Account& each : *accounts)
    text += each.name + " " + std::string{to_string(each.role)} + " " + std::to_string(each.stamp) +
            " " + each.password + "\n";
  return file_.replace(text);
}

Result<std::monostate> AccountFile::add(std::string_view name, Role role,
                                        std::string_view password) const {
  if (!is_account_name(name))
    return Error{"an account's name is letters, digits and ._@-, up to 64 of them"};
  if (auto refused = refuse_password(name, password)) return *refused;
  return change([&](std::vector<Account>& accounts) -> std::optional<Error> {
    if (find(accounts, name) != nullptr)
      return Error{"there is an account '" + std::string{name} + "' already"};
    if (accounts.size() >= kAccountsMax) return Error{"there are too many accounts"};
    accounts.push_back({std::string{name}, role, hash_password(password), new_stamp()});
    return std::nullopt;
  });
}

Result<std::monostate> AccountFile::set_password(std::string_view name,
                                                 std::string_view password) const {
  if (auto refused = refuse_password(name, password)) return *refused;
  return change([&](std::vector<Account>& accounts) -> std::optional<Error> {
    Account* account = find(accounts, name);
    if (account == nullptr) return no_such(name);
    account->password = hash_password(password);
    account->stamp = new_stamp();
    return std::nullopt;
  });
}

Result<std::monostate> AccountFile::set_role(std::string_view name, Role role) const {
  return change([&](std::vector<Account>& accounts) -> std::optional<Error> {
    Account* account = find(accounts, name);
    if (account == nullptr) return no_such(name);
    if (role != Role::kAdmin && account->role == Role::kAdmin && !has_other_admin(accounts, name))
      return last_admin(name);
    account->role = role;
    account->stamp = new_stamp();
    return std::nullopt;
  });
}

Result<std::monostate> AccountFile::remove(std::string_view name) const {
  auto removed = change([&](std::vector<Account>& accounts) -> std::optional<Error> {
    Account* account = find(accounts, name);
    if (account == nullptr) return no_such(name);
    if (account->role == Role::kAdmin && accounts.size() > 1 && !has_other_admin(accounts, name))
      return last_admin(name);
    accounts.erase(accounts.begin() + (account - accounts.data()));
    return std::nullopt;
  });
  if (!removed) return removed;
  return SavedViews{database_}.forget_all(name);  // whoever gets the name later starts with none
}

}  // namespace gnomon::report::console
