#include "gnomon/message/quic_version.h"

#include <array>

namespace gnomon::message {
namespace {

// Facebook's mvfst builds that follow a draft: the last byte and the draft.
struct Mvfst {
  std::uint32_t version;
  std::uint32_t draft;
};
constexpr Mvfst kMvfst[] = {{0xfaceb001, 22}, {0xfaceb002, 27}, {0xfaceb00e, 27}};

constexpr std::uint32_t kDraftPrefix = 0xff0000;
constexpr std::uint32_t kFirstDraft = 22;  // before it, connection ids had other lengths
constexpr std::uint32_t kLastDraft = 34;

QuicSalt draft_salt(std::uint32_t draft) {
  if (draft <= 22) return QuicSalt::kDraft22;
  if (draft <= 28) return QuicSalt::kDraft23;
  if (draft <= 32) return QuicSalt::kDraft29;
  return QuicSalt::kVersion1;
}

}  // namespace

std::optional<QuicSalt> quic_salt(std::uint32_t version) {
  switch (version) {
    case kQuicVersion1:
      return QuicSalt::kVersion1;
    case kQuicVersion2:
      return QuicSalt::kVersion2;
    case kQuicVersionGoogleQ050:
      return QuicSalt::kGoogleQ050;
    case kQuicVersionGoogleT050:
      return QuicSalt::kGoogleT050;
    case kQuicVersionGoogleT051:
      return QuicSalt::kGoogleT051;
    default:
      break;
  }
  if ((version >> 8) == kDraftPrefix) {
    const std::uint32_t draft = version & 0xff;
    if (draft >= kFirstDraft && draft <= kLastDraft) return draft_salt(draft);
    return std::nullopt;
  }
  if (is_reserved_quic_version(version)) return QuicSalt::kVersion1;
  for (const Mvfst& mvfst : kMvfst)
    if (mvfst.version == version) return draft_salt(mvfst.draft);
  return std::nullopt;
}

std::string quic_version_name(std::uint32_t version) {
  if (version == kQuicVersion1) return "1";
  if (version == kQuicVersion2) return "2";
  if ((version >> 8) == kDraftPrefix) return "draft-" + std::to_string(version & 0xff);
  for (const Mvfst& mvfst : kMvfst)
    if (mvfst.version == version) return "mvfst-" + std::to_string(mvfst.draft);
  const std::array<char, 4> letters{static_cast<char>(version >> 24),
                                    static_cast<char>(version >> 16),
                                    static_cast<char>(version >> 8), static_cast<char>(version)};
  if (is_google_quic_in_clear(version) || is_google_quic_with_crypto_frames(version))
    return {letters.begin(), letters.end()};
  constexpr const char* kHexDigits = "0123456789abcdef";
  std::string name = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) name += kHexDigits[(version >> shift) & 0xf];
  return name;
}

}  // namespace gnomon::message
