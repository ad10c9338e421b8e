#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>

// Messages of an application/vnd.amazon.eventstream, for tests.
namespace gnomon::message {

inline std::string big_endian(std::uint32_t value) {
  std::string out;
  for (int at = 24; at >= 0; at -= 8) out += static_cast<char>(value >> at & 0xff);
  return out;
}

inline std::string sum_of_bytes(std::string_view bytes) {
  return big_endian(static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()))));
}

// A header whose value is a text.
inline std::string aws_header(std::string_view name, std::string_view value) {
  std::string out(1, static_cast<char>(name.size()));
  out += name;
  out += '\7';
  out += static_cast<char>(value.size() >> 8);
  out += static_cast<char>(value.size() & 0xff);
  out += value;
  return out;
}

inline std::string aws_message(const std::string& headers, std::string_view payload) {
  std::string out = big_endian(static_cast<std::uint32_t>(16 + headers.size() + payload.size())) +
                    big_endian(static_cast<std::uint32_t>(headers.size()));
  out += sum_of_bytes(out);
  out += headers;
  out += payload;
  return out + sum_of_bytes(out);
}

inline std::string aws_event(std::string_view type, std::string_view payload) {
  return aws_message(aws_header(":event-type", type) +
                         aws_header(":content-type", "application/json") +
                         aws_header(":message-type", "event"),
                     payload);
}

inline std::string in_base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t of = 0; of < 3; ++of)
      bits = bits << 8 | (at + of < bytes.size() ? static_cast<std::uint8_t>(bytes[at + of]) : 0U);
    for (std::size_t digit = 0; digit < 4; ++digit)
      out += at + digit > bytes.size() ? '=' : kDigits[bits >> (18 - 6 * digit) & 63];
  }
  return out;
}

// What InvokeModelWithResponseStream makes of a model's own words.
inline std::string aws_chunk(std::string_view words) {
  return aws_event("chunk", "{\"bytes\":\"" + in_base64(words) + "\",\"p\":\"abcdefgh\"}");
}

}  // namespace gnomon::message
