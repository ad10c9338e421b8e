#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "compound_file.h"
#include "document_reader.h"
#include "gnomon/bytes/handle.h"
#include "gnomon/content/text_decoder.h"
#include "header_fields.h"
#include "sheet_text.h"
#include "text_formats.h"
#include "text_guess.h"
#include "text_writer.h"

namespace gnomon::content {
namespace {

using Archive = Handle<archive, archive_read_free>;

constexpr std::uint32_t kOfficeEntriesMax = 20'000;
constexpr std::size_t kOfficePartBytesMax = std::size_t{64} << 20;

bool has(std::string_view text, std::string_view what) { return text.find(what) != text.npos; }
bool ends(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && text.substr(text.size() - with.size()) == with;
}
bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

Archive open_archive(Bytes bytes) {
  Archive opened{archive_read_new()};
  if (!opened) return opened;
  archive* in = opened.get();
  // Named one by one: "all" would run programs for some.
  archive_read_support_filter_gzip(in);
  archive_read_support_filter_bzip2(in);
  archive_read_support_filter_compress(in);
  archive_read_support_filter_lzma(in);
  archive_read_support_filter_xz(in);
  archive_read_support_filter_lzip(in);
  archive_read_support_filter_lz4(in);
  archive_read_support_filter_zstd(in);
  archive_read_support_filter_rpm(in);
  archive_read_support_format_zip(in);
  archive_read_support_format_tar(in);
  archive_read_support_format_7zip(in);
  archive_read_support_format_rar(in);
  archive_read_support_format_rar5(in);
  archive_read_support_format_cab(in);
  archive_read_support_format_cpio(in);
  archive_read_support_format_ar(in);
  archive_read_support_format_iso9660(in);
  archive_read_support_format_lha(in);
  archive_read_support_format_raw(in);  // a compressed stream that holds no archive
  if (archive_read_open_memory(in, bytes.data(), bytes.size()) != ARCHIVE_OK) opened.reset();
  return opened;
}

enum class Office : std::uint8_t { kNone, kOoxml, kOdf };

Office office_of(std::string_view type) {
  for (const std::string_view kind :
       {"docx", "docm", "xlsx", "xlsm", "xlsb", "pptx", "pptm", "ooxml"}) {
    if (type == kind) return Office::kOoxml;
  }
  for (const std::string_view kind : {"odt", "ods", "odp", "odg", "odf"}) {
    if (type == kind) return Office::kOdf;
  }
  return Office::kNone;
}

// What an entry of an office document is good for.
enum class Use : std::uint8_t {
  kSkip,
  kText,
  kMaster,  // of slides
  kData,    // XML of anybody's own schema
  kSheet,
  kStrings,
  kLinks,
  kBinaryText,
  kPart
};

Use use_of(Office office, std::string_view path) {
  if (office == Office::kOdf) {
    if (ends(path, "content.xml") || ends(path, "styles.xml") || ends(path, "meta.xml") ||
        (begins(path, "Basic/") && ends(path, ".xml"))) {
      return Use::kText;
    }
    return begins(path, "Object") && !ends(path, ".xml") ? Use::kPart : Use::kSkip;
  }
  if (ends(path, ".rels")) return Use::kLinks;
  if (ends(path, "sharedStrings.xml")) return Use::kStrings;
  if (has(path, "xl/worksheets/") && ends(path, ".xml")) return Use::kSheet;
  if (has(path, "embeddings/") || has(path, "activeX/")) return Use::kPart;
  if (ends(path, "vbaProject.bin")) return Use::kBinaryText;
  if (begins(path, "xl/") && ends(path, ".bin") && !has(path, "printerSettings")) {
    return Use::kBinaryText;
  }
  for (const std::string_view chunk : {".htm", ".html", ".mht", ".rtf", ".txt"}) {
    if (ends(path, chunk)) return Use::kPart;  // "alternative format" imports
  }
  if (!ends(path, ".xml")) return Use::kSkip;
  for (const std::string_view silent :
       {"/theme/", "styles.xml", "fontTable.xml", "webSettings.xml", "numbering.xml",
        "calcChain.xml", "[Content_Types].xml", "presProps.xml", "viewProps.xml", "tableStyles.xml",
        "/notesMasters/", "/handoutMasters/", "metadata.xml", "customXml/itemProps"}) {
    if (has(path, silent)) return Use::kSkip;
  }
  if (has(path, "/slideLayouts/") || has(path, "/slideMasters/")) return Use::kMaster;
  if (begins(path, "customXml/")) return Use::kData;
  return Use::kText;
}

// Letters of Cyrillic stand together; those of Latin pages between others of ASCII.
bool looks_like_ibm866(Bytes name) {
  std::size_t letters = 0;
  std::size_t pairs = 0;
  bool before = false;
  for (const std::uint8_t byte : name) {
    if (byte >= 0xb0 && (byte < 0xe0 || byte > 0xf1)) return false;
    letters += byte >= 0x80 ? 1 : 0;
    pairs += before && byte >= 0x80 ? 1 : 0;
    before = byte >= 0x80;
  }
  return letters >= 3 && pairs * 2 >= letters;
}

std::string utf8_path(archive_entry* entry, bool zip) {
  const char* raw = archive_entry_pathname_utf8(entry);
  if (raw == nullptr) raw = archive_entry_pathname(entry);
  std::string path;
  if (raw == nullptr) return path;
  const Bytes bytes = as_bytes(raw);
  if (zip && valid_utf8_prefix(bytes) != bytes.size()) {
    // Without flag 11 a name is of the code page of whoever wrote it: that of DOS, or Russian's.
    TextDecoder decoder{looks_like_ibm866(bytes) ? Charset::kIbm866 : Charset::kIbm850};
    decoder.write(bytes, path);
    return path;
  }
  TextDecoder decoder{charset_named("utf-8")};
  decoder.write(as_bytes(raw), path);
  decoder.finish(path);
  return path;
}

class ArchiveReader {
 public:
  ArchiveReader(BodyContext& context, Bytes bytes, std::string_view type, const PartHints& hints,
                std::uint32_t depth, PartStatus& status)
      : context_(context),
        bytes_(bytes),
        type_(type),
        hints_(hints),
        depth_(depth),
        status_(status),
        office_(office_of(type)) {
    if (type_ == "zstd") skip_frames();
  }

  void read() {
    if (office_ == Office::kOoxml) read_strings();
    const Archive in = open_archive(bytes_);
    if (!in) {
      status_.not_opened = "damaged";
      return;
    }
    archive_entry* entry = nullptr;
    std::uint32_t entries = 0;
    while (!context_.stopped) {
      const int result = archive_read_next_header(in.get(), &entry);
      if (result == ARCHIVE_EOF) break;
      if (result < ARCHIVE_WARN) {
        fail(in.get(), entries);
        break;
      }
      if (entries == 0 && archive_format(in.get()) == ARCHIVE_FORMAT_RAW &&
          archive_filter_count(in.get()) <= 1) {
        status_.not_opened = "damaged";  // neither an archive nor compressed: no end of itself
        return;
      }
      // Most entries of office documents are no parts: pictures, links, settings.
      if (++entries > (office_ == Office::kNone ? context_.limits.parts_max : kOfficeEntriesMax)) {
        status_.not_opened = "too-many";
        ++context_.counters.bombs;
        break;
      }
      if (archive_entry_is_data_encrypted(entry) != 0 ||
          archive_entry_is_metadata_encrypted(entry) != 0) {
        status_.not_opened = "encrypted";
        tell_closed(in.get(), entry, "encrypted");
        continue;
      }
      if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != 0) continue;
      read_entry(in.get(), entry);
    }
    if (entries == 0 && status_.not_opened.empty()) {
      // Archives may be empty; compressed streams and office documents are not.
      if (archive_read_has_encrypted_entries(in.get()) == 1) status_.not_opened = "encrypted";
    }
    tell(strings_.rest());
    if (context_.stopped && status_.not_opened.empty()) status_.not_opened = context_.stop_reason;
  }

 private:
  // Zstandard's skippable frames at the beginning, which the library does not know.
  void skip_frames() {
    while (bytes_.size() > 8 && (bytes_[0] & 0xf0) == 0x50) {
      const std::size_t size = little_endian(bytes_, 4, 4);
      if (size > bytes_.size() - 8) return;
      bytes_ = bytes_.subspan(8 + size);
    }
  }
  void fail(archive* in, std::uint32_t entries) {
    const char* message = archive_error_string(in);
    const std::string_view why = message == nullptr ? "" : message;
    ++context_.counters.malformed;
    if (has(why, "ncrypt") || has(why, "assphrase") ||
        archive_read_has_encrypted_entries(in) == 1) {
      status_.not_opened = "encrypted";
    } else if (has(why, "nsupported") || has(why, "nknown codec")) {
      status_.not_opened = "unsupported";
    } else if (entries == 0) {
      status_.not_opened = "damaged";
    } else {
      status_.truncated = true;
    }
  }

  static bool is_zip(archive* in) {
    return (archive_format(in) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
  }

  void tell_closed(archive* in, archive_entry* entry, std::string_view why) {
    PartFacts facts;
    const std::string name = base_name(utf8_path(entry, is_zip(in)));
    facts.file_name = name;
    facts.depth = depth_ + 1;
    facts.file = true;
    if (++context_.parts > context_.limits.parts_max) return;
    context_.events->on_part(facts);
    PartEnd end;
    end.file_name = name;
    end.file_type = "binary";
    end.not_opened = why;
    end.depth = depth_ + 1;
    end.file = true;
    const auto size = archive_entry_size(entry);
    end.size = size > 0 ? static_cast<std::uint64_t>(size) : 0;
    context_.events->on_part_end(end);
  }

  // False: the entry did not come whole.
  template <class Take>
  bool each_block(archive* in, Take take) {
    std::array<std::uint8_t, 32768> buffer;
    while (true) {
      const la_ssize_t got = archive_read_data(in, buffer.data(), buffer.size());
      if (got == 0) return true;
      if (got == ARCHIVE_RETRY) continue;
      if (got < 0) {
        const char* message = archive_error_string(in);
        if (message != nullptr && (has(message, "ncrypt") || has(message, "assphrase"))) {
          status_.not_opened = "encrypted";
        } else if (message != nullptr &&
                   (has(message, "nsupported") || has(message, "nknown codec"))) {
          status_.not_opened = "unsupported";  // a compression that the library has not got
        } else {
          ++context_.counters.malformed;
          status_.truncated = true;
        }
        return false;
      }
      if (!context_.admit(static_cast<std::uint64_t>(got))) return false;
      if (!take(Bytes{buffer.data(), static_cast<std::size_t>(got)})) return false;
    }
  }

  std::string whole(archive* in) {
    std::string data;
    each_block(in, [&](Bytes bytes) {
      data.append(as_text(bytes));
      return data.size() <= kOfficePartBytesMax;
    });
    return data;
  }

  void read_strings() {
    const Archive in = open_archive(bytes_);
    if (!in) return;
    archive_entry* entry = nullptr;
    for (std::uint32_t count = 0; count < kOfficeEntriesMax; ++count) {
      if (archive_read_next_header(in.get(), &entry) < ARCHIVE_WARN || entry == nullptr) return;
      const char* path = archive_entry_pathname(entry);
      if (path == nullptr || !ends(path, "sharedStrings.xml")) continue;
      strings_.read(whole(in.get()));
      return;
    }
  }

  void read_entry(archive* in, archive_entry* entry) {
    const std::string path = utf8_path(entry, is_zip(in));
    if (office_ != Office::kNone) return read_office_entry(in, entry, path);
    PartHints inner;
    inner.file_name = base_name(path);
    inner.role = hints_.role;
    inner.file = true;
    if (archive_format(in) == ARCHIVE_FORMAT_RAW) {
      // "data" is no name: the outer one without its ending is.
      inner.file_name = hints_.file_name;
      if (const std::size_t dot = inner.file_name.rfind('.'); dot != std::string::npos) {
        const std::string ending = inner.file_name.substr(dot);
        inner.file_name.resize(dot);
        if (ending == ".tbz" || ending == ".txz" || ending == ".tbz2") inner.file_name += ".tar";
      }
    }
    if (context_.parts >= context_.limits.parts_max) {
      status_.not_opened = "too-many";
      context_.stop("too-many");
      return;
    }
    const auto part = make_part_reader(context_, inner, depth_ + 1);
    const bool complete = each_block(in, [&](Bytes bytes) {
      part->write(bytes);
      return true;
    });
    part->finish(complete);
  }

  void read_office_entry(archive* in, archive_entry* entry, const std::string& path) {
    switch (use_of(office_, path)) {
      case Use::kSkip:
        return;
      case Use::kStrings:
        return;  // told in the rows that show them
      case Use::kSheet: {
        const std::string text = sheet_text(whole(in), strings_);
        std::string clean;
        TextDecoder decoder{charset_named("utf-8")};
        decoder.write(as_bytes(text), clean);
        decoder.finish(clean);
        tell(clean);
        return;
      }
      case Use::kLinks: {
        // Only addresses outside are text.
        const std::string xml = whole(in);
        std::string links;
        for (std::size_t at = xml.find("Target=\""); at != std::string::npos;
             at = xml.find("Target=\"", at + 8)) {
          const std::size_t end = xml.find('"', at + 8);
          if (end == std::string::npos) break;
          const std::string_view target = std::string_view{xml}.substr(at + 8, end - at - 8);
          if (has(target, "://") || begins(target, "mailto:")) {
            links += target;
            links += '\n';
          }
        }
        std::string clean;
        TextDecoder decoder{charset_named("utf-8")};
        decoder.write(as_bytes(links), clean);
        decoder.finish(clean);
        tell(clean);
        return;
      }
      case Use::kText:
      case Use::kMaster:
      case Use::kData: {
        const Markup markup = use_of(office_, path) == Use::kText     ? Markup::kOffice
                              : use_of(office_, path) == Use::kMaster ? Markup::kMaster
                                                                      : Markup::kXml;
        const auto text =
            make_text_stage(context_, {}, make_markup_text(context_, depth_, hints_.role, markup));
        context_.brk();
        each_block(in, [&](Bytes bytes) {
          text->write(bytes);
          return true;
        });
        text->finish(true);
        context_.brk();
        return;
      }
      case Use::kBinaryText: {
        const auto runs = make_runs_reader(context_, depth_, hints_.role);
        context_.brk();
        each_block(in, [&](Bytes bytes) {
          runs->write(bytes);
          return true;
        });
        runs->finish(true);
        context_.brk();
        return;
      }
      case Use::kPart: {
        PartHints inner;
        inner.file_name = base_name(path);
        inner.role = hints_.role;
        inner.file = true;
        const auto part = make_part_reader(context_, inner, depth_ + 1);
        const bool complete = each_block(in, [&](Bytes bytes) {
          part->write(bytes);
          return true;
        });
        part->finish(complete);
        return;
      }
    }
    (void)entry;
  }

  void tell(std::string_view text) {
    if (text.empty()) return;
    context_.brk();
    TextWriter writer{context_, depth_};
    writer.write(text, hints_.role);
    writer.finish();
    context_.brk();
  }

  BodyContext& context_;
  Bytes bytes_;
  std::string_view type_;
  const PartHints& hints_;
  std::uint32_t depth_;
  PartStatus& status_;
  Office office_;
  SharedStrings strings_;
};

}  // namespace

void read_archive(BodyContext& context, Bytes bytes, std::string_view type, const PartHints& hints,
                  std::uint32_t depth, PartStatus& status) {
  ArchiveReader{context, bytes, type, hints, depth, status}.read();
}

}  // namespace gnomon::content
