#pragma once

#include "gnomon/message/quic_decryptor.h"

namespace gnomon::sensor {

// A QUIC connection that is decrypted. Its streams are read as HTTP/3 unless it says otherwise.
struct QuicSession {
  message::QuicDecryptor decryptor;
  unsigned client = 0;  // which side
  bool other_protocol = false;
};

}  // namespace gnomon::sensor
