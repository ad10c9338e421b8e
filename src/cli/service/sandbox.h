#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gnomon/bytes/result.h"

namespace gnomon::cli {

// What the sensor still has to do once capture is open. Everything else is given up.
struct SandboxOptions {
  std::string user;                 // to become, when this is root; empty: none
  bool confine = true;              // false: only the user is changed
  bool reopen_interfaces = true;    // keeps CAP_NET_RAW, for an interface that goes and comes back
  // Others write captures into a folder that root follows: keeps what it takes to read theirs, and
  // to be told whether one is still open for writing.
  bool follow_folder = false;
  std::vector<std::filesystem::path> readable;  // files and folders; those that do not exist: none
  std::vector<std::filesystem::path> writable;  // folders to make, write and delete files in
  // The same, of what it can do without: whether the user may write there decides nothing.
  std::vector<std::filesystem::path> caches;
};

struct SandboxReport {
  bool user_changed = false;
  bool capabilities = false;  // given up
  bool seccomp = false;
  int landlock = 0;                // version of the kernel's Landlock; 0 when it has none
  std::vector<std::string> notes;  // what could not be done, and what that means; for the log
};

// Gives up the user, all capabilities, system calls and files that a running sensor has no use for:
// in this thread and those it will start, and in the programs they run. To be called once, before
// there are other threads. What the kernel cannot do is told in the notes; an error means that the
// process is not as it should be and had better end.
Result<SandboxReport> enter_sandbox(const SandboxOptions& options);

// Where SQLite may put what is too large for its memory, such as sorts: whoever writes an inventory
// has to be able to write there.
std::vector<std::filesystem::path> temporary_folders();

// A folder, and the one above it where that is of one purpose: whoever exchanges a folder for
// another moves it, and the kernel goes by the folder that was there. Not one that all kinds of
// things lie in.
std::vector<std::filesystem::path> folder_and_above(const std::filesystem::path& folder);

// Where the C library reads how names are resolved, besides /etc: a resolver of the machine has
// /etc/resolv.conf as a link to what it writes anew.
std::vector<std::filesystem::path> resolver_folders(
    const std::filesystem::path& resolv_conf = "/etc/resolv.conf");

}  // namespace gnomon::cli
