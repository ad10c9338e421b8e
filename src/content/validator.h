#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gnomon/bytes/result.h"

namespace gnomon::content {

// What a check says of a value: not one; its form is right but something speaks against it; nothing
// speaks against it; a check digit or a structure speaks for it.
enum class Verdict : unsigned char { kNo, kDoubtful, kFits, kProven };

struct ValidatorInput {
  std::string_view value;  // as in the text; of numbers: letters and digits alone, upper case
  std::string_view text;   // the window that it was found in
  std::size_t start = 0;   // of value in text
  std::size_t end = 0;     // a validator may set it further: PEM blocks
  double number = 0;       // the parameter that the data give
  std::string_view word;   // the same as text
};

using ValidatorFunction = Verdict (*)(ValidatorInput& input);

struct Validator {
  std::string_view name;
  ValidatorFunction check;
  bool is_checksum;  // kProven of it needs luck of 1 in 10 at least
};

// By name; null where there is none. The tables stand at the end of each validators_*.cc.
const Validator* find_validator(std::string_view name);

std::span<const Validator> secret_validators();
std::span<const Validator> number_validators();
std::span<const Validator> rule_validators();
std::span<const Validator> european_validators();
std::span<const Validator> overseas_validators();

// Shared by them and by the scanner.
double entropy_bits(std::string_view text);  // Shannon, per byte
bool looks_like_placeholder(std::string_view value);
bool luhn(std::string_view digits);
// Decodes base64 or base64url, padded or not; empty when it is not that.
std::string decode_base64(std::string_view text);

}  // namespace gnomon::content
