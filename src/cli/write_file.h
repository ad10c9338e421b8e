#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "gnomon/bytes/result.h"

namespace gnomon::cli {

// Says so where the file is there and holds what no output may take the place of: an inventory
// (SQLite), a capture or keys, told by its first bytes. Whoever mixes up two options keeps both.
std::optional<Error> refuse_to_replace(const std::filesystem::path& path);

// Why a file could not be written there, or nothing: it is a folder or may not be changed, or where
// it is to be made there is no folder that takes it. Makes and changes nothing.
std::optional<Error> refuse_place(const std::filesystem::path& path);

// Where links lead: what is written instead of `path`, and beside which its parts are.
std::filesystem::path place_of(const std::filesystem::path& path);

// Whether it is a pipe with a name: whoever opens or writes it waits for one who reads it.
bool waits_for_reader(const std::filesystem::path& path);

// A file that is written piece by piece, and is there when all of it is: beside the file, and moved
// into its place by finish(), with the rights it had; of a link, into the place of what it leads
// to. What is no file (a pipe, /dev/stdout) is written to as it is; "-" is standard output. Without
// finish() the file is what it was before. Refuses as refuse_to_replace() does.
class WholeFile {
 public:
  static Result<WholeFile> open(const std::filesystem::path& path);
  WholeFile(WholeFile&&) noexcept = default;
  WholeFile& operator=(WholeFile&&) = delete;
  ~WholeFile();

  // Nothing when it went well.
  std::optional<Error> write(std::string_view piece);
  std::optional<Error> finish();

 private:
  struct Close {
    void operator()(std::FILE* file) const {
      if (file != stdout) std::fclose(file);
    }
  };
  WholeFile(std::filesystem::path path, std::filesystem::path part)
      : path_(std::move(path)), part_(std::move(part)) {}

  std::filesystem::path path_;
  std::filesystem::path target_;  // where links lead
  std::filesystem::path part_;    // what becomes the file; empty when it is written as it is
  std::unique_ptr<std::FILE, Close> file_;
};

// The same at once.
std::optional<Error> write_whole(const std::filesystem::path& path, std::string_view text);

}  // namespace gnomon::cli
