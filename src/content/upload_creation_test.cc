// Uploads whose place the answer says: tus, the IETF's resumable uploads, Google's.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "gnomon/content/upload_pieces.h"
#include "upload_log.h"

using namespace gnomon;
using namespace gnomon::content;

namespace {

ExchangeFacts creation(std::string_view length, std::string_view target = "/files/") {
  ExchangeFacts facts;
  facts.method = "POST";
  facts.target = target;
  facts.content_type = "application/offset+octet-stream";
  facts.upload_length = length;
  return facts;
}

}  // namespace

TEST_CASE("an upload goes on where the answer to its creation says") {
  struct Row {
    std::string_view url, target;
    bool joined;
  };
  const std::vector<Row> rows{
      {"/files/1", "/files/1", true},
      {"http://files.example/files/1", "/files/1", true},
      {"https://FILES.example:1080/files/1#x", "/files/1", true},
      {"//files.example/files/1", "/files/1", true},
      {"1", "/files/1", true},
      {"?id=1", "/files/?id=1", true},
      {"/files/1?id=2", "/files/1?id=2", true},
      {"/files/1", "http://files.example:1080/files/1", true},  // by a proxy
      {"/files/1", "/files/2", false},
      {"/files/1?id=2", "/files/1", false},
      {"http://other.example/files/1", "/files/1", false},
      {"", "/files/", false},
      {"mailto:x", "/files/", false},
      {"https://", "/", false},
  };
  for (const Row& row : rows) {
    for (const std::size_t at_once : {std::size_t{0}, std::size_t{24}}) {
      INFO(row.url << " " << row.target << " " << at_once);
      Uploading up;
      const std::uint64_t piece = up.begin(creation(kTotal));
      if (at_once > 0) up.feed(piece, kText.substr(0, at_once));
      up.place(piece, row.url);
      up.end(piece);
      const std::string from = std::to_string(at_once);
      const std::string rest = kText.substr(at_once);
      up.send(offset(from, row.target), rest.substr(0, 10));
      CHECK(up.told.findings.empty());
      up.send(offset(std::to_string(at_once + 10), row.target), rest.substr(10));
      REQUIRE(up.told.findings.size() == (row.joined ? 1 : 0));  // the whole length was said
      if (row.joined) {
        CHECK(up.told.findings[0].ends_with(" 1"));
        CHECK(up.joiner.uploads() == 0);
        CHECK(up.joiner.counters().uploads_partial == 0);
        CHECK(up.joiner.counters().uploads_joined == 2);
      }
    }
  }
}

TEST_CASE("what creates an upload says its file's name and type") {
  struct Row {
    std::string_view metadata, name, type;
  };
  const std::vector<Row> rows{
      {"filename bGV0dGVyLnR4dA==,filetype dGV4dC9wbGFpbg==", "letter.txt", "text/plain"},
      {"is_private , name bGV0dGVyLnR4dA==, type dGV4dC9wbGFpbg==", "letter.txt", "text/plain"},
      {"filename bGV0dGVyLnR4dA,name eA==", "letter.txt", ""},
      {"filename YSJiXGMudHh0", "c.txt", ""},  // a"b\c.txt
      {"filename w6RydGUudHh0", "\u00e4rte.txt", ""},
      {"filename Li4vLi4vZXRjL3Bhc3N3ZA==", "passwd", ""},
      {"filename !!!!", "", ""},
      {"filename", "", ""},
      {",, ,", "", ""},
      {"Filename bGV0dGVyLnR4dA==", "", ""},
      {"filetype dGV4dC9wbGFpbg==", "", ""},  // no file without a name
  };
  for (const Row& row : rows) {
    INFO(row.metadata);
    Uploading up;
    ExchangeFacts facts = creation(kTotal);
    facts.upload_metadata = row.metadata;
    const std::uint64_t piece = up.begin(facts);
    up.place(piece, "/files/1");
    up.end(piece);
    up.send(offset("0"), kText);
    CHECK(up.told.findings.size() == 1);
    REQUIRE(up.told.files.size() == (row.name.empty() ? 0 : 1));
    if (row.name.empty()) continue;
    CHECK(up.told.files[0].starts_with(std::string{row.name} + " " + kTotal + " "));
    CHECK(up.told.types[0] == row.type);
  }
  const std::string much = "filename " + std::string(20'000, 'Y');
  for (std::size_t size = 0; size < much.size(); size += 997) {
    ExchangeFacts facts = creation("9");
    facts.upload_metadata = std::string_view{much}.substr(0, size);
    CHECK(upload_piece_of(facts).file_name.size() <= 512);
  }
}

TEST_CASE("an upload whose place nobody said ends with its request") {
  SECTION("all of it came") {
    Uploading up;
    up.send(creation(kTotal), kText);
    CHECK(up.told.findings == Lines{"1 1 1"});
    CHECK(up.joiner.counters().uploads_partial == 0);
  }
  SECTION("of it came a part") {
    Uploading up;
    up.send(creation("1000"), kText);
    CHECK(up.told.findings == Lines{"1 1 1~"});
    CHECK(up.joiner.counters().uploads_partial == 1);
  }
  SECTION("the connection broke") {
    Uploading up;
    up.send(creation(kTotal), kText.substr(0, 40), false);
    CHECK(up.told.findings == Lines{"1 1 1~"});
  }
  SECTION("nothing came") {
    Uploading up;
    up.send(creation(kTotal), "");
    CHECK(up.joiner.uploads() == 0);
    CHECK(up.joiner.counters().uploads_partial == 0);
  }
  SECTION("nothing but where it would go") {
    Uploading up;
    const std::uint64_t piece = up.begin(creation("deferred"));
    up.place(piece, "/files/1");
    up.end(piece);
    CHECK(up.joiner.uploads() == 1);
    up.joiner.flush(up.told);
    CHECK(up.joiner.counters().uploads_partial == 0);
    CHECK(up.told.over == std::vector<std::uint64_t>{1});
  }
}

TEST_CASE("of a length that is told later an upload ends there") {
  Uploading up;
  const std::uint64_t piece = up.begin(creation("deferred"));
  up.feed(piece, kText.substr(0, 24));
  up.place(piece, "/files/1");
  up.end(piece);
  up.send(offset("24"), kText.substr(24, 6));
  CHECK(up.told.findings.empty());
  ExchangeFacts last = offset("30");
  last.upload_length = kTotal;
  up.send(last, kText.substr(30));
  CHECK(up.told.findings == Lines{"1 3 1"});
}

TEST_CASE("an upload by the IETF's draft goes on after its connection broke") {
  ExchangeFacts first;
  first.method = "PUT";
  first.target = "/project/letter.txt";
  first.content_type = "text/plain";
  first.upload_complete = "?1";
  ExchangeFacts rest = offset("20", "/uploads/1");
  rest.content_type = "application/partial-upload";
  rest.upload_complete = "?1";
  SECTION("an interim answer said where") {
    Uploading up;
    const std::uint64_t piece = up.begin(first);
    up.place(piece, "https://files.example/uploads/1");
    up.feed(piece, kText.substr(0, 24));
    up.end(piece, false);
    up.send(rest, kText.substr(20));
    CHECK(up.told.findings == Lines{"1 2 1"});
    REQUIRE(up.told.files.size() == 1);
    CHECK(up.told.files[0].starts_with("letter.txt " + kTotal));
    CHECK(up.told.types[0] == "text/plain");
  }
  SECTION("that it broke is seen when all has come") {
    Uploading up;
    const std::uint64_t piece = up.begin(first);
    up.place(piece, "/uploads/1");
    up.feed(piece, kText.substr(0, 24));
    up.send(rest, kText.substr(20));
    CHECK(up.told.findings.empty());
    up.end(piece, false);
    CHECK(up.told.findings == Lines{"1 2 1"});
    CHECK(up.joiner.counters().uploads_partial == 0);
  }
  SECTION("two answers said where, and others are not heard") {
    Uploading up;
    first.upload_complete = "?0";
    const std::uint64_t piece = up.begin(first);
    for (const std::string_view url : {"/uploads/0", "/uploads/1", "/uploads/2"})
      up.place(piece, url);
    up.feed(piece, kText.substr(0, 24));
    up.end(piece);
    up.send(rest, kText.substr(20));
    CHECK(up.told.findings == Lines{"1 2 1"});
  }
  SECTION("nothing broke") {
    Uploading up;
    const std::uint64_t piece = up.begin(first);
    up.place(piece, "/uploads/1");
    up.feed(piece, kText);
    up.end(piece);
    CHECK(up.told.findings == Lines{"1 1 1"});
    CHECK(up.joiner.uploads() == 0);
  }
}

TEST_CASE("an upload to Google has the name and the type that its start said") {
  ExchangeFacts start;
  start.method = "POST";
  start.target = "/upload/v1beta/files?key=k";
  start.content_type = "application/json";
  start.upload_command = "start";
  start.upload_length = kTotal;
  start.upload_name = "letter.txt";
  start.upload_type = "text/plain";
  const auto piece_of = [](std::string_view at, std::string_view command) {
    ExchangeFacts facts = offset(at, "/upload/v1beta/files?key=k&upload_id=1");
    facts.method = "POST";
    facts.upload_command = command;
    facts.content_type = "application/x-www-form-urlencoded;charset=UTF-8";
    return facts;
  };
  const auto started = [&](Uploading& up) {
    const std::uint64_t piece = up.begin(start);
    up.place(piece, "https://files.example/upload/v1beta/files?key=k&upload_id=1");
    up.end(piece);
  };
  SECTION("in two pieces") {
    Uploading up;
    started(up);
    up.send(piece_of("0", "upload"), kText.substr(0, 24));
    up.send(piece_of("24", "upload, finalize"), kText.substr(24));
    CHECK(up.told.findings == Lines{"1 2 1"});
    REQUIRE(up.told.files.size() == 1);
    CHECK(up.told.files[0].starts_with("letter.txt " + kTotal));
    CHECK(up.told.types[0] == "text/plain");
  }
  SECTION("all at once") {
    Uploading up;
    started(up);
    up.send(piece_of("0", "upload, finalize"), kText);
    CHECK(up.told.findings == Lines{"1 1 1"});
    CHECK(up.told.files.size() == 1);
  }
  SECTION("ended by a request of its own, of unknown length") {
    Uploading up;
    start.upload_length = {};
    started(up);
    up.send(piece_of("0", "upload"), kText);
    ExchangeFacts last = piece_of("", "finalize");
    up.send(last, "");
    CHECK(up.told.findings == Lines{"1 1 1"});
  }
  SECTION("the start brings all of it") {
    Uploading up;
    start.upload_command = "start, upload, finalize";
    up.send(start, kText);
    CHECK(up.told.findings == Lines{"1 1 1"});
    CHECK(up.told.files.size() == 1);
    CHECK(up.joiner.uploads() == 0);
  }
  SECTION("a piece that says no place is none") {
    ExchangeFacts facts = piece_of("", "upload, finalize");
    CHECK_FALSE(upload_piece_of(facts).is_piece());
  }
  SECTION("what the start is itself is not what it starts") {
    Uploading up;
    start.upload_type = {};
    started(up);
    up.send(piece_of("0", "upload, finalize"), kText);
    CHECK(up.told.findings.size() == 1);
    CHECK(up.told.types == Lines{""});
  }
  SECTION("the start was not seen") {
    Uploading up;
    up.send(piece_of("0", "upload, finalize"), kText);
    CHECK(up.told.findings.size() == 1);
    CHECK(up.told.files.empty());
  }
}

TEST_CASE("creations are bounded like uploads, and a place belongs to the latest") {
  InspectorOptions options;
  options.uploads_max = 3;
  Uploading up{options};
  for (int at = 0; at < 100; ++at) {
    const std::uint64_t piece = up.begin(creation("9"));
    up.place(piece, "/files/" + std::to_string(at));
    up.end(piece);
    CHECK(up.joiner.uploads() <= 3);
  }
  const std::uint64_t piece = up.begin(creation(kTotal));
  up.place(piece, "/files/99");
  up.end(piece);
  up.send(offset("0", "/files/99"), kText);
  CHECK(up.told.findings.size() == 1);
  up.place(77, "/files/1");  // nobody knows it
  up.place(piece, "/files/1");
  up.joiner.flush(up.told);
  CHECK(up.joiner.uploads() == 0);
  CHECK(up.joiner.counters().uploads_partial == 0);
}

TEST_CASE("fields of uploads are told apart by their names") {
  ExchangeFacts facts;
  struct Row {
    std::string_view name, value;
  };
  for (const Row& row : std::vector<Row>{{"Upload-Length", "12"},
                                         {"upload-length", "13"},
                                         {"UPLOAD-METADATA", "filename eA=="},
                                         {"Upload-Incomplete", "?0"},
                                         {"Upload-Offset", "1"},
                                         {"X-Goog-Upload-Offset", "2"},
                                         {"X-Goog-Upload-Command", "start"},
                                         {"X-Goog-Upload-File-Name", "a.txt"},
                                         {"X-Goog-Upload-Header-Content-Type", "text/plain"},
                                         {"Content-Range", "bytes 0-1/2"},
                                         {"Content-Type", "text/html"},
                                         {"Upload-Lengthy", "14"},
                                         {"", ""}})
    note_upload_field(facts, row.name, row.value);
  CHECK(facts.upload_length == "12");
  CHECK(facts.upload_metadata == "filename eA==");
  CHECK(facts.upload_complete == "?1");
  CHECK(facts.upload_offset == "1");
  CHECK(facts.upload_command == "start");
  CHECK(facts.upload_name == "a.txt");
  CHECK(facts.upload_type == "text/plain");
  CHECK(facts.content_range == "bytes 0-1/2");
  CHECK(facts.content_type.empty());

  struct Creation {
    std::string_view method, name, value;
    bool creates;
  };
  for (const Creation& row :
       std::vector<Creation>{{"POST", "Upload-Length", "12", true},
                             {"POST", "Upload-Defer-Length", "1", true},
                             {"POST", "Upload-Complete", "?0", true},
                             {"PUT", "Upload-Incomplete", "?1", true},
                             {"POST", "X-Goog-Upload-Command", "start", true},
                             {"POST", "Upload-Defer-Length", "0", false},
                             {"POST", "Upload-Length", "-1", false},
                             {"POST", "Upload-Length", "many", false},
                             {"POST", "Upload-Metadata", "a eA==", false},
                             {"POST", "X-Goog-Upload-Command", "query", false},
                             {"HEAD", "Upload-Length", "12", false},
                             {"PATCH", "Upload-Complete", "?1", false}}) {
    INFO(row.method << " " << row.name << ": " << row.value);
    ExchangeFacts request;
    request.method = row.method;
    request.target = "/files";
    note_upload_field(request, row.name, row.value);
    CHECK(upload_piece_of(request).creates == row.creates);
    CHECK(upload_piece_of(request).is_piece() == row.creates);
  }
}

TEST_CASE("a list of blocks is read as far as it is one") {
  const std::string xml =
      "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>\n <Latest>QUE=</Latest>"
      "<Committed>\tQ+I= </Committed><Uncommitted>QUI=</Uncommitted><Latest></Latest><Other>x"
      "</Other></BlockList>";
  CHECK(upload_block_list(xml) == Lines{"QUE=", "Q+I=", "QUI="});
  for (std::size_t size = 0; size < xml.size(); ++size)
    CHECK(upload_block_list(std::string_view{xml}.substr(0, size)).size() <= 3);
  for (const std::string_view bad :
       {"", "<", "<Latest", "<Latest>", "<>x", "Latest>x<", "<latest>x<"})
    CHECK(upload_block_list(bad).empty());
  std::string many;
  for (int at = 0; at < 6000; ++at) many += "<Latest>QUE=</Latest>";
  CHECK(upload_block_list(many).size() == kUploadBlocksMax);
  CHECK(upload_block_list("<Latest>" + std::string(5000, 'x') + "<")[0].size() == 256);
}
