#include "gnomon/content/inspector.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "gnomon/content/scanner.h"
#include "part_log.h"

using namespace gnomon;
using namespace gnomon::content;

namespace {

const DetectorSet& detectors() {
  static const Result<DetectorSet> set = DetectorSet::load("signatures/detectors");
  REQUIRE(set.has_value());
  return *set;
}

struct Told final : InspectionEvents {
  void on_finding(std::uint64_t owner, std::uint64_t mark,
                  const observation::FindingRecord& finding) override {
    if (finding.detector != "credit-card") return;
    findings.push_back(std::to_string(owner) + " " + std::to_string(mark) + " " +
                       std::to_string(finding.count) + " " + std::string{finding.role} + " " +
                       std::string{finding.file_name} + (finding.partial ? "~" : ""));
    all += std::string{finding.sample} + std::string{finding.value_hash};
  }
  void on_file(std::uint64_t owner, std::uint64_t, const observation::FileRecord& file) override {
    files.push_back(std::to_string(owner) + " " + std::string{file.file_name} + " " +
                    std::string{file.file_type} + " " + std::to_string(file.size) +
                    (file.complete ? "" : "~"));
    all += std::string{file.file_name};
  }
  std::vector<std::string> findings;
  std::vector<std::string> files;
  std::string all;
};

// Made here, so that no such number stands in a file.
std::string card(unsigned seed = 0) {
  std::string digits = "453212345678" + std::to_string(100 + seed % 900);
  unsigned sum = 0;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    unsigned digit = static_cast<unsigned>(digits[at] - '0');
    if (at % 2 == 0) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return digits + std::to_string((10 - sum % 10) % 10);
}

ExchangeFacts post(std::string_view type, std::string_view target = "/v1/chat/completions") {
  ExchangeFacts facts;
  facts.method = "POST";
  facts.host = "api.example";
  facts.target = target;
  facts.content_type = type;
  return facts;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("findings are told per file and speaker, with where they were seen") {
  Inspector inspector{detectors(), {}};
  Told told;
  const auto body = inspector.open(post("application/json"), 7);
  inspector.feed(body, bytes_of(R"({"messages":[{"role":"system","content":"rules"},)"), 1);
  inspector.feed(body, bytes_of(R"({"role":"user","content":"my credit card is )"), 2);
  inspector.feed(body, bytes_of(card() + R"( thanks"}]})"), 3);
  inspector.close(body, true, told);
  CHECK(told.findings == Lines{"7 3 1 user "});
  CHECK(told.files.empty());

  const auto form = inspector.open(post("multipart/form-data; boundary=B", "/v1/files"), 8);
  const std::string text =
      "--B\r\nContent-Disposition: form-data; name=f; filename=a.csv\r\n\r\nname,credit "
      "card,x\nA," +
      card() + ",1\nB," + card(1) + ",2\r\n--B--\r\n";
  inspector.feed(form, bytes_of(text), 4);
  inspector.close(form, true, told);
  CHECK(told.findings.size() == 2);
  CHECK(told.findings.back() == "8 4 2  a.csv");
  CHECK(told.files == Lines{"8 a.csv csv 60"});
  CHECK(told.all.find(card()) == std::string::npos);
  CHECK(inspector.memory_bytes() < 512 * 1024);
}

TEST_CASE("a value that a window's end cuts is told once, whatever the pieces") {
  const std::string filler = "nothing of interest is said in these words. ";
  for (const std::size_t before : {65480U, 65500U, 57344U - 10U, 57344U, 120000U}) {
    std::string text;
    while (text.size() + filler.size() < before) text += filler;
    text.resize(before, ' ');
    text += " my credit card is " + card() + " and ";
    for (int at = 0; at < 3000; ++at) text += filler;
    for (const std::size_t step : {1400U, 70000U, 1U << 20}) {
      Inspector inspector{detectors(), {}};
      Told told;
      const auto body = inspector.open(post("text/plain"), 1);
      for (std::size_t at = 0; at < text.size(); at += step) {
        inspector.feed(body, bytes_of(std::string_view{text}.substr(at, step)), at);
        CHECK(inspector.memory_bytes() < 512 * 1024);
      }
      inspector.close(body, true, told);
      REQUIRE(told.findings.size() == 1);
      CHECK_THAT(told.findings[0], Catch::EndsWith(" 1  "));
    }
  }
}

TEST_CASE("pieces of an upload are read as one where they come in order") {
  const std::string text = "my credit card is " + card() + " and nothing else";
  const std::string one = text.substr(0, 24);
  const std::string two = text.substr(24);
  struct Piece {
    std::string range;
    std::string offset;
    std::string command;
    std::string target;
    std::string method;
    std::string body;
  };
  const std::string total = std::to_string(text.size());
  struct Case {
    std::vector<Piece> pieces;
    Lines findings;
  };
  const auto test = GENERATE_COPY(values<Case>({
      {{{"bytes 0-23/" + total, "", "", "/u/1", "PUT", one},
        {"bytes 24-" + std::to_string(text.size() - 1) + "/" + total, "", "", "/u/1", "PUT", two}},
       {"2 2 1  "}},
      {{{"", "0", "", "/files/1", "PATCH", one}, {"", "24", "", "/files/1", "PATCH", two}},
       {"2 2 1  "}},
      {{{"", "0", "upload", "/up?id=1", "POST", one},
        {"", "24", "upload, finalize", "/up?id=1", "POST", two}},
       {"2 2 1  "}},
      {{{"", "", "", "/b/k?partNumber=1&uploadId=x", "PUT", one},
        {"", "", "", "/b/k?partNumber=2&uploadId=x", "PUT", two},
        {"", "", "", "/b/k?uploadId=x", "POST", "<CompleteMultipartUpload/>"}},
       {"3 2 1  "}},
      // another upload, a hole, the wrong order: nothing is joined
      {{{"", "0", "", "/files/1", "PATCH", one}, {"", "24", "", "/files/2", "PATCH", two}}, {}},
      {{{"", "0", "", "/files/1", "PATCH", one}, {"", "25", "", "/files/1", "PATCH", two}}, {}},
      {{{"", "24", "", "/files/1", "PATCH", two}, {"", "0", "", "/files/1", "PATCH", one}}, {}},
  }));
  Inspector inspector{detectors(), {}};
  Told told;
  std::uint64_t owner = 0;
  for (const Piece& piece : test.pieces) {
    ExchangeFacts facts = post("text/plain", piece.target);
    facts.method = piece.method;
    facts.content_range = piece.range;
    facts.upload_offset = piece.offset;
    facts.upload_command = piece.command;
    const auto body = inspector.open(facts, ++owner);
    inspector.feed(body, bytes_of(piece.body), owner);
    inspector.close(body, true, told);
  }
  inspector.flush(told);
  CHECK(told.findings == test.findings);
}

TEST_CASE("what is too much is refused and counted") {
  InspectorOptions options;
  options.open_max = 2;
  options.files_per_body_max = 3;
  Inspector inspector{detectors(), options};
  Told told;
  const auto one = inspector.open(post("text/plain"), 1);
  const auto two = inspector.open(post("text/plain"), 2);
  CHECK(inspector.open(post("text/plain"), 3) == Inspector::kRefused);
  CHECK(inspector.counters().refused == 1);
  inspector.feed(Inspector::kRefused, bytes_of("x"), 1);
  inspector.close(Inspector::kRefused, true, told);
  inspector.feed(99, bytes_of("x"), 1);
  inspector.close(one, true, told);
  inspector.close(one, true, told);  // once more: nothing
  inspector.close(two, false, told);
  std::string many = "--B\r\n";
  for (int at = 0; at < 10; ++at) {
    many += "Content-Disposition: form-data; name=f; filename=f" + std::to_string(at) +
            "\r\n\r\nx\r\n--B\r\n";
  }
  const auto body = inspector.open(post("multipart/form-data; boundary=B"), 4);
  inspector.feed(body, bytes_of(many), 1);
  inspector.close(body, true, told);
  CHECK(told.files.size() == 2);  // the body itself took one place
  CHECK(inspector.counters().files_dropped == 8);
}

TEST_CASE("a body with a hole or without its end is told as partial") {
  Inspector inspector{detectors(), {}};
  Told told;
  const auto body = inspector.open(post("text/plain"), 1);
  inspector.feed(body, bytes_of("my credit card is " + card() + " and "), 1);
  inspector.gap(body, 100, 2);
  inspector.feed(body, bytes_of("the end"), 3);
  inspector.close(body, true, told);
  const auto cut = inspector.open(post("text/plain"), 2);
  inspector.feed(cut, bytes_of("my credit card is " + card()), 4);
  inspector.close(cut, false, told);
  CHECK(told.findings == Lines{"1 2 1  ~", "2 4 1  ~"});
}
