#include "gnomon/message/json_stream.h"

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/utf8.h"

namespace gnomon::message {
namespace {

// The first `room` bytes of text, less a character that they would cut.
std::string_view first_of(std::string_view text, std::size_t room) {
  if (text.size() <= room) return text;
  while (room > 0 && (static_cast<unsigned char>(text[room]) & 0xc0) == 0x80) --room;
  return text.substr(0, room);
}

}  // namespace

void JsonStream::open(bool object) {
  if (objects_.size() >= kJsonDepthMax) {
    ++beyond_;
    malformed_ = true;
    key_next_ = false;
    return;
  }
  objects_.push_back(object);
  key_next_ = object;
  events_.on_open(object);
}

void JsonStream::close(bool object) {
  if (beyond_ > 0) {
    --beyond_;
    return;
  }
  if (objects_.empty()) {
    malformed_ = true;
    return;
  }
  if (objects_.back() != object) {
    // The wrong bracket: believe it when there is one such open, else pass it over.
    malformed_ = true;
    return;
  }
  objects_.pop_back();
  key_next_ = false;
  events_.on_close(object);
}

void JsonStream::piece(std::string_view text) {
  if (text.empty()) return;
  if (!in_key_) {
    events_.on_string(text);
  } else if (!key_full_) {
    const std::string_view fits = first_of(text, kJsonKeyBytesMax - key_.size());
    key_.append(fits);
    key_full_ = fits.size() < text.size();
  }
}

void JsonStream::drop_surrogate() {
  if (high_ == 0) return;
  high_ = 0;
  piece("\xef\xbf\xbd");
}

void JsonStream::unit(std::uint32_t code) {
  if (code >= 0xdc00 && code < 0xe000 && high_ != 0) {
    code = 0x10000 + ((high_ - 0xd800) << 10) + (code - 0xdc00);
    high_ = 0;
  } else {
    drop_surrogate();
    if (code >= 0xd800 && code < 0xdc00) {
      high_ = code;
      return;
    }
  }
  std::string text;
  append_utf8(code, text);
  piece(text);
}

void JsonStream::end_string(bool whole) {
  drop_surrogate();
  state_ = State::kBetween;
  if (in_key_) {
    in_key_ = false;
    key_next_ = false;
    events_.on_key(key_);
  } else {
    events_.on_string_end(whole);
  }
}

void JsonStream::end_scalar() {
  state_ = State::kBetween;
  if (!scalar_.empty()) events_.on_scalar(scalar_);
  scalar_.clear();
}

void JsonStream::write(std::string_view in) {
  std::size_t at = 0;
  while (at < in.size()) {
    const char c = in[at];
    switch (state_) {
      case State::kBetween:
        ++at;
        switch (c) {
          case ' ':
          case '\n':
          case '\r':
          case '\t':
          case ':':
            break;
          case '{':
            open(true);
            break;
          case '[':
            open(false);
            break;
          case '}':
            close(true);
            break;
          case ']':
            close(false);
            break;
          case ',':
            key_next_ = beyond_ == 0 && !objects_.empty() && objects_.back();
            break;
          case '"':
            state_ = State::kString;
            in_key_ = key_next_;
            if (in_key_) {
              key_.clear();
              key_full_ = false;
            } else {
              events_.on_string_begin();
            }
            break;
          default:
            state_ = State::kScalar;
            scalar_.assign(1, c);
        }
        break;
      case State::kString: {
        std::size_t end = at;
        while (end < in.size() && in[end] != '"' && in[end] != '\\') ++end;
        if (end > at) {
          drop_surrogate();
          piece(in.substr(at, end - at));
        }
        at = end;
        if (at == in.size()) break;
        if (in[at++] == '"') {
          end_string(true);
        } else {
          state_ = State::kEscape;
        }
        break;
      }
      case State::kEscape: {
        ++at;
        state_ = State::kString;
        if (c == 'u') {
          state_ = State::kUnicode;
          digits_ = 0;
          code_ = 0;
          break;
        }
        drop_surrogate();
        switch (c) {
          case 'n':
            piece("\n");
            break;
          case 't':
            piece("\t");
            break;
          case 'r':
            piece("\r");
            break;
          case 'b':
          case 'f':
            piece(" ");
            break;
          case '"':
          case '\\':
          case '/':
            piece(std::string_view{&c, 1});
            break;
          default:
            malformed_ = true;
            piece("\\");
            --at;  // the byte is text of its own, perhaps the first of a longer character
            break;
        }
        break;
      }
      case State::kUnicode: {
        const int digit = hex_value(c);
        if (digit < 0) {
          malformed_ = true;
          state_ = State::kString;
          drop_surrogate();
          piece("\\u");
          for (unsigned digit_at = digits_; digit_at-- > 0;) {
            piece(std::string_view{"0123456789abcdef"}.substr((code_ >> (4 * digit_at)) & 15, 1));
          }
          break;
        }
        ++at;
        code_ = code_ * 16 + static_cast<std::uint32_t>(digit);
        if (++digits_ == 4) {
          state_ = State::kString;
          unit(code_);
        }
        break;
      }
      case State::kScalar: {
        // `:` ends one only as a key without quotes, as some write.
        std::size_t end = at;
        while (end < in.size() && in[end] != ',' && in[end] != ']' && in[end] != '}' &&
               in[end] != ':' && in[end] != '"' && in[end] != '{' && in[end] != '[' &&
               in[end] != '\n' && in[end] != ' ' && in[end] != '\r' && in[end] != '\t' &&
               scalar_.size() + (end - at) < kJsonScalarBytesMax) {
          ++end;
        }
        while (end < in.size() && (static_cast<unsigned char>(in[end]) & 0xc0) == 0x80) ++end;
        scalar_.append(in.substr(at, end - at));
        at = end;
        if (at == in.size()) break;
        if (in[at] == ':' && key_next_) {
          events_.on_key(first_of(scalar_, kJsonKeyBytesMax));
          scalar_.clear();
          key_next_ = false;
          state_ = State::kBetween;
          ++at;
        } else {
          end_scalar();
          if (in[at] != ',' && in[at] != ']' && in[at] != '}' && in[at] != ':' && in[at] != '"' &&
              in[at] != '{' && in[at] != '[' && in[at] != '\n' && in[at] != ' ' && in[at] != '\r' &&
              in[at] != '\t') {
            malformed_ = true;  // longer than any number: goes on as another
          }
        }
        break;
      }
    }
  }
}

void JsonStream::finish() {
  if (state_ == State::kScalar) end_scalar();
  if (state_ == State::kString || state_ == State::kEscape || state_ == State::kUnicode) {
    malformed_ = true;
    end_string(false);
  }
  if (!objects_.empty() || beyond_ > 0) malformed_ = true;
  beyond_ = 0;
  while (!objects_.empty()) {
    const bool object = objects_.back();
    objects_.pop_back();
    events_.on_close(object);
  }
  key_next_ = false;
}

}  // namespace gnomon::message
