#pragma once

struct ndpi_detection_module_struct;

namespace gnomon::flow {

// nDPI 4.2 asks, for each of some 140 dissectors and each packet, by two calls through the procedure
// linkage table with 128 bytes of arguments each, whether the dissector wants the packet: that was
// half of what nDPI cost. ndpi_loop.cc holds a loop with the same outcome that stands in for nDPI's,
// as the executable's symbol comes first there. Other versions run their own.

// To be called before `module` is closed: what the loop has noted of it is forgotten.
void forget_ndpi_module(const ndpi_detection_module_struct* module);

}  // namespace gnomon::flow
