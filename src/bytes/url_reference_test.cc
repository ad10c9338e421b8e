#include "gnomon/bytes/url_reference.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace gnomon;

TEST_CASE("a reference is split into host and what is behind it") {
  struct Row {
    std::string_view url;
    const char* host;  // null: it names none
    std::string_view rest;
  };
  const std::vector<Row> rows{
      {"https://files.example/a?b=/c", "files.example", "/a?b=/c"},
      {"http://user:pass@files.example:8000/a#top", "files.example", "/a"},
      {"https://[2001:db8::1]:8443/a", "[2001:db8::1]", "/a"},
      {"https://[2001:db8::1]/a", "[2001:db8::1]", "/a"},
      {"//files.example?b", "files.example", "?b"},
      {"https://files.example", "files.example", ""},
      {"/a/b?c=https://x/", nullptr, "/a/b?c=https://x/"},
      {"a/b", nullptr, "a/b"},
      {"?b", nullptr, "?b"},
      {"#top", nullptr, ""},
      {"", nullptr, ""},
      {":", nullptr, ":"},
      {"https://", "", ""},
      {"https:///a", "", "/a"},
  };
  for (const Row& row : rows) {
    INFO(row.url);
    const auto said = split_url_reference(row.url);
    REQUIRE(said);
    CHECK(said->has_host == (row.host != nullptr));
    CHECK(said->host == (row.host == nullptr ? "" : row.host));
    CHECK(said->rest == row.rest);
  }
  for (const std::string_view url : {"mailto:", "https:", "https:?a", "https:/a", "a:/b"}) {
    INFO(url);
    CHECK_FALSE(split_url_reference(url));
  }
  const std::string whole = "https://user@files.example:8000/a?b#c";
  for (std::size_t size = 0; size < whole.size(); ++size)
    split_url_reference(std::string_view{whole}.substr(0, size));
}

TEST_CASE("a value of a query is found by its whole name") {
  struct Row {
    std::string_view target, name, value;
  };
  for (const Row& row : std::vector<Row>{{"/a?b=1", "b", "1"},
                                         {"/a?c=1&b=2&b=3", "b", "2"},
                                         {"/a?bb=1&b=2", "b", "2"},
                                         {"/a?b=", "b", ""},
                                         {"/a?b&c=1", "b", ""},
                                         {"/a?c=b=1", "b", ""},
                                         {"/a?c=1?b=2", "b", ""},
                                         {"/a?c=%26&b=x%20y#b=z", "b", "x%20y"},
                                         {"/a#?b=1", "b", ""},
                                         {"/b=1", "b", ""},
                                         {"", "b", ""}}) {
    INFO(row.target);
    CHECK(query_value(row.target, row.name) == row.value);
  }
}
