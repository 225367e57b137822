#pragma once

/// One client's connection: requests in, answers out, in order and one at a time.

#include "api.hpp"
#include "authenticator.hpp"
#include "input_buffer.hpp"
#include "request_counters.hpp"
#include "request_ids.hpp"
#include "request_reader.hpp"

#include <music/net/transport.hpp>

#include <boost/intrusive/list.hpp>

#include <memory>
#include <optional>
#include <string>

namespace music::http {

class session;

using session_hook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using session_list =
    boost::intrusive::list<session, boost::intrusive::base_hook<session_hook>, boost::intrusive::constant_time_size<false>>;

/// What the sessions of one shard share. Owned by the worker; must outlive them.
struct session_environment {
  executor ex;
  music::clock& clock;
  const http_limits& limits;
  const authenticator& keys;
  const std::string& base_url;
  http::api& api;
  request_ids& ids;
  block_pool& blocks;
  session_list& sessions;
  request_counters& counters;
  std::string date;       ///< for Date, renewed by the sweep
  std::string scratch;    ///< answers are put together here; never held across an await
  bool draining = false;
};

/// Owner: the coroutine that serves it. Belongs to one shard; not thread-safe. Cancel: closes the connection at once; what
/// a port has begun for the request goes on.
///
/// An idle session holds 512 bytes of buffer. It has no timer: it sets a deadline on its transport, and the worker's sweep
/// calls `overdue` once that has passed.
class session : public session_hook {
 public:
  session(std::unique_ptr<net::transport> connection, session_environment& shared);

  /// Serves until either side ends the connection.
  [[nodiscard]] task<void> run();

  /// Whether nothing of a request is here, so that closing it loses nothing.
  [[nodiscard]] bool idle() const noexcept { return reading_ && in_.empty() && !reader_.in_body(); }

  [[nodiscard]] time_point deadline() const noexcept { return connection_->deadline(); }

  /// The sweep's call when the deadline has passed: says 408 if a request had begun, and ends the connection.
  void overdue(time_point now);

  void close() noexcept { connection_->close(); }

  /// Whoever waits for something is answered with what is known now; a stream ends.
  void hurry();

 private:
  enum class step : std::uint8_t { read, again, handle, end };

  /// Answers what can be answered without waiting, into the scratch.
  [[nodiscard]] step serve_buffered(std::string& out);
  [[nodiscard]] step on_head(std::string& out);
  [[nodiscard]] step on_complete(std::string& out);
  [[nodiscard]] step on_missing_bytes(std::string& out);

  /// Whom, what and whether: what can be said about a request by its header alone.
  void bind_request();

  [[nodiscard]] task<bool> serve_slowly();
  [[nodiscard]] task<bool> answer_and_send();
  [[nodiscard]] task<response> guarded_answer();
  [[nodiscard]] bool may_wait() const;
  [[nodiscard]] task<void> watch_client();
  [[nodiscard]] bool take_early_bytes();
  [[nodiscard]] task<bool> write_rest(std::string rest);
  [[nodiscard]] task<bool> send_audio(audio_body song);
  [[nodiscard]] task<bool> send_stream(std::unique_ptr<body_stream> stream);
  [[nodiscard]] task<void> linger();

  /// Sends the scratch. True if all of it went out; else the rest is in `rest`.
  [[nodiscard]] bool send_now(std::string& out, std::string& rest);

  [[nodiscard]] answer_frame frame();
  void append(std::string& out, const response& answer);
  void append_problem(std::string& out, problem what);
  void append_options(std::string& out);
  void end_request(unsigned status);
  void arm();

  std::unique_ptr<net::transport> connection_;
  session_environment& shared_;
  input_buffer in_;
  request_reader reader_;
  request request_;
  std::optional<problem> refused_;
  request_ids::text made_id_{};
  std::optional<event> hurry_;   ///< of the request that is being answered
  std::string early_;            ///< what the client sent while its request was being answered
  time_point begun_at_{};        ///< when we began to wait for the rest of a header, or of a body
  time_point started_at_{};      ///< when the request was complete, for the log
  bool reading_ = false;         ///< waits for bytes
  bool begun_ = false;           ///< `begun_at_` is of the present header or body
  bool wants_continue_ = false;  ///< Expect: 100-continue that was not answered yet
  bool served_one_ = false;
  bool closing_ = false;         ///< the answer said Connection: close
};

/// The coroutine that owns a session.
[[nodiscard]] task<void> serve(std::unique_ptr<net::transport> connection, session_environment& shared);

}  // namespace music::http
