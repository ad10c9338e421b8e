#include "gnomon/identify/shadow_name.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace {

using gnomon::identify::NameScore;
using gnomon::identify::ShadowName;

const ShadowName& shipped() {
  static const ShadowName kModel = [] {
    auto model = ShadowName::load("signatures");
    REQUIRE(model.has_value());
    return std::move(*model);
  }();
  return kModel;
}

// A folder with a small model, taken away at the end.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("shadow_name_test." + suffix())) {
    std::filesystem::create_directories(path_ / "shadow");
    write("name-model.tsv",
          "# made by hand\n!bias\t-2\n!threshold\t0.5\ngpt\t3\n^chat\t1\ntld=ai\t4\n");
    write("words.txt", "strong:\n gpt\ntopic:\n chat\n");
    write("suffixes.txt", "second co.uk\nhost hf.space 4 spaces of models\nlabel llm 2\n");
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  void write(const char* name, const std::string& text) const {
    std::ofstream{path_ / "shadow" / name} << text;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  static std::string suffix() {
    static int count = 0;
    std::ostringstream text;
    text << ::getpid() << '.' << ++count;
    return text.str();
  }
  std::filesystem::path path_;
};

TEST_CASE("scores are those that training computed") {
  std::ifstream in{"signatures/shadow/examples.tsv"};
  REQUIRE(in);
  std::string host;
  double odds = 0;
  int count = 0;
  while (in >> host >> odds) {
    CAPTURE(host);
    CHECK(std::abs(shipped().score(host).odds - odds) < 0.02);
    ++count;
  }
  CHECK(count > 30);
}

TEST_CASE("names that look like AI pass the threshold, others do not, with reasons") {
  for (const char* host : {"lumenwrite.ai", "chatgptmirror.xyz", "ai-headshots.io",
                           "tinyllm.hf.space", "LUMENWRITE.AI.", "essaygenerator-ai.com"}) {
    CAPTURE(host);
    const NameScore score = shipped().score(host);
    CHECK(score.score >= 0.5);
    REQUIRE(score.count > 0);
    for (std::size_t i = 0; i < score.count; ++i) {
      CHECK(!score.found[i].text.empty());
      if (i > 0) CHECK(score.found[i].weight <= score.found[i - 1].weight);
    }
  }
  for (const char* host :
       {"airport.com", "email.com", "thai.com", "qingkuai.com", "chair.de", "maine.gov",
        "www.bbc.co.uk", "repairs.com", "visa.com.ai", "mail.example.org", "blog.vercel.app",
        "samurai.jp", "hawaii.edu", "daily.co.uk", "xn--80ak6aa92e.com"}) {
    CAPTURE(host);
    CHECK(shipped().score(host).score < 0.5);
  }
}

TEST_CASE("what is no host name has no score and no reasons") {
  using namespace std::string_literals;
  const std::string label63(63, 'a');
  const std::string longest = label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b');
  REQUIRE(longest.size() == 253);
  CHECK(shipped().score(longest).odds != 0);
  for (const std::string& host : {""s,
                                  "."s,
                                  ".."s,
                                  "a..ai"s,
                                  ".ai"s,
                                  "192.0.2.1"s,
                                  "gpt.1"s,
                                  "::1"s,
                                  "[2001:db8::1]"s,
                                  "gpt\0.ai"s,
                                  "\0"s,
                                  "g\xffpt.ai"s,
                                  "gpt ai"s,
                                  "gpt/ai"s,
                                  "chat.ai:443"s,
                                  "caf\xc3\xa9.ai"s,
                                  longest + "c",
                                  std::string(255, 'a'),
                                  std::string(64, 'a') + ".ai",
                                  "chat.ai.."s}) {
    CAPTURE(host);
    const NameScore score = shipped().score(host);
    CHECK(score.score == 0);
    CHECK(score.odds == 0);
    CHECK(score.count == 0);
  }
}

TEST_CASE("case and one trailing dot do not change a score") {
  const double odds = shipped().score("chat.my-gpt.co.uk").odds;
  CHECK(shipped().score("CHAT.My-GPT.co.UK.").odds == odds);
}

TEST_CASE("a piece counts once, and weights add up") {
  const Folder folder;
  const auto model = ShadowName::load(folder.path());
  REQUIRE(model.has_value());
  CHECK(model->score("gpt.com").odds == Approx(-2 + 3 - 0.5));
  CHECK(model->score("gptgptgpt.com").odds == Approx(-2 + 3 - 0.5));
  CHECK(model->score("chat.com").odds == Approx(-2 + 1 - 0.5));
  CHECK(model->score("mychat.com").odds == Approx(-2 - 0.5));
  CHECK(model->score("llm.plain.com").odds == Approx(-2 + 2 - 0.5));
  CHECK(model->score("llm.llm.plain.com").odds == Approx(-2 + 2 - 0.5));
  CHECK(model->score("plain.hf.space").odds == Approx(-2 + 4 - 0.5));
  CHECK(model->score("gpt.co.uk").odds == Approx(-2 + 3 - 0.5));
  CHECK(model->score("gpt.zz").odds == Approx(-2 + 3 - 0.5));
  // The first 40 bytes of a label are looked at.
  CHECK(model->score(std::string(37, 'a') + "gpt.com").odds == Approx(-2 + 3 - 0.5));
  CHECK(model->score(std::string(38, 'a') + "gpt.com").odds == Approx(-2 - 0.5));
  const NameScore score = model->score("gpt.ai");
  REQUIRE(score.count == 2);
  CHECK(to_text(score.found[0]) == "top-level domain .ai (+4.0)");
  CHECK(to_text(score.found[1]) == "contains 'gpt' (+3.0)");
}

TEST_CASE("platforms of AI apps are told with their reason") {
  const Folder folder;
  const auto model = ShadowName::load(folder.path());
  REQUIRE(model.has_value());
  std::string_view why;
  CHECK(model->platform_weight("a.b.HF.space.", &why) == 4);
  CHECK(why == "on .hf.space, spaces of models");
  CHECK(model->platform_weight("hf.space", nullptr) == 4);
  for (const char* host : {"space", "xhf.space", "hf.space.com", "co.uk", "", "192.0.2.1"})
    CHECK(model->platform_weight(host, nullptr) == 0);
}

TEST_CASE("without a model every score is nothing; a damaged one is refused with its place") {
  CHECK(ShadowName{}.empty());
  CHECK(ShadowName{}.score("gpt.ai").score == 0);
  const auto none = ShadowName::load("/nonexistent-folder");
  REQUIRE(none.has_value());
  CHECK(none->empty());

  struct Case {
    const char* file;
    const char* text;
    const char* message;
  };
  const auto& each = GENERATE(values<Case>({
      {"name-model.tsv", "!bias\t1\n", "no !bias or no !threshold"},
      {"name-model.tsv", "!threshold\t1\n", "no !bias or no !threshold"},
      {"name-model.tsv", "!bias\t1\n!threshold\t1\ngpt\n", "line 3"},
      {"name-model.tsv", "!bias\t1\n!threshold\t1\ngpt\tx\n", "line 3"},
      {"name-model.tsv", "!bias\t1\n!threshold\t1\ngpt\t1x\n", "line 3"},
      {"name-model.tsv", "!bias\tnan\n!threshold\t1\n", "line 1"},
      {"name-model.tsv", "!bias\t1e9\n!threshold\t1\n", "line 1"},
      {"name-model.tsv", "!bias\t1\n!threshold\t1\ngpt\t1\ngpt\t2\n", "second weight"},
      {"name-model.tsv", "\t1\n", "line 1"},
      {"words.txt", "gpt\n", "stands before"},
      {"words.txt", "strong:\n a\n", "2 to 12 letters"},
      {"words.txt", "strong:\n abcdefghijklm\n", "2 to 12 letters"},
      {"suffixes.txt", "second\n", "line 1"},
      {"suffixes.txt", "third a.b\n", "another kind"},
      {"suffixes.txt", "host a.b heavy\n", "line 1"},
      {"suffixes.txt", "host a.b 1\nhost a.b 2\n", "second time"},
  }));
  const Folder folder;
  folder.write(each.file, each.text);
  const auto model = ShadowName::load(folder.path());
  CAPTURE(each.file, each.text);
  REQUIRE(!model.has_value());
  CHECK(model.error().message.find(each.message) != std::string::npos);
  CHECK(model.error().message.find(each.file) != std::string::npos);
}

TEST_CASE("a missing file of the model is named") {
  const Folder folder;
  std::filesystem::remove(folder.path() / "shadow" / "words.txt");
  const auto model = ShadowName::load(folder.path());
  REQUIRE(!model.has_value());
  CHECK(model.error().message.find("words.txt") != std::string::npos);
}

}  // namespace
