#include "gnomon/identify/redirect_memory.h"

#include <catch2/catch.hpp>
#include <string>

#include "api_test_support.h"

namespace gnomon::identify {
namespace {

using std::chrono::seconds;

constexpr const char* kHub = "huggingface.co";
constexpr const char* kStored = "/repos/aa/bb/0123?X-Amz-Expires=3600&id=1";

IpAddress client(std::uint8_t last) {
  const std::uint8_t bytes[] = {10, 20, 0, last};
  return IpAddress::v4(bytes);
}

observation::ArtifactRecord from_hub(std::string_view file, std::string_view location,
                                     seconds at = seconds{100}, std::uint8_t who = 30) {
  observation::ArtifactRecord record;
  record.conversation.client = client(who);
  record.time = Time{at};
  record.host = kHub;
  record.kind = "model";
  record.repository = "org/name";
  record.file = file;
  record.revision = "main";
  record.format = "safetensors";
  record.identity.app = "huggingchat";
  record.identity.usage = "model-download";
  record.identity.grade = observation::Grade::kUse;
  record.moved_to = location;
  return record;
}

observation::ArtifactRecord from_storage(std::string_view host, std::string_view target,
                                         seconds at = seconds{101}, std::uint8_t who = 30) {
  observation::ArtifactRecord record;
  record.conversation.client = client(who);
  record.time = Time{at};
  record.host = host;
  record.kind = "model";
  record.target = target;
  record.bytes = 60'000;
  return record;
}

TEST_CASE("A download from storage is told as the hub's that had sent the client there") {
  RedirectMemory memory;
  memory.remember(from_hub("model.safetensors", "https://cdn-lfs.hf.co" + std::string{kStored}));
  auto record = from_storage("cdn-lfs.hf.co", kStored);
  memory.name(record);
  CHECK(record.host == kHub);
  CHECK(record.fetched_from == "cdn-lfs.hf.co");
  CHECK(record.kind == "model");
  CHECK(record.repository == "org/name");
  CHECK(record.file == "model.safetensors");
  CHECK(record.revision == "main");
  CHECK(record.format == "safetensors");
  CHECK(record.bytes == 60'000);
  CHECK(record.identity.app == "huggingchat");
  CHECK(record.identity.grade == observation::Grade::kUse);
  CHECK(memory.counters().joined == 1);

  // Its first bytes say more than the name that the hub gave.
  record = from_storage("cdn-lfs.hf.co", kStored);
  record.format = "pickle";
  record.unsafe_format = true;
  memory.name(record);
  CHECK(record.format == "pickle");
  CHECK(record.unsafe_format);

  record = from_storage("cdn-lfs.hf.co", kStored);
  record.identity.app = "huggingchat";
  record.identity.grade = observation::Grade::kSession;
  memory.name(record);
  CHECK(record.identity.grade == observation::Grade::kSession);
  record = from_storage("cdn-lfs.hf.co", kStored);
  record.identity.app = "some-cloud";
  record.identity.grade = observation::Grade::kSession;
  memory.name(record);
  CHECK(record.identity.app == "huggingchat");
  CHECK(record.identity.grade == observation::Grade::kUse);
}

TEST_CASE("Nobody else's download is named, no other path's, and none before or long after") {
  RedirectMemory memory;
  memory.remember(from_hub("m", "https://cdn-lfs.hf.co" + std::string{kStored}));
  const auto named = [&](observation::ArtifactRecord record) {
    memory.name(record);
    return !record.repository.empty();
  };
  CHECK_FALSE(named(from_storage("cdn-lfs.hf.co", kStored, seconds{101}, 31)));
  CHECK_FALSE(named(from_storage("cdn-lfs.hf.co", "/repos/aa/bb/0124?id=1")));
  CHECK_FALSE(named(from_storage("cdn-lfs-us-1.hf.co", kStored)));
  CHECK_FALSE(named(from_storage("cdn-lfs.hf.co", kStored, seconds{99})));
  CHECK_FALSE(named(from_storage("cdn-lfs.hf.co", kStored, seconds{701})));
  CHECK(named(from_storage("cdn-lfs.hf.co", kStored, seconds{700})));
  // Every part that is fetched keeps it.
  CHECK(named(from_storage("cdn-lfs.hf.co", kStored, seconds{1300})));
  CHECK_FALSE(named(from_storage("cdn-lfs.hf.co", kStored, seconds{1901})));
}

TEST_CASE("URLs are compared by host and path, in whatever form they come") {
  for (const char* location :
       {"https://CDN.example/a/b?x=1", "http://cdn.example:8080/a/b?x=1", "//cdn.example/a/b?x=1#f",
        "https://user:secret@cdn.example/a/b", "https://cdn.example/a/b?other"}) {
    INFO(location);
    RedirectMemory memory;
    memory.remember(from_hub("m", location));
    for (const char* target : {"/a/b?x=1", "http://cdn.example/a/b?x=1", "/a/b"}) {
      INFO(target);
      auto record = from_storage("cdn.example", target);
      memory.name(record);
      CHECK(record.repository == "org/name");
    }
  }
  RedirectMemory memory;
  for (const std::string& location :
       {std::string{"/api/resolve-cache/models/org/name"}, std::string{"https://huggingface.co/x"},
        std::string{"?x"}, std::string{"https:"}, std::string{"https://"}, std::string{"//"},
        std::string{"https://:443/"}, std::string{},
        "https://cdn.example/" + std::string(RedirectMemory::kUrlBytesMax, 'a')})
    memory.remember(from_hub("m", location));
  CHECK(memory.counters().remembered == 0);
  memory.remember(from_hub("m", "https://[2001:db8::1]/a"));
  auto record = from_storage("[2001:db8::1]", "/a");
  memory.name(record);
  CHECK(record.repository == "org/name");
}

TEST_CASE("Of two files behind one path the query decides, or nothing does") {
  RedirectMemory memory;
  memory.remember(from_hub("one", "https://cdn.example/get?id=1"));
  memory.remember(from_hub("two", "https://cdn.example/get?id=2"));
  const auto file = [&](std::string_view target) {
    auto record = from_storage("cdn.example", target);
    memory.name(record);
    return std::string{record.file};
  };
  CHECK(file("/get?id=1") == "one");
  CHECK(file("/get?id=2") == "two");
  CHECK(file("/get?id=3").empty());
  // One file under two signatures is one file.
  memory.remember(from_hub("three", "https://cdn.example/three?signed=a"));
  memory.remember(from_hub("three", "https://cdn.example/three?signed=b"));
  CHECK(file("/three?signed=c") == "three");
}

TEST_CASE("Storage that sends on to other storage passes the name on") {
  RedirectMemory memory;
  memory.remember(from_hub("m", "https://one.example/a"));
  auto first = from_storage("one.example", "/a");
  first.moved_to = "https://two.example/b";
  memory.name(first);
  memory.remember(first);
  CHECK(first.repository == "org/name");
  auto second = from_storage("two.example", "/b", seconds{102});
  memory.name(second);
  CHECK(second.repository == "org/name");
  CHECK(second.fetched_from == "two.example");
  // What an unknown host sends elsewhere is nothing.
  auto unknown = from_storage("other.example", "/c");
  unknown.moved_to = "https://two.example/d";
  memory.remember(unknown);
  auto third = from_storage("two.example", "/d", seconds{102});
  memory.name(third);
  CHECK(third.repository.empty());
}

TEST_CASE("A client's redirects, and all clients', make room for newer ones") {
  RedirectMemory memory;
  const auto known = [&](int number, std::uint8_t who) {
    auto record = from_storage("cdn.example", "/" + std::to_string(number), seconds{101}, who);
    // The target's text is used up in the call.
    const std::string target = "/" + std::to_string(number);
    record.target = target;
    memory.name(record);
    return !record.repository.empty();
  };
  const auto remember = [&](int number, std::uint8_t who) {
    const std::string location = "https://cdn.example/" + std::to_string(number);
    memory.remember(from_hub("m", location, seconds{100}, who));
  };
  remember(0, 200);
  const int share = static_cast<int>(RedirectMemory::kClientMax);
  for (int i = 0; i <= share; ++i) remember(i, 1);
  CHECK_FALSE(known(0, 1));
  CHECK(known(1, 1));
  CHECK(known(share, 1));
  CHECK(known(0, 200));
  CHECK(memory.counters().evicted == 1);

  const int clients = static_cast<int>(RedirectMemory::kRedirectsMax) / share;
  for (int who = 2; who <= clients; ++who)
    for (int i = 0; i < share; ++i) remember(i, static_cast<std::uint8_t>(who));
  CHECK_FALSE(known(0, 200));
  CHECK(known(1, 1));
  CHECK(memory.counters().evicted == 2);
}

TEST_CASE("A hub's redirect says where the file is, asked by GET or by HEAD") {
  ApiReader reader{shipped()};
  ApiScan scan;
  Talk talk = {.method = "GET",
               .target = "/org/name/resolve/main/model.safetensors",
               .response_fields = {{"Location", "https://cdn-lfs.hf.co/repos/aa/bb/0123?x"}},
               .status = 302,
               .host = "huggingface.co"};
  const ApiFacts* facts = &read_talk(reader, scan, talk);
  CHECK(facts->repository == "org/name");
  CHECK(facts->moved_to == "https://cdn-lfs.hf.co/repos/aa/bb/0123?x");
  CHECK_FALSE(facts->asked_only);
  CHECK(facts->usage == "model-download");
  talk.method = "HEAD";
  facts = &read_talk(reader, scan, talk);
  CHECK(facts->artifact_kind == "model");
  CHECK(facts->repository == "org/name");
  CHECK(facts->file == "model.safetensors");
  CHECK(facts->moved_to == "https://cdn-lfs.hf.co/repos/aa/bb/0123?x");
  CHECK(facts->asked_only);
  CHECK(facts->usage.empty());
  // The hub has it itself: nothing was fetched.
  talk.status = 200;
  CHECK(read_talk(reader, scan, talk).artifact_kind.empty());
  talk.status = 404;
  CHECK(read_talk(reader, scan, talk).artifact_kind.empty());

  // The storage of Ollama's registry names a digest.
  const std::string digest(64, '1');
  const Talk layer = {
      .method = "GET",
      .target = "/ollama/docker/registry/v2/blobs/sha256/11/" + digest + "/data?X-Amz-Expires=9",
      .response = "GGUF" + std::string(80, '\0'),
      .host = "dd20bb891979d25aebc8bec07b2b3bbc.r2.cloudflarestorage.com"};
  facts = &read_talk(reader, scan, layer);
  CHECK(facts->artifact_kind == "model");
  CHECK(facts->repository.empty());
  CHECK(facts->file == digest);
  CHECK(facts->format == "gguf");
  CHECK(facts->artifact_bytes == 84);
  // What others keep there is nothing.
  CHECK(read_talk(reader, scan,
                  {.method = "GET",
                   .target = "/pictures/cat.png?X-Amz-Expires=9",
                   .response = "\x89PNG",
                   .host = "0123.r2.cloudflarestorage.com"})
            .artifact_kind.empty());
}

}  // namespace
}  // namespace gnomon::identify
