#pragma once

#include <string_view>

#include "gnomon/content/body.h"

// What the keys of the LLM APIs mean (signatures/api tells the families; the names were taken from
// the vendors' API references).
namespace gnomon::content {

enum class KeyKind : std::uint8_t {
  kOther,     // told with its key
  kRole,      // its value says who speaks in this object
  kType,      // its value may say so
  kAuthor,    // an object whose "role" is that of the object around it
  kContent,   // what is said, told without its key
  kMessages,  // an array of messages: what each says waits for its role
  kBlob,      // base64
  kUri,       // a data URI, or any other
  kFileName,
  kMediaType,
  kIndex,  // tells streams of deltas apart
};

struct Key {
  std::string_view name;
  KeyKind kind = KeyKind::kOther;
  Role to_server = Role::kNone;  // who speaks under it; kNone: whoever speaks around it
  Role to_client = Role::kNone;
};

// Never null: unknown keys are kOther.
const Key& key_named(std::string_view name);

// "user", "human", "model", "developer" ...; kNone for others.
Role role_named(std::string_view value);
// "tool_result", "function_call_output", "tool_use" ...: kNone for others.
Role role_of_type(std::string_view value);

}  // namespace gnomon::content
