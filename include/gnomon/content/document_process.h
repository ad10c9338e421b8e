#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "gnomon/content/body.h"
#include "gnomon/content/file_type.h"

namespace gnomon::content {

struct BodyContext;
struct PartHints;
struct PartStatus;

struct DocumentProcessOptions {
  std::string program;  // run as `PROGRAM extract`; it must call run_document_process()
  std::string pdftotext = "/usr/bin/pdftotext";
  std::uint64_t memory_bytes_max = std::uint64_t{1} << 30;  // of the process's address space
  // Set by another thread: the document that is being opened, and all further ones, are given up.
  const std::atomic<bool>* give_up = nullptr;
};

// Opens documents and archives in a process of its own, which is limited in memory, time and files
// and by a system call filter, and is started again when it dies. One thread; the process is
// started when first needed and then kept warm.
class DocumentProcess {
 public:
  explicit DocumentProcess(const DocumentProcessOptions& options);
  ~DocumentProcess();
  DocumentProcess(DocumentProcess&&) noexcept;

  // Reads `document`, a memory file of `size` bytes, and tells its parts and text to the context.
  void read(BodyContext& context, int document, std::uint64_t size, FileType type,
            const PartHints& hints, std::uint32_t depth, PartStatus& status);

 private:
  struct State;
  class Reading;
  std::unique_ptr<State> state_;
};

// The other side: serves on standard input until it closes. What `gnomon extract` does. With the
// argument "pdf" it becomes pdftotext, under the same limits.
int run_document_process(int argument_count, const char* const* arguments);

}  // namespace gnomon::content
