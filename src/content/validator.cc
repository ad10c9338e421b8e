#include "validator.h"

namespace gnomon::content {

const Validator* find_validator(std::string_view name) {
  for (const auto& table : {secret_validators(), number_validators(), rule_validators(),
                            european_validators(), overseas_validators()})
    for (const Validator& validator : table)
      if (validator.name == name) return &validator;
  return nullptr;
}

}  // namespace gnomon::content
