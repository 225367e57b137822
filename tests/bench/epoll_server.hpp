#pragma once

/// A bare HTTP/1.1 server for measuring: one thread, level-triggered epoll, keep-alive, no parser but a search for the end of
/// the header. For loopback peers that behave; whatever else comes closes its connection.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace music::bench {

using steady = std::chrono::steady_clock;

/// Views into the connection's buffer, valid during the handler's call.
struct request {
  std::string_view head;  ///< without its empty line
  std::string_view body;

  [[nodiscard]] bool is_post() const noexcept { return head.front() == 'P'; }
  [[nodiscard]] std::string_view target() const noexcept {
    const auto from = head.find(' ') + 1;
    return head.substr(from, head.find(' ', from) - from);
  }
};

/// What a handler does with a request: appends an answer to `now`, or gives one to put off, or neither.
struct reply {
  std::string& now;
  std::string later{};
  std::uint64_t tag = 0;  ///< told when `later` goes out
};

/// Owner: main. Single-threaded; `run` never returns. Every answer that is put off waits the same time.
class epoll_server {
 public:
  /// Listens on 127.0.0.1; port 0 takes a free one. The first line on stdout says which.
  explicit epoll_server(std::uint16_t port, std::chrono::microseconds delay = {}) : delay_(delay) {
    constexpr int backlog = 4096;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);  // NOLINT: how BSD sockets take addresses
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener_, generic, size) != 0 || listen(listener_, backlog) != 0 || getsockname(listener_, generic, &size) != 0) {
      std::perror("listen");
      std::exit(1);
    }
    watch(listener_);
    std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  /// Calls `handle(request, reply&)` for every request and `sent(tag)` when an answer that was put off has gone out.
  template <class Handle, class Sent>
  [[noreturn]] void run(Handle handle, Sent sent) {
    std::vector<epoll_event> events(512);
    for (;;) {
      const int count = epoll_wait(poller_, events.data(), static_cast<int>(events.size()), until_next_due());
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        fd == listener_ ? accept_all() : serve(fd, handle);
      }
      send_due(sent);
    }
  }

 private:
  struct connection {
    std::uint64_t serial = 0;  ///< tells a later connection with the same descriptor apart
    std::size_t filled = 0;
    char buffer[16 * 1024];
  };

  struct due_answer {
    steady::time_point at;
    int fd;
    std::uint64_t serial;
    std::string text;
    std::uint64_t tag;
  };

  void watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(poller_, EPOLL_CTL_ADD, fd, &event);
  }

  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const auto index = static_cast<std::size_t>(fd);
      if (connections_.size() <= index) connections_.resize(index + 1);
      connections_[index] = std::unique_ptr<connection>(new connection);  // not make_unique: that would clear the buffer
      connections_[index]->serial = ++accepted_;
      watch(fd);
    }
  }

  template <class Handle>
  void serve(int fd, Handle& handle) {
    auto& peer = *connections_[static_cast<std::size_t>(fd)];
    const auto got = recv(fd, peer.buffer + peer.filled, sizeof peer.buffer - peer.filled, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return close_peer(fd);
    peer.filled += static_cast<std::size_t>(got);
    answers_.clear();
    const auto used = answer_all(fd, peer, handle);
    peer.filled -= used;
    if (peer.filled > 0) std::memmove(peer.buffer, peer.buffer + used, peer.filled);
    if (!answers_.empty()) send_all(fd, answers_);
  }

  template <class Handle>
  std::size_t answer_all(int fd, const connection& peer, Handle& handle) {
    constexpr std::string_view blank_line = "\r\n\r\n";
    std::size_t used = 0;
    for (;;) {
      const std::string_view rest{peer.buffer + used, peer.filled - used};
      const auto end = rest.find(blank_line);
      if (end == std::string_view::npos) return used;
      request in{rest.substr(0, end), {}};
      const auto body_from = end + blank_line.size();
      const auto length = in.is_post() ? content_length(in.head) : 0;
      if (rest.size() < body_from + length) return used;
      in.body = rest.substr(body_from, length);
      used += body_from + length;
      reply out{answers_};
      handle(in, out);
      if (!out.later.empty()) due_.push_back({steady::now() + delay_, fd, peer.serial, std::move(out.later), out.tag});
    }
  }

  static std::size_t content_length(std::string_view head) noexcept {
    constexpr std::string_view name = "Content-Length: ";
    std::size_t length = 0;
    const auto at = head.find(name);
    if (at != std::string_view::npos) std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
    return length;
  }

  [[nodiscard]] int until_next_due() const {
    if (due_.empty()) return -1;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due_.front().at - steady::now());
    return wait.count() < 0 ? 0 : static_cast<int>(wait.count());
  }

  template <class Sent>
  void send_due(Sent& sent) {
    if (due_.empty()) return;
    const auto now = steady::now();
    while (!due_.empty() && due_.front().at <= now) {
      const auto ready = std::move(due_.front());
      due_.pop_front();
      const auto& peer = connections_[static_cast<std::size_t>(ready.fd)];
      if (!peer || peer->serial != ready.serial) continue;
      send_all(ready.fd, ready.text);
      sent(ready.tag);
    }
  }

  void send_all(int fd, std::string_view text) {
    const auto put = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (put != static_cast<ssize_t>(text.size())) close_peer(fd);
  }

  void close_peer(int fd) {
    connections_[static_cast<std::size_t>(fd)].reset();
    close(fd);
  }

  std::chrono::microseconds delay_;
  int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int poller_ = epoll_create1(EPOLL_CLOEXEC);
  std::uint64_t accepted_ = 0;
  std::vector<std::unique_ptr<connection>> connections_;  ///< by descriptor
  std::deque<due_answer> due_;
  std::string answers_;
};

}  // namespace music::bench
