#include <zlib.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "document_reader.h"
#include "part_log.h"
#include "pdf_filters.h"

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

// As writers of LZW do it (7.4.4.2): a code ahead of need where codes grow early.
std::string lzw(const std::string& text, bool early) {
  std::string out;
  std::uint64_t bits = 0;
  unsigned held = 0;
  unsigned width = 9;
  const auto put = [&](unsigned code) {
    bits = bits << width | code;
    for (held += width; held >= 8; held -= 8) out += static_cast<char>(bits >> (held - 8) & 0xff);
  };
  constexpr unsigned kNone = 4096;
  std::vector<std::uint16_t>
      table;  // by a word's code and the byte behind it: the longer word's code
  unsigned next = 258;
  table.assign(std::size_t{4096} * 256, 0);
  put(256);
  unsigned word = kNone;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (word == kNone) {
      word = byte;
      continue;
    }
    std::uint16_t& longer = table[std::size_t{word} * 256 + byte];
    if (longer != 0) {
      word = longer;
      continue;
    }
    put(word);
    if (next == 4093) {
      put(256);
      table.assign(table.size(), 0);
      next = 258;
      width = 9;
    } else {
      longer = static_cast<std::uint16_t>(next++);
      if (next + (early ? 1 : 0) > 1U << width) ++width;
    }
    word = byte;
  }
  if (word != kNone) put(word);
  if (++next + (early ? 1 : 0) > 1U << width && width < 12) ++width;
  put(257);
  if (held > 0) out += static_cast<char>(bits << (8 - held) & 0xff);
  return out;
}
std::string hex(const std::string& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<std::uint8_t>(c) >> 4];
    out += kDigits[static_cast<std::uint8_t>(c) & 15];
  }
  return out + ">";
}
std::string packed(const std::string& facts, const std::string& data) {
  return object(1, "<< /Type /EmbeddedFile " + facts + " >>\nstream\n" + data + "\nendstream");
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

TEST_CASE("streams of a PDF are unpacked by their filters, whatever their names") {
  // Long enough for codes of 12 bits, and for the table to be full.
  std::string text;
  std::uint32_t seed = 7;
  while (text.size() < 20'000) {
    seed = seed * 1664525 + 1013904223;
    text += static_cast<char>('a' + (seed >> 24) % 26);
    if (seed >> 28 == 0) text += "PLANTED in a file ";
  }
  text += "the end";
  const std::string flate = deflated(text);
  struct Case {
    std::string filters;
    std::string data;
    std::string told;
  };
  const auto test = GENERATE_COPY(values<Case>({
      {"/Filter /LZWDecode", lzw(text, true), text},
      {"/Filter /LZW /DecodeParms << /EarlyChange 1 >>", lzw(text, true), text},
      {"/DecodeParms << /EarlyChange 0 >> /Filter [/LZWDecode]", lzw(text, false), text},
      {"/Filter [ /AHx /LZW ] /DecodeParms [ null << /EarlyChange 0 >> ]", hex(lzw(text, false)),
       text},
      {"/Filter [/AHx/Fl]", hex(flate), text},
      {"/Filter [/ASCIIHexDecode /FlateDecode] /Length 9", hex(flate), text},
      {"/Filter /Fl", flate, text},
      {"/Filter /A85", "87cURD]j7BEbo80~>", "Hello world!"},
      {"/Filter /RL", std::string("\4PLANT\376E\0D\200xx", 12), "PLANTEEED"},
      {"/Filter /LZWDecode", lzw("", true), ""},
      {"/Filter /LZWDecode", std::string("\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", 9),
       "-----A---B"},  // the example of 7.4.4.2
      {"/Filter /LZW", "\xff\xff\xff", ""},
      {"/Filter /LZW", std::string("\x80\x18\x7f\xff", 4), "a"},
      {"/Filter [/LZW /DCTDecode]", lzw(text, true), ""},
  }));
  INFO(test.filters);
  const std::string said = read(packed(test.filters, test.data)).said;
  INFO(said.size() << " of " << test.told.size());
  CHECK((said == test.told));
}

TEST_CASE("a stream of a PDF that unpacks to too much is a bomb") {
  const std::string much(std::size_t{40} << 20, 'a');
  for (const bool early : {true, false}) {
    PartLog log;
    BodyContext context;
    context.events = &log;
    const std::string file =
        "%PDF-1.7\n" +
        packed(early ? "/Filter /LZW" : "/Filter /LZW /DecodeParms << /EarlyChange 0 >>",
               lzw(much, early));
    context.sent_bytes = file.size() / 100;
    read_pdf_objects(context, bytes_of(file), {}, 0);
    CHECK(log.said.empty());
    CHECK(context.stop_reason == "bomb");
  }
  const auto unpacked = [](const std::string& data, PdfFilter filter) {
    return pdf_unpacked(data, {{filter}, true}).size();
  };
  CHECK(unpacked(lzw(much, true), PdfFilter::kLzw) <= kPdfStreamBytesMax);
  CHECK(unpacked(deflated(much), PdfFilter::kFlate) == kPdfStreamBytesMax);
  CHECK(unpacked(std::string(kPdfStreamBytesMax, 'z'), PdfFilter::kAscii85) == kPdfStreamBytesMax);
  std::string runs;
  for (std::size_t at = 0; at < 300'000; ++at)
    runs +=
        "\x81"
        "a";
  CHECK(unpacked(runs, PdfFilter::kRunLength) == kPdfStreamBytesMax);
}

TEST_CASE("a PDF may end anywhere") {
  const std::string file = object(1, "<< /Title (a\\(b) /V <41> /F /FlateDecode >>") +
                           object(2, stream("/Type /ObjStm", "1 0 << /Title (b) >>")) +
                           object(3, stream("/Type /EmbeddedFile", "some words")) +
                           packed("/Filter [/AHx /LZW]", hex(lzw("some words", true)));
  for (std::size_t cut = 0; cut < file.size(); ++cut) read(file.substr(0, cut));
  read(std::string(5000, '('));
  std::string nested;
  for (int at = 0; at < 5000; ++at) nested += "<< /A ";
  read(nested);
}
