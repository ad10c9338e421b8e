#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "scan_pieces.h"
#include "secret_head.h"
#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

// What is told of a place by the head of its column: "high", "low", nothing, or "else" where it is
// told with other bytes.
std::string told(const std::string& text, const std::string& what) {
  Scanner scanner{shipped_detectors()};
  std::vector<Match> matches;
  scanner.scan(text, {}, matches);
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  std::string best;
  for (const Match& match : matches)
    if (match.reason == Reason::kColumn && match.start < at + what.size() && match.end > at)
      best = match.start != at || match.end != at + what.size() ? "else"
             : match.confidence == Confidence::kHigh            ? "high"
                                                                : "low";
  return best;
}

struct Cell {
  const char* text;
  const char* what;
};

TEST_CASE("a column of passwords is told in every form of table", "[content][table]") {
  const auto [text, what] = GENERATE(values<Cell>({
      {"user,password\nada,tR7#mQ9z!\nbob,Summer2024!\n", "Summer2024!"},
      {"user;Passwort\nada;tR7#mQ9z!\nbob;Sommer2024!\n", "tR7#mQ9z!"},
      {"user\tdb_password\nada\ttR7#mQ9z!\n", "tR7#mQ9z!"},
      {"| Nom | Mot de passe |\n|---|---|\n| Ada | `tR7#mQ9z!` |\n", "tR7#mQ9z!"},
      {" name | userPassword \n------+----------\n ada  | tR7#mQ9z!\n", "tR7#mQ9z!"},
      {"INSERT INTO t (id, passwd) VALUES (1,'tR7#mQ9z!'),(2,NULL);", "tR7#mQ9z!"},
      {"INSERT INTO [t] ([id], [Password]) VALUES (1, N'tR7#mQ9z!');", "tR7#mQ9z!"},
      {"COPY t (id, password) FROM stdin;\n1\ttR7#mQ9z!\n", "tR7#mQ9z!"},
      {"id,contraseña\n1,tR7#mQ9z!\n", "tR7#mQ9z!"},
      {"id,Пароль\n1,tR7#mQ9z!\n", "tR7#mQ9z!"},
      {"id,Senha do usuário\n1,tR7#mQ9z!\n", "tR7#mQ9z!"},
      {"id,Benutzerpasswort (initial)\n1,tR7#mQ9z!\n", "tR7#mQ9z!"},
      {"id,name,API Key\n1,crm,mjqu12rzqt35qw8n1918uh97d9zn65\n", "mjqu12rzqt35qw8n1918uh97d9zn65"},
      {"coin,private key\neth,0x9f71c52d839b5cd527645e42b5134f8b17434f42fe104a49a2225bbb8e1ab233\n",
       "0x9f71c52d839b5cd527645e42b5134f8b17434f42fe104a49a2225bbb8e1ab233"},
      {"app,client_secret\ncrm,mjqu12rzqt35qw8n1918uh97d9zn65\n", "mjqu12rzqt35qw8n1918uh97d9zn65"},
  }));
  CAPTURE(text);
  CHECK(told(text, what) == "high");
}

TEST_CASE("what password managers export is told", "[content][table]") {
  const auto [text, what] = GENERATE(values<Cell>({
      // Chrome, Edge, Opera
      {"name,url,username,password,note\nShop,https://shop.example/,ada,sunshine22,\n"
       "Mail,https://mail.example/,ada,tR7#mQ9z!,old\n",
       "sunshine22"},
      // Firefox
      {"\"url\",\"username\",\"password\",\"httpRealm\",\"formActionOrigin\",\"guid\","
       "\"timeCreated\","
       "\"timeLastUsed\",\"timePasswordChanged\"\n\"https://shop.example\",\"ada\",\"tR7#,Q9z!\",,"
       "\"https://shop.example\",\"{1b2f0c1e-6a7d-4f5b-9c3a-2d1e0f9a8b7c}\",\"1699999999999\","
       "\"1699999999999\",\"1699999999999\"\n",
       "tR7#,Q9z!"},
      // Bitwarden, with a note of several lines before the password
      {"folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,"
       "login_totp\n,,login,Shop,\"call first\n\nthen, \"\"log "
       "in\"\"\",,0,https://shop.example,ada,"
       "tR7#mQ9z!,\n,,login,Mail,,,0,https://mail.example,ada,Winter-88-x,\n",
       "tR7#mQ9z!"},
      // RoboForm
      {"Name,Url,MatchUrl,Login,Pwd,Note,Folder,RfFieldsV2\nShop,https://shop.example,,ada,"
       "tR7#mQ9z!,,,\n",
       "tR7#mQ9z!"},
      // LastPass
      {"url,username,password,totp,extra,name,grouping,fav\nhttps://shop.example,ada,tR7#mQ9z!,,,"
       "Shop,Home,0\n",
       "tR7#mQ9z!"},
      // 1Password
      {"Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes\nShop,https://"
       "shop.example,"
       "ada,tR7#mQ9z!,,false,false,,\n",
       "tR7#mQ9z!"},
      // KeePass 1 and 2, KeePassXC
      {"\"Account\",\"Login Name\",\"Password\",\"Web Site\",\"Comments\"\n\"Shop\",\"ada\","
       "\"tR7#mQ9z!\",\"https://shop.example\",\"\"\n",
       "tR7#mQ9z!"},
      {"\"Group\",\"Title\",\"Username\",\"Password\",\"URL\",\"Notes\",\"TOTP\",\"Icon\","
       "\"Last Modified\",\"Created\"\n\"Root\",\"Shop\",\"ada\",\"tR7#mQ9z!\","
       "\"https://shop.example\",\"one\ntwo\",\"\",\"0\",\"2024-03-15T14:30:00Z\","
       "\"2024-03-15T14:30:00Z\"\n",
       "tR7#mQ9z!"},
  }));
  CAPTURE(text);
  CHECK(told(text, what) == "high");
}

TEST_CASE("rows that agree make plain passwords sure, alone they are not", "[content][table]") {
  CHECK(told("user,password\nada,sunshine22\n", "sunshine22") == "low");
  CHECK(told("user,password\nada,sunshine22\nbob,monkey7x\n", "sunshine22") == "high");
  CHECK(told("user,password\nada,sunshine22\nbob,x\ncy,y\ndan,monkey7x\neve,z\n", "sunshine22") ==
        "low");
  CHECK(told("job,pwd\nada,tR7#mQ9z!\n", "tR7#mQ9z!") == "low");
  CHECK(told("job,pwd\nada,tR7#mQ9z!\nbob,Summer2024!\n", "tR7#mQ9z!") == "high");
  CHECK(told("job,pwd\nada,sunshine22\nbob,monkey7x\n", "sunshine22").empty());
  CHECK(told("Login,Pwd\nada,sunshine22\nbob,monkey7x\n", "sunshine22") == "high");
  CHECK(told("Login,Pwd\nada,/home/ada7\nbob,/home/bob7\n", "/home/ada7").empty());
  const std::string one = "INSERT INTO t (id, password) VALUES (1, 'sunshine22');\n";
  CHECK(told(one, "sunshine22") == "low");
  CHECK(told(one + "INSERT INTO t (id, password) VALUES (2, 'monkey7x');\n", "monkey7x") == "high");
}

TEST_CASE("cells that hold no secret tell nothing", "[content][table]") {
  const auto [text, what] = GENERATE(values<Cell>({
      {"u,password\na,5f4dcc3b5aa765d61d8327deb882cf99\nb,tR7#mQ9z!\n",
       "5f4dcc3b5aa765d61d8327deb882cf99"},
      {"u,password\na,$2b$12$KIXQ4S1v8yqR0e5fZt7oUu\nb,tR7#mQ9z!\n",
       "$2b$12$KIXQ4S1v8yqR0e5fZt7oUu"},
      {"u,password\na,{SSHA}Xc0fJ2mQ9zT7\nb,tR7#mQ9z!\n", "{SSHA}Xc0fJ2mQ9zT7"},
      {"u,password\na,****\nb,tR7#mQ9z!\n", "****"},
      {"u,password\na,tR****9z\nb,tR7#mQ9z!\n", "tR****9z"},
      {"u,password\na,••••••••\nb,tR7#mQ9z!\n", "••••••••"},
      {"u,password\na,your_password\nb,tR7#mQ9z!\n", "your_password"},
      {"u,password\na,${DB_PASS1}\nb,tR7#mQ9z!\n", "${DB_PASS1}"},
      {"u,password\na,changed\nb,tR7#mQ9z!\nc,Winter-88-x\n", "changed"},
      {"u,password\na,true\nb,tR7#mQ9z!\nc,Winter-88-x\n", "true"},
      {"u,password\na,2024-03-15\nb,tR7#mQ9z!\nc,Winter-88-x\n", "2024-03-15"},
      {"u,password\na,90000\nb,tR7#mQ9z!\nc,Winter-88-x\n", "90000"},
      {"u,password\na,/etc/shadow1\nb,tR7#mQ9z!\nc,Winter-88-x\n", "/etc/shadow1"},
      {"u,password\na,ada7@corp.example\nb,tR7#mQ9z!\nc,Winter-88-x\n", "ada7@corp.example"},
      {"u,password\na,Summer2024!\nb,Summer2024!\n", "Summer2024!"},
      {"u,password\na,see the wiki2\nb,tR7#mQ9z!\nc,Winter-88-x\n", "see the wiki2"},
      {"INSERT INTO t (id, password) VALUES (1, UPPER2024x);", "UPPER2024x"},
      {"u,token\na,0xdAC17F958D2ee523a2206206994597C13D831ec7\n",
       "0xdAC17F958D2ee523a2206206994597C13D831ec7"},
      {"check(user, password)\ncheck(ada1, tR7#mQ9z!)\n", "tR7#mQ9z!"},
      {"  'user', 'password'\n  'ada', 'tR7#mQ9z!'\n", "tR7#mQ9z!"},
      {"  \"another password\",\n  \"line-Number2\",\n", "line-Number2"},
      {"u,api_key\na,customer_number\nb,invoice_number\n", "customer_number"},
  }));
  CAPTURE(text);
  CHECK(told(text, what).empty());
}

TEST_CASE("heads that speak about secrets name none", "[content][table]") {
  const auto& set = shipped_detectors().compiled();
  for (const char* caption : {"password_expires",
                              "password hash",
                              "hashedPassword",
                              "encrypted_password",
                              "last_password_change",
                              "has_password",
                              "Reset password",
                              "password_policy",
                              "min password",
                              "is_secret",
                              "tokens",
                              "max_tokens",
                              "token_count",
                              "next_page_token",
                              "csrf_token",
                              "public key",
                              "key",
                              "keys",
                              "passport",
                              "passed",
                              "compass",
                              "user",
                              "secretary",
                              "api",
                              "spwd",
                              ""})
    CHECK(secret_head_of(set, caption) == SecretHead::kNone);
  for (const char* caption : {"pwd", "PW", "pass", "user_pass", "clave"})
    CHECK(secret_head_of(set, caption) == SecretHead::kDoubtfulPassword);
  for (const char* caption : {"token", "Secret", "credentials"})
    CHECK(secret_head_of(set, caption) == SecretHead::kDoubtfulSecret);
  for (const char* caption :
       {"apiKey", "API-Key", "\xef\xbb\xbf\"api_key\"", "AWS Secret Access Key"})
    CHECK(secret_head_of(set, caption) == SecretHead::kSecret);
  for (const char* caption : {"userPassword", "PASSWORD2", "`password`", "Password:", "CONTRASEÑA"})
    CHECK(secret_head_of(set, caption) == SecretHead::kPassword);
}

TEST_CASE("a long column of passwords is told in pieces as at once", "[content][table]") {
  std::string text = "id,user,password\n";
  for (int i = 0; i < 9000; ++i)
    text += std::to_string(i) + ",person" + std::to_string(i) + ",summer" + std::to_string(i * 7) +
            "x\n";
  Scanner scanner{shipped_detectors()};
  std::vector<Match> whole;
  scanner.scan(text, {}, whole);
  const auto sure = [](const std::vector<Match>& all) {
    return std::count_if(all.begin(), all.end(), [](const Match& match) {
      return match.confidence == Confidence::kHigh && match.reason == Reason::kColumn;
    });
  };
  CHECK(sure(whole) == 9000);
  CHECK(sure(found_in_pieces(scanner, text, 5000)) == sure(whole));
}

}  // namespace
}  // namespace gnomon::content
