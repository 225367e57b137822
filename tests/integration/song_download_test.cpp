// Downloads over connections that break: what is asked for next, and what may be put together.

#include "catch_result.hpp"
#include "fake_upstream.hpp"
#include "run_loop.hpp"

#include <music/net/http_client.hpp>
#include <music/providers/suno/suno_provider.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace music;
using namespace std::chrono_literals;
using test::fake_upstream;
using test::fault;
using test::header_list;
using test::upstream_reply;
using test::upstream_request;

namespace {

std::string song() {
  std::string bytes = "ID3";
  for (int i = 0; bytes.size() < 200'000; ++i) bytes += std::to_string(i);
  return bytes;
}

struct kept_bytes final : audio_writer {
  std::string bytes;
  task<result<void>> append(std::string more) override {
    bytes += more;
    co_return result<void>{};
  }
  task<result<stored_audio>> commit() override { co_return error{errc::internal}; }
};

upstream_reply file(int status, std::string body, header_list more) {
  upstream_reply reply{.status = status, .headers = std::move(more), .body = std::move(body)};
  reply.headers.emplace_back("Content-Type", "audio/mpeg");
  return reply;
}

/// The whole file, cut off in the middle.
upstream_reply broken(header_list more) {
  auto reply = file(200, song(), std::move(more));
  reply.fault = fault::close;
  reply.cut_after = 100'000;
  return reply;
}

/// Downloads once; what the server did not answer as scripted is a test's failure.
struct download {
  kept_bytes kept;
  result<audio_format> format = error{errc::internal};
  std::vector<upstream_request> requests;

  explicit download(std::vector<upstream_reply> replies) {
    fake_upstream upstream{
        [replies](const upstream_request& request) { return replies.at(std::min(request.number, replies.size() - 1)); }};
    asio::io_context context{1};
    const auto time = create_system_clock(context.get_executor());
    blocking_pool pool{1};
    const auto names = net::create_resolver(context.get_executor(), *time, pool);
    const auto tls = net::tls_context::client({}).value();
    const auto client = net::create_http_client(context.get_executor(), *time, *names, tls);
    suno_options options{.base = net::parse_url(upstream.base_url()).value(), .key = {}};
    const auto provider = create_suno_provider(std::move(options), *client, *time);
    remote_track track;
    track.source = upstream.base_url() + "/song.mp3";
    format = test::run_loop_for(context, provider->fetch(std::move(track), kept, time->now() + 20s));
    requests = upstream.requests();
  }

  [[nodiscard]] bool whole() const { return format.has_value() && kept.bytes == song(); }
};

/// What a server that knows ranges sends.
upstream_reply rest_from(std::size_t first, header_list more) {
  const auto whole = song();
  more.emplace_back("Content-Range", "bytes " + std::to_string(first) + '-' + std::to_string(whole.size() - 1) + '/' +
                                         std::to_string(whole.size()));
  return file(206, whole.substr(first), std::move(more));
}

/// How much of the file came before the connection broke: what the second request says.
std::size_t asked_from(const download& one) {
  const auto range = one.requests.at(1).header("Range").value_or("bytes=0-");
  return std::stoul(range.substr(std::string{"bytes="}.size()));
}

/// The header is part of what is cut, so the place of the break is found by a first try.
std::size_t place_of_break(const header_list& headers) {
  return asked_from(download{{broken(headers), upstream_reply::with_status(404)}});
}

}  // namespace

TEST_CASE("a download that breaks asks for the rest of the same file") {
  const header_list headers{{"ETag", "\"v1\""}};
  const auto at = place_of_break(headers);
  REQUIRE(at > 0);
  REQUIRE(at < 100'000);

  const download resumed{{broken(headers), rest_from(at, headers)}};

  CHECK(resumed.whole());
  REQUIRE(resumed.requests.size() == 2);
  CHECK(!resumed.requests[0].header("Range"));
  CHECK(resumed.requests[1].header("Range") == "bytes=" + std::to_string(at) + '-');
  CHECK(resumed.requests[1].header("If-Range") == "\"v1\"");
}

TEST_CASE("a server that knows no ranges sends the file again, and only the rest of it counts") {
  CHECK(download{{broken({}), file(200, song(), {})}}.whole());
}

TEST_CASE("a weak validator is none") {
  const header_list headers{{"ETag", "W/\"v1\""}};
  const download resumed{{broken(headers), file(200, song(), headers)}};
  CHECK(resumed.whole());
  CHECK(!resumed.requests.at(1).header("If-Range"));
}

TEST_CASE("the rest of another file is not put behind the first part") {
  const header_list before{{"ETag", "\"v1\""}};
  const header_list after{{"ETag", "\"v2\""}};
  const auto at = place_of_break(before);
  const std::vector<upstream_reply> others{
      file(200, song(), after),  file(200, song() + "more", before),   rest_from(at, after),
      rest_from(at + 1, before), file(206, song().substr(at), before), upstream_reply::with_status(416)};
  for (const auto& other : others) {
    CAPTURE(other.status);
    const download mixed{{broken(before), other}};
    REQUIRE(!mixed.format);
    CHECK(mixed.format.error().code == errc::result_unavailable);
    CHECK(mixed.requests.size() == 2);
  }
}

TEST_CASE("a connection that breaks again and again is given up") {
  const download broke{{broken({})}};
  REQUIRE(!broke.format);
  CHECK(broke.format.error().code == errc::request_error);
  CHECK(broke.requests.size() == 6);
}

TEST_CASE("a 206 that nobody asked for is no file") {
  const download partial{{rest_from(0, {})}};
  REQUIRE(!partial.format);
  CHECK(partial.format.error().code == errc::result_unavailable);
  CHECK(partial.kept.bytes.empty());
}
