#include "code_pages.h"

#include <catch2/catch.hpp>

#include "gnomon/content/text_decoder.h"
#include "part_log.h"

namespace gnomon::content {
namespace {

struct Sample {
  std::string_view charset;
  std::string_view bytes;
  std::string_view utf8;
};

// "the passport and the city", as people write it.
constexpr Sample kSamples[] = {
    {"windows-1251",
     "\xcf\xe0\xf1\xef\xee\xf0\xf2 \xe8 \xe3\xee\xf0\xee\xe4 \xcc\xee\xf1\xea\xe2\xe0",
     "Паспорт и город Москва"},
    {"gb2312", "\xbb\xa4\xd5\xd5\xba\xc5\xc2\xeb,\xb3\xc7\xca\xd0,\xb1\xb1\xbe\xa9",
     "护照号码,城市,北京"},
    {"big5", "\xc5\x40\xb7\xd3\xb8\xb9\xbd\x58,\xab\xb0\xa5\xab,\xa5\x78\xa5\x5f",
     "護照號碼,城市,台北"},
    {"shift_jis", "\x83\x70\x83\x58\x83\x7c\x81\x5b\x83\x67\x82\xcc\x94\xd4\x8d\x86",
     "パスポートの番号"},
    {"euc-jp", "\xa5\xd1\xa5\xb9\xa5\xdd\xa1\xbc\xa5\xc8\xa4\xce\xc8\xd6\xb9\xe6",
     "パスポートの番号"},
    {"euc-kr", "\xbf\xa9\xb1\xc7\xb9\xf8\xc8\xa3 \xb5\xb5\xbd\xc3 \xbc\xad\xbf\xef",
     "여권번호 도시 서울"}};

Bytes bytes_in(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST_CASE("texts of code pages come out as UTF-8, however they are cut", "[content][charset]") {
  const auto& sample = GENERATE(from_range(std::begin(kSamples), std::end(kSamples)));
  INFO(sample.charset);
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, sample.bytes.size()}) {
    TextDecoder decoder{charset_named(sample.charset)};
    std::string out;
    for (std::size_t at = 0; at < sample.bytes.size(); at += step)
      decoder.write(bytes_in(sample.bytes.substr(at, step)), out);
    decoder.finish(out);
    CHECK(out == sample.utf8);
  }
}

TEST_CASE("a text of a code page that nothing names is told by its letters", "[content][charset]") {
  const auto& sample = GENERATE(from_range(std::begin(kSamples), std::end(kSamples)));
  INFO(sample.charset);
  CHECK(guess_code_page(bytes_in(sample.bytes)) == charset_named(sample.charset));
}

TEST_CASE("Latin letters, UTF-8 and few bytes are no text of a code page", "[content][charset]") {
  for (const std::string_view text : {"M\xfcller, Stra\xdf"
                                      "e, Gr\xf6\xdf"
                                      "e; J\xf6rg gr\xfc\xdft \xfc"
                                      "ber \xc4pfel und \xd6l",
                                      "\xc9l\xe8ve, fa\xe7"
                                      "ade, na\xefve, \xe9t\xe9, \xe0 c\xf4t\xe9, d\xe9j\xe0 vu",
                                      "plain words", "\xcf\xe0", ""}) {
    INFO(text);
    CHECK(guess_code_page(bytes_in(text)) == Charset::kUtf8);
  }
}

TEST_CASE("bytes that are no characters are passed over", "[content][charset]") {
  for (const std::string_view name : {"gb2312", "big5", "shift_jis", "euc-jp", "euc-kr"}) {
    TextDecoder decoder{charset_named(name)};
    std::string out;
    decoder.write(bytes_in("a\xff\xff\xff\xff"
                           "b\x81"),
                  out);
    decoder.finish(out);
    INFO(name << ": " << out);
    CHECK(out.front() == 'a');
    CHECK(out.find('b') != std::string::npos);
  }
}

TEST_CASE("zeros in texts of code pages become spaces", "[content][charset]") {
  for (const Charset charset : {Charset::kWindows1251, Charset::kGbk}) {
    TextDecoder decoder{charset};
    std::string out;
    decoder.write(bytes_in(std::string_view{"a\0b", 3}), out);
    CHECK(out == "a b");
  }
}

TEST_CASE("HTML and XML name their charset at the beginning", "[content][charset]") {
  CHECK(charset_name_in("<?xml version='1.0' encoding='koi8-r'?><a/>") == "koi8-r");
  CHECK(charset_name_in("<html><meta charset=\"big5\">") == "big5");
  CHECK(charset_name_in("<html><META http-equiv=x content=\"text/html; charset=iso-8859-2\">") ==
        "iso-8859-2");
  CHECK(charset_name_in("<?xml version='1.0'?><a encoding='x'/>").empty());
  CHECK(charset_name_in("<meta charset=").empty());
  CHECK(charset_name_in("charset=koi8-r").empty());
}

}  // namespace
}  // namespace gnomon::content
