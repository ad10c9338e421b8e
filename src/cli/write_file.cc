#include "write_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace gnomon::cli {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

bool write_all(std::FILE* file, std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
}

using namespace std::string_view_literals;

struct Kind {
  std::string_view begins;
  const char* what;
};
// www.sqlite.org/fileformat.html; pcap and pcapng (draft-ietf-opsawg-pcap, -pcapng), snoop (RFC 1761),
// gzip (RFC 1952) and zstd (RFC 8878), in which captures are kept.
constexpr Kind kPrecious[] = {
    {"SQLite format 3\0"sv, "an inventory"},  {"\xa1\xb2\xc3\xd4"sv, "a capture"},
    {"\xd4\xc3\xb2\xa1"sv, "a capture"},      {"\xa1\xb2\x3c\x4d"sv, "a capture"},
    {"\x4d\x3c\xb2\xa1"sv, "a capture"},      {"\x34\xcd\xb2\xa1"sv, "a capture"},
    {"\x0a\x0d\x0d\x0a"sv, "a capture"},      {"snoop\0\0\0"sv, "a capture"},
    {"\x1f\x8b\x08"sv, "a compressed file"}, {"\x28\xb5\x2f\xfd"sv, "a compressed file"},
};

}  // namespace

std::optional<Error> refuse_to_replace(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  const std::unique_ptr<std::FILE, CloseFile> file{std::fopen(path.c_str(), "rbe")};
  if (!file) return std::nullopt;  // opening it to write will tell
  std::array<char, 16> first;
  const std::string_view begins{first.data(), std::fread(first.data(), 1, first.size(), file.get())};
  for (const Kind& kind : kPrecious)
    if (begins.starts_with(kind.begins))
      return Error{std::string{"holds "} + kind.what + ", and is not written over"}.in(path.string());
  return std::nullopt;
}

std::optional<Error> write_whole(const std::filesystem::path& path, std::string_view text) {
  if (path == "-") {
    if (write_all(stdout, text)) return std::nullopt;
    return Error{std::strerror(errno)}.in("standard output");
  }
  if (auto refused = refuse_to_replace(path)) return refused;
  std::error_code error;
  const bool in_place =
      std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error);
  std::filesystem::path target = path;
  if (!in_place) target += ".part";
  std::unique_ptr<std::FILE, CloseFile> file{std::fopen(target.c_str(), "wbe")};
  if (!file) return Error{std::strerror(errno)}.in(target.string());
  const bool written = write_all(file.get(), text);
  const int reason = errno;
  file.reset();
  if (written && !in_place) std::filesystem::rename(target, path, error);
  if (written && !error) return std::nullopt;
  const std::string why = written ? error.message() : std::strerror(reason);
  if (!in_place) std::filesystem::remove(target, error);
  return Error{why}.in(path.string());
}

}  // namespace gnomon::cli
