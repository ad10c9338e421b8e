#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "prompt_text.h"

// Loops over whole texts that are compiled twice: for any processor, and for those with AVX2 and
// BMI2, which are asked for when the program runs. Both give the same.
namespace gnomon::content {

// What take_plain_words() reads and where it writes.
struct PlainWords {
  const KnownWords::Filters* filters = nullptr;
  const char* folded = nullptr;          // behind each word eight more bytes can be read
  const std::uint32_t* edges = nullptr;  // begin and end of each word, in turn
  std::size_t first_word = 0;            // what the first of them is in the text
  PromptWord* words = nullptr;           // the same
  std::size_t stop = 0;                  // before which word
  // Moved on:
  std::size_t next = 0;             // word
  std::uint32_t* firsts = nullptr;  // where the next is written; room for two a word
  std::uint64_t last = 0;           // the hash of the word before
  bool last_taken = false;          // it is among the firsts, or there is none
};

struct EdgeBits {
  const std::uint64_t *word, *odd, *letter;
};

// What HookLanes asks of every byte; behind the classes come its marks.
struct HookRow {
  enum : std::uint8_t { kDigit, kHex, kCapital, kToken, kClasses };
};

struct LaneKernels {
  // Fills `marks`; `folded` has room for whole blocks.
  void (*mark_prompt)(std::string_view text, const PromptMarks::Rows& marks, char* folded);
  // Where words begin and end from `from` to `to`, where no word goes on; returns how many places
  // that are. Up to eight more are written. `odd`: of them, words of letters with digits or signs.
  std::size_t (*find_edges)(const EdgeBits& bits, std::size_t from, std::size_t to,
                            std::uint32_t* edges, std::uint32_t* odd, std::size_t& odd_count);
  // Takes words as they are until one is a long one.
  void (*take_plain_words)(PlainWords& words);
  // Of the block at `at`.
  void (*read_hook_rows)(std::string_view text, std::size_t at, const char* marks,
                         std::size_t mark_count, std::uint64_t* rows);
};

const LaneKernels& portable_kernels();
const LaneKernels* wide_kernels();  // null when this processor has them not
const LaneKernels& lane_kernels();  // the best of them

}  // namespace gnomon::content
