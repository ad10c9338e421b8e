#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <string>

#include "part_log.h"

using namespace gnomon;
using namespace gnomon::content;

namespace {

std::string deflated(std::string_view text, int window) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string gzip(std::string_view text) { return deflated(text, 31); }
std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}
// One stored meta-block (RFC 7932 §9.2) and the empty last one: the decoder is all that is linked.
std::string brotli(std::string_view text) {
  // A window of 16 bits (0), not the last (0), four nibbles (00) of length - 1, stored (1).
  const std::uint32_t bits = static_cast<std::uint32_t>(text.size() - 1) << 4 | 1U << 20;
  std::string out;
  for (unsigned at = 0; at < 24; at += 8) out += static_cast<char>(bits >> at);
  out += text;
  out += '\x03';
  return out;
}

Reading read(std::string_view type, std::string_view coding, std::string_view body,
             const BodyLimits& limits = {}) {
  BodyFacts facts;
  facts.content_type = type;
  facts.content_encoding = coding;
  Reading whole = read_in_pieces(facts, bytes_of(body), 1 << 20, limits);
  CHECK(whole.log.valid);
  CHECK(whole.log.nested);
  CHECK(whole.log.open.empty());
  for (const std::size_t step : {1, 5}) {
    if (body.size() > 20000 || whole.counters.bombs > 0) break;  // bytes before count
    CHECK(read_in_pieces(facts, bytes_of(body), step, limits).log.text == whole.log.text);
  }
  return whole;
}

}  // namespace

TEST_CASE("content-codings are undone, alone and in a row") {
  const std::string text = "The card is 4111 1111 1111 1111, the marker PLANTED.";
  struct Case {
    std::string coding;
    std::string body;
  };
  const auto test = GENERATE_COPY(values<Case>({
      {"", text},
      {"identity", text},
      {"gzip", gzip(text)},
      {"X-GZIP", gzip(text)},
      {"gzip", gzip(text.substr(0, 20)) + gzip(text.substr(20))},
      {"gzip", gzip(text) + std::string(64, '\0')},
      {"deflate", deflated(text, 15)},
      {"deflate", deflated(text, -15)},
      {"br", brotli(text)},
      {"zstd", zstd(text)},
      {"gzip, br", brotli(gzip(text))},
      {"deflate,zstd, gzip", gzip(zstd(deflated(text, 15)))},
      {"gzip", text},  // labelled by mistake
  }));
  const Reading reading = read("text/plain", test.coding, test.body);
  CHECK(reading.log.said == text);
  CHECK(reading.log.text.find('~') == std::string::npos);
}

TEST_CASE("a coded body that ends too soon, breaks off or is unknown is incomplete") {
  const std::string text = "The card is 4111 1111 1111 1111.";
  std::string broken = gzip(text);
  broken[12] = static_cast<char>(broken[12] ^ 0x55);
  broken[13] = static_cast<char>(broken[13] ^ 0x55);
  const std::string whole = gzip(text);
  struct Case {
    std::string coding;
    std::string body;
  };
  const auto test = GENERATE_COPY(values<Case>({
      {"gzip", whole.substr(0, whole.size() - 9)},
      {"gzip", whole.substr(0, 10)},
      {"gzip", broken},
      {"br", std::string(20, '\xff')},
      {"zstd", zstd(text).substr(0, 12)},
      {"deflate", std::string{"\xff\xff"}},
  }));
  const Reading reading = read("text/plain", test.coding, test.body);
  CHECK(reading.log.text.find('~') != std::string::npos);
}

TEST_CASE("multipart bodies are told part by part") {
  struct Case {
    std::string_view type;
    std::string_view body;
    std::string_view told;
  };
  const auto test = GENERATE(values<Case>({
      {"multipart/form-data; boundary=B",
       "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n"
       "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n"
       "Content-Type: text/plain\r\n\r\nhello\r\nthere\r\n--B--\r\n",
       "<:multipart/form-data\n<:\nmodel: whisper\n>text 7\n<a.txt:text/plain\nhello\r\nthere\n"
       ">text 12\n\n>multipart\n"},
      // bare line feeds, quoted boundary, a preamble and an epilogue
      {"multipart/mixed; boundary=\"a b\"",
       "preamble\n--a b\n\nfirst\n--a b \nContent-Type: text/html\n\n<p>x<b>y</b>z</p>\n--a "
       "b--\nend",
       "<:multipart/mixed\n<:\nfirst\n>text 5\n<:text/html\n\nxyz\n\n>html 17\n\n>multipart\n"},
      // transfer encodings
      {"multipart/mixed; boundary=B",
       "--B\r\nContent-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\n--B\r\n"
       "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9 so=\r\nft =zz=\r\n--B--",
       "<:multipart/mixed\n<:\nhello\n>text 5\n<:\ncaf\xc3\xa9 soft =zz=\n>text "
       "15\n\n>multipart\n"},
      // one inside another
      {"multipart/related; boundary=out",
       "--out\r\nContent-Type: multipart/mixed; "
       "boundary=\"outer\"\r\n\r\n--outer\r\n\r\na\r\n--outer--"
       "\r\n--out\r\n\r\nb\r\n--out--",
       "<:multipart/related\n<:multipart/mixed\n<:\na\n>text 1\n\n>multipart\n<:\nb\n>text 1\n\n"
       ">multipart\n"},
      // a boundary that is wrong, and one that is missing
      {"multipart/form-data; boundary=wrong",
       "--right\r\nContent-Disposition: form-data; name=x\r\n\r\nv\r\n--right--\r\n",
       "<:multipart/form-data\n<:\nx: v\n>text 1\n\n>multipart\n"},
      {"multipart/form-data",
       "--right\r\nContent-Disposition: form-data; name=x\r\n\r\nv\r\n--right--\r\n",
       "<:multipart/form-data\n<:\nx: v\n>text 1\n\n>multipart\n"},
      // without end: the last part is not complete
      {"multipart/form-data; boundary=B", "--B\r\n\r\nvalue",
       "<:multipart/form-data\n<:\nvalue\n>text 5~\n\n>multipart\n"},
      {"multipart/form-data; boundary=B", "no parts at all",
       "<:multipart/form-data\n\n>multipart\n"},
  }));
  CHECK(read(test.type, "", test.body).log.text == test.told);
}

TEST_CASE("forms are told field by field") {
  struct Case {
    std::string_view body;
    std::string_view told;
  };
  const auto test = GENERATE(values<Case>({
      {"prompt=tell+me%21&x=1", "{user}prompt=tell me!\n{}x=1\n"},
      {"a", "a\n"},
      {"=", ">form 1"},
      {"&&", ""},
      {"a=%", "a=%\n"},
      {"a=%4", "a=%4\n"},
      {"a=%zz", "a=%zz\n"},
      {"f.req=%7B%22text%22%3A%22hi%22%7D", "{user}hi|"},
  }));
  const std::string text = read("application/x-www-form-urlencoded", "", test.body).log.text;
  CHECK_THAT(text, Catch::Contains(std::string{test.told}));
}

TEST_CASE("text of every encoding comes out as UTF-8") {
  const auto body =
      GENERATE(std::string{"Gr\xc3\xbc\xc3\x9f"
                           "e aus K\xc3\xb6ln"},
               std::string{"\xef\xbb\xbfGr\xc3\xbc\xc3\x9f"
                           "e aus K\xc3\xb6ln"},
               std::string{"Gr\xfc\xdf"
                           "e aus K\xf6ln"},
               std::string{"\xff\xfeG\0r\0\xfc\0\xdf\0e\0 \0a\0u\0s\0 \0K\0\xf6\0l\0n\0", 30},
               std::string{"G\0r\0\xfc\0\xdf\0e\0 \0a\0u\0s\0 \0K\0\xf6\0l\0n\0", 28},
               std::string{"\xfe\xff\0G\0r\0\xfc\0\xdf\0e\0 \0a\0u\0s\0 \0K\0\xf6\0l\0n", 30});
  CHECK(read("text/plain", "", body).log.said ==
        "Gr\xc3\xbc\xc3\x9f"
        "e aus K\xc3\xb6ln");
}

TEST_CASE("markup and RTF are told as they are read") {
  struct Case {
    std::string_view body;
    std::string_view wanted;
  };
  const auto test = GENERATE(values<Case>({
      {"<html><body>41<b>11</b> 1111 1111&nbsp;1111<script>var k = 'a<b';</script></body></html>",
       "4111 1111 1111 1111"},
      {"<html><script>var k = 'a<b';</script></html>", "var k = 'a<b';"},
      {"<html><!-- hidden -- words --></html>", "hidden -- words "},
      {"<html><a href='https://x.example/?k=v&amp;l'>t</a></html>", "https://x.example/?k=v&l"},
      {"<html>&#52;&#x31;&bogus;&</html>", "41&bogus;&"},
      {"<html>&ecirc;tre &Agrave; &yuml;&thinsp;&Omega;&lpar;</html>",
       "\xc3\xaatre \xc3\x80 \xc3\xbf \xce\xa9("},
      {"<?xml version='1.0'?><a><b k=\"v\">x</b><![CDATA[<y>]]></a>", "<y>"},
      {"<?xml version='1.0'?><a><b k=\"value\">x</b></a>", "value"},
      {"{\\rtf1\\ansi{\\fonttbl\\f0 Arial;}\\b 41\\b0 11 \\u49?\\'31 line\\par next}",
       "4111 11 line\nnext"},
      {"{\\rtf1 {\\*\\unknown skipped}shown}", "shown"},
      {"{\\rtf1 \\bin4 }{}}}x}", "x"},
      {"{\\rtf1 never closed", "never closed"},
      {"{\\rtf1{\\info{\\title Report}{\\subject AKIA}{\\*\\company C}}text}",
       "\nReport\n\nAKIA\n\nC\ntext"},
      {"{\\rtf1 a{\\*\\atnid }{\\*\\atnauthor Ann}{\\*\\annotation {\\b AK}IA} b}",
       "\n\n\nAnn\n\nAKIA\n b"},
      {"{\\rtf1 a{\\shp{\\*\\shpinst{\\sp{\\sn x}{\\sv 1}}{\\shptxt AKIA}}}b}", "\nAKIA\nb"},
      {"{\\rtf1 12{\\footnote AKIA}34}", "12\nAKIA\n34"},
      {"From: a@b.example\r\nTo: c@d.example\r\nSubject: =?utf-8?B?aGVsbG8=?= =?utf-8?q?_you?=\r\n"
       "Content-Type: text/plain\r\n\r\nbody text",
       "Subject: hello you"},
  }));
  CHECK_THAT(read("", "", test.body).log.said, Catch::Contains(std::string{test.wanted}));
  CHECK_THAT(read("", "", test.body).log.said, !Catch::Contains("skipped"));
}

TEST_CASE("XML of data keeps the names of its elements, XML of texts reads as the text") {
  const Reading data =
      read("application/xml", "", "<?xml version='1.0'?><r><ssn>219-09-9998</ssn><b k=\"v\"/></r>");
  CHECK(data.log.text.find("<ssn>219-09-9998</ssn><b k=\"v\"/>") != std::string::npos);
  const Reading set =
      read("application/xml", "",
           "<?xml version='1.0'?><d xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\">"
           "<p>4111 1111 <b>1111</b> 1111</p></d>");
  CHECK(set.log.text.find("4111 1111 1111 1111") != std::string::npos);
  // Without a prologue or a type it is told from HTML by the name of its first element.
  const Reading bare = read("", "", "<!-- kept -->\n<keys><ssn>219-09-9998</ssn></keys>");
  CHECK(bare.log.text.find("<ssn>219-09-9998</ssn>") != std::string::npos);
  const Reading page = read("", "", "<!-- kept -->\n<div><b>219-09</b>-9998</div>");
  CHECK(page.log.text.find("219-09-9998") != std::string::npos);
}

TEST_CASE("rows of tables are lines, their cells end with tabs") {
  struct Case {
    std::string_view body;
    std::string_view reads;
  };
  const auto& test = GENERATE(values<Case>({
      {"<html><table>\n <tr>\n  <th>name</th> <th>passport</th>\n </tr>\n <tr class=a>\n  "
       "<td><div> Ada </div></td><td data-x='1'><p>C01X</p></td></tr></table>",
       "name\tpassport\t\nAda \tC01X\t\n"},
      {"<html><table><caption>All of them</caption><tr><td>a<td>b c<tr><td>d<td>e</table>",
       "All of them\na\tb c\nd\te\n"},
      {"<html><table><tr><td><p>one</p><p>two</p></td><td>b</td></tr></table>", "one\ntwo\tb\t\n"},
      {"<html><table><tr><td>out<table><tr><td>in</td></tr></table></td></tr></table>after "
       "<b>it</b>",
       "out\nin\t\n\t\nafter it"},
      {"<html><table><tr><td>a</td></tr><p>never closed</p> <p>and so on</p>",
       "a\t\nnever closed\nand so on"},
  }));
  INFO(test.body);
  CHECK(read("text/html", "", test.body).log.text.find(test.reads) != std::string::npos);
}

TEST_CASE("what stands for a character in RTF is passed over whole") {
  // \\u takes the sign behind it, here one of two bytes behind a backslash.
  const Reading whole = read("application/rtf", "",
                             "{\\rtf1 a\\u98\\\xc3\xbf"
                             "c}");
  CHECK(whole.log.text.find("abc") != std::string::npos);
}

TEST_CASE("names of attributes that are too long are cut between characters") {
  std::string name = "a";
  for (int i = 0; i < 40; ++i) name += "\xd1\x8f";
  read("text/html", "", "<html><p " + name + "=1>x");  // checks that all is UTF-8
}

TEST_CASE("charsets of before Unicode are read as named, as they look, or as RTF's fonts say") {
  const std::string passport = "\xcf\xe0\xf1\xef\xee\xf0\xf2";  // in windows-1251
  const std::string utf8 = "\xd0\x9f\xd0\xb0\xd1\x81\xd0\xbf\xd0\xbe\xd1\x80\xd1\x82";
  const auto reads = [&](std::string_view type, const std::string& body) {
    return read(type, "", body).log.text.find(utf8) != std::string::npos;
  };
  CHECK(reads("text/plain; charset=windows-1251", "the word is " + passport));
  CHECK(reads("text/plain", passport + " " + passport));
  CHECK(reads("text/plain; charset=windows-1251", utf8));  // wrongly named
  CHECK(reads("text/html", "<html><meta charset=windows-1251><p>" + passport));
  CHECK(reads("application/rtf",
              "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset204 B;}}"
              "\\f0 a \\f1 \\'cf\\'e0\\'f1\\'ef\\'ee\\'f0\\'f2}"));
  CHECK(
      reads("application/rtf", "{\\rtf1\\ansi\\ansicpg1251 \\'cf\\'e0\\'f1\\'ef\\'ee\\'f0\\'f2}"));
  CHECK_FALSE(
      reads("application/rtf", "{\\rtf1\\ansi\\ansicpg1252 \\'cf\\'e0\\'f1\\'ef\\'ee\\'f0\\'f2}"));
  // A font of Western letters in a Cyrillic document.
  const Reading west =
      read("application/rtf", "",
           "{\\rtf1\\ansi\\ansicpg1251{\\fonttbl{\\f0\\fcharset0 A;}}\\f0 Gr\\'fc\\'df}");
  CHECK(west.log.text.find("Gr\xc3\xbc\xc3\x9f") != std::string::npos);
  // Two bytes a character; the second of ASCII stands as itself.
  const Reading two = read("application/rtf", "", "{\\rtf1\\ansi\\ansicpg932 \\'83p\\'83X ok}");
  CHECK(two.log.text.find("\xe3\x83\x91\xe3\x82\xb9 ok") != std::string::npos);
}

TEST_CASE("bombs are stopped and said") {
  const std::string zeros(40 << 20, '\0');
  BodyLimits limits;
  SECTION("by ratio") {
    const Reading reading = read("text/plain", "gzip, gzip", gzip(gzip(zeros)), limits);
    CHECK(reading.counters.bombs == 1);
    CHECK_THAT(reading.log.text, Catch::Contains("!bomb~"));
    CHECK(reading.counters.text_bytes < (4 << 20));
  }
  SECTION("by size") {
    limits.decoded_bytes_max = 2 << 20;
    limits.decoded_ratio_max = 1 << 30;
    const Reading reading = read("text/plain", "gzip", gzip(zeros), limits);
    CHECK(reading.counters.bombs == 1);
    CHECK_THAT(reading.log.text, Catch::Contains("!size~"));
  }
  SECTION("by number") {
    limits.parts_max = 10;
    std::string body;
    for (int at = 0; at < 100; ++at) body += "--B\r\n\r\nx\r\n";
    const Reading reading = read("multipart/mixed; boundary=B", "", body, limits);
    CHECK(reading.counters.bombs >= 1);
    CHECK_THAT(reading.log.text, Catch::Contains("!too-many"));
  }
  SECTION("by depth") {
    std::string body = "x";
    for (int at = 0; at < 20; ++at) {
      const std::string mark = "b" + std::to_string(at) + "e";
      body = "--" + mark + "\r\nContent-Type: multipart/mixed; boundary=b" +
             std::to_string(at - 1) + "e\r\n\r\n" + body + "\r\n--" + mark + "--";
    }
    const Reading reading = read("multipart/mixed; boundary=b19e", "", body, limits);
    CHECK_THAT(reading.log.text, Catch::Contains("!too-deep"));
    CHECK(reading.log.depth_max <= 14);
  }
}

TEST_CASE("a body longer than what is read is told as truncated, its gaps as partial") {
  BodyLimits limits;
  limits.body_bytes_max = 100;
  const Reading reading = read("text/plain", "", std::string(1000, 'x'), limits);
  CHECK(reading.log.said.size() == 100);
  CHECK(reading.counters.truncated == 1);
  CHECK_THAT(reading.log.text, Catch::Contains("~"));

  PartLog log;
  BodyReader reader{BodyLimits{}, log};
  reader.begin(BodyFacts{});
  reader.feed(bytes_of("before "));
  reader.gap(1000);
  reader.feed(bytes_of("behind"));
  reader.end(true);
  CHECK(log.said == "before behind");
  CHECK_THAT(log.text, Catch::Contains("before |behind"));
  CHECK_THAT(log.text, Catch::Contains("~"));
}

TEST_CASE("streaming costs at most 256 KiB") {
  std::string text;
  while (text.size() < (3 << 20)) text += "some words " + std::to_string(text.size()) + "\n";
  std::string json = "{\"messages\":[";
  for (int at = 0; at < 2000; ++at)
    json += "{\"role\":\"user\",\"content\":\"" + text.substr(0, 900) + "\"},";
  for (char& c : json) {
    if (c == '\n') c = ' ';
  }
  struct Case {
    std::string_view type;
    std::string_view coding;
    std::string body;
  };
  const auto test = GENERATE_COPY(values<Case>({
      {"text/plain", "", text},
      {"text/plain", "gzip", gzip(text)},
      {"text/plain", "gzip, deflate", deflated(gzip(text), 15)},
      {"application/json", "", json},
      {"application/json", "gzip", gzip(json)},
      {"text/html", "", "<html>" + text},
      {"application/octet-stream", "", std::string{"\0\1\2\3", 4} + text},
      {"multipart/form-data; boundary=B", "", "--B\r\n\r\n" + text},
      {"application/x-www-form-urlencoded", "", "a=" + text},
      {"application/x-protobuf", "", std::string{"\x0a\xff\xff\xff\x01", 5} + text},
  }));
  BodyFacts facts;
  facts.content_type = test.type;
  facts.content_encoding = test.coding;
  CHECK(read_in_pieces(facts, bytes_of(test.body), 1400).memory < 256 * 1024);
}
