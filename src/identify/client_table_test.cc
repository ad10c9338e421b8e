#include "client_table.h"

#include <catch2/catch.hpp>
#include <string>

using gnomon::identify::Client;
using gnomon::identify::ClientTable;

namespace {

ClientTable table() {
  ClientTable clients;
  clients.add({"crawler", "GPTBot", "crawler"});
  CHECK(clients.add_token("gptbot"));
  clients.add({"cli", "Claude Code", "coding-assistant"});
  CHECK(clients.add_token("claude-cli"));
  clients.add({"sdk", "OpenAI library", {}});
  CHECK(clients.add_token("openai/python"));
  clients.add({"library", "Python library", {}});
  CHECK(clients.add_token("python"));
  clients.add({"browser", "Firefox", "web-chat"});
  CHECK(clients.add_token("firefox"));
  CHECK(clients.add_ja4("t13d*_5b57614c22b0_*"));
  clients.add({"browser", "Chromium", {}});
  CHECK(clients.add_token("chrome"));
  CHECK(clients.add_ja4("t13d*h2_8daaf6152771_*"));
  CHECK(clients.add_ja4("q13d*_8daaf6152771_*"));
  return clients;
}

}  // namespace

TEST_CASE("the first client that fits a user agent is told", "[client]") {
  const ClientTable clients = table();
  struct Case {
    std::string user_agent;
    std::string name;
  };
  const auto each = GENERATE(values<Case>({
      {"claude-cli/1.0.83 (external, cli)", "Claude Code"},
      {"Claude-CLI", "Claude Code"},
      {"OpenAI/Python 1.99.1", "OpenAI library"},
      {"OpenAI/Python/1.99.1", "OpenAI library"},
      {"Python/3.11 aiohttp/3.9", "Python library"},
      {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
       "Safari/537.36",
       "Chromium"},
      {"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
       "+https://openai.com/gptbot) Chrome/119.0",
       "GPTBot"},
      {"(gptbot)", "GPTBot"},
      {"Firefox/", "Firefox"},
      {"Firefox/v128", "Firefox"},
      {"", ""},
      {" ", ""},
      {"OpenAI", ""},
      {"OpenAI/JS 4.2", ""},
      {"OpenAI/Python-like 1.0", ""},
      {"notclaude-cli/1.0", ""},
      {"claude-cli-2/1.0", ""},
      {"claude-clix", ""},
      {"Mozilla/5.0", ""},
      {"////", ""},
      {"/1", ""},
      {std::string(600, ' ') + "gptbot", ""},
      {std::string(100, 'x') + "gptbot", ""},
      {"gptbot" + std::string(100, 'x'), ""},
      {std::string{"gpt\0bot", 7}, ""},
  }));
  CAPTURE(each.user_agent);
  const Client client = clients.find(each.user_agent, {});
  CHECK(client.name == each.name);
  CHECK_FALSE(client.hint);
}

TEST_CASE("a fingerprint is a hint, and speaks only where no user agent does", "[client]") {
  const ClientTable clients = table();
  const Client firefox = clients.find({}, "t13d1717h2_5b57614c22b0_3cbfd9057e0d");
  CHECK(firefox.name == "Firefox");
  CHECK(firefox.hint);
  CHECK(firefox.usage.empty());
  CHECK(clients.find("claude-cli/1.0", "t13d1717h2_5b57614c22b0_3cbfd9057e0d").name ==
        "Claude Code");
  CHECK(clients.find("unheard-of/1.0", "q13d0312h3_8daaf6152771_06cda9e17597").name == "Chromium");
  const auto unknown = GENERATE(values<std::string>({
      "",
      "_",
      "__",
      "t13d1717h2",
      "t13d1717h2_5b57614c22b0",
      "t13d1717h2_5b57614c22b0_",
      "t13d1717h2_5b57614c22b0_3cbfd9057e0d_x",
      "t12d1717h2_5b57614c22b0_3cbfd9057e0d",
      "t13d1516h1_8daaf6152771_3cbfd9057e0d",
      "t13d1717h2_5b57614c22b1_3cbfd9057e0d",
      "_5b57614c22b0_",
  }));
  CAPTURE(unknown);
  CHECK(clients.find({}, unknown).name.empty());
}

TEST_CASE("tokens and fingerprints belong to one client each", "[client]") {
  ClientTable clients = table();
  clients.add({"cli", "another", {}});
  CHECK_FALSE(clients.add_token("gptbot"));
  CHECK_FALSE(clients.add_ja4("t13d*_5b57614c22b0_*"));
  CHECK(clients.add_token("another"));

  CHECK(ClientTable::is_token("openai/python"));
  for (const char* bad : {"", "GPTBot", "a b", "a/1.0", "a/v1", "a/", "a;b", "(a"}) {
    CAPTURE(bad);
    CHECK_FALSE(ClientTable::is_token(bad));
  }
  CHECK_FALSE(ClientTable::is_token(std::string(65, 'a')));
  for (const char* bad : {"", "a_b", "a_8daaf615277_c", "a_8daaf61527710_c", "a_8DAAF6152771_c",
                          "_8daaf6152771_c", "a_8daaf6152771_", "a_*_c", "a_8daaf6152771_c_d"}) {
    CAPTURE(bad);
    CHECK_FALSE(ClientTable::is_ja4_pattern(bad));
  }
}
