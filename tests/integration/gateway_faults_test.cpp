// Answers that are no HTTP, or not whole, or not what they say, at the submission, the poll and the download of every Suno
// dialect: whatever comes, nothing is bought twice, nothing is believed, nothing hangs.

#include "catch_result.hpp"
#include "fake_upstream.hpp"
#include "run_loop.hpp"

#include <music/net/http_client.hpp>
#include <music/providers/suno/suno_provider.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

using namespace music;
using namespace std::chrono_literals;
using test::fake_upstream;
using test::fault;
using test::upstream_reply;
using test::upstream_request;

namespace {

struct vector_row {
  std::string name;
  std::string bytes;
};

int hex_digit(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

/// The escapes of the vector file: \r, \n, \xHH.
std::string unescaped(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    const char kind = text.at(++i);
    if (kind == 'r') bytes += '\r';
    if (kind == 'n') bytes += '\n';
    if (kind == 'x') {
      bytes += static_cast<char>(hex_digit(text.at(i + 1)) * 16 + hex_digit(text.at(i + 2)));
      i += 2;
    }
  }
  return bytes;
}

std::vector<vector_row> vectors() {
  std::ifstream file{RESPONSE_VECTORS};
  std::vector<vector_row> rows;
  for (std::string line; std::getline(file, line);) {
    const auto tab = line.find('\t');
    if (tab != std::string::npos) rows.push_back({line.substr(0, tab), unescaped(line.substr(tab + 1))});
  }
  return rows;
}

struct nothing_written final : audio_writer {
  std::size_t bytes = 0;
  task<result<void>> append(std::string more) override {
    bytes += more.size();
    co_return result<void>{};
  }
  task<result<stored_audio>> commit() override { co_return error{errc::internal}; }
};

/// An upstream that answers everything in one way, and one provider.
struct bench {
  fake_upstream upstream;
  asio::io_context context{1};
  std::unique_ptr<music::clock> time = create_system_clock(context.get_executor());
  blocking_pool pool{1};
  std::unique_ptr<net::resolver> names = net::create_resolver(context.get_executor(), *time, pool);
  net::tls_context tls = net::tls_context::client({}).value();
  std::unique_ptr<net::http_client> client = net::create_http_client(context.get_executor(), *time, *names, tls);
  std::unique_ptr<music_provider> provider;

  bench(suno_dialect dialect, const upstream_reply& reply) : upstream([reply](const upstream_request&) { return reply; }) {
    suno_options options{.base = net::parse_url(upstream.base_url()).value(), .key = secret{"test-key"}, .cookie = {}};
    options.dialect = dialect;
    provider = create_suno_provider(std::move(options), *client, *time);
  }

  [[nodiscard]] time_point soon() const { return time->now() + 700ms; }

  submission submit() {
    song_request request;
    request.theme = "rainy night";
    request.prompt = "A mellow lofi beat with a vibraphone.";
    return test::run_loop_for(context, provider->submit(std::move(request), soon()));
  }
  result<song_status> poll() { return test::run_loop_for(context, provider->poll("song-1", soon())); }
  result<audio_format> fetch(audio_writer& into) {
    remote_track track;
    track.source = upstream.base_url() + "/a.mp3";
    return test::run_loop_for(context, provider->fetch(std::move(track), into, soon()));
  }
};

constexpr std::array dialects{suno_dialect::classic, suno_dialect::sunoapi, suno_dialect::kie, suno_dialect::gcui, suno_dialect::fastapi};

bool in(errc code, std::initializer_list<errc> expected) { return std::find(expected.begin(), expected.end(), code) != expected.end(); }

void check_unclear(suno_dialect dialect, const upstream_reply& reply) {
  bench b{dialect, reply};

  const auto outcome = b.submit();
  CHECK(outcome.fate == submission_fate::unknown);
  CHECK(b.upstream.count("POST", "/") == 1);  // sent once, whatever came

  const auto status = b.poll();
  REQUIRE(!status);
  CHECK(in(status.error().code, {errc::request_error, errc::timeout, errc::invalid_response, errc::api_error, errc::song_unknown}));
  CHECK(b.upstream.count("GET", "/") <= 2);  // an unanswered GET may go out a second time, on a new connection

  nothing_written file;
  const auto format = b.fetch(file);
  REQUIRE(!format);
  CHECK(in(format.error().code, {errc::result_unavailable, errc::request_error, errc::timeout}));
  CHECK(file.bytes == 0);
}

}  // namespace

TEST_CASE("answers that are no good HTTP leave a submission open and a poll and a download without a result") {
  const auto rows = vectors();
  REQUIRE(rows.size() >= 40);
  for (const auto dialect : dialects) {
    for (const auto& row : rows) {
      CAPTURE(name(dialect), row.name);
      check_unclear(dialect, upstream_reply::bytes(row.bytes));
    }
  }
}

TEST_CASE("connections that end, break or fall silent leave a submission open and a poll and a download without a result") {
  for (const auto dialect : dialects) {
    const std::vector<std::pair<fault, std::size_t>> breaks{{fault::close, 0}, {fault::close, 30}, {fault::reset, 0}, {fault::reset, 30},
                                                            {fault::hang, 0},  {fault::drip, 30}};
    for (const auto& [how, after] : breaks) {
      CAPTURE(name(dialect), static_cast<int>(how), after);
      auto reply = upstream_reply::failing(how, after);
      reply.body = R"({"id":"song-1"})";
      reply.drip_interval = 200ms;
      check_unclear(dialect, reply);
    }
  }
}

TEST_CASE("redirects are not followed by any dialect, and the key does not travel") {
  for (const auto dialect : dialects) {
    for (const int status : {301, 302, 303, 307, 308}) {
      CAPTURE(name(dialect), status);
      fake_upstream elsewhere{[](const upstream_request&) { return upstream_reply::json(R"({"id":"song-1"})"); }};
      auto reply = upstream_reply::with_status(status, "");
      reply.headers.emplace_back("Location", elsewhere.base_url() + "/v1/generate");
      bench b{dialect, reply};

      CHECK(b.submit().fate != submission_fate::accepted);
      CHECK(b.poll().has_error());
      nothing_written file;
      CHECK(b.fetch(file).error().code == errc::result_unavailable);
      CHECK(elsewhere.connections_accepted() == 0);
    }
  }
}

TEST_CASE("a refusal by status costs nothing at any dialect") {
  for (const auto dialect : dialects) {
    for (const int status : {400, 401, 402, 403, 404, 409, 413, 422, 429}) {
      CAPTURE(name(dialect), status);
      bench b{dialect, upstream_reply::with_status(status)};
      CHECK(b.submit().fate == submission_fate::refused);
      CHECK(b.poll().has_error());
    }
  }
}
