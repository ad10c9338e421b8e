#include "shipped_detectors.h"

namespace gnomon::content {
namespace {

bool is_sure_secret_match(const Match& match) {
  return match.detector->category == Category::kSecret && match.confidence == Confidence::kHigh;
}

std::vector<std::string> sure_secrets_in(const std::string& text) {
  Scanner scanner{shipped_detectors()};
  std::vector<Match> matches;
  scanner.scan(text, {}, matches);
  std::vector<std::string> sure;
  for (const Match& match : matches)
    if (is_sure_secret_match(match))
      sure.push_back(text.substr(match.start, match.end - match.start));
  return sure;
}

TEST_CASE("a line of settings is a value to its end, whatever marks it has", "[content][secret]") {
  const auto [text, value] = GENERATE(table<std::string, std::string>({
      {"DB_PASSWORD=U(WtRN=J)sjG7\nX=1\n", "U(WtRN=J)sjG7"},
      {"A=1\nexport DB_PASSWORD==gPlqf8Nz@m5^_OM\n", "=gPlqf8Nz@m5^_OM"},
      {"DB_PASSWORD=(v(Lq90PsF!@)p8)\n", "(v(Lq90PsF!@)p8)"},
      {"SECRET_KEY=)1@s^)4tjk4(95v8j1@8de_orfe&bv_1ez(5dhho$^h-is-2jl\n",
       ")1@s^)4tjk4(95v8j1@8de_orfe&bv_1ez(5dhho$^h-is-2jl"},
      {"define('AUTH_KEY',  '=;ticcR;^@@l(vG+{4$~Z-5 %ER,52DcUME06y2hPt2<~dDH7=fHf93Ws|<z-<e!');",
       "=;ticcR;^@@l(vG+{4$~Z-5 %ER,52DcUME06y2hPt2<~dDH7=fHf93Ws|<z-<e!"},
  }));
  CAPTURE(text);
  const std::vector<std::string> sure = sure_secrets_in(text);
  CHECK(sure == std::vector<std::string>{value});
}

TEST_CASE("a key is sure in whatever way languages give it to its name", "[content][secret]") {
  const std::string key = "e6vfpM0bpku0f9gFujdfI6bdZgpzR9fL6BcUEYiL";
  const std::string before = GENERATE(
      as<std::string>{}, "let secret_access_key = String::from(\"",
      "variable \"secret_access_key\" {\n  type    = string\n  default = \"",
      "buildConfigField(\"String\", \"SECRET_ACCESS_KEY\", \"\\\"", "setx SECRET_ACCESS_KEY ",
      "FROM a\nENV SECRET_ACCESS_KEY ", "id;name;value\n14;region;eu\n15;SECRET_ACCESS_KEY;");
  const std::string behind = before.ends_with("\\\"") ? "\\\"\")"
                             : before.ends_with('"')  ? "\""
                                                      : "";
  CAPTURE(before);
  const std::string text = before + key + behind + "\n";
  const std::vector<std::string> sure = sure_secrets_in(text);
  CHECK(sure == std::vector<std::string>{key});
}

TEST_CASE("a key is sure in the grammar of a language and in a sentence", "[content][secret]") {
  const std::string key = "e6vfpM0bpku0f9gFujdfI6bdZgpzR9fL6BcUEYiL";
  const auto [before, behind] = GENERATE(table<std::string, std::string>({
      {"const API_KEY: &str = \"", "\";"},
      {"const API_KEY: &'static str = \"", "\";"},
      {"const std::string api_key{\"", "\"};"},
      {"api_key <- \"", "\""},
      {"{api_key, <<\"", "\">>}"},
      {"新しいキーはVERCEL_TOKEN=", "です。"},
      {"密钥是 API_KEY=", "，请保管好"},
      {"API_KEY=", "，请更新"},
  }));
  const std::string text = before + key + behind;
  CAPTURE(text);
  const std::vector<std::string> sure = sure_secrets_in(text);
  REQUIRE(sure.size() == 1);
  // "密钥是 API_KEY=..." tells the name with it.
  CHECK(sure.front().ends_with(key));
}

TEST_CASE("verdicts, digests, constants and names of types are no secrets", "[content][secret]") {
  const char* const text = GENERATE(
      "PASS: tests/unit/Test_913_Login\n", "PASS: Test_913!Login\nFAIL: Test_914\n",
      "FAIL: Test_914\nPASS: Test_913!Login\n", "Passed: tools/javac/T6230128.java\n",
      "\"integrity\": \"sha512-yHlKaOvTmW27BQbbwSSLYpvg4sqfyNyJ8pXXcY8pw4/"
      "Jhg8Dxv4nN3AO8kJFjne+gU3nbJAcX7yTek2Sn+pQmQ==\"",
      "data: B4IlvjGzS3+0H2b0GD2rCePcXkeY/Yel0jupCDygni8kKc3sXJIwMEFNyDUJA5yMcjDjn1XSrDcpvSwiC1\n",
      "secret: sha512-yHlKaOvTmW27BQbbwSSLYpvg4sqfyNyJ8pXXcY8pw4Jhg8Dxv4nN3AO8kJFjne\n",
      "NL80211_SECRET_KEY = __NL80211_KEY_AFTER_LAST\n", "PW: UTF8String\n",
      "PASSWORD: PBKDF2WithHmacSHA512\n");
  CAPTURE(text);
  CHECK(found_ids(text, is_sure_secret_match).empty());
}

TEST_CASE("a password behind PASS is one where no tests are told of", "[content][secret]") {
  CHECK(found_ids("USER: svc\nPASS: Kx9v!QpLm2Rt\n", is_sure_secret_match) == "generic-password");
}

TEST_CASE("the element behind a closing tag is not what the tag names", "[content][secret]") {
  const std::string value = "Qh7rT2mXb9LpVz4KdW8sJcYf";
  const auto [text, told] = GENERATE_COPY(table<std::string, bool>({
      {"<dict><key>UUID</key><string>" + value + "</string></dict>", false},
      {"<token></token><checksum>" + value + "</checksum>", false},
      {"<key>API_TOKEN</key><string>" + value + "</string>", true},
      {"<token>" + value + "</token>", true},
  }));
  CAPTURE(text);
  Scanner scanner{shipped_detectors()};
  std::vector<Match> matches;
  scanner.scan(text, {}, matches);
  CHECK(std::any_of(matches.begin(), matches.end(), is_sure_secret_match) == told);
}

TEST_CASE("what shells and makefiles write behind NAME= is no secret", "[content][secret]") {
  const char* const text =
      GENERATE("PASSWORD=$1\n", "DB_PASSWORD=$(pass show Db1)\n", "DB_PASSWORD=${1:-Secret9}\n",
               "API_TOKEN=`cat /run/secrets/Token1`\n", "PASSWORD=getpass.getpass()\n",
               "PASSWORD=os.environ['DB_PASSWORD1']\n", "SECRET_KEY=env('DJANGO_SECRET_KEY_1')\n",
               "Writeln('Encrypted PW is : ',EncPass);\n",
               "'login {self.username} password {self.password}'\n", "PASSWORD=str(uuid4())[:12]\n",
               "PASSWORD=$$RANDOM$$2\n", "PASSWORD=@PASSWORD2@\n");
  CAPTURE(text);
  CHECK(found_ids(text, is_sure_secret_match).empty());
}

}  // namespace
}  // namespace gnomon::content
