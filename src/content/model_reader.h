#pragma once

#include <memory>
#include <string_view>

#include "body_context.h"

namespace gnomon::content {

// Model files: the readable head (safetensors' JSON, GGUF's metadata, the names that a pickle
// imports) is told, tensors are not looked at.
std::unique_ptr<ByteSink> make_model_reader(BodyContext& context, std::string_view type,
                                            std::uint32_t depth, PartStatus& status);

// application/vnd.amazon.eventstream: streamed answers of Bedrock and SageMaker.
std::unique_ptr<ByteSink> make_aws_event_reader(BodyContext& context, std::uint32_t depth);

}  // namespace gnomon::content
