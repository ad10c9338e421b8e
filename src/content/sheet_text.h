#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gnomon::content {

// The strings of an Excel workbook, by number: xl/sharedStrings.xml.
class SharedStrings {
 public:
  void read(std::string_view xml);
  [[nodiscard]] std::string_view at(std::size_t index) const {
    return index < strings_.size() ? strings_[index] : std::string_view{};
  }
  void mark_shown(std::size_t index) {
    if (index < shown_.size()) shown_[index] = true;
  }
  // Those that no sheet shows, a line each.
  [[nodiscard]] std::string rest() const;

 private:
  std::vector<std::string> strings_;
  std::vector<bool> shown_;
};

// A worksheet as lines of tab-separated cells, strings put in.
std::string sheet_text(std::string_view xml, SharedStrings& strings);

// The text of a page's header or footer without its codes (ECMA-376 part 1, 18.3.1.46): what stands
// left, in the middle and right is a line each, what is put in when it is printed a blank.
std::string margin_text(std::string_view coded);

}  // namespace gnomon::content
