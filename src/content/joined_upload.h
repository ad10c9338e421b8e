#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws_chunked.h"
#include "form_frame.h"
#include "gnomon/content/inspector.h"

namespace gnomon::content {

// Where something stands in an upload: the part and the byte in it. Where parts are not counted
// there is one, and the byte is one of the whole.
struct UploadPlace {
  std::uint64_t part = 0;
  std::uint64_t at = 0;

  auto operator<=>(const UploadPlace&) const = default;
};

// One upload while its pieces come: reads what is next in order, and keeps what came before its
// turn.
class JoinedUpload {
 public:
  // Where a request stands that only says that all is there.
  static constexpr UploadPlace kBehindAll{~std::uint64_t{0}, ~std::uint64_t{0}};
  // A longer document is not opened, so that its order matters little.
  static constexpr std::size_t kOrderBytesMax = std::size_t{32} << 20;

  // `held` counts the bytes that wait, of all uploads together. It and the inspector outlive this.
  JoinedUpload(std::uint64_t number, UploadPlace first, bool counted, Inspector& inspector,
               std::size_t& held);
  JoinedUpload(const JoinedUpload&) = delete;
  JoinedUpload& operator=(const JoinedUpload&) = delete;

  // A piece begins. The body is what the piece that is first in order says it is.
  // `boundary`: of the form that the piece comes in; empty for none.
  void begin(std::uint64_t piece, UploadPlace place, const ExchangeFacts& facts, bool last,
             std::string_view boundary);
  void feed(std::uint64_t piece, UploadPlace place, Bytes bytes, std::uint64_t mark);
  void gap(std::uint64_t piece, UploadPlace place, std::uint64_t bytes, std::uint64_t mark);
  void end(std::uint64_t piece, UploadPlace place, bool complete);
  // The order of its parts will be told in the end. Until then they wait, kOrderBytesMax at most:
  // when there is more they are read in the order of their numbers.
  void await_order() { awaits_order_ = true; }
  // Parts by their numbers, 0 for one that never came. What is not among them is read behind them.
  void set_order(std::span<const std::uint64_t> parts);
  // What is said of the whole by the request that makes it of others. Then those follow, each all
  // of a part, in order; `mark` says how theirs are called here.
  void describe(const ExchangeFacts& facts) { note_facts(first_, facts); }
  void adopt(JoinedUpload& part, std::uint64_t number,
             const std::function<std::uint64_t(std::uint64_t)>& mark);
  void as_they_came();
  // What the whole is, if it was told before anything of it was read.
  void set_type(std::string_view type);
  // Its first hole will not be filled: reads what is behind.
  void skip_hole();
  // Reads what is left and ends the body. `whole`: as far as those who sent it say. Returns whether
  // it was.
  bool finish(bool whole, InspectionEvents& events);
  // Ends it and tells nothing.
  void discard();

  [[nodiscard]] bool is_first(UploadPlace place) const { return place == first_; }
  // Its first piece came whole.
  [[nodiscard]] bool begun() const { return begun_; }
  // All that came of it waits for its order.
  [[nodiscard]] bool waits() const { return awaits_order_ && open_ == 0 && !body_; }
  [[nodiscard]] bool empty() const { return !body_ && held_here_ == 0; }
  // How much was read, where parts are not counted.
  [[nodiscard]] std::uint64_t read_to() const { return next_.at; }
  [[nodiscard]] std::size_t held() const { return held_here_; }
  [[nodiscard]] std::size_t open() const { return open_; }
  [[nodiscard]] std::uint64_t total() const { return total_; }  // 0: nobody said
  void set_total(std::uint64_t total) { total_ = total; }
  [[nodiscard]] bool all_read() const { return total_ > 0 && next_.at >= total_ && open_ == 0; }
  // Of one that nobody said to be finished: it may be whole where nothing says how long it is.
  [[nodiscard]] bool may_be_whole() const { return total_ == 0 && held_here_ == 0 && open_ == 0; }
  // Of the pieces that are open, their numbers.
  template <class Each>
  void each_open(Each&& each) const {
    for (const auto& [place, piece] : pieces_)
      if (piece.open) each(piece.number);
  }

 private:
  // Bytes that wait, or a hole.
  struct Chunk {
    std::vector<std::uint8_t> bytes;
    std::uint64_t hole = 0;
    std::uint64_t mark = 0;

    [[nodiscard]] std::uint64_t size() const { return hole > 0 ? hole : bytes.size(); }
  };
  struct Piece {
    std::uint64_t number = 0;
    std::uint64_t came = 0;     // where its next byte belongs, in its part
    std::uint64_t held_at = 0;  // where the first that waits does
    std::deque<Chunk> held;
    std::optional<AwsChunked> framed;
    std::optional<FormFrame> form;
    bool open = true;
    bool complete = false;
    bool last = false;
  };
  using Pieces = std::multimap<UploadPlace, Piece>;
  // Of the body.
  struct Facts {
    std::string method, host, target, content_type, content_encoding, content_disposition;
  };

  void note_facts(UploadPlace place, const ExchangeFacts& facts);
  [[nodiscard]] bool awaits(UploadPlace place) const { return awaits_order_ || place > next_; }
  [[nodiscard]] Pieces::iterator find(std::uint64_t piece, UploadPlace place);
  void take_rest(UploadPlace place, Piece& piece, std::uint64_t mark);
  void take(UploadPlace place, Piece& piece, Bytes bytes, std::uint64_t mark);
  void hold(Piece& piece, Bytes bytes, std::uint64_t mark);
  void hold(Piece& piece, Chunk chunk);
  void read(Bytes bytes, std::uint64_t mark);
  void read_hole(std::uint64_t bytes, std::uint64_t mark);
  void read_held(Piece& piece, bool passed);
  void advance();
  Inspector::Handle body(std::uint64_t mark);
  void keep(std::size_t bytes);
  void let_go(std::size_t bytes);

  const std::uint64_t number_;
  const UploadPlace first_;
  const bool counted_;
  Inspector& inspector_;
  std::size_t& held_;
  std::size_t held_here_ = 0;
  std::size_t open_ = 0;
  UploadPlace next_;  // that was not read yet
  UploadPlace facts_of_ = kBehindAll;
  Facts facts_;
  Pieces pieces_;  // those that are open, or wait
  std::optional<Inspector::Handle> body_;
  std::uint64_t total_ = 0;
  std::uint64_t last_mark_ = 0;  // of what was read
  bool awaits_order_ = false;
  bool begun_ = false;
  bool cut_ = false;      // the piece that ended last did not come whole
  bool partial_ = false;  // a hole was read over
};

}  // namespace gnomon::content
