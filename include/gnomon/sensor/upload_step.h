#pragma once

#include <cstdint>
#include <string_view>

#include "gnomon/bytes/byte_reader.h"
#include "gnomon/bytes/time.h"
#include "gnomon/content/inspector.h"
#include "gnomon/observation/observation.h"

namespace gnomon::sensor {

// Of a request that carries a piece of an upload: known when it begins.
struct UploadRequest {
  content::ExchangeFacts facts;
  observation::Conversation conversation;
};

// What came of a piece of an upload. Its other pieces may come over connections of other shards, so
// they are read where all shards meet. Text and bytes live as long as the batch.
struct UploadStep {
  enum class Kind : std::uint8_t { kBegin, kPlace, kBytes, kGap, kEnd };

  std::uint64_t piece = 0;  // unique over all shards
  Kind kind = Kind::kBegin;
  bool complete = false;    // of an end: it came to the end it announced
  bool lossy = false;       // of a beginning: packets were lost at about this time
  std::uint64_t gap = 0;
  Bytes bytes;
  std::string_view url;     // of a place: where the upload's other pieces go, as the answer says
  observation::Place place;
  Time time;
  const UploadRequest* request = nullptr;  // of a beginning
  observation::Identity identity;          // of an end
};

}  // namespace gnomon::sensor
