#include <music/net/resolver.hpp>

#include "catch_result.hpp"
#include "run_loop.hpp"

#include <music/async/event.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <future>

using namespace music;
using namespace music::net;
using namespace std::chrono_literals;

namespace {

const asio::ip::address some_address = asio::ip::make_address("93.184.215.14");

/// A resolver over a look-up that the test scripts, on the real clock.
struct bench {
  asio::io_context context{1};
  std::unique_ptr<music::clock> time = create_system_clock(context.get_executor());
  blocking_pool pool{2};
  std::atomic<int> lookups{0};

  std::unique_ptr<resolver> make(lookup_function answer, resolver_options options = {}) {
    auto counted = [this, answer = std::move(answer)](const std::string& host) {
      ++lookups;
      return answer(host);
    };
    return create_resolver(context.get_executor(), *time, pool, options, std::move(counted));
  }

  result<address_list> resolve(resolver& names, std::string host, std::chrono::milliseconds timeout = 20s) {
    return test::run_loop_for(context, names.resolve(std::move(host), time->now() + timeout));
  }
};

result<address_list> one_address(const std::string&) { return address_list{some_address}; }
result<address_list> no_address(const std::string&) { return error{errc::request_error, "no such host"}; }

}  // namespace

TEST_CASE("an address in text form is not looked up") {
  bench on;
  const auto names = on.make(no_address);

  const auto found = on.resolve(*names, "::1");

  REQUIRE(found);
  CHECK(found->front().is_loopback());
  CHECK(on.lookups == 0);
}

TEST_CASE("an answer is used again while it is fresh") {
  bench on;
  const auto names = on.make(one_address);

  CHECK(on.resolve(*names, "h.example"));
  CHECK(on.resolve(*names, "h.example"));

  CHECK(on.lookups == 1);
}

TEST_CASE("those who ask at once share one look-up") {
  bench on;
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  const auto names = on.make([opened](const std::string& host) {
    opened.wait();
    return one_address(host);
  });
  int answered = 0;
  const auto until = on.time->now() + 20s;

  for (int i = 0; i < 5; ++i) {
    asio::co_spawn(on.context, names->resolve("h.example", until), [&](std::exception_ptr thrown, result<address_list> found) {
      if (!thrown && found) ++answered;
    });
  }
  on.context.poll();
  gate.set_value();
  on.context.restart();
  on.context.run();

  CHECK(answered == 5);
  CHECK(on.lookups == 1);
}

TEST_CASE("a failure is told, not kept") {
  bench on;
  const auto names = on.make(no_address);

  CHECK(on.resolve(*names, "h.example").error().code == errc::request_error);
  CHECK(on.resolve(*names, "h.example").error().code == errc::request_error);

  CHECK(on.lookups == 2);
}

TEST_CASE("an old answer is served when asking again fails") {
  bench on;
  std::atomic<bool> works{true};
  const auto names =
      on.make([&](const std::string& host) { return works ? one_address(host) : no_address(host); }, {.fresh_for = 0s});

  REQUIRE(on.resolve(*names, "h.example"));
  works = false;
  const auto found = on.resolve(*names, "h.example");

  REQUIRE(found);
  CHECK(found->front() == some_address);
  CHECK(on.lookups == 2);
}

TEST_CASE("a waiter leaves at its own deadline and the answer is kept for the next") {
  bench on;
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  const auto names = on.make([opened](const std::string& host) {
    opened.wait();
    return one_address(host);
  });

  const auto early = on.resolve(*names, "h.example", 20ms);
  gate.set_value();
  const auto late = on.resolve(*names, "h.example");

  CHECK(early.error().code == errc::timeout);
  CHECK(late);
  CHECK(on.lookups == 1);
}

TEST_CASE("a cancelled waiter unwinds at once and does not take the look-up along") {
  bench on;
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  const auto names = on.make([opened](const std::string& host) {
    opened.wait();
    return one_address(host);
  });
  asio::cancellation_signal signal;
  bool unwound = false;
  auto handler = [&](std::exception_ptr thrown, result<address_list>) { unwound = thrown != nullptr; };

  asio::co_spawn(on.context, names->resolve("h.example", on.time->now() + 20s),
                 asio::bind_cancellation_slot(signal.slot(), handler));
  on.context.poll();
  signal.emit(asio::cancellation_type::terminal);
  on.context.restart();
  on.context.poll();
  CHECK(unwound);

  gate.set_value();
  CHECK(on.resolve(*names, "h.example"));
  CHECK(on.lookups == 1);
}

TEST_CASE("more addresses than the limit are ignored and old names make room") {
  bench on;
  const auto names = on.make([](const std::string&) { return result<address_list>(address_list(40, some_address)); },
                             {.max_names = 2, .max_addresses = 16});

  CHECK(on.resolve(*names, "a.example")->size() == 16);
  CHECK(on.resolve(*names, "b.example"));
  CHECK(on.resolve(*names, "c.example"));
  CHECK(on.resolve(*names, "a.example"));

  CHECK(on.lookups == 4);
}

TEST_CASE("the system finds localhost") {
  const auto found = lookup_by_system("localhost");

  REQUIRE(found);
  CHECK(found->front().is_loopback());
}

TEST_CASE("a name from outside is looked up as it stands") {
  const auto found = lookup_outside_name("localhost");

  REQUIRE(found);
  CHECK(found->front().is_loopback());
  CHECK(lookup_outside_name("no-such-name.invalid").error().code == errc::request_error);
}

TEST_CASE("the machine knows its own addresses") {
  const auto own = local_addresses();

  CHECK(std::ranges::any_of(own, [](const asio::ip::address& address) { return address.is_loopback(); }));
}
