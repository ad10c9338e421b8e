#pragma once

#include <cstdint>
#include <string>

#include "gnomon/content/inspector.h"

namespace gnomon::content {

// A request that carries a piece of an upload: Content-Range (RFC 9110, section 14.4; Google's
// resumable sessions, OneDrive), Upload-Offset (tus 1.0, the IETF's resumable uploads), Google's
// X-Goog-Upload-*, S3's multipart (partNumber and uploadId), Azure's blocks (comp=block and
// blockid, then comp=blocklist).
struct UploadPiece {
  std::string key;          // pieces of one client with the same are of one upload; empty: no piece
  std::uint64_t begin = 0;  // its first byte, or the number of the part when `counted`
  std::uint64_t first = 0;  // where an upload begins: 0, or 1 when counted
  std::uint64_t total = 0;  // of the whole; 0 when not told
  bool counted = false;
  bool last = false;
  std::string block;           // its name, where the order of pieces is that in which they come
  bool finishes_only = false;  // says that the upload is complete and carries nothing of it
};

// Of a request; nothing of answers and of messages. What is whole by itself is no piece.
UploadPiece upload_piece_of(const ExchangeFacts& facts);

}  // namespace gnomon::content
