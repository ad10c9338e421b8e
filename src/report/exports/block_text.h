#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gnomon/report/block_list.h"

// What the formats of block lists say in common.
namespace gnomon::report {

// "ChatGPT, Claude". Of one line, printable.
std::string apps_text(const std::vector<std::string>& names);

// What blocking would hit, in one line: "3 clients, 12 sessions, last 2026-11-24; also hits Claude
// at a.example (2 clients)"; "not seen on this network".
std::string collateral_text(const Collateral& seen);

// "ChatGPT: 3 clients ..." with the note, of one line; `room` bounds its bytes, 0 does not.
std::string comment_of(const BlockEntry& entry, std::size_t room = 0);
std::string comment_of(const BlockAddress& entry, std::size_t room = 0);

// The lines that stand above a list: what it is, of when, and how it was chosen. Each begins with
// `mark`.
std::string header_of(const BlockList& list, std::string_view mark, std::string_view what);

// Any text as one line for a comment: printable, no line ends, at most `room` bytes.
std::string one_line(std::string_view text, std::size_t room = 0);

// Names to be blocked one by one, for formats without patterns: of each entry the name itself and
// every host below it that was seen. Sorted, each once, with the entry it belongs to.
std::vector<std::pair<std::string, const BlockEntry*>> names_one_by_one(const BlockList& list);

std::string write_edl_domains(const BlockList& list, const BlockStyle& style);
std::string write_edl_urls(const BlockList& list, const BlockStyle& style);
std::string write_edl_addresses(const BlockList& list, const BlockStyle& style);
std::string write_rpz(const BlockList& list, const BlockStyle& style);
std::string write_suricata(const BlockList& list, const BlockStyle& style);
std::string write_nftables(const BlockList& list, const BlockStyle& style);
std::string write_squid(const BlockList& list, const BlockStyle& style);
std::string write_hosts(const BlockList& list, const BlockStyle& style);
std::string write_defender(const BlockList& list, const BlockStyle& style);
std::string write_fortigate(const BlockList& list, const BlockStyle& style);

}  // namespace gnomon::report
