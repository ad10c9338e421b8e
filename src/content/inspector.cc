#include "gnomon/content/inspector.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "gnomon/content/document_desk.h"
#include "gnomon/content/document_process.h"
#include "inspected_body.h"

namespace gnomon::content {
namespace {

BodyFacts body_facts(const ExchangeFacts& facts) {
  BodyFacts body;
  body.content_type = facts.content_type;
  body.content_encoding = facts.content_encoding;
  body.content_disposition = facts.content_disposition;
  body.method = facts.method;
  body.target = facts.target;
  body.host = facts.host;
  body.to_server = facts.to_server;
  body.messages = facts.messages;
  return body;
}

}  // namespace

void InspectorCounters::add(const InspectorCounters& other) {
  bodies.add(other.bodies);
  refused += other.refused;
  findings += other.findings;
  findings_dropped += other.findings_dropped;
  files_dropped += other.files_dropped;
  documents_refused += other.documents_refused;
  uploads_joined += other.uploads_joined;
  uploads_partial += other.uploads_partial;
  uploads_not_awaited += other.uploads_not_awaited;
}

struct Inspector::State {
  State(const DetectorSet& with, const InspectorOptions& given)
      : options(given), detectors(with), scanner(with) {
    if (options.desk != nullptr) {
      tray = std::make_shared<DocumentTray>();
    } else if (!options.helper.empty()) {
      DocumentProcessOptions process;
      process.program = options.helper;
      documents.emplace(process);
    }
  }
  ~State() {
    if (tray) options.desk->forget(*tray);  // bodies on it look into the options
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  struct Slot {
    std::unique_ptr<InspectedBody> body;
    bool used = false;
  };

  Slot* slot(Handle handle) {
    if (handle == kRefused || handle > slots.size()) return nullptr;
    Slot& found = slots[handle - 1];
    return found.used ? &found : nullptr;
  }
  Handle take() {
    if (!free.empty()) {
      const Handle handle = free.back();
      free.pop_back();
      return handle;
    }
    if (slots.size() >= options.open_max) return kRefused;
    slots.emplace_back();
    return static_cast<Handle>(slots.size());
  }
  void release(Handle handle) {
    Slot& old = slots[handle - 1];
    std::unique_ptr<InspectedBody> body = std::move(old.body);
    old = Slot{};
    old.body = std::move(body);  // its buffers serve the next
    free.push_back(handle);
    if (free.size() <= kSpareMax) return;
    // After many at once a few are kept, those that are taken next.
    std::unique_ptr<InspectedBody>& spare = slots[free[free.size() - 1 - kSpareMax] - 1].body;
    if (!spare) return;
    counters.bodies.add(spare->take_counters());
    spare.reset();
  }
  void end(Handle handle, bool complete, InspectionEvents& events) {
    std::unique_ptr<InspectedBody>& body = slots[handle - 1].body;
    body->end(complete);
    if (body->keeps_documents()) {
      if (documents) {
        body->open_documents(scanner, *documents);
      } else {
        counters.bodies.add(body->take_counters());
        const std::uint64_t owner = body->owner();
        const std::string host = body->host();
        if (options.desk->take(body, detectors, *tray)) {
          events.on_waiting(owner, host);
        } else {
          ++counters.documents_refused;
          body->refuse_documents("busy");
        }
      }
    }
    if (body) tell(*body, events);
    release(handle);
  }
  void tell(InspectedBody& body, InspectionEvents& events) {
    body.tell(detectors.profiles(), events);
    counters.findings += std::exchange(body.findings_told, 0);
    counters.findings_dropped += std::exchange(body.findings_dropped, 0);
    counters.files_dropped += std::exchange(body.files_dropped, 0);
  }

  static constexpr std::size_t kSpareMax = 8;

  InspectorOptions options;
  const DetectorSet& detectors;
  Scanner scanner;
  std::optional<DocumentProcess> documents;
  std::shared_ptr<DocumentTray> tray;  // of the desk
  std::vector<Slot> slots;
  std::vector<Handle> free;
  InspectorCounters counters;
};

Inspector::Inspector(const DetectorSet& detectors, const InspectorOptions& options)
    : state_(std::make_unique<State>(detectors, options)) {}
Inspector::~Inspector() = default;
Inspector::Inspector(Inspector&&) noexcept = default;

Inspector::Handle Inspector::open(const ExchangeFacts& facts, std::uint64_t owner) {
  State& state = *state_;
  const Handle handle = state.take();
  if (handle == kRefused) {
    ++state.counters.refused;
    return kRefused;
  }
  State::Slot& slot = state.slots[handle - 1];
  if (!slot.body) {
    slot.body = std::make_unique<InspectedBody>(state.options, state.scanner,
                                                state.documents || state.tray);
  }
  slot.used = true;
  slot.body->begin(body_facts(facts), owner, facts.mark);
  if (State::Slot* const request = state.slot(facts.answers)) slot.body->answer(*request->body);
  return handle;
}

void Inspector::feed(Handle body, Bytes bytes, std::uint64_t mark) {
  State::Slot* slot = state_->slot(body);
  if (slot != nullptr) slot->body->feed(bytes, mark);
}

void Inspector::gap(Handle body, std::uint64_t bytes, std::uint64_t mark) {
  State::Slot* slot = state_->slot(body);
  if (slot != nullptr) slot->body->gap(bytes, mark);
}

void Inspector::next_message(Handle body) {
  State::Slot* slot = state_->slot(body);
  if (slot != nullptr) slot->body->next_message();
}

void Inspector::close(Handle body, bool complete, InspectionEvents& events) {
  State& state = *state_;
  if (state.slot(body) != nullptr) state.end(body, complete, events);
}

void Inspector::discard(Handle body) {
  State::Slot* slot = state_->slot(body);
  if (slot == nullptr) return;
  slot->body->discard();
  state_->release(body);
}

void Inspector::flush(InspectionEvents& events) {
  State& state = *state_;
  for (std::size_t at = 0; at < state.slots.size(); ++at)
    if (state.slots[at].used) state.end(static_cast<Handle>(at + 1), false, events);
}

void Inspector::collect(InspectionEvents& events) {
  State& state = *state_;
  if (!state.tray) return;
  for (std::unique_ptr<InspectedBody>& body : state.tray->collect()) {
    state.counters.bodies.add(body->take_counters());
    state.tell(*body, events);
    events.on_told(body->owner());
  }
}

bool Inspector::full() const {
  return state_->free.empty() && state_->slots.size() >= state_->options.open_max;
}

std::size_t Inspector::waiting() const { return state_->tray ? state_->tray->waiting() : 0; }

void Inspector::wait(InspectionEvents& events) {
  if (!state_->tray) return;
  state_->options.desk->finish(*state_->tray);
  collect(events);
}

InspectorCounters Inspector::counters() const {
  InspectorCounters counters = state_->counters;
  for (const State::Slot& slot : state_->slots) {
    if (!slot.body) continue;
    counters.bodies.add(slot.body->counters());
  }
  return counters;
}

std::size_t Inspector::memory_bytes() const {
  std::size_t bytes = sizeof(State);
  for (const State::Slot& slot : state_->slots) {
    bytes += sizeof(slot) + (slot.body ? slot.body->memory_bytes() : 0);
  }
  return bytes;
}

}  // namespace gnomon::content
