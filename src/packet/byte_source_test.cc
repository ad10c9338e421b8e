#include "byte_source.h"

#include <unistd.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

namespace gnomon::packet {
namespace {

namespace fs = std::filesystem;

std::string zstd(const std::string& bytes, bool says_its_size, bool checksum) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(),
                                                                     ZSTD_freeCCtx};
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, says_its_size ? 1 : 0);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, checksum ? 1 : 0);
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(
      ZSTD_compress2(context.get(), packed.data(), packed.size(), bytes.data(), bytes.size()));
  return packed;
}

std::string text_of(std::size_t size) {
  std::string text;
  for (unsigned i = 0; text.size() < size; ++i) text += std::to_string(i * i);
  text.resize(size);
  return text;
}

}  // namespace

TEST_CASE("what a compressed file says that it holds is the sum of its frames") {
  using namespace std::string_literals;
  const std::string long_text = text_of(700'000);  // several blocks
  const std::string skippable = "\x50\x2a\x4d\x18\x04\0\0\0abcd"s;
  const std::string whole = zstd(long_text, true, true);
  struct Row {
    const char* what;
    std::string bytes;
    std::optional<std::uint64_t> size;
  };
  const fs::path path =
      fs::temp_directory_path() / ("gnomon-size-within-" + std::to_string(::getpid()));
  for (const Row& row : {
           Row{"one frame", whole, 700'000},
           Row{"without a checksum", zstd(text_of(300), true, false), 300},
           Row{"of one byte again and again", zstd(std::string(200'000, 'a'), true, true), 200'000},
           Row{"of nothing", zstd("", true, true), 0},
           Row{"two frames", whole + zstd(text_of(300), true, false), 700'300},
           Row{"as pzstd writes it", skippable + whole + skippable + whole, 1'400'000},
           Row{"a frame that does not say", zstd(long_text, false, true), {}},
           Row{"the second does not say", whole + zstd(text_of(300), false, true), {}},
           Row{"cut in a block", whole.substr(0, whole.size() - 9), {}},
           Row{"cut in the checksum", whole.substr(0, whole.size() - 1), {}},
           Row{"something after it", whole + "something else", {}},
           Row{"not compressed", long_text, {}},
           Row{"empty", "", {}},
       }) {
    INFO(row.what);
    std::ofstream{path, std::ios::binary} << row.bytes;
    CHECK(size_within(path.string()) == row.size);
  }
  fs::remove(path);
  CHECK(size_within(path.string()) == std::nullopt);
}

}  // namespace gnomon::packet
