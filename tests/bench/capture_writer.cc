#include "capture_writer.h"

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace gnomon::bench {
namespace {

constexpr int kSnapLength = 262144;
constexpr std::size_t kFileBuffer = 1 << 20;
constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kRecordHeader = 16;
constexpr std::chrono::seconds kStart{1'700'000'000};

// FNV-1a: the same everywhere, and 64 bits keep a million flows apart.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

CaptureWriter::CaptureWriter(pcap_t* format, pcap_dumper_t* dumper, std::filesystem::path path)
    : format_(format), dumper_(dumper), path_(std::move(path)) {}

Result<CaptureWriter> CaptureWriter::create(const std::filesystem::path& path) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return Error{std::strerror(errno)}.in(path.string());
  std::setvbuf(file, nullptr, _IOFBF, kFileBuffer);
  Handle<pcap_t, pcap_close> format{pcap_open_dead(DLT_EN10MB, kSnapLength)};
  pcap_dumper_t* dumper = pcap_dump_fopen(format.get(), file);
  if (dumper == nullptr) {
    std::fclose(file);
    return Error{pcap_geterr(format.get())}.in(path.string());
  }
  CaptureWriter writer{format.release(), dumper, path};
  writer.delivery_.file_bytes = kFileHeader;
  return writer;
}

void CaptureWriter::write(Nanoseconds at, Bytes frame, std::uint32_t wire_bytes) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(kStart + at);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(micros);
  pcap_pkthdr header{};
  header.ts.tv_sec = seconds.count();
  header.ts.tv_usec = (micros - seconds).count();
  header.caplen = static_cast<bpf_u_int32>(frame.size());
  header.len = wire_bytes;
  pcap_dump(reinterpret_cast<u_char*>(dumper_.get()), &header, frame.data());

  ++delivery_.packets;
  delivery_.frame_bytes += frame.size();
  delivery_.file_bytes += kRecordHeader + frame.size();
  const Layout layout = lay_out(frame);
  const bool has_ports = layout.protocol == kTcp || layout.protocol == kUdp;
  if (layout.is_ip() && layout.has_transport && has_ports)
    flows_.insert(hash_of(flow_key(frame, layout)));
}

Result<Delivery> CaptureWriter::finish() {
  const bool flushed = pcap_dump_flush(dumper_.get()) == 0;
  if (!flushed || std::ferror(pcap_dump_file(dumper_.get())) != 0)
    return Error{"could not be written whole: " + std::string{std::strerror(errno)}}.in(
        path_.string());
  dumper_.reset();
  delivery_.flows = flows_.size();
  return delivery_;
}

}  // namespace gnomon::bench
