#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "../test_inventory.h"
#include "gnomon/report/console_accounts.h"
#include "login_limit.h"
#include "sessions.h"

namespace gnomon::report::console {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("accounts are kept without their passwords, for their owner alone") {
  const SampleInventory sample;
  const AccountFile file{sample.path()};
  CHECK(file.read()->empty());
  REQUIRE(file.add("ann", Role::kAdmin, "correct horse battery"));
  REQUIRE(file.add("bob@example.org", Role::kViewer, "another long password"));
  auto accounts = file.read();
  REQUIRE(accounts);
  REQUIRE(accounts->size() == 2);
  CHECK((*accounts)[0].name == "ann");
  CHECK((*accounts)[0].role == Role::kAdmin);
  CHECK(password_matches("correct horse battery", (*accounts)[0].password));
  CHECK_FALSE(password_matches("correct horse batterz", (*accounts)[0].password));
  CHECK_FALSE(password_matches("", (*accounts)[0].password));

  std::ostringstream text;
  text << std::ifstream{file.path()}.rdbuf();
  CHECK(text.str().find("horse") == std::string::npos);
  struct stat about {};
  REQUIRE(::stat(file.path().c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
}

TEST_CASE("a changed account is another one to who is signed in") {
  const SampleInventory sample;
  const AccountFile file{sample.path()};
  REQUIRE(file.add("ann", Role::kAdmin, "correct horse battery"));
  REQUIRE(file.add("bob", Role::kViewer, "another long password"));
  const auto before = (*file.read())[1].stamp;
  REQUIRE(file.set_role("bob", Role::kReviewer));
  const auto between = (*file.read())[1].stamp;
  CHECK(between != before);
  REQUIRE(file.set_password("bob", "yet another password"));
  CHECK((*file.read())[1].stamp != between);
  CHECK(password_matches("yet another password", (*file.read())[1].password));
  REQUIRE(file.remove("bob"));
  CHECK(file.read()->size() == 1);
}

TEST_CASE("accounts that could not be are refused") {
  const SampleInventory sample;
  const AccountFile file{sample.path()};
  REQUIRE(file.add("ann", Role::kAdmin, "correct horse battery"));
  REQUIRE(file.add("bob", Role::kViewer, "another long password"));
  CHECK_FALSE(file.add("ann", Role::kViewer, "correct horse battery"));  // there already
  for (const std::string_view name : {"", "-a", ".a", "a b", "a\nb", "a:b", "\xc3\xbc", "a/b"})
    CHECK_FALSE(file.add(name, Role::kViewer, "correct horse battery"));
  CHECK_FALSE(file.add(std::string(65, 'a'), Role::kViewer, "correct horse battery"));
  for (const std::string_view password : {"", "short", "elevenchars", "aaaaaaaaaaaaaaaa",
                                          "carolcarol12", "\xff\xff long enough \xff"})
    CHECK_FALSE(file.add("carol", Role::kViewer, password));
  CHECK_FALSE(file.set_password("nobody", "correct horse battery"));
  CHECK_FALSE(file.set_password("bob", "short"));
  CHECK_FALSE(file.remove("nobody"));
  // Who would let anybody in?
  CHECK_FALSE(file.remove("ann"));
  CHECK_FALSE(file.set_role("ann", Role::kReviewer));
  CHECK(file.read()->size() == 2);
}

TEST_CASE("a broken accounts file is told with its line") {
  const SampleInventory sample;
  const AccountFile file{sample.path()};
  const auto write = [&](std::string_view text, ::mode_t mode = 0600) {
    std::ofstream{file.path()} << text;
    ::chmod(file.path().c_str(), mode);
  };
  const std::string good = "ann admin 1 scrypt:15:8:1:00:11\n";
  write("# heading\n\n" + good);
  REQUIRE(file.read());
  for (const std::string bad :
       {"ann admin 1\n", "ann admin 1 scrypt:1 more\n", "a:b admin 1 scrypt:1\n",
        "bob root 1 scrypt:1\n", "bob admin x scrypt:1\n", "bob admin -1 scrypt:1\n",
        "bob admin 1 plain\n", "ann admin 1 scrypt:1\n"}) {
    write(good + bad);
    CAPTURE(bad);
    const auto read = file.read();
    REQUIRE_FALSE(read);
    CHECK(read.error().message.find("accounts:2: ") != std::string::npos);
  }
  write(good, 0644);
  CHECK_FALSE(file.read());
}

TEST_CASE("what is kept of a password is judged strictly") {
  CHECK(password_matches("p", hash_password("p")));
  for (const std::string wrong :
       {"", "scrypt", "scrypt:15:8:1:aa", "scrypt:15:8:1:aa:", "scrypt:15:8:1::bb",
        "scrypt:40:8:1:aa:bb", "scrypt:15:99:1:aa:bb", "scrypt:15:8:0:aa:bb", "scrypt:x:8:1:aa:bb",
        "scrypt:15:8:1:aa:bb:cc", "md5:15:8:1:aa:bb"})
    CHECK_FALSE(password_matches("p", wrong));
}

Account account(std::string name) { return {std::move(name), Role::kViewer, "scrypt:", 7}; }

TEST_CASE("a session is found by its id alone, and ends in time") {
  SessionTable sessions;
  const Clock::time_point start{hours{100}};
  const std::string id = sessions.begin(account("ann"), "127.0.0.1", start);
  CHECK(id.size() == 64);
  const auto found = sessions.find(id, start + minutes{59});
  REQUIRE(found);
  CHECK(found->account == "ann");
  CHECK(found->csrf_token.size() == 64);
  CHECK(found->csrf_token != id);
  CHECK_FALSE(sessions.find(found->handle, start));
  CHECK_FALSE(sessions.find(sha256_hex(id), start));  // what is kept is no id
  CHECK_FALSE(sessions.find("", start));
  CHECK_FALSE(sessions.find(std::string(64, '0'), start));
  CHECK_FALSE(sessions.find(id + "0", start));
  CHECK(sessions.find(id, start + minutes{118}));        // it was used meanwhile
  CHECK_FALSE(sessions.find(id, start + minutes{180}));  // and then it was not
  CHECK_FALSE(sessions.find(id, start + minutes{118}));  // and is gone

  const std::string busy = sessions.begin(account("ann"), "127.0.0.1", start);
  for (int i = 1; i <= 12; ++i) CHECK(sessions.find(busy, start + hours{i}));
  CHECK_FALSE(sessions.find(busy, start + hours{12} + seconds{1}));  // however busy
}

TEST_CASE("sessions are ended one by one, by account, and when there are too many") {
  SessionTable sessions;
  const Clock::time_point start{hours{100}};
  const std::string a = sessions.begin(account("ann"), "", start);
  const std::string b = sessions.begin(account("ann"), "", start);
  const std::string c = sessions.begin(account("bob"), "", start);
  sessions.end(a);
  CHECK_FALSE(sessions.find(a, start));
  CHECK(sessions.find(b, start));
  CHECK(sessions.end_by_handle(sessions.find(c, start)->handle));
  CHECK_FALSE(sessions.end_by_handle("nothing"));
  CHECK_FALSE(sessions.find(c, start));
  sessions.end_of_account("ann");
  CHECK_FALSE(sessions.find(b, start));

  const std::string first = sessions.begin(account("ann"), "", start);
  for (std::size_t i = 0; i < SessionTable::kPerAccountMax; ++i)
    (void)sessions.begin(account("ann"), "", start + seconds{1});
  CHECK_FALSE(sessions.find(first, start));
  CHECK(sessions.list(start).size() == SessionTable::kPerAccountMax);
}

TEST_CASE("wrong passwords get slower, each name and place by itself") {
  LoginLimit limit{{3, seconds{60}}};
  const Clock::time_point start{hours{100}};
  for (int i = 0; i < 3; ++i) CHECK(limit.take("ann", start) == seconds{0});
  CHECK(limit.take("ann", start) == seconds{60});
  CHECK(limit.take("bob", start) == seconds{0});
  CHECK(limit.take("ann", start + seconds{45}) == seconds{15});
  CHECK(limit.take("ann", start + seconds{60}) == seconds{0});
  CHECK(limit.take("ann", start + seconds{60}) == seconds{60});
  CHECK(limit.take("ann", start) > seconds{0});  // a clock that goes back gives nothing away
  limit.forgive("ann");
  CHECK(limit.take("ann", start) == seconds{0});
  for (std::size_t i = 0; i < LoginLimit::kKeysMax * 2; ++i)
    CHECK(limit.take("n" + std::to_string(i), start) == seconds{0});
}

}  // namespace
}  // namespace gnomon::report::console
