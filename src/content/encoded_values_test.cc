#include <catch2/catch.hpp>
#include <string>

#include "part_log.h"

using namespace gnomon;
using namespace gnomon::content;

namespace {

// "The card is 4111 1111 1111 1111, the marker PLANTED, and some more words.", three times.
const std::string kBase64 =
    "VGhlIGNhcmQgaXMgNDExMSAxMTExIDExMTEgMTExMSwgdGhlIG1hcmtlciBQTEFOVEVELCBhbmQgc29tZSBtb3JlIHdv"
    "cmRzLg==";

Reading read(std::string_view type, std::string_view body) {
  BodyFacts facts;
  facts.content_type = type;
  Reading whole = read_in_pieces(facts, bytes_of(body), 1 << 20);
  CHECK(whole.log.valid);
  CHECK(whole.log.nested);
  for (const std::size_t step : {1, 7})
    CHECK(read_in_pieces(facts, bytes_of(body), step).log.text == whole.log.text);
  return whole;
}

const std::string kMail =
    "From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nDate: y\r\n\r\nsee below\r\n";

}  // namespace

TEST_CASE("a value of a form or of XML that is base64 as a whole is opened") {
  struct Case {
    std::string_view type;
    std::string body;
    bool opened;
  };
  const auto test = GENERATE_COPY(values<Case>({
      {"application/x-www-form-urlencoded", "name=a&file=" + kBase64, true},
      {"application/xml", "<?xml version=\"1.0\"?><a><b>" + kBase64 + "</b></a>", true},
      {"application/xml",
       "<?xml version=\"1.0\"?><a><b>\n " + kBase64.substr(0, 60) + "\n " + kBase64.substr(60) +
           "\n</b></a>",
       true},
      {"application/xml", "<?xml version=\"1.0\"?><a><b><![CDATA[" + kBase64 + "]]></b></a>", true},
      {"application/xml",
       "<?xml version=\"1.0\"?><a><b> <![CDATA[\n" + kBase64.substr(0, 60) + "\n" +
           kBase64.substr(60) + "\n]]>\n</b></a>",
       true},
      {"application/xml",
       "<?xml version=\"1.0\"?><a><b>" + kBase64.substr(0, 60) + "&#13;\n" + kBase64.substr(60) +
           "&#xD;&#10;</b></a>",
       true},
      {"application/xml", "<?xml version=\"1.0\"?><a><b><![CDATA[" + kBase64 + "]]]></b></a>",
       false},
      {"application/xml", "<?xml version=\"1.0\"?><a><b><![CDATA[" + kBase64 + "] ]></b></a>",
       false},
      {"application/xml", "<?xml version=\"1.0\"?><a><b><!CDATA[" + kBase64 + "]]></b></a>", false},
      {"application/xml",
       "<?xml version=\"1.0\"?><a><b>" + kBase64.substr(0, 60) + "&#32;\n" + kBase64.substr(60) +
           "</b></a>",
       false},
      {"application/xml", "<?xml version=\"1.0\"?><a><b>" + kBase64.substr(0, 60) + "&#1</b>",
       false},
      {"application/x-www-form-urlencoded",
       "file=" + kBase64.substr(0, 60) + "%26%2313;" + kBase64.substr(60), false},
      {"application/x-www-form-urlencoded", "file=" + kBase64.substr(0, 40), false},
      {"application/x-www-form-urlencoded", "file=" + kBase64 + "!", false},
      {"application/xml", "<?xml version=\"1.0\"?><a b=\"" + kBase64 + "\"/>", false},
      {"application/xml", "<?xml version=\"1.0\"?><a>see " + kBase64 + " above?</a>", false},
  }));
  const Reading reading = read(test.type, test.body);
  CHECK((reading.log.said.find("PLANTED") != std::string::npos) == test.opened);
}

TEST_CASE("XML that holds no file stays as it stands") {
  const auto xml = GENERATE(values<std::string>({
      "<a><![CDATA[x ]] y ]> z]]]></a>",
      "<a><![CDATA[x]]><b/>&#13;&#1;&#13</a>",
      "<a><![CDATA[]]></a><![CDAT a>b<![CDATA[",
      "<a><![CDATA[never closed ]]",
      "<>&#13;<",
      "<a>&#13;x</a>&#xD",
  }));
  const std::string whole = "<?xml version=\"1.0\"?>" + xml;
  CHECK(read("application/xml", whole).log.said == whole);
}

TEST_CASE("base64 in XML is a file whatever ends its lines, however long") {
  std::string lines;
  for (int line = 0; line < 40; ++line)
    lines += "VGhlIGNhcmQgaXMgNDExMSAxMTExIDExMTEgMTExMSwgYW5kIHdvcmRzLiAg&#13;\n";
  for (const auto& [begin, end] :
       {std::pair{"<a>", "</a>"}, std::pair{"<a><![CDATA[", "]]></a>"}}) {
    const bool cdata = end[0] == ']';
    std::string inside = lines;
    if (cdata)
      for (std::size_t at; (at = inside.find("&#13;")) != inside.npos;) inside.erase(at, 5);
    const Reading reading =
        read("application/xml", std::string{"<?xml version=\"1.0\"?>"} + begin + inside + end);
    CHECK_THAT(reading.log.said, Catch::EndsWith(end));
    CHECK_THAT(reading.log.text, !Catch::Contains("~"));
    std::size_t cards = 0;
    for (std::size_t at = 0; (at = reading.log.said.find("4111 1111", at)) != std::string::npos;
         ++at)
      ++cards;
    CHECK(cards == 40);
  }
}

TEST_CASE("a file that is uuencoded in a mail is opened, words that begin so are told") {
  const std::string file =
      "begin 644 d.txt\r\n"
      "M0W5S=&]M97(@8V%R9\"!N=6UB97(@-# Q,C@X.#@X.#@X,3@X,2!I<R!T;R!B\r\n"
      "\"92X \r\n`\r\nend\r\n";
  const Reading reading = read("message/rfc822", kMail + file + "bye\r\n");
  CHECK_THAT(reading.log.text, Catch::Contains("<d.txt:"));
  CHECK_THAT(reading.log.said, Catch::Contains("Customer card number 4012888888881881 is to be"));
  CHECK_THAT(reading.log.said, Catch::Contains("see below"));
  CHECK_THAT(reading.log.said, Catch::Contains("bye"));

  const auto words = GENERATE(values<std::string>({
      "begin 644 reasons to say no.\r\nnot this\r\n",
      "begin again\r\nM0W5S=\r\n",
      "begin 12 d.txt\r\n#0V%T\r\n",
      "begin 644 d.txt\r\n",
      "begin",
  }));
  const Reading told = read("message/rfc822", kMail + words);
  CHECK_THAT(told.log.said, Catch::Contains(words.substr(0, 5)));
  CHECK(told.log.names.size() == 2);

  for (std::size_t cut = 0; cut < file.size(); ++cut)
    CHECK(read_in_pieces({}, bytes_of(kMail + file.substr(0, cut)), 1 << 20).log.nested);
}

TEST_CASE("lines of iCalendar and vCard that are folded are one") {
  struct Case {
    std::string_view body;
    std::string_view told;
  };
  const auto test = GENERATE(values<Case>({
      {"BEGIN:VCALENDAR\r\nDESCRIPTION:card 40128888\r\n 88881881\r\nX:y\r\n",
       "BEGIN:VCALENDAR\r\nDESCRIPTION:card 4012888888881881\r\nX:y\r\n"},
      {"BEGIN:VCARD\nNOTE:AKIA\n\tZ7QK\n b\n", "BEGIN:VCARD\nNOTE:AKIAZ7QKb\n"},
      {"BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE:AKIA=\r\nZ7=41=\nb\nX:=\nY:=\n",
       "BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE:AKIAZ7=41b\nX:=\nY:=\n"},
      {"BEGIN:VCARD\n\nNOTE:a\r\rb\n", "BEGIN:VCARD\n\nNOTE:a\r\rb\n"},
      {"a,b,c\n d,e,f\n", "a,b,c\n d,e,f\n"},
  }));
  CHECK(read("text/plain", test.body).log.said == test.told);
}

TEST_CASE("mail that is forwarded as an attachment is as deep as it has messages") {
  const auto forwarded = [](int times) {
    std::string mail = "From: a@example.org\r\nTo: b@example.org\r\n\r\nPLANTED\r\n";
    for (int at = 0; at < times; ++at) {
      const std::string mark = "b" + std::to_string(at) + "e";
      mail =
          "From: a@example.org\r\nTo: b@example.org\r\nContent-Type: multipart/mixed; boundary=" +
          mark + "\r\n\r\n--" + mark + "\r\n\r\nsee below\r\n--" + mark +
          "\r\nContent-Type: message/rfc822\r\n\r\n" + mail + "\r\n--" + mark + "--\r\n";
    }
    return read("message/rfc822", mail).log;
  };
  CHECK_THAT(forwarded(6).said, Catch::Contains("PLANTED"));
  CHECK_THAT(forwarded(6).text, !Catch::Contains("!too-deep"));
  CHECK_THAT(forwarded(9).text, Catch::Contains("!too-deep"));
}
