#pragma once

struct ndpi_detection_module_struct;

namespace gnomon::flow {

// nDPI 4.2 asks, for each of some 140 dissectors and each packet, by two calls through the procedure
// linkage table with 128 bytes of arguments each, whether the dissector wants the packet: that was
// half of what nDPI cost. ndpi_loop.cc holds a loop with the same outcome that stands in for nDPI's,
// as the executable's symbol comes first there, and calls no dissector of which the outcome is known
// (ndpi_quick.h). Other versions run their own.

// To be called before `module` is closed: what the loop has noted of it is forgotten.
void forget_ndpi_module(const ndpi_detection_module_struct* module);

// For a test that compares: this thread runs nDPI's own loop.
void use_ndpis_own_loop(bool own);

}  // namespace gnomon::flow
