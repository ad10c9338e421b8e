#include <zlib.h>

#include <catch2/catch.hpp>
#include <string>

#include "document_reader.h"
#include "part_log.h"

using namespace gnomon;
using namespace gnomon::content;

namespace {

std::string deflated(const std::string& text) {
  std::string out(compressBound(static_cast<uLong>(text.size())), '\0');
  uLongf size = static_cast<uLongf>(out.size());
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
           static_cast<uLong>(text.size()));
  out.resize(size);
  return out;
}
std::string object(int number, const std::string& inside) {
  return std::to_string(number) + " 0 obj\n" + inside + "\nendobj\n";
}
std::string stream(const std::string& facts, const std::string& text) {
  return "<< " + facts + " /Filter /FlateDecode >>\nstream\n" + deflated(text) + "\nendstream";
}

PartLog read(const std::string& objects) {
  PartLog log;
  BodyContext context;
  context.events = &log;
  const std::string file = "%PDF-1.7\n" + objects;
  context.sent_bytes = file.size();
  read_pdf_objects(context, bytes_of(file), {}, 0);
  CHECK(log.valid);
  CHECK(log.nested);
  CHECK(log.open.empty());
  return log;
}

}  // namespace

TEST_CASE("what stands beside the pages of a PDF is read") {
  struct Case {
    std::string objects;
    std::string_view told;
  };
  const auto test = GENERATE(values<Case>({
      {object(1, "<< /Type /Annot /Subtype /Text /Contents (a \\(b\\) \\101\\\nc) >>"),
       "a (b) Ac\n"},
      {object(1, "<< /Title (Bookmark) /Parent 2 0 R /Next 3 0 R >>"), "Bookmark\n"},
      {object(1, "<< /Subject <FEFF004100E9> /Keywords (k) /Producer (p) >>"), "A\xc3\xa9\nk\n"},
      {object(1, "<< /A << /S /URI /URI (https://a.example/?b) >> >>"), "https://a.example/?b\n"},
      {object(1, "<< /FT /Tx /T (card) /V (4111) >>"), "card: 4111\n"},
      {object(1, stream("/Type /ObjStm /N 1 /First 4", "7 0 << /Title (inside) >>")), "inside\n"},
      {object(1, "(a string alone)"), "a string alone\n"},
      {object(1, "<< /Contents 8 0 R /Type /Page >>"), ""},
      {object(1, "<< /FT /Tx /AP << /N 2 0 R >> /V (drawn) >>"), ""},
      {object(1, "<< /Type /Sig /Contents <0102> >>"), ""},
      {object(1, "<< /BaseFont /Helvetica /Registry (Adobe) >>"), ""},
      {object(1, stream("/Length 3", "(not told) Tj /Title (a)")), ""},
      {object(1, "<< /Title (hidden) >>") + "trailer << /Encrypt 5 0 R >>", ""},
      {object(1, "<< /Title (open"), "open\nendobj\n\n"},
  }));
  CHECK(read(test.objects).said == test.told);
}

TEST_CASE("files that are attached to a PDF are parts, XFA forms are text") {
  const PartLog attached =
      read(object(1, stream("/Type /EmbeddedFile", "PLANTED in a file")) +
           object(2, "<< /EF << /F 1 0 R /UF 1 0 R >> /F (a/data.txt) /Type /Filespec >>"));
  CHECK(attached.said == "PLANTED in a file");
  CHECK(attached.names == std::vector<std::string>{"data.txt"});
  const PartLog form = read(object(1, "<< /AcroForm << /XFA [ (datasets) 2 0 R ] >> >>") +
                            object(2, stream("", "<xdp><card>PLANTED</card></xdp>")) +
                            object(3, stream("", "<x>other</x>")));
  CHECK_THAT(form.said, Catch::Contains("PLANTED") && !Catch::Contains("other"));
}

TEST_CASE("a PDF may end anywhere") {
  const std::string file = object(1, "<< /Title (a\\(b) /V <41> /F /FlateDecode >>") +
                           object(2, stream("/Type /ObjStm", "1 0 << /Title (b) >>")) +
                           object(3, stream("/Type /EmbeddedFile", "some words"));
  for (std::size_t cut = 0; cut < file.size(); ++cut) read(file.substr(0, cut));
  read(std::string(5000, '('));
  std::string nested;
  for (int at = 0; at < 5000; ++at) nested += "<< /A ";
  read(nested);
}
