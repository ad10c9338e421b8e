#pragma once

#include <filesystem>
#include <optional>

#include "gnomon/bytes/result.h"
#include "gnomon/report/report_content.h"

namespace gnomon::report {

// A workbook has room for all, and shows no app whole.
ReportLimits workbook_limits();

// The governance report as a workbook: a summary with the coverage statement, and a sheet with a
// real table (filters, sorting) for apps, clients, each list, changes and captures. Text is text:
// nothing in it is a formula or a link. Written to `path`; nothing when it went well.
std::optional<Error> write_xlsx_report(const ReportContent& content,
                                       const std::filesystem::path& path);

}  // namespace gnomon::report
