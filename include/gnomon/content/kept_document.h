#pragma once

#include <cstdint>
#include <string>

#include "gnomon/bytes/descriptor.h"
#include "gnomon/content/file_type.h"
#include "gnomon/content/role.h"

namespace gnomon::content {

// A document or archive that was kept whole, to be opened when its body is over.
struct KeptDocument {
  Descriptor file;  // a memory file
  std::uint64_t size = 0;
  FileType type;
  std::string file_name;
  Role role = Role::kNone;
  std::uint32_t depth = 0;
  std::uint32_t multiparts = 0;  // around it, which do not count as depth
};

// Takes documents as they end, in place of having each opened at once.
class DocumentKeeper {
 public:
  // False: there is no room for it.
  virtual bool keep(KeptDocument document) = 0;

 protected:
  ~DocumentKeeper() = default;
};

}  // namespace gnomon::content
