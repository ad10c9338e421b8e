#include "sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>

#include "gnomon/bytes/descriptor.h"

namespace gnomon::cli {
namespace {

namespace fs = std::filesystem;

// Whether files can be made in the folder by this user.
bool may_write(const fs::path& folder, uid_t user, gid_t group) {
  struct stat info{};
  if (::stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return false;
  const unsigned shift = info.st_uid == user ? 6U : info.st_gid == group ? 3U : 0U;
  return ((info.st_mode >> shift) & 3U) == 3U;
}

Result<bool> become_user(const SandboxOptions& options, std::vector<std::string>& notes) {
  if (options.user.empty() || ::geteuid() != 0) return false;
  errno = 0;
  const passwd* const entry = ::getpwnam(options.user.c_str());
  if (entry == nullptr) {
    notes.push_back("there is no user '" + options.user +
                    "' to become (service.user): goes on as root, without its capabilities");
    return false;
  }
  const uid_t user = entry->pw_uid;
  const gid_t group = entry->pw_gid;
  if (user == 0) return false;
  for (const fs::path& folder : options.writable) {
    std::error_code ignored;
    if (!fs::exists(folder, ignored) || may_write(folder, user, group)) continue;
    notes.push_back("user '" + options.user + "' (service.user) may not write into " +
                    folder.string() + ": goes on as root, without its capabilities");
    return false;
  }
  // What is kept is kept over the change, and then given up with the rest.
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return system_error("keeping capabilities");
  if (::initgroups(options.user.c_str(), group) != 0) return system_error("setting groups");
  if (::setresgid(group, group, group) != 0) return system_error("becoming group of " + options.user);
  if (::setresuid(user, user, user) != 0) return system_error("becoming user " + options.user);
  return true;
}

// `wanted`: those that are kept where they were there, a bit for each.
Result<std::monostate> drop_capabilities(std::uint32_t wanted) {
  // Those that a started program could gain. Without CAP_SETPCAP there is nothing to drop.
  for (int each = 0; each <= CAP_LAST_CAP; ++each) (void)::prctl(PR_CAPBSET_DROP, each, 0, 0, 0);
  (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0) return system_error("reading capabilities");
  const std::uint32_t kept = data[0].permitted & wanted;
  const bool more = data[0].permitted != kept || data[1].permitted != 0;
  data = {};
  data[0].permitted = data[0].effective = kept;
  // A unit that leaves no more than is kept need not permit the call.
  if (::syscall(SYS_capset, &header, data.data()) != 0 && more)
    return system_error("giving up capabilities");
  return std::monostate{};
}

std::uint32_t capabilities_to_keep(const SandboxOptions& options) {
  std::uint32_t keep = options.reopen_interfaces ? 1U << CAP_NET_RAW : 0;
  // Root that writes into somebody's folder does so by a capability.
  if (::geteuid() == 0) {
    if (options.follow_folder) keep |= 1U << CAP_LEASE | 1U << CAP_DAC_READ_SEARCH;
    for (const fs::path& folder : options.writable)
      if (std::error_code ignored; fs::exists(folder, ignored) && !may_write(folder, 0, 0))
        keep |= 1U << CAP_DAC_OVERRIDE;
  }
  return keep;
}

// Landlock: no wrapper in the C library yet, and headers may be older than the kernel.
constexpr std::uint64_t kTruncate = 1ULL << 14;  // version 3
constexpr std::uint64_t kReferFrom = LANDLOCK_ACCESS_FS_REFER;
constexpr std::uint64_t kRead =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kWrite = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK;
constexpr std::uint64_t kAll = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // version 1
constexpr std::uint64_t kOfFiles = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
                                   LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;

Result<int> restrict_files(const SandboxOptions& options) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, std::size_t{0},
                                 LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return 0;
  std::uint64_t handled = kAll;
  if (version >= 2) handled |= kReferFrom;
  if (version >= 3) handled |= kTruncate;
  landlock_ruleset_attr rules{};
  rules.handled_access_fs = handled;
  const long made = ::syscall(SYS_landlock_create_ruleset, &rules,
                              sizeof rules.handled_access_fs, 0U);
  if (made < 0) return system_error("Landlock");
  const int set = static_cast<int>(made);
  const auto allow = [&](const fs::path& path, std::uint64_t access) -> bool {
    const int parent = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (parent < 0) return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    struct stat info{};
    if (::fstat(parent, &info) == 0 && !S_ISDIR(info.st_mode)) access &= kOfFiles;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = access & handled;
    rule.parent_fd = parent;
    const bool added =
        ::syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &rule, 0U) == 0;
    ::close(parent);
    return added;
  };
  bool all = true;
  for (const fs::path& path : options.readable) all &= path.empty() || allow(path, kRead);
  for (const fs::path& path : options.writable)
    all &= path.empty() || allow(path, kRead | kWrite | kReferFrom | kTruncate);
  for (const fs::path& path : options.caches)
    all &= path.empty() || allow(path, kRead | kWrite | kReferFrom | kTruncate);
  all &= allow("/dev/null", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
  if (!all || ::syscall(SYS_landlock_restrict_self, set, 0U) != 0) {
    const Error error = system_error("Landlock");
    ::close(set);
    return error;
  }
  ::close(set);
  return static_cast<int>(version);
}

struct CloseFilter {
  void operator()(void* filter) const { seccomp_release(filter); }
};

// What a sensor, its SQLite, its sockets and the program that opens documents call. Everything else
// fails as if it was not permitted.
constexpr const char* kCalls[] = {
    // files
    "read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev",
    "pwritev2", "open", "openat", "openat2", "close", "close_range", "lseek", "stat", "fstat",
    "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "getdents", "getdents64",
    "readlink", "readlinkat", "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir",
    "mkdirat", "rmdir", "link", "linkat", "ftruncate", "truncate", "fsync", "fdatasync",
    "sync_file_range", "fallocate", "fadvise64", "fchmod", "fchmodat", "chmod", "fchown", "chown",
    "fchownat", "utimensat", "umask", "getcwd", "chdir", "fchdir", "statfs", "fstatfs", "flock",
    "fcntl", "dup", "dup2", "dup3", "pipe", "pipe2", "ioctl", "sendfile", "copy_file_range",
    "memfd_create", "inotify_init1", "inotify_add_watch", "inotify_rm_watch", "fgetxattr",
    "getxattr", "lgetxattr",
    // memory
    "mmap", "munmap", "mremap", "mprotect", "madvise", "brk", "msync", "mincore", "mlock",
    "munlock", "get_mempolicy", "membarrier",
    // threads and processes
    "clone", "clone3", "vfork", "fork", "execve", "exit", "exit_group", "wait4", "waitid", "kill",
    "tgkill", "tkill", "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq",
    "set_tid_address", "arch_prctl", "prctl", "prlimit64", "getrlimit", "setrlimit", "getrusage",
    "sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getparam",
    "sched_getscheduler", "getcpu", "getpid", "getppid", "gettid", "getpgrp", "getpgid", "getsid",
    "setsid", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups",
    "capget", "seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
    "uname", "sysinfo", "getrandom", "times", "getpriority", "setpriority", "pidfd_open",
    "pidfd_send_signal",
    // signals and time
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend",
    "rt_sigtimedwait", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "sigaltstack", "signalfd4",
    "restart_syscall", "pause", "alarm", "nanosleep", "clock_nanosleep", "clock_gettime",
    "clock_getres", "gettimeofday", "time", "setitimer", "getitimer", "timerfd_create",
    "timerfd_settime", "timerfd_gettime", "timer_create", "timer_settime", "timer_delete",
    // waiting and sockets
    "poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "socketpair", "bind",
    "listen", "accept", "accept4", "connect", "shutdown", "getsockname", "getpeername",
    "getsockopt", "setsockopt", "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg",
};

#if defined(__SANITIZE_ADDRESS__)
constexpr const char* kSanitizerCalls[] = {"ptrace"};  // how leaks are looked for at the end
#else
constexpr const char* kSanitizerCalls[] = {"read"};
#endif

Result<bool> restrict_calls() {
  std::unique_ptr<void, CloseFilter> filter{seccomp_init(SCMP_ACT_ERRNO(EPERM))};
  if (!filter) return Error{"seccomp: no memory"};
  const auto check = [](int result) -> Result<bool> {
    if (result != 0) return Error{"seccomp: " + std::string{std::strerror(-result)}};
    return true;
  };
  for (const char* name : kCalls) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) continue;  // another machine's, or younger than this library
    if (auto added = check(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, number, 0)); !added)
      return added;
  }
  for (const char* name : kSanitizerCalls)
    (void)seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(name), 0);
  for (const int family : {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET}) {
    const auto added = check(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                              SCMP_A0(SCMP_CMP_EQ, static_cast<unsigned>(family))));
    if (!added) return added;
  }
  (void)seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
  return check(seccomp_load(filter.get()));
}

}  // namespace

Result<SandboxReport> enter_sandbox(const SandboxOptions& options) {
  SandboxReport report;
  auto changed = become_user(options, report.notes);
  if (!changed) return changed.error();
  report.user_changed = *changed;
  if (!options.confine) {
    if (report.user_changed) {
      const auto dropped = drop_capabilities(capabilities_to_keep(options));
      if (!dropped) return dropped.error();
      report.capabilities = true;
    }
    return report;
  }
  const auto dropped = drop_capabilities(capabilities_to_keep(options));
  if (!dropped) return dropped.error();
  report.capabilities = true;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_error("no new privileges");

  auto landlock = restrict_files(options);
  if (!landlock) {
    report.notes.push_back(landlock.error().message + ": files are not restricted");
  } else {
    report.landlock = *landlock;
    if (*landlock == 0)
      report.notes.push_back("this kernel has no Landlock: files are not restricted");
  }
  if (auto calls = restrict_calls(); calls)
    report.seccomp = true;
  else
    report.notes.push_back(calls.error().message + ": system calls are not restricted");
  return report;
}

std::vector<std::filesystem::path> temporary_folders() {
  std::vector<std::filesystem::path> folders;
  // It takes the first that it may write to, and does not see that a sandbox forbids it.
  for (const char* name : {"SQLITE_TMPDIR", "TMPDIR"})
    if (const char* folder = std::getenv(name); folder != nullptr && *folder != '\0')
      folders.emplace_back(folder);
  for (const char* folder : {"/var/tmp", "/usr/tmp", "/tmp"}) folders.emplace_back(folder);
  return folders;
}

std::vector<std::filesystem::path> folder_and_above(const std::filesystem::path& folder) {
  if (folder.empty()) return {};
  std::error_code ignored;
  fs::path path = fs::absolute(folder, ignored).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "/srv/signatures/"
  const fs::path above = path.parent_path();
  const auto names = std::distance(above.begin(), above.end()) - 1;  // but "/"
  // /srv/gnomon, but neither /srv nor /var/lib nor whose home it is.
  const std::string top = names > 0 ? std::next(above.begin())->string() : std::string{};
  const auto wanted = top == "home" || top == "var" || top == "run" ? 3 : 2;
  if (names < wanted) return {folder};
  return {folder, above};
}

std::vector<std::filesystem::path> resolver_folders(const std::filesystem::path& resolv_conf) {
  std::vector<std::filesystem::path> folders;
  std::error_code failed;
  if (const fs::path file = fs::canonical(resolv_conf, failed); !failed)
    folders.push_back(file.parent_path());
  if (const fs::path systemd = "/run/systemd/resolve"; fs::is_directory(systemd, failed))
    folders.push_back(systemd);
  return folders;
}

}  // namespace gnomon::cli
