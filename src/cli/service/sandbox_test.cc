#include "sandbox.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "gnomon/inventory/recorder.h"

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    char name[] = "/var/tmp/gnomon-sandbox-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

// Runs the check in a process of its own, as there is no way out of a sandbox; what it returns.
int in_sandbox(const SandboxOptions& options,
               const std::function<int(const SandboxReport& report)>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto report = enter_sandbox(options);
    ::_exit(report ? check(*report) : 99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 200;
}

bool can_open(const fs::path& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  return file >= 0;
}

TEST_CASE("after the sandbox is entered, what a sensor has no use for fails") {
  const Folder folder;
  fs::create_directory(folder.path / "in");
  fs::create_directory(folder.path / "out");
  fs::create_directory(folder.path / "none");
  std::ofstream{folder.path / "in/a"} << "a";
  std::ofstream{folder.path / "none/b"} << "b";
  SandboxOptions options;
  options.readable = {"/usr", "/lib", "/lib64", "/proc", folder.path / "in", "/no/such/folder"};
  options.writable = {folder.path / "out"};
  const int failed = in_sandbox(options, [&](const SandboxReport& report) {
    if (!report.seccomp || !report.capabilities) return 1;
    if (::mount("none", "/mnt", "tmpfs", 0, nullptr) == 0 || errno != EPERM) return 2;
    if (::syscall(SYS_keyctl, 0, 0, 0, 0) == 0 || errno != EPERM) return 3;
    if (::syscall(SYS_bpf, 0, nullptr, 0) == 0 || errno != EPERM) return 4;
    if (::syscall(SYS_unshare, 0) == 0 || errno != EPERM) return 5;
    if (::socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0 || errno != EPERM) return 6;
    if (::setuid(12345) == 0) return 7;
    if (!can_open(folder.path / "in/a", O_RDONLY)) return 10;
    if (!can_open(folder.path / "out/new", O_RDWR | O_CREAT)) return 11;
    if (!can_open("/dev/null", O_WRONLY)) return 12;
    if (const int pair = ::socket(AF_UNIX, SOCK_DGRAM, 0); pair < 0) return 13;
    if (report.landlock == 0) return 0;  // told in the notes, and tested below
    if (can_open(folder.path / "in/a", O_WRONLY)) return 20;
    if (can_open(folder.path / "in/new", O_RDWR | O_CREAT)) return 21;
    if (can_open(folder.path / "none/b", O_RDONLY)) return 22;
    if (can_open("/etc/shadow", O_RDONLY)) return 23;
    if (::symlink("/etc", (folder.path / "out/link").c_str()) == 0) return 24;
    return 0;
  });
  CHECK(failed == 0);
}

TEST_CASE("SQLite, other programs and threads work on in the sandbox") {
  const Folder folder;
  SandboxOptions options;
  options.readable = {"/usr", "/lib", "/lib64", "/bin", "/etc", "/proc"};
  options.writable = {folder.path};
  const int failed = in_sandbox(options, [&](const SandboxReport&) {
    inventory::RecorderOptions recording;
    recording.path = folder.path / "a.db";
    if (const auto recorder = inventory::Recorder::open(std::move(recording)); !recorder) {
      std::fprintf(stderr, "%s\n", recorder.error().message.c_str());
      return 1;
    }
    std::FILE* const other = ::popen("/bin/echo works", "r");
    if (other == nullptr) return 2;
    char line[16] = {};
    const bool read = std::fgets(line, sizeof line, other) != nullptr;
    ::pclose(other);
    return read && std::string{line} == "works\n" ? 0 : 3;
  });
  CHECK(failed == 0);
}

TEST_CASE("what SQLite moves out of its memory may be written where it looks first") {
  const Folder folder;
  ::setenv("TMPDIR", folder.path.c_str(), 1);
  SandboxOptions options;
  options.readable = {"/usr", "/lib", "/lib64", "/proc"};
  options.caches = temporary_folders();
  ::unsetenv("TMPDIR");
  CHECK(options.caches.front() == folder.path);
  CHECK(in_sandbox(options, [&](const SandboxReport& report) {
          if (!can_open(folder.path / "new", O_RDWR | O_CREAT)) return 1;
          return report.landlock != 0 && can_open("/etc/new", O_RDWR | O_CREAT) ? 2 : 0;
        }) == 0);
}

TEST_CASE("names are resolved as a link of resolv.conf says, also when it is written anew") {
  const Folder folder;
  fs::create_directories(folder.path / "run/resolve");
  fs::create_directory(folder.path / "etc");
  const fs::path file = folder.path / "run/resolve/stub-resolv.conf";
  std::ofstream{file} << "nameserver 127.0.0.53\n";
  fs::create_symlink("../run/resolve/stub-resolv.conf", folder.path / "etc/resolv.conf");
  SandboxOptions options;
  options.readable = resolver_folders(folder.path / "etc/resolv.conf");
  CHECK(options.readable.front() == file.parent_path());
  options.readable.push_back(folder.path / "etc");
  CHECK(in_sandbox(options, [&](const SandboxReport&) {
          return can_open(folder.path / "etc/resolv.conf", O_RDONLY) ? 0 : 1;
        }) == 0);
  // No such file: the rest, if anything.
  for (const fs::path& each : resolver_folders(folder.path / "etc/none"))
    CHECK(each == "/run/systemd/resolve");
}

TEST_CASE("without confinement everything is as before") {
  SandboxOptions options;
  options.confine = false;
  CHECK(in_sandbox(options, [](const SandboxReport& report) {
          return report.seccomp || report.capabilities || report.landlock != 0 ? 1
                 : can_open("/etc/passwd", O_RDONLY)                            ? 0
                                                                                : 2;
        }) == 0);
}

TEST_CASE("root becomes the user it was told to, where that user can work") {
  if (::geteuid() != 0) return;
  const Folder folder;
  SandboxOptions options;
  options.user = "nobody";
  options.readable = {"/usr", "/lib", "/lib64", "/proc"};
  SECTION("may write") {
    fs::permissions(folder.path, fs::perms::all);
    options.writable = {folder.path};
    CHECK(in_sandbox(options, [&](const SandboxReport& report) {
            if (!report.user_changed || ::geteuid() == 0 || ::getuid() == 0) return 1;
            return can_open(folder.path / "new", O_RDWR | O_CREAT) ? 0 : 2;
          }) == 0);
  }
  SECTION("may write, but for a cache that is root's") {
    fs::permissions(folder.path, fs::perms::all);
    fs::create_directory(folder.path / "cache");
    fs::permissions(folder.path / "cache", fs::perms::owner_all);
    options.writable = {folder.path};
    options.caches = {folder.path / "cache"};
    CHECK(in_sandbox(options, [&](const SandboxReport& report) {
            return report.user_changed && report.notes.empty() && ::geteuid() != 0 ? 0 : 1;
          }) == 0);
  }
  SECTION("may not") {
    options.writable = {folder.path};
    CHECK(in_sandbox(options, [&](const SandboxReport& report) {
            if (report.user_changed || report.notes.empty()) return 1;
            return can_open(folder.path / "new", O_RDWR | O_CREAT) ? 0 : 2;
          }) == 0);
  }
  SECTION("is not there") {
    options.user = "no-such-user-here";
    CHECK(in_sandbox(options, [&](const SandboxReport& report) {
            return report.user_changed || report.notes.empty() ? 1 : 0;
          }) == 0);
  }
}

TEST_CASE("root that follows a folder can read the captures of others, and tell who writes them") {
  if (::geteuid() != 0) return;
  const Folder folder;
  const fs::path file = folder.path / "a.pcap";
  std::ofstream{file} << "a";
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
  SandboxOptions options;
  options.readable = {folder.path};
  options.follow_folder = GENERATE(true, false);
  const int could = in_sandbox(options, [&](const SandboxReport&) {
    const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (opened < 0) return 1;
    return ::fcntl(opened, F_SETLEASE, F_RDLCK) == 0 ? 0 : 2;
  });
  CHECK(could == (options.follow_folder ? 0 : 1));
}

TEST_CASE("a folder may be exchanged for another where the one above it is of one purpose") {
  struct Case {
    const char* folder;
    const char* above;  // nothing: not opened
  };
  const auto each = GENERATE(values<Case>({
      {"/srv/gnomon/signatures", "/srv/gnomon"},
      {"/srv/gnomon/signatures/", "/srv/gnomon"},
      {"/etc/gnomon/signatures.d", "/etc/gnomon"},
      {"/var/lib/gnomon/captures", "/var/lib/gnomon"},
      {"/srv/gnomon/../../captures", nullptr},
      {"/captures", nullptr},
      {"/srv/captures", nullptr},
      {"/etc/signatures.d", nullptr},
      {"/var/lib/captures", nullptr},
      {"/home/alice/captures", nullptr},
      {"/run/user/1000", nullptr},
      {"/", nullptr},
  }));
  INFO(each.folder);
  std::vector<fs::path> wanted{each.folder};
  if (each.above != nullptr) wanted.emplace_back(each.above);
  CHECK(folder_and_above(each.folder) == wanted);
  CHECK(folder_and_above({}).empty());
}

TEST_CASE("a folder that is exchanged for another is read") {
  const Folder folder;
  fs::create_directories(folder.path / "a/in");
  std::ofstream{folder.path / "a/in/old"} << "a";
  SandboxOptions options;
  options.readable = folder_and_above(folder.path / "a/in");
  int confined[2];
  REQUIRE(::pipe(confined) == 0);
  std::thread exchange{[&] {
    char told = 0;
    if (::read(confined[0], &told, 1) != 1) return;
    std::error_code failed;
    fs::rename(folder.path / "a/in", folder.path / "a/before", failed);
    fs::create_directories(folder.path / "new", failed);
    std::ofstream{folder.path / "new/file"} << "a";
    fs::rename(folder.path / "new", folder.path / "a/in", failed);
  }};
  const int result = in_sandbox(options, [&](const SandboxReport&) {
    if (::write(confined[1], "c", 1) != 1) return 2;
    for (int i = 0; i < 500 && !can_open(folder.path / "a/in/file", O_RDONLY); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    return can_open(folder.path / "a/in/file", O_RDONLY) ? 0 : 1;
  });
  ::close(confined[1]);
  exchange.join();
  ::close(confined[0]);
  CHECK(result == 0);
}

}  // namespace
}  // namespace gnomon::cli
