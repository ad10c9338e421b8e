#include "text_guess.h"

#include <algorithm>
#include <array>
#include <string>

#include "code_pages.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/content/text_decoder.h"

namespace gnomon::content {
namespace {

using F = FileFamily;

struct Extension {
  std::string_view extension;
  std::string_view name;
  FileFamily family;
};

// clang-format off
constexpr Extension kExtensions[] = {
    {"json", "json", F::kJson}, {"jsonl", "ndjson", F::kJson}, {"ndjson", "ndjson", F::kJson},
    {"ipynb", "ipynb", F::kJson}, {"geojson", "json", F::kJson},
    {"csv", "csv", F::kText}, {"tsv", "csv", F::kText},
    {"html", "html", F::kMarkup}, {"htm", "html", F::kMarkup}, {"xhtml", "html", F::kMarkup},
    {"xml", "xml", F::kMarkup}, {"svg", "svg", F::kMarkup},
    {"eml", "eml", F::kMail}, {"mbox", "mbox", F::kMail}, {"mht", "eml", F::kMail},
    {"mhtml", "eml", F::kMail},
    {"md", "markdown", F::kText}, {"markdown", "markdown", F::kText}, {"rst", "text", F::kText},
    {"txt", "text", F::kText}, {"log", "text", F::kText}, {"tex", "tex", F::kText},
    {"yaml", "yaml", F::kText}, {"yml", "yaml", F::kText}, {"toml", "toml", F::kText},
    {"ini", "ini", F::kText}, {"cfg", "ini", F::kText}, {"conf", "ini", F::kText},
    {"env", "env", F::kText}, {"properties", "ini", F::kText}, {"sql", "sql", F::kText},
    {"pem", "pem", F::kText}, {"key", "pem", F::kText}, {"crt", "pem", F::kText},
    {"vcf", "vcard", F::kText}, {"ics", "icalendar", F::kText}, {"srt", "text", F::kText},
    {"py", "python", F::kText}, {"js", "javascript", F::kText}, {"mjs", "javascript", F::kText},
    {"ts", "typescript", F::kText}, {"tsx", "typescript", F::kText}, {"jsx", "javascript", F::kText},
    {"java", "java", F::kText}, {"kt", "kotlin", F::kText}, {"scala", "scala", F::kText},
    {"c", "c", F::kText}, {"h", "c", F::kText}, {"cc", "cpp", F::kText}, {"cpp", "cpp", F::kText},
    {"cxx", "cpp", F::kText}, {"hpp", "cpp", F::kText}, {"cs", "csharp", F::kText},
    {"go", "go", F::kText}, {"rs", "rust", F::kText}, {"rb", "ruby", F::kText},
    {"php", "php", F::kText}, {"pl", "perl", F::kText}, {"pm", "perl", F::kText},
    {"sh", "shell", F::kText}, {"bash", "shell", F::kText}, {"ps1", "powershell", F::kText},
    {"bat", "batch", F::kText}, {"cmd", "batch", F::kText}, {"lua", "lua", F::kText},
    {"swift", "swift", F::kText}, {"m", "objective-c", F::kText}, {"r", "r", F::kText},
    {"jl", "julia", F::kText}, {"hs", "haskell", F::kText}, {"erl", "erlang", F::kText},
    {"ex", "elixir", F::kText}, {"exs", "elixir", F::kText}, {"clj", "clojure", F::kText},
    {"dart", "dart", F::kText}, {"vb", "vb", F::kText}, {"vbs", "vb", F::kText},
    {"asm", "assembly", F::kText}, {"s", "assembly", F::kText}, {"css", "css", F::kText},
    {"scss", "css", F::kText}, {"proto", "protobuf", F::kText}, {"tf", "terraform", F::kText},
    {"gradle", "gradle", F::kText}, {"cmake", "cmake", F::kText}, {"diff", "diff", F::kText},
    {"patch", "diff", F::kText}, {"sol", "solidity", F::kText}, {"v", "verilog", F::kText},
    {"vhd", "vhdl", F::kText}, {"cob", "cobol", F::kText}, {"abap", "abap", F::kText}, {"f90", "fortran", F::kText},
};
// clang-format on

bool starts_caseless(std::string_view text, std::string_view with) {
  if (text.size() < with.size()) return false;
  for (std::size_t at = 0; at < with.size(); ++at) {
    const char c = text[at];
    if (to_lower(c) != with[at]) return false;
  }
  return true;
}

bool looks_like_mail(std::string_view text) {
  // Header lines only, of which at least two are such as mail has.
  constexpr std::string_view kFields[] = {
      "from:",         "to:",           "subject:",        "date:",
      "received:",     "message-id:",   "mime-version:",   "return-path:",
      "delivered-to:", "content-type:", "dkim-signature:", "reply-to:"};
  int mail_fields = 0;
  std::size_t lines = 0;
  while (!text.empty() && lines < 60) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) break;
    ++lines;
    if (line.front() == ' ' || line.front() == '\t') {
      if (lines == 1) return false;
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon > 60) {
      return mail_fields >= 3;  // what follows was cut, or is not a header
    }
    for (std::size_t at = 0; at < colon; ++at) {
      if (line[at] <= ' ' || line[at] > '~') return false;
    }
    for (const std::string_view field : kFields) {
      if (starts_caseless(line, field)) ++mail_fields;
    }
  }
  return mail_fields >= 2;
}

FileType json_or_text(std::string_view text, std::string_view extension) {
  // Several values one after another, each on its line.
  const std::size_t end = text.find('\n');
  if (text.front() == '{' && end != std::string_view::npos) {
    std::string_view line = text.substr(0, end);
    while (!line.empty() && line.back() <= ' ') line.remove_suffix(1);
    std::string_view next = text.substr(end + 1);
    while (!next.empty() && next.front() <= ' ') next.remove_prefix(1);
    if (line.size() > 1 && line.back() == '}' && !next.empty() && next.front() == '{') {
      return {"ndjson", F::kJson};
    }
  }
  if (extension == "ipynb" ||
      (text.find("\"cells\"") != text.npos && text.find("\"cell_type\"") != text.npos)) {
    return {"ipynb", F::kJson};
  }
  return {"json", F::kJson};
}

bool looks_like_json(std::string_view text) {
  if (text.empty() || (text.front() != '{' && text.front() != '[')) return false;
  const char open = text.front();
  std::size_t at = 1;
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
    ++at;
  }
  if (at == text.size()) return true;
  const char next = text[at];
  if (open == '{') return next == '"' || next == '}';
  if (next == '{' || next == '[') {
    std::string_view rest = text.substr(at);
    return looks_like_json(rest.substr(0, 1)) && (rest.size() < 2 || looks_like_json(rest));
  }
  if (next == '"' || next == ']') return true;
  return (next == '-' || is_digit(next) || text.substr(at, 4) == "null" ||
          text.substr(at, 4) == "true" || text.substr(at, 5) == "false") &&
         text.find(',') != std::string_view::npos;
}

bool looks_like_csv(std::string_view text) {
  std::size_t lines = 0;
  std::size_t commas = 0;
  char separator = 0;
  while (!text.empty() && lines < 5) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.size() < 3) return false;
    if (separator == 0) {
      for (const char candidate : {',', ';', '\t'}) {
        const auto count =
            static_cast<std::size_t>(std::count(line.begin(), line.end(), candidate));
        if (count > commas) {
          commas = count;
          separator = candidate;
        }
      }
      if (commas < 2) return false;
    } else if (line.find('"') == line.npos && static_cast<std::size_t>(std::count(
                                                  line.begin(), line.end(), separator)) != commas) {
      return false;
    }
    ++lines;
  }
  return lines >= 2;
}

// Text of other letters than Latin ones, `high` being where the upper byte of a character stands:
// most are letters of one alphabet, or of Chinese, Japanese or Korean, and between them stand
// blanks, digits and signs of ASCII.
bool is_utf16_of_one_script(Bytes head, std::size_t high) {
  std::array<std::size_t, 256> pages{};
  std::size_t ascii = 0;
  std::size_t signs = 0;  // of punctuation
  std::size_t ideographs = 0;
  const std::size_t units = head.size() / 2;
  for (std::size_t at = 0; at + 1 < head.size(); at += 2) {
    const std::uint8_t page = head[at + high];
    const std::uint8_t low = head[at + 1 - high];
    if (page == 0) {
      if (low < 32 && low != '\n' && low != '\r' && low != '\t') return false;
      if (low >= 0x7f && low < 0xa0) return false;
      ++ascii;
    } else if (page == 0x20 || page == 0x21) {
      ++signs;
    } else if (page == 0x30 || (page >= 0x4e && page <= 0x9f) || (page >= 0xac && page <= 0xd7) ||
               page == 0xff) {
      ++ideographs;
    } else if (page >= 0x03 && page <= 0x1f) {
      ++pages[page];
    } else {
      return false;
    }
  }
  const std::size_t alphabet = *std::max_element(pages.begin(), pages.end());
  if (units < 16 || ascii * 50 < units) return false;
  const std::size_t letters = std::max(alphabet, ideographs);
  return letters * 3 >= units && (letters + ascii + signs) * 20 >= units * 19;
}

// The charset that HTML, XML or the header of a mail names.
std::string_view charset_named_in(std::string_view head) {
  if (const std::string_view name = charset_name_in(head); !name.empty()) return name;
  constexpr std::string_view kField = "charset=";
  head = head.substr(0, 2048);
  for (std::size_t at = 0; at + kField.size() < head.size(); ++at) {
    if (!starts_caseless(head.substr(at), kField)) continue;
    head.remove_prefix(at + kField.size());
    if (head.front() == '"' || head.front() == '\'') head.remove_prefix(1);
    return head.substr(0, std::min(head.find_first_of("\"'> ;/?\r\n"), head.size()));
  }
  return {};
}

}  // namespace

Charset charset_of(Bytes head) {
  const auto at = [&](std::size_t index) { return index < head.size() ? head[index] : 0x100; };
  if (at(0) == 0xff && at(1) == 0xfe && at(2) == 0 && at(3) == 0) return Charset::kUtf32Le;
  if (at(0) == 0 && at(1) == 0 && at(2) == 0xfe && at(3) == 0xff) return Charset::kUtf32Be;
  if (at(0) == 0xff && at(1) == 0xfe) return Charset::kUtf16Le;
  if (at(0) == 0xfe && at(1) == 0xff) return Charset::kUtf16Be;
  // Without a mark: text of Latin letters has a zero in every second byte.
  const std::size_t size = std::min<std::size_t>(head.size(), 512) & ~std::size_t{1};
  if (size < 4) return Charset::kUtf8;
  std::size_t even = 0;
  std::size_t odd = 0;
  for (std::size_t index = 0; index < size; ++index) {
    if (head[index] != 0) continue;
    ++(index % 2 == 0 ? even : odd);
  }
  if (odd * 10 >= size * 3 && even * 50 <= size) return Charset::kUtf16Le;
  if (even * 10 >= size * 3 && odd * 50 <= size) return Charset::kUtf16Be;
  if (odd > 0 && even == 0 && is_utf16_of_one_script(head.first(size), 1)) return Charset::kUtf16Le;
  if (even > 0 && odd == 0 && is_utf16_of_one_script(head.first(size), 0)) return Charset::kUtf16Be;
  return Charset::kUtf8;
}

std::string_view charset_name_in(std::string_view head) {
  head = head.substr(0, 1024);
  std::size_t at = head.npos;
  if (head.starts_with("<?xml")) {
    at = head.substr(0, head.find("?>")).find("encoding=");
    if (at != head.npos) at += 9;
  } else if (const std::size_t meta = std::min(head.find("<meta"), head.find("<META"));
             meta != head.npos) {
    at = std::min(head.find("charset=", meta), head.find("CHARSET=", meta));
    if (at != head.npos) at += 8;
  }
  if (at == head.npos) return {};
  if (at < head.size() && (head[at] == '"' || head[at] == '\'')) ++at;
  const std::size_t end = head.find_first_of("\"'> ;/?\r\n", at);
  return end == head.npos ? std::string_view{} : head.substr(at, end - at);
}

bool looks_like_text(Bytes head) {
  if (charset_of(head) != Charset::kUtf8) return true;
  const Bytes first = head.first(std::min<std::size_t>(head.size(), 2048));
  std::size_t bad = 0;
  std::size_t high = 0;
  for (const std::uint8_t byte : first) {
    if (byte == 0) return false;
    if (byte < 32 && byte != '\n' && byte != '\r' && byte != '\t' && byte != '\f' && byte != 0x1b &&
        byte != '\b' && byte != 0x1e) {
      ++bad;
    }
    if (byte >= 0x80) ++high;
  }
  if (bad * 50 > first.size()) return false;
  // Many bytes that are neither ASCII nor valid UTF-8 are Latin-1 only when letters surround them.
  return high * 10 < first.size() * 4 || valid_utf8_share(first) > 0.9 ||
         guess_code_page(first) != Charset::kUtf8;
}

bool is_text_in_named_charset(Bytes head, std::string_view name) {
  Charset charset = charset_named(name);
  if (charset == Charset::kUtf8) charset = charset_named(charset_named_in(as_chars(head)));
  if (charset == Charset::kUtf8) return false;
  const Bytes first = head.first(std::min<std::size_t>(head.size(), 2048));
  if (charset == Charset::kUtf16Le || charset == Charset::kUtf16Be)
    return is_utf16_of_one_script(first, charset == Charset::kUtf16Le ? 1 : 0);
  if (charset < Charset::kLatin1) return false;
  return std::none_of(first.begin(), first.end(), [](std::uint8_t byte) {
    return byte == 0x7f || (byte < 32 && byte != '\n' && byte != '\r' && byte != '\t' &&
                            byte != '\f' && byte != 0x1b);
  });
}

namespace {

// What parts of a page begin with.
constexpr std::string_view kHtmlElements[] = {
    "a",      "article", "aside",   "b",       "blockquote", "body",     "br",       "button",
    "center", "code",    "details", "div",     "dl",         "em",       "fieldset", "figure",
    "font",   "footer",  "form",    "h1",      "h2",         "h3",       "h4",       "h5",
    "h6",     "head",    "header",  "hr",      "html",       "i",        "iframe",   "img",
    "input",  "label",   "li",      "link",    "main",       "meta",     "nav",      "ol",
    "p",      "pre",     "script",  "section", "select",     "small",    "span",     "strong",
    "style",  "summary", "table",   "tbody",   "td",         "template", "textarea", "th",
    "thead",  "title",   "tr",      "u",       "ul",         "video"};

// The name of the first element behind comments and declarations, small letters; empty where the
// text does not begin with one.
std::string first_element(std::string_view text) {
  while (text.substr(0, 2) == "<!") {
    const std::string_view close = text.substr(0, 4) == "<!--" ? "-->" : ">";
    const std::size_t end = text.find(close);
    if (end == text.npos) return {};
    text.remove_prefix(end + close.size());
    while (!text.empty() && text.front() <= ' ' && text.front() > '\0') text.remove_prefix(1);
  }
  std::string name;
  if (text.empty() || text.front() != '<') return name;
  for (const char c : text.substr(1, 64)) {
    if (is_upper(c)) {
      name += static_cast<char>(c + 32);
    } else if (is_lower(c) ||
               (!name.empty() && (is_digit(c) || c == '-' || c == '_' || c == '.' || c == ':'))) {
      name += c;
    } else {
      return c == '>' || c == '/' || c == ' ' || c == '\n' || c == '\r' || c == '\t'
                 ? name
                 : std::string{};
    }
  }
  return {};
}

}  // namespace

FileType text_type_of(Bytes bytes, std::string_view extension, std::string_view declared) {
  std::string decoded;
  if (const Charset charset = charset_of(bytes); charset != Charset::kUtf8) {
    TextDecoder decoder{charset};
    decoder.write(bytes.first(std::min<std::size_t>(bytes.size(), 2048)), decoded);
  }
  std::string_view text = decoded.empty() ? as_chars(bytes) : std::string_view{decoded};
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n' || text.front() == '\r' ||
                           text.front() == '\t')) {
    text.remove_prefix(1);
  }
  if (text.empty()) return {"text", F::kText};
  if (text.substr(0, 5) == "{\\rtf") return {"rtf", F::kRtf};
  if (looks_like_json(text)) return json_or_text(text, extension);
  if (text.substr(0, 4) == ")]}'") return {"json", F::kJson};
  if (starts_caseless(text, "<!doctype html") || starts_caseless(text, "<html") ||
      starts_caseless(text, "<head") || starts_caseless(text, "<body")) {
    return {"html", F::kMarkup};
  }
  if (text.substr(0, 5) == "<?xml" || text.substr(0, 4) == "<svg") {
    if (text.find("<svg") != text.npos) return {"svg", F::kMarkup};
    if (text.substr(0, 1024).find("<html") != text.npos) return {"html", F::kMarkup};
    return {"xml", F::kMarkup};
  }
  if (text.substr(0, 5) == "From " && text.substr(0, 400).find('\n') != text.npos &&
      looks_like_mail(text.substr(text.find('\n') + 1))) {
    return {"mbox", F::kMail};
  }
  if (text.substr(0, 10) == "-----BEGIN") return {"pem", F::kText};
  if (text.substr(0, 2) == "#!") {
    const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size()));
    if (line.find("python") != line.npos) return {"python", F::kText};
    if (line.find("node") != line.npos) return {"javascript", F::kText};
    if (line.find("perl") != line.npos) return {"perl", F::kText};
    if (line.find("ruby") != line.npos) return {"ruby", F::kText};
    if (line.find("sh") != line.npos) return {"shell", F::kText};
  }
  if (text.substr(0, 5) == "<?php") return {"php", F::kText};
  if (text.substr(0, 11) == "BEGIN:VCARD") return {"vcard", F::kText};
  if (text.substr(0, 15) == "BEGIN:VCALENDAR") return {"icalendar", F::kText};
  if (text.substr(0, 10) == "diff --git") return {"diff", F::kText};
  if (extension != "txt" && looks_like_mail(text)) return {"eml", F::kMail};
  for (const Extension& known : kExtensions) {
    // Where the bytes said otherwise (no JSON in a .json), it is text of that name.
    if (known.extension == extension) {
      if (known.family == F::kJson || known.family == F::kMail) continue;
      return {known.name, known.family};
    }
  }
  if (declared.find("text/html") != declared.npos) return {"html", F::kMarkup};
  if (declared.find("xml") != declared.npos && text.front() == '<') return {"xml", F::kMarkup};
  if (declared.find("csv") != declared.npos || looks_like_csv(text)) return {"csv", F::kText};
  if (const std::string element = first_element(text);
      !element.empty() && text.find("</") != text.npos) {
    const bool html = std::find(std::begin(kHtmlElements), std::end(kHtmlElements), element) !=
                      std::end(kHtmlElements);
    return {html ? "html" : "xml", F::kMarkup};
  }
  return {"text", F::kText};
}

}  // namespace gnomon::content
