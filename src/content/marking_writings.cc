#include "marking_writings.h"

#include <algorithm>
#include <string_view>

#include "gnomon/bytes/ascii.h"
#include "letter_case.h"
#include "plain_blanks.h"

namespace gnomon::content {
namespace {

void add(std::vector<std::string>& all, std::string text) {
  if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(std::move(text));
}

std::string with_blanks_as(std::string_view text, std::string_view written) {
  std::string out;
  for (const char c : text)
    if (c == ' ')
      out += written;
    else
      out += c;
  return out;
}

}  // namespace

std::vector<std::string> marking_writings(const std::vector<std::string>& markings) {
  std::vector<std::string> all;
  std::string room;
  for (const std::string& each : markings)
    for (const std::string_view blank : {" ", "  ", "\u00a0", "\u202f"}) {
      const std::string written = with_blanks_as(each, blank);
      add(all, std::string{with_plain_blanks(written, room)});
    }
  return all;
}

Result<std::vector<std::string>> own_marking_writings(const std::vector<std::string>& markings) {
  std::vector<std::string> given;
  for (const std::string& each : markings) {
    // One blank between its words, however it was given.
    std::string words;
    for (const char c : each)
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
        words += c;
      else if (!words.empty() && words.back() != ' ')
        words += ' ';
    while (words.ends_with(' ')) words.pop_back();
    if (std::none_of(words.begin(), words.end(),
                     [](char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }))
      return Error{"'" + each + "' is no marking: it has no letter and no digit"};
    add(given, words);
    add(given, with_small_letters(words));
  }
  std::vector<std::string> all = marking_writings(given);
  for (const std::string& each : given)
    for (std::size_t at = each.find(' '); at != std::string::npos; at = each.find(' ', at + 1))
      for (const std::string_view end : {"\n", "\r\n"})
        add(all, each.substr(0, at) + std::string{end} + each.substr(at + 1));
  return all;
}

}  // namespace gnomon::content
