#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gnomon/content/body.h"
#include "gnomon/content/inspector.h"
#include "gnomon/content/kept_document.h"
#include "gnomon/content/prompt_echo.h"
#include "gnomon/content/scanner.h"
#include "gnomon/content/tally.h"

namespace gnomon::content {

// One body on its way through reader and scanner, and what was found in it so far. Text waits in a
// window until it is scanned; matches are added up and the text forgotten. Documents are kept until the
// body is over: what is in them may then be read by another thread.
class InspectedBody final : private PartEvents, DocumentKeeper {
 public:
  // With `keep` documents wait for open_documents(), without they are opened as they end, in this
  // process.
  InspectedBody(const InspectorOptions& options, Scanner& scanner, bool keep);

  void begin(const BodyFacts& facts, std::uint64_t owner, std::uint64_t mark);
  // It is the answer to `request`, which goes on to be fed: what a model says is held against what
  // the system told it there.
  void answer(InspectedBody& request);
  void feed(Bytes bytes, std::uint64_t mark);
  void gap(std::uint64_t bytes, std::uint64_t mark);
  void next_message() { reader_.next_message(); }
  // Nothing more of it comes.
  void end(bool complete);
  [[nodiscard]] bool keeps_documents() const { return !kept_.empty(); }
  [[nodiscard]] std::uint64_t document_bytes() const { return kept_bytes_; }
  // Reads what was kept, in the thread that calls, or says of it why not.
  void open_documents(Scanner& scanner, DocumentProcess& documents);
  void refuse_documents(std::string_view why);
  // Tells what was found in all of it, and which profiles hold for it.
  void tell(std::span<const Profile> profiles, InspectionEvents& events);
  // Ends it, and forgets what was found.
  void discard();

  [[nodiscard]] std::uint64_t owner() const { return owner_; }
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] BodyCounters take_counters() { return reader_.take_counters(); }

  [[nodiscard]] const BodyCounters& counters() const { return reader_.counters(); }
  [[nodiscard]] std::size_t memory_bytes() const;

  // Counters, for whoever owns the body to take.
  std::uint64_t findings_told = 0;
  std::uint64_t findings_dropped = 0;  // beyond the number told per body
  std::uint64_t files_dropped = 0;     // beyond theirs

 private:
  // A file that has begun: what its findings are told of.
  struct File {
    std::string name;
    std::string declared_type;
    std::string type;
    std::string sha256;
    std::string not_opened;
    std::uint64_t size = 0;
    std::uint64_t gap_bytes = 0;
    std::uint64_t mark = 0;
    bool ended = false;
    bool complete = false;
    bool truncated = false;
  };
  // Findings of one file (or of none) and one speaker.
  struct Group {
    explicit Group(const InventoryKey& key) : tally(key) {}
    FindingTally tally;
    std::uint64_t mark = 0;
    std::uint32_t file = 0;  // 1 + index of files_; 0: the body itself
    Role role = Role::kNone;
  };
  struct Kept {
    KeptDocument document;
    std::uint64_t mark = 0;
    std::uint32_t file = 0;  // 1 + index of files_; 0: not told
  };
  struct Mark {
    std::uint64_t text = 0;  // bytes of text before
    std::uint64_t mark = 0;
  };

  void on_part(const PartFacts& part) override;
  void on_text(std::string_view utf8, Role role) override;
  void on_break() override;
  void on_part_end(const PartEnd& part) override;
  bool keep(KeptDocument document) override;
  void close_document(const Kept& kept, std::string_view not_opened, bool truncated);

  void scan(bool all);
  void scan_type(std::string_view file_type);
  void note_prompt(std::string_view utf8);
  void scan_echo();
  void set_mark(std::uint64_t mark);
  [[nodiscard]] std::uint64_t mark_at(std::uint64_t text) const;
  Group& group_here();
  Group* group_of(std::uint32_t file);  // of who speaks now; null: there is none yet
  void tell_finding(const Group& group, const FindingTally::Finding& finding,
                    InspectionEvents& events);

  const InspectorOptions& options_;
  Scanner* scanner_;
  BodyReader reader_;
  std::string host_;
  std::string window_;             // text not wholly scanned, behind what is kept for context
  std::size_t scanned_ = 0;        // bytes of window_ in which no match begins any more
  std::uint64_t text_before_ = 0;  // bytes of text before window_
  std::vector<Mark> marks_;
  std::vector<Match> matches_;
  std::vector<std::uint32_t> open_files_;  // one per open part: 1 + index of files_
  std::vector<File> files_;
  std::vector<Group> groups_;
  std::vector<Kept> kept_;
  std::uint64_t kept_bytes_ = 0;
  std::shared_ptr<PromptPrints> prompt_;  // a request's own, shared with its answer
  PromptEcho echo_;
  std::uint64_t echo_mark_ = 0;  // where it was first met
  std::uint64_t owner_ = 0;
  std::uint64_t mark_ = 0;
  Role role_ = Role::kNone;
  bool to_server_ = true;
  bool opening_ = false;  // documents, perhaps in another thread than the answer's
  bool partial_ = false;
};

}  // namespace gnomon::content
