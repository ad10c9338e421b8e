#pragma once

#include "gnomon/message/tls_decryptor.h"
#include "gnomon/sensor/flow_notes.h"

namespace gnomon::sensor {

// A TLS connection that is decrypted, and what its plaintext is read as: notes like those of a
// flow, as if the plaintext were a connection of its own.
struct TlsSession {
  message::TlsDecryptor decryptor;
  FlowNotes inner;
};

}  // namespace gnomon::sensor
