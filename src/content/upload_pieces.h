#pragma once

#include <cstdint>
#include <string>

#include "gnomon/content/inspector.h"

namespace gnomon::content {

// A request that carries a piece of an upload: Content-Range, tus (Upload-Offset), Google's
// resumable protocol, S3's multipart (partNumber and uploadId).
struct UploadPiece {
  std::string key;          // pieces with the same key are of one upload; empty: no piece
  std::uint64_t begin = 0;  // its first byte, or its number when `counted`
  std::uint64_t first = 0;  // where an upload begins: 0, or 1 when counted
  std::uint64_t total = 0;  // of the whole; 0 when not told
  std::uint64_t fed = 0;    // bytes of it so far: the inspector counts here
  bool counted = false;
  bool last = false;
  bool finishes_only = false;  // says that the upload is complete and carries nothing of it
};

UploadPiece upload_piece_of(const ExchangeFacts& facts);

}  // namespace gnomon::content
