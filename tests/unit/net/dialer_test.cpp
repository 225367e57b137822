#include "dialer.hpp"

#include "catch_result.hpp"
#include "run_loop.hpp"
#include "ssrf_vectors.hpp"

#include <catch2/catch.hpp>

#include <atomic>

using namespace music;
using namespace music::net;
using namespace std::chrono_literals;

namespace {

/// What each look-up of a name answers, one after the other; the last one again and again.
using answers = std::vector<result<address_list>>;

address_list addresses(std::initializer_list<const char*> texts) {
  address_list list;
  for (const auto* text : texts) list.push_back(asio::ip::make_address(text));
  return list;
}

/// A dialer whose name server changes its mind, over the resolver as it is set up for names from outside.
struct bench {
  explicit bench(answers scripted) : script(std::move(scripted)) {}

  asio::io_context context{1};
  std::unique_ptr<music::clock> time = create_system_clock(context.get_executor());
  blocking_pool pool{1};
  answers script;
  std::atomic<std::size_t> lookups{0};
  std::unique_ptr<resolver> names =
      create_resolver(context.get_executor(), *time, pool, {.fresh_for = 0s, .stale_for = 0s},
                      [this](const std::string&) { return script.at(std::min(lookups++, script.size() - 1)); });
  tls_context tls = tls_context::client().value();
  std::shared_ptr<const std::vector<asio::ip::tcp::endpoint>> own{};

  result<address_list> check(std::string_view url_text, address_policy policy = address_policy::public_only) {
    const dialer from{.ex = context.get_executor(), .time = *time, .names = *names, .tls = tls, .own_endpoints = own};
    dial_target target{.to = parse_url(url_text).value().from, .policy = policy};
    return test::run_loop_for(context, checked_addresses(from, std::move(target), time->now() + 20s));
  }
};

const std::string own_address = "93.184.215.99";

answers read_answers(const boost::json::value& row) {
  answers script;
  for (const auto& one : row.at("answers_per_lookup").as_array()) {
    if (one.is_string()) {
      script.emplace_back(error{errc::request_error, "look-up failed"});
      continue;
    }
    address_list list;
    for (const auto& text : one.as_array()) {
      const bool own = text.as_string().starts_with('<');
      list.push_back(asio::ip::make_address(own ? own_address : std::string(text.as_string())));
    }
    script.emplace_back(std::move(list));
  }
  return script;
}

}  // namespace

TEST_CASE("every name vector is judged from one look-up an attempt") {
  for (const auto& row : test::ssrf_vectors("dns_vectors")) {
    const std::string expected(row.at("expect").as_string());
    INFO(row.at("id").as_string() << ": " << row.at("why").as_string());
    bench on(read_answers(row));
    on.own = std::make_shared<const std::vector<asio::ip::tcp::endpoint>>(
        1, asio::ip::tcp::endpoint(asio::ip::make_address(own_address), 443));

    const auto first = on.check("https://" + std::string(row.at("host").as_string()) + "/hook");

    CHECK(on.lookups == 1);
    if (expected.starts_with("connect ")) {
      REQUIRE(first);
      for (const auto& address : *first) CHECK(expected.find(address.to_string()) != std::string::npos);
    } else if (expected.starts_with("accept at POST")) {
      CHECK(first);  // what was public when the job was asked for ...
      CHECK(on.check("https://" + std::string(row.at("host").as_string()) + "/hook").error().code == errc::forbidden);
    } else if (expected.starts_with("retryable")) {
      CHECK(first.error().code == errc::request_error);
    } else if (expected.find("or cap") != std::string::npos) {
      CHECK((first.has_error() || first->size() <= 16));
    } else {
      CHECK(first.error().code == errc::forbidden);
    }
  }
}

TEST_CASE("a name that is public once and private the next time is refused the next time") {
  bench on({addresses({"93.184.215.14"}), addresses({"127.0.0.1"}), addresses({"93.184.215.14", "10.0.0.5"})});

  CHECK(on.check("https://rebind.customer.com/"));
  CHECK(on.check("https://rebind.customer.com/").error().code == errc::forbidden);
  CHECK(on.check("https://rebind.customer.com/").error().code == errc::forbidden);
  CHECK(on.lookups == 3);
}

TEST_CASE("an answer of before is not used when the name cannot be looked up now") {
  bench on({addresses({"93.184.215.14"}), error{errc::request_error, "SERVFAIL"}});

  CHECK(on.check("https://h.customer.com/"));
  CHECK(on.check("https://h.customer.com/").error().code == errc::request_error);
}

TEST_CASE("the service's own address is refused on its own port only") {
  bench on({addresses({"93.184.215.99"})});
  on.own = std::make_shared<const std::vector<asio::ip::tcp::endpoint>>(
      1, asio::ip::tcp::endpoint(asio::ip::make_address(own_address), 443));

  CHECK(on.check("https://self.customer.com/").error().code == errc::forbidden);
  CHECK(on.check("https://self.customer.com:8443/"));
}

TEST_CASE("a configured origin may be anywhere") {
  bench on({addresses({"127.0.0.1"})});

  CHECK(on.check("http://gateway.internal:18789/", address_policy::any));
}
