// Any bytes as a host name: the score does not depend on case or on one trailing dot, lies between
// 0 and 1, and reasons are in order and from the model.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gnomon/identify/shadow_name.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gnomon::identify::NameScore;
  using gnomon::identify::ShadowName;
  static const ShadowName kModel = [] {
    for (const char* folder : {"signatures", "../signatures", "../../signatures"}) {
      auto model = ShadowName::load(folder);
      if (model && !model->empty()) return std::move(*model);
    }
    std::abort();
  }();
  std::string host{reinterpret_cast<const char*>(data), size};
  const NameScore score = kModel.score(host);
  if (!(score.score >= 0 && score.score <= 1) || !std::isfinite(score.odds)) std::abort();
  if (score.count > NameScore::kReasonsMax || (score.score == 0 && score.count > 0)) std::abort();
  for (std::size_t i = 0; i < score.count; ++i) {
    if (score.found[i].text.empty() || score.found[i].weight <= 0) std::abort();
    if (i > 0 && score.found[i].weight > score.found[i - 1].weight) std::abort();
  }
  for (char& c : host)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (kModel.score(host).odds != score.odds) std::abort();
  if (!host.ends_with('.') && !host.empty()) {
    host += '.';
    if (kModel.score(host).odds != score.odds) std::abort();
  }
  return 0;
}
