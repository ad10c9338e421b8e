// Any bytes as a host name: whatever is found must also be found by comparing with every pattern,
// label by label, and nothing else may be.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "host_table.h"

namespace {

using gnomon::identify::HostTable;

struct Pattern {
  std::string_view text;
  bool tree;
};
constexpr std::array kPatterns{
    Pattern{"a.bc", true},      Pattern{"b.a.bc", true},       Pattern{"b.a.bc", false},
    Pattern{"*.c.a.bc", false}, Pattern{"c*.a.bc", false},     Pattern{"*d.a.bc", false},
    Pattern{"x.*.a.bc", false}, Pattern{"x.*y.c.a.bc", false}, Pattern{"xn--a.de", true},
};

const HostTable& table() {
  static const HostTable kTable = [] {
    HostTable hosts;
    for (std::uint32_t at = 0; at < kPatterns.size(); ++at) {
      if (!HostTable::complaint(kPatterns[at].text, kPatterns[at].tree).empty()) std::abort();
      if (hosts.add(kPatterns[at].text, kPatterns[at].tree, at) != HostTable::kNone) std::abort();
    }
    hosts.finish();
    return hosts;
  }();
  return kTable;
}

std::vector<std::string> labels_of(std::string_view name) {
  std::vector<std::string> labels(1);
  for (const char c : name) {
    if (c == '.') {
      labels.emplace_back();
    } else {
      labels.back().push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
  }
  return labels;
}

bool is_name(const std::vector<std::string>& labels, std::size_t size) {
  return size <= 253 && std::all_of(labels.begin(), labels.end(), [](const std::string& label) {
           return !label.empty() && label.size() <= 63 &&
                  label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") ==
                      std::string::npos;
         });
}

// How many literal labels of the pattern's end fit; 0 when the pattern does not.
std::size_t strength(const Pattern& pattern, const std::vector<std::string>& host) {
  std::vector<std::string> labels = labels_of(pattern.text);
  const bool below = labels.front() == "*";
  if (below) labels.erase(labels.begin());
  if (pattern.tree ? host.size() < labels.size()
                   : (below ? host.size() <= labels.size() : host.size() != labels.size()))
    return 0;
  std::size_t literal = 0;
  bool counting = true;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::string& mine = labels[labels.size() - 1 - i];
    const std::string& theirs = host[host.size() - 1 - i];
    const std::size_t star = mine.find('*');
    counting = counting && star == std::string::npos;
    literal += counting ? 1 : 0;
    if (star == std::string::npos) {
      if (mine != theirs) return 0;
    } else if (theirs.size() < mine.size() || !theirs.starts_with(mine.substr(0, star)) ||
               !theirs.ends_with(mine.substr(star + 1))) {
      return 0;
    }
  }
  return literal;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view host{reinterpret_cast<const char*>(data), size};
  const std::uint32_t found = table().find(host);

  std::string_view bare = host;
  if (bare.ends_with('.')) bare.remove_suffix(1);
  const std::vector<std::string> labels = labels_of(bare);
  const bool name = is_name(labels, bare.size());
  std::size_t best = 0;
  for (const Pattern& each : kPatterns)
    best = std::max(best, name ? strength(each, labels) : std::size_t{0});
  if (found == HostTable::kNone) {
    if (best != 0) std::abort();
  } else if (!name || strength(kPatterns[found], labels) != best) {
    std::abort();
  }
  return 0;
}
