#include <music/net/transport.hpp>

#include "run_loop.hpp"
#include "socket_ops.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>

#include <array>

#include <netinet/tcp.h>
#include <sys/socket.h>

using namespace music;
using namespace music::net;

namespace {

/// A transport and the raw other end of its connection.
struct linked {
  asio::io_context context{1};
  tcp_socket far{context.get_executor()};
  std::unique_ptr<transport> near{};

  linked() {
    tcp_acceptor acceptor(context.get_executor(), {asio::ip::address_v4::loopback(), 0});
    far.connect(acceptor.local_endpoint());
    near = make_plain(acceptor.accept());
  }

  void say(std::string_view text) {
    REQUIRE(::send(far.native_handle(), text.data(), text.size(), MSG_NOSIGNAL) == std::ssize(text));
  }
};

struct outcome {
  bool done = false;
  bool threw = false;
  io_result got{};
};

/// Begins a read and lets the loop run until it waits.
void begin_read(linked& on, outcome& into, std::array<char, 16>& buffer, asio::cancellation_signal& signal) {
  auto handler = [&into](std::exception_ptr thrown, io_result got) {
    into = {.done = true, .threw = thrown != nullptr, .got = got};
  };
  asio::co_spawn(on.context, on.near->read_some(asio::buffer(buffer)), asio::bind_cancellation_slot(signal.slot(), handler));
  on.context.poll();
  on.context.restart();
}

}  // namespace

TEST_CASE("what is written here arrives there and the other way round") {
  linked on;
  std::array<char, 16> buffer{};

  const auto failed = test::run_loop_for(on.context, on.near->write(asio::buffer("hello", 5)));
  const auto heard = ::recv(on.far.native_handle(), buffer.data(), buffer.size(), 0);
  on.say("back");
  const auto got = test::run_loop_for(on.context, on.near->read_some(asio::buffer(buffer)));

  CHECK_FALSE(failed);
  CHECK(heard == 5);
  CHECK_FALSE(got.ec);
  CHECK(std::string_view(buffer.data(), got.bytes) == "back");
}

TEST_CASE("a write larger than every buffer completes while the peer reads") {
  linked on;
  const std::string large(8 * 1024 * 1024, 'x');
  std::size_t received = 0;
  bool written = false;

  asio::co_spawn(on.context, on.near->write(asio::buffer(large)), [&](std::exception_ptr, error_code ec) { written = !ec; });
  std::string sink(1024 * 1024, '\0');
  while (received < large.size()) {
    on.context.poll();
    on.context.restart();
    const auto got = ::recv(on.far.native_handle(), sink.data(), sink.size(), MSG_DONTWAIT);
    if (got > 0) received += static_cast<std::size_t>(got);
  }
  on.context.run();

  CHECK(written);
}

TEST_CASE("waiting for readiness reads nothing and try_read then does") {
  linked on;
  std::array<char, 16> buffer{};
  error_code ec;

  CHECK(on.near->try_read(asio::buffer(buffer), ec) == 0);
  CHECK(ec == asio::error::would_block);
  on.say("abc");
  CHECK_FALSE(test::run_loop_for(on.context, on.near->wait_readable()));
  CHECK(on.near->try_read(asio::buffer(buffer), ec) == 3);
  CHECK_FALSE(ec);
}

TEST_CASE("the peer's end is eof") {
  linked on;
  std::array<char, 16> buffer{};
  error_code ec;

  on.far.shutdown(tcp_socket::shutdown_send);

  CHECK(test::run_loop_for(on.context, on.near->read_some(asio::buffer(buffer))).ec == asio::error::eof);
  CHECK(on.near->try_read(asio::buffer(buffer), ec) == 0);
  CHECK(ec == asio::error::eof);
}

TEST_CASE("quiet means open and nothing to read") {
  linked silent;
  linked talking;
  linked gone;

  CHECK(silent.near->quiet());
  talking.say("x");
  gone.far.close();
  CHECK_FALSE(test::run_loop_for(talking.context, talking.near->wait_readable()));
  CHECK_FALSE(test::run_loop_for(gone.context, gone.near->wait_readable()));

  CHECK_FALSE(talking.near->quiet());
  CHECK_FALSE(gone.near->quiet());
  silent.near->close();
  CHECK_FALSE(silent.near->quiet());
}

TEST_CASE("expiring ends a waiting read with timed_out and everything after it") {
  linked on;
  outcome read;
  std::array<char, 16> buffer{};
  asio::cancellation_signal signal;
  const time_point deadline{std::chrono::hours{1}};
  on.near->set_deadline(deadline);
  begin_read(on, read, buffer, signal);

  CHECK_FALSE(on.near->expire(deadline - std::chrono::milliseconds{1}));
  CHECK(on.near->expire(deadline));
  on.context.run();

  CHECK(read.done);
  CHECK(read.got.ec == asio::error::timed_out);
  on.say("late");
  CHECK(test::run_loop_for(on.context, on.near->read_some(asio::buffer(buffer))).ec == asio::error::timed_out);
  error_code ec;
  CHECK(on.near->try_write(asio::buffer("x", 1), ec) == 0);
  CHECK(ec == asio::error::timed_out);
}

TEST_CASE("closing ends a waiting read with operation_aborted") {
  linked on;
  outcome read;
  std::array<char, 16> buffer{};
  asio::cancellation_signal signal;
  begin_read(on, read, buffer, signal);

  on.near->close();
  on.context.run();

  CHECK(read.got.ec == asio::error::operation_aborted);
  CHECK_FALSE(on.near->is_open());
}

TEST_CASE("a read cancelled before its bytes unwinds") {
  linked on;
  outcome read;
  std::array<char, 16> buffer{};
  asio::cancellation_signal signal;
  begin_read(on, read, buffer, signal);

  signal.emit(asio::cancellation_type::terminal);
  on.context.run();

  CHECK(read.done);
  CHECK(read.threw);
}

TEST_CASE("a read whose bytes came in the turn of its cancellation keeps them or leaves them") {
  linked on;
  outcome read;
  std::array<char, 16> buffer{};
  asio::cancellation_signal signal;
  begin_read(on, read, buffer, signal);

  on.say("abc");
  signal.emit(asio::cancellation_type::terminal);
  on.context.run();

  REQUIRE(read.done);
  error_code ec;
  const auto left = on.near->try_read(asio::buffer(buffer), ec);
  CHECK(read.got.bytes + left == 3);
}

TEST_CASE("writing to a peer that is gone is an error and not a signal") {
  linked on;
  on.far.set_option(asio::socket_base::linger(true, 0));
  on.far.close();
  error_code ec;

  for (int i = 0; i < 3; ++i) static_cast<void>(on.near->try_write(asio::buffer("x", 1), ec));

  CHECK(ec);
}

TEST_CASE("the peer is named for the log") {
  linked on;

  CHECK(on.near->peer() == "127.0.0.1:" + std::to_string(on.far.local_endpoint().port()));
}

TEST_CASE("a peer that died in silence is noticed before an address translator forgets the connection") {
  linked on;
  const auto option = [&](int level, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    REQUIRE(::getsockopt(on.far.native_handle(), level, name, &value, &size) == 0);
    return value;
  };

  prepare(on.far);

  CHECK(option(SOL_SOCKET, SO_KEEPALIVE) == 1);
  CHECK(option(IPPROTO_TCP, TCP_KEEPIDLE) == 30);
  CHECK(option(IPPROTO_TCP, TCP_KEEPINTVL) == 30);
}
