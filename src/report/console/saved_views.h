#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/report/private_file.h"

namespace gnomon::report::console {

// What somebody chose in a list, kept under a name.
struct SavedView {
  std::string account;
  std::string page;    // "/apps"
  std::string name;    // as its owner calls it
  std::string search;  // "?status=unreviewed&sort=risk", or empty
  // Names it in addresses; the same for the same account, page and name.
  [[nodiscard]] std::string handle() const;
};

// The views of every account of one inventory, in a file beside the accounts'. Any thread.
class SavedViews {
 public:
  static constexpr std::size_t kPerAccountMax = 100;

  explicit SavedViews(const std::filesystem::path& database)
      : file_(database.string() + "-views", "tells what people look for") {}

  // By page and name. A line that is broken is told with its number.
  [[nodiscard]] Result<std::vector<SavedView>> of(std::string_view account) const;
  // Takes the place of one of the same page and name. The problem, when it may not be kept.
  [[nodiscard]] Result<std::optional<std::string>> keep(const SavedView& view) const;
  // Whether there was one.
  [[nodiscard]] Result<bool> forget(std::string_view account, std::string_view handle) const;
  [[nodiscard]] Result<std::monostate> forget_all(std::string_view account) const;

  [[nodiscard]] const std::filesystem::path& path() const { return file_.path(); }

 private:
  [[nodiscard]] Result<std::vector<SavedView>> read() const;
  [[nodiscard]] Result<std::monostate> write(std::vector<SavedView> views) const;

  PrivateFile file_;
};

}  // namespace gnomon::report::console
