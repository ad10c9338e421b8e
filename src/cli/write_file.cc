#include "write_file.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace gnomon::cli {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

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

std::optional<Error> refuse_place(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return Error{std::strerror(EISDIR)}.in(path.string());
  if (::access(path.c_str(), W_OK) == 0) return std::nullopt;
  if (errno != ENOENT) return Error{std::strerror(errno)}.in(path.string());
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return Error{std::strerror(errno)}.in(path.string());
  return std::nullopt;
}

Result<WholeFile> WholeFile::open(const std::filesystem::path& path) {
  if (path == "-") {
    WholeFile file{"standard output", {}};
    file.file_.reset(stdout);
    return file;
  }
  if (auto refused = refuse_to_replace(path)) return *refused;
  std::error_code error;
  const bool in_place =
      std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error);
  WholeFile file{path, {}};
  if (!in_place) (file.part_ = path) += ".part";
  const std::filesystem::path target = in_place ? path : file.part_;
  file.file_.reset(std::fopen(target.c_str(), "wbe"));
  if (!file.file_) {
    const std::string why = std::strerror(errno);
    file.part_.clear();  // it is not ours to remove
    return Error{why}.in(target.string());
  }
  return file;
}

WholeFile::~WholeFile() {
  file_.reset();
  std::error_code ignored;
  if (!part_.empty()) std::filesystem::remove(part_, ignored);
}

std::optional<Error> WholeFile::write(std::string_view piece) {
  if (std::fwrite(piece.data(), 1, piece.size(), file_.get()) == piece.size()) return std::nullopt;
  return Error{std::strerror(errno)}.in(path_.string());
}

std::optional<Error> WholeFile::finish() {
  if (std::fflush(file_.get()) != 0) return Error{std::strerror(errno)}.in(path_.string());
  file_.reset();
  if (part_.empty()) return std::nullopt;
  std::error_code error;
  std::filesystem::rename(part_, path_, error);
  if (error) return Error{error.message()}.in(path_.string());
  part_.clear();
  return std::nullopt;
}

std::optional<Error> write_whole(const std::filesystem::path& path, std::string_view text) {
  auto file = WholeFile::open(path);
  if (!file) return file.error();
  if (auto failed = file->write(text)) return failed;
  return file->finish();
}

}  // namespace gnomon::cli
