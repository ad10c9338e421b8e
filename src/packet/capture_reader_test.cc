#include "gnomon/packet/capture_reader.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "byte_source.h"
#include "capture_input.h"
#include "test_captures.h"

using namespace gnomon;
using namespace gnomon::packet;
using namespace gnomon::packet::testing;

namespace {

// Everything an input has to give, read from memory.
struct Read {
  std::vector<Raw> frames;
  std::vector<Frame> about;  // their data pointers are stale
  std::vector<InputProblem> problems;
  std::vector<DecryptionSecrets> secrets;
  CaptureLosses losses;
};

Read read_all(const Raw& file, std::size_t block_bytes = CaptureReader::kBlockBytes) {
  // Exactly as large as the file, so that the address sanitizer sees every read beyond it.
  const Raw exact(file.begin(), file.end());
  CaptureInput input{memory_source(exact.data(), exact.size()), block_bytes, InputNotes{}};
  Read read;
  FrameBlock block;
  while (input.fill(block)) {
    REQUIRE_FALSE(block.frames.empty());
    for (const Frame& frame : block.frames) {
      read.frames.emplace_back(frame.data, frame.data + frame.captured_bytes);
      read.about.push_back(frame);
    }
  }
  CHECK_FALSE(input.fill(block));
  CHECK(input.frames() == read.frames.size());
  read.problems = input.notes().problems;
  read.secrets = input.notes().secrets;
  read.losses = input.notes().losses;
  return read;
}

Raw gzip(const Raw& bytes) {
  Raw out(compressBound(static_cast<uLong>(bytes.size())) + 64);
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  Raw in = bytes;
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Raw zstd(const Raw& bytes) {
  Raw out(ZSTD_compressBound(bytes.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

// A folder that is gone with the test.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "gnomon-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
  std::string add(const std::string& name, const Raw& bytes) const {
    const std::filesystem::path file = path / name;
    std::ofstream out{file, std::ios::binary};
    for (const std::uint8_t byte : bytes) out.put(static_cast<char>(byte));
    return file.string();
  }
  std::filesystem::path path;
};

const std::vector<Raw> kThree = {text("first"), {}, text("the third")};

Raw three_pcap(PcapStyle style = {}) {
  return pcap_header(style) + pcap_record(kThree[0], 10, 5, style) +
         pcap_record(kThree[1], 11, 6, style) + pcap_record(kThree[2], 12, 7, style);
}

Raw three_pcapng(bool big_endian = false) {
  const Pcapng ng{big_endian};
  return ng.section() + ng.interface(1, 65535, {}) + ng.packet(0, 10'000'005, kThree[0]) +
         ng.block(5, zeros(12)) + ng.packet(0, 11'000'006, kThree[1]) +
         ng.packet(0, 12'000'007, kThree[2]);
}

}  // namespace

TEST_CASE("pcap is read in every byte order, resolution and variant") {
  struct Row {
    std::string name;
    PcapStyle style;
    std::int64_t nanoseconds;
  };
  std::vector<Row> rows;
  for (const bool big_endian : {false, true}) {
    const std::string order = big_endian ? "big-endian " : "little-endian ";
    rows.push_back({order + "microseconds", {big_endian, 0xa1b2c3d4, 16, 4, 1}, 5000});
    rows.push_back({order + "nanoseconds", {big_endian, 0xa1b23c4d, 16, 4, 1}, 5});
    rows.push_back({order + "modified", {big_endian, 0xa1b2cd34, 24, 4, 1}, 5000});
    rows.push_back(
        {order + "modified under the plain magic", {big_endian, 0xa1b2c3d4, 24, 4, 1}, 5000});
    rows.push_back({order + "Nokia", {big_endian, 0xa1b2c3d4, 20, 4, 1}, 5000});
    rows.push_back({order + "AIX", {big_endian, 0xa1b2c3d4, 16, 2, 6}, 5});
  }
  for (const Row& row : rows) {
    INFO(row.name);
    const Read read = read_all(three_pcap(row.style));
    CHECK(read.problems.empty());
    REQUIRE(read.frames == kThree);
    CHECK(read.about[0].time == time_of(10, row.nanoseconds));
    CHECK(read.about[2].wire_bytes == 9);
    CHECK(read.about[2].link_type == 1);
  }
}

TEST_CASE("pcap cut anywhere gives the whole records before the cut and one problem") {
  const Raw whole = three_pcap();
  const std::size_t ends[] = {24, 24 + 21, 24 + 21 + 16, whole.size()};
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    INFO(cut);
    const Read read =
        read_all(Raw(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut)));
    std::size_t frames = 0;
    while (frames < 3 && ends[frames + 1] <= cut) ++frames;
    CHECK(read.frames.size() == frames);
    const bool between = cut == ends[frames];
    REQUIRE(read.problems.size() == (between ? 0 : 1));
    if (between) continue;
    CHECK(read.problems[0].fatal_for_file == (cut < 24));
    CHECK(read.problems[0].offset == (cut < 24 ? 0 : ends[frames]));
  }
}

TEST_CASE("captures that were put one behind the other are one") {
  for (const bool big_endian : {false, true}) {
    PcapStyle style{big_endian};
    const Raw first = three_pcap(style);
    style.network = 113;
    const Raw second = pcap_header(style) + pcap_record(kThree[2], 13, 8, style);
    const Raw whole = first + first + second;
    const Read read = read_all(whole);
    CHECK(read.problems.empty());
    REQUIRE(read.frames.size() == 7);
    CHECK(read.frames[3] == kThree[0]);
    CHECK(read.about[5].link_type == 1);
    CHECK(read.about[6].link_type == 113);
    CHECK(read.about[6].time == time_of(13, 8000));
    for (std::size_t cut = first.size(); cut <= first.size() + 24; ++cut) {
      INFO(cut);
      const Read part =
          read_all(Raw(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut)));
      CHECK(part.frames == kThree);
      CHECK(part.problems.size() == (cut == first.size() || cut == first.size() + 24 ? 0 : 1));
    }
  }
}

TEST_CASE("pcapng of either byte order cut anywhere gives the packets before the cut") {
  for (const bool big_endian : {false, true}) {
    const Raw whole = three_pcapng(big_endian);
    CHECK(read_all(whole).frames == kThree);
    CHECK(read_all(whole).problems.empty());
    CHECK(read_all(whole).about[0].time == time_of(10, 5000));
    std::size_t before = 0;
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      INFO(cut);
      const Read read =
          read_all(Raw(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut)));
      CHECK(read.frames.size() >= before);
      CHECK(read.frames.size() < 3);
      CHECK(read.problems.size() <= 1);
      before = read.frames.size();
    }
    CHECK(before == 2);
  }
}

TEST_CASE("pcapng interfaces differ in link type, clock and snap length, and sections start over") {
  const Pcapng ng{false};
  const Pcapng other{true};
  const Raw file =
      ng.section() + ng.interface(1, 0, {}) +
      ng.interface(113, 65535, ng.option(9, u8(9)) + ng.option(14, little32(100) + zeros(4))) +
      ng.interface(101, 65535, ng.option(2, text("eth0")) + ng.option(9, u8(0x80 | 10))) +
      ng.packet(0, 2'000'000, text("a")) + ng.packet(1, 3'000'000'000, text("bb")) +
      ng.packet(2, 4 * 1024 + 512, text("ccc")) + other.section() + other.interface(276, 3, {}) +
      other.packet(0, 5'000'000, text("dddd")) + other.simple_packet(text("eee"), 7) +
      other.obsolete_packet(0, 6'000'000, text("fffff"));
  const Read read = read_all(file);
  CHECK(read.problems.empty());
  REQUIRE(read.frames.size() == 6);
  const std::uint16_t link_types[] = {1, 113, 101, 276, 276, 276};
  const Time times[] = {time_of(2, 0), time_of(103, 0), time_of(4, 500'000'000),
                        time_of(5, 0), time_of(5, 0),   time_of(6, 0)};
  for (std::size_t i = 0; i < 6; ++i) {
    INFO(i);
    CHECK(read.about[i].link_type == link_types[i]);
    CHECK(read.about[i].time == times[i]);
  }
  CHECK(read.about[1].interface == 1);
  CHECK(read.about[4].captured_bytes == 3);
  CHECK(read.about[4].wire_bytes == 7);
}

TEST_CASE("what a pcapng capture lost is what its interfaces told last") {
  for (const bool big_endian : {false, true}) {
    const Pcapng ng{big_endian};
    const auto number = [&](std::uint32_t value) {
      return big_endian ? ng.u32(0) + ng.u32(value) : ng.u32(value) + ng.u32(0);
    };
    const auto statistics = [&](std::uint32_t interface, const Raw& options) {
      return ng.block(5, ng.u32(interface) + zeros(8) + options);
    };
    const Raw head = ng.section() + ng.interface(1, 0, {}) + ng.interface(1, 0, {});
    const Raw first = ng.option(4, number(100)) + ng.option(5, number(7)) + ng.option(7, number(3));
    CHECK(read_all(head + statistics(0, first)).losses == CaptureLosses{100, 7, 3, 0});
    // Told again, more; and of another interface.
    const Raw more = ng.option(4, number(150)) + ng.option(5, number(9)) + ng.option(7, number(3));
    CHECK(read_all(head + statistics(0, first) + statistics(1, first) + statistics(0, more)).losses ==
          CaptureLosses{250, 16, 6, 0});
    // Accepted by the filter, less what the system dropped, less what was delivered.
    const Raw own = ng.option(6, number(100)) + ng.option(7, number(30)) + ng.option(8, number(60));
    CHECK(read_all(head + statistics(0, own)).losses == CaptureLosses{0, 0, 30, 10});
    CHECK(read_all(head + statistics(0, ng.option(6, number(100)))).losses == CaptureLosses{});

    for (const Raw& wrong :
         {statistics(2, first), ng.block(5, ng.u32(0) + zeros(4)), statistics(0, ng.option(5, zeros(4))),
          statistics(0, ng.option(0, {}) + first), statistics(0, ng.u16(5) + ng.u16(800))}) {
      const Read read = read_all(head + wrong + ng.packet(0, 1, text("a")));
      CHECK(read.losses == CaptureLosses{});
      CHECK(read.problems.empty());
      CHECK(read.frames.size() == 1);
    }
  }
}

TEST_CASE("a pcapng block that is wrong inside is left out, and reading goes on") {
  const Pcapng ng{false};
  struct Row {
    std::string name;
    Raw block;
  };
  const Raw interface = ng.interface(1, 0, {});
  const std::vector<Row> rows = {
      {"a packet longer than its block",
       ng.block(6, little32(0) + zeros(8) + little32(999) + little32(999) + zeros(4))},
      {"a packet header that is cut", ng.block(6, zeros(16))},
      {"a packet of interface 7", ng.packet(7, 0, text("x"))},
      {"an interface that is cut", ng.block(1, zeros(4))},
      {"a simple packet that is cut", ng.block(3, {})},
      {"secrets longer than their block",
       ng.block(10, little32(0x544c534b) + little32(99) + zeros(4))},
      {"secrets that are cut", ng.block(10, zeros(4))},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Raw start = ng.section() + interface + ng.packet(0, 1, text("before"));
    const Read read = read_all(start + row.block + ng.packet(0, 2, text("after")));
    REQUIRE(read.frames.size() == 2);
    CHECK(read.frames[1] == text("after"));
    REQUIRE(read.problems.size() == 1);
    CHECK(read.problems[0].offset == start.size());
    CHECK_FALSE(read.problems[0].fatal_for_file);
  }
}

TEST_CASE("a file whose framing lies is used up to there") {
  const Raw good = three_pcapng();
  struct Row {
    std::string name;
    Raw file;
    std::size_t frames;
  };
  const std::vector<Row> rows = {
      {"pcap record of 4 GiB", three_pcap() + zeros(8) + hex("ffffffff ffffffff") + zeros(99), 3},
      {"pcap record of 300 KB and nothing behind it",
       three_pcap() + zeros(8) + little32(300'000) + little32(300'000) + zeros(99), 3},
      {"pcap record of 300 KB and no record behind it",
       three_pcap() + zeros(8) + little32(300'000) + little32(300'000) + zeros(300'000) +
           Raw(999, 0xff),
       3},
      {"pcap record of 100 MB in a small file",
       three_pcap() + zeros(8) + little32(100'000'000) + little32(100'000'000) + zeros(99), 3},
      {"pcapng block of 4 bytes", good + little32(6) + little32(4) + zeros(40), 3},
      {"pcapng block of 13 bytes", good + little32(6) + little32(13) + zeros(40), 3},
      {"pcapng block of 2 GiB", good + little32(6) + little32(0x80000000) + zeros(40), 3},
      {"pcapng block of 200 MB in a small file",
       good + little32(6) + little32(200'000'000) + zeros(40), 3},
      {"pcapng lengths that differ", good + little32(6) + little32(32) + zeros(20) + little32(36),
       3},
      {"pcapng section of no byte order", good + hex("0a0d0d0a 1c000000 00000000") + zeros(40), 3},
      {"snoop lengths that contradict",
       snoop_header() + snoop_record(text("abc")) + u32(3) + u32(300) + u32(28) + zeros(16), 1},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Read read = read_all(row.file);
    CHECK(read.frames.size() == row.frames);
    REQUIRE(read.problems.size() == 1);
    CHECK_FALSE(read.problems[0].fatal_for_file);
    CHECK(read.problems[0].offset > 0);
  }
}

TEST_CASE("what is no capture says so") {
  struct Row {
    std::string name;
    Raw file;
  };
  PcapStyle version_3;
  version_3.major = 3;
  const std::vector<Row> rows = {
      {"empty", {}},
      {"one byte", text("x")},
      {"text", text("Dear Sir or Madam, this is a letter.")},
      {"magic of pcap alone", hex("d4c3b2a1")},
      {"pcap of version 3", three_pcap(version_3)},
      {"magic of pcapng alone", hex("0a0d0d0a")},
      {"pcapng of no byte order", hex("0a0d0d0a 1c000000 00000000") + zeros(40)},
      {"snoop of version 3", text("snoop") + zeros(3) + u32(3) + u32(4)},
      {"gzip of text", gzip(text("Dear Sir or Madam, this is a letter."))},
      {"gzip of nothing", gzip({})},
      {"gzip's magic alone", hex("1f8b")},
      {"gzip, damaged at once", hex("1f8b ff ff ff ff ff ff ff ff ff ff")},
      {"zstd of text", zstd(text("Dear Sir or Madam, this is a letter."))},
      {"zstd's magic alone", hex("28b52ffd")},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Read read = read_all(row.file);
    CHECK(read.frames.empty());
    REQUIRE(read.problems.size() == 1);
    CHECK(read.problems[0].fatal_for_file);
    CHECK_FALSE(read.problems[0].what.empty());
  }
}

TEST_CASE("a frame over 65,535 bytes is a frame, also one larger than a block") {
  for (const std::size_t size : {70'000U, 262'144U, 262'145U, 3'000'000U}) {
    INFO(size);
    const Raw giant(size, 0x5a);
    const Raw file = pcap_header({}) + pcap_record(text("a"), 1, 1, {}) +
                     pcap_record(giant, 2, 2, {}) + pcap_record(text("b"), 3, 3, {});
    const Read read = read_all(file);
    CHECK(read.problems.empty());
    REQUIRE(read.frames.size() == 3);
    CHECK(read.frames[1] == giant);
    CHECK(read_all(pcap_header({}) + pcap_record(giant, 2, 2, {})).frames.size() == 1);
    const Pcapng ng{false};
    CHECK(read_all(ng.section() + ng.interface(1, 0, {}) + ng.packet(0, 1, giant)).frames.size() ==
          1);
  }
}

TEST_CASE("what was captured of a frame was there, though its length says 0 or less") {
  const Raw frame = text("0123456789ab");
  for (const std::uint32_t wire : {0U, 4U, 11U}) {
    INFO(wire);
    const Raw lengths = little32(12) + little32(wire);
    const Pcapng ng{false};
    const std::vector<Raw> files = {
        pcap_header({}) + little32(1) + little32(2) + lengths + frame,
        ng.section() + ng.interface(1, 0, {}) + ng.block(6, zeros(12) + lengths + frame),
        snoop_header() + u32(wire) + u32(12) + u32(36) + zeros(12) + frame,
    };
    for (const Raw& file : files) {
      const Read read = read_all(file);
      REQUIRE(read.frames.size() == 1);
      CHECK(read.frames[0] == frame);
      CHECK(read.about[0].wire_bytes == 12);
      CHECK(read.problems.empty());
    }
  }
}

TEST_CASE("a pcapng block whose length leaves out the padding is read with it") {
  const Pcapng ng{false};
  const auto unpadded = [](const Raw& frame) {
    const auto size = static_cast<std::uint32_t>(frame.size());
    const Raw length = little32(32 + size);
    return little32(6) + length + zeros(12) + little32(size) + little32(size) + frame +
           zeros((4 - frame.size() % 4) % 4) + length;
  };
  const Raw start = ng.section() + ng.interface(1, 0, {});
  Raw file = start;
  for (const Raw& frame : kThree) file = file + unpadded(frame);
  const Read read = read_all(file);
  CHECK(read.frames == kThree);
  CHECK(read.problems.empty());
  // Cut within the padding.
  CHECK(read_all({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(start.size()) + 37})
            .frames.empty());
}

TEST_CASE("any block size gives the same frames") {
  Raw file = pcap_header({});
  std::vector<Raw> frames;
  for (unsigned i = 0; i < 500; ++i) {
    frames.emplace_back(i * 7 % 200, static_cast<std::uint8_t>(i));
    file = file + pcap_record(frames.back(), i, 0, {});
  }
  for (const std::size_t block_bytes : {32U, 100U, 4096U, 1'000'000U}) {
    INFO(block_bytes);
    const Read read = read_all(file, block_bytes);
    CHECK(read.frames == frames);
    CHECK(read.problems.empty());
  }
}

TEST_CASE("compressed captures are known by what they hold") {
  const Raw plain = three_pcap();
  const Raw half_a(plain.begin(), plain.begin() + 30);
  const Raw half_b(plain.begin() + 30, plain.end());
  CHECK(read_all(gzip(plain)).frames == kThree);
  CHECK(read_all(gzip(half_a) + gzip(half_b)).frames == kThree);  // several members
  CHECK(read_all(gzip(plain) + zeros(512)).problems.empty());     // padded
  CHECK(read_all(zstd(plain)).frames == kThree);
  CHECK(read_all(zstd(half_a) + zstd(half_b)).frames == kThree);
  CHECK(read_all(zstd(three_pcapng())).frames == kThree);
  // As pzstd writes them: a skippable frame before each frame.
  const Raw skipped = hex("502a4d18 04000000 aabbccdd");
  CHECK(read_all(skipped + zstd(half_a) + skipped + zstd(half_b)).frames == kThree);
  CHECK(read_all(hex("5f2a4d18 00000000") + zstd(plain)).frames == kThree);
  CHECK(read_all(hex("602a4d18 00000000") + zstd(plain)).frames.empty());
}

TEST_CASE("a compressed capture cut or damaged anywhere is used as far as it goes") {
  for (const Raw& whole : {gzip(three_pcap()), zstd(three_pcap())}) {
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      INFO(cut);
      const Raw part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
      const Read read = read_all(part);
      CHECK(read.problems.size() == 1);
      for (std::size_t i = 0; i < read.frames.size(); ++i) CHECK(read.frames[i] == kThree[i]);
      Raw flipped = whole;
      flipped[cut] ^= 0x55;
      CHECK(read_all(flipped).problems.size() <= 2);
    }
  }
}

TEST_CASE("decryption secrets are kept") {
  const Pcapng ng{false};
  const std::string log = "CLIENT_RANDOM 00 11\n";
  const Raw secrets = ng.block(
      10, little32(0x544c534b) + little32(static_cast<std::uint32_t>(log.size())) + text(log));
  const Read read = read_all(ng.section() + secrets + ng.interface(1, 0, {}) + secrets);
  REQUIRE(read.secrets.size() == 2);
  CHECK(read.secrets[0].bytes == log);
  CHECK(read.secrets[1].type == 0x544c534b);
}

TEST_CASE("timestamps that cannot be saturate") {
  const Pcapng ng{false};
  const Raw never = ng.option(14, Raw(7, 0xff) + u8(0x7f));
  const Read read =
      read_all(ng.section() + ng.interface(1, 0, ng.option(9, u8(0))) + ng.interface(1, 0, never) +
               ng.interface(1, 0, ng.option(9, u8(0xff))) +
               ng.interface(1, 0, ng.option(9, u8(0x7f))) + ng.packet(0, ~0ULL, {}) +
               ng.packet(1, 1, {}) + ng.packet(2, ~0ULL, {}) + ng.packet(3, ~0ULL, {}));
  REQUIRE(read.about.size() == 4);
  CHECK(read.about[0].time == Time::max());
  CHECK(read.about[1].time == Time::max());
  CHECK(read.about[2].time == Time{});
  CHECK(read.about[3].time == Time{});
}

TEST_CASE("problems of a file are listed up to a limit") {
  const Pcapng ng{false};
  Raw file = ng.section() + ng.interface(1, 0, {});
  for (std::size_t i = 0; i < CaptureReader::kProblemsMax + 100; ++i)
    file = std::move(file) + ng.packet(1, 0, {});
  const Read read = read_all(file + ng.packet(0, 0, text("x")));
  CHECK(read.problems.size() == CaptureReader::kProblemsMax);
  CHECK(read.frames.size() == 1);
}

TEST_CASE("frames are numbered over all inputs and within each") {
  const Folder folder;
  const std::string a = folder.add("a.pcap", three_pcap());
  const std::string b = folder.add("b", gzip(three_pcapng()));
  CaptureReader reader{{a, (folder.path / "missing").string(), b}};
  REQUIRE(reader.files().size() == 3);
  FrameBlock block;
  REQUIRE(reader.fill(block));
  CHECK((block.input == 0 && block.first_number == 1 && block.first_frame_in_file == 1));
  REQUIRE(reader.fill(block));
  CHECK((block.input == 2 && block.first_number == 4 && block.first_frame_in_file == 1));
  CHECK(block.index == 1);
  CHECK_FALSE(reader.fill(block));
  REQUIRE(reader.problems().size() == 1);
  CHECK(reader.problems()[0].fatal_for_file);
  CHECK(reader.problems()[0].what == "No such file or directory");
  CHECK((reader.any_frame(0) && !reader.any_frame(1) && reader.any_frame(2)));
  CHECK(reader.progress().read_bytes == reader.progress().total_bytes);
}

TEST_CASE("captures are read in the order of their first packets, however they are named") {
  const Folder folder;
  PcapStyle style;
  const auto at = [&](const char* name, std::uint32_t second) {
    return folder.add(name, pcap_header(style) + pcap_record(text("x"), second, 0, style));
  };
  const std::string late = at("a", 30);
  const std::string early = at("b", 10);
  const std::string between = at("c", 20);
  const std::string same = at("0-same", 20);
  std::filesystem::create_directories(folder.path / "day");
  const std::string below = at("day/d", 15);
  const std::string missing = (folder.path / "missing").string();
  const std::string nothing = folder.add("nothing", pcap_header(style));
  const std::string pipe = (folder.path / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);  // opening it would wait
  const CaptureReader reader{
      {late, pipe, between, missing, same, nothing, (folder.path / "day").string(), early, "-"}};
  // What is no file, or has no packets, stays where it was named; of equals the first named is
  // first.
  CHECK(reader.files() ==
        std::vector<std::string>{early, pipe, below, missing, between, nothing, same, late, "-"});
  CHECK(reader.problems().empty());
}

TEST_CASE("a folder gives its captures in order of their first packets, and skips the rest") {
  const Folder folder;
  PcapStyle style;
  folder.add("a-late.pcap", pcap_header(style) + pcap_record(text("3"), 30, 0, style));
  folder.add("z-early.pcap", gzip(pcap_header(style) + pcap_record(text("1"), 10, 0, style)));
  folder.add("b-same.pcap", pcap_header(style) + pcap_record(text("2"), 30, 0, style));
  folder.add("readme.txt", text("not a capture at all"));
  folder.add("empty", {});
  std::filesystem::create_directories(folder.path / "folder.pcap" / "day");
  folder.add("folder.pcap/day/below.pcap", pcap_header(style) + pcap_record(text("4"), 20, 0, style));
  std::filesystem::create_directory_symlink(folder.path, folder.path / "folder.pcap" / "up");
  REQUIRE(::mkfifo((folder.path / "pipe").c_str(), 0600) == 0);  // opening it would wait
  CaptureReader reader{{folder.path.string()}};
  std::vector<std::string> names;
  for (const std::string& file : reader.files())
    names.push_back(std::filesystem::path{file}.filename().string());
  CHECK(names ==
        std::vector<std::string>{"z-early.pcap", "below.pcap", "a-late.pcap", "b-same.pcap"});
  REQUIRE(reader.problems().size() == 2);
  for (const InputProblem& problem : reader.problems()) CHECK(problem.foreign);
  FrameBlock block;
  std::size_t frames = 0;
  while (reader.fill(block)) frames += block.frames.size();
  CHECK(frames == 4);
  CHECK(reader.problems().size() == 2);
}
