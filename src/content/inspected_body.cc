#include "inspected_body.h"

#include <algorithm>
#include <string_view>

namespace gnomon::content {
namespace {

// Text is scanned in windows of this size. A match that begins in the last part of one is left to
// the next, which sees it whole, and each sees some text before for its context.
constexpr std::size_t kWindowBytes = std::size_t{64} * 1024;
constexpr std::size_t kTailBytes = std::size_t{8} * 1024;
constexpr std::size_t kContextBytes = 1024;
constexpr std::size_t kMarksMax = 64;
constexpr std::size_t kGroupsMax = 128;  // besides those of the body itself, one a speaker
constexpr std::string_view kBreak = "\n\x1e\n";

}  // namespace

InspectedBody::InspectedBody(const InspectorOptions& options, Scanner& scanner, bool keep)
    : options_(options),
      scanner_(&scanner),
      reader_(options.limits, *this, nullptr, keep ? this : nullptr) {}

void InspectedBody::begin(const BodyFacts& facts, std::uint64_t owner, std::uint64_t mark) {
  host_ = facts.host.substr(0, 255);
  to_server_ = facts.to_server;
  owner_ = owner;
  role_ = Role::kNone;
  partial_ = false;
  window_.clear();
  scanned_ = 0;
  text_before_ = 0;
  marks_.clear();
  open_files_.clear();
  files_.clear();
  groups_.clear();
  kept_.clear();
  kept_bytes_ = 0;
  prompt_.reset();
  echo_.reset();
  set_mark(mark);
  reader_.begin(facts);
}

void InspectedBody::answer(InspectedBody& request) {
  if (!request.prompt_) request.prompt_ = std::make_shared<PromptPrints>();
  prompt_ = request.prompt_;
}

void InspectedBody::set_mark(std::uint64_t mark) {
  mark_ = mark;
  const std::uint64_t text = text_before_ + window_.size();
  if (!marks_.empty() && marks_.back().mark == mark) return;
  if (!marks_.empty() && marks_.back().text == text) {
    marks_.back().mark = mark;  // what came before made no text yet
    return;
  }
  if (marks_.size() >= kMarksMax) {
    // Every second one goes: the rest are nearly as good.
    std::size_t kept = 0;
    for (std::size_t at = 0; at < marks_.size(); at += 2) marks_[kept++] = marks_[at];
    marks_.resize(kept);
  }
  marks_.push_back({text, mark});
}

std::uint64_t InspectedBody::mark_at(std::uint64_t text) const {
  std::uint64_t mark = mark_;
  for (const Mark& each : marks_) {
    if (each.text > text) break;
    mark = each.mark;
  }
  return mark;
}

void InspectedBody::feed(Bytes bytes, std::uint64_t mark) {
  set_mark(mark);
  reader_.feed(bytes);
}

void InspectedBody::gap(std::uint64_t bytes, std::uint64_t mark) {
  set_mark(mark);
  partial_ = true;
  reader_.gap(bytes);
}

void InspectedBody::on_part(const PartFacts& part) {
  scan(true);
  std::uint32_t file = open_files_.empty() ? 0 : open_files_.back();
  if (part.file || part.depth == 0) {
    // The body itself may turn out to be a file.
    if (files_.size() < options_.files_per_body_max) {
      File& opened = files_.emplace_back();
      opened.name = part.file_name;
      opened.declared_type = part.declared_type.substr(0, 128);
      file = static_cast<std::uint32_t>(files_.size());
    } else {
      ++files_dropped;
    }
  }
  open_files_.push_back(file);
}

void InspectedBody::on_text(std::string_view utf8, Role role) {
  if (role != role_) {
    scan(true);
    role_ = role;
    if (prompt_ && to_server_) prompt_->next_text();
    echo_.next_text();
  }
  note_prompt(utf8);
  while (!utf8.empty()) {
    std::size_t some = std::min(utf8.size(), kWindowBytes - std::min(kWindowBytes, window_.size()));
    // Never cut a character.
    while (some > 0 && some < utf8.size() &&
           (static_cast<std::uint8_t>(utf8[some]) & 0xc0) == 0x80) {
      --some;
    }
    window_.append(utf8.substr(0, some));
    utf8.remove_prefix(some);
    if (!utf8.empty() || window_.size() >= kWindowBytes) scan(false);
  }
}

void InspectedBody::note_prompt(std::string_view utf8) {
  if (opening_) return;
  if (to_server_ && role_ == Role::kSystem) {
    if (!prompt_) prompt_ = std::make_shared<PromptPrints>();
    prompt_->read(utf8);
  }
  if (to_server_ || role_ != Role::kAssistant || !prompt_ || prompt_->size() == 0) return;
  if (echo_.read(utf8, *prompt_)) echo_mark_ = mark_;
}

void InspectedBody::scan_echo() {
  if (to_server_ || !prompt_) return;
  matches_.clear();
  scanner_->scan_echo(*prompt_, echo_, matches_);
  if (matches_.empty()) return;
  role_ = Role::kAssistant;
  Group& group = group_here();
  if (group.tally.empty()) group.mark = echo_mark_;
  group.tally.add(matches_);
}

void InspectedBody::on_break() {
  const std::string_view window = window_;
  if (window.size() <= scanned_ ||
      window.substr(window.size() - std::min(kBreak.size(), window.size())) == kBreak) {
    return;
  }
  on_text(kBreak, role_);
}

InspectedBody::Group& InspectedBody::group_here() {
  const std::uint32_t file = open_files_.empty() ? 0 : open_files_.back();
  if (Group* const known = group_of(file)) return *known;
  const bool full = groups_.size() >= kGroupsMax;
  if (full && file != 0) {
    // Told without a name, rather than with another file's.
    if (Group* const own = group_of(0)) return *own;
  }
  Group& group = groups_.emplace_back(options_.hash_key);
  group.file = full ? 0 : file;
  group.role = role_;
  return group;
}

InspectedBody::Group* InspectedBody::group_of(std::uint32_t file) {
  for (Group& group : groups_)
    if (group.file == file && group.role == role_) return &group;
  return nullptr;
}

void InspectedBody::scan(bool all) {
  if (window_.size() <= scanned_) {
    if (all) {
      text_before_ += window_.size();
      window_.clear();
      scanned_ = 0;
    }
    return;
  }
  std::size_t until = window_.size();
  if (!all) {
    until -= std::min(until, kTailBytes);
    while (until > scanned_ && (static_cast<std::uint8_t>(window_[until]) & 0xc0) == 0x80) --until;
  }
  matches_.clear();
  scanner_->scan(window_, TextContext{to_server_, role_}, matches_);
  // Of each match its beginning decides which window tells it.
  matches_.erase(std::remove_if(matches_.begin(), matches_.end(),
                                [&](const Match& match) {
                                  return match.start < scanned_ || (!all && match.start >= until);
                                }),
                 matches_.end());
  if (!matches_.empty()) {
    Group& group = group_here();
    if (group.tally.empty())
      group.mark = mark_at(text_before_ + std::max<std::uint64_t>(matches_.front().end, 1) - 1);
    group.tally.add(matches_);
  }
  std::size_t drop = all ? window_.size() : until - std::min(until, kContextBytes);
  while (drop > 0 && drop < window_.size() &&
         (static_cast<std::uint8_t>(window_[drop]) & 0xc0) == 0x80) {
    --drop;
  }
  text_before_ += drop;
  window_.erase(0, drop);
  scanned_ = all ? 0 : until - drop;
}

void InspectedBody::scan_type(std::string_view file_type) {
  matches_.clear();
  scanner_->scan_type(file_type, matches_);
  if (matches_.empty()) return;
  Group& group = group_here();
  if (group.tally.empty()) group.mark = mark_;
  group.tally.add(matches_);
}

void InspectedBody::on_part_end(const PartEnd& part) {
  scan(true);
  if (open_files_.empty()) return;
  const std::uint32_t index = open_files_.back();
  const bool own = index != 0 && (open_files_.size() == 1 || open_files_.end()[-2] != index);
  if (own) scan_type(part.file_type);
  open_files_.pop_back();
  if (part.truncated || part.gap_bytes > 0 || (part.depth == 0 && !part.complete)) partial_ = true;
  if (!own) return;
  File& file = files_[index - 1];
  file.type = part.file_type;
  file.size = part.size;
  file.gap_bytes = part.gap_bytes;
  file.complete = part.complete;
  file.truncated = part.truncated;
  file.sha256 = part.sha256;
  file.not_opened = part.not_opened;
  file.mark = mark_;
  file.ended = part.file;  // else it was the message itself
}

bool InspectedBody::keep(KeptDocument document) {
  if (kept_.size() >= options_.documents_per_body_max ||
      kept_bytes_ + document.size > options_.documents_per_body_bytes_max) {
    return false;
  }
  kept_bytes_ += document.size;
  kept_.push_back({std::move(document), mark_, open_files_.empty() ? 0 : open_files_.back()});
  return true;
}

void InspectedBody::open_documents(Scanner& scanner, DocumentProcess& documents) {
  Scanner* const own = std::exchange(scanner_, &scanner);
  opening_ = true;
  for (Kept& kept : kept_) {
    mark_ = kept.mark;
    marks_.clear();
    open_files_.assign(1, kept.file);
    const BodyReader::Opened opened = reader_.open_document(kept.document, documents);
    scan(true);
    close_document(kept, opened.not_opened, opened.truncated);
  }
  open_files_.clear();
  kept_.clear();
  opening_ = false;
  scanner_ = own;
}

void InspectedBody::refuse_documents(std::string_view why) {
  for (const Kept& kept : kept_) close_document(kept, why, false);
  kept_.clear();
}

// Its part has been told as a file already.
void InspectedBody::close_document(const Kept& kept, std::string_view not_opened, bool truncated) {
  partial_ = partial_ || truncated;
  if (kept.file == 0) return;
  File& file = files_[kept.file - 1];
  if (!not_opened.empty()) file.not_opened = not_opened;
  file.truncated = file.truncated || truncated;
}

void InspectedBody::end(bool complete) {
  reader_.end(complete && !partial_);
  partial_ = partial_ || !complete;
  scan_echo();
}

void InspectedBody::tell(std::span<const Profile> profiles, InspectionEvents& events) {
  for (const File& file : files_) {
    if (!file.ended) continue;
    observation::FileRecord record;
    record.host = host_;
    record.to_server = to_server_;
    record.file_name = file.name;
    record.file_type = file.type;
    record.declared_type = file.declared_type;
    record.sha256 = file.sha256;
    record.size = file.size;
    record.gap_bytes = file.gap_bytes;
    record.complete = file.complete;
    record.truncated = file.truncated;
    record.not_opened = file.not_opened;
    events.on_file(owner_, file.mark, record);
  }
  struct Told {
    const Group* group;
    FindingTally::Finding finding;
  };
  std::vector<Told> all;
  for (const Group& group : groups_)
    for (FindingTally::Finding& finding : group.tally.findings(profiles, {to_server_, group.role}))
      all.push_back({&group, std::move(finding)});
  if (all.size() > options_.findings_per_body_max) {
    // Guesses in the files before must not keep back what is sure in those behind.
    std::stable_sort(all.begin(), all.end(), [](const Told& a, const Told& b) {
      if (a.finding.confidence != b.finding.confidence)
        return a.finding.confidence > b.finding.confidence;
      return a.finding.severity > b.finding.severity;
    });
    findings_dropped += all.size() - options_.findings_per_body_max;
    all.erase(all.begin() + options_.findings_per_body_max, all.end());
  }
  for (const auto& [group, finding] : all) tell_finding(*group, finding, events);
  groups_.clear();
  files_.clear();
}

void InspectedBody::tell_finding(const Group& group, const FindingTally::Finding& finding,
                                 InspectionEvents& events) {
  ++findings_told;
  observation::FindingRecord record;
  record.host = host_;
  record.to_server = to_server_;
  record.role = to_string(group.role);
  record.detector = finding.detector->id;
  record.category = to_string(finding.detector->category);
  record.severity = to_string(finding.severity);
  record.confidence = to_string(finding.confidence);
  record.count = finding.told_count();
  record.unique_count = finding.told_unique();
  record.sample = finding.sample;
  record.value_hash = finding.value_hash;
  const std::vector<std::string_view> references(finding.detector->references.begin(),
                                                 finding.detector->references.end());
  record.references = references;
  const std::vector<std::string_view> reasons = to_strings(finding.signs);
  record.reasons = reasons;
  record.partial = partial_;
  if (group.file != 0) {
    record.file_name = files_[group.file - 1].name;
    record.file_type = files_[group.file - 1].type;
  }
  events.on_finding(owner_, group.mark, record);
}

void InspectedBody::discard() {
  reader_.end(false);
  kept_.clear();
  groups_.clear();
  files_.clear();
}

std::size_t InspectedBody::memory_bytes() const {
  return sizeof(*this) + window_.capacity() + reader_.memory_bytes() +
         marks_.capacity() * sizeof(Mark) + files_.capacity() * sizeof(File) +
         matches_.capacity() * sizeof(Match) +
         (to_server_ && prompt_ ? prompt_->memory_bytes() : 0);
}

}  // namespace gnomon::content
