// Pieces that are sent again, and blocks whose order is told in the end.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "upload_log.h"

using namespace gnomon;
using namespace gnomon::content;

TEST_CASE("a first piece that comes once more is told once, another is another upload") {
  struct Row {
    std::string first, again;
    bool whole;
    bool repeated;
  };
  const std::string other = std::string(kOne.size(), 'x');
  const std::vector<Row> rows{
      {kOne, kOne, true, true},
      {kText, kText, true, true},
      {kOne, other, true, false},                 // as long
      {kText, kText + ".", true, false},          // longer
      {kText, kText.substr(0, 40), true, false},  // shorter
      {kText, kText, false, false},               // it broke off where it seemed to end
      {kText, "", true, true},                    // nothing of it
  };
  for (const Row& row : rows) {
    INFO(row.first << " / " << row.again << (row.whole ? "" : " ~"));
    Uploading up;
    up.send(offset("0"), row.first);
    const std::uint64_t again = up.begin(offset("0"));
    for (const char c : row.again) up.feed(again, {&c, 1});
    up.end(again, row.whole);
    up.joiner.flush(up.told);
    const std::size_t cards = row.first == kText ? 1 : 0;
    const std::size_t more = !row.repeated && row.again.find(card()) != std::string::npos ? 1 : 0;
    CHECK(up.told.findings.size() == cards + more);
    CHECK(up.joiner.uploads() == 0);
  }

  SECTION("what comes next goes on where the first ended") {
    Uploading up;
    up.send(offset("0"), kOne);
    up.send(offset("0"), kOne);
    up.send(offset("24"), kTwo + kThree);
    up.joiner.flush(up.told);
    CHECK(up.told.findings == Lines{"1 3 1"});
    CHECK(up.told.over == std::vector<std::uint64_t>{2, 1});
  }
  SECTION("behind another that begins so, more is the other's") {
    Uploading up;
    up.send(offset("0"), std::string(24, 'x'));
    up.send(offset("0"), kOne);
    up.send(offset("24"), kTwo + kThree);
    up.joiner.flush(up.told);
    CHECK(up.told.findings == Lines{"2 3 1"});
    CHECK(up.told.over == std::vector<std::uint64_t>{1, 2});
  }
  SECTION("more than the first piece was read: nothing of another is taken for it") {
    Uploading up;
    up.send(offset("0"), kOne);
    up.send(offset("24"), std::string(60, 'x'));
    up.send(offset("0"), kOne);
    up.send(offset("24"), kTwo + kThree);
    up.joiner.flush(up.told);
    CHECK(up.told.findings == Lines{"2 4 1"});
  }
  SECTION("more comes before the repeated piece is over") {
    Uploading up;
    up.send(range(kRanges[0]), kOne);
    const std::uint64_t again = up.begin(range(kRanges[0]));
    up.feed(again, kOne.substr(0, 10));
    const std::uint64_t second = up.begin(range(kRanges[1]));
    up.feed(again, kOne.substr(10));
    up.feed(second, kTwo);
    up.end(again);
    up.end(second);
    up.send(range(kRanges[2]), kThree);
    REQUIRE(up.told.findings.size() == 1);
    CHECK(up.told.findings[0].starts_with("2 "));
    CHECK(up.told.over == std::vector<std::uint64_t>{1, 2});
  }
  SECTION("it is told while the repeated one comes, or the repeated one is given up") {
    InspectorOptions options;
    options.uploads_max = 2;
    Uploading up{options};
    up.send(offset("0"), kText);
    const std::uint64_t again = up.begin(offset("0"));
    up.feed(again, kText);
    up.send(offset("0", "/files/2"), "x");  // the first makes room
    CHECK(up.told.findings == Lines{"1 1 1"});
    up.end(again);
    up.send(offset(std::to_string(kText.size())), " more");
    up.joiner.flush(up.told);
    CHECK(up.told.findings.size() == 2);
    CHECK(up.joiner.uploads() == 0);
  }
  SECTION("it comes once more for longer than an upload may be silent") {
    Uploading up;
    up.send(offset("0"), kText);
    const std::uint64_t again = up.begin(offset("0"));
    up.feed(again, kText);
    up.joiner.expire(Time{std::chrono::seconds{up.seconds + 100}}, up.told);
    CHECK(up.told.findings.empty());
    up.end(again);
    up.joiner.expire(Time{std::chrono::seconds{up.seconds + 100}}, up.told);
    CHECK(up.told.findings == Lines{"1 1 1"});
    CHECK(up.joiner.uploads() == 0);
  }
  SECTION("there is room for one only") {
    InspectorOptions options;
    options.uploads_max = 1;
    Uploading up{options};
    up.send(offset("0"), kText);
    up.send(offset("0"), kText);
    up.joiner.flush(up.told);
    CHECK(up.told.over == std::vector<std::uint64_t>{1, 2});
  }
  SECTION("a hole is nothing that could be the same") {
    Uploading up;
    up.send(offset("0"), kOne);
    const std::uint64_t again = up.begin(offset("0"));
    up.joiner.gap(again, kOne.size(), 2);
    up.end(again);
    up.joiner.flush(up.told);
    CHECK(up.told.over == std::vector<std::uint64_t>{1, 2});
  }
}

TEST_CASE("blocks of a blob are read in the order of their list") {
  constexpr std::string_view kBlocks[] = {"/c/a.txt?comp=block&blockid=QUE%3D",
                                          "/c/a.txt?blockid=QUI%3d&comp=block",
                                          "/c/a.txt?comp=block&blockid=Q%2BI="};
  const std::string lists[] = {
      "<?xml version=\"1.0\"?>\n<BlockList><Latest>QUE=</Latest><Uncommitted>QUI=</Uncommitted>"
      "<Latest> Q+I= </Latest></BlockList>",
      "<BlockList><Latest>QUE=</Latest><Latest>QUE=</Latest><Latest>QUI=</Latest><Latest>Q+I="
      "</Latest></BlockList>"};
  const std::string_view texts[] = {kOne, kTwo, kThree};
  std::vector<int> order{0, 1, 2};
  do {
    for (const std::string& list : lists) {
      Uploading up;
      for (const int at : order) up.send(block(kBlocks[at]), texts[at]);
      up.send(block(kBlocks[order[0]]), texts[order[0]]);  // once more
      CHECK(up.told.findings.empty());
      const std::uint64_t last = up.begin(block("/c/a.txt?comp=blocklist"));
      for (const char c : list) up.feed(last, {&c, 1});
      up.end(last);
      REQUIRE(up.told.findings.size() == 1);
      CHECK(up.told.findings[0].ends_with(" 1"));
      REQUIRE(up.told.files.size() == 1);
      CHECK(up.told.files[0].starts_with("a.txt " + kTotal));
      CHECK(up.joiner.uploads() == 0);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("blocks without a list of all of them are read as they came") {
  const auto name = [](std::string_view id) {
    return "/c/a.txt?comp=block&blockid=" + std::string{id};
  };
  const auto list = [](std::string_view ids) {
    std::string xml = "<BlockList>";
    for (const char id : ids) xml += std::string{"<Latest>"} + id + "</Latest>";
    return xml + "</BlockList>";
  };
  SECTION("no list comes") {
    Uploading up;
    up.send(block(name("A")), kOne);
    up.send(block(name("B")), kTwo);
    up.send(block(name("C")), kThree);
    up.joiner.flush(up.told);
    CHECK(up.told.findings == Lines{"1 3 1"});
  }
  SECTION("it is cut off") {
    Uploading up;
    up.send(block(name("A")), kOne);
    up.send(block(name("B")), kTwo + kThree);
    up.send(block("/c/a.txt?comp=blocklist"), list("BA").substr(0, 30), false);
    REQUIRE(up.told.findings.size() == 1);
    CHECK(up.told.findings[0].ends_with("~"));
  }
  SECTION("some of it is lost") {
    Uploading up;
    up.send(block(name("A")), kOne);
    up.send(block(name("B")), kTwo + kThree);
    const std::uint64_t last = up.begin(block("/c/a.txt?comp=blocklist"));
    up.joiner.gap(last, 20, 9);
    up.feed(last, list("BA"));
    up.end(last);
    CHECK(up.told.findings.size() == 1);
  }
  SECTION("one is not in it: it is read behind") {
    Uploading up;
    up.send(block(name("C")), "not wanted");
    up.send(block(name("A")), kOne);
    up.send(block(name("B")), kTwo + kThree);
    up.send(block("/c/a.txt?comp=blocklist"), list("AB"));
    REQUIRE(up.told.findings.size() == 1);
    CHECK(up.told.files[0].starts_with("a.txt " + std::to_string(kText.size() + 10)));
    CHECK(up.joiner.counters().uploads_partial == 0);
  }
  SECTION("it names one that never came") {
    Uploading up;
    up.send(block(name("A")), kOne);
    up.send(block(name("C")), "credit card " + card() + " ");
    up.send(block("/c/a.txt?comp=blocklist"), list("ABC"));
    REQUIRE(up.told.findings.size() == 1);
    CHECK(up.told.findings[0].ends_with("~"));
    CHECK(up.joiner.counters().uploads_partial == 1);
  }
  SECTION("it ends with one that never came") {
    Uploading up;
    up.send(block(name("A")), kText);
    up.send(block("/c/a.txt?comp=blocklist"), list("AB"));
    CHECK(up.told.findings == Lines{"1 1 1~"});
  }
  SECTION("another blob, no name, a list of nothing") {
    Uploading up;
    up.send(block(name("A")), kOne);
    up.send(block("/c/b.txt?comp=block&blockid=B"), kTwo);
    CHECK(up.joiner.uploads() == 2);
    up.send(block("/c/x.txt?comp=block"), "no name, no block");
    up.send(block("/c/x.txt?comp=blocklist"), "of nothing");
    CHECK(up.joiner.uploads() == 2);
    up.send(block("/c/b.txt?comp=blocklist"), "");
    CHECK(up.joiner.uploads() == 1);
  }
  SECTION("more comes than waits for a list") {
    Uploading up;
    const std::string much(std::size_t{5} << 20, ' ');
    for (const char id : {'B', 'C', 'D', 'E', 'F', 'G', 'H'}) {
      up.send(block(name({&id, 1})), much);
      CHECK(up.joiner.memory_bytes() < std::size_t{40} << 20);
    }
    CHECK(up.joiner.memory_bytes() < std::size_t{4} << 20);
    up.send(block(name("A")), kText);
    up.send(block("/c/a.txt?comp=blocklist"), list("ABCDEFGH"));
    REQUIRE(up.told.findings.size() == 1);
    CHECK(up.told.findings[0] == "1 8 1");
  }
  SECTION("a list that is too long") {
    Uploading up;
    up.send(block(name("A")), kOne);
    up.send(block(name("B")), kTwo + kThree);
    up.send(block("/c/a.txt?comp=blocklist"), list("BA") + std::string(std::size_t{1} << 20, ' '));
    CHECK(up.told.findings.size() == 1);
    CHECK(up.joiner.memory_bytes() < std::size_t{4} << 20);
  }
}
