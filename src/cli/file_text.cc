#include "file_text.h"

#include <algorithm>

#include "gnomon/content/body.h"
#include "gnomon/content/document_process.h"
#include "gnomon/content/file_type.h"
#include "gnomon/content/utf8.h"

namespace gnomon::cli {
namespace {

class Collector final : public content::PartEvents {
 public:
  explicit Collector(FileText& into) : into_(into) {}
  void on_part(const content::PartFacts&) override { on_break(); }
  void on_text(std::string_view utf8, content::Role) override { into_.text += utf8; }
  void on_break() override {
    if (!into_.text.empty() && into_.text.back() != '\n') into_.text += '\n';
  }
  void on_part_end(const content::PartEnd& part) override {
    on_break();
    if (part.depth == 0) into_.type = part.file_type;
    if (!part.not_opened.empty() && into_.not_opened.empty()) {
      into_.not_opened = part.not_opened;
      if (part.depth > 0 && !part.file_name.empty()) {
        into_.not_opened += " (" + std::string{part.file_name} + ")";
      }
    }
  }

 private:
  FileText& into_;
};

}  // namespace

FileText read_file_text(std::string_view bytes, std::string_view name,
                        content::DocumentProcess& documents) {
  FileText file;
  const Bytes raw{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
  const content::FileType type = content::file_type_of(
      raw.first(std::min(raw.size(), content::kFileHeadBytes)), name == "-" ? "" : name, {});
  if (type.family == content::FileFamily::kText || type.family == content::FileFamily::kJson ||
      type.family == content::FileFamily::kEmpty) {
    // As it stands: the places of what is found are those of the file.
    file.text = content::to_utf8(bytes);
    file.type = type.name;
    return file;
  }
  Collector collector{file};
  content::read_file(raw, name == "-" ? "" : name, {}, &documents, collector);
  return file;
}

}  // namespace gnomon::cli
