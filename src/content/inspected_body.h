#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gnomon/content/body.h"
#include "gnomon/content/inspector.h"
#include "gnomon/content/scanner.h"
#include "gnomon/content/tally.h"

namespace gnomon::content {

// One body on its way through reader and scanner, and what was found in it so far. Text waits in a
// window until it is scanned; matches are added up and the text forgotten.
class InspectedBody final : private PartEvents {
 public:
  InspectedBody(const InspectorOptions& options, Scanner& scanner, DocumentProcess* documents);

  void begin(const BodyFacts& facts, std::uint64_t owner, std::uint64_t mark);
  // The next piece of the same upload, told by another exchange.
  void go_on(std::uint64_t owner) { owner_ = owner; }
  void mark_partial() { partial_ = true; }
  void feed(Bytes bytes, std::uint64_t mark);
  void gap(std::uint64_t bytes, std::uint64_t mark);
  void next_message() { reader_.next_message(); }
  void end(bool complete, InspectionEvents& events);

  [[nodiscard]] const BodyCounters& counters() const { return reader_.counters(); }
  [[nodiscard]] std::uint64_t findings_told() const { return findings_told_; }
  [[nodiscard]] std::uint64_t files_dropped() const { return files_dropped_; }
  [[nodiscard]] std::size_t memory_bytes() const;

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
  struct Mark {
    std::uint64_t text = 0;  // bytes of text before
    std::uint64_t mark = 0;
  };

  void on_part(const PartFacts& part) override;
  void on_text(std::string_view utf8, Role role) override;
  void on_break() override;
  void on_part_end(const PartEnd& part) override;

  void scan(bool all);
  void set_mark(std::uint64_t mark);
  [[nodiscard]] std::uint64_t mark_at(std::uint64_t text) const;
  Group& group_here();

  const InspectorOptions& options_;
  Scanner& scanner_;
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
  std::uint64_t owner_ = 0;
  std::uint64_t mark_ = 0;
  std::uint64_t findings_told_ = 0;
  std::uint64_t files_dropped_ = 0;
  Role role_ = Role::kNone;
  bool to_server_ = true;
  bool partial_ = false;
};

}  // namespace gnomon::content
