#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/report/private_file.h"

// Who may sign in to the console. Kept in a file of its own beside the inventory, so that an
// inventory that is handed on carries no passwords: one account a line, readable by its owner
// alone.
namespace gnomon::report::console {

enum class Role : std::uint8_t {
  kViewer,    // reads
  kReviewer,  // and decides
  kAdmin,     // and says who may
};
std::string_view to_string(Role role);  // "viewer", "reviewer", "admin"
std::optional<Role> role_of(std::string_view word);

// Somebody who may sign in to the console.
struct Account {
  std::string name;
  Role role = Role::kViewer;
  std::string password;     // "scrypt:15:8:1:SALT:HASH"
  std::uint64_t stamp = 0;  // another one whenever role or password changed
};

// Letters, digits and ._@- ; up to 64 of them, beginning with a letter or digit.
bool is_account_name(std::string_view name);
// What is wrong with a new password; nothing when it will do.
std::optional<Error> refuse_password(std::string_view name, std::string_view password);

// scrypt (RFC 7914) by libcrypto, N = 2^15, r = 8, p = 1: 32 MiB and about a tenth of a second.
std::string hash_password(std::string_view password);
bool password_matches(std::string_view password, const std::string& hashed);

// The accounts of one inventory. Reads the file whenever it has changed, so that `gnomon user`
// works while the console runs. Changes hold a lock on the file and replace it whole.
class AccountFile {
 public:
  explicit AccountFile(const std::filesystem::path& database);

  // None when there is no file. Refuses a file that is broken, with its line, or that others may
  // read.
  Result<std::vector<Account>> read() const;

  Result<std::monostate> add(std::string_view name, Role role, std::string_view password) const;
  Result<std::monostate> set_password(std::string_view name, std::string_view password) const;
  Result<std::monostate> set_role(std::string_view name, Role role) const;
  // Refuses to take the last admin away, as set_role() does. What the account kept goes with it.
  Result<std::monostate> remove(std::string_view name) const;

  [[nodiscard]] const std::filesystem::path& path() const { return file_.path(); }

 private:
  template <class Change>
  Result<std::monostate> change(const Change& change) const;

  std::filesystem::path database_;
  PrivateFile file_;
};

}  // namespace gnomon::report::console
