// Uploads that are made one of several (tus 1.0, Concatenation).
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "gnomon/content/upload_pieces.h"
#include "upload_log.h"

using namespace gnomon;
using namespace gnomon::content;

namespace {

ExchangeFacts part_creation(std::string_view length) {
  ExchangeFacts facts;
  facts.method = "POST";
  facts.target = "/files/";
  facts.upload_length = length;
  facts.upload_concat = "partial";
  return facts;
}
ExchangeFacts final_request(std::string_view concat) {
  ExchangeFacts facts;
  facts.method = "POST";
  facts.target = "/files/";
  facts.upload_concat = concat;
  return facts;
}
void create(Uploading& up, std::string_view length, std::string_view place) {
  const std::uint64_t piece = up.begin(part_creation(length));
  up.place(piece, place);
  up.end(piece);
}
// All of a part, in two pieces.
void send_part(Uploading& up, const std::string& text, const std::string& place) {
  create(up, std::to_string(text.size()), place);
  up.send(offset("0", place), text.substr(0, 3));
  up.send(offset("3", place), text.substr(3));
}
void send_parts(Uploading& up) {
  send_part(up, kThree, "/files/c");
  send_part(up, kOne, "/files/a");
  send_part(up, kTwo, "/files/b");
}

}  // namespace

TEST_CASE("parts of an upload are one body in the order in which a request names them") {
  const std::string concat = GENERATE("final;/files/a /files/b /files/c", "final; a  b c ",
                                      "final;https://files.example/files/a "
                                      "http://FILES.example:1080/files/b //files.example/files/c");
  Uploading up;
  send_parts(up);
  CHECK(up.told.findings.empty());
  CHECK(up.joiner.uploads() == 3);
  ExchangeFacts facts = final_request(concat);
  facts.upload_metadata = "filename bGV0dGVyLnR4dA==,filetype dGV4dC9wbGFpbg==";
  CHECK(up.joiner.knows(up.client, [&] {
    ExchangeFacts asked = facts;
    asked.host = "files.example";
    return asked;
  }()));
  up.send(facts, "");
  REQUIRE(up.told.findings.size() == 1);
  CHECK(up.told.findings[0].starts_with("4 "));
  CHECK(up.told.findings[0].ends_with(" 1"));
  REQUIRE(up.told.files.size() == 1);
  CHECK(up.told.files[0].starts_with("letter.txt " + kTotal + " "));
  CHECK(up.told.types[0] == "text/plain");
  CHECK(up.told.over == std::vector<std::uint64_t>{2, 3, 1, 4});
  CHECK(up.joiner.uploads() == 0);
  CHECK(up.joiner.counters().uploads_partial == 0);
  // Nothing is left that waits.
  CHECK(up.joiner.memory_bytes() < Uploading{}.joiner.memory_bytes() + 65536);
}

TEST_CASE("parts that are not all there, or already read, are told for themselves") {
  const std::string text = "my credit card is " + card() + ".";
  struct Row {
    std::string_view concat;
    Lines findings;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"final;/files/a /files/x", {"1 1 1"}},
      {"final;/files/a /files/a", {"1 1 1"}},
      {"final;/files/x /files/a", {"1 1 1"}},
      {"final;mailto:x /files/a", {"1 1 1"}},
      {"final;", {}},
      {"final", {}},
      {"partial", {}},
  }));
  Uploading up;
  create(up, std::to_string(text.size()), "/files/a");
  up.send(offset("0", "/files/a"), text);
  up.send(final_request(row.concat), "");
  CHECK(up.told.findings == row.findings);
  up.joiner.flush(up.told);
  CHECK(up.told.findings == Lines{"1 1 1"});
  CHECK(up.joiner.counters().uploads_partial == 0);
}

TEST_CASE("a part that still comes is not waited for") {
  Uploading up;
  send_part(up, kOne, "/files/a");
  create(up, "9", "/files/b");
  const std::uint64_t piece = up.begin(offset("0", "/files/b"));
  up.send(final_request("final;/files/a /files/b"), "");
  CHECK(up.joiner.uploads() == 1);
  up.feed(piece, "123456789");
  up.end(piece);
  up.joiner.flush(up.told);
  CHECK(up.joiner.uploads() == 0);
}

TEST_CASE("parts with holes make the whole partial, bytes that came twice are read once") {
  Uploading up;
  create(up, std::to_string(kOne.size()), "/files/a");
  up.send(offset("0", "/files/a"), kOne.substr(0, 10));
  up.send(offset("0", "/files/a"), kOne.substr(0, 10));
  up.send(offset("5", "/files/a"), kOne.substr(5));
  create(up, std::to_string(kTwo.size() + kThree.size()), "/files/b");
  const bool holed = GENERATE(false, true);
  const std::string rest = kTwo + kThree;
  const std::size_t cut = holed ? rest.size() - 2 : rest.size() - 4;
  up.send(offset("0", "/files/b"), rest.substr(0, rest.size() - 4));
  up.send(offset(std::to_string(cut), "/files/b"), rest.substr(cut));
  create(up, "0", "/files/empty");
  up.send(final_request("final;/files/a /files/empty /files/b"), "");
  REQUIRE(up.told.findings.size() == 1);
  CHECK(up.told.findings[0].ends_with(holed ? " 1~" : " 1"));
  CHECK(up.joiner.counters().uploads_partial == (holed ? 1 : 0));
}

TEST_CASE("parts wait in bounded memory") {
  InspectorOptions options;
  options.upload_bytes_max = 64 * 1024;
  options.uploads_max = 3;
  Uploading up{options};
  const std::string much(48 * 1024, 'x');
  for (const std::string_view place : {"/files/a", "/files/b", "/files/c"}) {
    create(up, std::to_string(much.size()), place);
    up.send(offset("0", place), much);
    CHECK(up.joiner.memory_bytes() < std::size_t{1} << 20);
  }
  CHECK(up.joiner.counters().uploads_not_awaited > 0);
  // There is room for no other beside them.
  up.send(final_request("final;/files/a /files/b"), "");
  up.joiner.flush(up.told);
  CHECK(up.joiner.uploads() == 0);
}

TEST_CASE("what a request that joins uploads says") {
  const auto piece_of = [](std::string_view concat, std::string_view method = "POST") {
    ExchangeFacts facts = final_request(concat);
    facts.host = "files.example";
    facts.method = method;
    return upload_piece_of(facts);
  };
  const UploadPiece piece = piece_of("final;/files/a b");
  CHECK(piece.finishes_only);
  CHECK_FALSE(piece.creates);
  CHECK(piece.joins == Lines{"offset files.example\n/files/a", "offset files.example\n/files/b"});
  CHECK(piece.key == piece.joins[0]);
  CHECK_FALSE(piece_of("final;/files/a", "GET").is_piece());
  CHECK_FALSE(piece_of("FINAL;/files/a").is_piece());
  CHECK_FALSE(piece_of("final;").is_piece());
  std::string many = "final;";
  for (std::size_t at = 0; at < kUploadPartsMax; ++at) many += "/f/" + std::to_string(at) + " ";
  CHECK(piece_of(many).joins.size() == kUploadPartsMax);
  CHECK_FALSE(piece_of(many + "/f/x").is_piece());
  for (std::size_t cut = 0; cut < 40; ++cut)
    CHECK(piece_of(std::string_view{many}.substr(0, cut)).joins.size() <= 9);
  ExchangeFacts noted;
  note_upload_field(noted, "Upload-Concat", "partial");
  CHECK(noted.upload_concat == "partial");
}
