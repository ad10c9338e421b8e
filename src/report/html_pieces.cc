#include <algorithm>
#include <iterator>
#include <optional>

#include "gnomon/bytes/ascii.h"
#include "gnomon/observation/coverage.h"
#include "gnomon/report/numbers.h"
#include "html_parts.h"

namespace gnomon::report {

void write_risk(HtmlWriter& html, const std::optional<inventory::RiskRating>& rating) {
  if (!rating) {
    html.raw("<span class=\"risk rx\">not rated</span>");
    return;
  }
  html.raw("<span class=\"risk r").plain(static_cast<std::int64_t>(rating->level)).raw("\">");
  html.plain(rating->score).raw(" <b>").text(to_string(rating->level)).raw("</b></span>");
}

void write_grade(HtmlWriter& html, inventory::Grade grade) {
  constexpr std::int64_t kSteps = 5;
  html.raw("<span class=grade><svg viewBox=\"0 0 38 10\" aria-hidden=true>");
  for (std::int64_t i = 0; i < kSteps; ++i) {
    html.raw("<rect width=6 height=10 x=").plain(i * 8).raw(" class=");
    html.raw(i < static_cast<std::int64_t>(grade) ? "on" : "off").raw(" />");
  }
  html.raw("</svg>").text(observation::to_string(grade)).raw("</span>");
}

void write_status(HtmlWriter& html, std::string_view status) {
  html.raw("<span class=\"status ").text(status).raw("\">").text(status).raw("</span>");
}

void write_rest(HtmlWriter& html, std::size_t whole, std::size_t shown, std::string_view things) {
  if (whole <= shown) return;
  html.raw("<p class=after>").text(count_of(whole - shown, "more " + std::string{things}));
  html.raw(whole - shown == 1 ? " is" : " are");
  html.raw(" not shown here. The report as JSON has everything.</p>\n");
}

void write_table_head(HtmlWriter& html, std::initializer_list<std::string_view> titles) {
  html.raw("<thead><tr>");
  for (std::string_view title : titles) {
    html.raw("<th scope=col");
    if (title.starts_with('#')) html.raw(" class=n");
    if (title.starts_with('^')) html.raw(" data-top");
    title.remove_prefix(std::min(title.find_first_not_of("#^"), title.size()));
    html.raw(">").text(title).raw("</th>");
  }
  html.raw("</tr></thead>\n<tbody>\n");
}

std::string spoken(std::string_view word) {
  constexpr std::string_view kAcronyms[] = {"ai",  "api", "cdn", "cli", "gpu", "hr",
                                            "ide", "llm", "mcp", "ml",  "sdk", "ui"};
  std::string out;
  while (!word.empty()) {
    const std::size_t end = std::min(word.find('-'), word.size());
    std::string part{word.substr(0, end)};
    if (std::find(std::begin(kAcronyms), std::end(kAcronyms), part) != std::end(kAcronyms))
      for (char& c : part) c = static_cast<char>(c - 'a' + 'A');
    out += (out.empty() ? "" : " ") + part;
    word.remove_prefix(std::min(end + 1, word.size()));
  }
  return out;
}

std::string spoken_list(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + spoken(word);
  return out;
}

std::string anchor_of(const inventory::AppSummary& app, std::size_t number) {
  const bool plain = !app.facts.id.empty() &&
                     std::all_of(app.facts.id.begin(), app.facts.id.end(),
                                 [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
  return "app-" + (plain ? app.facts.id : "_" + std::to_string(number));
}

}  // namespace gnomon::report
