#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "gnomon/content/upload_joiner.h"
#include "gnomon/sensor/knowledge.h"
#include "gnomon/sensor/upload_step.h"

namespace gnomon::sensor {

// Reads uploads that come in pieces, whichever shards their connections belong to, and tells the
// sinks what is in them. Sees the steps of all shards in the order of frames, so what it tells
// depends on the input alone. One thread.
class UploadReader final : content::UploadEvents {
 public:
  explicit UploadReader(std::span<observation::Sink* const> sinks);
  ~UploadReader();

  // Uploads that begin from now on are read by this; those that have begun, to their ends by what
  // they began with.
  void change(KnowledgePointer knowledge);
  void see(const UploadStep& step);
  // Ends uploads that were silent too long, and tells what is in those whose documents were opened
  // meanwhile.
  void advance(Time clock);
  // The input is over.
  void finish();

  [[nodiscard]] content::InspectorCounters counters() const;
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  static constexpr std::size_t kWitnessesMax = 64;  // connections that are remembered of an upload
  static constexpr std::size_t kTurnsMax = 256;     // of inputs, the same
  static constexpr unsigned kNumberBits = 40;       // of a mark: the frame's number

  // A connection that brought pieces.
  struct Witness {
    observation::Conversation conversation;  // its texts are those beside it
    std::string community_id;
    std::string app, role, category, usage, why;
    observation::Grade grade = observation::Grade::kNone;
    Time time;
    bool lossy = false;
  };
  // Frames from this one on lie in that file.
  struct Turn {
    std::uint64_t first = 0;
    std::uint64_t before = 0;  // number of a frame less its number in the file
    std::string file;
    bool live = false;
  };
  struct Upload {
    std::vector<Witness> witnesses;
    std::vector<Turn> turns;
    bool waiting = false;  // for its documents
  };
  struct Reading;  // by one knowledge
  struct Piece {
    Reading* reading = nullptr;
    std::uint64_t upload = 0;
    std::size_t witness = 0;
  };

  void begin(const UploadStep& step);
  static std::uint64_t mark_of(Upload& upload, const Piece& piece, const observation::Place& place);
  static std::size_t witness_of(Upload& upload, const UploadStep& step);
  void retire();
  template <class Record>
  void place(std::uint64_t owner, std::uint64_t mark, Record& record) const;

  void on_finding(std::uint64_t owner, std::uint64_t mark,
                  const observation::FindingRecord& finding) override;
  void on_file(std::uint64_t owner, std::uint64_t mark,
               const observation::FileRecord& file) override;
  void on_waiting(std::uint64_t owner, std::string_view host) override;
  void on_told(std::uint64_t owner) override;
  void on_upload_over(std::uint64_t upload) override;
  std::uint64_t mark_in_whole(std::uint64_t part, std::uint64_t whole, std::uint64_t mark) override;

  std::vector<observation::Sink*> sinks_;
  KnowledgePointer knowledge_;
  // The last may be the one that new uploads are read by; those before it have some to end.
  std::vector<std::unique_ptr<Reading>> readings_;
  Reading* current_ = nullptr;                       // that is being asked
  std::unordered_map<std::uint64_t, Piece> pieces_;  // that are open
  content::InspectorCounters earlier_;               // of readings that are gone
};

}  // namespace gnomon::sensor
