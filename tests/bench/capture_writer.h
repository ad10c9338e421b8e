#pragma once

#include <pcap/pcap.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <unordered_set>

#include "gnomon/bytes/handle.h"
#include "gnomon/bytes/result.h"
#include "recipes.h"

namespace gnomon::bench {

// Writes a classic pcap with microseconds, counting as it goes.
class CaptureWriter {
 public:
  static Result<CaptureWriter> create(const std::filesystem::path& path);

  // `at` is counted from the capture's own start, a fixed day in 2023.
  void write(Nanoseconds at, Bytes frame, std::uint32_t wire_bytes);

  // Says whether everything reached the file.
  Result<Delivery> finish();

 private:
  CaptureWriter(pcap_t* format, pcap_dumper_t* dumper, std::filesystem::path path);

  Handle<pcap_t, pcap_close> format_;
  Handle<pcap_dumper_t, pcap_dump_close> dumper_;
  std::filesystem::path path_;
  Delivery delivery_;
  std::unordered_set<std::uint64_t> flows_;  // hashes of keys
};

}  // namespace gnomon::bench
