#pragma once

#include <openssl/bio.h>

namespace music::net {

/// An OpenSSL BIO over a descriptor that it does not own. Unlike BIO_s_socket it never raises SIGPIPE, which a library
/// must not ask the whole process to ignore. Null if OpenSSL is out of memory.
[[nodiscard]] BIO* new_descriptor_bio(int descriptor) noexcept;

}  // namespace music::net
