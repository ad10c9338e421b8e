#include "write_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
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
    {"SQLite format 3\0"sv, "an inventory"},
    {"\xa1\xb2\xc3\xd4"sv, "a capture"},
    {"\xd4\xc3\xb2\xa1"sv, "a capture"},
    {"\xa1\xb2\x3c\x4d"sv, "a capture"},
    {"\x4d\x3c\xb2\xa1"sv, "a capture"},
    {"\x34\xcd\xb2\xa1"sv, "a capture"},
    {"\x0a\x0d\x0d\x0a"sv, "a capture"},
    {"snoop\0\0\0"sv, "a capture"},
    {"\x1f\x8b\x08"sv, "a compressed file"},
    {"\x28\xb5\x2f\xfd"sv, "a compressed file"},
    // As PseudonymKey writes it; and the labels of NSS's key log, which a browser writes.
    {"gnomon pseudonym key "sv, "the key of pseudonyms"},
    {"CLIENT_RANDOM "sv, "a key log"},
    {"CLIENT_HANDSHAKE"sv, "a key log"},
    {"SERVER_HANDSHAKE"sv, "a key log"},
    {"CLIENT_TRAFFIC_S"sv, "a key log"},
    {"SERVER_TRAFFIC_S"sv, "a key log"},
    {"CLIENT_EARLY_TRA"sv, "a key log"},
    {"EXPORTER_SECRET "sv, "a key log"},
    {"EARLY_EXPORTER_S"sv, "a key log"},
    {"# SSL/TLS secret"sv, "a key log"},
};

struct Target {
  std::filesystem::path path;  // what links lead to
  bool in_place = false;       // is written as it is, nothing takes its place
};

Target target_of(const std::filesystem::path& given) {
  namespace fs = std::filesystem;
  constexpr int kLinksMax = 40;
  std::error_code error;
  fs::path at = fs::absolute(given, error);
  for (int links = 0; links < kLinksMax; ++links) {
    if (const fs::path folder = fs::canonical(at.parent_path(), error); !error)
      at = folder / at.filename();
    const fs::file_status there = fs::symlink_status(at, error);
    if (!fs::is_symlink(there)) return {at, fs::exists(there) && !fs::is_regular_file(there)};
    // Descriptors, to which /dev/stdout leads: what they are open on is not to be replaced by name.
    if (at.native().starts_with("/proc/")) return {at, true};
    const fs::path next = fs::read_symlink(at, error);
    if (error) return {at, true};
    at = next.is_absolute() ? next : at.parent_path() / next;
  }
  return {given, true};  // opening it will tell
}

// Of /dev/stdout and the like: which of our own it is. Opened by its name it would begin anew what
// others have written to it.
std::optional<int> own_descriptor(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::canonical(path.parent_path(), error);
  if (error || folder != "/proc/" + std::to_string(::getpid()) + "/fd") return std::nullopt;
  const std::string name = path.filename();
  int number = -1;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (failed != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

std::FILE* open_in_place(const std::filesystem::path& path) {
  const auto number = own_descriptor(path);
  if (!number) return std::fopen(path.c_str(), "wbe");
  std::fflush(stdout);
  const int copy = ::fcntl(*number, F_DUPFD_CLOEXEC, 0);
  return copy < 0 ? nullptr : ::fdopen(copy, "wb");
}

// Whoever might not read the file before may not read what takes its place.
std::FILE* open_part(const std::filesystem::path& part, const std::filesystem::path& replaced) {
  struct stat before {};
  const bool is_there = ::stat(replaced.c_str(), &before) == 0;
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                          is_there ? before.st_mode & 0666 : 0666);
  if (file < 0) return nullptr;
  if (is_there) {
    struct stat now {};
    if (::fstat(file, &now) == 0 && (now.st_uid != before.st_uid || now.st_gid != before.st_gid) &&
        ::fchown(file, before.st_uid, before.st_gid) != 0)
      // Another group than before: it may do what anybody may.
      before.st_mode &= ~static_cast<mode_t>(S_IRWXG) | ((before.st_mode & S_IRWXO) << 3);
    (void)::fchmod(file, before.st_mode & 0777);
  }
  return ::fdopen(file, "wb");
}

}  // namespace

std::filesystem::path place_of(const std::filesystem::path& path) { return target_of(path).path; }

bool waits_for_reader(const std::filesystem::path& path) {
  std::error_code error;
  const Target target = target_of(path);
  return std::filesystem::is_fifo(std::filesystem::symlink_status(target.path, error));
}

std::optional<Error> refuse_to_replace(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  const std::unique_ptr<std::FILE, CloseFile> file{std::fopen(path.c_str(), "rbe")};
  if (!file) return std::nullopt;  // opening it to write will tell
  std::array<char, 32> first;
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
  Target target = target_of(path);
  WholeFile file{path, {}};
  file.target_ = std::move(target.path);
  if (!target.in_place) (file.part_ = file.target_) += ".part";
  const std::filesystem::path opened = target.in_place ? file.target_ : file.part_;
  file.file_.reset(target.in_place ? open_in_place(opened) : open_part(opened, file.target_));
  if (!file.file_) {
    const std::string why = std::strerror(errno);
    file.part_.clear();  // it is not ours to remove
    return Error{why}.in(opened.string());
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
  std::filesystem::rename(part_, target_, error);
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
