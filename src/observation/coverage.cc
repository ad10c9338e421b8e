#include "gnomon/observation/coverage.h"

#include <algorithm>
#include <map>

namespace gnomon::observation {
namespace {

// "1 flow", "1,204 flows".
std::string count_of(std::uint64_t number, std::string_view one, std::string_view many) {
  return grouped(number) + " " + std::string{number == 1 ? one : many};
}

std::string flows(std::uint64_t number) { return count_of(number, "flow", "flows"); }

// "97.1 %", rounded down, so that 100 % is said only of all.
std::string percent(std::uint64_t part, std::uint64_t whole) {
  const std::uint64_t per_mille = part / whole * 1000 + part % whole * 1000 / whole;
  return std::to_string(per_mille / 10) + "." + std::to_string(per_mille % 10) + " %";
}

// "a, b and c".
std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

struct Term {
  std::uint64_t number;
  std::string_view words;
};

// The terms that are not zero, each "NUMBER WORDS".
std::vector<std::string> present(std::initializer_list<Term> terms) {
  std::vector<std::string> parts;
  for (const Term& term : terms)
    if (term.number > 0) parts.push_back(grouped(term.number) + " " + std::string{term.words});
  return parts;
}

std::string named_line(const Coverage& c) {
  std::string line = "Of " + flows(c.flows_with_payload) + " with payload " +
                     percent(c.named(), c.flows_with_payload) + " were named";
  const auto sources = present({{c.named_tls_sni, "by TLS server name"},
                                {c.named_quic_sni, "by QUIC server name"},
                                {c.named_http_host, "by HTTP host"},
                                {c.named_http_connect, "by HTTP CONNECT"},
                                {c.named_tls_sni_partial, "by part of a TLS hello"},
                                {c.named_dns_answer, "by the client's own DNS answers"},
                                {c.named_certificate, "by the server's certificate"}});
  if (!sources.empty()) line += ": " + joined(sources);
  return line + ".";
}

std::string ech_line(const Coverage& c) {
  const auto parts = present({{c.ech_real, "hid their name with Encrypted Client Hello"},
                              {c.ech_undecided, "may have hidden it"},
                              {c.ech_grease, "sent a GREASE extension, which hides nothing"}});
  return parts.empty() ? "No flow used Encrypted Client Hello."
                       : "Encrypted Client Hello: " + joined(parts) + ".";
}

// By kind: the sum of all, a list added to another, and the greatest first in words.
using ByKind = std::vector<std::pair<std::string, std::uint64_t>>;

std::uint64_t sum_of(const ByKind& kinds) {
  std::uint64_t sum = 0;
  for (const auto& [kind, number] : kinds) sum += number;
  return sum;
}

void add(ByKind& to, const ByKind& more) {
  std::map<std::string, std::uint64_t> kinds{to.begin(), to.end()};
  for (const auto& [kind, number] : more) kinds[kind] += number;
  to.assign(kinds.begin(), kinds.end());
}

// What a frame that was not decoded is, in words; the counter's name where there are none.
std::string_view undecoded_words(std::string_view kind) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"unknown_link_type", "of an unknown link type"},
      {"unknown_ethertype", "of a kind of Ethernet frame that is not known"},
      {"bad_header", "with a header that is wrong"},
      {"cut_header", "cut off within a header"},
      {"depth_exceeded", "in too many tunnels"},
      {"tunnel_not_decoded", "in tunnels of unknown content"}};
  for (const auto& [name, words] : kWords)
    if (name == kind) return words;
  return kind;
}

std::string listed(ByKind kinds, std::string_view before_kind = "") {
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  for (const auto& [kind, number] : kinds)
    parts.push_back(grouped(number) + " " + std::string{before_kind} + kind);
  return joined(parts);
}

ByKind in_words(ByKind kinds) {
  for (auto& [kind, number] : kinds) kind = undecoded_words(kind);
  return kinds;
}

}  // namespace

std::uint64_t Coverage::named() const {
  return named_tls_sni + named_quic_sni + named_http_host + named_http_connect +
         named_tls_sni_partial + named_dns_answer + named_certificate;
}

std::uint64_t Coverage::undecoded_frames() const { return sum_of(undecoded); }

std::uint64_t Coverage::lost_packets() const { return sum_of(lost); }

Coverage& Coverage::operator+=(const Coverage& other) {
  for (const CoverageCounterName& counter : kCoverageCounterNames)
    this->*counter.member += other.*counter.member;
  add(undecoded, other.undecoded);
  add(lost, other.lost);
  return *this;
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::vector<std::string> coverage_statement(const Coverage& c) {
  std::vector<std::string> lines;
  if (c.flows_with_payload == 0) {
    lines.push_back("No flow with payload was seen in " + count_of(c.frames, "frame", "frames") +
                    ": nothing can be said about which apps are used or not.");
  } else {
    lines.push_back(named_line(c));
    lines.push_back(ech_line(c));
  }

  const auto hard = present({{c.one_sided, "seen in one direction only"},
                             {c.midstream, "seen from the middle on"},
                             {c.truncated, "cut short by the snap length"},
                             {c.with_gaps, "with packets missing while they were read"},
                             {c.evicted, "ended early because a limit was reached"},
                             {c.given_up, "read in part because too many others were being read"}});
  if (!hard.empty())
    lines.push_back("Of all " + flows(c.flows) + ": " + joined(hard) +
                    ". These may hide names and uploads.");
  if (c.gap_bytes > 0)
    lines.push_back(count_of(c.gap_bytes, "byte", "bytes") +
                    " of payload were missing where they were wanted: the capture or the mirror "
                    "lost packets.");
  if (c.duplicates > 0)
    lines.push_back(count_of(c.duplicates, "frame was a duplicate", "frames were duplicates") +
                    " made by the mirror, and not counted twice.");

  if (const std::uint64_t lost = c.lost_packets(); lost > 0)
    lines.push_back(count_of(lost, "packet was", "packets were") + " lost before they could be read, " +
                    percent(lost, lost + c.frames) + " of all: " + listed(c.lost, "by the ") +
                    ". What they belonged to may be missing here, or incomplete.");
  if (!c.undecoded.empty())
    lines.push_back(count_of(c.undecoded_frames(), "frame was", "frames were") +
                    " not decoded: " + listed(in_words(c.undecoded)) + ".");
  if (c.damaged_inputs > 0)
    lines.push_back(count_of(c.damaged_inputs, "input was", "inputs were") +
                    " damaged and read as far as possible.");

  if (c.flows_with_payload > 0) {
    const std::uint64_t unseen = c.flows_with_payload - std::min(c.named(), c.flows_with_payload);
    lines.push_back(
        unseen == 0
            ? "Apps that are not listed were in none of the flows: each with payload has a name."
            : "Apps that are not listed were not in the " + flows(c.named()) +
                  (c.named() == 1 ? " that has a name; the other "
                                  : " that have a name; the other ") +
                  flows(unseen) + " (" + percent(unseen, c.flows_with_payload) +
                  (unseen == 1 ? ") has none, so what it was is not known."
                               : ") have none, so what they were is not known."));
  }
  return lines;
}

}  // namespace gnomon::observation
