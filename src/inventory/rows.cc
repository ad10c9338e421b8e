#include "rows.h"

#include <algorithm>
#include <set>

namespace gnomon::inventory {

Counts read_counts(const Statement& row, int from) {
  Counts counts;
  for (std::uint64_t* field :
       {&counts.flows, &counts.sessions, &counts.lookups, &counts.requests, &counts.upload_events,
        &counts.upload_bytes, &counts.bytes_to_server, &counts.bytes_to_client})
    *field = row.number(from++);
  return counts;
}

Grade grade_of(std::int64_t rank) {
  return static_cast<Grade>(std::clamp<std::int64_t>(rank, 0, static_cast<int>(Grade::kContent)));
}

std::vector<std::string> words_of(const std::string& joined) {
  std::set<std::string> words;
  for (std::size_t at = 0; at <= joined.size();) {
    const std::size_t end = std::min(joined.find(',', at), joined.size());
    if (end > at) words.insert(joined.substr(at, end - at));
    at = end + 1;
  }
  return {words.begin(), words.end()};
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) lines.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

TimelinePoint read_point(const Statement& row) {
  TimelinePoint point;
  point.start = Time{std::chrono::hours{1} * row.integer(0)};
  point.apps = row.number(1);
  point.clients = row.number(2);
  point.counts = read_counts(row, 3);
  return point;
}

std::string server_text(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace gnomon::inventory
