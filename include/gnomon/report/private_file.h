#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "gnomon/bytes/descriptor.h"
#include "gnomon/bytes/result.h"

// A small file beside the inventory that its owner alone may read, and that is replaced whole.
namespace gnomon::report::console {

class PrivateFile {
 public:
  // `holds` tells why others may not read it: "holds passwords".
  PrivateFile(std::filesystem::path path, std::string_view holds)
      : path_(std::move(path)), holds_(holds) {}

  // Empty when there is no file. Refuses one that others may read, and one that is too large.
  [[nodiscard]] Result<std::string> read() const;
  // Held from reading to replacing, so that two who change it do so one after the other.
  [[nodiscard]] Result<Descriptor> lock() const;
  // A crash leaves the old file or the new one.
  [[nodiscard]] Result<std::monostate> replace(std::string_view text) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::string_view holds_;
};

}  // namespace gnomon::report::console
