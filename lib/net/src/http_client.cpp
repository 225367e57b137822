#include <music/net/http_client.hpp>

#include <music/async/deadline.hpp>
#include <music/base/text.hpp>

#include "connection_pool.hpp"
#include "request_writer.hpp"
#include "response_parser.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>

namespace music::net {
namespace {

constexpr std::size_t scratch_bytes = 64 * 1024;
constexpr std::size_t max_refusal_bytes = 1024 * 1024;           ///< of an answer that is not 2xx
constexpr std::size_t max_download_refusal_bytes = 64 * 1024;

/// One call of `send` or `download`: lives in its coroutine, and is filled by the guarded part of it.
struct call {
  http_request request{};
  std::string wire{};
  body_sink* sink = nullptr;
  exchange_limits limits{};
  time_point deadline{};
  sent progress = sent::nothing;
  std::optional<exchange_result> outcome{};

  void fail(error why) { outcome.emplace(exchange_failure{.why = std::move(why), .request = progress}); }

  [[nodiscard]] bool replayable() const noexcept {
    return request.idempotent || request.method == http_method::get || request.method == http_method::head;
  }

  [[nodiscard]] parser_limits parsing() const noexcept {
    const auto refusal = std::min(limits.max_body_bytes, sink == nullptr ? max_refusal_bytes : max_download_refusal_bytes);
    return {.max_header_bytes = limits.max_header_bytes,
            .max_body_bytes = limits.max_body_bytes,
            .max_other_body_bytes = refusal,
            .status_only = request.status_only};
  }
};

/// What became of one try on one connection.
enum class attempt : std::uint8_t { settled, died_unanswered };

/// `run_guarded` takes operations without a result. Both must outlive the call.
task<void> note_readable(transport& connection, error_code& into) { into = co_await connection.wait_readable(); }

class pooled_client final : public http_client {
 public:
  pooled_client(dialer dials, http_client_options options)
      : time_(dials.time),
        options_(std::move(options)),
        pool_(std::make_shared<connection_pool>(dials, limits_of(options_))),
        scratch_(scratch_bytes, '\0') {}

  ~pooled_client() override { pool_->retire(); }
  pooled_client(const pooled_client&) = delete;
  pooled_client& operator=(const pooled_client&) = delete;

  task<exchange_result> send(http_request request, exchange_limits limits, time_point deadline) override {
    return run(std::move(request), nullptr, limits, deadline);
  }

  task<exchange_result> download(http_request request, body_sink& sink, exchange_limits limits, time_point deadline) override {
    return run(std::move(request), &sink, limits, deadline);
  }

  void sweep() override { pool_->sweep(); }
  void close_idle() override { pool_->close_idle(); }
  [[nodiscard]] std::uint64_t connections_opened() const noexcept override { return pool_->connections_opened(); }
  [[nodiscard]] std::uint64_t requests_sent() const noexcept override { return requests_sent_; }
  [[nodiscard]] std::uint64_t reused() const noexcept override { return reused_; }

 private:
  static pool_limits limits_of(const http_client_options& options) {
    return {.max_per_origin = options.max_connections_per_origin,
            .max_idle_per_origin = options.max_idle_per_origin,
            .max_connecting = options.max_connecting,
            .max_idle = options.max_idle,
            .max_age = options.max_age};
  }

  task<exchange_result> run(http_request request, body_sink* sink, exchange_limits limits, time_point deadline);
  task<void> perform(call& current);
  task<attempt> exchange(call& current, lease& leased);
  task<bool> read_answer(call& current, lease& leased, response_parser& parser);
  task<error_code> wait_for_bytes(call& current, lease& leased);
  task<bool> pour(call& current, response_parser& parser, bool& begun);

  clock& time_;
  http_client_options options_;
  std::shared_ptr<connection_pool> pool_;
  std::string scratch_;  // shared by all exchanges of the shard: filled and parsed without an await in between
  std::uint64_t requests_sent_ = 0;
  std::uint64_t reused_ = 0;
};

task<exchange_result> pooled_client::run(http_request request, body_sink* sink, exchange_limits limits, time_point deadline) {
  call current{.request = std::move(request), .sink = sink, .limits = limits, .deadline = deadline};
  auto wire = write_request(current.request, options_.user_agent);
  if (!wire) co_return exchange_failure{.why = wire.error()};
  if (deadline <= time_.now()) co_return exchange_failure{.why = error{errc::timeout, "the deadline has passed"}};
  current.wire = std::move(*wire);
  auto guarded = perform(current);
  co_await run_guarded(time_, deadline, nullptr, std::move(guarded));
  if (!current.outcome) current.fail(error{errc::timeout, "no complete answer by the deadline"});
  co_return std::move(*current.outcome);
}

task<void> pooled_client::perform(call& current) {
  const pool_key key{.from = current.request.address.from, .policy = current.request.policy};
  const std::chrono::milliseconds idle_at_most = current.replayable() ? options_.max_idle : options_.fresh_for_post;
  pool_state::demand wants{.idle_at_most = idle_at_most};
  for (;;) {
    auto leased = co_await pool_->acquire(key, wants, current.limits.connect_timeout, current.deadline);
    if (!leased) {
      current.fail(leased.error());
      co_return;
    }
    const auto came_to = co_await exchange(current, *leased);
    const bool again = came_to == attempt::died_unanswered && leased->reused() && current.replayable();
    if (!again) co_return;
    current.outcome.reset();
    wants.reuse = false;  // a new connection, so there is no third try
  }
}

task<attempt> pooled_client::exchange(call& current, lease& leased) {
  current.progress = sent::maybe;
  ++requests_sent_;
  if (leased.reused()) ++reused_;
  response_parser parser(current.parsing(), current.request.method != http_method::head);
  const auto ec = co_await leased.connection().write(asio::const_buffer(current.wire.data(), current.wire.size()));
  if (ec) {
    current.fail(error{errc::request_error, "sending: " + ec.message()});
    co_return attempt::died_unanswered;
  }
  const bool answered = co_await read_answer(current, leased, parser);
  if (answered) {
    if (parser.reusable()) leased.keep();
    current.outcome.emplace(std::move(parser.response()));
  }
  co_return parser.started() ? attempt::settled : attempt::died_unanswered;
}

/// True once the parser is done and the sink has everything; false with `current` failed.
task<bool> pooled_client::read_answer(call& current, lease& leased, response_parser& parser) {
  bool sink_begun = false;
  for (;;) {
    auto ec = co_await wait_for_bytes(current, leased);
    const auto bytes = ec ? 0 : leased.connection().try_read(asio::mutable_buffer(scratch_.data(), scratch_.size()), ec);
    if (ec == asio::error::would_block) continue;
    if (ec == asio::error::timed_out) {
      current.fail(error{errc::timeout, "the download fell silent"});
      co_return false;
    }
    if (ec) {
      const auto* when = parser.started() ? "the answer was cut off: " : "no answer: ";
      current.fail(error{errc::request_error, when + ec.message()});
      co_return false;
    }
    const auto came_to = parser.feed(std::string_view(scratch_).substr(0, bytes));
    if (came_to == response_parser::status::failed) {
      current.fail(parser.failure());
      co_return false;
    }
    const bool poured = co_await pour(current, parser, sink_begun);
    if (!poured) co_return false;
    if (came_to == response_parser::status::done) co_return true;
  }
}

/// A call for an answer has its caller's deadline. A download may take as long as its job, so a connection that fell silent
/// has to be noticed here: the job would wait for it until it expires.
task<error_code> pooled_client::wait_for_bytes(call& current, lease& leased) {
  error_code ec;
  if (current.sink == nullptr) {
    ec = co_await leased.connection().wait_readable();
    co_return ec;
  }
  auto waiting = note_readable(leased.connection(), ec);
  const auto until = time_.now() + current.limits.longest_silence;
  const auto came_to = co_await run_guarded(time_, until, nullptr, std::move(waiting));
  if (came_to != guard_outcome::finished) ec = asio::error::timed_out;
  co_return ec;
}

/// Hands to the sink what has been decoded. False when the sink refused.
task<bool> pooled_client::pour(call& current, response_parser& parser, bool& begun) {
  if (current.sink == nullptr || !parser.head_done()) co_return true;
  const auto status = parser.response().status;
  if (status < 200 || status > 299) co_return true;
  auto piece = parser.take_body();
  result<void> taken;
  if (!begun) {
    begun = true;
    http_response head{.status = status, .headers = parser.response().headers};
    taken = co_await current.sink->begin(std::move(head));
  }
  if (taken && !piece.empty()) taken = co_await current.sink->write(std::move(piece));
  if (!taken) current.fail(taken.error());
  co_return taken.has_value();
}

}  // namespace

std::optional<std::string_view> http_response::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const http_header& one) { return equal_ignoring_case(one.name, name); });
  if (found == headers.end()) return std::nullopt;
  return found->value;
}

std::size_t http_response::count(std::string_view name) const {
  const auto matches = [&](const http_header& one) { return equal_ignoring_case(one.name, name); };
  return static_cast<std::size_t>(std::ranges::count_if(headers, matches));
}

void throw_exception_from_error(const exchange_failure& failure, const boost::source_location& where) {
  music::throw_exception_from_error(failure.why, where);
}

std::unique_ptr<http_client> create_http_client(executor ex, clock& clock, resolver& resolver, const tls_context& tls,
                                                http_client_options options) {
  auto own = std::make_shared<const std::vector<asio::ip::tcp::endpoint>>(options.own_endpoints);
  const dialer dials{.ex = ex, .time = clock, .names = resolver, .tls = tls, .own_endpoints = std::move(own)};
  return std::make_unique<pooled_client>(dials, std::move(options));
}

}  // namespace music::net
