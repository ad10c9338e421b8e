#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/identify/api_exchange.h"
#include "gnomon/identify/api_scan.h"
#include "gnomon/identify/catalogue.h"

namespace gnomon::identify {

// API families, self-hosted products and artifact sources, from signatures/{api,self-hosted,
// artifacts}. Read once, then immutable: shared by all threads.
class ApiKnowledge {
 public:
  // Any problem refuses the whole, as Catalogue::load does. A folder without these parts is empty
  // knowledge, and reads nothing.
  static Result<ApiKnowledge> load(const std::filesystem::path& folder,
                                   std::vector<Problem>* problems = nullptr);
  // The same, and what folders of these names in the local folder say besides: of the same id, the
  // local one stands. They are asked for a signature as the local folder itself is.
  static Result<ApiKnowledge> load(const SignatureFolders& folders,
                                   std::vector<Problem>* problems = nullptr);

  ApiKnowledge(ApiKnowledge&&) noexcept;
  ApiKnowledge& operator=(ApiKnowledge&&) noexcept;
  ~ApiKnowledge();

  struct Contents;
  [[nodiscard]] const Contents& contents() const { return *contents_; }
  [[nodiscard]] std::size_t family_count() const;
  [[nodiscard]] std::size_t product_count() const;
  // Whether a hub or registry is at this host (lower case), as signatures/artifacts names them.
  [[nodiscard]] bool is_source(std::string_view host) const;
  // The URL with "***" for what its query gives as a credential (signatures/api/accounts.yaml) and
  // is long enough to be one; nothing where there is none.
  [[nodiscard]] std::optional<std::string> without_credentials(std::string_view url) const;

 private:
  explicit ApiKnowledge(std::unique_ptr<Contents> contents);
  std::unique_ptr<Contents> contents_;
};

// Whether a status sends the client elsewhere. Not 304: what was asked for is there, and the client
// has it already (RFC 9110, 15.4.5).
constexpr bool is_redirect(std::uint16_t status) {
  return status >= 300 && status < 400 && status != 304;
}

// Whether a status says that nothing of the kind was asked for is there. Servers answer so to any
// path, and redirect from any.
constexpr bool nothing_there(std::uint16_t status) {
  return status == 404 || status == 405 || status == 410 || status == 501 || is_redirect(status);
}

// What a server said of a product.
struct ApiSaid {
  std::uint16_t subject = 0;  // position among the knowledge's
  bool version = false;       // else the name of a model
  std::string_view text;
};

// Which kind of function of a product was called.
struct ApiTouch {
  std::uint16_t subject = 0;
  bool admin = false;  // an administrator's; else one that a protected server refuses to strangers
};

// What one exchange showed. Views live until the next read() of the same reader.
struct ApiFacts {
  // A call to a model or tool (observation::ModelCallRecord); family is empty when there is none.
  std::string_view family;
  std::string_view operation;
  std::string_view usage;  // of the flow: "api", "mcp", "model-download" ...; empty: says nothing
  std::string_view model_requested;
  std::string_view model_returned;
  std::span<const std::string_view> tools_offered;
  std::span<const std::string_view> tools_called;
  std::string_view tenant;
  std::string_view user_agent;
  std::uint64_t tokens_in = 0;
  std::uint64_t tokens_out = 0;
  std::uint32_t pieces = 0;  // of a streamed answer
  bool streamed = false;
  bool credential = false;  // the request carried one

  // Something fetched (observation::ArtifactRecord); artifact_kind is empty when there is nothing.
  std::string_view artifact_kind;
  std::string_view repository;
  std::string_view file;
  std::string_view revision;
  std::string_view format;
  std::uint64_t artifact_bytes = 0;
  bool unsafe_format = false;
  std::string_view moved_to;  // Location of a redirect; empty: it was given here
  // Where it is was asked for (HEAD), or a redirect that does not show whether it is a model, or
  // that leads to a part of what was told before: told with what it leads to, or not at all.
  bool asked_only = false;
  bool only_joined = false;   // of storage: nothing unless a redirect named it
  bool only_models = false;   // of where anything is given: nothing in any other format
  bool model_format = false;  // the format is one of models

  // What speaks for products at the server: AssetBook adds it up. No traits: nothing does.
  std::span<const std::uint16_t> traits;  // positions among the knowledge's, ascending
  std::span<const ApiSaid> said;
  std::span<const ApiTouch> touches;
  bool call = false;    // of a model or tool that a protected server refuses to strangers
  bool prompt = false;  // the request carried text for a model
};

// Reads exchanges; one per thread.
class ApiReader {
 public:
  explicit ApiReader(const ApiKnowledge& knowledge);
  ~ApiReader();
  ApiReader(const ApiReader&) = delete;
  ApiReader& operator=(const ApiReader&) = delete;

  const ApiFacts& read(const ApiExchange& exchange);

  // Whether bodies of such an exchange are worth following: called when the request's head is
  // there, before anything else is known.
  [[nodiscard]] bool wants(std::string_view method, std::string_view target,
                           std::string_view request_type) const;
  // What a request to a server that nobody knows may be, by what its head says.
  struct FirstLook {
    // The path is one that a family is told by, among other things: more than what any server may
    // have.
    bool calls = false;
    // Something of AI from a hub or registry: at a host of one by its path alone, since most of
    // what registries give is none, elsewhere by its client too.
    bool fetches = false;
  };
  [[nodiscard]] FirstLook look(std::string_view method, std::string_view host,
                               std::string_view target, std::string_view user_agent) const;

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace gnomon::identify
