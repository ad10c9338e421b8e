#include "gnomon/content/document_process.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>
#include <string>

#include "document_wire.h"
#include "gnomon/bytes/descriptor.h"
#include "part_log.h"

namespace gnomon::content {
namespace {

// A program of a shell's commands, gone with this.
class Script {
 public:
  explicit Script(const std::string& commands) {
    const int file = ::mkstemp(path_.data());
    REQUIRE(file >= 0);
    const std::string text = "#!/bin/sh\n" + commands;
    REQUIRE(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    REQUIRE(::fchmod(file, 0700) == 0);
    ::close(file);
  }
  ~Script() { ::unlink(path_.c_str()); }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/gnomon-process-" + std::string(6, 'X');
};

// A shell's command that says the frame on the channel, its standard input.
std::string says(FrameWriter& frame) {
  std::string command = "printf '";
  for (const std::uint8_t byte : frame.done()) {
    command += '\\';
    for (const unsigned shift : {6U, 3U, 0U})
      command += static_cast<char>('0' + ((byte >> shift) & 7U));
  }
  return command + "' >&0\n";
}

Descriptor memory_file(std::string_view text) {
  Descriptor file{memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  REQUIRE(::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  return file;
}

struct Read {
  explicit Read(const std::string& program, const std::string& pdftotext = "/bin/false") {
    DocumentProcessOptions options;
    options.program = program;
    options.pdftotext = pdftotext;
    DocumentProcess process{options};
    context.events = &log;
    const Descriptor file = memory_file("PK");
    process.read(context, file.get(), 2, {"zip", FileFamily::kDocument}, {}, 0, status);
  }
  PartLog log;
  BodyContext context;
  PartStatus status;
};

// What a process says of a part with a PDF in it, of so many pieces.
std::string part_with_pdf(int pieces, char filled_with = 'x') {
  FrameWriter part{FrameKind::kPart};
  part.text("a.pdf").text("").u32(1).u8(1);
  FrameWriter piece{FrameKind::kPdf};
  piece.bytes(as_bytes(std::string(1000, filled_with)));
  FrameWriter pdf_end{FrameKind::kPdfEnd};
  pdf_end.u8(0);
  FrameWriter end{FrameKind::kPartEnd};
  end.text("a.pdf").text("").text("pdf").text("").text("").u64(9).u64(0).u32(1);
  end.u32(0).u32(0).u32(0).u8(3);
  FrameWriter done{FrameKind::kDone};
  done.text("").u8(0).u8(0).text("").u32(1).u64(9);
  for (int i = 0; i < 7; ++i) done.u64(0);
  std::string commands = says(part);
  for (int i = 0; i < pieces; ++i) commands += says(piece);
  return commands + says(pdf_end) + says(end) + says(done) + "exec sleep 600\n";
}

TEST_CASE("a PDF that finds no memory is not opened, and what else is told is", "[content]") {
  const Script program{"[ $2 = documents ] || exit 127\n" + part_with_pdf(4)};
  {
    const Read read{program.path(), "/bin/true"};
    CHECK(read.log.text.find("process-ended") != std::string::npos);  // of pdftotext
    CHECK(read.status.not_opened.empty());
  }
  // Files cannot grow any more: a write fails behind the first bytes.
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit little{1500, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &little);
  const Read read{program.path(), "/bin/true"};
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignored);
  CHECK(read.log.text.find("no-memory") != std::string::npos);
  CHECK(read.status.not_opened.empty());
  CHECK(read.context.counters.process_ended == 0);
  CHECK(read.context.counters.documents == 1);  // the PDF was never one
}

TEST_CASE("a PDF that has no pages is read as the text that it is", "[content]") {
  const auto read = [](char filled_with) {
    const Script program{"[ $2 = documents ] || exit 1\n" + part_with_pdf(2, filled_with)};
    return Read{program.path(), "/bin/true"}.log;
  };
  const PartLog text = read('x');
  CHECK(text.said == std::string(2000, 'x'));
  CHECK_THAT(text.text, Catch::Contains("!damaged"));
  const PartLog binary = read('\1');
  CHECK(binary.said.empty());
  CHECK_THAT(binary.text, Catch::Contains("!damaged"));
}

TEST_CASE("a process that tells more text than it may is ended", "[content]") {
  FrameWriter text{FrameKind::kText};
  text.u8(0).bytes(as_bytes(std::string(1000, 'x')));
  const Script program{"for i in $(seq 70000); do " + says(text) + "done\nexec sleep 600\n"};
  const Read read{program.path()};
  CHECK(read.status.not_opened == "process-ended");
  CHECK(read.context.counters.process_ended == 1);
}

// The other side, in a process of its own as ever.
struct Worker {
  Worker() {
    int pair[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    id = fork();
    if (id == 0) {
      dup2(pair[1], 0);
      ::close(pair[0]);
      ::close(pair[1]);
      const char* const arguments[] = {"documents", "1073741824"};
      _exit(run_document_process(2, arguments));
    }
    ::close(pair[1]);
    channel = Descriptor{pair[0]};
  }
  ~Worker() {
    channel.reset();
    waitpid(id, nullptr, 0);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void ask(std::string_view document, std::string_view type, std::uint64_t text_bytes_max) {
    const BodyLimits limits;
    FrameWriter request{FrameKind::kRequest};
    request.u64(document.size()).text(type).text("").u8(0).u32(0).u32(0).u32(0);
    request.u64(document.size()).u64(document.size()).u8(1);
    request.u64(limits.decoded_bytes_max).u64(limits.decoded_ratio_max);
    request.u64(limits.document_bytes_max).u64(text_bytes_max).u64(limits.window_bytes_max);
    request.u32(limits.parts_max).u32(limits.depth_max).u32(limits.document_seconds_max);
    const Descriptor file = memory_file(document);
    REQUIRE(send_beside(channel.get(), request.done(), file.get()));
  }

  struct Answer {
    std::size_t text_bytes = 0;
    std::size_t parts = 0;
    std::string not_opened;
    bool truncated = false;
    bool stopped = false;
    bool done = false;
  };
  Answer answer() {
    Answer all;
    while (!all.done) {
      std::array<std::uint8_t, kFrameHeaderBytes> header{};
      if (recv(channel.get(), header.data(), header.size(), MSG_WAITALL) != 5) return all;
      const std::size_t size = ByteReader{Bytes{header}.subspan(1)}.u32();
      std::vector<std::uint8_t> frame(size);
      if (size > 0 &&
          recv(channel.get(), frame.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size))
        return all;
      ByteReader in{Bytes{frame}};
      const auto kind = static_cast<FrameKind>(header[0]);
      if (kind == FrameKind::kText) all.text_bytes += size - 1;
      if (kind == FrameKind::kPart) ++all.parts;
      if (kind != FrameKind::kDone) continue;
      all.not_opened = take_text(in);
      all.truncated = in.u8() != 0;
      all.stopped = in.u8() != 0;
      all.done = true;
    }
    return all;
  }

  pid_t id = -1;
  Descriptor channel;
};

// A tar of two texts of so many characters of two bytes.
std::string tar_of(std::size_t characters) {
  std::string all;
  for (const char* name : {"a.txt", "b.txt"}) {
    std::string text;
    for (std::size_t i = 0; i < characters; ++i) text += i % 40 == 39 ? " \n" : "\xc3\xa4";
    std::string head(512, '\0');
    head.replace(0, std::strlen(name), name);
    head.replace(100, 7, "0000644");
    std::string size(11, '0');
    std::size_t left = text.size();
    for (std::size_t at = size.size(); at-- > 0; left /= 8)
      size[at] = static_cast<char>('0' + left % 8);
    head.replace(124, 11, size);
    head.replace(136, 11, "00000000000");
    head[156] = '0';
    head.replace(257, 5, "ustar");
    head.replace(263, 2, "00");
    head.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const char c : head) sum += static_cast<unsigned char>(c);
    std::string octal(6, '0');
    for (std::size_t at = octal.size(); at-- > 0; sum /= 8)
      octal[at] = static_cast<char>('0' + sum % 8);
    head.replace(148, 6, octal);
    head[154] = '\0';
    text.resize((text.size() + 511) / 512 * 512, '\0');
    all += head + text;
  }
  return all + std::string(1024, '\0');
}

TEST_CASE("an archive with more text than is wanted is told as truncated, and the next one is read",
          "[content]") {
  Worker worker;
  const std::string tar = tar_of(20000);
  worker.ask(tar, "tar", 50001);
  Worker::Answer answer = worker.answer();
  REQUIRE(answer.done);
  CHECK(answer.truncated);
  CHECK_FALSE(answer.stopped);  // of this document, not of what comes behind it
  CHECK(answer.not_opened.empty());
  CHECK(answer.text_bytes == 50000);  // no character is cut
  CHECK(answer.parts == 2);

  worker.ask(tar, "tar", 39000);
  answer = worker.answer();
  CHECK(answer.truncated);
  CHECK(answer.parts == 1);  // nothing is read behind

  worker.ask(tar, "tar", 1 << 20);
  answer = worker.answer();
  REQUIRE(answer.done);
  CHECK_FALSE(answer.truncated);
  CHECK(answer.text_bytes >= 80000);
}

}  // namespace
}  // namespace gnomon::content
