#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
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

  ApiKnowledge(ApiKnowledge&&) noexcept;
  ApiKnowledge& operator=(ApiKnowledge&&) noexcept;
  ~ApiKnowledge();

  struct Contents;
  [[nodiscard]] const Contents& contents() const { return *contents_; }

 private:
  explicit ApiKnowledge(std::unique_ptr<Contents> contents);
  std::unique_ptr<Contents> contents_;
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

  // What speaks for products at the server: AssetBook adds it up. Empty: nothing does.
  std::span<const std::uint16_t> traits;  // positions among the knowledge's, ascending
  std::span<const std::string_view> models;
  std::string_view version;
  std::uint16_t version_of = 0xffff;  // the trait whose product says the version
  bool answered_openly = false;       // an API call without credential was granted
  bool refused = false;               // 401 or 403
  bool prompt = false;                // the request carried text for a model
  bool admin = false;                 // an administrator's function was called and granted
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

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace gnomon::identify
