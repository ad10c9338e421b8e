#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/content/role.h"

namespace gnomon::content {
class DocumentProcess;
}

namespace gnomon::cli {

struct FileText {
  // A stretch of the text that one file or one speaker says; it ends where the next begins.
  struct Stretch {
    std::size_t begin = 0;
    content::Role role = content::Role::kNone;
    std::size_t file = 0;  // index of `files`
  };
  // What was not read whole, and why: "encrypted", "bomb", "too-deep" ...; "truncated" where a limit
  // of the reader was met.
  struct NotRead {
    std::string file_name;  // of a file inside; empty: the file itself
    std::string reason;
  };

  std::string text;  // UTF-8
  std::string type;  // by content: "docx", "zip", "text" ...
  std::vector<Stretch> stretches;
  // Names of the files in it, without folders, as far as they have one. The first is the file
  // itself, and has none; the last stands for those beyond the first thousand, too.
  std::vector<std::string> files{std::string{}};
  std::vector<std::string> types{std::string{}};  // of `files`, by content
  std::vector<NotRead> not_read;                  // the first hundred

  // Of one stretch; `index` counts from zero.
  [[nodiscard]] std::string_view text_of(std::size_t index) const;
};

// All text of a file, read as bodies in traffic are: of a document what it says, of an archive that of
// every file in it, of JSON its values without escapes and what is in base64 in them. Plain text is
// left as it stands.
FileText read_file_text(std::string_view bytes, std::string_view name,
                        content::DocumentProcess& documents);

}  // namespace gnomon::cli
