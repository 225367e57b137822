#include "fake_upstream.hpp"

#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>
#include <music/net/tls.hpp>
#include <music/net/transport.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <openssl/ssl.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace music::test {
namespace {

using boost::system::error_code;
using timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, executor>;

constexpr std::size_t chunk_bytes = 7;
constexpr std::chrono::seconds patience{10};

/// What has arrived on a connection and not been used yet.
struct inbox {
  std::string bytes{};
};

header_list parse_headers(std::string_view block) {
  header_list headers;
  for (;;) {
    const auto end = block.find("\r\n");
    const auto line = block.substr(0, end);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
    if (end == std::string_view::npos) return headers;
    block.remove_prefix(end + 2);
  }
}

upstream_request parse_request(std::string_view block) {
  upstream_request request;
  const auto line = block.substr(0, block.find("\r\n"));
  const auto first = line.find(' ');
  const auto second = line.find(' ', first + 1);
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, second - first - 1);
  request.headers = parse_headers(block.substr(std::min(block.size(), line.size() + 2)));
  request.received = std::chrono::steady_clock::now();
  return request;
}

std::string to_hex(std::size_t number) {
  std::array<char, 20> text{};
  const int length = std::snprintf(text.data(), text.size(), "%zx", number);
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string chunked(std::string_view body) {
  std::string wire;
  for (; !body.empty(); body.remove_prefix(std::min(chunk_bytes, body.size()))) {
    const auto piece = body.substr(0, chunk_bytes);
    wire.append(to_hex(piece.size())).append("\r\n").append(piece).append("\r\n");
  }
  return wire + "0\r\n\r\n";
}

std::string render(const upstream_reply& reply, bool with_body) {
  if (!reply.raw.empty()) return reply.raw;
  std::string wire = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n";
  for (const auto& [name, value] : reply.headers) wire.append(name).append(": ").append(value).append("\r\n");
  if (!reply.keep_alive) wire += "Connection: close\r\n";
  wire +=
      reply.chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n";
  if (!with_body) return wire;
  return wire + (reply.chunked ? chunked(reply.body) : reply.body);
}

std::string ledger_line(const upstream_request& request) {
  std::string line;
  json_writer json(line);
  json.begin_object().field("method", request.method).field("target", request.target).field("body", request.body);
  json.end_object();
  return line + "\n";
}

/// Makes closing the descriptor send a reset instead of an orderly end.
void reset_on_close(int descriptor) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

class fake_upstream::server {
 public:
  server(upstream_handler handler, upstream_options options)
      : options_(std::move(options)), handler_(std::move(handler)), acceptor_(context_.get_executor()) {
    if (!options_.certificate_file.empty()) {
      tls_ = net::tls_context::server(options_.certificate_file, options_.key_file).value();
      if (options_.adjust_tls) options_.adjust_tls(tls_.native());
    }
    if (!options_.ledger_file.empty())
      ledger_ = ::open(options_.ledger_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const asio::ip::tcp::endpoint loopback(asio::ip::address_v4::loopback(), 0);
    acceptor_.open(loopback.protocol());
    acceptor_.bind(loopback);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }

  ~server() {
    context_.stop();
    thread_.join();
    if (ledger_ >= 0) ::close(ledger_);
  }

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  void close_all() {
    std::promise<void> closed;
    asio::post(context_, [&] {
      for (auto& [number, connection] : open_) {
        connection->shutdown_send();
        connection->close();
      }
      closed.set_value();
    });
    closed.get_future().wait();
  }

  [[nodiscard]] std::size_t resumed() const {
    return tls_.native() == nullptr ? 0 : static_cast<std::size_t>(SSL_CTX_sess_hits(tls_.native()));
  }

  upstream_options options_;
  mutable std::mutex mutex_;
  mutable std::condition_variable arrived_;
  mutable std::condition_variable left_;
  upstream_handler handler_;                // guarded by mutex_, as are the next four
  std::vector<upstream_request> requests_;
  std::size_t accepted_ = 0;
  std::size_t ended_ = 0;
  std::size_t failed_handshakes_ = 0;
  std::uint16_t port_ = 0;

 private:
  task<void> accept();
  task<void> serve(net::tcp_socket socket, std::size_t number);
  task<void> converse(net::transport& connection, int descriptor, std::size_t number);
  static task<bool> fill(net::transport& connection, inbox& from);
  static task<std::optional<upstream_request>> read_request(net::transport& connection, inbox& from);
  task<bool> answer(net::transport& connection, int descriptor, upstream_reply reply, std::string wire);
  task<void> drip(net::transport& connection, std::string rest, std::chrono::milliseconds interval);
  static task<void> drain(net::transport& connection);

  upstream_reply reply_to(upstream_request& request, std::size_t connection);

  asio::io_context context_{1};
  net::tcp_acceptor acceptor_;
  net::tls_context tls_;
  std::map<std::size_t, net::transport*> open_;  // on the server's thread only
  int ledger_ = -1;
  std::thread thread_;
};

task<void> fake_upstream::server::accept() {
  for (;;) {
    auto socket = co_await acceptor_.async_accept(use_task);
    std::size_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      number = accepted_++;
    }
    asio::co_spawn(context_, serve(std::move(socket), number), asio::detached);
  }
}

task<void> fake_upstream::server::serve(net::tcp_socket socket, std::size_t number) {
  const int descriptor = socket.native_handle();
  const bool secure = tls_.native() != nullptr;
  const auto connection = secure ? net::make_tls_server(std::move(socket), tls_) : net::make_plain(std::move(socket));
  open_.emplace(number, connection.get());
  const auto refused = co_await connection->handshake_server();
  if (refused) {
    const std::lock_guard lock(mutex_);
    ++failed_handshakes_;
  } else {
    co_await converse(*connection, descriptor, number);
  }
  open_.erase(number);
  {
    const std::lock_guard lock(mutex_);
    ++ended_;
  }
  left_.notify_all();
}

task<void> fake_upstream::server::converse(net::transport& connection, int descriptor, std::size_t number) {
  inbox pending;
  for (;;) {
    auto request = co_await read_request(connection, pending);
    if (!request) co_return;
    auto reply = reply_to(*request, number);
    auto wire = render(reply, request->method != "HEAD");
    const bool goes_on = co_await answer(connection, descriptor, std::move(reply), std::move(wire));
    if (!goes_on) co_return;
  }
}

upstream_reply fake_upstream::server::reply_to(upstream_request& request, std::size_t connection) {
  upstream_handler handler;
  {
    const std::lock_guard lock(mutex_);
    request.number = requests_.size();
    request.connection = connection;
    if (ledger_ >= 0) {
      const auto line = ledger_line(request);
      const bool kept = ::write(ledger_, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(ledger_) == 0;
      if (!kept) throw std::runtime_error("the upstream's ledger cannot be written");
    }
    requests_.push_back(request);
    handler = handler_;
  }
  arrived_.notify_all();
  return handler(request);
}

/// Reads more. False once the peer has ended.
task<bool> fake_upstream::server::fill(net::transport& connection, inbox& from) {
  std::array<char, 4096> piece{};
  const auto got = co_await connection.read_some(asio::mutable_buffer(piece.data(), piece.size()));
  from.bytes.append(piece.data(), got.bytes);
  co_return !got.ec;
}

task<std::optional<upstream_request>> fake_upstream::server::read_request(net::transport& connection, inbox& from) {
  auto end = from.bytes.find("\r\n\r\n");
  while (end == std::string::npos) {
    const bool more = co_await fill(connection, from);
    if (!more) co_return std::nullopt;
    end = from.bytes.find("\r\n\r\n");
  }
  auto request = parse_request(std::string_view(from.bytes).substr(0, end));
  from.bytes.erase(0, end + 4);
  const auto length = static_cast<std::size_t>(std::stoull(request.header("content-length").value_or("0")));
  while (from.bytes.size() < length) {
    const bool more = co_await fill(connection, from);
    if (!more) co_return std::nullopt;
  }
  request.body = from.bytes.substr(0, length);
  from.bytes.erase(0, length);
  co_return request;
}

/// True if the connection may carry another request.
task<bool> fake_upstream::server::answer(net::transport& connection, int descriptor, upstream_reply reply, std::string wire) {
  timer pause(context_.get_executor(), reply.delay);
  if (reply.delay.count() > 0) co_await pause.async_wait(use_task);
  const auto cut = reply.fault == fault::none ? wire.size() : std::min(reply.cut_after, wire.size());
  if (cut > 0) {
    const auto failed = co_await connection.write(asio::const_buffer(wire.data(), cut));
    if (failed) co_return false;
  }
  switch (reply.fault) {
    case fault::none:
      if (reply.keep_alive) co_return true;
      break;
    case fault::close: break;
    case fault::reset:
      reset_on_close(descriptor);
      connection.close();
      co_return false;
    case fault::hang: co_await drain(connection); co_return false;
    case fault::drip: co_await drip(connection, wire.substr(cut), reply.drip_interval); co_return reply.keep_alive;
  }
  connection.shutdown_send();
  co_await drain(connection);
  co_return false;
}

task<void> fake_upstream::server::drip(net::transport& connection, std::string rest, std::chrono::milliseconds interval) {
  for (const char& byte : rest) {
    timer pause(context_.get_executor(), interval);
    co_await pause.async_wait(use_task);
    const auto failed = co_await connection.write(asio::const_buffer(&byte, 1));
    if (failed) co_return;
  }
}

/// Waits until the client goes, so that what was sent is not lost to a reset.
task<void> fake_upstream::server::drain(net::transport& connection) {
  inbox ignored;
  for (;;) {
    const bool more = co_await fill(connection, ignored);
    if (!more) co_return;
    ignored.bytes.clear();
  }
}

std::optional<std::string> upstream_request::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const auto& one) { return equal_ignoring_case(one.first, name); });
  return found == headers.end() ? std::nullopt : std::optional(found->second);
}

fake_upstream::fake_upstream(upstream_handler handler, upstream_options options)
    : server_(std::make_unique<server>(std::move(handler), std::move(options))) {}

fake_upstream::~fake_upstream() = default;

std::uint16_t fake_upstream::port() const noexcept { return server_->port_; }

std::string fake_upstream::base_url() const {
  const auto& options = server_->options_;
  return (options.certificate_file.empty() ? "http://" : "https://") + options.host + ":" + std::to_string(port());
}

void fake_upstream::script(upstream_handler handler) {
  const std::lock_guard lock(server_->mutex_);
  server_->handler_ = std::move(handler);
}

std::vector<upstream_request> fake_upstream::requests() const {
  const std::lock_guard lock(server_->mutex_);
  return server_->requests_;
}

std::size_t fake_upstream::count(std::string_view method, std::string_view target_prefix) const {
  const std::lock_guard lock(server_->mutex_);
  const auto matches = [&](const upstream_request& one) { return one.method == method && one.target.starts_with(target_prefix); };
  return static_cast<std::size_t>(std::ranges::count_if(server_->requests_, matches));
}

std::size_t fake_upstream::connections_accepted() const {
  const std::lock_guard lock(server_->mutex_);
  return server_->accepted_;
}

std::size_t fake_upstream::handshakes_failed() const {
  const std::lock_guard lock(server_->mutex_);
  return server_->failed_handshakes_;
}

std::size_t fake_upstream::sessions_resumed() const { return server_->resumed(); }

bool fake_upstream::wait_for_requests(std::size_t how_many) const {
  std::unique_lock lock(server_->mutex_);
  return server_->arrived_.wait_for(lock, patience, [&] { return server_->requests_.size() >= how_many; });
}

bool fake_upstream::wait_until_left() const {
  std::unique_lock lock(server_->mutex_);
  return server_->left_.wait_for(lock, patience, [&] { return server_->ended_ == server_->accepted_; });
}

void fake_upstream::close_connections() { server_->close_all(); }

}  // namespace music::test
