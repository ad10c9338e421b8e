#include "file_text.h"

#include <algorithm>

#include "gnomon/content/body.h"
#include "gnomon/content/document_process.h"
#include "gnomon/content/file_type.h"
#include "gnomon/content/utf8.h"

namespace gnomon::cli {
namespace {

constexpr std::size_t kNotReadMax = 100;  // that are told
constexpr std::size_t kFilesMax = 1000;   // that are told apart
constexpr std::string_view kBreak = "\n\x1e\n";  // between values, as content::Inspector sets it

class Collector final : public content::PartEvents {
 public:
  explicit Collector(FileText& into) : into_(into) {}
  void on_part(const content::PartFacts& part) override {
    std::size_t file = open_.empty() ? 0 : open_.back();
    if (part.file && part.depth > 0) {
      if (into_.files.size() < kFilesMax) {
        into_.files.emplace_back(part.file_name);
        into_.types.emplace_back();
      }
      file = into_.files.size() - 1;
    }
    open_.push_back(file);
    begin(content::Role::kNone);
  }
  void on_text(std::string_view utf8, content::Role role) override {
    if (into_.stretches.empty() || into_.stretches.back().role != role) begin(role);
    into_.text += utf8;
  }
  void on_break() override {
    const std::size_t since = into_.stretches.empty() ? 0 : into_.stretches.back().begin;
    if (into_.text.size() > since && !into_.text.ends_with(kBreak)) into_.text += kBreak;
  }
  void on_part_end(const content::PartEnd& part) override {
    if (part.depth == 0) into_.type = part.file_type;
    if (!open_.empty() && (part.file || part.depth == 0))
      into_.types[open_.back()] = part.file_type;
    if (!part.not_opened.empty())
      note(part, part.not_opened);
    else if (part.truncated)
      note(part, "truncated");
    if (!open_.empty()) open_.pop_back();
    begin(content::Role::kNone);
  }

 private:
  void begin(content::Role role) {
    if (into_.stretches.empty() || into_.stretches.back().begin != into_.text.size())
      into_.stretches.push_back({into_.text.size()});
    into_.stretches.back().role = role;
    into_.stretches.back().file = open_.empty() ? 0 : open_.back();
  }

  void note(const content::PartEnd& part, std::string_view reason) {
    if (into_.not_read.size() >= kNotReadMax) return;
    into_.not_read.push_back(
        {part.depth > 0 ? std::string{part.file_name} : std::string{}, std::string{reason}});
  }

  FileText& into_;
  std::vector<std::size_t> open_;  // of the parts that are open, which file each belongs to
};

}  // namespace

std::string_view FileText::text_of(std::size_t index) const {
  const std::size_t begin = stretches[index].begin;
  const std::size_t end = index + 1 < stretches.size() ? stretches[index + 1].begin : text.size();
  return std::string_view{text}.substr(begin, end - begin);
}

FileText read_file_text(std::string_view bytes, std::string_view name,
                        content::DocumentProcess& documents) {
  FileText file;
  const Bytes raw{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
  const content::FileType type = content::file_type_of(
      raw.first(std::min(raw.size(), content::kFileHeadBytes)), name == "-" ? "" : name, {});
  // What is folded or of two bytes a character does not stand in the file as it is read.
  const bool as_it_stands =
      bytes.find('\0') == bytes.npos && type.name != "vcard" && type.name != "icalendar";
  if ((type.family == content::FileFamily::kText && as_it_stands) ||
      type.family == content::FileFamily::kEmpty) {
    // As it stands, if it is UTF-8: the places of what is found are those of the file.
    file.text = content::to_utf8(bytes);
    if (file.text == bytes) {
      file.type = type.name;
      file.stretches.emplace_back();
      return file;
    }
    file.text.clear();
  }
  Collector collector{file};
  content::read_file(raw, name == "-" ? "" : name, {}, &documents, collector);
  return file;
}

}  // namespace gnomon::cli
