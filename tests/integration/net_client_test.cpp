// The HTTP client against an upstream on a loopback port: real sockets, real time, every fault scripted.

#include "catch_result.hpp"
#include "fake_upstream.hpp"
#include "run_loop.hpp"

#include <music/net/http_client.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>

using namespace music;
using namespace music::net;
using namespace std::chrono_literals;
using test::fake_upstream;
using test::fault;
using test::upstream_reply;
using test::upstream_request;

namespace {

/// For a request to be on its way, also on a machine that does other things.
constexpr auto time_to_send = 1s;

upstream_reply say_ok(const upstream_request&) { return upstream_reply::json(R"({"ok":true})"); }

/// A client on a loop of its own.
struct bench {
  asio::io_context context{1};
  std::unique_ptr<music::clock> time = create_system_clock(context.get_executor());
  blocking_pool pool{1};
  std::unique_ptr<resolver> names = create_resolver(context.get_executor(), *time, pool);
  tls_context tls = tls_context::client().value();
  std::unique_ptr<http_client> client;

  explicit bench(http_client_options options = {})
      : client(create_http_client(context.get_executor(), *time, *names, tls, std::move(options))) {}

  [[nodiscard]] time_point in(std::chrono::milliseconds span) const { return time->now() + span; }

  exchange_result send(http_request request, exchange_limits limits = {}, std::chrono::milliseconds timeout = 20s) {
    return test::run_loop_for(context, client->send(std::move(request), limits, in(timeout)));
  }
};

http_request request_to(const fake_upstream& upstream, http_method method = http_method::get, std::string_view path = "/x") {
  http_request request;
  request.method = method;
  request.address = join(parse_url(upstream.base_url()).value(), path).value();
  if (method == http_method::post) request.body = "{}";
  return request;
}

/// What a call that runs beside the test came to.
struct running {
  bool done = false;
  bool threw = false;
  std::optional<exchange_result> outcome{};
  asio::cancellation_signal signal{};
};

void begin(bench& on, running& call, http_request request, std::chrono::milliseconds timeout = 20s) {
  auto handler = [&call](std::exception_ptr thrown, exchange_result got) {
    call.done = true;
    call.threw = thrown != nullptr;
    call.outcome.emplace(std::move(got));
  };
  asio::co_spawn(on.context, on.client->send(std::move(request), {}, on.in(timeout)),
                 asio::bind_cancellation_slot(call.signal.slot(), handler));
}

/// Runs the loop until `condition` holds; false after ten seconds.
template <class Condition>
bool run_until(bench& on, Condition condition) {
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (!condition() && std::chrono::steady_clock::now() < give_up) {
    on.context.restart();
    on.context.run_one_for(5ms);
  }
  return condition();
}

struct collecting_sink final : body_sink {
  int status = 0;
  std::string bytes{};
  std::size_t largest = 0;
  std::size_t refuse_after = SIZE_MAX;

  task<result<void>> begin(http_response head) override {
    status = head.status;
    co_return result<void>{};
  }
  task<result<void>> write(std::string piece) override {
    largest = std::max(largest, piece.size());
    bytes += piece;
    if (bytes.size() > refuse_after) co_return error{errc::store_unavailable, "the disk is full"};
    co_return result<void>{};
  }
};

void check_failure(const exchange_result& got, errc code, sent request) {
  REQUIRE_FALSE(got);
  INFO(got.error().why.detail);
  CHECK(got.error().why.code == code);
  CHECK(got.error().request == request);
}

}  // namespace

TEST_CASE("an exchange carries method, target, headers and body, and brings back the answer") {
  fake_upstream upstream(
      [](const upstream_request&) { return upstream_reply{.status = 201, .headers = {{"X-Credits", "7"}}, .body = "created"}; });
  bench on;
  auto request = request_to(upstream, http_method::post, "/v1/generate?x=1");
  request.headers.push_back({"Authorization", "Bearer test-key"});
  request.body = R"({"prompt":"rain"})";

  const auto got = on.send(std::move(request));

  REQUIRE(got);
  CHECK(got->status == 201);
  CHECK(got->body == "created");
  CHECK(got->header("x-credits") == "7");
  const auto seen = upstream.requests().at(0);
  CHECK(seen.method == "POST");
  CHECK(seen.target == "/v1/generate?x=1");
  CHECK(seen.body == R"({"prompt":"rain"})");
  CHECK(seen.header("authorization") == "Bearer test-key");
  CHECK(seen.header("accept-encoding") == "identity");
  CHECK(seen.header("host") == "127.0.0.1:" + std::to_string(upstream.port()));
}

TEST_CASE("a hundred polls use one connection") {
  fake_upstream upstream(say_ok);
  bench on;

  for (int i = 0; i < 100; ++i) REQUIRE(on.send(request_to(upstream)));

  CHECK(on.client->connections_opened() == 1);
  CHECK(upstream.connections_accepted() == 1);
  CHECK(on.client->reused() == 99);
}

TEST_CASE("HEAD, chunked answers and failures with a body keep the connection") {
  fake_upstream upstream([](const upstream_request& request) {
    if (request.target == "/missing") return upstream_reply::with_status(404, R"({"error":"no"})");
    return upstream_reply{.body = std::string(1000, 'a'), .chunked = request.method == "GET"};
  });
  bench on;

  CHECK(on.send(request_to(upstream, http_method::head))->body.empty());
  CHECK(on.send(request_to(upstream))->body.size() == 1000);
  CHECK(on.send(request_to(upstream, http_method::get, "/missing"))->status == 404);

  CHECK(on.client->connections_opened() == 1);
}

TEST_CASE("a redirect is an answer and never followed") {
  fake_upstream upstream(
      [](const upstream_request&) { return upstream_reply{.status = 302, .headers = {{"Location", "/elsewhere"}}}; });
  bench on;

  const auto got = on.send(request_to(upstream));

  CHECK(got->status == 302);
  CHECK(upstream.requests().size() == 1);
}

TEST_CASE("an answer that closes is not reused") {
  fake_upstream upstream([](const upstream_request&) { return upstream_reply{.body = "{}", .keep_alive = false}; });
  bench on;

  CHECK(on.send(request_to(upstream)));
  CHECK(on.send(request_to(upstream)));

  CHECK(on.client->connections_opened() == 2);
}

TEST_CASE("bytes after an answer end the connection and reach nobody") {
  fake_upstream upstream([](const upstream_request& request) {
    if (request.number > 0) return upstream_reply::json("second");
    return upstream_reply{.raw =
                              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"};
  });
  bench on;

  CHECK(on.send(request_to(upstream))->body == "{}");
  CHECK(on.send(request_to(upstream))->body == "second");
}

TEST_CASE("a connection that the server closed while it was idle is noticed before it is used") {
  fake_upstream upstream(say_ok);
  bench on;
  REQUIRE(on.send(request_to(upstream)));

  upstream.close_connections();
  const auto got = on.send(request_to(upstream, http_method::post));

  CHECK(got);
  CHECK(on.client->connections_opened() == 2);
  CHECK(upstream.count("POST", "/") == 1);
}

TEST_CASE("a GET is sent once more when its reused connection dies before the answer") {
  fake_upstream upstream([](const upstream_request& request) {
    return request.number == 1 ? upstream_reply::failing(fault::reset) : upstream_reply::json("{}");
  });
  bench on;
  REQUIRE(on.send(request_to(upstream)));

  const auto got = on.send(request_to(upstream));

  CHECK(got);
  CHECK(upstream.requests().size() == 3);
  CHECK(on.client->connections_opened() == 2);
}

TEST_CASE("a GET is not sent a third time") {
  fake_upstream upstream([](const upstream_request& request) {
    return request.number == 0 ? upstream_reply::json("{}") : upstream_reply::failing(fault::reset);
  });
  bench on;
  REQUIRE(on.send(request_to(upstream)));

  check_failure(on.send(request_to(upstream)), errc::request_error, sent::maybe);
  CHECK(upstream.requests().size() == 3);
}

TEST_CASE("a GET on a new connection is not sent again") {
  fake_upstream upstream([](const upstream_request&) { return upstream_reply::failing(fault::reset); });
  bench on;

  check_failure(on.send(request_to(upstream)), errc::request_error, sent::maybe);
  CHECK(upstream.requests().size() == 1);
}

TEST_CASE("a POST is never sent again by itself") {
  fake_upstream upstream([](const upstream_request& request) {
    return request.number == 1 ? upstream_reply::failing(fault::close) : upstream_reply::json("{}");
  });
  bench on;
  REQUIRE(on.send(request_to(upstream)));

  check_failure(on.send(request_to(upstream, http_method::post)), errc::request_error, sent::maybe);
  CHECK(upstream.count("POST", "/") == 1);
}

TEST_CASE("a POST that says it is idempotent is sent once more") {
  fake_upstream upstream([](const upstream_request& request) {
    return request.number == 1 ? upstream_reply::failing(fault::close) : upstream_reply::json("{}");
  });
  bench on;
  REQUIRE(on.send(request_to(upstream)));
  auto request = request_to(upstream, http_method::post);
  request.idempotent = true;

  const auto got = on.send(std::move(request));
  CHECK(got);
  CHECK(upstream.count("POST", "/") == 2);
}

TEST_CASE("nothing is replayed once a byte of the answer has come") {
  fake_upstream upstream([](const upstream_request& request) {
    if (request.number == 0) return upstream_reply::json("{}");
    return upstream_reply{.body = "{}", .fault = fault::close, .cut_after = 5};
  });
  bench on;
  REQUIRE(on.send(request_to(upstream)));

  check_failure(on.send(request_to(upstream)), errc::request_error, sent::maybe);
  CHECK(upstream.requests().size() == 2);
}

TEST_CASE("a POST opens a connection when the idle one is not fresh") {
  fake_upstream upstream(say_ok);
  bench on({.fresh_for_post = 0ms});
  REQUIRE(on.send(request_to(upstream)));

  REQUIRE(on.send(request_to(upstream, http_method::post)));
  REQUIRE(on.send(request_to(upstream)));

  CHECK(on.client->connections_opened() == 2);
  CHECK(on.client->reused() == 1);
}

TEST_CASE("the sweep closes what has been idle too long") {
  fake_upstream upstream(say_ok);
  bench on({.max_idle = 0s});
  REQUIRE(on.send(request_to(upstream)));

  on.client->sweep();
  REQUIRE(on.send(request_to(upstream)));

  CHECK(on.client->connections_opened() == 2);
}

TEST_CASE("a refused connection sent nothing") {
  std::uint16_t port = 0;
  {
    const fake_upstream gone(say_ok);
    port = gone.port();
  }
  bench on;
  http_request request;
  request.address = parse_url("http://127.0.0.1:" + std::to_string(port) + "/").value();

  check_failure(on.send(std::move(request)), errc::request_error, sent::nothing);
  CHECK(on.client->requests_sent() == 0);
}

TEST_CASE("a request that cannot be written is refused and nothing is sent") {
  fake_upstream upstream(say_ok);
  bench on;
  auto request = request_to(upstream);
  request.headers.push_back({"X", "a\r\nY: b"});

  check_failure(on.send(std::move(request)), errc::invalid_argument, sent::nothing);
  CHECK(upstream.connections_accepted() == 0);
}

TEST_CASE("a deadline that has passed sends nothing") {
  fake_upstream upstream(say_ok);
  bench on;

  check_failure(on.send(request_to(upstream), {}, 0ms), errc::timeout, sent::nothing);
  CHECK(on.client->requests_sent() == 0);
}

TEST_CASE("an upstream that falls silent runs into the deadline") {
  const auto after = GENERATE(as<std::size_t>{}, 0, 10, 60);
  fake_upstream upstream(
      [after](const upstream_request&) { return upstream_reply{.body = "{}", .fault = fault::hang, .cut_after = after}; });
  bench on;

  check_failure(on.send(request_to(upstream), {}, time_to_send), errc::timeout, sent::maybe);
}

TEST_CASE("a slow drip runs into the total deadline although bytes keep coming") {
  fake_upstream upstream([](const upstream_request&) {
    return upstream_reply{.body = std::string(10'000, 'a'), .fault = fault::drip, .drip_interval = 2ms};
  });
  bench on;

  check_failure(on.send(request_to(upstream), {}, time_to_send), errc::timeout, sent::maybe);
}

TEST_CASE("a drip that ends in time is an answer") {
  fake_upstream upstream(
      [](const upstream_request&) { return upstream_reply{.body = "abc", .fault = fault::drip, .drip_interval = 1ms}; });
  bench on;

  CHECK(on.send(request_to(upstream))->body == "abc");
}

TEST_CASE("an answer that is cut off is told apart from one that is malformed") {
  const bool by_reset = GENERATE(true, false);
  const bool chunked = GENERATE(true, false);
  fake_upstream upstream([=](const upstream_request& request) {
    if (request.target == "/malformed") return upstream_reply::bytes("HTTP/1.1 200 OK\r\n\r\n{\"half\":");
    return upstream_reply{
        .body = std::string(1000, 'a'), .chunked = chunked, .fault = by_reset ? fault::reset : fault::close, .cut_after = 300};
  });
  bench on;

  check_failure(on.send(request_to(upstream)), errc::request_error, sent::maybe);
  check_failure(on.send(request_to(upstream, http_method::get, "/malformed")), errc::invalid_response, sent::maybe);
}

TEST_CASE("floods end at their limits") {
  std::string interim;
  for (int i = 0; i < 1000; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  const std::string headers = "HTTP/1.1 200 OK\r\nX: " + std::string(1'000'000, 'a');
  const std::string body = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" + std::string(0x200000, 'a');
  const std::string trailer =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: " + std::string(70'000, 'a') + "\r\n\r\n";
  const auto raw = GENERATE_COPY(as<std::string>{}, interim, headers, body, trailer);
  fake_upstream upstream([raw](const upstream_request&) { return upstream_reply::bytes(raw); });
  bench on;

  check_failure(on.send(request_to(upstream)), errc::invalid_response, sent::maybe);
}

TEST_CASE("what is over the cap of an origin waits its turn, first come first served") {
  fake_upstream upstream([](const upstream_request&) { return upstream_reply{.body = "{}", .delay = 20ms}; });
  bench on({.max_connections_per_origin = 1});
  std::array<running, 4> calls;

  for (std::size_t i = 0; i < calls.size(); ++i)
    begin(on, calls[i], request_to(upstream, http_method::get, "/" + std::to_string(i)));
  REQUIRE(run_until(on, [&] { return calls[3].done; }));

  CHECK(on.client->connections_opened() == 1);
  const auto seen = upstream.requests();
  REQUIRE(seen.size() == 4);
  for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i].target == "/" + std::to_string(i));
}

TEST_CASE("a waiter whose deadline comes before its turn has sent nothing and blocks nobody") {
  fake_upstream upstream([](const upstream_request& request) {
    return upstream_reply{.body = "{}", .delay = request.target == "/slow" ? 300ms : 0ms};
  });
  bench on({.max_connections_per_origin = 1});
  running slow;
  running impatient;
  running patient;

  begin(on, slow, request_to(upstream, http_method::get, "/slow"));
  begin(on, impatient, request_to(upstream, http_method::get, "/impatient"), 50ms);
  begin(on, patient, request_to(upstream, http_method::get, "/patient"));
  REQUIRE(run_until(on, [&] { return slow.done && impatient.done && patient.done; }));

  check_failure(*impatient.outcome, errc::timeout, sent::nothing);
  CHECK(slow.outcome->has_value());
  CHECK(patient.outcome->has_value());
  CHECK(upstream.count("GET", "/impatient") == 0);
}

TEST_CASE("a storm of calls opens no more than the cap at once and all are answered") {
  fake_upstream upstream(say_ok);
  bench on({.max_connections_per_origin = 8, .max_connecting = 2});
  std::vector<running> calls(200);

  for (auto& call : calls) begin(on, call, request_to(upstream));
  REQUIRE(run_until(on, [&] { return std::ranges::all_of(calls, &running::done); }));

  CHECK(std::ranges::all_of(calls, [](const running& call) { return call.outcome->has_value(); }));
  CHECK(on.client->connections_opened() <= 8);
  CHECK(upstream.requests().size() == 200);
}

TEST_CASE("cancelling a call at any point unwinds it and leaves the pool whole") {
  fake_upstream upstream([](const upstream_request& request) {
    return upstream_reply{.body = "{}", .fault = request.target == "/hang" ? fault::hang : fault::none};
  });
  bench on({.max_connections_per_origin = 1});
  const auto turns = GENERATE(range(0, 12));
  running call;

  begin(on, call, request_to(upstream, http_method::get, "/hang"));
  for (int turn = 0; turn < turns; ++turn) on.context.run_one_for(20ms);
  call.signal.emit(asio::cancellation_type::terminal);
  REQUIRE(run_until(on, [&] { return call.done; }));

  CHECK(call.threw);
  CHECK(on.send(request_to(upstream)));
}

TEST_CASE("an answer that comes in the turn of the cancellation leaves the pool whole") {
  fake_upstream upstream(say_ok);
  bench on({.max_connections_per_origin = 1});
  running call;

  begin(on, call, request_to(upstream));
  REQUIRE(run_until(on, [&] { return on.client->requests_sent() == 1; }));
  REQUIRE(upstream.wait_for_requests(1));
  call.signal.emit(asio::cancellation_type::terminal);
  REQUIRE(run_until(on, [&] { return call.done; }));

  CHECK(on.send(request_to(upstream)));
}

TEST_CASE("a waiter cancelled in the turn of its grant passes the connection on") {
  fake_upstream upstream([](const upstream_request&) { return upstream_reply{.body = "{}", .delay = 30ms}; });
  bench on({.max_connections_per_origin = 1});
  running first;
  running second;
  running third;
  begin(on, first, request_to(upstream));
  begin(on, second, request_to(upstream, http_method::get, "/second"));
  begin(on, third, request_to(upstream, http_method::get, "/third"));

  REQUIRE(run_until(on, [&] { return first.done; }));
  second.signal.emit(asio::cancellation_type::terminal);
  REQUIRE(run_until(on, [&] { return second.done && third.done; }));

  REQUIRE(third.outcome);
  CHECK(third.outcome->has_value());
}

TEST_CASE("a download goes to its sink piece by piece") {
  const std::string song(3'000'000, 's');
  const bool chunked = GENERATE(true, false);
  fake_upstream upstream([&](const upstream_request&) { return upstream_reply{.body = song, .chunked = chunked}; });
  bench on;
  collecting_sink sink;

  const auto got =
      test::run_loop_for(on.context, on.client->download(request_to(upstream), sink, {.max_body_bytes = 4'000'000}, on.in(20s)));

  REQUIRE(got);
  CHECK(sink.status == 200);
  CHECK(sink.bytes == song);
  CHECK(sink.largest <= 64 * 1024);
  CHECK(got->body.empty());
  CHECK(on.send(request_to(upstream), {.max_body_bytes = 4'000'000}));
  CHECK(on.client->connections_opened() == 1);
}

TEST_CASE("a download of a failure keeps the body and leaves the sink alone") {
  fake_upstream upstream([](const upstream_request&) { return upstream_reply::with_status(403, "expired"); });
  bench on;
  collecting_sink sink;

  const auto got = test::run_loop_for(on.context, on.client->download(request_to(upstream), sink, {}, on.in(20s)));

  CHECK(got->status == 403);
  CHECK(got->body == "expired");
  CHECK(sink.status == 0);
}

TEST_CASE("a sink that refuses ends the download with its own error") {
  fake_upstream upstream([](const upstream_request&) { return upstream_reply{.body = std::string(500'000, 's')}; });
  bench on;
  collecting_sink sink;
  sink.refuse_after = 100'000;

  const auto got = test::run_loop_for(on.context, on.client->download(request_to(upstream), sink, {}, on.in(20s)));

  check_failure(got, errc::store_unavailable, sent::maybe);
}

TEST_CASE("a download that falls silent is given up long before its deadline") {
  fake_upstream upstream([](const upstream_request&) {
    return upstream_reply{.body = std::string(1000, 'a'), .fault = fault::hang, .cut_after = 500};
  });
  bench on;
  collecting_sink sink;
  exchange_limits limits;
  limits.longest_silence = 200ms;

  const auto got = test::run_loop_for(on.context, on.client->download(request_to(upstream), sink, limits, on.in(1h)));

  check_failure(got, errc::timeout, sent::maybe);
  CHECK(sink.bytes.size() < 1000);
}

TEST_CASE("a download over its cap stops") {
  fake_upstream upstream(
      [](const upstream_request&) { return upstream_reply{.body = std::string(500'000, 's'), .chunked = true}; });
  bench on;
  collecting_sink sink;

  const auto got =
      test::run_loop_for(on.context, on.client->download(request_to(upstream), sink, {.max_body_bytes = 100'000}, on.in(20s)));

  check_failure(got, errc::invalid_response, sent::maybe);
  CHECK(sink.bytes.size() <= 100'000);
}

TEST_CASE("a refusal is not as large as what was asked for may be") {
  fake_upstream upstream([](const upstream_request&) { return upstream_reply::with_status(500, std::string(1'100'000, 'x')); });
  bench on;

  check_failure(on.send(request_to(upstream), {.max_body_bytes = 4'000'000}), errc::invalid_response, sent::maybe);
}

TEST_CASE("a URL from outside that resolves to a private address is refused before connecting") {
  fake_upstream upstream(say_ok);
  bench on;
  auto request = request_to(upstream);
  request.policy = address_policy::public_only;

  check_failure(on.send(std::move(request)), errc::forbidden, sent::nothing);
  CHECK(upstream.connections_accepted() == 0);
}

TEST_CASE("one private address among public ones is enough to refuse") {
  bench on;
  on.names = create_resolver(on.context.get_executor(), *on.time, on.pool, {}, [](const std::string&) {
    return result<address_list>(address_list{asio::ip::make_address("93.184.215.14"), asio::ip::make_address("10.0.0.5")});
  });
  on.client = create_http_client(on.context.get_executor(), *on.time, *on.names, on.tls);
  http_request request;
  request.address = parse_url("https://cdn.songs.com/x").value();
  request.policy = address_policy::public_only;

  check_failure(on.send(std::move(request)), errc::forbidden, sent::nothing);
}

TEST_CASE("a name that cannot be resolved sent nothing") {
  bench on;
  on.names = create_resolver(on.context.get_executor(), *on.time, on.pool, {},
                             [](const std::string&) { return result<address_list>(error{errc::request_error, "no such host"}); });
  on.client = create_http_client(on.context.get_executor(), *on.time, *on.names, on.tls);
  http_request request;
  request.address = parse_url("https://api.songs.com/x").value();

  check_failure(on.send(std::move(request)), errc::request_error, sent::nothing);
}

TEST_CASE("who wants the status only does not wait for a body that never ends or never comes") {
  auto reply =
      GENERATE(upstream_reply::bytes("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + std::string(100'000, 'x')),
               upstream_reply{.body = std::string(1000, 'x'), .fault = fault::hang, .cut_after = 200},
               upstream_reply{.body = std::string(1000, 'x'), .fault = fault::reset, .cut_after = 200},
               upstream_reply::bytes("HTTP/1.0 200 OK\r\n\r\nuntil the end"));
  fake_upstream upstream([reply](const upstream_request&) { return reply; });
  bench on;
  auto request = request_to(upstream, http_method::post);
  request.status_only = true;

  const auto got = on.send(std::move(request));

  REQUIRE(got);
  CHECK(got->status == 200);
  CHECK(got->body.empty());
}

TEST_CASE("redirects of any kind are answers to who wants the status only") {
  const int status = GENERATE(300, 301, 302, 303, 307, 308);
  fake_upstream upstream([status](const upstream_request& request) {
    if (request.target != "/x") return upstream_reply::json("{}");
    return upstream_reply{.status = status, .headers = {{"Location", "/elsewhere"}, {"Refresh", "0;url=/elsewhere"}}};
  });
  bench on;
  auto request = request_to(upstream, http_method::post);
  request.status_only = true;

  const auto got = on.send(std::move(request));

  REQUIRE(got);
  CHECK(got->status == status);
  CHECK(upstream.requests().size() == 1);
}

TEST_CASE("a name that turns private after it was checked reaches nobody") {
  fake_upstream upstream(say_ok);
  bench on;
  std::atomic<int> lookups{0};
  on.names =
      create_resolver(on.context.get_executor(), *on.time, on.pool, {.fresh_for = 0s, .stale_for = 0s}, [&](const std::string&) {
        const bool first = lookups++ == 0;
        return result<address_list>(address_list{asio::ip::make_address(first ? "93.184.215.14" : "127.0.0.1")});
      });
  on.client = create_http_client(on.context.get_executor(), *on.time, *on.names, on.tls);
  http_request request;
  request.address.from = {.scheme = scheme::https, .host = "rebind.customer.com", .port = upstream.port()};
  request.policy = address_policy::public_only;

  const auto first = on.send(request, {}, 300ms);  // connects to the public address or nowhere
  check_failure(on.send(request), errc::forbidden, sent::nothing);

  CHECK_FALSE(first);
  CHECK(lookups == 2);
  CHECK(upstream.connections_accepted() == 0);
}
