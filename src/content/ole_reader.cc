#include <string>
#include <string_view>
#include <vector>

#include "compound_file.h"
#include "document_reader.h"
#include "office_text.h"
#include "text_formats.h"
#include "text_guess.h"
#include "text_writer.h"

// Documents in OLE compound files: the Office 97 formats, messages of Outlook (MS-OXMSG), and what
// is embedded in them.
namespace gnomon::content {
namespace {

class OleReader {
 public:
  OleReader(BodyContext& context, const CompoundFile& file, const PartHints& hints,
            std::uint32_t depth, PartStatus& status)
      : context_(context), file_(file), hints_(hints), depth_(depth), status_(status) {}

  void read(const CompoundFile::Entry& entry) {
    const std::string_view name = entry.name;
    if (name == "WordDocument") {
      tell(word_text(load(entry), file_, status_));
    } else if (name == "Workbook" || name == "Book") {
      tell(workbook_text(load(entry), status_));
    } else if (name == "PowerPoint Document") {
      tell(slides_text(load(entry)));
    } else if (name.size() == 20 && name.starts_with("__substg1.0_")) {
      tell_property(entry);
    } else if (name == "\x05SummaryInformation" || name == kDocumentSummary ||
               name.find("VBA") != name.npos || name == "\x01Ole10Native") {
      tell_runs(load(entry));
    } else if (name == "Package" || name == "CONTENTS") {
      PartHints inner;
      inner.file = true;
      tell_part(inner, load(entry));
    }
  }

 private:
  // The number would go on with the D.
  static constexpr std::string_view kDocumentSummary =
      "\x05"
      "DocumentSummaryInformation";

  Bytes load(const CompoundFile::Entry& entry) {
    loaded_ = file_.read(entry);
    return loaded_;
  }
  void tell(const std::string& text) {
    if (text.empty() || !context_.admit(text.size())) return;
    context_.brk();
    TextWriter writer{context_, depth_};
    writer.write(text, hints_.role);
    writer.finish();
    context_.brk();
  }
  // A property of a message, whose number and type its name ends with: of type 001F it is UTF-16,
  // of 001E eight bits.
  void tell_property(const CompoundFile::Entry& entry) {
    const std::string_view property = std::string_view{entry.name}.substr(12, 4);
    const std::string_view type = std::string_view{entry.name}.substr(16);
    if (type == "001F" || type == "001E") {
      std::string text;
      type == "001F" ? append_utf16(load(entry), text) : append_latin(load(entry), text);
      tell(text + "\n");
    } else if (property == "3701" || property == "1013") {  // an attachment; the body as HTML
      PartHints inner;
      inner.file = property == "3701";
      inner.attachment = true;
      tell_part(inner, load(entry));
    }
  }
  void tell_part(PartHints inner, Bytes bytes) {
    if (!context_.admit(bytes.size())) return;
    inner.role = hints_.role;
    const auto part = make_part_reader(context_, inner, depth_ + 1);
    part->write(bytes);
    part->finish(true);
  }
  // What is no text as a whole, but holds some.
  void tell_runs(Bytes bytes) {
    if (!context_.admit(bytes.size())) return;
    const auto runs = make_runs_reader(context_, depth_, hints_.role);
    context_.brk();
    runs->write(bytes);
    runs->finish(true);
    context_.brk();
  }

  BodyContext& context_;
  const CompoundFile& file_;
  const PartHints& hints_;
  std::uint32_t depth_;
  PartStatus& status_;
  std::vector<std::uint8_t> loaded_;
};

}  // namespace

void read_ole(BodyContext& context, Bytes bytes, const PartHints& hints, std::uint32_t depth,
              PartStatus& status) {
  const CompoundFile file{bytes};
  if (file.entries().empty()) {
    status.not_opened = "damaged";
    ++context.counters.malformed;
    return;
  }
  if (file.find_stream("EncryptedPackage") != nullptr) {
    status.not_opened = "encrypted";
    return;
  }
  OleReader reader{context, file, hints, depth, status};
  for (const CompoundFile::Entry& entry : file.entries())
    if (entry.is_stream() && !context.stopped && status.not_opened.empty()) reader.read(entry);
}

}  // namespace gnomon::content
