#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "gnomon/report/listing.h"

// What the lists have in common.
namespace gnomon::report {

// The packet to look at, in every list that has one.
inline void add_proof_columns(Listing& listing) {
  for (const ListColumn& column :
       {ListColumn{"flow_id", "", 0, 0, false}, ListColumn{"pcap_filename", "", 0, 0, false},
        ListColumn{"pcap_cnt", "", 0, 0, false}})
    listing.columns.push_back(column);
}

inline void add_proof(std::vector<Cell>& row, const inventory::ProofPlace& proof) {
  row.emplace_back(proof.flow_id);
  row.emplace_back(proof.file);
  row.emplace_back(proof.frame);
}

inline Texts split(const std::string& joined) {
  Texts texts;
  for (std::size_t at = 0; at < joined.size();) {
    const std::size_t end = std::min(joined.find("; ", at), joined.size());
    texts.push_back(joined.substr(at, end - at));
    at = end + 2;
  }
  return texts;
}

inline std::string or_others(const std::string& client) { return client.empty() ? "others" : client; }

}  // namespace gnomon::report
