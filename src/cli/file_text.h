#pragma once

#include <string>
#include <string_view>

namespace gnomon::content {
class DocumentProcess;
}

namespace gnomon::cli {

struct FileText {
  std::string text;        // UTF-8
  std::string type;        // by content: "docx", "zip", "text" ...
  std::string not_opened;  // why it, or a file inside it, was not read
};

// All text of a file: of a document what it says, of an archive that of every file in it.
FileText read_file_text(std::string_view bytes, std::string_view name,
                        content::DocumentProcess& documents);

}  // namespace gnomon::cli
