#include "secret_value.h"

#include <catch2/catch.hpp>
#include <string>

namespace gnomon::content {
namespace {

bool sure(std::string_view name, std::string_view value, Binding binding = Binding::kOperator,
          bool quoted = true, bool vendor_near = false) {
  NamedValue place;
  place.name = name;
  place.value = value;
  place.binding = binding;
  place.quoted = quoted;
  place.vendor_near = vendor_near;
  return is_sure_secret(place, shape_of(value));
}

bool sure_password(std::string_view name, std::string_view value, bool quoted, bool line_end) {
  NamedValue place;
  place.name = name;
  place.value = value;
  place.binding = Binding::kOperator;
  place.quoted = quoted;
  place.line_end = line_end;
  return is_sure_password(place, shape_of(value));
}

struct Row {
  const char* name;
  const char* value;
};

TEST_CASE("a value made by chance is sure behind a name that says secret", "[content][secret]") {
  const auto [name, value] = GENERATE(values<Row>({
      {"service_token", "9f71c52d839b5cd527645e42b5134f8b"},
      {"SERVICE_API_KEY", "mjqu12rzqt35qw8n1918uh97d9zn65"},
      {"shared_secret", "tq3bmewifelpal55rdpbepqx"},
      {"hashicorp_token", "X5XQGKMOS1OABAREUDFUMZ54"},
      {"access_token", "SSVmFDNCFfOHKXQAEckxWq"},
      {"acme_token", "acme_tok_telRHcnM74ztUASGIz4X7XKcngf"},
      {"auth_token", "1757cdc0-1c19-413e-94e0-af0ab5099ce9"},
  }));
  CAPTURE(name, value);
  CHECK(sure(name, value));
  CHECK(sure(name, value, Binding::kArgument));
  CHECK_FALSE(sure(name, value, Binding::kMention));
}

TEST_CASE("what is no secret is not sure, whatever stands before it", "[content][secret]") {
  const auto [name, value] = GENERATE(values<Row>({
      {"commit_token", "9f71c52d839b5cd527645e42b5134f8b"},    // names that are public
      {"sha256_key", "9f71c52d839b5cd527645e42b5134f8b"},      //
      {"hash_secret", "9f71c52d839b5cd527645e42b5134f8b"},     //
      {"partition_key", "9f71c52d839b5cd527645e42b5134f8b"},   //
      {"next_token", "mjqu12rzqt35qw8n1918uh97d9zn65"},        //
      {"user", "mjqu12rzqt35qw8n1918uh97d9zn65"},              // and that say nothing
      {"client_id", "mjqu12rzqt35qw8n1918uh97d9zn65"},         //
      {"api_token", "abcdef1234567890abcdef1234567890"},       // examples
      {"api_token", "12345678-ABCD-ABCD-ABCD-1234567890AB"},   //
      {"api_token", "123e4567-e89b-12d3-a456-426614174000"},   //
      {"api_token", "your_token_goes_here_9x8y7z6w5v"},        //
      {"api_token", "00000000000000000000000000000000"},       //
      {"api_token", "getTokenFromRequestHeader"},              // words
      {"api_token", "configuration_value_for_tests_12"},       //
      {"api_token", "/var/lib/secrets/9f71c52d839b5cd52764"},  // places
      {"api_token", "https://a.org/9f71c52d839b5cd52764"},     //
      {"token", "ERC20/SafeERC20Upgradeable.sol"},             //
      {"api_token", "[A-Za-z0-9]{20}-x9F3kQ2m"},               // patterns
      {"api_token", "${VAULT_9f71c52d839b5cd5}"},              //
      {"api_token", "9f71c5"},                                 // little
      {"row_key", "1757cdc0-1c19-413e-94e0-af0ab5099ce9"},     //
  }));
  CAPTURE(name, value);
  CHECK_FALSE(sure(name, value));
}

TEST_CASE("keys that frameworks make for an installation need no capitals", "[content][secret]") {
  const auto [name, value] = GENERATE(values<Row>({
      {"SECRET_KEY", "m8*%nl(mytbx0kjqevt#@a#*-vetwt4(ul44-ldqb=wzb90xy@"},
      {"SECRET_KEY", "django-insecure-k_df#8zcp=#wq3^0jd%c5vni_!i%0gk1xjd0sj3$k735(_u4rs"},
      {"SECRET_KEY", "$l0ke$nc9g&y=erd!!h=z$ia1fu*#55w^xdi(sj!%*6s99$oqe"},
      {"AUTH_KEY", "!dz0 7<+YiDv`NK|5zV_*Lv7bs5pi*dk_%pSNp{tc0P07RDbK8uWr!zl=_=nGk(*"},
  }));
  CAPTURE(name, value);
  CHECK(sure(name, value));
  CHECK(sure(name, value, Binding::kArgument));
  CHECK_FALSE(sure(name, value, Binding::kNext));
  CHECK_FALSE(sure("message", value));
  CHECK_FALSE(sure("csrf_token", value));
}

TEST_CASE("what is as long and has as many marks is no key", "[content][secret]") {
  const char* const value =
      GENERATE("^[A-Za-z0-9!@#$%^&*()_+=-]{40,64}(?:\\.[a-z]{2,4})+$",      // a pattern
               "function(a,b){return a.c(b,d)+e[f](g)||h.i(j,{k:1,l:2})}",  // code
               "SELECT t.a, t.b1, t.c2 FROM t WHERE (t.d = 'e') AND t.f=3",
               "the token, as it was (in 2019), stood in: a, b, c and d; e!",
               "${VAULT_ADDR}/v1/k_df#8zcp=#wq3^0jd%c5vni_!i%0gk1xjd0sj3$k7");
  CAPTURE(value);
  CHECK_FALSE(sure("SECRET_KEY", value));
}

TEST_CASE("marks make a quoted password no code", "[content][secret]") {
  const char* const value = GENERATE("$k3KRxw!ucCr9", "%Sre7S8c#W-F", "&9xK(m2!Qw",
                                     "wU(-RM$5SpB9x0(k", "U(WtRN=J)sjG7", "FB)+tUU#hRrw-Q#j");
  CAPTURE(value);
  CHECK(sure_password("password", value, true, false));
  // Behind NAME= they are all of a line.
  NamedValue place;
  place.name = "DB_PASSWORD";
  place.value = value;
  place.binding = Binding::kOperator;
  place.line_end = place.line_of_settings = true;
  CHECK(is_sure_password(place, shape_of(value)));
}

TEST_CASE("what stands for a password elsewhere is none", "[content][secret]") {
  const char* const value =
      GENERATE("$DB_PASSWORD_2", "${DB_PASSWORD:-Kx9}", "%DB_PASSWORD2%", "$(pass show Db1)",
               "$config->Password1", "&Password[0]", "@Password_2", "<your Password 1>",
               "{{ Pass1 }}", "getPassword(user1)", "os.environ.get(Pass1", "this->Password(1)",
               "Password::kV1", "[Password 1]", "$2y$10$Kx9vQpLm2Rt7Kx9vQpLm2Rt7", "%(Password1)s");
  CAPTURE(value);
  CHECK_FALSE(sure_password("password", value, true, true));
}

TEST_CASE("without quotes what code goes on with is not sure", "[content][secret]") {
  CHECK(sure("api_key", "mjqu12rzqt35qw8n1918uh97d9zn65", Binding::kOperator, false));
  CHECK_FALSE(sure("api_key", "lib.NID_X25519_mlkem768", Binding::kOperator, false));
  CHECK_FALSE(sure("tokens", "sha256=lTQIzSVw8Mg9wv459", Binding::kOperator, false));
  CHECK_FALSE(sure("key", "gss_krb5_rfc1964_keydata", Binding::kOperator, false));
  CHECK_FALSE(sure("key", "Tgnutls_x509_privkey_t", Binding::kOperator, false));
  CHECK_FALSE(sure("data_key", "_mm512_xor_si512", Binding::kOperator, false));
  CHECK(sure("key", "mlhekyjhs96mx0r2cxbzky4jzr83fw1q", Binding::kOperator, false));
  CHECK(sure("api_key", "ab_mjqu12rzqt35_qw8n1918uh97d9zn65", Binding::kOperator, false));
}

TEST_CASE("next to a name only what is mixed through and through is sure", "[content][secret]") {
  CHECK(sure("token", "qF56MjdfY32jaPQwrt7SW3ZnVbgD2HrPLe2cf94p", Binding::kNext, false));
  CHECK(sure("token", "9f71c52d839b5cd527645e42b5134f8b", Binding::kNext, false));
  CHECK_FALSE(sure("_key", "9f71c52d839b5cd527645e42b5134f8b", Binding::kNext, false));
  CHECK_FALSE(sure("token", "9f71c52d839b5cd52764", Binding::kNext, false));
  CHECK_FALSE(sure("token", "TheTokenOfTheUser2Request", Binding::kNext, false));
}

TEST_CASE("with a vendor near, less is enough", "[content][secret]") {
  CHECK(sure("token", "nm43gj2jmrchzn", Binding::kOperator, true, true));
  CHECK_FALSE(sure("token", "nm43gj2jmrchzn"));
  CHECK(sure("_key", "1757cdc0-1c19-413e-94e0-af0ab5099ce9", Binding::kOperator, true, true));
  CHECK(sure("token", "863322357129782523", Binding::kOperator, true, true));
  CHECK_FALSE(sure("token", "863322357129782523"));
}

TEST_CASE("a password is sure in quotes, or as the rest of its line", "[content][secret]") {
  CHECK(sure_password("password", "Kx9vQpLm2Rt7", true, false));
  CHECK(sure_password("DB_PASSWORD", "Kx9vQpLm2Rt7", false, true));
  // On a line that goes on: PGPASSWORD=... psql, or what chance made.
  CHECK(sure_password("PGPASSWORD", "Kestrel-2024", false, false));
  CHECK(sure_password("db_password", "Kx9vQpLm2Rt7", false, false));
  CHECK_FALSE(sure_password("db_password", "Kestrel-2024", false, false));
  CHECK_FALSE(sure_password("password", "self.Password2Field", false, true));
  CHECK_FALSE(sure_password("password", "read2Password(Kx9v)", false, true));
  CHECK_FALSE(sure_password("password_encryption", "Kx9vQpLm2Rt7", true, false));
  CHECK_FALSE(sure_password("password", "changeme-Now1", true, false));
  CHECK_FALSE(sure_password("password", "secret", true, false));
  CHECK_FALSE(sure_password("password", "Kx9v QpLm 2Rt7", true, false));
}

TEST_CASE("a password next to its word is sure in quotes and as an option alone",
          "[content][secret]") {
  const auto next = [](std::string_view name, std::string_view value, bool quoted) {
    NamedValue place;
    place.name = name;
    place.value = value;
    place.binding = Binding::kNext;
    place.quoted = quoted;
    return is_sure_password(place, shape_of(value));
  };
  CHECK(next("setPassword", "Kx9vQpLm2Rt7", true));
  CHECK_FALSE(next("getPassword", "Kx9vQpLm2Rt7", true));
  CHECK(next("--password", "Kx9vQpLm2Rt7", false));
  CHECK_FALSE(next("password", "Kx9vQpLm2Rt7", false));
}

TEST_CASE("paths, constants and names of types are no passwords without quotes",
          "[content][secret]") {
  const char* const value = GENERATE("tests/unit/Test_913_Login", "binutils-all/i386/pr21231A",
                                     "__NL80211_KEY_AFTER_9", "UTF8String", "PBKDF2WithHmacSHA512");
  CAPTURE(value);
  CHECK_FALSE(sure_password("PASSWORD", value, false, true));
}

TEST_CASE("what is made by chance is a password with a slash too", "[content][secret]") {
  CHECK(sure_password("PASSWORD", "kQ9/vXz2/Lm7Rt", false, true));
  CHECK(sure_password("PASSWORD", "qzxw/7Rt9Lm2Kp", false, true));
}

TEST_CASE("public keys and addresses are no secrets", "[content][secret]") {
  CHECK_FALSE(sure("key", "AAAAB3NzaC1yc2EAAAADAQABAAABAQD3hhRu6jfkHMwRwqx62"));
  CHECK_FALSE(sure("key", "2001:16d8:ffce:0010:aca8:353c:291d:0002"));
  CHECK(sure("key", "mjqu12rzqt35qw8n1918uh97d9zn65"));
}

}  // namespace
}  // namespace gnomon::content
