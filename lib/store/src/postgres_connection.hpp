#pragma once

/// libpq on an event loop: one connection, its statements, their results.

#include <music/async/clock.hpp>
#include <music/async/task.hpp>
#include <music/base/error.hpp>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace music::postgres {

/// The values of a statement's $1, $2, ... in order. Text and bytes go over with their length, so that a zero byte in a
/// caller's text is refused by the server instead of ending the text early.
class parameters {
 public:
  parameters& text(std::string value);
  parameters& number(std::int64_t value);
  parameters& number(std::optional<std::int64_t> value);
  parameters& truth(bool value);
  parameters& array(const std::vector<std::string>& elements);  ///< without zero bytes

 private:
  friend class connection;
  std::vector<std::optional<std::string>> values_;
  std::vector<int> formats_;
};

/// What a statement gave, in libpq's binary format.
class rows {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(PQntuples(result_.get())); }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

  /// Rows that the statement changed.
  [[nodiscard]] std::size_t affected() const noexcept;

  [[nodiscard]] bool null(std::size_t row, int column) const noexcept;
  [[nodiscard]] std::string text(std::size_t row, int column) const;     ///< of text and bytea
  [[nodiscard]] std::int64_t number(std::size_t row, int column) const;  ///< of integer and bigint
  [[nodiscard]] bool truth(std::size_t row, int column) const;

 private:
  friend class connection;
  explicit rows(PGresult* owned) noexcept : result_(owned) {}
  struct clearer {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
  };
  std::unique_ptr<PGresult, clearer> result_;
};

/// One connection. Lives on one loop and serves one task at a time. Cancelling an await, or a deadline that comes first,
/// leaves it in the middle of an answer: then `usable` says no, and it can only be destroyed.
///
/// Errors: `conflict` (a unique index has the value already), `internal` (the server refuses this one value), and
/// `store_unavailable` for everything else. An error that is `transient` leaves open whether the statement was carried out;
/// it may succeed on another connection. All others changed nothing. Details name tables and columns, never values.
class connection {
 public:
  /// Connects and prepares the session. `url` as libpq reads it; a host name in it is looked up on this thread.
  [[nodiscard]] static task<result<std::unique_ptr<connection>>> open(executor ex, clock& clock, std::string url,
                                                                      time_point until);

  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Carries out one statement, prepared at its first use. Its text must live until this ends. The server gives up on it
  /// before we do.
  [[nodiscard]] task<result<rows>> execute(std::string_view statement, parameters with, time_point until);

  /// Carries out statements without parameters, divided by semicolons; as one transaction unless they say otherwise. Their
  /// text must live until this ends.
  [[nodiscard]] task<result<void>> script(std::string_view statements, time_point until);

  /// Waits until another session notifies one of the channels that this one listens to. False: `until` came first.
  [[nodiscard]] task<result<bool>> notified(time_point until);

  [[nodiscard]] bool usable() const noexcept { return !busy_ && !spoilt_ && PQstatus(handle_.get()) == CONNECTION_OK; }

 private:
  struct finisher {
    void operator()(PGconn* handle) const noexcept { PQfinish(handle); }
  };
  using wait_type = asio::posix::descriptor_base::wait_type;

  connection(executor ex, clock& clock) : clock_(clock), socket_(ex) {}
  [[nodiscard]] task<result<void>> establish(std::string url);
  [[nodiscard]] task<result<void>> poll_connecting();
  [[nodiscard]] task<result<rows>> run_prepared(std::string_view statement, parameters with);
  [[nodiscard]] task<result<std::string>> prepared(std::string_view statement);
  [[nodiscard]] task<result<void>> run_script(std::string_view statements);
  [[nodiscard]] task<result<rows>> answer();
  [[nodiscard]] task<result<void>> flush();
  [[nodiscard]] task<result<void>> receive();
  [[nodiscard]] task<result<bool>> receive_notification();
  [[nodiscard]] error lost(std::string_view what) const;
  [[nodiscard]] error refused(const PGresult* why);

  clock& clock_;
  std::unique_ptr<PGconn, finisher> handle_;
  asio::posix::basic_stream_descriptor<executor> socket_;  ///< watches libpq's socket; does not own it
  std::unordered_map<std::string, std::string> names_;     ///< of prepared statements, by their text
  bool busy_ = false;
  bool spoilt_ = false;  ///< the session must not be used again, though it works
};

}  // namespace music::postgres
