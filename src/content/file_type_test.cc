#include "gnomon/content/file_type.h"

#include <catch2/catch.hpp>
#include <string>

#include "part_log.h"
#include "text_guess.h"

using namespace gnomon;
using namespace gnomon::content;

namespace {

template <std::size_t N>
std::string lit(const char (&text)[N]) {
  return {text, N - 1};
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t at = 0; at < count; ++at) out += text;
  return out;
}

const std::string kKoi8 =
    repeated("\xd0\xc1\xd3\xd0\xcf\xd2\xd4 \xc9 \xd0\xc1\xd2\xcf\xcc\xd8\xc7 ", 30);
const std::string kUtf16 = repeated(lit("\x1f\x04\x30\x04\x41\x04\x3f\x04\x3e\x04 \0"), 20);

}  // namespace

TEST_CASE("a text in a charset that something names is one, however few of its bytes are ASCII") {
  struct Case {
    std::string bytes;
    std::string_view charset;
    std::string_view type;
  };
  const auto test = GENERATE_COPY(values<Case>({
      {kKoi8, "koi8-r", "text"},
      {kKoi8, "ISO-8859-5", "text"},
      {kKoi8, "\"windows-1251\"", "text"},
      {"<html><meta charset=koi8-r><p>" + repeated(kKoi8, 3), "", "html"},
      {"<?xml version=\"1.0\" encoding=\"koi8-r\"?><a>" + repeated(kKoi8, 3) + "</a>", "", "xml"},
      {kUtf16, "", "text"},
      {kKoi8, "", "binary"},
      {kKoi8, "utf-8", "binary"},
      {kKoi8, "x-unknown", "binary"},
      {kKoi8 + '\1', "koi8-r", "binary"},
      {kKoi8 + '\0', "koi8-r", "binary"},
      {kUtf16 + lit("\1\0"), "", "binary"},
      {repeated(lit("\x1f\x04\x30\x19\x41\x0c\x3f\x11\x3e\x16 \0"), 20), "", "binary"},
  }));
  CHECK(file_type_of(bytes_of(test.bytes), {}, {}, test.charset).name == test.type);
}

TEST_CASE("UTF-16 of other letters than Latin ones is known without a mark") {
  CHECK(charset_of(bytes_of(kUtf16)) == Charset::kUtf16Le);
  std::string big;
  for (std::size_t at = 0; at + 1 < kUtf16.size(); at += 2) {
    big += kUtf16[at + 1];
    big += kUtf16[at];
  }
  CHECK(charset_of(bytes_of(big)) == Charset::kUtf16Be);
  for (std::size_t cut = 0; cut < 32; ++cut)
    CHECK(charset_of(bytes_of(kUtf16).first(cut)) == Charset::kUtf8);
}

TEST_CASE("letters that a format begins with may begin a text") {
  struct Case {
    std::string bytes;
    std::string_view type;
  };
  const auto test = GENERATE(values<Case>({
      {"ID3,C4.5 and CART are tree learners.\n", "text"},
      {"fLaC is a format of sound.\n", "text"},
      {"GIF89a is a format of pictures.\n", "text"},
      {"#!AMR is how it begins.\n", "text"},
      {"#!AMR\nis how it begins.\n", "text"},
      {"070701,4711,x,y\n070702,4712,x,y\n", "csv"},
      {"0707070123 called back\n", "text"},
      {"OTTO was here.\n", "text"},
      {"PAR1 stud, 40 mm\n", "text"},
      {"!BDN a word\n", "text"},
      {"GGUF is a format of models.\n", "text"},
      {"wOFF file and so on\n", "text"},
      {"xar! hello there\n", "text"},
      {"%PDF-1.4 is how such files begin, the object 4 obj\n", "text"},
      {"%PDF-1.4\nmy card is 4111 1111 1111 1111\n", "text"},
      {"%PDF-1.4 obj\n obj\n0 obj\nx 0 obj", "text"},
      {"A file that begins with %PDF-1.7 is one of Adobe's.\n", "text"},
      {"%PDF-1.4\n1 0 obj\n<< >>\nendobj\n", "pdf"},
      {"A label before\n%PDF-1.4\n12 0 obj\n<< >>\nendobj\n", "pdf"},
      {lit("%PDF-1.4\n%\xe2\xe3\xcf\xd3\0\1\2\3\4\5\6\7"), "pdf"},
      {lit("ID3\4\0\0\0\0\0\x10TIT2"), "mp3"},
      {lit("fLaC\0\0\0\x22\x10\0\x10\0"), "flac"},
      {lit("GIF89a\x10\0\x10\0\x80\0\0"), "gif"},
      {lit("#!AMR\n\x3c\0\1\2\3"), "amr"},
      {lit("#!AMR-WB\n\x3c\0\1\2\3"), "amr"},
      {"070701" + std::string(104, '0') + std::string(2, '\0'), "cpio"},
      {"070707" + std::string(70, '0') + std::string(2, '\0'), "cpio"},
      {"070707" + std::string(69, '0') + "8", "text"},
      {lit("OTTO\0\x0b\0\x80"), "otf"},
      {lit("P*M\x18\4\0\0\0\xa4R\0\0\x28\xb5\x2f\xfd\4X\x94\xf4"), "zstd"},
      {lit("P*M\x18\4\0\0\0\xa4R\0\0\x28\xb5\x2f"), "binary"},
      {lit("P*M\x18\xff\xff\xff\xff\xa4R\0\0\x28\xb5\x2f\xfd"), "binary"},
  }));
  CHECK(file_type_of(bytes_of(test.bytes), {}, {}).name == test.type);
}

TEST_CASE("an image of a disc tells what it is behind 32 KiB") {
  std::string disc(32768, '\0');
  disc += lit("\1CD001\1\0") + std::string(4096, '\0');
  for (const std::size_t step : {std::size_t{1000}, std::size_t{1} << 20})
    CHECK(read_in_pieces({}, bytes_of(disc), step).log.ends == std::vector<std::string>{"iso"});
  disc[32770] = 'X';
  CHECK(read_in_pieces({}, bytes_of(disc), 1000).log.ends == std::vector<std::string>{"binary"});
  CHECK(read_in_pieces({}, bytes_of(disc).first(20000), 1000).log.ends ==
        std::vector<std::string>{"binary"});
}
