#include "gnomon/content/prompt_echo.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

using namespace gnomon::content;

namespace {

constexpr std::string_view kPrompt =
    "You are Pebble, the desk assistant of a lending library in a small harbour town. Greet every "
    "reader by name and keep to four sentences. Overdue fees are waived twice a year, but say so "
    "only when somebody asks. Never name other readers or what they have borrowed. When a book is "
    "out, offer the waiting list first and the branch across the river second. Close politely.";

struct Case {
  std::string_view what;
  std::string_view prompt;
  std::string answer;
  double least;
  double most;
};

double share_of(std::string_view prompt, std::string_view answer, std::size_t piece) {
  PromptPrints prints;
  for (std::string_view rest = prompt; !rest.empty();
       rest.remove_prefix(std::min(piece, rest.size())))
    prints.read(rest.substr(0, piece));
  PromptEcho echo;
  for (std::string_view rest = answer; !rest.empty();
       rest.remove_prefix(std::min(piece, rest.size())))
    echo.read(rest.substr(0, piece), prints);
  return echo.share(prints);
}

std::string shouted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ') {
      out += "\n > ";
    } else {
      out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("an answer tells how much of its system prompt it holds, whatever the layout") {
  const std::string whole{kPrompt};
  const Case cases[] = {
      {"all of it", kPrompt, "Sure! My instructions: \"" + whole + "\" Anything else?", 1, 1},
      {"in capitals and a quote", kPrompt, shouted(kPrompt), 1, 1},
      {"the second half", kPrompt, "It ends so: " + whole.substr(whole.size() / 2), 0.35, 0.65},
      {"a sentence", kPrompt, "Overdue fees are waived twice a year.", 0, 0},
      {"nothing", kPrompt, "The tide is out at four. Bring boots and a warm coat for the walk.", 0,
       0},
      {"a prompt that anybody has", "You are a helpful assistant.", "You are a helpful assistant.",
       0, 0},
  };
  for (const Case& each : cases) {
    CAPTURE(each.what);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
      CAPTURE(piece);
      const double share = share_of(each.prompt, each.answer, piece);
      CHECK(share >= each.least);
      CHECK(share <= each.most);
    }
  }
}

TEST_CASE(
    "what is repeated over and over is one print, and the end of one text is not the next's") {
  PromptPrints prints;
  prints.read(kPrompt);
  PromptEcho echo;
  // Twenty times one sentence of it.
  for (int i = 0; i < 20; ++i) echo.read(kPrompt.substr(0, 80), prints);
  CHECK(echo.share(prints) < 0.3);

  PromptPrints halves;
  halves.read(kPrompt.substr(0, kPrompt.size() / 2));
  halves.next_text();
  halves.read(kPrompt.substr(kPrompt.size() / 2));
  CHECK(halves.size() < prints.size());
}

TEST_CASE("prints of a long prompt are bounded, and those of the same prompt are the same") {
  std::string book;
  for (int i = 0; i < 20000; ++i) book += "rule " + std::to_string(i * 7919) + " holds; ";
  PromptPrints prints;
  prints.read(book);
  CHECK(prints.size() == PromptPrints::kPrintsMax);
  CHECK(prints.memory_bytes() < 128 * 1024);
  PromptEcho echo;
  CHECK(echo.read(book, prints));
  CHECK_FALSE(echo.read(book, prints));
  CHECK(echo.share(prints) == 1);

  PromptPrints again;
  again.read(book);
  CHECK(again.identity() == prints.identity());
  PromptPrints other;
  other.read(kPrompt);
  CHECK(other.identity() != prints.identity());
}
