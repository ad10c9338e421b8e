#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "../test_inventory.h"
#include "site.h"

namespace gnomon::report::console {

// A console without sockets: requests in, answers out.
class Desk {
 public:
  Desk() : site_(options(), false, [this] { return now_; }) {
    sample_.make();
    const AccountFile file{sample_.path()};
    REQUIRE(file.add("ann", Role::kAdmin, "correct horse battery"));
    REQUIRE(file.add("rev", Role::kReviewer, "correct horse battery"));
    REQUIRE(file.add("vic", Role::kViewer, "correct horse battery"));
    REQUIRE(site_.begin());
  }

  static Request request(std::string method, std::string target, std::string body = {}) {
    Request asked;
    asked.method = std::move(method);
    asked.target = std::move(target);
    asked.body = std::move(body);
    asked.peer = "127.0.0.1";
    asked.host = "127.0.0.1:8787";
    if (!asked.body.empty()) asked.content_type = "application/json";
    return asked;
  }
  Response ask(const Request& asked) { return site_.answer(asked); }

  // Signs in and remembers the cookie and the token.
  void sign_in(const std::string& name) {
    const Response answer =
        ask(request("POST", "/api/v1/session",
                    R"({"name":")" + name + R"(","password":"correct horse battery"})"));
    REQUIRE(answer.status == 200);
    for (const auto& [key, value] : answer.headers)
      if (key == "Set-Cookie") cookie_ = value.substr(0, value.find(';'));
    const std::string_view mark = R"("csrf_token":")";
    token_ = answer.body.substr(answer.body.find(mark) + mark.size(), 64);
  }
  Request signed_in(std::string method, std::string target, std::string body = {}) const {
    Request asked = request(std::move(method), std::move(target), std::move(body));
    asked.cookie = cookie_;
    asked.csrf_token = token_;
    return asked;
  }

  [[nodiscard]] ConsoleOptions options() const {
    ConsoleOptions chosen;
    chosen.database = sample_.path();
    chosen.host_names = {"gnomon.example"};
    chosen.make_app = [](const ConsoleOptions::NewApp&) {
      return Result<std::string>{Error{"the folder cannot be written to"}};
    };
    chosen.host_knowledge = [] {
      auto knowledge = std::make_shared<HostKnowledge>();
      knowledge->hosts = {{"chatter", "chat.example", "web-ui", true, ""},
                          {"evil", "evil.example", "api", false, ""},
                          {"evil", "cdn.example", "api", false, "shared: serves many"}};
      knowledge->shared = [](std::string_view host) {
        return host == "cdn.example" ? std::string{"shared: serves many"} : std::string{};
      };
      return Result<std::shared_ptr<const HostKnowledge>>{std::move(knowledge)};
    };
    return chosen;
  }

  SampleInventory sample_;
  Clock::time_point now_{std::chrono::hours{500'000}};
  Site site_;
  std::string cookie_;
  std::string token_;
};

}  // namespace gnomon::report::console
