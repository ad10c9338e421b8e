#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/report/block_list.h"

namespace gnomon::report::console {

struct ConsoleOptions {
  std::filesystem::path database;
  std::string address = "127.0.0.1";  // a literal
  std::uint16_t port = 8787;
  std::string tls_certificate;  // PEM files; both or none
  std::string tls_key;
  // Names besides addresses and "localhost" under which browsers may ask for the console: others
  // are refused, so that no page of a foreign name can reach it (DNS rebinding).
  std::vector<std::string> host_names;
  std::string version;
  // Makes an accepted candidate known by signatures of this network's own; where they went. Without
  // it candidates cannot be accepted.
  struct NewApp {
    std::string host;
    std::string id;
    std::string account;  // who accepted it
    std::string reason;
  };
  std::function<Result<std::string>(const NewApp&)> make_app;
  // Takes such an app out of them again, when the decision is taken back. Says so where it stays
  // known, as when people have changed what was written; empty when it is gone.
  std::function<std::string(const std::string& id)> withdraw_app;
  // What the signatures of the moment say of hosts, for block lists; without it there are none.
  std::function<Result<std::shared_ptr<const HostKnowledge>>()> host_knowledge;
};

// The web console: a REST API under /api/v1 (page/openapi.json) and the pages that use it. Reads
// the inventory over connections of its own, again whenever it has changed; writes decisions.
class Console {
 public:
  // Reads the inventory once and listens. Refuses, with the reason, what is no inventory, a broken
  // accounts file, an address in use, a certificate that does not work.
  static Result<std::unique_ptr<Console>> open(ConsoleOptions options);
  ~Console();

  // Serves until stop(), which may be called from another thread.
  void run();
  void stop();

  [[nodiscard]] std::string url() const;  // "http://127.0.0.1:8787/"
  // Where the first account is made, once; empty when there is one.
  [[nodiscard]] std::string setup_url() const;

 private:
  class Impl;
  explicit Console(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// "127.0.0.1:8787", "[::1]:8787", "localhost:8787" taken apart; localhost is 127.0.0.1.
struct ListenPlace {
  std::string address;
  std::uint16_t port = 0;
  bool loopback = false;
};
Result<ListenPlace> parse_listen(const std::string& text);

}  // namespace gnomon::report::console
