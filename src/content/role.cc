#include "gnomon/content/role.h"

namespace gnomon::content {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kNone:
      return {};
    case Role::kUser:
      return "user";
    case Role::kSystem:
      return "system";
    case Role::kTool:
      return "tool";
    case Role::kAssistant:
      return "assistant";
  }
  return {};
}

}  // namespace gnomon::content
