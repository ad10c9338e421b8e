#pragma once

#include <memory>
#include <string_view>

#include "body_context.h"

namespace gnomon::content {

// A stage that undoes one content-coding ("gzip", "deflate", "br", "zstd"; RFC 9110 §8.4), or
// nullptr for one that is not known. What was decoded counts against the body's limits.
std::unique_ptr<ByteSink> make_content_decoder(BodyContext& context, std::string_view coding,
                                               std::unique_ptr<ByteSink> next);

// The chain for the field's whole value: "gzip, br" was compressed by gzip first. Codings beyond
// four are not undone; an unknown one makes what is behind it opaque, which `opaque` tells.
std::unique_ptr<ByteSink> make_decoder_chain(BodyContext& context, std::string_view field,
                                             std::unique_ptr<ByteSink> next, bool& opaque);

}  // namespace gnomon::content
