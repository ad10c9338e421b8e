#include <algorithm>
#include <string>

#include "block_text.h"
#include "gnomon/report/csv_writer.h"
#include "gnomon/report/numbers.h"
#include "host_pattern.h"

// Lists that firewalls and endpoint protection read.
namespace gnomon::report {
namespace {

// PAN-OS takes 255 characters a line and, on its smaller devices, 50,000 names in all; what is
// beyond is skipped, so that what matters most must come first.
constexpr std::size_t kEdlEntryBytesMax = 255;
constexpr std::size_t kEdlEntriesMax = 50'000;

// Names are sorted; those of least risk go where there are too many.
template <class Write>
std::string edl(const BlockList& list, Write write) {
  std::vector<const BlockEntry*> entries;
  for (const BlockEntry& entry : list.entries) entries.push_back(&entry);
  if (entries.size() * 2 > kEdlEntriesMax)
    std::stable_sort(entries.begin(), entries.end(), [](const BlockEntry* a, const BlockEntry* b) {
      return a->risk > b->risk;
    });
  std::string out;
  std::size_t lines = 0;
  const auto line = [&](const std::string& text) {
    if (text.size() > kEdlEntryBytesMax || lines == kEdlEntriesMax) return;
    out += text + "\n";
    ++lines;
  };
  for (const BlockEntry* entry : entries) {
    if (entry->itself) line(write(entry->name));
    if (entry->below) line(write("*." + entry->name));
  }
  return out;
}

// FortiGate's words in quotes: a quote or a backslash inside needs a backslash.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : one_line(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

// PAN-OS takes comments in lists of addresses only.
std::string write_edl_domains(const BlockList& list, const BlockStyle&) {
  return edl(list, [](const std::string& name) { return name; });
}

// Without the slash "example.com" also means "example.com.evil.net".
std::string write_edl_urls(const BlockList& list, const BlockStyle&) {
  return edl(list, [](const std::string& name) { return name + "/"; });
}

std::string write_edl_addresses(const BlockList& list, const BlockStyle&) {
  std::string out;
  for (const BlockAddress& each : list.addresses)
    out += each.address + (each.v6 ? "/128" : "/32") + " # " + comment_of(each, 200) + "\n";
  return out;
}

std::string write_nftables(const BlockList& list, const BlockStyle&) {
  constexpr std::size_t kCommentBytesMax = 120;  // nft takes 128
  std::string out = header_of(list, "#", "nftables sets");
  out +=
      "# addresses at which nothing but the apps to be blocked was seen; they change: export "
      "again\n"
      "# load with: nft -f FILE; use in a chain of your own, for instance\n"
      "#   ip daddr @ai_v4 counter reject\n"
      "#   ip6 daddr @ai_v6 counter reject\n";
  out += "add table inet gnomon\n";
  // Emptied first, so that loading a newer export forgets what is no longer in it.
  for (const bool v6 : {false, true}) {
    const std::string set = v6 ? "ai_v6" : "ai_v4";
    const std::string type = v6 ? "ipv6_addr" : "ipv4_addr";
    out += "add set inet gnomon " + set + " { type " + type + "; }\n";
    out += "flush set inet gnomon " + set + "\n";
    for (const BlockAddress& each : list.addresses) {
      if (each.v6 != v6) continue;
      std::string comment = comment_of(each, kCommentBytesMax);
      std::replace(comment.begin(), comment.end(), '"', '\'');
      std::replace(comment.begin(), comment.end(), '\\', '/');
      out += "add element inet gnomon " + set + " { " + each.address + " comment \"" + comment +
             "\" }\n";
    }
  }
  return out;
}

std::string write_defender(const BlockList& list, const BlockStyle&) {
  // The portal takes 500 lines a file, and names without patterns: blocking one blocks all below.
  std::string out;
  CsvWriter csv{out};
  for (const std::string_view column :
       {"IndicatorType", "IndicatorValue", "ExpirationTime", "Action", "Severity", "Title",
        "Description", "RecommendedActions", "RbacGroups", "Category", "MitreTechniques",
        "GenerateAlert"})
    csv.field(column);
  csv.end_row();
  for (const BlockEntry& entry : list.entries) {
    csv.field("DomainName");
    csv.field(entry.name);
    csv.empty();
    csv.field("Block");
    csv.field(entry.risk >= 80 ? "High" : entry.risk >= 60 ? "Medium" : "Low");
    csv.field(one_line("AI app: " + apps_text(entry.app_names), 200));
    csv.field(comment_of(entry, 500) + "; as of " + day_text(list.as_of));
    csv.field("Use an AI app that is sanctioned");
    csv.empty();
    csv.field("SuspiciousActivity");
    csv.empty();
    csv.field("FALSE");
    csv.end_row();
  }
  return out;
}

std::string write_fortigate(const BlockList& list, const BlockStyle&) {
  std::string out = header_of(list, "#", "FortiGate URL filter");
  out +=
      "# run as a script, then choose the filter in a web filter profile; table 9000 is replaced\n"
      "config webfilter urlfilter\n"
      "    delete 9000\n"
      "    edit 9000\n"
      "        set name \"gnomon-ai\"\n"
      "        config entries\n";
  std::size_t number = 0;
  for (const BlockEntry& entry : list.entries) {
    out += "            # " + comment_of(entry) + "\n";
    const auto add = [&](const std::string& url, std::string_view type) {
      out += "            edit " + std::to_string(++number) + "\n";
      out += "                set url " + in_quotes(url) + "\n";
      out += "                set type " + std::string{type} + "\n";
      out += "                set action block\n";
      out += "            next\n";
    };
    if (entry.itself) add(entry.name, "simple");
    if (entry.below) add("*." + entry.name, "wildcard");
  }
  return out + "        end\n    next\nend\n";
}

}  // namespace gnomon::report
