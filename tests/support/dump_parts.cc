// Prints what the body reader makes of files: a line per part and its text. Tests look into bodies
// with it, and it is the program that opens documents for itself and for them.
//   dump_parts [--memory] [--type MEDIA_TYPE] [--encoding CODING] [--response] FILE...
// Options count for the files behind them; the type 'file' takes the next as plain files again.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gnomon/content/body.h"
#include "gnomon/content/document_process.h"

using namespace gnomon;
using namespace gnomon::content;

namespace {

class Printer final : public PartEvents {
 public:
  void on_part(const PartFacts& part) override {
    std::printf("\n<part depth=%u name='%.*s' declared='%.*s'>\n", part.depth,
                static_cast<int>(part.file_name.size()), part.file_name.data(),
                static_cast<int>(part.declared_type.size()), part.declared_type.data());
  }
  void on_text(std::string_view utf8, Role role) override {
    if (role != role_) {
      std::printf("\n<role '%.*s'>\n", static_cast<int>(to_string(role).size()),
                  to_string(role).data());
    }
    role_ = role;
    std::fwrite(utf8.data(), 1, utf8.size(), stdout);
  }
  void on_break() override { std::printf("\n<break>\n"); }
  void on_part_end(const PartEnd& part) override {
    std::printf(
        "\n</part type=%.*s size=%llu complete=%d truncated=%d not_opened='%.*s' "
        "size=%ux%u ms=%u sha256=%.*s>\n",
        static_cast<int>(part.file_type.size()), part.file_type.data(),
        static_cast<unsigned long long>(part.size), part.complete, part.truncated,
        static_cast<int>(part.not_opened.size()), part.not_opened.data(), part.width, part.height,
        part.duration_ms, static_cast<int>(part.sha256.size()), part.sha256.data());
  }

 private:
  Role role_ = Role::kNone;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "extract") == 0) {
    return run_document_process(argc - 2, argv + 2);
  }
  BodyFacts facts;
  bool memory = false;
  DocumentProcessOptions options;
  options.program = "/proc/self/exe";
  DocumentProcess documents{options};
  Printer printer;
  BodyReader reader{BodyLimits{}, printer, &documents};
  for (int index = 1; index < argc; ++index) {
    const std::string word = argv[index];
    if (word == "--type") {
      facts.content_type = argv[++index];
      if (facts.content_type == "file") facts.content_type = {};
      continue;
    }
    if (word == "--encoding") {
      facts.content_encoding = argv[++index];
      continue;
    }
    if (word == "--response") {
      facts.to_server = false;
      continue;
    }
    if (word == "--memory") {
      memory = true;
      continue;
    }
    std::printf("\n<file '%s'>\n", word.c_str());
    std::ifstream in{word, std::ios::binary};
    const std::vector<char> bytes{std::istreambuf_iterator<char>{in}, {}};
    facts.file_name = word;
    if (!facts.content_type.empty()) facts.file_name = {};
    reader.begin(facts);
    std::size_t peak = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 1400) {
      reader.feed(Bytes{reinterpret_cast<const std::uint8_t*>(bytes.data()) + at,
                        std::min<std::size_t>(1400, bytes.size() - at)});
      peak = std::max(peak, reader.memory_bytes());
    }
    reader.end(true);
    if (memory) std::fprintf(stderr, "%s: peak %zu bytes\n", word.c_str(), peak);
  }
  const BodyCounters& c = reader.counters();
  if (memory) {
    std::fprintf(stderr, "malformed %llu bombs %llu process_ended %llu truncated %llu\n",
                 static_cast<unsigned long long>(c.malformed),
                 static_cast<unsigned long long>(c.bombs),
                 static_cast<unsigned long long>(c.process_ended),
                 static_cast<unsigned long long>(c.truncated));
  }
  return 0;
}
