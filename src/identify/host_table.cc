#include "host_table.h"

#include <algorithm>
#include <array>

#include "gnomon/bytes/hash.h"

namespace gnomon::identify {
namespace {

constexpr std::size_t kNameBytesMax = 253;  // RFC 1035, 2.3.4, without the root's dot
constexpr std::size_t kLabelBytesMax = 63;

// The lower-case form of what may stand in a host name; zero for anything else.
constexpr std::array<char, 256> kHostCharacters = [] {
  std::array<char, 256> table{};
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = c;
  for (char c = 'A'; c <= 'Z'; ++c)
    table[static_cast<unsigned char>(c)] = static_cast<char>(c - 'A' + 'a');
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = c;
  table['-'] = '-';
  table['_'] = '_';
  table['.'] = '.';
  return table;
}();

// Hashes run from a name's end to its front, so that every suffix is hashed on the way.
constexpr std::uint64_t step(std::uint64_t hash, char character) {
  return (hash ^ static_cast<unsigned char>(character)) * kHashStep;
}
std::uint64_t finish_hash(std::uint64_t hash, std::size_t size) {
  return mix(hash ^ size, kHashSeed);
}
std::uint64_t hash_suffix(std::string_view suffix) {
  std::uint64_t hash = kHashSeed;
  for (std::size_t at = suffix.size(); at-- > 0;) hash = step(hash, suffix[at]);
  return finish_hash(hash, suffix.size());
}

// The labels of a glob behind its last *.
std::string_view literal_suffix(std::string_view pattern) {
  const std::size_t dot = pattern.find('.', pattern.rfind('*'));
  return dot == std::string_view::npos ? std::string_view{} : pattern.substr(dot + 1);
}

Reach reach_of(std::string_view pattern, bool tree) {
  if (tree) return Reach::kTree;
  if (pattern.find('*') == std::string_view::npos) return Reach::kExact;
  return pattern.starts_with("*.") && pattern.find('*', 1) == std::string_view::npos ? Reach::kBelow
                                                                                     : Reach::kGlob;
}

bool label_fits(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const std::string_view front = pattern.substr(0, star);
  const std::string_view back = pattern.substr(star + 1);  // one * a label: see complaint()
  return text.size() > front.size() + back.size() && text.starts_with(front) &&
         text.ends_with(back);
}

}  // namespace

bool fits(std::string_view pattern, std::string_view text, char separator) {
  for (;;) {
    const std::size_t pattern_end = pattern.find(separator);
    const std::size_t text_end = text.find(separator);
    if (!label_fits(pattern.substr(0, pattern_end), text.substr(0, text_end))) return false;
    const bool last = pattern_end == std::string_view::npos;
    if (last || text_end == std::string_view::npos)
      return last && text_end == std::string_view::npos;
    pattern.remove_prefix(pattern_end + 1);
    text.remove_prefix(text_end + 1);
  }
}

std::string_view HostTable::complaint(std::string_view pattern, bool tree) {
  if (pattern.size() > kNameBytesMax) return "longer than a host name can be";
  std::size_t labels = 0;
  std::size_t literal_labels = 0;  // since the last label with a *
  std::string_view rest = pattern;
  for (bool more = true; more; ++labels) {
    const std::size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    more = dot != std::string_view::npos;
    if (more) rest.remove_prefix(dot + 1);
    if (label.empty()) return "has an empty label";
    if (label.size() > kLabelBytesMax) return "has a label of more than 63 characters";
    std::size_t stars = 0;
    for (const char c : label) {
      stars += c == '*' ? 1 : 0;
      if (c != '*' && kHostCharacters[static_cast<unsigned char>(c)] != c)
        return "holds a character that no host name has (names are written in lower case, "
               "without scheme, port or path; international names as xn--)";
    }
    if (stars > 1) return "has two * in one label";
    literal_labels = stars == 1 ? 0 : literal_labels + 1;
    if (!more && label.find_first_not_of("0123456789") == std::string_view::npos)
      return "is an address, not a name";
  }
  if (tree && pattern.find('*') != std::string_view::npos)
    return "is a domain and covers all below it already: a * belongs into endpoints";
  if (literal_labels < 2) return "must end in at least two labels without *";
  if (pattern.starts_with("*.") && pattern.find('*', 1) != std::string_view::npos)
    return "begins with *. and has a further *";
  return {};
}

HostTable::Node& HostTable::node_of(std::string_view suffix) {
  const auto fresh = static_cast<std::uint32_t>(nodes_.size());
  const std::uint32_t node = index_.insert(suffix, hash_suffix(suffix), fresh);
  if (node == fresh) nodes_.emplace_back();
  return nodes_[node];
}

std::uint32_t HostTable::add(std::string_view pattern, bool tree, std::uint32_t number) {
  const auto claim = [&](std::uint32_t& place) {
    if (place != kNone) return place;
    place = number;
    ++count_;
    return kNone;
  };
  switch (reach_of(pattern, tree)) {
    case Reach::kExact:
      return claim(node_of(pattern).exact);
    case Reach::kTree:
      return claim(node_of(pattern).tree);
    case Reach::kBelow:
      return claim(node_of(pattern.substr(2)).below);
    case Reach::kGlob:
      break;
  }
  for (const Glob& each : globs_)
    if (each.pattern == pattern) return each.number;
  const Node& node = node_of(literal_suffix(pattern));
  globs_.push_back({pattern, static_cast<std::uint32_t>(&node - nodes_.data()), number});
  ++count_;
  return kNone;
}

void HostTable::finish() {
  std::sort(globs_.begin(), globs_.end(), [](const Glob& a, const Glob& b) {
    if (a.node != b.node) return a.node < b.node;
    if (a.pattern.size() != b.pattern.size()) return a.pattern.size() > b.pattern.size();
    return a.pattern < b.pattern;
  });
  for (std::uint32_t at = 0; at < globs_.size(); ++at) {
    Node& node = nodes_[globs_[at].node];
    if (node.glob_count++ == 0) node.first_glob = at;
  }
}

std::uint32_t HostTable::find(std::string_view host) const {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > kNameBytesMax) return kNone;

  struct Suffix {
    std::uint64_t hash;
    std::size_t begin;
  };
  std::array<char, kNameBytesMax> lower;
  std::array<Suffix, kNameBytesMax / 2 + 1> suffixes;
  std::size_t count = 0;
  std::size_t label_end = host.size();
  std::uint64_t hash = kHashSeed;
  for (std::size_t at = host.size(); at-- > 0;) {
    const char c = kHostCharacters[static_cast<unsigned char>(host[at])];
    if (c == 0) return kNone;
    lower[at] = c;
    if (c == '.') {
      const std::size_t label = label_end - at - 1;
      if (label == 0 || label > kLabelBytesMax) return kNone;
      suffixes[count++] = {hash, at + 1};
      label_end = at;
    }
    hash = step(hash, c);
  }
  if (label_end == 0 || label_end > kLabelBytesMax) return kNone;
  suffixes[count] = {hash, 0};

  // Patterns have two labels at least, so the last label alone is not looked up.
  const std::string_view name{lower.data(), host.size()};
  for (std::size_t at = count; at >= 1; --at) {
    const std::string_view suffix = name.substr(suffixes[at].begin);
    const std::uint32_t found = index_.find(suffix, finish_hash(suffixes[at].hash, suffix.size()));
    if (found == kNone) continue;
    const Node& node = nodes_[found];
    if (at == count) {
      if (node.exact != kNone) return node.exact;
    } else {
      for (std::uint32_t glob = 0; glob < node.glob_count; ++glob) {
        const Glob& each = globs_[node.first_glob + glob];
        if (fits(each.pattern, name, '.')) return each.number;
      }
      if (node.below != kNone) return node.below;
    }
    if (node.tree != kNone) return node.tree;
  }
  return kNone;
}

}  // namespace gnomon::identify
