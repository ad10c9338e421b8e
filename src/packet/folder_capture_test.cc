#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

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

}  // namespace
}  // namespace gnomon::packet
