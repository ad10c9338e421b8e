#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "gnomon/packet/stream_capture.h"

namespace gnomon::packet {
namespace {

namespace fs = std::filesystem;

// A folder of its own, gone at the end, with captures nobody writes any more.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("gnomon-folder-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  void put(const std::string& name, const fs::path& from) const {
    fs::copy_file(from, path / name);
    fs::last_write_time(path / name, fs::file_time_type::clock::now() - std::chrono::hours{1});
  }
};

TEST_CASE("a followed folder tells what was read as news, and only what is damaged as trouble") {
  const Folder folder;
  folder.put("a.pcap", "pcaps/unknown/lumenwrite.pcap");
  folder.put("b.pcap", "pcaps/unknown/lumenwrite.pcap");
  folder.put("c.pcap", "pcaps/unknown/lumenwrite.pcap");
  fs::resize_file(folder.path / "c.pcap", 1'000);  // torn in a frame
  fs::last_write_time(folder.path / "c.pcap",
                      fs::file_time_type::clock::now() - std::chrono::hours{1});
  FolderOptions options;
  options.folder = folder.path.string();
  options.workers = 1;
  options.wanted = [](const std::string& path) { return !path.ends_with("a.pcap"); };
  auto source = follow_folder(options);
  REQUIRE(source);
  std::vector<LiveNews> news;
  for (int i = 0; i < 200 && news.size() < 3; ++i) {
    (*source)->tend();
    FrameBlock block;
    while ((*source)->take(0, block) == LiveSource::Took::kFrames) {
    }
    for (LiveNews& each : (*source)->take_news()) news.push_back(std::move(each));
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  (*source)->stop();
  REQUIRE(news.size() == 3);
  CHECK(news[0].text == (folder.path / "b.pcap").string() + ": 445 frames");
  CHECK_FALSE(news[0].trouble);
  CHECK(news[1].text.find("c.pcap: offset ") != std::string::npos);
  CHECK(news[1].trouble);
  CHECK(news[2].text == folder.path.string() + ": 1 capture was read before");
  CHECK_FALSE(news[2].trouble);
}

struct Seen {
  std::size_t frames = 0;
  std::size_t passed_over = 0;
  std::vector<LiveNews> news;
};

// Until so much has been told.
void watch(LiveSource& source, std::size_t news, Seen& seen) {
  for (int i = 0; i < 200 && seen.news.size() < news; ++i) {
    source.tend();
    FrameBlock block;
    while (source.take(0, block) == LiveSource::Took::kFrames) {
      seen.frames += block.frames.size();
      seen.passed_over += block.passed_over;
    }
    for (LiveNews& each : source.take_news()) seen.news.push_back(std::move(each));
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  source.tend();
}

TEST_CASE("what is no capture beside those that are is left alone, and is no damage") {
  const Folder folder;
  std::ofstream{folder.path / "README.txt"} << "These captures are of the lab.";
  fs::last_write_time(folder.path / "README.txt",
                      fs::file_time_type::clock::now() - std::chrono::hours{1});
  FolderOptions options;
  options.folder = folder.path.string();
  auto source = follow_folder(options);
  REQUIRE(source);
  Seen seen;
  watch(**source, 1, seen);
  REQUIRE(seen.news.size() == 1);
  CHECK(seen.news[0].text.ends_with("; it is left alone"));
  CHECK_FALSE(seen.news[0].trouble);
  CHECK((*source)->inputs().front().counters.damaged == 0);
  (*source)->stop();
}

TEST_CASE("a capture that cannot be opened yet is told once, tried again, and damage at the end") {
  const bool permitted = GENERATE(true, false);
  const Folder folder;
  const fs::path path = folder.path / "a.pcap";
  folder.put("a.pcap", "pcaps/unknown/lumenwrite.pcap");
  fs::permissions(path, fs::perms::none);
  const bool root = ::geteuid() == 0;  // for whom modes are nothing
  if (root) REQUIRE(::seteuid(65534) == 0);
  FolderOptions options;
  options.folder = folder.path.string();
  std::vector<std::string> done;
  options.done = [&](const std::string& each, const std::string&) { done.push_back(each); };
  auto source = follow_folder(options);
  REQUIRE(source);
  Seen seen;
  watch(**source, 1, seen);
  std::this_thread::sleep_for(std::chrono::milliseconds{1200});  // is looked at again meanwhile
  (*source)->tend();
  const auto again = (*source)->take_news();
  const auto end = [&] {
    (*source)->stop();
    FrameBlock block;
    for (int i = 0; i < 100 && (*source)->take(0, block) != LiveSource::Took::kEnd; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    (*source)->tend();
  };
  if (!permitted) end();
  if (root) REQUIRE(::seteuid(0) == 0);
  REQUIRE(seen.news.size() == 1);
  CHECK(seen.news[0].text == path.string() + ": cannot be opened: Permission denied; trying again");
  CHECK(seen.news[0].trouble);
  CHECK(again.empty());
  CHECK(done.empty());
  if (permitted) {
    const auto written = fs::last_write_time(path);
    fs::permissions(path, fs::perms::all);
    fs::last_write_time(path, written);
    watch(**source, 2, seen);
    CHECK(seen.frames == 445);
    CHECK(done == std::vector{path.string()});
    end();
  }
  CHECK((*source)->inputs().front().counters.damaged == (permitted ? 0 : 1));
}

TEST_CASE("of a capture that has grown since it was read only the rest is") {
  const Folder folder;
  const fs::path path = folder.path / "a.pcap";
  const auto an_hour_ago = fs::file_time_type::clock::now() - std::chrono::hours{1};
  folder.put("a.pcap", "pcaps/unknown/lumenwrite.pcap");
  const bool torn = GENERATE(true, false);
  const std::uintmax_t whole = fs::file_size(path);
  // The first record ends where its length says, behind the headers of file and record.
  std::ifstream capture{path, std::ios::binary};
  std::string bytes(40, '\0');
  capture.read(bytes.data(), 40);
  std::uint32_t length = 0;
  std::memcpy(&length, bytes.data() + 32, sizeof length);
  fs::resize_file(path, 40 + length + (torn ? 7 : 0));
  fs::last_write_time(path, an_hour_ago);
  FolderOptions options;
  options.folder = folder.path.string();
  auto source = follow_folder(options);
  REQUIRE(source);
  Seen seen;
  watch(**source, 1, seen);
  CHECK(seen.frames == 1);
  CHECK(seen.passed_over == 0);
  fs::copy_file("pcaps/unknown/lumenwrite.pcap", path, fs::copy_options::overwrite_existing);
  REQUIRE(fs::file_size(path) == whole);
  fs::last_write_time(path, an_hour_ago + std::chrono::minutes{1});
  watch(**source, 2, seen);
  CHECK(seen.frames == 445);
  CHECK(seen.passed_over == 1);  // so that the rest keeps its numbers
  // Other packets under the name are a file of their own.
  fs::copy_file("pcaps/local/ollama.pcap", path, fs::copy_options::overwrite_existing);
  fs::last_write_time(path, an_hour_ago + std::chrono::minutes{2});
  watch(**source, 3, seen);
  CHECK(seen.frames > 445);
  (*source)->stop();
}

TEST_CASE("a capture that was read is not read again when it has been packed") {
  const Folder folder;
  const auto [ending, pack] = GENERATE(table<std::string, std::string>(
      {{".gz", "gzip"}, {".zst", "zstd -q --rm"}, {".zst", "pzstd -q --rm"}}));
  folder.put("a.pcap", "pcaps/unknown/lumenwrite.pcap");
  folder.put("b.pcap", "pcaps/unknown/lumenwrite.pcap");
  FolderOptions options;
  options.folder = folder.path.string();
  auto source = follow_folder(options);
  REQUIRE(source);
  Seen seen;
  watch(**source, 2, seen);
  CHECK(seen.frames == 2 * 445);
  if (std::system((pack + " '" + (folder.path / "a.pcap").string() + "'").c_str()) != 0) {
    WARN(pack << " is not installed");
    return;
  }
  watch(**source, 3, seen);
  REQUIRE(seen.news.size() == 3);
  CHECK(seen.news[2].text == folder.path.string() + ": 1 capture was read before");
  CHECK(seen.frames == 2 * 445);
  // Under the name there is something else now.
  fs::copy_file("pcaps/local/ollama.pcap", folder.path / "c");
  REQUIRE(std::system((pack + " '" + (folder.path / "c").string() + "'").c_str()) == 0);
  fs::rename(folder.path / ("c" + ending), folder.path / ("b.pcap" + ending));
  fs::last_write_time(folder.path / ("b.pcap" + ending),
                      fs::file_time_type::clock::now() - std::chrono::hours{1});
  watch(**source, 4, seen);
  CHECK(seen.frames > 2 * 445);
  (*source)->stop();
}

TEST_CASE("of a name that is used again each capture is read once, packed or not") {
  const Folder folder;
  const fs::path path = folder.path / "ring0.pcap";
  FolderOptions options;
  options.folder = folder.path.string();
  auto source = follow_folder(options);
  REQUIRE(source);
  Seen seen;
  std::size_t news = 0;
  for (const char* capture : {"pcaps/unknown/lumenwrite.pcap", "pcaps/local/ollama.pcap"}) {
    folder.put("ring0.pcap", capture);
    watch(**source, ++news, seen);
    const std::size_t frames = seen.frames;
    CHECK(frames > 0);
    if (std::system(("gzip -f '" + path.string() + "'").c_str()) != 0) {
      WARN("gzip is not installed");
      return;
    }
    watch(**source, ++news, seen);
    CHECK(seen.news.back().text == folder.path.string() + ": 1 capture was read before");
    CHECK(seen.frames == frames);
  }
  (*source)->stop();
}

}  // namespace
}  // namespace gnomon::packet
