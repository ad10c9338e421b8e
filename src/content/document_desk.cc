#include "gnomon/content/document_desk.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "gnomon/content/document_process.h"
#include "gnomon/content/scanner.h"
#include "inspected_body.h"

namespace gnomon::content {
namespace {

// Packets come first. What a thread starts is as nice as it.
constexpr int kNice = 10;

}  // namespace

DocumentTray::DocumentTray() = default;
DocumentTray::~DocumentTray() = default;

std::vector<std::unique_ptr<InspectedBody>> DocumentTray::collect() {
  std::vector<std::unique_ptr<InspectedBody>> done;
  if (!any_.load(std::memory_order_acquire)) return done;
  {
    const std::lock_guard lock{mutex_};
    done.swap(done_);
    any_.store(false, std::memory_order_relaxed);
  }
  waiting_ -= done.size();
  return done;
}

struct DocumentDesk::Job {
  std::unique_ptr<InspectedBody> body;
  const DetectorSet* detectors = nullptr;
  DocumentTray* tray = nullptr;
  std::uint64_t bytes = 0;
};

DocumentDesk::DocumentDesk(Options options) : options_(std::move(options)) {}

DocumentDesk::~DocumentDesk() {
  {
    const std::lock_guard lock{mutex_};
    over_ = true;
  }
  give_up_ = true;
  came_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool DocumentDesk::take(std::unique_ptr<InspectedBody>& body, const DetectorSet& detectors,
                        DocumentTray& tray) {
  const std::uint64_t bytes = body->document_bytes();
  {
    const std::lock_guard lock{mutex_};
    // One is always taken, however large its documents may be.
    if (bodies_ >= options_.bodies_max) return false;
    if (bodies_ > 0 && bytes_ + bytes > options_.bytes_max) return false;
    ++bodies_;
    bytes_ += bytes;
    ++tray.unfinished_;
    jobs_.push_back({std::move(body), &detectors, &tray, bytes});
    if (threads_.size() < std::min(options_.threads, bodies_))
      threads_.emplace_back([this] { work(); });
  }
  ++tray.waiting_;
  came_.notify_one();
  return true;
}

void DocumentDesk::work() {
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
  DocumentProcessOptions process;
  process.program = options_.program;
  process.give_up = &give_up_;
  DocumentProcess documents{process};
  std::unique_lock lock{mutex_};
  while (true) {
    came_.wait(lock, [this] { return over_ || !jobs_.empty(); });
    if (over_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    if (give_up_) {
      job.body->refuse_documents("no-time");
    } else {
      Scanner scanner{*job.detectors};  // its set may be another one than the last
      job.body->open_documents(scanner, documents);
    }
    lock.lock();
    put_back(std::move(job));
  }
}

void DocumentDesk::put_back(Job job) {
  --bodies_;
  bytes_ -= job.bytes;
  DocumentTray& tray = *job.tray;
  {
    const std::lock_guard filling{tray.mutex_};
    tray.done_.push_back(std::move(job.body));
  }
  tray.any_.store(true, std::memory_order_release);
  --tray.unfinished_;
  went_.notify_all();
}

void DocumentDesk::finish(DocumentTray& tray) {
  std::unique_lock lock{mutex_};
  if (leave_at_ == std::chrono::steady_clock::time_point{})
    leave_at_ = std::chrono::steady_clock::now() + options_.patience;
  const auto done = [&tray] { return tray.unfinished_ == 0; };
  if (went_.wait_until(lock, leave_at_, done)) return;
  give_up_ = true;
  went_.wait(lock, done);
}

void DocumentDesk::forget(DocumentTray& tray) {
  std::unique_lock lock{mutex_};
  for (auto job = jobs_.begin(); job != jobs_.end();) {
    if (job->tray != &tray) {
      ++job;
      continue;
    }
    --bodies_;
    bytes_ -= job->bytes;
    --tray.unfinished_;
    job = jobs_.erase(job);
  }
  went_.wait(lock, [&tray] { return tray.unfinished_ == 0; });
}

}  // namespace gnomon::content
