#pragma once

/// Stands between a store and its server and cuts the connection at the worst moment.

#include "store_support.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

namespace music::test {

/// Where a statement is when its connection is cut.
enum class cut : std::uint8_t {
  before_server,  ///< the server never sees it
  after_commit,   ///< it is committed, and its answer is lost
};

/// Passes every byte between its own socket and the server's, but for the statements that `arm` names. A thread of its own.
class cutting_proxy {
 public:
  explicit cutting_proxy(const std::filesystem::path& server_directory);
  ~cutting_proxy();
  cutting_proxy(const cutting_proxy&) = delete;
  cutting_proxy& operator=(const cutting_proxy&) = delete;

  /// Where its socket lies, named as a server's.
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

  /// The next `times` statements with `value` among their values are cut. A number of connections may be cut so.
  void arm(cut where, std::string value, int times = 1);

  /// How many were cut.
  [[nodiscard]] int cuts() const noexcept { return cuts_; }

 private:
  using socket = asio::local::stream_protocol::socket;
  struct session;

  task<void> accept();
  task<void> to_server(std::shared_ptr<session> in);
  task<void> to_client(std::shared_ptr<session> in);
  bool due(cut where, std::string_view bytes);

  temporary_directory directory_;
  asio::local::stream_protocol::endpoint server_;
  asio::io_context loop_{1};
  asio::local::stream_protocol::acceptor acceptor_;
  std::mutex mutex_;
  cut where_ = cut::before_server;
  std::string value_;
  int times_ = 0;
  std::atomic<int> cuts_{0};
  std::thread thread_;
};

}  // namespace music::test
