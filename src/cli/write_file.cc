#include "write_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace gnomon::cli {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

bool write_all(std::FILE* file, std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
}

}  // namespace

std::optional<Error> write_whole(const std::filesystem::path& path, std::string_view text) {
  if (path == "-") {
    if (write_all(stdout, text)) return std::nullopt;
    return Error{std::strerror(errno)}.in("standard output");
  }
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
