#include "document_reader.h"
#include "part_log.h"

using namespace gnomon;
using namespace gnomon::content;

// Opens what the bytes say they are, in this process. The first byte chooses another reading.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  constexpr std::string_view kTypes[] = {"zip", "docx", "xlsx", "odt",  "tar", "ole",
                                         "7z",  "rar",  "pptx", "zstd", "pdf", "sqlite"};
  PartLog log;
  BodyContext context;
  context.events = &log;
  context.limits.decoded_bytes_max = std::size_t{4} << 20;
  context.limits.document_bytes_max = std::size_t{1} << 20;
  context.limits.parts_max = 50;
  context.sent_bytes = size;
  PartStatus status;
  read_document(context, {data + 1, size - 1},
                {kTypes[data[0] % std::size(kTypes)], FileFamily::kDocument}, {}, 0, status);
  if (!log.valid || !log.nested || !log.open.empty()) __builtin_trap();
  return 0;
}
