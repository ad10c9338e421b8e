#pragma once

#include <cstdint>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"

// What a file is, told by its first bytes. Names say more only where the bytes leave it open.
namespace gnomon::content {

// What is done with a file.
enum class FileFamily : std::uint8_t {
  kBinary,  // nothing but readable runs
  kText,    // plain text, source, CSV
  kJson,    // JSON, NDJSON, notebooks
  kMarkup,  // HTML, XML
  kRtf,
  kMail,
  kCompressed,  // gzip: one stream inside
  kDocument,    // opened whole: archives, OOXML, ODF, PDF, OLE
  kMedia,       // images, sound, video: typed and sized
  kModel,       // safetensors, GGUF, pickle, ONNX
  kProgram,     // ELF, PE, Mach-O, class files
  kEmpty,
};

struct FileType {
  std::string_view name = "binary";  // "pdf", "docx", "zip", "png", "text" ...
  FileFamily family = FileFamily::kBinary;
};

inline constexpr std::size_t kFileHeadBytes = 4096;

// `head`: the first bytes, kFileHeadBytes where there are as many. The name and the declared media
// type decide only between what bytes cannot tell apart: kinds of text. `charset` is what the text
// is said to be written in, where anything says so.
FileType file_type_of(Bytes head, std::string_view file_name, std::string_view declared_type,
                      std::string_view charset = {});

struct MediaSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t duration_ms = 0;
};
// Of images, WAV, Ogg, MP3 and MP4, as far as the first bytes tell.
MediaSize media_size_of(std::string_view type, Bytes head);

// Whether file_type_of() calls files so that have a mark of their own among their first bytes.
bool is_marked_type(std::string_view name);

}  // namespace gnomon::content
