#include "gnomon/content/upload_pieces.h"

#include <algorithm>
#include <optional>

namespace gnomon::content {
namespace {

constexpr std::size_t kBlockNameMax = 256;  // Azure's are of 88 characters at most, in base64

std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::string_view parameter(std::string_view target, std::string_view name) {
  std::size_t at = target.find('?');
  while (at != std::string_view::npos) {
    const std::string_view rest = target.substr(at + 1);
    if (rest.substr(0, name.size()) == name && rest.substr(name.size(), 1) == "=") {
      const std::string_view value = rest.substr(name.size() + 1);
      return value.substr(0, std::min(value.find('&'), value.size()));
    }
    at = target.find('&', at + 1);
  }
  return {};
}

std::string key_of(std::string_view kind, const ExchangeFacts& facts, std::string_view what) {
  std::string key{kind};
  key += facts.host.substr(0, 255);
  key += '\n';
  key += what.substr(0, 2048);
  return key;
}

}  // namespace

UploadPiece upload_piece_of(const ExchangeFacts& facts) {
  UploadPiece piece;
  if (!facts.to_server || facts.messages) return piece;
  const std::string_view path =
      facts.target.substr(0, std::min(facts.target.find('?'), facts.target.size()));
  if (const std::string_view id = parameter(facts.target, "uploadId"); !id.empty()) {
    const std::optional<std::uint64_t> part = number(parameter(facts.target, "partNumber"));
    std::string what{path};
    what += '\n';
    what += id;
    if (facts.method == "PUT" && part) {
      piece.key = key_of("s3 ", facts, what);
      piece.begin = *part;
      piece.first = 1;
      piece.counted = true;
    } else if (facts.method == "POST") {
      piece.key = key_of("s3 ", facts, what);
      piece.finishes_only = true;
    }
    return piece;
  }
  if (const std::string_view comp = parameter(facts.target, "comp");
      facts.method == "PUT" && (comp == "block" || comp == "blocklist")) {
    piece.key = key_of("azure ", facts, path);
    piece.counted = true;
    piece.first = 1;
    piece.finishes_only = comp == "blocklist";
    piece.block = parameter(facts.target, "blockid").substr(0, kBlockNameMax);
    if (!piece.finishes_only && piece.block.empty()) return {};
    return piece;
  }
  std::string_view range = facts.content_range;
  if (range.substr(0, 6) == "bytes ") {
    // "bytes 0-99/200", "bytes 0-99/*"; "bytes */200" asks how far the upload is.
    range.remove_prefix(6);
    const std::size_t dash = range.find('-');
    const std::size_t slash = range.find('/');
    if (dash == range.npos || slash == range.npos || dash > slash) return piece;
    const auto begin = number(range.substr(0, dash));
    const auto end = number(range.substr(dash + 1, slash - dash - 1));
    if (!begin || !end || *end < *begin) return piece;
    const auto total = number(range.substr(slash + 1));
    piece.total = total.value_or(0);
    piece.begin = *begin;
    piece.last = total && *end + 1 >= *total;
    if (piece.begin == 0 && piece.last) return {};  // all of it at once
    piece.key = key_of("range ", facts, facts.target);
    return piece;
  }
  const std::string_view command = facts.upload_command;
  const bool finalize = command.find("finalize") != command.npos;
  if (const auto offset = number(facts.upload_offset)) {
    piece.begin = *offset;
    piece.last = finalize || facts.upload_complete == "?1";
    if (piece.begin == 0 && piece.last) return {};
    piece.key = key_of("offset ", facts, facts.target);
  } else if (finalize) {
    piece.key = key_of("offset ", facts, facts.target);
    piece.finishes_only = true;
  }
  return piece;
}

}  // namespace gnomon::content
