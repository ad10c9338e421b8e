#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gnomon::content {

class DetectorSet;
class InspectedBody;

// Where the bodies of one inspector come back from the desk. No lock is taken while none came.
class DocumentTray {
 public:
  DocumentTray();
  ~DocumentTray();
  std::vector<std::unique_ptr<InspectedBody>> collect();
  // Bodies that were taken and have not been collected.
  [[nodiscard]] std::size_t waiting() const { return waiting_; }

 private:
  friend class DocumentDesk;
  std::size_t waiting_ = 0;     // the inspector's thread alone knows
  std::size_t unfinished_ = 0;  // of them those on the desk; by the desk's mutex
  std::atomic<bool> any_{false};
  std::mutex mutex_;
  std::vector<std::unique_ptr<InspectedBody>> done_;
};

// Opens the documents of bodies, and reads what is in them, in threads of its own, so that those
// which read packets never wait for it. Bounded: what finds no room is refused.
class DocumentDesk {
 public:
  struct Options {
    std::string program;  // as DocumentProcessOptions has it
    std::size_t threads = 1;
    std::size_t bodies_max = 64;  // waiting and being read
    std::uint64_t bytes_max = std::uint64_t{256} << 20;  // of their documents
    std::chrono::milliseconds patience{20'000};          // of finish(), over all trays
  };

  explicit DocumentDesk(Options options);
  ~DocumentDesk();
  DocumentDesk(const DocumentDesk&) = delete;
  DocumentDesk& operator=(const DocumentDesk&) = delete;

  // Takes a body that keeps documents; false, and the body stays, when there is no room. Threads begin
  // with the first.
  bool take(std::unique_ptr<InspectedBody>& body, const DetectorSet& detectors, DocumentTray& tray);
  // Waits until all that came from the tray is back in it. What is not done in time comes back as it is.
  void finish(DocumentTray& tray);
  // Throws away what came from the tray, and waits for what is being read of it.
  void forget(DocumentTray& tray);

 private:
  struct Job;
  void work();
  void put_back(Job job);  // with the mutex held

  const Options options_;
  std::mutex mutex_;
  std::condition_variable came_;  // a job, or the end
  std::condition_variable went_;  // a job was finished
  std::deque<Job> jobs_;
  std::size_t bodies_ = 0;
  std::uint64_t bytes_ = 0;
  std::chrono::steady_clock::time_point leave_at_{};  // once finish() was called
  std::atomic<bool> give_up_{false};
  bool over_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace gnomon::content
