#include "saved_views.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "gnomon/report/console_accounts.h"
#include "parameters.h"
#include "sessions.h"
#include "site.h"

namespace gnomon::report::console {
namespace {

constexpr std::string_view kHeading =
    "# gnomon console views: account, page, search and name, tabs between\n";
constexpr std::size_t kNameBytesMax = 120;
constexpr std::size_t kSearchBytesMax = 1'000;

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

// What is wrong with it; nothing when it will do.
std::string problem_of(const SavedView& view) {
  if (!is_account_name(view.account)) return "this is no account's name";
  if (!is_page(view.page)) return "there is no page '" + view.page + "'";
  if (view.name.empty() || view.name.size() > kNameBytesMax || view.name.front() == ' ' ||
      view.name.back() == ' ' || !is_plain(view.name) || !is_utf8(view.name))
    return "a view's name is a line of up to 120 bytes";
  if (view.search.empty()) return {};
  const bool printable = std::all_of(view.search.begin(), view.search.end(),
                                     [](char c) { return c > 0x20 && c < 0x7f; });
  if (view.search.front() != '?' || view.search.size() > kSearchBytesMax || !printable ||
      !parse_target(view.page + view.search))
    return "what a view searches for is written as in an address, up to 1000 bytes";
  return {};
}

auto order_of(const SavedView& view) { return std::tie(view.account, view.page, view.name); }

}  // namespace

std::string SavedView::handle() const {
  return sha256_hex(account + '\t' + page + '\t' + name).substr(0, 16);
}

Result<std::vector<SavedView>> SavedViews::read() const {
  auto whole = file_.read();
  if (!whole) return whole.error();
  std::string_view text = *whole;
  std::vector<SavedView> views;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    std::array<std::string, 3> before;  // the name
    bool whole_line = true;
    for (std::string& part : before) {
      const std::size_t tab = line.find('\t');
      whole_line = whole_line && tab != std::string_view::npos;
      if (!whole_line) break;
      part = line.substr(0, tab);
      line.remove_prefix(tab + 1);
    }
    SavedView view{before[0], before[1], std::string{line}, before[2]};
    const std::string problem = whole_line ? problem_of(view) : "a view is four parts";
    if (!problem.empty()) return Error{problem}.in(path().string() + ":" + std::to_string(number));
    views.push_back(std::move(view));
  }
  return views;
}

Result<std::monostate> SavedViews::write(std::vector<SavedView> views) const {
  std::sort(views.begin(), views.end(),
            [](const auto& a, const auto& b) { return order_of(a) < order_of(b); });
  std::string text{kHeading};
  for (const SavedView& each : views)
    text += each.account + '\t' + each.page + '\t' + each.search + '\t' + each.name + '\n';
  return file_.replace(text);
}

Result<std::vector<SavedView>> SavedViews::of(std::string_view account) const {
  auto views = read();
  if (!views) return views;
  std::erase_if(*views, [&](const SavedView& each) { return each.account != account; });
  return views;
}

Result<std::optional<std::string>> SavedViews::keep(const SavedView& view) const {
  if (std::string problem = problem_of(view); !problem.empty()) return std::optional{problem};
  auto lock = file_.lock();
  if (!lock) return lock.error();
  auto views = read();
  if (!views) return views.error();
  std::erase_if(*views, [&](const SavedView& each) { return order_of(each) == order_of(view); });
  const auto mine = std::count_if(views->begin(), views->end(), [&](const SavedView& each) {
    return each.account == view.account;
  });
  if (static_cast<std::size_t>(mine) >= kPerAccountMax)
    return std::optional<std::string>{"there are " + std::to_string(kPerAccountMax) +
                                      " views already; forget one first"};
  views->push_back(view);
  auto written = write(std::move(*views));
  if (!written) return written.error();
  return std::optional<std::string>{};
}

Result<bool> SavedViews::forget(std::string_view account, std::string_view handle) const {
  auto lock = file_.lock();
  if (!lock) return lock.error();
  auto views = read();
  if (!views) return views.error();
  const auto gone = std::erase_if(*views, [&](const SavedView& each) {
    return each.account == account && each.handle() == handle;
  });
  if (gone == 0) return false;
  auto written = write(std::move(*views));
  if (!written) return written.error();
  return true;
}

Result<std::monostate> SavedViews::forget_all(std::string_view account) const {
  auto lock = file_.lock();
  if (!lock) return lock.error();
  auto views = read();
  if (!views) return views.error();
  if (std::erase_if(*views, [&](const SavedView& each) { return each.account == account; }) == 0)
    return std::monostate{};
  return write(std::move(*views));
}

}  // namespace gnomon::report::console
