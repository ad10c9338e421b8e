#include "gnomon/content/upload_joiner.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "aws_chunked.h"
#include "gnomon/content/upload_pieces.h"
#include "upload_log.h"

using namespace gnomon;
using namespace gnomon::content;

TEST_CASE("pieces of an upload are read as one, whatever order they come in") {
  const std::string_view texts[] = {kOne, kTwo, kThree};
  std::vector<int> order{0, 1, 2};
  do {
    Uploading ranges, parts, offsets;
    for (const int at : order) {
      ranges.send(range(kRanges[at]), texts[at]);
      parts.send(part(kParts[at]), texts[at]);
      offsets.send(offset(at == 0 ? "0" : at == 1 ? "24" : "30"), texts[at]);
    }
    // The card is told with the piece that brought its end.
    const auto third = std::find(order.begin(), order.end(), 2) - order.begin();
    const Lines expected{"1 " + std::to_string(third + 1) + " 1"};
    CHECK(ranges.told.findings == expected);
    CHECK(ranges.told.files.size() == 1);
    CHECK(ranges.told.files[0].starts_with("report.txt " + kTotal));
    CHECK(parts.told.findings.empty());  // nobody said yet that it is all
    parts.send(part("/b/k?uploadId=x"), "<CompleteMultipartUpload/>");
    CHECK(parts.told.findings == expected);
    CHECK(offsets.told.findings.empty());
    offsets.joiner.expire(Time{std::chrono::seconds{offsets.seconds}}, offsets.told);
    CHECK(offsets.told.findings.empty());
    offsets.joiner.expire(Time{std::chrono::seconds{offsets.seconds + 1}}, offsets.told);
    CHECK(offsets.told.findings == expected);
    for (Uploading* each : {&ranges, &parts, &offsets}) {
      CHECK(each->joiner.uploads() == 0);
      CHECK(each->joiner.counters().uploads_partial == 0);
      CHECK(each->told.over == std::vector<std::uint64_t>{1});
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("pieces that come at once over several connections are read as one") {
  Uploading up;
  const auto one = up.begin(part(kParts[0]));
  const auto two = up.begin(part(kParts[1]));
  const auto three = up.begin(part(kParts[2]));
  for (std::size_t at = 0; at < kText.size(); ++at) {
    if (at < kThree.size()) up.feed(three, kThree.substr(at, 1));
    if (at < kOne.size()) up.feed(one, kOne.substr(at, 1));
    if (at < kTwo.size()) up.feed(two, kTwo.substr(at, 1));
  }
  for (const auto piece : {three, one, two}) up.end(piece);
  up.send(part("/b/k?uploadId=x"), "<CompleteMultipartUpload/>");
  REQUIRE(up.told.findings.size() == 1);
  CHECK(up.told.findings[0].ends_with(" 1"));
}

TEST_CASE("uploads of others, to other places, and after the first are not mixed") {
  SECTION("another client") {
    Uploading up;
    up.send(range(kRanges[0]), kOne);
    up.client = "192.0.2.2";
    up.send(range(kRanges[1]), kTwo);
    up.send(range(kRanges[2]), kThree);
    up.joiner.flush(up.told);
    CHECK(up.told.findings.empty());
    CHECK(up.joiner.counters().uploads_partial == 2);
  }
  SECTION("another place") {
    Uploading up;
    up.send(range(kRanges[0], "/u/1"), kOne);
    up.send(range(kRanges[1], "/u/2"), kTwo);
    up.send(range(kRanges[2], "/u/1"), kThree);
    up.joiner.flush(up.told);
    CHECK(up.told.findings.empty());
  }
  SECTION("the same place once more") {
    Uploading up;
    up.send(range(kRanges[0]), kOne);
    up.send(range(kRanges[0]), kOne);
    up.send(range(kRanges[1]), kTwo);
    up.send(range(kRanges[2]), kThree);
    CHECK(up.told.findings == Lines{"1 4 1"});
    CHECK(up.told.over == std::vector<std::uint64_t>{2, 1});
  }
}

TEST_CASE("parts that come in forms are read as one, in the order in which they came") {
  const ExchangeFacts complete = form_part("/v1/uploads/upload_1/complete");
  for (const std::string_view line : {"\r\n", "\n"}) {
    Uploading up;
    up.send(form_part(), in_form(kOne, line));
    up.send(form_part(), in_form(kTwo, line));
    up.send(form_part(), in_form(kThree, line));
    up.send(complete, R"({"part_ids":["part_1","part_2","part_3"]})");
    CHECK(up.told.findings == Lines{"1 3 1"});
    CHECK(up.told.over == std::vector<std::uint64_t>{1});
    REQUIRE(up.told.files.size() == 1);
    CHECK(up.told.types == Lines{""});
  }
  // Byte by byte, at once.
  Uploading bytes;
  const std::string first = in_form(kOne);
  const std::string second = in_form(kTwo + kThree);
  const auto one = bytes.begin(form_part());
  const auto two = bytes.begin(form_part());
  for (std::size_t at = 0; at < std::max(first.size(), second.size()); ++at) {
    if (at < second.size()) bytes.feed(two, second.substr(at, 1));
    if (at < first.size()) bytes.feed(one, first.substr(at, 1));
  }
  bytes.end(two);
  bytes.end(one);
  bytes.send(complete, "{}");
  REQUIRE(bytes.told.findings.size() == 1);
  CHECK(bytes.told.findings[0].ends_with(" 1"));
  // One that broke off is sent again.
  Uploading again;
  again.send(form_part(), in_form(kOne).substr(0, in_form(kOne).size() - 20), false);
  again.send(form_part(), in_form(kOne));
  again.send(form_part(), in_form(kTwo + kThree));
  again.send(complete, "{}");
  CHECK(again.told.findings == Lines{"1 3 1"});
  // What only says that it is a form.
  Uploading bare;
  bare.send(form_part(), kOne);
  bare.send(form_part(), in_form(kTwo + kThree));
  bare.send(complete, "{}");
  CHECK(bare.told.findings == Lines{"1 2 1"});
}

TEST_CASE("what only looks like a part of an upload in parts is none") {
  ExchangeFacts facts = form_part();
  CHECK(upload_piece_of(facts).is_piece());
  for (const std::string_view other :
       {"/v1/uploads/upload_1", "/v1/uploads", "/v1/uploads/7/parts", "/uploads/upload_1/parts/2",
        "/v1/files/upload_1/parts", "parts", "/parts", "/upload_1/parts"}) {
    facts.target = other;
    CHECK_FALSE(upload_piece_of(facts).is_piece());
  }
  facts = form_part();
  facts.method = "PUT";
  CHECK_FALSE(upload_piece_of(facts).is_piece());
  for (const std::string_view type :
       {"", "application/json", "multipart/form-data", "multipart/mixed; boundary=B"}) {
    facts = form_part();
    facts.content_type = type;
    CHECK_FALSE(upload_piece_of(facts).is_piece());
  }
  facts = form_part();
  facts.content_encoding = "gzip";
  CHECK_FALSE(upload_piece_of(facts).is_piece());
  // A file within a form says its range, and the form is whole.
  facts = ExchangeFacts{};
  facts.method = "POST";
  facts.target = "/upload";
  facts.content_range = "bytes 0-9/20";
  facts.content_type = "application/octet-stream";
  CHECK(upload_piece_of(facts).is_piece());
  facts.content_type = "multipart/form-data; boundary=B";
  CHECK_FALSE(upload_piece_of(facts).is_piece());
  // Nothing is known of what it would complete.
  Uploading up;
  up.send(form_part("/v1/uploads/upload_1/complete"), "{}");
  CHECK(up.joiner.uploads() == 0);
}

TEST_CASE("what is sent once more is read once") {
  Uploading up;
  up.send(offset("0"), kText.substr(0, 26), false);  // the connection broke within the number
  up.send(offset("20"), kText.substr(20, 14));
  up.send(offset("34"), kText.substr(34));
  up.joiner.flush(up.told);
  CHECK(up.told.findings == Lines{"1 3 1"});

  Uploading parts;
  parts.send(part(kParts[0]), kOne.substr(0, 10), false);
  parts.send(part(kParts[1]), kTwo + kThree);
  parts.send(part(kParts[0]), kOne);
  parts.send(part("/b/k?uploadId=x"), "");
  REQUIRE(parts.told.findings.size() == 1);
  CHECK(parts.told.findings[0].find('~') == std::string::npos);
}

TEST_CASE("what is missing makes an upload partial, and nothing is joined over it") {
  Uploading hole;
  hole.send(range(kRanges[0]), kOne + "x");
  hole.send(range(kRanges[2]), kThree + " credit card " + card());
  hole.joiner.flush(hole.told);
  CHECK(hole.told.findings == Lines{"1 2 1~"});
  Uploading cut;
  cut.send(offset("0"), kText, false);
  cut.joiner.flush(cut.told);
  CHECK(cut.told.findings == Lines{"1 1 1~"});
  Uploading gap;
  const auto piece = gap.begin(range(kRanges[0]));
  gap.joiner.gap(piece, 24, 1);
  gap.end(piece);
  gap.send(range(kRanges[1]), kTwo);
  gap.send(range(kRanges[2]), kThree + " credit card " + card());
  CHECK(gap.told.findings == Lines{"1 2 1~"});
}

TEST_CASE("what waits for others is bounded, and so are uploads") {
  InspectorOptions options;
  options.upload_bytes_max = 100'000;
  options.uploads_max = 2;
  Uploading up{options};
  const std::string filler(10'000, ' ');
  for (int at = 2; at < 60; ++at)
    up.send(part("/b/k?uploadId=x&partNumber=" + std::to_string(at)), filler);
  up.send(part("/b/k?uploadId=x&partNumber=60"), kText);
  CHECK(up.joiner.memory_bytes() < 700'000);
  CHECK(up.joiner.counters().uploads_not_awaited > 0);
  up.send(part("/b/k?uploadId=x"), "");
  REQUIRE(up.told.findings.size() == 1);
  CHECK(up.told.findings[0].ends_with(" 1~"));
  // Empty parts take no room at all.
  for (int at = 2; at < 5000; ++at)
    up.send(part("/b/e?uploadId=x&partNumber=" + std::to_string(at)), "");
  CHECK(up.joiner.memory_bytes() < 700'000);

  up.send(range(kRanges[0], "/u/1"), kOne);
  up.send(range(kRanges[0], "/u/2"), kOne);
  up.send(range(kRanges[0], "/u/3"), kOne);
  CHECK(up.joiner.uploads() == 2);
  up.feed(99, "x");  // nobody knows it
  up.end(99);
}

TEST_CASE("the frame of S3's clients is taken off each piece, and off a whole body") {
  const auto framed = [](std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += 7) {
      const std::string_view chunk = text.substr(at, 7);
      out += std::to_string(chunk.size()) + ";chunk-signature=0123abcd\r\n" + std::string{chunk} +
             "\r\n";
    }
    return out + "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
  };
  Uploading up;
  for (const int at : {1, 0, 2}) {
    ExchangeFacts facts = part(kParts[at]);
    facts.content_encoding = "aws-chunked";
    const std::string text = framed(at == 0 ? kOne : at == 1 ? kTwo : kThree);
    const auto piece = up.begin(facts);
    for (const char c : text) up.feed(piece, {&c, 1});
    up.end(piece);
  }
  up.send(part("/b/k?uploadId=x"), "");
  REQUIRE(up.told.findings.size() == 1);
  CHECK(up.told.findings[0].ends_with(" 1"));

  struct Row {
    std::string sent, read;
    bool whole;
  };
  const std::vector<Row> rows{
      {framed(kText), kText, true},
      {"3\r\nabc\r\n0\r\n\r\n", "abc", true},
      {"A\r\n0123456789\r\n0;chunk-signature=00\r\n\r\n", "0123456789", true},
      {"3\r\nabc\r\n", "abc", false},
      {"3\r\nabcX\r\n2\r\nde\r\n", "abc", false},
      {"3\r\nabc\r\nzz\r\nde\r\n", "abc", false},
      {"no frame at all\nsecond line", "no frame at all\nsecond line", true},
      {"short", "short", true},
      {std::string(2000, 'x'), std::string(2000, 'x'), true},
      {"ffffffffffffffffff\r\nabc", "ffffffffffffffffff\r\nabc", true},
      {"", "", true},
  };
  for (const Row& row : rows) {
    for (const std::size_t step : {1U, 5U, 4096U}) {
      INFO(row.sent.substr(0, 60) << " in steps of " << step);
      AwsChunked frame;
      std::string read;
      for (std::size_t at = 0; at < row.sent.size(); at += step)
        frame.feed(bytes_of(std::string_view{row.sent}.substr(at, step)),
                   [&](Bytes content) { read.append(content.begin(), content.end()); });
      const Bytes rest = frame.rest();
      read.append(rest.begin(), rest.end());
      CHECK(read == row.read);
      CHECK(frame.whole() == row.whole);
    }
  }
  AwsChunked hole;
  std::string read;
  const auto keep = [&](Bytes content) { read.append(content.begin(), content.end()); };
  hole.feed(bytes_of("8\r\nab"), keep);
  CHECK(hole.gap(4) == 4);
  hole.feed(bytes_of("gh\r\n0\r\n\r\n"), keep);
  CHECK(read == "abgh");
  CHECK(hole.whole());
  AwsChunked lost;
  lost.feed(bytes_of("8\r\nab"), keep);
  lost.gap(40);
  lost.feed(bytes_of("0\r\n\r\n"), keep);
  CHECK(lost.broken());
}
