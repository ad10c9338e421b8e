#include "gnomon/content/upload_pieces.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base64_decoder.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/text_parts.h"
#include "gnomon/bytes/url_reference.h"
#include "gnomon/message/http1_head.h"
#include "header_fields.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kTargetMax = 2048;
constexpr std::size_t kBlockNameMax = 256;  // Azure's are of 88 characters at most, in base64
constexpr std::size_t kNameMax = 512;       // of a file
constexpr std::size_t kBoundaryMax = 200;   // RFC 2046 allows 70
constexpr std::size_t kMetadataMax = 8192;  // more is not looked at
constexpr std::string_view kDeferred = "deferred";
constexpr std::string_view kFinal = "final;";  // of Upload-Concat

std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

bool is_blank_or_control(char c) { return static_cast<unsigned char>(c) <= ' '; }

std::string key_of(std::string_view kind, std::string_view host, std::string_view what) {
  std::string key{kind};
  for (const char c : host.substr(0, 255)) key += to_lower(c);
  key += '\n';
  key += what.substr(0, kTargetMax);
  return key;
}

// A request to a proxy has all of its URL for a target.
std::string_view path_of(std::string_view target) {
  if (target.starts_with('/')) return target;
  const std::optional<UrlReference> said = split_url_reference(target);
  return said && said->has_host ? said->rest : target;
}

std::string key_of_offsets(std::string_view host, std::string_view target) {
  std::string what;
  if (!target.starts_with('/')) what = '/';
  what += target.substr(0, kTargetMax);
  return key_of("offset ", host, what);
}

// "filename d29ybGQucGRm,filetype dGV4dA==,is_private": names apart by blanks from their values.
void read_metadata(std::string_view metadata, UploadPiece& piece) {
  metadata = metadata.substr(0, kMetadataMax);
  while (!metadata.empty()) {
    std::string_view pair = trimmed(take_until(metadata, ','), is_blank_or_control);
    const std::string_view name = take_until(pair, ' ');
    std::string* to = nullptr;
    if (name == "filename" || name == "name") to = &piece.file_name;
    if (name == "filetype" || name == "type") to = &piece.file_type;
    if (to == nullptr || !to->empty()) continue;
    std::vector<std::uint8_t> value;
    Base64Decoder{}.write(pair, value);
    to->assign(value.begin(),
               value.begin() + static_cast<std::ptrdiff_t>(std::min(value.size(), kNameMax)));
  }
}

UploadPiece part_of_s3(const ExchangeFacts& facts, std::string_view path, std::string_view id) {
  UploadPiece piece;
  const std::optional<std::uint64_t> part = number(query_value(facts.target, "partNumber"));
  std::string what{path};
  what += '\n';
  what += id;
  if (facts.method == "PUT" && part) {
    piece.key = key_of("s3 ", facts.host, what);
    piece.begin = *part;
    piece.first = 1;
    piece.counted = true;
  } else if (facts.method == "POST") {
    piece.key = key_of("s3 ", facts.host, what);
    piece.finishes_only = true;
  }
  return piece;
}

UploadPiece block_of_azure(const ExchangeFacts& facts, std::string_view path, bool list) {
  UploadPiece piece;
  piece.counted = true;
  piece.first = 1;
  piece.finishes_only = list;
  if (list) {
    piece.file_type = facts.upload_type.substr(0, kNameMax);
  } else {
    piece.block = percent_decoded(query_value(facts.target, "blockid").substr(0, kBlockNameMax));
    if (piece.block.empty()) return piece;
  }
  piece.key = key_of("azure ", facts.host, path);
  return piece;
}

// Parts are named in their answers, and their order is told with the names in the end; clients send
// them in that order, unless they send several at once.
UploadPiece part_of_openai(const ExchangeFacts& facts, std::string_view path) {
  UploadPiece piece;
  const std::size_t slash = path.rfind('/');
  if (facts.method != "POST" || slash == path.npos) return piece;
  const std::string_view what = path.substr(slash + 1);
  const std::string_view upload = path.substr(0, slash);
  const std::size_t id = upload.rfind('/');
  if ((what != "parts" && what != "complete") || id == upload.npos ||
      !upload.substr(id + 1).starts_with("upload_") || !upload.substr(0, id).ends_with("/uploads"))
    return piece;
  piece.counted = true;
  piece.first = 1;
  piece.finishes_only = what == "complete";
  if (!piece.finishes_only) {
    if (media_type_of(facts.content_type) != "multipart/form-data" ||
        !facts.content_encoding.empty())
      return piece;
    piece.boundary = parameter_of(facts.content_type, "boundary");
    if (piece.boundary.empty() || piece.boundary.size() > kBoundaryMax) return piece;
  }
  piece.key = key_of("openai ", facts.host, path_of(upload));
  return piece;
}

// "bytes 0-99/200", "bytes 0-99/*"; "bytes */200" asks how far the upload is.
UploadPiece piece_by_range(const ExchangeFacts& facts, std::string_view range) {
  UploadPiece piece;
  const std::size_t dash = range.find('-');
  const std::size_t slash = range.find('/');
  if (dash == range.npos || slash == range.npos || dash > slash) return piece;
  const auto begin = number(range.substr(0, dash));
  const auto end = number(range.substr(dash + 1, slash - dash - 1));
  if (!begin || !end || *end < *begin) return piece;
  // The range is of the file within the form, which is whole in each request.
  if (media_type_of(facts.content_type) == "multipart/form-data") return piece;
  const auto total = number(range.substr(slash + 1));
  piece.total = total.value_or(0);
  piece.begin = *begin;
  piece.last = total && *end + 1 >= *total;
  if (piece.begin == 0 && piece.last) return piece;  // all of it at once
  piece.key = key_of("range ", facts.host, facts.target);
  return piece;
}

// A request that says no place in an upload, but that it begins one. Of tus the whole length is
// said, of the IETF's uploads whether this is all, and Google's begin with a command.
void read_creation(const ExchangeFacts& facts, UploadPiece& piece) {
  if (facts.method != "POST" && facts.method != "PUT") return;
  if (const std::string_view command = facts.upload_command; !command.empty()) {
    piece.creates = command.find("start") != command.npos;
    piece.carries = command.find("upload") != command.npos;  // else its body is about the upload
    piece.last = piece.carries && command.find("finalize") != command.npos;
  } else {
    piece.creates = !facts.upload_complete.empty() || facts.upload_length == kDeferred ||
                    number(facts.upload_length).has_value();
    piece.last = facts.upload_complete == "?1";
    piece.partial = facts.upload_concat == "partial";
  }
}

// "final;/files/a /files/b" makes one of what was uploaded there (tus 1.0, Concatenation).
UploadPiece piece_that_joins(const ExchangeFacts& facts) {
  UploadPiece piece;
  std::string_view places = facts.upload_concat.substr(kFinal.size());
  while (!places.empty()) {
    const std::string_view place = trimmed(take_until(places, ' '), is_blank_or_control);
    if (place.empty()) continue;
    std::string key = upload_key_at(place, facts.host, facts.target);
    if (key.empty() || piece.joins.size() == kUploadPartsMax) return {};
    piece.joins.push_back(std::move(key));
  }
  if (piece.joins.empty()) return piece;
  piece.key = piece.joins.front();
  piece.counted = true;
  piece.first = 1;
  piece.finishes_only = true;
  read_metadata(facts.upload_metadata, piece);
  return piece;
}

UploadPiece piece_by_offset(const ExchangeFacts& facts) {
  UploadPiece piece;
  const std::string_view command = facts.upload_command;
  const bool finalize = command.find("finalize") != command.npos;
  piece.total = number(facts.upload_length).value_or(0);
  if (const auto offset = number(facts.upload_offset)) {
    // Also of one that brings all at once: what created it may have said the name.
    piece.begin = *offset;
    piece.last = finalize || facts.upload_complete == "?1";
    piece.key = key_of_offsets(facts.host, path_of(facts.target));
  } else if (finalize && command.find("upload") == command.npos) {
    piece.key = key_of_offsets(facts.host, path_of(facts.target));
    piece.finishes_only = true;
  } else {
    read_creation(facts, piece);
  }
  if (!piece.is_piece()) return piece;
  read_metadata(facts.upload_metadata, piece);
  if (piece.file_name.empty()) piece.file_name = facts.upload_name.substr(0, kNameMax);
  if (piece.file_type.empty()) piece.file_type = facts.upload_type.substr(0, kNameMax);
  return piece;
}

// A piece says of itself that it is one, of the whole nothing.
bool is_type_of_pieces(std::string_view field) {
  const std::string type = media_type_of(field);
  return type == "application/offset+octet-stream" || type == "application/partial-upload";
}

}  // namespace

UploadPiece upload_piece_of(const ExchangeFacts& facts) {
  if (!facts.to_server || facts.messages) return {};
  const std::string_view path =
      facts.target.substr(0, std::min(facts.target.find('?'), facts.target.size()));
  if (const std::string_view id = query_value(facts.target, "uploadId"); !id.empty())
    return part_of_s3(facts, path, id);
  if (const std::string_view comp = query_value(facts.target, "comp");
      facts.method == "PUT" && (comp == "block" || comp == "blocklist"))
    return block_of_azure(facts, path, comp == "blocklist");
  if (UploadPiece piece = part_of_openai(facts, path); piece.is_piece()) return piece;
  if (facts.method == "POST" && facts.upload_concat.starts_with(kFinal))
    return piece_that_joins(facts);
  if (facts.content_range.starts_with("bytes "))
    return piece_by_range(facts, facts.content_range.substr(6));
  return piece_by_offset(facts);
}

ExchangeFacts facts_of_whole(const ExchangeFacts& facts, const UploadPiece& what,
                             std::string& disposition) {
  ExchangeFacts whole = facts;
  if (!what.carries || !what.boundary.empty())
    whole.content_type = whole.content_encoding = whole.content_disposition = {};
  if (is_type_of_pieces(whole.content_type)) whole.content_type = {};
  if (!what.boundary.empty()) whole.content_disposition = "attachment";  // a file without a name
  if (!what.file_type.empty()) whole.content_type = what.file_type;
  if (!what.file_name.empty()) {
    disposition = "attachment; filename=\"";
    for (const char c : what.file_name) {
      if (c == '"' || c == '\\') disposition += '\\';
      disposition += c;
    }
    disposition += '"';
    whole.content_disposition = disposition;
  }
  return whole;
}

void note_upload_field(ExchangeFacts& facts, std::string_view name, std::string_view value) {
  // Most fields begin otherwise.
  const char first = name.empty() ? ' ' : static_cast<char>(name.front() | 0x20);
  if (first != 'c' && first != 'u' && first != 'x') return;
  static constexpr std::pair<std::string_view, std::string_view ExchangeFacts::*> kFields[] = {
      {"content-range", &ExchangeFacts::content_range},
      {"upload-offset", &ExchangeFacts::upload_offset},
      {"upload-complete", &ExchangeFacts::upload_complete},
      {"upload-length", &ExchangeFacts::upload_length},
      {"upload-metadata", &ExchangeFacts::upload_metadata},
      {"upload-concat", &ExchangeFacts::upload_concat},
      {"x-goog-upload-offset", &ExchangeFacts::upload_offset},
      {"x-goog-upload-command", &ExchangeFacts::upload_command},
      {"x-goog-upload-header-content-length", &ExchangeFacts::upload_length},
      {"x-goog-upload-header-content-type", &ExchangeFacts::upload_type},
      {"x-goog-upload-file-name", &ExchangeFacts::upload_name},
      {"x-ms-blob-content-type", &ExchangeFacts::upload_type},
  };
  for (const auto& [known, field] : kFields) {
    if (!same_ignoring_case(name, known)) continue;
    if ((facts.*field).empty()) facts.*field = value;
    return;
  }
  if (same_ignoring_case(name, "upload-defer-length") && value == "1" &&
      facts.upload_length.empty())
    facts.upload_length = kDeferred;
  // What drafts before the sixth called it, the other way round.
  if (same_ignoring_case(name, "upload-incomplete") && facts.upload_complete.empty())
    facts.upload_complete = value == "?0" ? "?1" : "?0";
}

std::string upload_key_at(std::string_view url, std::string_view host, std::string_view target) {
  const std::optional<UrlReference> said = split_url_reference(url);
  if (!said || url.empty()) return {};
  if (said->has_host)
    return said->host.empty() ? std::string{} : key_of_offsets(said->host, said->rest);
  if (said->rest.starts_with('/')) return key_of_offsets(host, said->rest);
  // Below the request's own place (RFC 3986, 5.2.3).
  target = path_of(target);
  target = target.substr(0, std::min(target.find('?'), target.size()));
  if (!said->rest.starts_with('?')) target = target.substr(0, target.rfind('/') + 1);
  std::string place{target.empty() ? std::string_view{"/"} : target};
  place += said->rest.substr(0, kTargetMax);
  return key_of_offsets(host, place);
}

std::vector<std::string> upload_block_list(std::string_view xml) {
  std::vector<std::string> names;
  while (names.size() < kUploadBlocksMax) {
    take_until(xml, '<');
    if (xml.empty()) break;
    const std::string_view tag = trimmed(take_until(xml, '>'), is_blank_or_control);
    if (tag != "Latest" && tag != "Uncommitted" && tag != "Committed") continue;
    const std::string_view name =
        trimmed(xml.substr(0, std::min(xml.find('<'), xml.size())), is_blank_or_control);
    if (!name.empty()) names.emplace_back(name.substr(0, kBlockNameMax));
  }
  return names;
}

}  // namespace gnomon::content
