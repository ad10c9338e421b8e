#include <zlib.h>

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "document_reader.h"
#include "part_log.h"
#include "sheet_text.h"

using namespace gnomon;
using namespace gnomon::content;

namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

void number(std::string& out, std::uint64_t value, int bytes) {
  for (int at = 0; at < bytes; ++at) out += static_cast<char>(value >> (8 * at));
}

// A ZIP of entries that are stored with the method that is said.
std::string zip(const Entries& entries, unsigned method = 0) {
  std::string out;
  std::string directory;
  for (const auto& [name, data] : entries) {
    const auto sum =
        crc32(0, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size()));
    std::string facts;
    number(facts, 20, 2);
    number(facts, 0, 2);
    number(facts, method, 2);
    number(facts, 0, 4);
    number(facts, sum, 4);
    number(facts, data.size(), 4);
    number(facts, data.size(), 4);
    number(facts, name.size(), 2);
    number(facts, 0, 2);
    std::string entry = "PK\x01\x02" + std::string("\x14\0", 2) + facts + std::string(10, '\0');
    number(entry, out.size(), 4);
    directory += entry + name;
    out += "PK\x03\x04" + facts + name + data;
  }
  const std::size_t begin = out.size();
  out += directory + "PK\x05\x06" + std::string(4, '\0');
  number(out, entries.size(), 2);
  number(out, entries.size(), 2);
  number(out, directory.size(), 4);
  number(out, begin, 4);
  number(out, 0, 2);
  return out;
}

struct Opened {
  Opened(std::string_view type, const std::string& bytes) {
    context.events = &log;
    context.sent_bytes = bytes.size();
    read_document(context, bytes_of(bytes), {type, FileFamily::kDocument}, {}, 0, status);
    CHECK(log.valid);
    CHECK(log.nested);
  }
  PartLog log;
  BodyContext context;
  PartStatus status;
};

}  // namespace

TEST_CASE("values in attributes and in parts beside the text of Office files are read") {
  struct Case {
    std::string_view type;
    std::string path;
    std::string xml;
    bool told = true;
  };
  const auto test = GENERATE(values<Case>({
      {"xlsx", "xl/pivotCache/pivotCacheRecords1.xml", "<r><x v=\"0\"/><s v=\"PLANTED\"/></r>"},
      {"xlsx", "xl/connections.xml", "<dbPr connection=\"DSN=a\" command=\"PLANTED\"/>"},
      {"xlsx", "xl/worksheets/sheet1.xml",
       "<sheetData/><dataValidation prompt=\"PLANTED\"><formula1>1</formula1></dataValidation>"},
      {"xlsx", "xl/worksheets/sheet1.xml",
       "<c t=\"inlineStr\"><is><t><![CDATA[PLANTED]]></t></is></c>"},
      {"docx", "word/document.xml", "<w:listItem w:displayText=\"PLANTED\" w:value=\"1\"/>"},
      {"docx", "word/document.xml", "<w:default w:val=\"PLANTED\"/>"},
      {"docx", "word/settings.xml", "<w:docVar w:name=\"a\" w:val=\"PLANTED\"/>"},
      {"docx", "word/settings.xml", "<w:connectString w:val=\"PLANTED\"/>"},
      {"docx", "customXml/item1.xml", "<rec card=\"PLANTED\"/>"},
      {"pptx", "ppt/tags/tag1.xml", "<p:tag name=\"A\" val=\"PLANTED\"/>"},
      {"pptx", "ppt/slideMasters/slideMaster1.xml", "<p:sp><a:t>PLANTED</a:t></p:sp>"},
      {"pptx", "ppt/slideLayouts/slideLayout1.xml",
       "<p:sp><p:ph type=\"t\"/><a:t>Click</a:t></p:sp><p:sp><a:t>PLANTED</a:t></p:sp>"},
      {"odt", "content.xml", "<text:user-field-decl office:string-value=\"PLANTED\"/>"},
      {"odt", "content.xml", "<form:text form:current-value=\"PLANTED\"/>"},
      {"odt", "Basic/Standard/Module1.xml", "<script:module>PLANTED</script:module>"},
      {"pptx", "ppt/slideLayouts/slideLayout1.xml",
       "<p:sp><p:ph type=\"t\"/><a:t>PLANTED</a:t></p:sp>", false},
      {"docx", "word/document.xml", "<w:pStyle w:val=\"PLANTED\"/>", false},
      {"docx", "word/styles.xml", "<w:t>PLANTED</w:t>", false},
      {"docx", "customXml/itemProps1.xml", "<ds:schemaRef ds:uri=\"PLANTED\"/>", false},
  }));
  const Opened opened{test.type, zip({{test.path, test.xml}})};
  CHECK((opened.log.said.find("PLANTED") != std::string::npos) == test.told);
  CHECK(opened.log.said.find("Click") == std::string::npos);
}

TEST_CASE("headers of sheets are told without the codes of how they look") {
  struct Case {
    std::string coded;
    std::string told;
  };
  const auto test = GENERATE(values<Case>({
      {"&CAKIA", "AKIA"},
      {"&Lleft&Cmid&Rright", "left\nmid\nright"},
      {"&L&\"Arial,Bold\"&12 4929", " 4929"},
      {"&1234929", "4929"},
      {"Page &P of &N", "Page   of  "},
      {"&KFF0000red &K01+000&Bbold&B", "red bold"},
      {"A&&B", "A&B"},
      {"&\"Arial", "Arial"},
      {"&KFF", ""},
      {"a&", "a"},
      {"&1", ""},
      {"", ""},
  }));
  CHECK(margin_text(test.coded) == test.told);
  const std::string xml = "<worksheet><oddHeader>&amp;L&amp;8PLANTED</oddHeader></worksheet>";
  CHECK_THAT((Opened{"xlsx", zip({{"xl/worksheets/sheet1.xml", xml}})}.log.said),
             Catch::StartsWith("PLANTED"));
}

TEST_CASE("a text box of Word is told once") {
  const std::string choice = "<mc:AlternateContent><mc:Choice Requires=\"wps\">";
  const std::string fallback = "</mc:Choice><mc:Fallback>";
  const std::string end = "</mc:Fallback></mc:AlternateContent><w:t>behind</w:t>";
  struct Case {
    std::string xml;
    std::string_view told;
  };
  const auto test = GENERATE_COPY(values<Case>({
      {choice + "<w:t>box</w:t>" + fallback + "<w:t>box</w:t>" + end, "boxbehind"},
      {choice + "<w:drawing/>" + fallback + "<w:t>box</w:t>" + end, "boxbehind"},
      {choice + "<w:t>box</w:t>" + "</mc:Choice><mc:Fallback/><w:t>behind</w:t>", "boxbehind"},
      {choice + "<w:t>a</w:t>" + fallback + choice + "<w:t>b</w:t>" + fallback + "<w:t>c</w:t>" +
           "</mc:Fallback></mc:AlternateContent>" + end,
       "abehind"},
  }));
  CHECK(Opened{"docx", zip({{"word/document.xml", test.xml}})}.log.said == test.told);
}

TEST_CASE("in Office files what is one word is told as one, and what is not, apart") {
  struct Case {
    std::string_view type;
    std::string path;
    std::string xml;
    bool apart = true;
  };
  const auto test = GENERATE(values<Case>({
      {"docx", "docProps/core.xml", "<dc:subject>ONE</dc:subject><dc:creator>TWO</dc:creator>"},
      {"docx", "word/document.xml", "<wp:posOffset>ONE</wp:posOffset><w:p><w:t>TWO</w:t></w:p>"},
      {"docx", "word/header1.xml", "<w:r><w:t>ONE</w:t><w:ptab/><w:t>TWO</w:t></w:r>"},
      {"xlsx", "xl/drawings/drawing1.xml", "<xdr:col>ONE</xdr:col><a:p><a:t>TWO</a:t></a:p>"},
      {"xlsx", "xl/comments1.xml", "<author>ONE</author><comment><t>TWO</t></comment>"},
      {"odt", "content.xml", "<text:p>ONE<text:line-break/>TWO</text:p>"},
      {"odt", "content.xml",
       "<text:p>ONE<text:note><text:note-citation>TWO</text:note-citation></text:note></text:p>"},
      {"odt", "content.xml",
       "<office:annotation><dc:date>ONE</dc:date><text:p>TWO</text:p></office:annotation>"},
      {"docx", "word/document.xml",
       "<w:r><w:t>ONE</w:t></w:r><w:proofErr/><w:r><w:rPr><w:b/></w:rPr><w:t>TWO</w:t></w:r>",
       false},
      {"odt", "content.xml", "<text:p>ONE<text:span>TWO</text:span></text:p>", false},
  }));
  CAPTURE(test.xml);
  const Opened opened{test.type, zip({{test.path, test.xml}})};
  const std::string& said = opened.log.said;
  REQUIRE(said.find("ONE") != std::string::npos);
  REQUIRE(said.find("TWO") != std::string::npos);
  CHECK((said.find("ONETWO") == std::string::npos) == test.apart);
}

TEST_CASE("pictures of an Office file do not count as its parts") {
  Entries entries;
  for (int at = 0; at < 1200; ++at)
    entries.emplace_back("word/media/" + std::to_string(at) + ".png", "x");
  entries.emplace_back("word/document.xml", "<w:t>PLANTED</w:t>");
  const Opened opened{"docx", zip(entries)};
  CHECK(opened.log.said == "PLANTED");
  CHECK(opened.status.not_opened.empty());
  CHECK(Opened{"zip", zip(entries)}.status.not_opened == "too-many");
}

TEST_CASE("names in a ZIP that are not said to be UTF-8 are of DOS") {
  struct Case {
    std::string name;
    std::string_view told;
  };
  const auto test = GENERATE(values<Case>({
      {"K\x81ndigung.txt", "Kündigung.txt"},
      {"\x8f\xa0\xe0\xae\xab\xa8.txt", "Пароли.txt"},
      {"plain.txt", "plain.txt"},
      {"K\xc3\xbcndigung.txt", "Kündigung.txt"},
  }));
  CHECK(Opened{"zip", zip({{test.name, "x"}})}.log.names.at(0) == test.told);
}

TEST_CASE("a compression that the library has not got is not one that was cut") {
  const Opened opened{"zip", zip({{"a.txt", "some bytes"}}, 9)};
  CHECK(opened.status.not_opened == "unsupported");
  CHECK_FALSE(opened.status.truncated);
}
