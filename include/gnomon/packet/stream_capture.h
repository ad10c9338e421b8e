#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/packet/live_source.h"

namespace gnomon::packet {

// Captures that come over TCP, one stream a connection, as tools of pcap-over-IP send them: pcap or
// pcapng, not compressed.
struct StreamOptions {
  std::vector<std::string> peers;   // "HOST:PORT", "[::1]:57012": connected to, again and again
  std::vector<std::string> listen;  // "ADDRESS:PORT": whoever connects may send
  unsigned workers = 1;
  std::size_t senders_max = 64;  // connected at once; further ones are sent away
};
// An error is a wrong address or a port in use. A peer that is not there is waited for.
Result<std::unique_ptr<LiveSource>> receive_streams(const StreamOptions& options);

// A folder into which others write captures, one after the other.
struct FolderOptions {
  std::string folder;
  unsigned workers = 1;
  // Whether the file is to be read: not when it was before. Of the reading thread.
  std::function<bool(const std::string& path)> wanted;
  // It has been read; `damage` says what is wrong with it. Of a worker.
  std::function<void(const std::string& path, const std::string& damage)> done;
};
// Reads each file once, when nobody writes to it any more, in the order in which they were last
// written to. Of one that grew all the same only what is new is read. One that was read and then
// packed under its name (.gz, .zst) is not read again. Files that begin with a dot are left alone,
// and so is what is no capture. An error: there is no such folder.
Result<std::unique_ptr<LiveSource>> follow_folder(const FolderOptions& options);

}  // namespace gnomon::packet
