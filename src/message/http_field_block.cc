#include "gnomon/message/http_field_block.h"

#include "gnomon/bytes/free_room.h"

namespace gnomon::message {
void HttpFieldBlock::clear() {
  text_.clear();
  spans_.clear();
  views_.clear();
  partial_ = broken_ = overflowed_ = false;
}

void HttpFieldBlock::let_go() {
  clear();
  free_room(text_);
  free_room(spans_);
  free_room(views_);
}

void HttpFieldBlock::add(std::string_view name, std::string_view value) {
  if (spans_.size() == kFieldsMax || name.size() + value.size() > kBytesMax - text_.size()) {
    partial_ = broken_ = overflowed_ = true;
    return;
  }
  text_ += name;
  text_ += value;
  spans_.push_back(
      {static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(value.size())});
}

template <class Pseudo>
void HttpFieldBlock::split(Pseudo pseudo) {
  views_.clear();
  const std::string_view text = text_;
  std::size_t at = 0;
  for (const Span& span : spans_) {
    const HttpField field{text.substr(at, span.name_size),
                          text.substr(at + span.name_size, span.value_size)};
    at += std::size_t{span.name_size} + span.value_size;
    if (field.name.starts_with(':')) {
      pseudo(field.name, field.value);
    } else {
      views_.push_back(field);
    }
  }
}

bool HttpFieldBlock::read_request(HttpRequest& request) {
  bool any = false;
  split([&](std::string_view name, std::string_view value) {
    std::string_view* const to = name == ":method"      ? &request.method
                                 : name == ":scheme"    ? &request.scheme
                                 : name == ":authority" ? &request.authority
                                 : name == ":path"      ? &request.target
                                 : name == ":protocol"  ? &request.connect_protocol
                                                        : nullptr;
    if (to == nullptr || !to->empty()) return;
    *to = value;
    any = any || name != ":scheme";
  });
  for (const HttpField& field : views_) read_known_field(field.name, field.value, request.known);
  if (request.authority.empty()) {
    request.authority = request.known.host;
  } else {
    request.known.host = request.authority;
    request.known.has_host = true;
  }
  // CONNECT names its destination alone (RFC 9113 §8.5).
  if (request.target.empty() && request.method == "CONNECT") request.target = request.authority;
  request.fields = HttpFields{views_};
  request.partial = partial_;
  return any;
}

bool HttpFieldBlock::read_response(HttpResponse& response) {
  split([&](std::string_view name, std::string_view value) {
    if (name != ":status" || value.size() != 3) return;
    std::uint16_t status = 0;
    for (const char c : value) {
      if (c < '0' || c > '9') return;
      status = static_cast<std::uint16_t>(status * 10 + (c - '0'));
    }
    response.status = status;
  });
  for (const HttpField& field : views_) read_known_field(field.name, field.value, response.known);
  response.fields = HttpFields{views_};
  response.partial = partial_;
  response.interim = response.status >= 100 && response.status < 200;
  return response.status >= 100;
}

HttpFields HttpFieldBlock::read_fields() {
  split([](std::string_view, std::string_view) {});
  return HttpFields{views_};
}

}  // namespace gnomon::message
