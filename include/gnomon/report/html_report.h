#pragma once

#include <string>

#include "gnomon/report/report_content.h"

namespace gnomon::report {

// The governance report as one HTML page that needs nothing else: style, script, charts and data
// are in it, and its Content-Security-Policy lets it load nothing and run no script but its own.
// Everything readable without JavaScript. The same content gives the same bytes.
std::string html_report(const ReportContent& content);

}  // namespace gnomon::report
