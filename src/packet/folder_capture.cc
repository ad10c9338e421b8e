#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "block_queues.h"
#include "byte_source.h"
#include "capture_input.h"
#include "gnomon/bytes/wake.h"
#include "gnomon/packet/stream_capture.h"
#include "stream_clock.h"

namespace gnomon::packet {
namespace {

using Wall = std::chrono::system_clock;

constexpr std::chrono::milliseconds kLookEvery{500};
constexpr std::chrono::seconds kStillFor{1};
// Where it cannot be told whether a file is open for writing (one has to own it): when whoever
// writes has begun another, or long after. A quiet link fills a writer's buffer once in minutes.
constexpr std::chrono::seconds kStillForUnsure{30};
constexpr std::chrono::minutes kStillForAlone{10};
constexpr std::size_t kBlockBytes = 256 * 1024;
constexpr std::size_t kNamesRememberedMax = 10'000;  // of files that are there no more

struct Candidate {
  std::int64_t written_ns = 0;
  std::string path;
  std::uint64_t size = 0;
};

// What was read of a file, as it was then.
struct ReadFile {
  std::int64_t written_ns = 0;
  std::uint64_t size = 0;
  std::uint64_t frames = 0;
  Time first;              // frame
  std::uint64_t look = 0;  // that found it there
};

// A file that could not be opened: whoever writes it may yet permit it.
struct UnopenedFile {
  std::string why;         // as it was told
  std::uint64_t look = 0;  // that found it there
};

// A file that was read and then packed under its name (tcpdump -z gzip).
std::string unpacked_name(const std::string& path) {
  for (const std::string_view ending : {".gz", ".zst"})
    if (path.ends_with(ending)) return path.substr(0, path.size() - ending.size());
  return {};
}

// Whether a file holds so many bytes, found out by reading it.
bool unpacks_to(const std::string& path, std::uint64_t size) {
  std::atomic<std::uint64_t> read_bytes{0};
  const auto source = open_source(path, read_bytes);
  if (!source) return false;
  std::vector<std::uint8_t> room(kBlockBytes);
  std::uint64_t found = 0;
  while (found <= size) {
    const std::size_t got = (*source)->read(room.data(), room.size());
    found += got;
    if (got < room.size()) break;
  }
  return found == size && (*source)->error().empty();
}

enum class Writer : std::uint8_t { kNone, kSome, kUnknown };

// A lease for reading is refused while somebody has the file open for writing.
Writer writer_of(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return Writer::kUnknown;
  Writer writer = Writer::kUnknown;
  if (::fcntl(file, F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(file, F_SETLEASE, F_UNLCK);
    writer = Writer::kNone;
  } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
    writer = Writer::kSome;
  }
  ::close(file);
  return writer;
}

class FolderCapture final : public LiveSource {
 public:
  explicit FolderCapture(const FolderOptions& options)
      : options_(options), queues_(options.workers) {
    inputs_.push_back({options.folder, true, {}, {}});
    told_ = inputs_;
  }
  ~FolderCapture() override {
    stop();
    queues_.close();
    if (thread_.joinable()) thread_.join();
  }

  std::optional<Error> open() {
    std::error_code failed;
    if (!std::filesystem::is_directory(options_.folder, failed))
      return Error{failed ? failed.message() : "is not a folder"};
    std::filesystem::directory_iterator{options_.folder, failed};
    if (failed) return Error{failed.message()};
    return std::nullopt;
  }

  Took take(unsigned worker, FrameBlock& out) override {
    const bool over = over_.load(std::memory_order_acquire);
    if (queues_.take(worker, out)) return Took::kFrames;
    return over ? Took::kEnd : Took::kNothing;
  }
  void wait(unsigned worker, int wake, std::chrono::milliseconds at_most) override {
    queues_.wait(worker, wake, at_most);
  }
  // The first time it begins: whoever opened this may have wished to give up privileges meanwhile,
  // which threads that are there already would keep.
  void tend() override {
    if (!thread_.joinable() && !stopping_.load(std::memory_order_relaxed))
      thread_ = std::thread{[this] { follow(); }};
    const std::lock_guard lock{mutex_};
    told_ = inputs_;
  }
  void stop() override {
    // A file that was begun is read to its end: half of one would be counted twice the next time.
    stopping_.store(true, std::memory_order_release);
    if (!thread_.joinable()) over_.store(true, std::memory_order_release);
    stop_.ring();
  }
  [[nodiscard]] bool in_real_time() const override { return false; }
  const std::vector<LiveInput>& inputs() const override { return told_; }
  std::vector<LiveNews> take_news() override {
    const std::lock_guard lock{mutex_};
    return std::exchange(news_, {});
  }

 private:
  void tell(std::string what) {
    const std::lock_guard lock{mutex_};
    if (news_.size() < 1000) news_.push_back({std::move(what), false});
  }

  void follow() {
    while (!stopping_.load(std::memory_order_acquire)) {
      look();
      pollfd stop{stop_.descriptor(), POLLIN, 0};
      ::poll(&stop, 1, static_cast<int>(kLookEvery.count()));
    }
    {
      const std::lock_guard lock{mutex_};
      inputs_.front().counters.damaged += unopened_.size();
    }
    over_.store(true, std::memory_order_release);
  }

  void look() {
    std::vector<Candidate> candidates;
    std::error_code failed;
    ++looks_;
    newest_ns_ = 0;
    for (std::filesystem::directory_iterator at{options_.folder, failed}, end;
         !failed && at != end; at.increment(failed)) {
      const std::string path = at->path().string();
      struct stat about {};
      if (at->path().filename().string().starts_with('.')) continue;
      if (::stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) continue;
      Candidate each{about.st_mtim.tv_sec * 1'000'000'000LL + about.st_mtim.tv_nsec, path,
                     static_cast<std::uint64_t>(about.st_size)};
      newest_ns_ = std::max(newest_ns_, each.written_ns);
      if (const auto known = read_.find(path); known != read_.end()) {
        ReadFile& file = known->second;
        file.look = looks_;
        if (file.written_ns == each.written_ns && file.size == each.size) continue;
      }
      candidates.push_back(std::move(each));
    }
    set_state(failed ? failed.message() : std::string{});
    // What is gone need not be remembered; should it come again, its bytes are known.
    std::erase_if(read_, [&](const auto& each) {
      if (each.second.look == looks_) return false;
      if (gone_.size() >= kNamesRememberedMax) gone_.erase(gone_.begin());
      gone_.insert_or_assign(each.first, each.second.size);
      return true;
    });
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
      return std::tie(a.written_ns, a.path) < std::tie(b.written_ns, b.path);
    });
    std::size_t not_wanted = 0;
    for (const Candidate& each : candidates) {
      if (stopping_.load(std::memory_order_acquire)) return;
      if (!finished(each)) continue;
      std::atomic<std::uint64_t> read_bytes{0};
      auto source = open_source(each.path, read_bytes);
      if (!source) {
        note_unopened(each.path, source.error().message);
        continue;
      }
      unopened_.erase(each.path);
      // Of the same name, it may have grown since it was read.
      ReadFile& file = read_[each.path];
      gone_.erase(each.path);
      const ReadFile before = std::exchange(file, {each.written_ns, each.size, 0, {}, looks_});
      if (was_packed(each) || (options_.wanted && !options_.wanted(each.path))) {
        file.frames = before.frames;
        file.first = before.first;
        ++not_wanted;
        continue;
      }
      read(each.path, std::move(*source), file, before);
    }
    std::erase_if(unopened_, [&](const auto& each) { return each.second.look != looks_; });
    if (not_wanted > 0)
      tell(options_.folder + ": " + std::to_string(not_wanted) +
           (not_wanted == 1 ? " capture was" : " captures were") + " read before");
  }

  void note_unopened(const std::string& path, const std::string& why) {
    UnopenedFile& file = unopened_[path];
    file.look = looks_;
    if (file.why == why) return;
    file.why = why;
    const std::lock_guard lock{mutex_};
    if (news_.size() < 1000)
      news_.push_back({path + ": cannot be opened: " + why + "; trying again"});
  }

  void set_state(const std::string& trouble) {
    const std::lock_guard lock{mutex_};
    LiveInput& input = inputs_.front();
    if (input.state == trouble) return;
    news_.push_back({input.name + ": " + (trouble.empty() ? "can be read again" : trouble),
                     !trouble.empty()});
    input.state = trouble;
    input.up = trouble.empty();
  }

  // What was read before it was packed is not read again.
  bool was_packed(const Candidate& file) const {
    const std::string name = unpacked_name(file.path);
    if (name.empty()) return false;
    std::optional<std::uint64_t> size;
    if (const auto gone = gone_.find(name); gone != gone_.end()) size = gone->second;
    if (const auto there = read_.find(name); there != read_.end()) size = there->second.size;
    if (!size) return false;
    const auto within = size_within(file.path);
    if (!within) return unpacks_to(file.path, *size);  // pzstd writes no sizes
    return *within == *size || (file.path.ends_with(".gz") && *within == (*size & 0xffff'ffff));
  }

  bool finished(const Candidate& file) const {
    const auto age = Wall::now().time_since_epoch() - std::chrono::nanoseconds{file.written_ns};
    if (age < kStillFor && age > -kStillForUnsure) return false;
    switch (writer_of(file.path)) {
      case Writer::kNone:
        return file.size > 0;
      case Writer::kSome:
        return false;
      case Writer::kUnknown:
        if (age < std::chrono::nanoseconds{0}) return true;
        return age >= (file.written_ns < newest_ns_ ? std::chrono::seconds{kStillForUnsure}
                                                    : std::chrono::seconds{kStillForAlone});
    }
    return false;
  }

  // `before`: what was read of a file of this name. When it is the same and has grown, those frames
  // are not counted again.
  void read(const std::string& path, std::unique_ptr<ByteSource> source, ReadFile& file,
            const ReadFile& before) {
    std::uint64_t frames = 0;
    std::uint64_t known = 0;        // frames that were read before, and are left out
    std::uint64_t passed_over = 0;  // of these, since the last block that went on
    const auto origin = std::make_shared<const std::string>(path);
    InputNotes notes;
    notes.file = path;
    CaptureInput input{std::move(source), kBlockBytes, std::move(notes)};
    for (;;) {
      FrameBlock block = queues_.fresh(0);
      if (!input.fill_with_keys(block)) break;
      if (file.frames == 0) {
        file.first = block.frames.front().time;
        if (before.frames > 0 && before.first == file.first && before.size <= file.size)
          known = before.frames;
      }
      file.frames += block.frames.size();
      if (known > 0) {
        const std::size_t again = std::min<std::size_t>(known, block.frames.size());
        known -= again;
        passed_over += again;
        block.frames.erase(block.frames.begin(),
                           block.frames.begin() + static_cast<std::ptrdiff_t>(again));
        if (block.frames.empty()) continue;
      }
      block.input = 0;
      block.passed_over = std::exchange(passed_over, 0);
      block.origin = origin;
      block.live = block.lossy = false;
      block.clock_step = clock_.begin(block, frames == 0);
      frames += block.frames.size();
      {
        const std::lock_guard lock{mutex_};
        inputs_.front().counters.received += block.frames.size();
        inputs_.front().counters.clock_steps += block.clock_step.count() != 0 ? 1 : 0;
      }
      if (!queues_.put(0, std::move(block))) return;
    }
    const bool foreign = !input.is_capture();
    std::string damage;
    if (const auto& problems = input.notes().problems; !problems.empty())
      damage = "offset " + std::to_string(problems.front().offset) + ": " + problems.front().what;
    if (!damage.empty()) {
      const std::lock_guard lock{mutex_};
      if (!foreign) ++inputs_.front().counters.damaged;
      if (news_.size() < 1000)
        news_.push_back({path + ": " + damage + (foreign ? "; it is left alone" : ""), !foreign});
    } else {
      tell(path + ": " + std::to_string(frames) + " frames");
    }
    if (options_.done)
      queues_.put_mark(0, [done = options_.done, path, damage] { done(path, damage); });
  }

  const FolderOptions options_;
  BlockQueues queues_;
  StreamClock clock_;
  Wake stop_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> over_{false};
  // Of the reading thread. As many as there are in the folder, and some that were.
  std::map<std::string, ReadFile> read_;
  std::map<std::string, std::uint64_t> gone_;  // sizes
  std::map<std::string, UnopenedFile> unopened_;
  std::uint64_t looks_ = 0;
  std::int64_t newest_ns_ = 0;
  std::mutex mutex_;
  std::vector<LiveInput> inputs_;
  std::vector<LiveNews> news_;
  std::vector<LiveInput> told_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<LiveSource>> follow_folder(const FolderOptions& options) {
  auto capture = std::make_unique<FolderCapture>(options);
  if (auto failed = capture->open()) return std::move(*failed).in(options.folder);
  return std::unique_ptr<LiveSource>{std::move(capture)};
}

}  // namespace gnomon::packet
