#include "lane_kernels.h"

#include <bit>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "byte_lanes.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kMarks = 5;
constexpr char kMarkBytes[kMarks + 1] = ":., |";

// Everything that kernels say of a text, in a row.
struct Said {
  std::vector<std::uint64_t> marks;
  std::string folded;
  std::vector<std::uint32_t> edges, odd;
  std::vector<std::uint64_t> hashes;
  std::vector<std::uint32_t> firsts;
  std::vector<std::uint64_t> hooks;
  bool operator==(const Said&) const = default;
};

Said said_of(const LaneKernels& kernels, const std::string& text, const KnownWords& known) {
  Said said;
  PromptMarks marks;
  const PromptMarks::Rows rows = marks.make(text.size());
  said.folded.resize(marks.blocks * ByteBlock::kBytes);
  kernels.mark_prompt(text, rows, said.folded.data());
  said.marks = marks.all;
  said.folded.resize(text.size());

  std::string padded = said.folded + std::string(8, '\0');
  said.edges.resize(text.size() + 9);
  said.odd.resize(text.size() / 2 + 1);
  std::size_t odd = 0;
  said.edges.resize(kernels.find_edges({rows.word, rows.odd, rows.letter}, 0, text.size(),
                                       said.edges.data(), said.odd.data(), odd));
  said.odd.resize(odd);
  const std::size_t count = said.edges.size() / 2;
  std::vector<PromptWord> words(count);
  said.firsts.resize(2 * count + 2);
  PlainWords plain;
  plain.filters = &known.filters();
  plain.folded = padded.data();
  plain.edges = said.edges.data();
  plain.words = words.data();
  plain.firsts = said.firsts.data();
  plain.stop = count;
  plain.last_taken = true;
  for (;;) {
    kernels.take_plain_words(plain);
    if (plain.next == count) break;
    ++plain.next;  // a long one
  }
  said.firsts.resize(static_cast<std::size_t>(plain.firsts - said.firsts.data()));
  for (const PromptWord& word : words) {
    said.hashes.push_back(word.hash);
    said.hashes.push_back(word.begin);
    said.hashes.push_back(word.size);
  }
  for (std::size_t at = 0; at < text.size(); at += ByteBlock::kBytes) {
    std::uint64_t hooks[HookRow::kClasses + kMarks];
    kernels.read_hook_rows(text, at, kMarkBytes, kMarks, hooks);
    said.hooks.insert(said.hooks.end(), std::begin(hooks), std::end(hooks));
  }
  return said;
}

std::vector<std::string> texts() {
  std::mt19937 random{7};
  const std::string_view alphabets[] = {"abcXYZ019 ",    "al1'_@$|!+ .",        "\"rR \t\r\n<[#{",
                                        "0aF \\x%-/+_g", "the cat ignored it ", ""};
  std::vector<std::string> all{"", "a", "don't", std::string(200, 'l')};
  for (const std::string_view alphabet : alphabets)
    for (std::size_t size = 1; size < 400; size += 1 + size / 9) {
      std::string& text = all.emplace_back();
      while (text.size() < size)
        text += alphabet.empty() ? static_cast<char>(random() & 0xffU)
                                 : alphabet[random() % alphabet.size()];
    }
  return all;
}

KnownWords some_known() {
  KnownWords known;
  known.add_word(word_hash("cat"));
  known.add_pair(word_hash("the"), word_hash("cat"));
  known.add_beginning("ignor");
  return known;
}

TEST_CASE("kernels for some processors say what those for all say") {
  const LaneKernels* const wide = wide_kernels();
  if (wide == nullptr) return;  // a processor without AVX2 uses the others
  const KnownWords known = some_known();
  for (const std::string& text : texts()) {
    CAPTURE(text);
    const Said one = said_of(portable_kernels(), text, known);
    const Said other = said_of(*wide, text, known);
    CHECK(one.marks == other.marks);
    CHECK(one.folded == other.folded);
    CHECK(one.edges == other.edges);
    CHECK(one.odd == other.odd);
    CHECK(one.hashes == other.hashes);
    CHECK(one.firsts == other.firsts);
    CHECK(one.hooks == other.hooks);
  }
}

TEST_CASE("marks, edges and rows are what each byte and its neighbours say") {
  const KnownWords known = some_known();
  for (const std::string& text : texts()) {
    CAPTURE(text);
    const Said said = said_of(lane_kernels(), text, known);
    const auto at = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
    const auto one_of = [](char c, std::string_view set) {
      return c != '\0' && set.find(c) != std::string_view::npos;
    };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto part = [&](std::size_t i) {
      return is_digit(at(i)) || is_letter(at(i)) || at(i) == '_';
    };
    std::vector<std::uint32_t> edges, odd;
    bool inside = false, letters = false, odds = false;
    const std::size_t blocks = text.size() / 64 + 1;
    const auto marked = [&](PromptMarks::Row row, std::size_t i) {
      return (said.marks[row * (blocks + 1) + i / 64] >> i % 64 & 1) != 0;
    };
    bool right = true;
    for (std::size_t i = 0; i <= text.size(); ++i) {
      const char c = at(i);
      const bool behind = i > 0 && part(i - 1);
      const bool sign = one_of(c, "@$|!+") && part(i + 1);
      const bool word = part(i) || sign || (c == '\'' && behind && part(i + 1));
      right = right && marked(PromptMarks::kWord, i) == word;
      right = right && marked(PromptMarks::kOdd, i) == (is_digit(c) || sign);
      right = right && marked(PromptMarks::kLetter, i) == is_letter(c);
      right =
          right && marked(PromptMarks::kSlow, i) == ((static_cast<unsigned char>(c) >= 0x80) ||
                                                     (one_of(c, "@$") && behind && !part(i + 1)));
      right = right && marked(PromptMarks::kBase64, i) == (part(i) || one_of(c, "+-/"));
      right =
          right && marked(PromptMarks::kHex, i) == (is_digit(c) || one_of(c, "abcdefABCDEF \\x%"));
      right = right && marked(PromptMarks::kOpening, i) ==
                           (one_of(c, "<[#{") || (c == '"' && one_of(at(i + 1), "rR \t\r\n")));
      if (word != inside) {
        if (!word && letters && odds) odd.push_back(static_cast<std::uint32_t>(edges.size() / 2));
        edges.push_back(static_cast<std::uint32_t>(i));
        letters = odds = false;
      }
      inside = word;
      letters = letters || (word && is_letter(c));
      odds = odds || (word && (is_digit(c) || sign));
      for (std::size_t k = 0; k < kMarks && i < text.size(); ++k)
        right =
            right &&
            (said.hooks[i / 64 * (HookRow::kClasses + kMarks) + HookRow::kClasses + k] >> i % 64 &
             1) == (c == kMarkBytes[k] ? 1U : 0U);
    }
    CHECK(right);
    CHECK(said.edges == edges);
    // Words over the border of a block are taken for odd without a look at all of them.
    for (const std::uint32_t each : odd)
      CHECK(std::count(said.odd.begin(), said.odd.end(), each) == 1);
    for (const std::uint32_t each : said.odd)
      CHECK((std::count(odd.begin(), odd.end(), each) == 1 ||
             edges[2 * each] / 64 != edges[2 * each + 1] / 64));
    for (std::size_t i = 0; 2 * i < edges.size(); ++i) {
      const std::size_t size = edges[2 * i + 1] - edges[2 * i];
      if (size > kShortWord) continue;
      CHECK(said.hashes[3 * i] ==
            word_hash(std::string_view{said.folded}.substr(edges[2 * i], size)));
      CHECK(said.hashes[3 * i + 1] == edges[2 * i]);
      CHECK(said.hashes[3 * i + 2] == size);
    }
  }
}

}  // namespace
}  // namespace gnomon::content
