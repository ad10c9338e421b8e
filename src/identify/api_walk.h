#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api_contents.h"

namespace gnomon::identify {

// What a walk comes upon. Text is valid during the call.
class WalkSink {
 public:
  virtual void on_key(NodeId node) = 0;
  // A text, number, true, false or null; cut after kValueMax bytes.
  virtual void on_value(NodeId node, std::string_view value, bool number) = 0;

 protected:
  ~WalkSink() = default;
};

// Goes through JSON as it comes, in pieces of any size, and tells of the keys in a KeyTree. Made
// for documents that nobody vouches for and that may begin or end anywhere: never fails, only finds
// less in what is no JSON. Several documents may follow one another with anything between them.
class JsonWalk {
 public:
  static constexpr std::size_t kDepthMax = 32;  // below which no key is asked for
  static constexpr std::size_t kValueMax = 512;

  void begin(const KeyTree& tree, NodeId root);
  void feed(std::string_view bytes, WalkSink& sink);
  // A value may have ended with the bytes; what comes next is another document.
  void end_document(WalkSink& sink);

  [[nodiscard]] std::uint64_t documents() const { return documents_; }
  // True when a key that somebody asked for was there.
  [[nodiscard]] bool found() const { return found_; }

 private:
  enum class State : std::uint8_t { kBetween, kText, kEscape, kUnicode, kBare };

  void open(WalkSink& sink);
  void close();
  void settle(WalkSink& sink);
  void put_unicode();
  void drop_surrogate();

  const KeyTree* tree_ = nullptr;
  NodeId root_ = KeyTree::kDead;
  std::array<NodeId, kDepthMax + 1> nodes_{};
  NodeId current_ = KeyTree::kDead;  // of the value to come
  std::uint64_t depth_ = 0;
  std::uint64_t documents_ = 0;
  State state_ = State::kBetween;
  bool pending_ = false;  // `value_` is a text that may turn out to be a key
  bool keep_ = false;     // the text in hand is wanted
  bool found_ = false;
  std::uint8_t digits_ = 0;
  std::uint16_t unicode_ = 0;
  std::uint16_t high_ = 0;  // first half of a character beyond 16 bits, whose second may follow
  std::string value_;
};

}  // namespace gnomon::identify
