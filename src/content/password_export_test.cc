#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "scan_pieces.h"
#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

std::string exports_in(std::string_view text) {
  return found_ids(text, [](const Match& match) {
    return match.detector->id == "password-export" && match.confidence == Confidence::kHigh;
  });
}

// Rows of Chrome's export without a password, so many bytes of them at least.
std::string empty_rows(std::size_t bytes) {
  std::string rows;
  while (rows.size() < bytes) rows += "Shop,https://shop.example/,ada,,\n";
  return rows;
}

constexpr std::string_view kChrome = "name,url,username,password,note\n";
constexpr std::string_view kFilled = "Shop,https://shop.example/,ada,sunshine,\n";

}  // namespace

TEST_CASE("exports of passwords are told by their columns, however weak the passwords",
          "[content][table]") {
  const auto text = GENERATE(values<const char*>({
      // Chrome, Edge, NordPass
      "name,url,username,password,note\nShop,https://a.example/,ada,sunshine,\n"
      "Mail,https://b.example/,ada,123456,\n",
      "name,url,additional_urls,username,password,note,cardholdername,cardnumber\n"
      "Shop,https://a.example/,,ada,sunshine,,,\nMail,https://b.example/,,ada,sunshine,,,\n",
      // Firefox
      "\"url\",\"username\",\"password\",\"httpRealm\",\"formActionOrigin\",\"guid\"\n"
      "\"https://a.example\",\"ada\",\"letmein\",,\"https://a.example\",\"{1b2f}\"\n"
      "\"https://b.example\",\"ada\",\"dragon\",,\"https://b.example\",\"{1b2e}\"\n",
      // Bitwarden, with a note of two lines
      "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,"
      "login_totp\n,,login,Shop,\"first\nsecond\",,0,https://a.example,ada,monkey,\n"
      ",,login,Mail,,,0,https://b.example,ada,monkey,\n",
      // LastPass
      "url,username,password,totp,extra,name,grouping,fav\nhttps://a.example,ada,qwerty,,,S,,0\n"
      "https://b.example,ada,qwerty,,,M,,0\n",
      // 1Password, Apple, KeePassXC
      "Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes\n"
      "Shop,https://a.example,ada,abc,,false,false,,\nMail,https://b.example,ada,abd,,false,false"
      ",,\n",
      "Title,URL,Username,Password,Notes,OTPAuth\nShop,https://a.example,ada,football,,\n"
      "Mail,https://b.example,ada,baseball,,\n",
      "\"Group\",\"Title\",\"Username\",\"Password\",\"URL\",\"Notes\"\n"
      "\"Root\",\"Shop\",\"ada\",\"hello\",\"https://a.example\",\"\"\n"
      "\"Root\",\"Mail\",\"ada\",\"world\",\"https://b.example\",\"\"\n",
      // KeePass
      "\"Account\",\"Login Name\",\"Password\",\"Web Site\",\"Comments\"\n"
      "\"Shop\",\"ada\",\"hello\",\"https://a.example\",\"\"\n"
      "\"Mail\",\"ada\",\"world\",\"https://b.example\",\"\"\n",
      // Dashlane
      "username,username2,username3,title,password,note,url,category,otpSecret\n"
      "ada,,,Shop,hello,,https://a.example,,\nada,,,Mail,world,,https://b.example,,\n",
      // RoboForm
      "Name,Url,MatchUrl,Login,Pwd,Note,Folder,RfFieldsV2\nShop,https://a.example,,ada,hello,,,\n"
      "Mail,https://b.example,,ada,world,,,\n",
      // Keeper
      "Folder,Title,Login,Password,Website Address,Notes,Shared Folder,Custom Fields\n"
      ",Shop,ada,hello,https://a.example,,,\n,Mail,ada,world,https://b.example,,,\n",
      // A mark before it, other columns between, and rows without a password
      "\xef\xbb\xbfname,url,id,username,password\nA,https://a.example,1,ada,hello\n"
      "B,https://b.example,2,ada,\nC,https://c.example,3,ada,world\n",
  }));
  CAPTURE(text);
  CHECK(exports_in(text) == "password-export");  // once
}

TEST_CASE("heads alone, templates and other tables are no export of passwords",
          "[content][table]") {
  const auto text = GENERATE(values<const char*>({
      "name,url,username,password,note\n",
      "name,url,username,password,note\nShop,https://a.example/,ada,sunshine,\n",
      "name,url,username,password,note\nShop,https://a.example/,ada,,\nMail,https://b.example/,ada,"
      ",\n",
      "name,url,username,password,note\nShop,https://a.example/,ada,****,\n"
      "Mail,https://b.example/,ada,****,\n",
      "name,url,username,password,note\nShop,https://a.example/,ada,\"\",\n"
      "Mail,https://b.example/,ada,\"\",\n",
      "username,password\nada,sunshine\nbob,monkey\n",
      "name,url,username,password_hash\nShop,https://a.example,ada,sunshine\n"
      "Mail,https://b.example,ada,monkey\n",
      "name,url,user,password\nShop,https://a.example,ada,sunshine\nMail,https://b.example,ada,m\n",
      "INSERT INTO t (name, url, username, password) VALUES ('a', 'b', 'c', 'd'),\n"
      "('e', 'f', 'g', 'h');\n",
      "The columns are name, url, username and password.\n",
  }));
  CAPTURE(text);
  CHECK(exports_in(text).empty());
}

TEST_CASE("an export of passwords is told once, wherever windows end", "[content][table]") {
  Scanner scanner{shipped_detectors()};
  // A window ends at 112 KiB, what starts in its last 8 KiB belongs to the next, which begins 1 KiB
  // before.
  for (const std::size_t far :
       {std::size_t{40}, std::size_t{100}, std::size_t{103}, std::size_t{104}, std::size_t{110},
        std::size_t{130}, std::size_t{250}}) {
    for (std::size_t more = 0; more < 1024; more += 128) {
      const std::size_t before = far * 1024 + more;
      const std::string one =
          std::string{kChrome} + empty_rows(before) + std::string{kFilled} + empty_rows(20000);
      CHECK(exports_in(one).empty());
      const std::string two = one + std::string{kFilled} + empty_rows(20000);
      CHECK(exports_in(two) == "password-export");
      const auto pieces = found_in_pieces(scanner, two, 7001);
      CHECK(std::count_if(pieces.begin(), pieces.end(), [](const Match& match) {
              return match.detector->id == "password-export";
            }) == 1);
    }
  }
}

}  // namespace gnomon::content
