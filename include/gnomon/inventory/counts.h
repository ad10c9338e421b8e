#pragma once

#include "gnomon/inventory/inventory.h"

namespace gnomon::inventory {

inline void add(Counts& sum, const Counts& more) {
  for (const auto member :
       {&Counts::flows, &Counts::sessions, &Counts::lookups, &Counts::requests,
        &Counts::upload_events, &Counts::upload_bytes, &Counts::bytes_to_server,
        &Counts::bytes_to_client})
    sum.*member += more.*member;
  sum.requests_known &= more.requests_known;
}

}  // namespace gnomon::inventory
