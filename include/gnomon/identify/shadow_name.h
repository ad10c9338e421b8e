#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"

namespace gnomon::identify {

struct ShadowModel;

// One thing in a name that spoke for AI or against it.
struct NameReason {
  std::string_view text;  // "contains 'gpt'"; lives as long as the model
  float weight = 0;       // log-odds: above zero speaks for AI
};

struct NameScore {
  static constexpr std::size_t kReasonsMax = 6;

  double score = 0;  // 0 to 1; 0.5 is where the model's threshold lies. 0 for what is no host name
  double odds = 0;   // log-odds above the threshold; 0 without a model or for what is no host name
  std::array<NameReason, kReasonsMax> found{};  // strongest first
  std::size_t count = 0;

  [[nodiscard]] std::span<const NameReason> reasons() const { return {found.data(), count}; }
};

// "contains 'gpt' (+1.4)"
std::string to_text(const NameReason& reason);

// How much a host name alone looks like the name of an AI tool that no list knows. The model is
// data (signatures/shadow/, trained by train.py there; docs/shadow.md has what it was measured to
// find).
//
// Immutable once loaded and shared by threads without locks. score() does not allocate. Case and
// one trailing dot are ignored. Addresses, names over 253 bytes or with labels over 63, and
// whatever has other bytes than letters, digits, - and _ in its labels are no host names: score 0,
// no reasons. Labels in punycode are scored by their suffix alone.
class ShadowName {
 public:
  // `folder` is the one of all signatures. Without a folder shadow/ in it there is no model and
  // every score is 0; one that is there and cannot be read is an error.
  static Result<ShadowName> load(const std::filesystem::path& folder);
  ShadowName();
  ShadowName(ShadowName&&) noexcept;
  ShadowName& operator=(ShadowName&&) noexcept;
  ~ShadowName();

  [[nodiscard]] NameScore score(std::string_view host) const;
  [[nodiscard]] bool empty() const;

  // A platform on which mostly AI apps are built or served: its weight as log-odds when the host is
  // a tenant's there, or the host is the platform's own; 0 for all others. Reason in `why`.
  [[nodiscard]] double platform_weight(std::string_view host, std::string_view* why) const;

 private:
  explicit ShadowName(std::unique_ptr<const ShadowModel> model);
  std::unique_ptr<const ShadowModel> model_;
};

}  // namespace gnomon::identify
