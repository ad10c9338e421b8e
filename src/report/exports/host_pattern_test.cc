#include "host_pattern.h"

#include <catch2/catch.hpp>
#include <string>

namespace gnomon::report {

TEST_CASE("only names that devices take are host names") {
  const std::string label63(63, 'a');
  for (const std::string& name :
       {std::string{"a.example"}, std::string{"x_y.a-b.example"}, std::string{"1.example"},
        label63 + ".example"})
    CHECK(is_host_name(name));
  for (const std::string& name :
       {std::string{}, std::string{"localhost"}, std::string{"10.0.0.1"}, std::string{"a..example"},
        std::string{".example"}, std::string{"a.example."}, std::string{"-a.example"},
        std::string{"a-.example"}, std::string{"A.example"}, std::string{"a b.example"},
        std::string{"a.example\n"}, std::string{"a\".example"}, std::string{"a;b.example"},
        std::string{"*.example.com"}, std::string{"a/b.example"}, std::string{"a.exa\xffmple"},
        std::string{"\xe2\x80\xae.example"}, std::string{"=1+1.example"}, std::string{"[::1]"},
        std::string{"a.example:443"}, "a" + label63 + ".example",
        label63 + "." + label63 + "." + label63 + "." + label63 + ".example"})
    CHECK_FALSE(is_host_name(name));
}

TEST_CASE("a pattern is a name, or a star and a name") {
  const auto whole = parse_host_pattern("API.Example.com.");
  REQUIRE(whole);
  CHECK(whole->name == "api.example.com");
  CHECK(whole->breadth == Breadth::kName);
  const auto below = parse_host_pattern("*.example.com");
  REQUIRE(below);
  CHECK(below->name == "example.com");
  CHECK(below->breadth == Breadth::kBelow);
  for (const char* pattern : {"", "*", "*.", "*.com", "a.*.example.com", "*-a.example.com",
                              "**.example.com", "*.*.example.com", "example.com; drop"})
    CHECK_FALSE(parse_host_pattern(pattern));
}

TEST_CASE("a name covers whole labels below it") {
  CHECK(covers("example.com", Breadth::kName, "example.com"));
  CHECK(covers("example.com", Breadth::kWhole, "a.b.example.com"));
  CHECK(covers("example.com", Breadth::kBelow, "a.example.com"));
  CHECK_FALSE(covers("example.com", Breadth::kName, "a.example.com"));
  CHECK_FALSE(covers("example.com", Breadth::kBelow, "example.com"));
  CHECK_FALSE(covers("example.com", Breadth::kWhole, "notexample.com"));
  CHECK_FALSE(covers("example.com", Breadth::kWhole, "example.com.net"));
  CHECK_FALSE(covers("example.com", Breadth::kWhole, "com"));
}

}  // namespace gnomon::report
