#include <music/http/server.hpp>

#include "worker.hpp"

#include <music/async/deadline.hpp>
#include <music/async/task_group.hpp>
#include <music/base/log.hpp>
#include <music/net/transport.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace music::http {
namespace {

using endpoint_type = asio::ip::tcp::endpoint;

/// A descriptor kept back for the day when there are none left: given up, it lets us accept a connection just to close it,
/// so that its client is told instead of waiting.
class spare_descriptor {
 public:
  spare_descriptor() { reserve(); }
  ~spare_descriptor() { release(); }
  spare_descriptor(const spare_descriptor&) = delete;
  spare_descriptor& operator=(const spare_descriptor&) = delete;

  void release() noexcept {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  void reserve() noexcept {
    if (descriptor_ < 0) descriptor_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  }

 private:
  int descriptor_ = -1;
};

bool out_of_descriptors(const net::error_code& ec) noexcept {
  return ec == boost::system::errc::too_many_files_open || ec == boost::system::errc::too_many_files_open_in_system ||
         ec == boost::system::errc::no_buffer_space || ec == boost::system::errc::not_enough_memory;
}

std::string host_in_url(const endpoint_type& at) {
  const auto text = at.address().to_string();
  return at.address().is_v6() ? "[" + text + "]" : text;
}

class server final : public http_server {
 public:
  server(http_options options, std::vector<http_ports> shards)
      : settings_{.options = std::move(options), .keys = authenticator{{}}},
        shards_(std::move(shards)),
        acceptor_(shards_.front().ex),
        accepting_(shards_.front().ex, "http") {}

  result<std::uint16_t> listen(const std::string& host, std::uint16_t port) override;
  std::uint16_t port() const noexcept override { return port_; }
  void start() override;
  task<void> drain(time_point until) override;

 private:
  void make_workers(const endpoint_type& at);
  task<void> accept_for_ever();
  task<void> back_off();
  void hand_out(worker& to, net::tcp_socket socket);

  server_settings settings_;
  std::vector<http_ports> shards_;
  std::vector<std::unique_ptr<worker>> workers_;
  net::tcp_acceptor acceptor_;
  std::uint16_t port_ = 0;
  spare_descriptor spare_;
  time_point warn_again_at_{};
  task_group accepting_;
};

result<std::uint16_t> server::listen(const std::string& host, std::uint16_t port) {
  net::error_code ec;
  const auto address = host == "localhost" ? asio::ip::make_address("127.0.0.1") : asio::ip::make_address(host, ec);
  if (ec) return error{errc::invalid_argument, "the host must be an IP address or localhost"};
  const endpoint_type at{address, port};
  acceptor_.open(at.protocol(), ec);
  if (!ec) acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor_.bind(at, ec);
  if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  const auto bound = ec ? endpoint_type{} : acceptor_.local_endpoint(ec);
  if (ec) return error{errc::invalid_argument, "cannot listen: " + ec.message()};
  port_ = bound.port();
  make_workers(bound);
  return port_;
}

void server::make_workers(const endpoint_type& at) {
  auto& options = settings_.options;
  const std::string scheme = options.tls != nullptr ? "https://" : "http://";
  settings_.base_url =
      options.public_base_url.empty() ? scheme + host_in_url(at) + ":" + std::to_string(port_) : options.public_base_url;
  settings_.keys = authenticator{options.keys};
  settings_.connections_per_shard = std::max<std::size_t>(1, options.limits.max_connections / shards_.size());
  for (const auto& ports : shards_) workers_.push_back(std::make_unique<worker>(ports, settings_));
  for (const auto& each : workers_) settings_.counted.push_back(each->counters());
}

void server::start() {
  for (auto& one : workers_) asio::post(one->get_executor(), [&worker = *one] { worker.start(); });
  asio::post(shards_.front().ex, [this] { accepting_.spawn(accept_for_ever()); });
}

task<void> server::accept_for_ever() {
  for (std::size_t turn = 0;; ++turn) {
    auto& next = *workers_[turn % workers_.size()];
    net::error_code ec;
    auto socket = co_await acceptor_.async_accept(next.get_executor(), asio::redirect_error(use_task, ec));
    if (!ec) {
      hand_out(next, std::move(socket));
    } else if (out_of_descriptors(ec)) {
      auto waiting = back_off();
      co_await std::move(waiting);
    } else if (ec == asio::error::operation_aborted || !acceptor_.is_open()) {
      co_return;
    }
  }
}

/// An unguarded loop would spin: the pending connection makes the listener readable again at once (security.md F13).
task<void> server::back_off() {
  constexpr std::chrono::milliseconds pause{100};
  constexpr std::chrono::seconds between_warnings{10};
  auto& clock = shards_.front().clock;
  if (clock.now() >= warn_again_at_) {
    warn_again_at_ = clock.now() + between_warnings;
    log::warning({"http", "HTTP", "accept", "out_of_descriptors"});
  }
  spare_.release();
  net::error_code ec;
  acceptor_.non_blocking(true, ec);
  {
    net::tcp_socket turned_away{shards_.front().ex};
    acceptor_.accept(turned_away, ec);
  }
  spare_.reserve();
  auto sleeping = sleep_until(clock, clock.now() + pause);
  co_await std::move(sleeping);
}

void server::hand_out(worker& to, net::tcp_socket socket) {
  if (&to == workers_.front().get()) return to.adopt(std::move(socket));
  asio::post(to.get_executor(), [&to, socket = std::move(socket)]() mutable { to.adopt(std::move(socket)); });
}

task<void> server::drain(time_point until) {
  constexpr std::chrono::seconds unwinding_time{1};
  net::error_code ignored;
  acceptor_.close(ignored);
  accepting_.cancel();
  auto ending = accepting_.drain(shards_.front().clock, shards_.front().clock.now() + unwinding_time);
  co_await std::move(ending);
  // All are told before the first is waited for: those behind a slow one must not go on serving until its time is over.
  for (auto& one : workers_) asio::post(one->get_executor(), [&worker = *one] { worker.begin_drain(); });
  for (auto& one : workers_) {
    auto draining = asio::co_spawn(one->get_executor(), one->drain(until), use_task);
    co_await std::move(draining);
  }
}

}  // namespace

std::unique_ptr<http_server> create_http_server(http_options options, std::vector<http_ports> shards) {
  return std::make_unique<server>(std::move(options), std::move(shards));
}

}  // namespace music::http
