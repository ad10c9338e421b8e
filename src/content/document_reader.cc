#include "document_reader.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "gnomon/content/document_process.h"
#include "gnomon/content/kept_document.h"

namespace gnomon::content {
namespace {

class Spool final : public ByteSink {
 public:
  Spool(BodyContext& context, FileType type, const PartHints& hints, std::uint32_t depth,
        PartStatus& status)
      : context_(context), hints_(hints), type_(type), depth_(depth), status_(status) {
    if (context_.documents == nullptr && context_.keeper == nullptr) return;
    file_ = Descriptor{memfd_create("gnomon-document", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    // Never in this process instead.
    if (!file_) give_up();
  }

  void write(Bytes bytes) override {
    if (full_) return;
    if (size_ + bytes.size() > context_.limits.document_bytes_max) {
      // What is there may still open: a tar, a text stream, the first entries of a ZIP.
      full_ = true;
      status_.truncated = true;
      bytes = bytes.first(context_.limits.document_bytes_max - size_);
    }
    size_ += bytes.size();
    if (!file_) {
      bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
      return;
    }
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
      if (written <= 0) {
        give_up();
        return;
      }
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }
  void gap(std::uint64_t) override {
    full_ = true;  // behind a hole nothing is where it should be
    status_.truncated = true;
  }
  void finish(bool) override {
    if (!status_.not_opened.empty() || size_ == 0) return;
    if (context_.hand_over != nullptr && type_.name == "pdf") {
      read_document(context_, Bytes{bytes_}, type_, hints_, depth_, status_);
      context_.hand_over->on_document(Bytes{bytes_});
    } else if (context_.keeper != nullptr) {
      if (!context_.keeper->keep({std::move(file_), size_, type_, hints_.file_name, hints_.role,
                                  depth_, context_.multiparts}))
        status_.not_opened = "too-many";
    } else if (file_) {
      context_.documents->read(context_, file_.get(), size_, type_, hints_, depth_, status_);
    } else {
      read_document(context_, Bytes{bytes_}, type_, hints_, depth_, status_);
    }
  }
  // Counted apart from what streaming keeps: see BodyLimits::document_bytes_max.
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this); }

 private:
  void give_up() {
    full_ = true;
    status_.not_opened = "no-memory";
  }

  BodyContext& context_;
  PartHints hints_;
  FileType type_;
  std::vector<std::uint8_t> bytes_;
  std::uint64_t size_ = 0;
  std::uint32_t depth_;
  PartStatus& status_;
  Descriptor file_;
  bool full_ = false;
};

}  // namespace

std::unique_ptr<ByteSink> make_document_spool(BodyContext& context, FileType type,
                                              const PartHints& hints, std::uint32_t depth,
                                              PartStatus& status) {
  return std::make_unique<Spool>(context, type, hints, depth, status);
}

void read_document(BodyContext& context, Bytes bytes, FileType type, const PartHints& hints,
                   std::uint32_t depth, PartStatus& status) {
  if (type.name == "pdf") {
    read_pdf_objects(context, bytes, hints, depth, status);
    // poppler reads the pages, in a process.
    if (context.hand_over == nullptr) status.not_opened = "no-process";
    return;
  }
  if (type.name == "sqlite") return read_sqlite(context, bytes, hints, depth, status);
  if (as_text(bytes).substr(0, 4) == "\xd0\xcf\x11\xe0") {
    read_ole(context, bytes, hints, depth, status);
  } else {
    read_archive(context, bytes, type.name, hints, depth, status);
  }
}

}  // namespace gnomon::content
