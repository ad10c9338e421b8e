#pragma once

#include <memory>
#include <string_view>

#include "body_context.h"

namespace gnomon::content {

// multipart/* (RFC 2046 §5.1, RFC 7578): parts are told one by one. A boundary that is missing or
// does not occur is replaced by what the body's first line says. `form`: names of fields are
// labels.
std::unique_ptr<ByteSink> make_multipart_reader(BodyContext& context, std::string_view media_type,
                                                std::string_view boundary, std::uint32_t depth,
                                                Role role);

// A message with its header: mail (RFC 5322), or a part of a multipart body.
enum class EntityKind : std::uint8_t { kMail, kMailPart, kFormPart };
std::unique_ptr<ByteSink> make_entity_reader(BodyContext& context, std::uint32_t depth, Role role,
                                             EntityKind kind);

// Messages one after another, each behind a line that begins "From ".
std::unique_ptr<ByteSink> make_mbox_reader(BodyContext& context, std::uint32_t depth, Role role);

}  // namespace gnomon::content
