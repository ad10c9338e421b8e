#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/content/inspector.h"

namespace gnomon::content {

// A request that carries a piece of an upload: Content-Range (RFC 9110, section 14.4; Google's
// resumable sessions, OneDrive), Upload-Offset (tus 1.0, the IETF's resumable uploads), Google's
// X-Goog-Upload-*, S3's multipart (partNumber and uploadId), Azure's blocks (comp=block and
// blockid, then comp=blocklist), OpenAI's (/uploads/upload_ID/parts, then /complete). Or one that
// creates an upload, whose place the answer says, or makes one of others (tus: Upload-Concat).
struct UploadPiece {
  std::string key;          // pieces of one client with the same are of one upload; may be empty
  std::uint64_t begin = 0;  // its first byte, or the number of the part when `counted`
  std::uint64_t first = 0;  // where an upload begins: 0, or 1 when counted
  std::uint64_t total = 0;  // of the whole; 0 when not told
  bool counted = false;
  bool last = false;
  bool creates = false;  // has no key: what is there comes from the answer, see upload_key_at()
  bool carries = true;   // its body is of the upload, or nothing
  std::string block;     // its name, where a list says the order in the end
  bool partial = false;  // what it creates is a part of another, which will name it
  // The keys of such parts, in order: the request carries nothing, but makes them one. Its own key
  // is the first one's.
  std::vector<std::string> joins;
  // Of the form whose fields it is. Such pieces say no place: each is behind those that began
  // before.
  std::string boundary;
  bool finishes_only = false;  // says that the upload is complete and carries nothing of it
  std::string file_name;       // of the whole, when it was told beside it
  std::string file_type;

  [[nodiscard]] bool is_piece() const { return creates || !key.empty(); }
};

// Of a request; nothing of answers and of messages. What is whole by itself is no piece.
UploadPiece upload_piece_of(const ExchangeFacts& facts);

// What a piece's request says of the whole, to be read as one body. `disposition` holds the name of
// its file, and outlives what is returned.
ExchangeFacts facts_of_whole(const ExchangeFacts& facts, const UploadPiece& what,
                             std::string& disposition);

// Takes a field of a request that says something of uploads. Names in any case; of several fields
// of one name the first counts.
void note_upload_field(ExchangeFacts& facts, std::string_view name, std::string_view value);

// The key of pieces that go to `url`, which the answer to a request for `host` and `target` gave.
// Empty when it leads nowhere.
std::string upload_key_at(std::string_view url, std::string_view host, std::string_view target);

// How many uploads may be made one.
inline constexpr std::size_t kUploadPartsMax = 256;

// What Azure's Put Block List says: the names of its blocks, in order, kUploadBlocksMax at most.
inline constexpr std::size_t kUploadBlocksMax = 4096;
std::vector<std::string> upload_block_list(std::string_view xml);

}  // namespace gnomon::content
