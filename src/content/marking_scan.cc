#include <algorithm>

#include "text_lines.h"
#include "window_scan.h"

// Phrases: markings of confidentiality, and the captions that documents are told by.
namespace gnomon::content {

void WindowScan::phrase_event(const Hook& hook, std::size_t end, DocumentState& document) {
  const std::size_t start = end - hook.width;
  if (start > 0 && is_alnum(text_[start - 1]) && is_alnum(text_[start])) return;
  if (end < text_.size() && is_alnum(text_[end]) && is_alnum(text_[end - 1])) return;
  for (const Hook::Target& target : hook.targets) {
    const Rule& rule = set_.rules[target.rule];
    if (rule.built_in == "marking") {
      // A banner: alone on its line, or at the line's beginning or end with little else.
      std::size_t line_start = start;
      while (line_start > 0 && text_[line_start - 1] != '\n' && start - line_start < 60)
        --line_start;
      std::size_t line_end = end;
      while (line_end < text_.size() && text_[line_end] != '\n' && line_end - end < 60) ++line_end;
      // Letters of any script: of one that is not Latin each has its first byte from 0xc3 on, but
      // for marks (U+2000 and on, U+3000 to U+303F, full-width ones).
      const auto solid = [&](std::size_t from, std::size_t to) {
        std::size_t count = 0;
        for (std::size_t at = from; at < to; ++at) {
          const auto byte = static_cast<unsigned char>(text_[at]);
          const bool mark = byte == 0xe2 || byte == 0xef || text_.substr(at, 2) == "\xe3\x80";
          count += is_alnum(text_[at]) || (byte >= 0xc3 && !mark) ? 1 : 0;
        }
        return count;
      };
      const bool banner = solid(line_start, start) + solid(end, line_end) <= 12 &&
                          !is_note_in_code(text_, line_start);
      add(rule.detector.index, start, end,
          banner && rule.raise == Raise::kForm ? Confidence::kHigh : Confidence::kLow, false,
          text_.substr(start, end - start),
          banner ? Sign::kForm | Sign::kLabel : Signs{} | Sign::kForm);
      continue;
    }
    auto at = std::find_if(document.phrases.begin(), document.phrases.end(),
                           [&](const auto& each) { return each.rule >= target.rule; });
    if (at == document.phrases.end() || at->rule != target.rule)
      at = document.phrases.insert(at, {target.rule, 0, document.base + start});
    at->seen |= std::uint64_t{1} << std::min<std::uint32_t>(target.pattern, 63);
  }
}

// "STRENG VERTRAULICH" holds "vertraulich", which is a marking too: of those of one detector that
// overlap one is told, a sure one before a longer one.
void WindowScan::keep_longest_markings() {
  markings_.clear();
  std::vector<RawMatch>& found = *found_;
  for (std::size_t i = 0; i < found.size(); ++i)
    if (set_.rules[found[i].rule].built_in == "marking") markings_.push_back(i);
  if (markings_.size() < 2) return;
  std::sort(markings_.begin(), markings_.end(), [&](std::size_t a, std::size_t b) {
    return found[a].rule != found[b].rule ? found[a].rule < found[b].rule
                                          : found[a].start < found[b].start;
  });
  std::size_t kept = markings_.front();
  for (std::size_t i = 1; i < markings_.size(); ++i) {
    const std::size_t next = markings_[i];
    const RawMatch& a = found[kept];
    const RawMatch& b = found[next];
    if (a.rule != b.rule || b.start >= a.end) {
      kept = next;
      continue;
    }
    const bool later = a.confidence != b.confidence ? b.confidence > a.confidence
                                                    : b.end - b.start > a.end - a.start;
    found[later ? kept : next].end = 0;  // told apart below
    if (later) kept = next;
  }
  std::erase_if(found, [](const RawMatch& each) { return each.end == 0; });
}

}  // namespace gnomon::content
