#include <algorithm>
#include <utility>

#include "body_context.h"
#include "content_decoder.h"
#include "gnomon/content/body.h"
#include "gnomon/content/document_process.h"
#include "gnomon/content/kept_document.h"
#include "header_fields.h"

namespace gnomon::content {
namespace {

// "report.pdf" of the last part of a path that looks like a file's name.
std::string name_in_target(std::string_view target) {
  target = target.substr(0, std::min(target.find_first_of("?#"), target.size()));
  std::string name = base_name(target);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0 || name.size() - dot > 10 || name.size() - dot < 2) {
    return {};
  }
  return name;
}

}  // namespace

void BodyCounters::add(const BodyCounters& other) {
  bodies += other.bodies;
  parts += other.parts;
  files += other.files;
  text_bytes += other.text_bytes;
  documents += other.documents;
  documents_failed += other.documents_failed;
  process_ended += other.process_ended;
  bombs += other.bombs;
  encrypted += other.encrypted;
  malformed += other.malformed;
  truncated += other.truncated;
  gaps += other.gaps;
}

struct BodyReader::State {
  BodyContext context;
  std::unique_ptr<ByteSink> sink;
  bool over = false;  // the body is longer than what is read
};

BodyReader::BodyReader(const BodyLimits& limits, PartEvents& events, DocumentProcess* documents,
                       DocumentKeeper* keeper)
    : state_(std::make_unique<State>()) {
  state_->context.limits = limits;
  state_->context.events = &events;
  state_->context.documents = documents;
  state_->context.keeper = keeper;
}

BodyReader::~BodyReader() = default;
BodyReader::BodyReader(BodyReader&&) noexcept = default;

void BodyReader::begin(const BodyFacts& facts) {
  BodyContext& context = state_->context;
  context.target = facts.target;
  context.to_server = facts.to_server;
  context.messages = facts.messages;
  context.sent_bytes = context.decoded_bytes = 0;
  context.parts = context.multiparts = 0;
  context.stopped = false;
  context.stop_reason = {};
  ++context.counters.bodies;
  state_->over = false;

  PartHints hints;
  hints.declared_type = facts.content_type.substr(0, 1024);
  hints.file_name = base_name(parameter_of(facts.content_disposition, "filename"));
  if (hints.file_name.empty()) hints.file_name = base_name(facts.file_name);
  // A PUT names what it stores; so does a download.
  if (hints.file_name.empty() && (facts.method == "PUT" || !facts.to_server)) {
    const std::string name = name_in_target(facts.target);
    if (facts.to_server) hints.file_name = name;
  }
  hints.file = !hints.file_name.empty() || media_type_of(facts.content_disposition) == "attachment";
  bool opaque = false;
  auto part = make_part_reader(context, hints, 0);
  state_->sink = make_decoder_chain(context, facts.content_encoding, std::move(part), opaque);
  if (opaque) ++context.counters.malformed;
}

void BodyReader::feed(Bytes bytes) {
  if (!state_->sink || bytes.empty()) return;
  BodyContext& context = state_->context;
  const std::size_t limit = context.limits.body_bytes_max;
  if (limit != 0 && context.sent_bytes + bytes.size() > limit) {
    if (!state_->over) ++context.counters.truncated;
    state_->over = true;
    bytes = bytes.first(
        context.sent_bytes < limit ? static_cast<std::size_t>(limit - context.sent_bytes) : 0);
    if (bytes.empty()) return;
  }
  context.sent_bytes += bytes.size();
  state_->sink->write(bytes);
}

void BodyReader::gap(std::uint64_t bytes) {
  if (state_->sink && !state_->over) state_->sink->gap(bytes);
}

void BodyReader::next_message() {
  if (state_->sink) state_->sink->next_message();
}

void BodyReader::end(bool complete) {
  if (!state_->sink) return;
  state_->sink->finish(complete && !state_->over);
  state_->sink.reset();
}

BodyReader::Opened BodyReader::open_document(const KeptDocument& document,
                                             DocumentProcess& documents) {
  BodyContext& context = state_->context;
  PartHints hints;
  hints.file_name = document.file_name;
  hints.role = document.role;
  PartStatus status;
  const bool stopped = context.stopped;
  context.multiparts = document.multiparts;
  documents.read(context, document.file.get(), document.size, document.type, hints, document.depth,
                 status);
  if (context.stopped && !stopped && status.not_opened.empty())
    status.not_opened = context.stop_reason;
  if (status.truncated) ++context.counters.truncated;
  if (status.not_opened == "encrypted") ++context.counters.encrypted;
  return {std::move(status.not_opened), status.truncated};
}

bool BodyReader::open() const { return state_->sink != nullptr; }

std::size_t BodyReader::memory_bytes() const {
  return sizeof(State) + (state_->sink ? state_->sink->memory_bytes() : 0);
}

const BodyCounters& BodyReader::counters() const { return state_->context.counters; }

BodyCounters BodyReader::take_counters() {
  return std::exchange(state_->context.counters, BodyCounters{});
}

void read_file(Bytes bytes, std::string_view file_name, const BodyLimits& limits,
               DocumentProcess* documents, PartEvents& events) {
  BodyLimits file_limits = limits;
  file_limits.body_bytes_max = 0;
  BodyReader reader{file_limits, events, documents};
  BodyFacts facts;
  facts.file_name = file_name;
  reader.begin(facts);
  constexpr std::size_t kPiece = std::size_t{64} * 1024;
  while (!bytes.empty()) {
    const Bytes piece = bytes.first(std::min(kPiece, bytes.size()));
    bytes = bytes.subspan(piece.size());
    reader.feed(piece);
  }
  reader.end(true);
}

}  // namespace gnomon::content
