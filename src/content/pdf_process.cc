#include "pdf_process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include "child_process.h"
#include "gnomon/bytes/descriptor.h"
#include "gnomon/content/file_type.h"
#include "gnomon/content/text_decoder.h"
#include "pdf_tokens.h"
#include "text_formats.h"
#include "text_guess.h"
#include "text_writer.h"

namespace gnomon::content {
namespace {

// The bytes of a file, for as long as this lives.
class MappedFile {
 public:
  explicit MappedFile(int file) {
    struct stat facts {};
    if (fstat(file, &facts) != 0 || facts.st_size <= 0) return;
    // As long as it is, whatever was meant to be in it: what lies beyond its end cannot be read.
    const auto size = static_cast<std::size_t>(facts.st_size);
    void* const memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (memory != MAP_FAILED) bytes_ = {static_cast<const std::uint8_t*>(memory), size};
  }
  ~MappedFile() {
    if (!bytes_.empty()) munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] Bytes bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

// What has a PDF's first line and no pages may be any text: it is read as one.
void read_as_text(BodyContext& context, Bytes bytes, Role role, std::uint32_t depth,
                  PartStatus& status) {
  if (!looks_like_text(bytes.first(std::min(bytes.size(), kFileHeadBytes)))) return;
  if (bytes.size() > context.limits.text_bytes_max) {
    bytes = bytes.first(context.limits.text_bytes_max);
    status.truncated = true;
  }
  const auto text = make_text_stage(context, {}, make_plain_text(context, depth, role));
  text->write(bytes);
  text->finish(true);
}

}  // namespace

void read_pdf(const DocumentProcessOptions& options, BodyContext& context, int file, Role role,
              std::uint32_t depth, PartStatus& status) {
  int pipe_ends[2];
  if (lseek(file, 0, SEEK_SET) != 0 || pipe2(pipe_ends, O_CLOEXEC) != 0) {
    status.not_opened = "no-process";
    return;
  }
  const Descriptor output{pipe_ends[0]};
  Descriptor theirs{pipe_ends[1]};
  Child pdf;
  if (access(options.pdftotext.c_str(), X_OK) != 0 ||
      !pdf.start({options.program, "extract", "pdf", std::to_string(options.memory_bytes_max),
                  std::to_string(context.limits.document_seconds_max), options.pdftotext},
                 file, theirs.get())) {
    status.not_opened = "no-process";
    return;
  }
  theirs.reset();
  const Patience patience{pdf, context.limits.document_seconds_max, options.give_up};
  TextWriter writer{context, depth};
  TextDecoder decoder{charset_named("utf-8")};
  std::string text;
  std::uint64_t total = 0;
  std::array<std::uint8_t, 16384> buffer;
  bool late = false;
  bool full = false;
  while (true) {
    if (!patience.wait_readable(output.get())) {
      late = true;
      break;
    }
    const ssize_t got = ::read(output.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    total += static_cast<std::uint64_t>(got);
    if (total > context.limits.text_bytes_max) {
      full = true;
      break;
    }
    text.clear();
    decoder.write(Bytes{buffer.data(), static_cast<std::size_t>(got)}, text);
    std::replace(text.begin(), text.end(), '\f', '\n');
    writer.write(text, role);
  }
  writer.finish();
  int exit_status = 0;
  if (late || full) {
    pdf.end();
    if (late) ++context.counters.process_ended;
    status.truncated = true;
  } else {
    exit_status = pdf.wait();
  }
  if (exit_status == 0) return;
  ++context.counters.documents_failed;
  if (exit_status == 255) ++context.counters.process_ended;
  if (total == 0) {
    const MappedFile whole{file};
    const bool encrypted = is_encrypted_pdf(as_text(whole.bytes()));
    status.not_opened = exit_status == 255 || exit_status == 127 ? "process-ended"
                        : encrypted                              ? "encrypted"
                                                                 : "damaged";
    if (status.not_opened == "damaged") read_as_text(context, whole.bytes(), role, depth, status);
  } else {
    status.truncated = true;
  }
}

}  // namespace gnomon::content
