#include "gnomon/message/http1_head.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/text_parts.h"

namespace gnomon::message {
namespace {

// The methods of IANA's registry (WebDAV and its family with it), UPnP's GENA and eventing, and
// what is common without being registered.
constexpr std::array<std::string_view, 54> kMethods{"GET",
                                                    "POST",
                                                    "PUT",
                                                    "HEAD",
                                                    "DELETE",
                                                    "OPTIONS",
                                                    "PATCH",
                                                    "CONNECT",
                                                    "TRACE",
                                                    "PROPFIND",
                                                    "PROPPATCH",
                                                    "MKCOL",
                                                    "COPY",
                                                    "MOVE",
                                                    "LOCK",
                                                    "UNLOCK",
                                                    "REPORT",
                                                    "SEARCH",
                                                    "ACL",
                                                    "BASELINE-CONTROL",
                                                    "BIND",
                                                    "CHECKIN",
                                                    "CHECKOUT",
                                                    "LABEL",
                                                    "LINK",
                                                    "MERGE",
                                                    "MKACTIVITY",
                                                    "MKCALENDAR",
                                                    "MKREDIRECTREF",
                                                    "MKWORKSPACE",
                                                    "ORDERPATCH",
                                                    "PRI",
                                                    "QUERY",
                                                    "REBIND",
                                                    "UNBIND",
                                                    "UNCHECKOUT",
                                                    "UNLINK",
                                                    "UPDATE",
                                                    "UPDATEREDIRECTREF",
                                                    "VERSION-CONTROL",
                                                    "SUBSCRIBE",
                                                    "UNSUBSCRIBE",
                                                    "NOTIFY",
                                                    "POLL",
                                                    "M-SEARCH",
                                                    "M-POST",
                                                    "BCOPY",
                                                    "BDELETE",
                                                    "BMOVE",
                                                    "BPROPFIND",
                                                    "BPROPPATCH",
                                                    "X-MS-ENUMATTS",
                                                    "PURGE",
                                                    "CCM_POST"};

constexpr std::size_t kMethodBytesMax = 20;
// May stand alone in its line. Of other methods that would be a command of another protocol, as
// NNTP's POST.
constexpr std::string_view kLoneMethod = "OPTIONS";

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Of RFC 9110's token only what methods are made of: HTTP/1 with a small letter or a digit in its
// method is not met outside of tests, while text protocols are.
constexpr bool is_method_char(char c) { return is_upper(c) || c == '-' || c == '_'; }

std::string_view trim(std::string_view text) {
  return trimmed(text, [](char c) { return is_blank(c) || c == '\r'; });
}

bool is_http1_version(std::string_view version) {
  return version.size() == 8 && version.starts_with("HTTP/1.") && is_digit(version[7]);
}

// Blanks aside: they may be trimmed, or stand in a target that was badly written.
bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\r') || byte == 0x7f;
  });
}

bool known_method(std::string_view method) {
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

// request-line = method SP request-target SP HTTP-version (RFC 9112 §3). Blanks inside a target are
// let pass, since clients send them. So is, after a known method, a target that lacks the blank
// behind it or all of itself, and a version without its last digit, and OPTIONS with nothing behind
// it: servers answer those too.
// `line` is without its end.
bool split_request_line(std::string_view line, Http1Request& request) {
  constexpr std::string_view kVersionStart = "HTTP/1.";
  line = trim(line);
  const std::size_t method_end = line.find(' ');
  const std::size_t version_start = line.rfind(' ');
  if (method_end == std::string_view::npos) {
    request.method = line;
    request.target = request.version = {};
    return line == kLoneMethod;
  }
  request.method = line.substr(0, method_end);
  if (request.method.empty() || request.method.size() > kMethodBytesMax ||
      !std::all_of(request.method.begin(), request.method.end(), is_method_char))
    return false;
  request.target = trim(line.substr(method_end, version_start - method_end));
  request.version = line.substr(version_start + 1);
  if (!request.target.empty() && is_http1_version(request.version))
    return !has_control(request.target);

  if (!known_method(request.method)) return false;
  const std::size_t start = line.rfind(kVersionStart);
  if (start == std::string_view::npos || start < method_end) return false;
  request.target = trim(line.substr(method_end, start - method_end));
  request.version = line.substr(start);
  return !has_control(request.target) &&
         (request.version == kVersionStart || is_http1_version(request.version));
}

// status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 §4); servers leave the
// second blank out.
bool split_status_line(std::string_view line, Http1Response& response) {
  line = trim(line);
  if (line.size() < 12 || !is_http1_version(line.substr(0, 8)) || line[8] != ' ') return false;
  if (line.size() > 12 && line[12] != ' ') return false;
  const std::string_view code = line.substr(9, 3);
  if (!std::all_of(code.begin(), code.end(), is_digit) || code[0] == '0') return false;
  response.version = line.substr(0, 8);
  response.status =
      static_cast<std::uint16_t>((code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0'));
  response.reason = trim(line.substr(12));
  return true;
}

// Content-Length = 1*DIGIT; equal repetitions, in one field or several, are one (RFC 9110 §8.6).
void read_content_length(std::string_view value, Http1Fields& fields) {
  do {
    const std::string_view item = trim(take_until(value, ','));
    std::uint64_t length = 0;
    bool good = !item.empty() && item.size() <= 18;
    for (const char c : item) {
      good = good && is_digit(c);
      length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (!good || (fields.has_content_length && fields.content_length != length)) {
      fields.bad_content_length = true;
      return;
    }
    fields.has_content_length = true;
    fields.content_length = length;
  } while (!value.empty());
}

void read_transfer_encoding(std::string_view value, Http1Fields& fields) {
  if (same_ignoring_case(value, "identity")) return;
  if (fields.transfer_encoding.empty()) fields.transfer_encoding = value;
  std::string_view last = value;
  if (const auto comma = value.rfind(','); comma != std::string_view::npos)
    last = trim(value.substr(comma + 1));
  fields.chunked = same_ignoring_case(last, "chunked");
}

void keep_first(std::string_view& field, std::string_view value) {
  if (field.empty()) field = value;
}

// By length first: most fields of a request are none of these, and cost one comparison.
void read_field(std::string_view name, std::string_view value, Http1Fields& fields) {
  const auto is = [name](std::string_view wanted) { return same_ignoring_case(name, wanted); };
  switch (name.size()) {
    case 4:
      if (is("host")) {
        fields.several_hosts = fields.has_host;
        if (!fields.has_host) fields.host = value;
        fields.has_host = true;
      }
      break;
    case 6:
      if (is("accept"))
        keep_first(fields.accept, value);
      else if (is("cookie"))
        fields.has_cookie = true;
      else if (is("expect"))
        keep_first(fields.expect, value);
      else if (is("origin"))
        keep_first(fields.origin, value);
      else if (is("server"))
        keep_first(fields.server, value);
      break;
    case 7:
      if (is("upgrade"))
        keep_first(fields.upgrade, value);
      else if (is("referer"))
        keep_first(fields.referer, value);
      else if (is("api-key"))
        fields.has_api_key = true;
      break;
    case 8:
      if (is("location")) keep_first(fields.location, value);
      break;
    case 9:
      if (is("x-api-key")) fields.has_api_key = true;
      break;
    case 10:
      if (is("user-agent"))
        keep_first(fields.user_agent, value);
      else if (is("connection"))
        keep_first(fields.connection, value);
      break;
    case 12:
      if (is("content-type")) keep_first(fields.content_type, value);
      break;
    case 13:
      if (is("authorization")) fields.has_authorization = true;
      break;
    case 14:
      if (is("content-length"))
        read_content_length(value, fields);
      else if (is("x-goog-api-key"))
        fields.has_api_key = true;
      break;
    case 16:
      if (is("content-encoding")) keep_first(fields.content_encoding, value);
      break;
    case 17:
      if (is("transfer-encoding")) read_transfer_encoding(value, fields);
      break;
    case 19:
      if (is("content-disposition"))
        keep_first(fields.content_disposition, value);
      else if (is("proxy-authorization"))
        fields.has_authorization = true;
      break;
    case 22:
      if (is("sec-websocket-protocol")) keep_first(fields.websocket_protocol, value);
      break;
    default:
      break;
  }
}

void read_fields(std::string_view lines, Http1Fields& fields) {
  fields = {};
  while (!lines.empty()) {
    std::string_view line = take_until(lines, '\n');
    if (line.starts_with(' ') || line.starts_with('\t')) {
      fields.folded =
          fields.folded || fields.count != 0;  // the first line would continue the start line
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    read_known_field(trim(line.substr(0, colon)), trim(line.substr(colon + 1)), fields);
  }
}

}  // namespace

void read_known_field(std::string_view name, std::string_view value, Http1Fields& fields) {
  if (fields.count != 0xffff) ++fields.count;
  read_field(name, value, fields);
}

Likeness http1_request_likeness(Bytes start) {
  // One empty line before a request is passed over (RFC 9112, 2.2).
  if (!start.empty() && start[0] == '\r') {
    if (start.size() == 1) return Likeness::kNotYet;
    if (start[1] != '\n') return Likeness::kNo;
    start = start.subspan(2);
  } else if (!start.empty() && start[0] == '\n') {
    start = start.subspan(1);
  }
  const std::string_view text =
      as_text(start.first(std::min(start.size(), kHttp1StartLineBytesMax)));
  std::size_t method_size = 0;
  while (method_size < text.size() && is_method_char(text[method_size])) ++method_size;
  if (method_size > kMethodBytesMax) return Likeness::kNo;
  if (method_size == text.size()) return Likeness::kNotYet;
  if (method_size == 0) return Likeness::kNo;
  if (text[method_size] != ' ') {
    const std::string_view rest = text.substr(method_size);
    if (text.substr(0, method_size) != kLoneMethod) return Likeness::kNo;
    if (rest == "\r") return Likeness::kNotYet;
    return rest[0] == '\n' || rest.starts_with("\r\n") ? Likeness::kYes : Likeness::kNo;
  }

  if (const auto end = text.find('\n'); end != std::string_view::npos) {
    Http1Request request;
    return split_request_line(text.substr(0, end), request) ? Likeness::kYes : Likeness::kNo;
  }
  // Of a line that is too long the beginning has to be enough.
  const Likeness unsure =
      text.size() == kHttp1StartLineBytesMax ? Likeness::kNo : Likeness::kNotYet;
  const std::string_view target = text.substr(method_size + 1);
  if (!known_method(text.substr(0, method_size))) return unsure;
  if (target.starts_with('/') || target.starts_with("http://") || target.starts_with("https://"))
    return has_control(target) ? Likeness::kNo : Likeness::kYes;
  return unsure;
}

Likeness http1_response_likeness(Bytes start) {
  constexpr std::string_view kShape = "HTTP/1.d ddd";
  const std::string_view text = as_text(start);
  const std::size_t size = std::min(text.size(), kShape.size());
  for (std::size_t i = 0; i < size; ++i) {
    if (kShape[i] == 'd' ? !is_digit(text[i]) : kShape[i] != text[i]) return Likeness::kNo;
  }
  if (size > 9 && text[9] == '0') return Likeness::kNo;
  if (text.size() <= kShape.size()) return Likeness::kNotYet;
  const char after = text[kShape.size()];
  return after == ' ' || after == '\r' || after == '\n' ? Likeness::kYes : Likeness::kNo;
}

bool read_http1_request(std::string_view head, Http1Request& request) {
  request.head = head;
  if (!split_request_line(take_until(head, '\n'), request)) return false;
  read_fields(head, request.fields);
  return true;
}

bool read_http1_response(std::string_view head, Http1Response& response) {
  response.head = head;
  if (!split_status_line(take_until(head, '\n'), response)) return false;
  read_fields(head, response.fields);
  return true;
}

std::string_view host_without_port(std::string_view authority) {
  authority = trim(authority);
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return end == std::string_view::npos ? authority : authority.substr(1, end - 1);
  }
  const std::size_t colon = authority.find(':');
  if (colon != std::string_view::npos && authority.find(':', colon + 1) == std::string_view::npos)
    authority = authority.substr(0, colon);
  while (authority.ends_with('.')) authority.remove_suffix(1);
  return authority;
}

std::string_view http1_target_authority(std::string_view method, std::string_view target) {
  if (method == "CONNECT") return target;
  const std::size_t scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos || scheme_end == 0 ||
      !std::all_of(target.begin(), target.begin() + static_cast<std::ptrdiff_t>(scheme_end), is_letter))
    return {};
  target.remove_prefix(scheme_end + 3);
  target = target.substr(0, target.find_first_of("/?#"));
  if (const auto at = target.rfind('@'); at != std::string_view::npos) target.remove_prefix(at + 1);
  return target;
}

bool http1_list_has(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (same_ignoring_case(trim(take_until(list, ',')), token)) return true;
  }
  return false;
}

}  // namespace gnomon::message
