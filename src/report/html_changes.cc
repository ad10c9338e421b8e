#include <algorithm>

#include "gnomon/observation/coverage.h"
#include "gnomon/report/numbers.h"
#include "html_parts.h"

namespace gnomon::report {
namespace {

constexpr std::size_t kChangesMax = 200;

}  // namespace

void write_changes(HtmlWriter& html, const ReportContent& content) {
  if (!content.changes) return;
  const ReportChanges& changes = *content.changes;
  html.raw("<section id=changes>\n<h2>Changes since the report before</h2>\n");
  if (!changes.since.empty())
    html.raw("<p class=lead>That report looked at traffic up to ").text(changes.since).raw(".</p>\n");
  if (changes.changes.empty()) {
    html.raw("<p class=none>Nothing changed.</p>\n</section>\n");
    return;
  }
  html.raw(
      "<div class=scroll role=region tabindex=0 aria-label=Changes>\n<table class=cards>\n");
  write_table_head(html, {"Of", "What", "How"});
  const std::size_t shown = std::min(changes.changes.size(), kChangesMax);
  for (std::size_t i = 0; i < shown; ++i) {
    const ReportChange& change = changes.changes[i];
    html.raw("<tr><th scope=row>").text(change.subject).raw("</th><td data-label=What>");
    html.raw(change.worse ? "<b>" : "").text(change.kind).raw(change.worse ? "</b>" : "");
    html.raw("</td>").cell("How", change.text).raw("</tr>\n");
  }
  html.raw("</tbody>\n</table>\n</div>\n");
  write_rest(html, changes.changes.size(), shown, "change");
  html.raw("</section>\n");
}

}  // namespace gnomon::report
