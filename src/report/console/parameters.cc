#include "parameters.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "gnomon/bytes/ascii.h"

namespace gnomon::report::console {
namespace {

constexpr std::size_t kTargetBytesMax = 4096;
constexpr std::size_t kPartsMax = 32;

}  // namespace

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out += c;
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

Result<Target> parse_target(std::string_view target) {
  if (target.size() > kTargetBytesMax) return Error{"the address is too long"};
  if (!target.starts_with('/')) return Error{"the address must begin with a slash"};
  Target parsed;
  std::string_view path = target.substr(0, target.find('?'));
  std::string_view query = target.substr(std::min(target.size(), path.size() + 1));
  if (target.find('#') != std::string_view::npos) return Error{"an address here has no fragment"};
  path.remove_prefix(1);
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    auto segment = percent_decoded(path.substr(0, end), false);
    if (!segment) return Error{"the path has an escape that is broken or stands for nothing"};
    if (*segment == "." || *segment == ".." || segment->empty())
      return Error{"the path has an empty or a dot segment"};
    if (segment->find_first_of("/\\") != std::string::npos)
      return Error{"a segment of the path holds a slash or a backslash"};
    if (parsed.segments.size() >= kPartsMax) return Error{"the path has too many segments"};
    parsed.segments.push_back(std::move(*segment));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    auto name = percent_decoded(part.substr(0, equals), true);
    auto value = percent_decoded(part.substr(std::min(equals + 1, part.size())), true);
    if (!name || !value) return Error{"the query has an escape that is broken"};
    for (const auto& [known, ignored] : parsed.query)
      if (known == *name) return Error{"parameter '" + *name + "' is given twice"};
    if (parsed.query.size() >= kPartsMax) return Error{"the query has too many parameters"};
    parsed.query.emplace_back(std::move(*name), std::move(*value));
  }
  return parsed;
}

const std::string* Parameters::find(std::string_view name) {
  for (std::size_t i = 0; i < query_.size(); ++i) {
    if (query_[i].first != name) continue;
    asked_[i] = true;
    return &query_[i].second;
  }
  return nullptr;
}

void Parameters::fail(std::string message) {
  if (!error_) error_ = Error{std::move(message)};
}

std::string Parameters::text(std::string_view name) {
  constexpr std::size_t kTextBytesMax = 512;
  const std::string* found = find(name);
  if (found == nullptr) return {};
  if (found->size() > kTextBytesMax) fail("'" + std::string{name} + "' is too long");
  return *found;
}

std::string Parameters::word(std::string_view name, std::span<const std::string_view> words) {
  const std::string* found = find(name);
  if (found == nullptr || found->empty()) return std::string{words.front()};
  if (std::find(words.begin(), words.end(), *found) == words.end()) {
    std::string message = "'" + std::string{name} + "' must be one of";
    for (const std::string_view word : words)
      if (!word.empty()) message += " " + std::string{word};
    fail(std::move(message));
  }
  return *found;
}

std::uint64_t Parameters::number(std::string_view name, std::uint64_t otherwise,
                                 std::uint64_t least, std::uint64_t most) {
  const std::string* found = find(name);
  if (found == nullptr) return otherwise;
  std::uint64_t number = 0;
  const char* end = found->data() + found->size();
  const auto [at, failed] = std::from_chars(found->data(), end, number);
  if (failed == std::errc{} && at == end && number >= least && number <= most) return number;
  fail("'" + std::string{name} + "' must be a number from " + std::to_string(least) + " to " +
       std::to_string(most));
  return otherwise;
}

std::optional<Error> Parameters::error() const {
  if (error_) return error_;
  for (std::size_t i = 0; i < query_.size(); ++i)
    if (!asked_[i]) return Error{"there is no parameter '" + query_[i].first + "' here"};
  return std::nullopt;
}

Result<TextObject> TextObject::parse(std::string_view json, std::span<const std::string_view> keys,
                                     std::size_t bytes_max) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS)
    return Error{"the body must be a JSON object"};
  TextObject parsed;
  for (const auto& [key, value] : object) {
    const std::string name{key};
    if (std::find(keys.begin(), keys.end(), name) == keys.end())
      return Error{"there is no member '" + name + "' here"};
    if (parsed.has(name)) return Error{"member '" + name + "' is given twice"};
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return Error{"'" + name + "' must be a text"};
    if (text.size() > bytes_max)
      return Error{"'" + name + "' is longer than " + std::to_string(bytes_max) + " bytes"};
    for (const char c : text)
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
        return Error{"'" + name + "' holds control characters"};
    parsed.members_.emplace_back(name, std::string{text});
  }
  return parsed;
}

bool TextObject::has(std::string_view key) const {
  return std::any_of(members_.begin(), members_.end(),
                     [&](const auto& member) { return member.first == key; });
}

std::string TextObject::text(std::string_view key) const {
  for (const auto& [name, value] : members_)
    if (name == key) return value;
  return {};
}

}  // namespace gnomon::report::console
