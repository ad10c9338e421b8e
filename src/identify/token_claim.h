#pragma once

#include <span>
#include <string_view>

// What a JSON Web Token (RFC 7519) says of the account that a request is made for. Nobody checks
// its signature: whoever sends it could as well send another field.
namespace gnomon::identify {

// The decoded payload of the token in a field's value ("Bearer HEADER.PAYLOAD.SIGNATURE"), in
// `room`: as much of it as fits. Empty when there is none.
std::string_view token_payload(std::string_view value, std::span<char> room);

// The text of the claim, in whichever object it stands; empty when it is not there or no text.
std::string_view claim_of(std::string_view payload, std::string_view claim);

}  // namespace gnomon::identify
