#include "gnomon/report/xlsx_report.h"

#include <xlsxwriter.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/observation/coverage.h"
#include "gnomon/report/display_text.h"
#include "gnomon/report/listing.h"
#include "gnomon/report/numbers.h"

namespace gnomon::report {
namespace {

using inventory::AppSummary;

constexpr std::size_t kCellBytesMax = 8'000;  // a cell takes 32,767 characters
constexpr std::size_t kRowsMax = 200'000;     // a sheet takes 1,048,576
constexpr double kWidthMin = 9;
constexpr double kWidthMax = 60;
constexpr double kDaysTo1970 = 25'569;  // as spreadsheets count days

std::string cell_safe(std::string_view text) {
  std::string out = printable(text);
  if (out.size() <= kCellBytesMax) return out;
  std::size_t end = kCellBytesMax;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
  return out.substr(0, end) + "...";
}

struct Column {
  std::string title;
  double width = 0;
};

class Book {
 public:
  explicit Book(const std::filesystem::path& path, Time as_of) {
    lxw_workbook_options options{};
    options.constant_memory = LXW_FALSE;
    book_ = workbook_new_opt(path.c_str(), &options);
    lxw_doc_properties properties{};
    char title[] = "AI inventory";
    char author[] = "Gnomon";
    properties.title = title;
    properties.author = author;
    // The packets' clock: the same inventory gives the same file.
    properties.created = std::chrono::floor<std::chrono::seconds>(as_of).time_since_epoch().count();
    workbook_set_properties(book_, &properties);
    time_ = workbook_add_format(book_);
    format_set_num_format(time_, "yyyy-mm-dd hh:mm:ss");
    format_set_align(time_, LXW_ALIGN_LEFT);
    count_ = workbook_add_format(book_);
    format_set_num_format(count_, "#,##0");
    share_ = workbook_add_format(book_);
    format_set_num_format(share_, "0 %");
    heading_ = workbook_add_format(book_);
    format_set_bold(heading_);
    format_set_font_size(heading_, 16);
    label_ = workbook_add_format(book_);
    format_set_bold(label_);
    format_set_align(label_, LXW_ALIGN_VERTICAL_TOP);
    wrapped_ = workbook_add_format(book_);
    format_set_text_wrap(wrapped_);
    format_set_align(wrapped_, LXW_ALIGN_VERTICAL_TOP);
    format_set_align(wrapped_, LXW_ALIGN_LEFT);
  }
  Book(const Book&) = delete;
  Book& operator=(const Book&) = delete;
  // What was not closed is closed all the same: the library frees only so.
  ~Book() {
    if (book_ != nullptr) workbook_close(book_);
  }

  std::optional<Error> close() {
    const lxw_error failed = workbook_close(std::exchange(book_, nullptr));
    if (failed != LXW_NO_ERROR) return Error{lxw_strerror(failed)};
    return std::nullopt;
  }

  lxw_worksheet* add_sheet(const std::string& name) {
    return workbook_add_worksheet(book_, name.c_str());
  }
  lxw_workbook* get() { return book_; }
  [[nodiscard]] lxw_format* time() const { return time_; }
  [[nodiscard]] lxw_format* count() const { return count_; }
  [[nodiscard]] lxw_format* share() const { return share_; }
  [[nodiscard]] lxw_format* heading() const { return heading_; }
  [[nodiscard]] lxw_format* label() const { return label_; }
  [[nodiscard]] lxw_format* wrapped() const { return wrapped_; }

 private:
  lxw_workbook* book_ = nullptr;
  // Of the book.
  lxw_format *time_, *count_, *share_, *heading_, *label_, *wrapped_;
};

// A sheet that is one table; rows are written as they come.
class TableSheet {
 public:
  TableSheet(Book& book, const std::string& name, std::vector<std::string> titles) : book_(book) {
    sheet_ = book.add_sheet(name);
    for (std::string& title : titles)
      columns_.push_back({title, std::max(kWidthMin, static_cast<double>(title.size()) + 4)});
  }

  // False when the sheet is full; the row is counted.
  bool begin_row() {
    if (row_ >= kRowsMax) {
      ++left_out_;
      return false;
    }
    ++row_;
    column_ = 0;
    return true;
  }
  void text(std::string_view value) {
    const std::string safe = cell_safe(value);
    if (!safe.empty())
      worksheet_write_string(sheet_, here(), column_, safe.c_str(), nullptr);
    widen(static_cast<double>(display_width(safe)) + 1);
    ++column_;
  }
  void number(std::uint64_t value) {
    worksheet_write_number(sheet_, here(), column_, static_cast<double>(value), book_.count());
    widen(11);
    ++column_;
  }
  void signed_number(std::int64_t value) {
    worksheet_write_number(sheet_, here(), column_, static_cast<double>(value), book_.count());
    ++column_;
  }
  void share(double value) {
    worksheet_write_number(sheet_, here(), column_, value, book_.share());
    ++column_;
  }
  void time(Time value) {
    if (is_known(value)) {
      const auto seconds = std::chrono::floor<std::chrono::seconds>(value).time_since_epoch();
      worksheet_write_number(sheet_, here(), column_,
                             kDaysTo1970 + static_cast<double>(seconds.count()) / 86'400,
                             book_.time());
    }
    widen(19);
    ++column_;
  }
  void cell(const Cell& value) {
    if (const auto* count = std::get_if<std::uint64_t>(&value)) return number(*count);
    if (const auto* bytes = std::get_if<ByteCount>(&value)) return number(bytes->bytes);
    if (const auto* when = std::get_if<Time>(&value)) return time(*when);
    if (const auto* part = std::get_if<Share>(&value)) return share(part->value);
    if (const auto* words = std::get_if<Texts>(&value)) return text(joined(*words, "; "));
    text(cell_text(value));
  }

  void finish() {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      worksheet_set_column(sheet_, static_cast<lxw_col_t>(i), static_cast<lxw_col_t>(i),
                           std::min(columns_[i].width, kWidthMax), nullptr);
    std::vector<lxw_table_column> heads(columns_.size());
    std::vector<lxw_table_column*> pointers;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      heads[i].header = columns_[i].title.data();
      pointers.push_back(&heads[i]);
    }
    pointers.push_back(nullptr);
    lxw_table_options options{};
    options.columns = pointers.data();
    options.style_type = LXW_TABLE_STYLE_TYPE_LIGHT;
    options.style_type_number = 9;
    // A table has at least one row below its head.
    worksheet_add_table(sheet_, 0, 0, static_cast<lxw_row_t>(std::max<std::size_t>(row_, 1)),
                        static_cast<lxw_col_t>(columns_.size() - 1), &options);
    worksheet_freeze_panes(sheet_, 1, 1);
    worksheet_set_landscape(sheet_);
    worksheet_fit_to_pages(sheet_, 1, 0);
    worksheet_repeat_rows(sheet_, 0, 0);
    if (left_out_ > 0) {
      const std::string note = count_of(left_out_, "more row") + " in the report as JSON";
      worksheet_write_string(sheet_, static_cast<lxw_row_t>(row_ + 2), 0, note.c_str(), nullptr);
    }
  }

 private:
  [[nodiscard]] lxw_row_t here() const { return static_cast<lxw_row_t>(row_); }
  void widen(double width) { columns_[column_].width = std::max(columns_[column_].width, width); }

  Book& book_;
  lxw_worksheet* sheet_ = nullptr;
  std::vector<Column> columns_;
  std::size_t row_ = 0;  // 0 is the head
  lxw_col_t column_ = 0;
  std::size_t left_out_ = 0;
};

// Figures, what to know first, risk by chart, and what was not seen.
void write_summary_sheet(Book& book, const ReportContent& content) {
  lxw_worksheet* sheet = book.add_sheet("Summary");
  worksheet_set_column(sheet, 0, 0, 26, nullptr);
  worksheet_set_column(sheet, 1, 1, 100, nullptr);
  lxw_row_t row = 0;
  worksheet_write_string(sheet, row++, 0, "AI inventory", book.heading());
  const auto line = [&](std::string_view label, std::string_view text) {
    const std::string left = cell_safe(label);
    const std::string right = cell_safe(text);
    worksheet_write_string(sheet, row, 0, left.c_str(), book.label());
    worksheet_write_string(sheet, row, 1, right.c_str(), book.wrapped());
    ++row;
  };
  const auto figure = [&](std::string_view label, std::uint64_t value) {
    const std::string left = cell_safe(label);
    worksheet_write_string(sheet, row, 0, left.c_str(), book.label());
    worksheet_write_number(sheet, row, 1, static_cast<double>(value), book.wrapped());
    ++row;
  };
  const inventory::Totals& totals = content.totals;
  line("Traffic", is_known(totals.last_packet) ? second_text(totals.first_packet) + " to " +
                                                     second_text(totals.last_packet) + " UTC"
                                               : std::string{"no packet was read yet"});
  if (!content.scope.empty()) line("Part", content.scope);
  ++row;
  figure("AI apps used", totals.apps_used);
  figure("only looked up or asked for", totals.apps - std::min(totals.apps, totals.apps_used));
  figure("clients using AI", totals.clients_used);
  figure("bytes sent to AI apps", totals.counts_used.bytes_to_server);
  figure("bytes received", totals.counts_used.bytes_to_client);
  figure("uploads recognised", totals.counts_used.upload_events);
  figure("findings in content", totals.findings);
  figure("self-hosted AI servers", totals.assets);
  figure("hosts that behave like unknown AI, to be decided on", totals.candidates);
  ++row;
  const lxw_row_t levels = row;
  for (std::size_t i = inventory::kRiskLevels; i-- > 0;)
    figure("risk " + std::string{to_string(static_cast<inventory::RiskLevel>(i))},
           totals.apps_by_level[i]);
  lxw_chart* chart = workbook_add_chart(book.get(), LXW_CHART_BAR);
  lxw_chart_series* series = chart_add_series(chart, nullptr, nullptr);
  chart_series_set_categories(series, "Summary", levels, 0, row - 1, 0);
  chart_series_set_values(series, "Summary", levels, 1, row - 1, 1);
  chart_title_set_name(chart, "Apps by risk");
  chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
  chart_axis_set_reverse(chart->y_axis);
  worksheet_insert_chart(sheet, 2, 3, chart);
  ++row;
  for (const Finding& finding : findings(content)) line(finding.subject, finding.text);
  ++row;
  worksheet_write_string(sheet, row++, 0, "What could not be seen", book.label());
  for (const std::string& sentence : observation::coverage_statement(content.coverage))
    line("", sentence);
  worksheet_set_landscape(sheet);
  worksheet_fit_to_pages(sheet, 1, 0);
}

// A sheet with a table of these rows; `write` fills one.
template <class Rows, class Write>
void write_table(Book& book, const std::string& name, const std::vector<std::string>& titles,
                 const Rows& rows, const Write& write) {
  TableSheet sheet{book, name, titles};
  for (const auto& row : rows)
    if (sheet.begin_row()) write(sheet, row);
  sheet.finish();
}

void write_apps_sheet(Book& book, const ReportContent& content) {
  write_table(book, "Apps", {"App",          "Id",
                             "Vendor",       "Country",
                             "Category",     "Usage",
                             "Risk",         "Level",
                             "Confidence %", "Evidence",
                             "Decision",     "Owner",
                             "Department",   "Review date",
                             "Clients",      "Clients with a session",
                             "Sessions",     "Lookups",
                             "Uploads",      "Uploaded bytes",
                             "Sent bytes",   "Received bytes",
                             "First seen",   "Last seen"},
              content.apps, [](TableSheet& sheet, const AppSummary& app) {
                for (const std::string* text : {&app.facts.name, &app.facts.id, &app.facts.vendor,
                                                &app.facts.vendor_country, &app.facts.category})
                  sheet.text(*text);
                sheet.text(joined(app.usages, "; "));
                if (app.rating) {
                  sheet.signed_number(app.rating->score);
                  sheet.text(to_string(app.rating->level));
                  sheet.signed_number(app.rating->confidence);
                } else {
                  for (int i = 0; i < 3; ++i) sheet.text("");
                }
                sheet.text(observation::to_string(app.grade));
                for (const std::string* text : {&app.review.status, &app.review.owner,
                                                &app.review.department, &app.review.review_date})
                  sheet.text(*text);
                sheet.number(app.clients);
                sheet.number(app.clients_used);
                sheet.number(app.counts.sessions);
                sheet.number(app.counts.lookups);
                sheet.number(app.counts.upload_events);
                sheet.number(app.counts.upload_bytes);
                sheet.number(app.counts.bytes_to_server);
                sheet.number(app.counts.bytes_to_client);
                sheet.time(app.first_seen);
                sheet.time(app.last_seen);
              });
}

void write_clients_sheet(Book& book, const ReportContent& content) {
  if (!content.clients_named) return;
  write_table(book, "Clients",
              {"Client", "Name", "MAC", "Apps", "Apps used", "Which", "Evidence", "Sessions",
               "Uploads", "Sent bytes", "Received bytes", "First seen", "Last seen"},
              content.clients, [](TableSheet& sheet, const inventory::ClientSummary& client) {
                sheet.text(client.client);
                sheet.text(client.name);
                sheet.text(client.mac);
                sheet.number(client.apps);
                sheet.number(client.apps_used);
                sheet.text(joined(client.app_ids, "; "));
                sheet.text(observation::to_string(client.grade));
                sheet.number(client.counts.sessions);
                sheet.number(client.counts.upload_events);
                sheet.number(client.counts.bytes_to_server);
                sheet.number(client.counts.bytes_to_client);
                sheet.time(client.first_seen);
                sheet.time(client.last_seen);
              });
}

void write_listing_sheet(Book& book, const Listing& listing) {
  if (listing.rows.empty()) return;
  std::vector<std::string> titles;
  for (const ListColumn& column : listing.columns) {
    // Titles of one table must differ.
    std::string title{column.title.empty() ? column.key : column.title};
    while (std::find(titles.begin(), titles.end(), title) != titles.end())
      title += " (" + std::string{column.key} + ")";
    titles.push_back(title);
  }
  // A name of a sheet has 31 characters at most.
  std::string name{listing.title.substr(0, 31)};
  for (char& c : name)
    if (std::string_view{"[]:*?/\\"}.find(c) != std::string_view::npos) c = ' ';
  write_table(book, name, titles, listing.rows,
              [](TableSheet& sheet, const std::vector<Cell>& row) {
                for (const Cell& cell : row) sheet.cell(cell);
              });
}

void write_changes_sheet(Book& book, const ReportContent& content) {
  if (!content.changes) return;
  write_table(book, "Changes", {"What", "Of", "How", "Worse"}, content.changes->changes,
              [](TableSheet& sheet, const ReportChange& change) {
    sheet.text(change.kind);
    sheet.text(change.subject);
    sheet.text(change.text);
    sheet.text(change.worse ? "yes" : "no");
  });
}

void write_hosts_sheet(Book& book, const ReportContent& content) {
  if (content.unknown_hosts.empty()) return;
  write_table(book, "Unknown hosts", {"Host", "Clients", "Flows", "Sessions", "Sent bytes", "Received bytes",
                    "First seen", "Last seen"}, content.unknown_hosts,
              [](TableSheet& sheet, const inventory::UnknownHost& host) {
    sheet.text(host.host);
    sheet.number(host.clients);
    sheet.number(host.flows);
    sheet.number(host.sessions);
    sheet.number(host.bytes_to_server);
    sheet.number(host.bytes_to_client);
    sheet.time(host.first_seen);
    sheet.time(host.last_seen);
  });
}

void write_time_sheet(Book& book, const ReportContent& content) {
  write_table(book, "Over time", {"From", "Sessions", "Flows", "Uploads", "Sent bytes", "Received bytes"}, content.timeline.bars,
              [](TableSheet& sheet, const Timeline::Bar& bar) {
    sheet.time(bar.start);
    sheet.number(bar.counts.sessions);
    sheet.number(bar.counts.flows);
    sheet.number(bar.counts.upload_events);
    sheet.number(bar.counts.bytes_to_server);
    sheet.number(bar.counts.bytes_to_client);
  });
}

void write_runs_sheet(Book& book, const ReportContent& content) {
  TableSheet sheet{book, "Captures",
                   {"Run", "File", "SHA-256", "Bytes", "Damage", "First packet", "Last packet"}};
  for (const inventory::Run& run : content.runs) {
    for (const inventory::RunInputSummary& input : run.inputs) {
      if (!sheet.begin_row()) continue;
      sheet.signed_number(run.id);
      sheet.text(input.path);
      sheet.text(input.sha256);
      sheet.number(input.bytes);
      sheet.text(input.damage);
      sheet.time(run.first_packet);
      sheet.time(run.last_packet);
    }
  }
  sheet.finish();
}

}  // namespace

ReportLimits workbook_limits() {
  ReportLimits limits;
  limits.apps_whole = 0;
  limits.rows_per_list = limits.unknown_hosts = 200'000;
  return limits;
}

std::optional<Error> write_xlsx_report(const ReportContent& content,
                                       const std::filesystem::path& path) {
  Book book{path, content.totals.last_packet};
  write_summary_sheet(book, content);
  write_apps_sheet(book, content);
  write_changes_sheet(book, content);
  write_clients_sheet(book, content);
  for (const ReportList& list : content.lists) write_listing_sheet(book, list.listing);
  write_hosts_sheet(book, content);
  write_time_sheet(book, content);
  write_runs_sheet(book, content);
  if (auto failed = book.close()) return std::move(*failed).in(path.string());
  return std::nullopt;
}

}  // namespace gnomon::report
