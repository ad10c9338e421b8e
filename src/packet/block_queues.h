#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "gnomon/bytes/wake.h"
#include "gnomon/packet/live_source.h"

namespace gnomon::packet {

// Blocks on their way from threads that read to the workers, one queue for each. What comes of one
// stream goes through one queue, so that it keeps its order. A full queue makes the reader wait:
// its sender waits with it, and nothing is dropped.
class BlockQueues {
 public:
  static constexpr std::size_t kBlocksMax = 8;  // of one queue

  explicit BlockQueues(unsigned workers) {
    for (unsigned i = 0; i < workers; ++i) queues_.push_back(std::make_unique<Queue>());
  }

  // Of a reader: a block to fill.
  FrameBlock fresh(unsigned worker) {
    Queue& queue = *queues_[worker];
    const std::lock_guard lock{queue.mutex};
    if (queue.free.empty()) return {};
    FrameBlock block = std::move(queue.free.back());
    queue.free.pop_back();
    return block;
  }
  // Waits for room. False when nobody takes any more.
  bool put(unsigned worker, FrameBlock block) { return put_item(worker, {std::move(block), {}}); }
  // `then` is called when all blocks before it have been given their place.
  void put_mark(unsigned worker, std::function<void()> then) {
    put_item(worker, {{}, std::move(then)});
  }

  // Of a worker.
  bool take(unsigned worker, FrameBlock& out) {
    Queue& queue = *queues_[worker];
    std::unique_lock lock{queue.mutex};
    while (!queue.items.empty()) {
      Item item = std::move(queue.items.front());
      queue.items.pop_front();
      queue.room.notify_one();
      if (!item.then) {
        std::swap(out, item.block);
        item.block.frames.clear();
        item.block.origin.reset();
        queue.free.push_back(std::move(item.block));
        return true;
      }
      lock.unlock();
      item.then();
      lock.lock();
    }
    return false;
  }
  void wait(unsigned worker, int wake, std::chrono::milliseconds at_most) {
    queues_[worker]->filled.wait_with(wake, at_most);
  }
  // Readers do not wait for room any more: they are to end.
  void close() {
    for (const auto& queue : queues_) {
      const std::lock_guard lock{queue->mutex};
      queue->closed = true;
      queue->room.notify_all();
    }
  }

 private:
  struct Item {
    FrameBlock block;
    std::function<void()> then;
  };
  struct Queue {
    std::mutex mutex;
    std::condition_variable room;
    std::deque<Item> items;
    std::vector<FrameBlock> free;
    Wake filled;
    bool closed = false;
  };

  bool put_item(unsigned worker, Item item) {
    Queue& queue = *queues_[worker];
    {
      std::unique_lock lock{queue.mutex};
      queue.room.wait(lock, [&] { return queue.closed || queue.items.size() < kBlocksMax; });
      if (queue.closed && !item.then) return false;
      queue.items.push_back(std::move(item));
    }
    queue.filled.ring();
    return true;
  }

  std::vector<std::unique_ptr<Queue>> queues_;
};

}  // namespace gnomon::packet
