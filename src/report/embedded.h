#pragma once

#include <string_view>

// Files that the build makes part of the library (cmake/embed.cmake).
namespace gnomon::embedded {

extern const std::string_view kChartJs;    // Chart.js, with its licence in its first lines
extern const std::string_view kReportCss;  // page/report.css
extern const std::string_view kReportJs;   // page/report.js

}  // namespace gnomon::embedded
