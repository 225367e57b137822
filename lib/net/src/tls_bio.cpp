#include "tls_bio.hpp"

#include "socket_ops.hpp"

#include <boost/asio/error.hpp>

#include <cerrno>

namespace music::net {
namespace {

/// The descriptor and whether the peer ended: OpenSSL asks for the latter to tell an end from an error.
struct descriptor_state {
  int descriptor = -1;
  bool ended = false;
};

descriptor_state& state_of(BIO* bio) noexcept { return *static_cast<descriptor_state*>(BIO_get_data(bio)); }

int finish(BIO* bio, const error_code& ec) noexcept {
  if (ec == asio::error::eof) {
    state_of(bio).ended = true;
    return 0;
  }
  errno = ec.value();  // OpenSSL reports a failing system call through errno
  return -1;
}

int read_bytes(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  error_code ec;
  const auto got = receive_now(state_of(bio).descriptor, asio::mutable_buffer(into, static_cast<std::size_t>(size)), ec);
  if (!ec) return static_cast<int>(got);
  if (ec == asio::error::would_block) BIO_set_retry_read(bio);
  return finish(bio, ec);
}

int write_bytes(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  error_code ec;
  const auto put = send_now(state_of(bio).descriptor, asio::const_buffer(from, static_cast<std::size_t>(size)), ec);
  if (!ec) return static_cast<int>(put);
  if (ec == asio::error::would_block) BIO_set_retry_write(bio);
  return finish(bio, ec);
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return state_of(bio).ended ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int destroy(BIO* bio) {
  delete static_cast<descriptor_state*>(BIO_get_data(bio));
  BIO_set_data(bio, nullptr);
  return 1;
}

const BIO_METHOD* make_method() noexcept {
  auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "descriptor");
  if (made == nullptr) return nullptr;
  BIO_meth_set_read(made, read_bytes);
  BIO_meth_set_write(made, write_bytes);
  BIO_meth_set_ctrl(made, control);
  BIO_meth_set_destroy(made, destroy);
  return made;
}

}  // namespace

BIO* new_descriptor_bio(int descriptor) noexcept {
  static const BIO_METHOD* const method = make_method();  // lives as long as the process
  auto* bio = method == nullptr ? nullptr : BIO_new(method);
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, new descriptor_state{.descriptor = descriptor});
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace music::net
