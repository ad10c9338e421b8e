// Credentials and accounts of requests: that they are there is told, what they are is not.
#include "api_test_support.h"

namespace gnomon::identify {
namespace {

TEST_CASE("of a URL the credentials are left out") {
  struct Row {
    const char* url;
    const char* hidden;  // null: nothing is
  };
  const Row rows[] = {
      {"/v1beta/models/g:generate?key=AIzaSyA1234567890abcdefg",
       "/v1beta/models/g:generate?key=***"},
      {"/a?x=1&api_key=0123456789abcdef&y=2#f", "/a?x=1&api_key=***&y=2#f"},
      {"/a?token=0123456789abcdef&access_token=fedcba9876543210", "/a?token=***&access_token=***"},
      {"/a?token=0123456789abcdef#token=0123456789abcdef", "/a?token=***#token=***"},
      {"/a?key=name", nullptr},  // too short to be one
      {"/a?q=0123456789abcdef", nullptr},
      {"/a/key=0123456789abcdef", nullptr},
      {"/a?", nullptr},
      {"", nullptr},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    const auto hidden = shipped().without_credentials(row.url);
    REQUIRE(hidden.has_value() == (row.hidden != nullptr));
    if (hidden) CHECK(*hidden == row.hidden);
  }
}

TEST_CASE("A credential is noticed, a placeholder is none, and values go nowhere") {
  ApiReader reader{shipped()};
  ApiScan scan;
  const auto credential = [&](const char* name, const char* value,
                              const char* target = "/api/tags") {
    return read_talk(reader, scan,
                     {.method = "GET", .target = target, .request_fields = {{name, value}}})
        .credential;
  };
  CHECK(credential("Authorization", "Bearer sk-1234"));
  CHECK(credential("X-API-KEY", "abc"));
  CHECK(credential("cookie", "theme=dark; access_token=1"));
  CHECK(credential("accept", "*/*", "/api/tags?token=abc"));
  CHECK_FALSE(credential("Authorization", "Bearer ollama"));
  CHECK_FALSE(credential("Authorization", "Bearer EMPTY"));
  CHECK_FALSE(credential("Authorization", "Bearer "));
  CHECK_FALSE(credential("Authorization", ""));
  CHECK_FALSE(credential("cookie", "theme=token"));
  CHECK_FALSE(credential("accept", "*/*", "/api/tags?token="));
  CHECK_FALSE(credential("accept", "*/*", "/v1/models?api_key=test"));
  CHECK_FALSE(credential("accept", "*/*", "/v1/models?key=not-needed&token="));
  CHECK(credential("accept", "*/*", "/v1/models?key=not-needed&token=abc"));
  CHECK(credential("Authorization", "Basic dXNlcjpwYXNz"));
  CHECK_FALSE(credential("Authorization", "Basic Og=="));
  // Django's and Laravel's, against forged requests.
  CHECK_FALSE(credential("cookie", "csrftoken=abc; XSRF-TOKEN=1; _csrf_token=2"));
  CHECK(credential("cookie", "csrftoken=abc; sessionid=1"));
  CHECK_FALSE(credential("accept", "*/*"));
}

TEST_CASE("Tenants are told by which field is there") {
  ApiReader reader{shipped()};
  ApiScan scan;
  const auto tenant = [&](const char* name, const char* value) {
    return std::string{
        read_talk(reader, scan,
                  {.target = "/v1/chat/completions", .request_fields = {{name, value}}})
            .tenant};
  };
  CHECK(tenant("ChatGPT-Account-Id", "123") == "corporate");
  const auto with = [&](std::vector<ApiField> fields) {
    return std::string{
        read_talk(reader, scan, {.target = "/v1/responses", .request_fields = std::move(fields)})
            .tenant};
  };
  // {"https://api.openai.com/auth":{"chatgpt_plan_type":"plus"}}, then team, then {"a":1}
  const std::string plus =
      "Bearer "
      "eyJhIjoxfQ.eyJodHRwczovL2FwaS5vcGVuYWkuY29tL2F1dGgiOnsiY2hhdGdwdF9wbGFuX3R5cGUiOiJwbHV"
      "zIn19.eA";
  const std::string team =
      "Bearer "
      "eyJhIjoxfQ.eyJodHRwczovL2FwaS5vcGVuYWkuY29tL2F1dGgiOnsiY2hhdGdwdF9wbGFuX3R5cGUiOiJ0ZWF"
      "tIn19.eA";
  const std::string none = "Bearer eyJhIjoxfQ.eyJhIjoxfQ.eA";
  const ApiField account{"chatgpt-account-id", "5c1e"};
  const ApiField codex{"originator", "codex_cli_rs"};
  CHECK(with({{"authorization", plus}}) == "personal");
  CHECK(with({account, {"authorization", plus}, codex}) == "personal");
  CHECK(with({{"authorization", team}, account, codex}) == "corporate");
  // Codex names the account of whoever uses it.
  CHECK(with({account, {"authorization", none}, codex}).empty());
  CHECK(with({account, {"authorization", none}}) == "corporate");
  CHECK(tenant("OpenAI-Organization", "user-abc") == "personal");
  CHECK(tenant("OpenAI-Organization", "org-1") == "corporate");
  CHECK(tenant("Authorization", "Bearer tid=1;sku=free_educational;x=1") == "personal");
  CHECK(tenant("Authorization", "Bearer sk-1").empty());
  CHECK(tenant("X-Anything", "corporate").empty());
}

}  // namespace
}  // namespace gnomon::identify
