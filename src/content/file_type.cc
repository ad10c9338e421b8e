#include "gnomon/content/file_type.h"

#include <algorithm>
#include <array>
#include <string>

#include "der_kind.h"
#include "gnomon/bytes/ascii.h"
#include "text_guess.h"

namespace gnomon::content {
namespace {

using F = FileFamily;

struct Magic {
  std::size_t at;
  std::string_view bytes;
  std::string_view name;
  FileFamily family;
};

template <std::size_t N>
constexpr std::string_view lit(const char (&text)[N]) {
  return {text, N - 1};  // with the zeros inside
}

// clang-format off
constexpr Magic kMagics[] = {
    {0, lit("%PDF-"), "pdf", F::kDocument},
    {0, lit("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "ole", F::kDocument},
    {0, lit("PK\x03\x04"), "zip", F::kDocument},
    {0, lit("PK\x05\x06"), "zip", F::kDocument},
    {0, lit("PK\x07\x08"), "zip", F::kDocument},
    {0, lit("PK00PK\x03\x04"), "zip", F::kDocument},
    {0, lit("7z\xbc\xaf\x27\x1c"), "7z", F::kDocument},
    {0, lit("Rar!\x1a\x07"), "rar", F::kDocument},
    {0, lit("BZh"), "bz2", F::kDocument},
    {0, lit("\xfd" "7zXZ\0"), "xz", F::kDocument},
    {0, lit("\x5d\0\0\x80\0"), "lzma", F::kDocument},
    {0, lit("\x5d\0\0\x00\x01"), "lzma", F::kDocument},
    {0, lit("\x04\x22\x4d\x18"), "lz4", F::kDocument},
    {0, lit("LZIP\x01"), "lzip", F::kDocument},
    {0, lit("\x1f\x9d"), "z", F::kDocument},
    {0, lit("MSCF\0\0\0\0"), "cab", F::kDocument},
    {0, lit("!<arch>\n"), "ar", F::kDocument},
    {0, lit("\xed\xab\xee\xdb"), "rpm", F::kDocument},
    {0, lit("070701"), "cpio", F::kDocument},
    {0, lit("070702"), "cpio", F::kDocument},
    {0, lit("070707"), "cpio", F::kDocument},
    {0, lit("xar!"), "xar", F::kDocument},
    {32769, lit("CD001"), "iso", F::kDocument},
    {257, lit("ustar"), "tar", F::kDocument},
    {0, lit("\x1f\x8b\x08"), "gzip", F::kCompressed},
    {0, lit("\x28\xb5\x2f\xfd"), "zstd", F::kDocument},
    {0, lit("\x89PNG\r\n\x1a\n"), "png", F::kMedia},
    {0, lit("\xff\xd8\xff"), "jpeg", F::kMedia},
    {0, lit("GIF87a"), "gif", F::kMedia},
    {0, lit("GIF89a"), "gif", F::kMedia},
    {0, lit("II*\0"), "tiff", F::kMedia},
    {0, lit("MM\0*"), "tiff", F::kMedia},
    {0, lit("BM"), "bmp", F::kMedia},
    {0, lit("\0\0\x01\0"), "ico", F::kMedia},
    {0, lit("8BPS\0\x01"), "psd", F::kMedia},
    {0, lit("\0\0\0\x0cJXL \r\n"), "jxl", F::kMedia},
    {0, lit("\xff\x0a"), "jxl", F::kMedia},
    {0, lit("OggS\0"), "ogg", F::kMedia},
    {0, lit("fLaC"), "flac", F::kMedia},
    {0, lit("ID3"), "mp3", F::kMedia},
    {0, lit("#!AMR"), "amr", F::kMedia},
    {0, lit("MThd\0\0\0\x06"), "midi", F::kMedia},
    {0, lit("\x1a\x45\xdf\xa3"), "webm", F::kMedia},
    {0, lit("FLV\x01"), "flv", F::kMedia},
    {0, lit("\0\0\x01\xba"), "mpeg", F::kMedia},
    {0, lit("\x30\x26\xb2\x75\x8e\x66\xcf\x11"), "asf", F::kMedia},
    {0, lit("\x7f" "ELF"), "elf", F::kProgram},
    {0, lit("\xca\xfe\xba\xbe"), "class", F::kProgram},
    {0, lit("\xcf\xfa\xed\xfe"), "macho", F::kProgram},
    {0, lit("\xce\xfa\xed\xfe"), "macho", F::kProgram},
    {0, lit("dex\n03"), "dex", F::kProgram},
    {0, lit("\0asm\x01\0\0\0"), "wasm", F::kProgram},
    {0, lit("SQLite format 3\0"), "sqlite", F::kDocument},
    {0, lit("GGUF"), "gguf", F::kModel},
    {0, lit("lmgg"), "ggml", F::kModel},
    {0, lit("tjgg"), "ggml", F::kModel},
    {0, lit("\x89HDF\r\n\x1a\n"), "hdf5", F::kModel},
    {4, lit("TFL3"), "tflite", F::kModel},
    {0, lit("\x93NUMPY"), "npy", F::kBinary},
    {0, lit("PAR1"), "parquet", F::kBinary},
    {0, lit("ARROW1\0"), "arrow", F::kBinary},
    {0, lit("Obj\x01"), "avro", F::kBinary},
    {0, lit("\xd4\xc3\xb2\xa1"), "pcap", F::kBinary},
    {0, lit("\xa1\xb2\xc3\xd4"), "pcap", F::kBinary},
    {0, lit("\x0a\x0d\x0d\x0a"), "pcapng", F::kBinary},
    {0, lit("wOFF"), "woff", F::kBinary},
    {0, lit("wOF2"), "woff2", F::kBinary},
    {0, lit("\0\x01\0\0\0"), "ttf", F::kBinary},
    {0, lit("OTTO"), "otf", F::kBinary},
    {0, lit("!BDN"), "pst", F::kBinary},
    {0, lit("\x03\xd9\xa2\x9a"), "kdbx", F::kBinary},
    {0, lit("\xfe\xed\xfe\xed\0\0\0"), "jks", F::kBinary},
    {0, lit("\xce\xce\xce\xce\0\0\0"), "jceks", F::kBinary},
    {128, lit("DICM"), "dicom", F::kBinary},
    {0, lit("AC10"), "dwg", F::kBinary},
    {0, lit("\0\x06\0\x02\0"), "gds", F::kBinary},
    {0, lit("%SEMI-OASIS\r\n"), "oasis", F::kBinary},
    {0, lit("{\\rtf"), "rtf", F::kRtf},
};
// clang-format on

bool starts(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

std::string extension_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.size() - dot > 12) return {};
  return lowered(name.substr(dot + 1));
}

std::uint64_t little64(Bytes bytes) {
  std::uint64_t value = 0;
  for (std::size_t at = 8; at-- > 0;) value = (value << 8) | bytes[at];
  return value;
}

// PK files: the names of the first entries tell what they hold.
std::string_view zip_kind(std::string_view head, std::string_view extension) {
  constexpr std::string_view kMime = "mimetype";
  if (head.size() > 38 + 40 && head.substr(30, 8) == kMime) {
    const std::string_view mime = head.substr(38, 80);
    if (mime.find("opendocument.text") != mime.npos) return "odt";
    if (mime.find("opendocument.spreadsheet") != mime.npos) return "ods";
    if (mime.find("opendocument.presentation") != mime.npos) return "odp";
    if (mime.find("opendocument.graphics") != mime.npos) return "odg";
    if (mime.find("opendocument.formula") != mime.npos) return "odf";
    if (mime.find("epub+zip") != mime.npos) return "epub";
  }
  if (head.find("word/") != head.npos) return "docx";
  if (head.find("xl/") != head.npos) return extension == "xlsb" ? "xlsb" : "xlsx";
  if (head.find("ppt/") != head.npos) return "pptx";
  if (head.find("AndroidManifest.xml") != head.npos) return "apk";
  if (head.find("META-INF/") != head.npos) return "jar";
  if (head.find("[Content_Types].xml") != head.npos || head.find("_rels/.rels") != head.npos ||
      head.find("docProps/") != head.npos) {
    for (const std::string_view kind : {"docx", "xlsx", "pptx", "xlsb", "docm", "xlsm", "pptm"}) {
      if (extension == kind) return kind;
    }
    return "ooxml";
  }
  if (head.find("/data.pkl") != head.npos || head.find("archive/data.pkl") != head.npos) {
    return "pytorch";
  }
  if (extension == "whl" || extension == "npz" || extension == "kmz") {
    return extension == "whl" ? "wheel" : extension == "npz" ? "npz" : "kmz";
  }
  return "zip";
}

bool all_digits(std::string_view text, int base) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    const int digit = hex_value(c);
    return digit >= 0 && digit < base;
  });
}

// Whether there is an object ("7 0 obj") among the first bytes of a PDF. All that a PDF holds are
// such, and the first comes soon.
bool has_pdf_object(std::string_view head) {
  for (std::size_t at = 0; (at = head.find(" obj", at)) != head.npos; at += 4) {
    const std::size_t generation = head.find_last_not_of("0123456789", at - (at > 0 ? 1 : 0));
    if (generation == head.npos || generation == 0 || generation + 1 >= at) continue;
    if (head[generation] == ' ' && is_digit(head[generation - 1])) return true;
  }
  return false;
}

// Whether what stands behind the magic is a file of that kind: some are words or numbers that a
// text may begin with.
bool is_borne_out(const Magic& magic, Bytes bytes) {
  const std::string_view head = as_chars(bytes);
  const auto at = [&](std::size_t place) { return place < bytes.size() ? bytes[place] : 0; };
  if (magic.name == "bmp") return bytes.size() >= 26 && bytes[6] == 0 && bytes[7] == 0;
  if (magic.name == "bz2") return bytes.size() >= 10 && head.substr(4, 6) == "1AY&SY";
  if (magic.name == "dwg") return bytes.size() >= 8 && bytes[6] == 0;
  if (magic.name == "gguf") return bytes.size() <= 8 || bytes[7] <= 1;
  if (magic.name == "ico") return bytes.size() >= 22 && bytes[5] == 0 && bytes[4] != 0;
  if (magic.name == "mp3") return at(3) >= 2 && at(3) <= 4;
  if (magic.name == "flac") return (at(4) & 0x7f) == 0;  // its first block is STREAMINFO
  if (magic.name == "amr" && at(5) != '\n' && head.substr(5, 4) != "-WB\n") return false;
  if (magic.name == "cpio") {
    const bool old = magic.bytes == "070707";
    const std::size_t fields = old ? 70 : 104;
    return bytes.size() >= 6 + fields && all_digits(head.substr(6, fields), old ? 8 : 16);
  }
  if (magic.name == "ar") return bytes.size() < 68 || head.substr(66, 2) == "`\n";
  if (magic.name == "pdf") return has_pdf_object(head) || !looks_like_text(bytes);
  // Behind letters alone, text is text; a format's own sizes and offsets hold zeros.
  const bool letters = std::all_of(magic.bytes.begin(), magic.bytes.end(),
                                   [](char c) { return c > ' ' && c <= '~'; });
  if (!letters || magic.name == "rtf" || magic.name == "tar") return true;
  const std::string_view first = head.substr(0, 2048);
  return first.find('\0') != first.npos || !looks_like_text(bytes);
}

// Zstandard may begin with frames that are to be skipped (RFC 8878 3.1.2).
bool begins_zstd(Bytes bytes) {
  std::size_t at = 0;
  while (bytes.size() >= at + 8 && as_chars(bytes).substr(at + 1, 3) == lit("\x2a\x4d\x18") &&
         (bytes[at] & 0xf0) == 0x50) {
    at += 8 + (bytes[at + 4] | std::size_t{bytes[at + 5]} << 8 | std::size_t{bytes[at + 6]} << 16 |
               std::size_t{bytes[at + 7]} << 24);
  }
  return at > 0 && bytes.size() >= at + 4 &&
         as_chars(bytes).substr(at, 4) == lit("\x28\xb5\x2f\xfd");
}

std::string_view riff_or_box_kind(std::string_view head) {
  if (head.size() >= 12 && starts(head, "RIFF")) {
    if (head.substr(8, 4) == "WEBP") return "webp";
    if (head.substr(8, 4) == "WAVE") return "wav";
    if (head.substr(8, 4) == "AVI ") return "avi";
  }
  if (head.size() >= 12 && head.substr(4, 4) == "ftyp") {
    const std::string_view brand = head.substr(8, 4);
    if (starts(brand, "hei") || starts(brand, "hev") || brand == "mif1" || brand == "msf1") {
      return "heic";
    }
    if (starts(brand, "avi")) return "avif";
    if (starts(brand, "M4A")) return "m4a";
    if (starts(brand, "qt")) return "mov";
    return "mp4";
  }
  return {};
}

bool is_mp3_frame(Bytes head) {
  return head.size() >= 4 && head[0] == 0xff && (head[1] & 0xe0) == 0xe0 && (head[1] & 0x06) != 0 &&
         (head[1] & 0x18) != 0x08 && (head[2] & 0xf0) != 0xf0 && (head[2] & 0x0c) != 0x0c;
}

// A tar header without "ustar": the checksum over the block agrees.
bool is_old_tar(Bytes head) {
  if (head.size() < 512 || head[0] == 0) return false;
  std::uint32_t sum = 8 * 32;
  for (std::size_t at = 0; at < 512; ++at) {
    if (at < 148 || at >= 156) sum += head[at];
  }
  std::uint32_t said = 0;
  std::size_t digits = 0;
  for (std::size_t at = 148; at < 156; ++at) {
    if (head[at] >= '0' && head[at] <= '7') {
      said = said * 8 + (head[at] - '0');
      ++digits;
    }
  }
  return digits >= 3 && said == sum;
}

bool is_pickle(Bytes head, std::string_view extension) {
  if (head.size() < 4 || head[0] != 0x80 || head[1] < 2 || head[1] > 5) return false;
  if (head[1] >= 4 && head[2] == 0x95) return true;
  return head[2] == '}' || head[2] == ']' || head[2] == 'c' || head[2] == '(' || head[2] == 'X' ||
         extension == "pkl" || extension == "pickle" || extension == "pt" || extension == "pth" ||
         extension == "bin" || extension == "ckpt";
}

bool is_onnx(Bytes head, std::string_view extension) {
  // ir_version, then producer_name: an ONNX ModelProto as every exporter writes it.
  if (head.size() < 8 || head[0] != 0x08 || head[1] == 0 || head[1] > 0x20) return false;
  return extension == "onnx" ||
         (head[2] == 0x12 && head[3] < 64 &&
          as_chars(head).substr(4, 32).find("torch") != std::string_view::npos);
}

}  // namespace

FileType file_type_of(Bytes bytes, std::string_view file_name, std::string_view declared_type,
                      std::string_view charset) {
  if (bytes.empty()) return {"empty", F::kEmpty};
  const std::string_view head = as_chars(bytes);
  const std::string extension = extension_of(file_name);

  for (const Magic& magic : kMagics) {
    if (head.size() < magic.at + magic.bytes.size() ||
        head.substr(magic.at, magic.bytes.size()) != magic.bytes || !is_borne_out(magic, bytes)) {
      continue;
    }
    if (magic.name == "zip") return {zip_kind(head, extension), F::kDocument};
    if (magic.name == "ole") {
      for (const std::string_view kind : {"doc", "xls", "ppt", "msg", "msi", "dot"}) {
        if (extension == kind) return {kind, F::kDocument};
      }
    }
    if (magic.name == "class" && bytes.size() >= 8 && bytes[4] == 0 && bytes[5] == 0 &&
        bytes[6] == 0 && bytes[7] < 30) {
      return {"macho", F::kProgram};
    }
    if (magic.name == "ar" && head.find("debian-binary") != head.npos) {
      return {"deb", F::kDocument};
    }
    return {magic.name, magic.family};
  }
  if (begins_zstd(bytes)) return {"zstd", F::kDocument};
  if (const std::string_view kind = riff_or_box_kind(head); !kind.empty()) {
    return {kind, F::kMedia};
  }
  if (head.size() > 64 && starts(head, "MZ") && bytes[2] != ' ' &&
      head.find("PE\0\0", 0, 4) != head.npos) {
    return {"pe", F::kProgram};
  }
  if (bytes.size() >= 10 && bytes[8] == '{' && (bytes[9] == '"' || bytes[9] == '}')) {
    if (const std::uint64_t size = little64(bytes); size >= 2 && size < (100U << 20)) {
      return {"safetensors", F::kModel};
    }
  }
  if (const std::string_view kind = der_kind(bytes); !kind.empty()) return {kind, F::kBinary};
  if (is_pickle(bytes, extension)) return {"pickle", F::kModel};
  if (is_onnx(bytes, extension)) return {"onnx", F::kModel};
  // PDF readers accept rubbish before the header.
  if (const std::size_t at = head.substr(0, 1024).find("%PDF-1.");
      at != head.npos && (has_pdf_object(head.substr(at)) || !looks_like_text(bytes))) {
    return {"pdf", F::kDocument};
  }
  if (is_old_tar(bytes)) return {"tar", F::kDocument};
  if (is_mp3_frame(bytes) && !looks_like_text(bytes)) return {"mp3", F::kMedia};
  if (!looks_like_text(bytes) && !is_text_in_named_charset(bytes, charset))
    return {"binary", F::kBinary};
  return text_type_of(bytes, extension, lowered(declared_type));
}

bool is_marked_type(std::string_view name) {
  return name == "der-key" || name == "pkcs12" ||
         std::any_of(std::begin(kMagics), std::end(kMagics),
                     [&](const Magic& magic) { return magic.name == name; });
}

}  // namespace gnomon::content
