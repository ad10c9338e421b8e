#include "json_keys.h"

#include <algorithm>
#include <array>
#include <string>

#include "gnomon/bytes/ascii.h"

namespace gnomon::content {
namespace {

using K = KeyKind;
constexpr Role kN = Role::kNone;
constexpr Role kU = Role::kUser;
constexpr Role kS = Role::kSystem;
constexpr Role kT = Role::kTool;
constexpr Role kA = Role::kAssistant;

// Sorted by name.
// clang-format off
constexpr Key kKeys[] = {
    {"answer",                K::kContent,   kN, kA},
    {"arguments",             K::kContent,   kA, kA},
    {"attachments",           K::kOther,     kU, kN},
    {"audio",                 K::kBlob,      kN, kN},
    {"author",                K::kAuthor,    kN, kN},
    {"b64_json",              K::kBlob,      kN, kN},
    {"base64",                K::kBlob,      kN, kN},
    {"blob",                  K::kBlob,      kN, kN},
    {"bytes",                 K::kBlob,      kN, kN},
    {"bytesBase64Encoded",    K::kBlob,      kN, kN},
    {"candidates",            K::kOther,     kN, kA},
    {"chat_history",          K::kMessages,  kU, kU},
    {"choices",               K::kOther,     kN, kA},
    {"completion",            K::kContent,   kA, kA},
    {"content",               K::kContent,   kU, kA},
    {"contentType",           K::kMediaType, kN, kN},
    {"content_type",          K::kMediaType, kN, kN},
    {"contents",              K::kMessages,  kU, kA},
    {"data",                  K::kBlob,      kN, kN},
    {"delta",                 K::kContent,   kN, kA},
    {"description",           K::kContent,   kN, kN},
    {"developer",             K::kContent,   kS, kS},
    {"document_url",          K::kUri,       kU, kN},
    {"documents",             K::kContent,   kU, kN},
    {"error",                 K::kOther,     kN, kN},
    {"extracted_content",     K::kContent,   kU, kN},
    {"fileName",              K::kFileName,  kN, kN},
    {"file_data",             K::kBlob,      kN, kN},
    {"file_name",             K::kFileName,  kN, kN},
    {"filename",              K::kFileName,  kN, kN},
    {"functionCall",          K::kOther,     kA, kA},
    {"functionDeclarations",  K::kOther,     kT, kT},
    {"functionResponse",      K::kOther,     kT, kT},
    {"function_call",         K::kOther,     kA, kA},
    {"function_declarations", K::kOther,     kT, kT},
    {"function_response",     K::kOther,     kT, kT},
    {"functions",             K::kOther,     kT, kT},
    {"generated_text",        K::kContent,   kA, kA},
    {"generation",            K::kContent,   kA, kA},
    {"history",               K::kMessages,  kU, kU},
    {"image",                 K::kBlob,      kU, kN},
    {"image_url",             K::kUri,       kU, kN},
    {"images",                K::kBlob,      kU, kN},
    {"index",                 K::kIndex,     kN, kN},
    {"init_images",           K::kBlob,      kU, kN},
    {"input",                 K::kMessages,  kU, kN},
    {"inputText",             K::kContent,   kU, kN},
    {"input_audio",           K::kBlob,      kU, kN},
    {"input_image",           K::kUri,       kU, kN},
    {"inputs",                K::kContent,   kU, kN},
    {"instruction",           K::kContent,   kU, kN},
    {"instructions",          K::kContent,   kS, kS},
    {"json",                  K::kContent,   kN, kN},
    {"markdown",              K::kContent,   kN, kN},
    {"media_type",            K::kMediaType, kN, kN},
    {"message",               K::kContent,   kU, kA},
    {"messages",              K::kMessages,  kU, kA},
    {"mimeType",              K::kMediaType, kN, kN},
    {"mime_type",             K::kMediaType, kN, kN},
    {"negative_prompt",       K::kContent,   kU, kN},
    {"output",                K::kContent,   kN, kA},
    {"outputText",            K::kContent,   kA, kA},
    {"output_index",          K::kIndex,     kN, kN},
    {"output_text",           K::kContent,   kA, kA},
    {"outputs",               K::kContent,   kN, kA},
    {"partial_json",          K::kContent,   kA, kA},
    {"parts",                 K::kContent,   kN, kN},
    {"preamble",              K::kContent,   kS, kS},
    {"prefix",                K::kContent,   kU, kN},
    {"prompt",                K::kContent,   kU, kU},
    {"query",                 K::kContent,   kU, kN},
    {"query_str",             K::kContent,   kU, kN},
    {"question",              K::kContent,   kU, kN},
    {"reasoning",             K::kContent,   kA, kA},
    {"reasoning_content",     K::kContent,   kA, kA},
    {"refusal",               K::kContent,   kA, kA},
    {"response",              K::kContent,   kN, kA},
    {"result",                K::kOther,     kN, kT},
    {"role",                  K::kRole,      kN, kN},
    {"sender",                K::kRole,      kN, kN},
    {"source_code",           K::kContent,   kU, kN},
    {"suffix",                K::kContent,   kU, kN},
    {"system",                K::kContent,   kS, kS},
    {"systemInstruction",     K::kOther,     kS, kS},
    {"system_instruction",    K::kOther,     kS, kS},
    {"system_prompt",         K::kContent,   kS, kS},
    {"text",                  K::kContent,   kU, kA},
    {"text_prompts",          K::kOther,     kU, kN},
    {"texts",                 K::kContent,   kU, kN},
    {"thinking",              K::kContent,   kA, kA},
    {"title",                 K::kFileName,  kN, kN},
    {"token",                 K::kContent,   kN, kA},
    {"toolResult",            K::kOther,     kT, kT},
    {"toolUse",               K::kOther,     kA, kA},
    {"tool_calls",            K::kOther,     kA, kA},
    {"tool_outputs",          K::kOther,     kT, kT},
    {"tool_results",          K::kOther,     kT, kT},
    {"tools",                 K::kOther,     kT, kT},
    {"turns",                 K::kMessages,  kU, kA},
    {"type",                  K::kType,      kN, kN},
    {"uri",                   K::kUri,       kN, kN},
    {"url",                   K::kUri,       kN, kN},
    {"v",                     K::kContent,   kN, kA},
    {"video",                 K::kBlob,      kU, kN},
};
// clang-format on
constexpr Key kUnknown{};

constexpr bool sorted() {
  for (std::size_t at = 1; at < std::size(kKeys); ++at) {
    if (kKeys[at - 1].name >= kKeys[at].name) return false;
  }
  return true;
}
static_assert(sorted());

}  // namespace

const Key& key_named(std::string_view name) {
  const Key* found =
      std::lower_bound(std::begin(kKeys), std::end(kKeys), name,
                       [](const Key& key, std::string_view text) { return key.name < text; });
  return found != std::end(kKeys) && found->name == name ? *found : kUnknown;
}

Role role_named(std::string_view value) {
  const std::string role = lowered(value.substr(0, 64));
  if (role == "user" || role == "human" || role == "customer") return Role::kUser;
  if (role == "system" || role == "developer") return Role::kSystem;
  if (role == "tool" || role == "function" || role == "ipython" || role == "environment") {
    return Role::kTool;
  }
  if (role == "assistant" || role == "model" || role == "ai" || role == "bot" ||
      role == "chatbot") {
    return Role::kAssistant;
  }
  return Role::kNone;
}

Role role_of_type(std::string_view value) {
  if (value == "tool_result" || value == "function_call_output" || value == "mcp_tool_result" ||
      value == "computer_call_output" || value == "custom_tool_call_output" ||
      value == "local_shell_call_output" || value == "web_search_tool_result") {
    return Role::kTool;
  }
  if (value == "tool_use" || value == "function_call" || value == "output_text" ||
      value == "thinking" || value == "reasoning" || value == "custom_tool_call") {
    return Role::kAssistant;
  }
  if (value == "input_text") return Role::kUser;
  return Role::kNone;
}

}  // namespace gnomon::content
