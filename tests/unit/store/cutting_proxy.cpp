#include "cutting_proxy.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace music::test {
namespace {

constexpr const char* socket_name = ".s.PGSQL.5432";

/// ReadyForQuery outside of a transaction: what a server says when a statement is committed (PostgreSQL 15, 55.7).
constexpr std::string_view ready{"Z\0\0\0\5I", 6};

}  // namespace

struct cutting_proxy::session {
  socket client;
  socket server;
  bool swallow = false;  ///< what the server says does not reach the client any more
  std::string swallowed{};

  void end() {
    boost::system::error_code ignored;
    client.close(ignored);
    server.close(ignored);
  }
};

cutting_proxy::cutting_proxy(const std::filesystem::path& server_directory)
    : server_((server_directory / socket_name).string()),
      acceptor_(loop_, asio::local::stream_protocol::endpoint{(directory_.path() / socket_name).string()}),
      thread_([this] {
        asio::co_spawn(loop_.get_executor(), accept(), asio::detached);
        loop_.run();
      }) {}

cutting_proxy::~cutting_proxy() {
  loop_.stop();
  thread_.join();
}

void cutting_proxy::arm(cut where, std::string value, int times) {
  const std::lock_guard lock{mutex_};
  where_ = where;
  value_ = std::move(value);
  times_ = times;
}

bool cutting_proxy::due(cut where, std::string_view bytes) {
  const std::lock_guard lock{mutex_};
  if (times_ == 0 || where != where_ || bytes.find(value_) == std::string_view::npos) return false;
  --times_;
  ++cuts_;
  return true;
}

task<void> cutting_proxy::accept() {
  for (;;) {
    auto client = co_await acceptor_.async_accept(asio::use_awaitable_t<executor>{});
    auto in = std::make_shared<session>(session{socket{std::move(client)}, socket{loop_}});
    boost::system::error_code failed;
    in->server.connect(server_, failed);
    if (failed) continue;
    asio::co_spawn(loop_.get_executor(), to_server(in), asio::detached);
    asio::co_spawn(loop_.get_executor(), to_client(in), asio::detached);
  }
}

task<void> cutting_proxy::to_server(std::shared_ptr<session> in) {
  std::array<char, 65536> bytes{};
  try {
    for (;;) {
      const auto count = co_await in->client.async_read_some(asio::buffer(bytes), use_task);
      const std::string_view part{bytes.data(), count};
      if (due(cut::before_server, part)) break;
      if (due(cut::after_commit, part)) in->swallow = true;
      co_await asio::async_write(in->server, asio::buffer(part), use_task);
    }
  } catch (const boost::system::system_error&) {
    // either side went away: so does the other
  }
  in->end();
}

task<void> cutting_proxy::to_client(std::shared_ptr<session> in) {
  std::array<char, 65536> bytes{};
  try {
    while (!in->swallowed.ends_with(ready)) {
      const auto count = co_await in->server.async_read_some(asio::buffer(bytes), use_task);
      const std::string_view part{bytes.data(), count};
      if (in->swallow) in->swallowed += part;
      else co_await asio::async_write(in->client, asio::buffer(part), use_task);
    }
  } catch (const boost::system::system_error&) {
    // either side went away: so does the other
  }
  in->end();
}

}  // namespace music::test
