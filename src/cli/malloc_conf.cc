// How jemalloc is to behave, which reads this symbol before main(). Without jemalloc nobody does.

// Large pages where the kernel grants them on request: tables of flows and hosts are reached at
// random, and are touched for the first time as quickly as they grow.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "thp:always";
}
