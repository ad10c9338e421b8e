#include "gnomon/inventory/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "database.h"
#include "gnomon/bytes/descriptor.h"

namespace gnomon::inventory {
namespace {

constexpr int kPagesAtOnce = 4'096;

// On the disk, not in the system's memory.
std::optional<Error> sync_path(const std::filesystem::path& path, int flags) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (file < 0) return system_error(path.string());
  const bool synced = ::fsync(file) == 0;
  Error why = system_error(path.string());
  ::close(file);
  if (synced) return std::nullopt;
  return why;
}

// The file being made. Gone, with what SQLite puts beside it, unless it was given its name.
class PartFile {
 public:
  static Result<PartFile> make(const std::filesystem::path& copy) {
    std::string name = copy.string() + ".part-XXXXXX";
    const int file = ::mkstemp(name.data());  // readable and writable by its owner alone
    if (file < 0) return system_error(copy.string());
    ::close(file);
    return PartFile{name};
  }
  PartFile(PartFile&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile() {
    if (path_.empty()) return;
    for (const char* suffix : {"", "-journal", "-wal", "-shm"})
      ::unlink((path_ + suffix).c_str());
  }

  [[nodiscard]] const std::string& path() const { return path_; }

  std::optional<Error> become(const std::filesystem::path& copy, bool force) {
    if (force) {
      if (::rename(path_.c_str(), copy.c_str()) != 0) return system_error(copy.string());
      path_.clear();
      return std::nullopt;
    }
    // Not even one that came in the meantime is overwritten.
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, copy.c_str(), RENAME_NOREPLACE) == 0) {
      path_.clear();
      return std::nullopt;
    }
    if (errno == EINVAL || errno == ENOSYS) {  // file systems that cannot say so
      if (::link(path_.c_str(), copy.c_str()) == 0) return std::nullopt;
    }
    return system_error(copy.string());
  }

 private:
  explicit PartFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

using BackupHandle = Handle<sqlite3_backup, sqlite3_backup_finish>;

std::optional<Error> copy_pages(Database& source, const std::string& to,
                                const BackupOptions& options) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(to.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
  const Handle<sqlite3, sqlite3_close_v2> target{raw};
  const auto failed = [&] {
    return Error{std::string{"the copy cannot be written: "} + sqlite3_errmsg(raw)}.in(to);
  };
  if (opened != SQLITE_OK) return failed();
  // One state of the source, held until the end: without it each commit of who records would have
  // the copy begin again.
  if (auto error = source.run("BEGIN")) return error;
  if (auto error = source.run("SELECT count(*) FROM sqlite_schema")) return error;
  {
    const BackupHandle backup{sqlite3_backup_init(raw, "main", source.get(), "main")};
    if (!backup) return failed();
    int code = SQLITE_OK;
    while (code == SQLITE_OK) {
      code = sqlite3_backup_step(backup.get(), kPagesAtOnce);
      if (options.progress) {
        const auto all = static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup.get()));
        const auto left = static_cast<std::uint64_t>(sqlite3_backup_remaining(backup.get()));
        options.progress(all - left, all);
      }
    }
    if (code != SQLITE_DONE)
      return Error{std::string{"the copy cannot be made: "} + sqlite3_errstr(code)}.in(to);
  }
  (void)source.run("COMMIT");
  sqlite3_stmt* check = nullptr;
  if (sqlite3_prepare_v2(raw, "PRAGMA quick_check(1)", -1, &check, nullptr) != SQLITE_OK)
    return failed();
  Statement query{check};
  if (!query.step() || query.text(0) != "ok")
    return Error{"the copy is damaged, as the inventory is: gnomon verify tells how"}.in(to);
  return std::nullopt;
}

}  // namespace

Result<std::uint64_t> back_up(const std::filesystem::path& database,
                              const std::filesystem::path& copy, const BackupOptions& options) {
  std::error_code code;
  if (std::filesystem::equivalent(database, copy, code))
    return Error{"this is the inventory itself"}.in(copy.string());
  for (const char* suffix : {"-wal", "-shm", "-journal", "-lock"})
    if (std::filesystem::weakly_canonical(copy, code) ==
        std::filesystem::weakly_canonical(database.string() + suffix, code))
      return Error{"this name belongs to the inventory"}.in(copy.string());
  const auto there = std::filesystem::symlink_status(copy, code);
  if (std::filesystem::exists(there)) {
    if (!std::filesystem::is_regular_file(there))
      return Error{"this is no file that could be replaced"}.in(copy.string());
    if (!options.force) return Error{"is there already (--force replaces it)"}.in(copy.string());
  }
  auto source = Database::open(database, Access::kInspect);
  if (!source) return source.error();
  auto part = PartFile::make(copy);
  if (!part) return part.error();
  if (auto failed = copy_pages(*source, part->path(), options)) return *failed;
  if (auto failed = sync_path(part->path(), 0)) return *failed;
  const auto bytes = std::filesystem::file_size(part->path(), code);
  if (code) return Error{code.message()}.in(part->path());
  if (auto failed = part->become(copy, options.force)) return *failed;
  const auto folder = copy.parent_path().empty() ? std::filesystem::path{"."} : copy.parent_path();
  if (auto failed = sync_path(folder, O_DIRECTORY)) return *failed;
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace gnomon::inventory
