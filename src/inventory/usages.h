#pragma once

#include <array>
#include <string_view>

namespace gnomon::inventory {

// How apps are used, as signatures/vocabulary.yaml has it (a test compares them): whoever decides
// reads no signatures. The last one is ours: of whatever sends files.
inline constexpr std::string_view kUpload = "upload";
inline constexpr std::array kUsages = std::to_array<std::string_view>({
    "web-chat",
    "api",
    "coding-assistant",
    "agent",
    "mcp",
    "ai-browser",
    "search",
    "image-generation",
    "video-generation",
    "music-generation",
    "voice",
    "meeting",
    "translation",
    "writing",
    "document-processing",
    "design",
    "productivity",
    "data-analysis",
    "sales-marketing",
    "customer-support",
    "education",
    "legal",
    "healthcare",
    "hr",
    "finance",
    "companion",
    "model-hub",
    "model-download",
    "model-hosting",
    "llm-operations",
    "vector-search",
    "ai-security",
    "embedded",
    "crawler",
    "content-delivery",
    "sign-in",
    "telemetry",
    "software-download",
    "published-site",
    "information",
    "console",
    "other",
    kUpload,
});

}  // namespace gnomon::inventory
