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
  PartStatus status;
  read_pdf_objects(context, bytes_of(file), {}, 0, status);
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
      {object(1, "<< /Title (hidden) >>") + object(2, stream("/Encrypt 5 0 R /Type /XRef", "x")),
       ""},
      {object(1, "<< /Title (of /Encrypt 5 0 R) >>") + "trailer << /Size 2 >>",
       "of /Encrypt 5 0 R\n"},
      {object(1, "<< /Title (a) /EncryptMetadata false >>") + "trailer << >>", "a\n"},
      {object(1, "<< /FT /Ch /Opt [[(1) (one)] [(2) (two)]] /Other (no) >>"), "1\none\n2\ntwo\n"},
      {object(1, "<< /FT /Tx /V 2 0 R /T (card) >>") + object(2, "(4111)"), "card: 4111\n"},
      {object(1, stream("/Type /ObjStm /N 2 /First 8", "7 0 8 7 (4111) << /T (card) /V 7 0 R >>")),
       "card: 4111\n"},
      {object(1, stream("/Type /ObjStm /N 1 /First 4", "7 x (4111)")), "4111\n"},
      {object(1, stream("/Type /ObjStm /N 2 /First 8", "7 0 8 0 << /Title (b) >>")), "b\n"},
      {object(1, "<< /Title (a) /Client#20No (4711) /Producer (p) /ModDate (D:2026) >>") +
           "trailer << /Info 1 0 R >>",
       "a\nClient No: 4711\n"},
      {object(1, "<< /Title (a) /Client (4711) >>") + "trailer << /Info 2 0 R >>", "a\n"},
      {object(1, "<< /V << /Type /Sig /Contents <0102> >> /T (seal) >>"), ""},
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

TEST_CASE("attached files are found and are whole, however a PDF names them") {
  const auto raw = [](const std::string& facts, const std::string& data) {
    return "<< " + facts + " >>\nstream\n" + data + "\nendstream";
  };
  const std::string inner = "a\nstream\nb\nendstream\nPLANTED";
  const std::string length = "/Length " + std::to_string(inner.size());
  const std::string name = object(2, "<< /EF << /F 1 0 R >> /F (a.txt) /Type /Filespec >>");
  struct Case {
    std::string objects;
    std::string told;
  };
  const auto test = GENERATE_COPY(values<Case>({
      {object(1, raw("/Type /EmbeddedFile " + length, inner)) + name, inner},
      {object(1, raw("/Type /EmbeddedFile /Length 3 0 R", inner)) + name +
           object(3, std::to_string(inner.size())),
       inner},
      {object(1, raw(length, inner)) + name, inner},
      {object(1, raw("/Type /EmbeddedFile /Length 5", inner)) + name, "a\nstream\nb\n"},
      {object(1, raw("/Type /EmbeddedFile /Length 999999", inner)) + name, "a\nstream\nb\n"},
      {object(1, raw("/Type /EmbeddedFile /Length 4 0 R", "abc")) + name, "abc\n"},
      {object(3, "<< /Names [ (a.txt) << /Type /Filespec /F (a.txt) /EF << /F " +
                     raw("/Type /EmbeddedFile " + length, inner) + " >> >> ] >>"),
       inner},
  }));
  INFO(test.objects);
  const PartLog log = read(test.objects);
  CHECK(log.said == test.told);
  CHECK(log.names == std::vector<std::string>{"a.txt"});
}

TEST_CASE("rows that say how they differ from those before are put right") {
  const auto unpacked = [](std::string data, PdfParameters parameters) {
    return pdf_unpacked(deflated(data), {{PdfFilter::kFlate}, {parameters}}).data;
  };
  PdfParameters png;
  png.predictor = 12;
  png.columns = 4;
  CHECK(unpacked({"\0abcd\1a\1\1\1\2\0\0\0\1", 15}, png) == "abcdabcdabce");
  CHECK(unpacked({"\0bbbb\3\x31\0\0\0\4\0\0\0\1", 15}, png) == "bbbbbbbbbbbc");
  CHECK(unpacked({"\0abcd\2\1", 7}, png) == "abcdb");
  PdfParameters tiff;
  tiff.predictor = 2;
  tiff.columns = 3;
  CHECK(unpacked({"a\1\1b\0\1", 6}, tiff) == "abcbbc");
  tiff.columns = 0;
  CHECK(unpacked("abc", tiff) == "abc");
  png.columns = 0xffffffff;
  png.colors = 32;
  CHECK(unpacked({"\0abc", 4}, png) == "abc");
  const std::string data{"\0<< /Ti\0tle (a\0) >>", 19};
  CHECK(read(object(1, stream("/Type /ObjStm /DecodeParms << /Predictor 15 /Columns 6 >>", data)))
            .said == "a\n");
}

TEST_CASE("a file that unpacks to more than is kept is told as cut") {
  for (const std::size_t size : {kPdfStreamBytesMax, kPdfStreamBytesMax + 1}) {
    PartLog log;
    BodyContext context;
    context.events = &log;
    context.sent_bytes = size;
    PartStatus status;
    const std::string file =
        "%PDF-1.7\n" + object(1, stream("/Type /EmbeddedFile", std::string(size, 'a')));
    read_pdf_objects(context, bytes_of(file), {}, 0, status);
    CHECK(log.said.size() == kPdfStreamBytesMax);
    CHECK(status.truncated == (size > kPdfStreamBytesMax));
  }
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
    PartStatus status;
    read_pdf_objects(context, bytes_of(file), {}, 0, status);
    CHECK(log.said.empty());
    CHECK(context.stop_reason == "bomb");
  }
  const auto unpacked = [](const std::string& data, PdfFilter filter) {
    return pdf_unpacked(data, {{filter}, {}}).data.size();
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
  const std::string more =
      object(5, "<< /EF << /F << /Length 3 >>\nstream\nabc\nendstream\n>> /F (a) >>") +
      object(6, stream("/Type /ObjStm /First 8 /DecodeParms << /Predictor 12 /Columns 3 >>",
                       "7 0 8 3 (a) << /V 7 0 R >>")) +
      "trailer << /Info 1 0 R /Encrypted (no) >>";
  for (std::size_t cut = 0; cut < file.size(); ++cut) read(file.substr(0, cut));
  for (std::size_t cut = 0; cut < more.size(); ++cut) read(more.substr(0, cut));
  read(std::string(5000, '('));
  std::string nested;
  for (int at = 0; at < 5000; ++at) nested += "<< /A ";
  read(nested);
}
