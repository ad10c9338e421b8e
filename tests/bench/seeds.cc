#include "seeds.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <map>
#include <utility>

#include "gnomon/bytes/handle.h"

namespace gnomon::bench {
namespace {

constexpr std::uint32_t kFrameBytesMax = 9000;
constexpr std::uint32_t kWireBytesMax = 65535;

bool looks_like_capture(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".pcap" || extension == ".pcapng" || extension == ".cap";
}

Result<std::vector<std::filesystem::path>> list_captures(
    const std::vector<std::filesystem::path>& paths) {
  std::vector<std::filesystem::path> files;
  for (const auto& path : paths) {
    std::error_code failed;
    const auto status = std::filesystem::status(path, failed);
    if (!std::filesystem::exists(status)) return Error{"does not exist"}.in(path.string());
    if (!std::filesystem::is_directory(status)) {
      files.push_back(path);
      continue;
    }
    const auto first = files.size();
    for (std::filesystem::recursive_directory_iterator entry{path, failed}, end;
         !failed && entry != end; entry.increment(failed)) {
      if (entry->is_regular_file() && looks_like_capture(entry->path()))
        files.push_back(entry->path());
    }
    if (failed) return Error{failed.message()}.in(path.string());
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
  }
  return files;
}

Result<SeedCapture> load(const std::filesystem::path& path) {
  char why[PCAP_ERRBUF_SIZE] = "";
  const Handle<pcap_t, pcap_close> handle{
      pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, why)};
  if (!handle) return Error{why};
  if (pcap_datalink(handle.get()) != DLT_EN10MB) return Error{"not Ethernet"};

  SeedCapture capture{path.filename().string(), {}};
  Nanoseconds start{}, latest{};
  bool started = false;
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  // A torn end gives what came before it.
  while (pcap_next_ex(handle.get(), &header, &data) == 1) {
    const Nanoseconds stamp = std::chrono::seconds{header->ts.tv_sec} +
                              Nanoseconds{header->ts.tv_usec};  // nanoseconds, as asked for
    if (!std::exchange(started, true)) start = stamp;
    latest = std::max(latest, stamp - start);
    if (header->caplen < 14 || header->caplen > kFrameBytesMax) continue;
    Frame frame{latest, {data, data + header->caplen}, std::min(header->len, kWireBytesMax), {}};
    frame.layout = lay_out(frame.bytes);
    capture.frames.push_back(std::move(frame));
  }
  if (capture.frames.empty()) return Error{"no usable frames"};
  return capture;
}

}  // namespace

Result<Seeds> load_seeds(const std::vector<std::filesystem::path>& paths) {
  auto files = list_captures(paths);
  if (!files) return std::move(files.error());
  Seeds seeds;
  for (const auto& file : *files) {
    auto capture = load(file);
    if (capture) {
      seeds.captures.push_back(std::move(*capture));
    } else {
      seeds.skipped.push_back(std::move(capture.error()).in(file.string()).message);
    }
  }
  if (seeds.captures.empty()) return Error{"no Ethernet captures among the seeds"};
  return seeds;
}

std::string flow_key(Bytes frame, const Layout& layout) {
  const auto endpoint = [&](std::size_t address_at, std::uint16_t port) {
    const Bytes address = frame.subspan(address_at, layout.address_size());
    std::string text{address.begin(), address.end()};
    text.push_back(static_cast<char>(port >> 8));
    text.push_back(static_cast<char>(port & 0xff));
    return text;
  };
  std::string one = endpoint(layout.source_at(), layout.source_port);
  std::string other = endpoint(layout.destination_at(), layout.destination_port);
  if (other < one) one.swap(other);
  return one + other + static_cast<char>(layout.protocol);
}

std::vector<FlowTemplate> find_flows(const Seeds& seeds) {
  std::vector<FlowTemplate> flows;
  for (std::uint32_t seed = 0; seed < seeds.captures.size(); ++seed) {
    std::map<std::string, std::size_t> known;
    const auto& frames = seeds.captures[seed].frames;
    for (std::uint32_t i = 0; i < frames.size(); ++i) {
      const Layout& layout = frames[i].layout;
      if (!layout.is_ip() || layout.fragment) continue;
      if (layout.protocol != kTcp && layout.protocol != kUdp) continue;
      const auto [entry, fresh] =
          known.try_emplace(flow_key(frames[i].bytes, layout), flows.size());
      if (fresh) flows.push_back({seed, layout.protocol, {}});
      flows[entry->second].frames.push_back(i);
    }
  }
  return flows;
}

}  // namespace gnomon::bench
