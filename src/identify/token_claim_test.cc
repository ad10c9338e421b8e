#include "token_claim.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>

namespace gnomon::identify {
namespace {

// {"iss":"https://x","https://api.openai.com/auth":{"chatgpt_plan_type":"team"},"n":1}
constexpr std::string_view kToken =
    "Bearer eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJodHRwczovL3giLCJodHRwczovL2FwaS5vcGVuYWkuY29tL2F1dGgiOnsiY2hhdGdwdF9wbGFuX3R5cGUiOi"
    "J0ZWFtIn0sIm4iOjF9.c2ln";

}  // namespace

TEST_CASE("a claim is read from a token's payload, wherever it stands") {
  std::array<char, 1024> room;
  const std::string_view payload = token_payload(kToken, room);
  CHECK(payload.starts_with("{\"iss\":"));
  CHECK(payload.ends_with("\"n\":1}"));
  CHECK(claim_of(payload, "chatgpt_plan_type") == "team");
  CHECK(claim_of(payload, "iss") == "https://x");
  CHECK(claim_of(payload, "n").empty());  // no text
  CHECK(claim_of(payload, "plan_type").empty());
  CHECK(claim_of(payload, "auth").empty());
  CHECK(claim_of(payload, "").empty());
  CHECK(claim_of("{\"a\" : \"b\"}", "a") == "b");
  CHECK(claim_of("{\"x\":\"a\",\"a\":\"b\"}", "a") == "b");
  CHECK(claim_of("{\"a\":\"b", "a").empty());
}

TEST_CASE("what is no token has no payload") {
  std::array<char, 1024> room;
  for (const char* value : {"", "Bearer", "Bearer ", "Bearer sk-proj-1", "Bearer eyJ", "eyJhbGci",
                            "Bearer eyJhbGci.e+J.x", "Basic dTpw", "Bearer a.b.c"})
    CHECK(token_payload(value, room).empty());
}

TEST_CASE("a token that is cut anywhere, or is longer than there is room, gives what is there") {
  std::array<char, 1024> room;
  const std::string whole{token_payload(kToken, room)};
  for (std::size_t cut = 0; cut <= kToken.size(); ++cut) {
    const std::string text{kToken.substr(0, cut)};  // its end is the buffer's end
    CHECK(whole.starts_with(token_payload(text, room)));
  }
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(token_payload(kToken, std::span{room}.first(size)) == whole.substr(0, size));
}

}  // namespace gnomon::identify
