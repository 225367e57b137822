// OpenAI and Suno adapters over real TLS against scripted upstreams: what goes over the wire, and where it never goes.

#include "catch_result.hpp"
#include "fake_upstream.hpp"
#include "log_capture.hpp"
#include "run_loop.hpp"
#include "test_pki.hpp"

#include <music/net/http_client.hpp>
#include <music/providers/elevenlabs/elevenlabs_provider.hpp>
#include <music/providers/openai/openai_writer.hpp>
#include <music/providers/remote/remote_skills.hpp>
#include <music/providers/suno/suno_provider.hpp>
#include <music/store/memory_store.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

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

constexpr std::string_view test_key = "test-key-not-real";

/// For a request to be on its way, also on a machine that does other things.
constexpr auto time_to_send = 1s;

const std::string completion =
    R"({"choices":[{"message":{"content":"A mellow lofi beat with a vibraphone."},"finish_reason":"stop"}],"usage":{"total_tokens":42}})";

test::upstream_handler always(upstream_reply reply) {
  return [reply](const upstream_request&) { return reply; };
}

/// Keeps what was written.
struct memory_writer final : audio_writer {
  std::string bytes;
  bool full = false;

  task<result<void>> append(std::string more) override {
    if (full) co_return error{errc::store_unavailable};
    bytes += more;
    co_return result<void>{};
  }
  task<result<stored_audio>> commit() override { co_return error{errc::internal}; }
};

/// An HTTPS upstream on localhost and a client that trusts it.
struct bench {
  test::test_pki pki;
  test::certificate_files files = pki.issue();
  fake_upstream upstream;
  asio::io_context context{1};
  std::unique_ptr<music::clock> time = create_system_clock(context.get_executor());
  blocking_pool pool{1};
  std::unique_ptr<net::resolver> names = net::create_resolver(context.get_executor(), *time, pool);
  net::tls_context tls = net::tls_context::client(pki.trust_file()).value();
  std::unique_ptr<net::http_client> client = net::create_http_client(context.get_executor(), *time, *names, tls);

  explicit bench(test::upstream_handler handler)
      : upstream(std::move(handler), {.certificate_file = files.certificate, .key_file = files.key, .host = "localhost"}) {}

  [[nodiscard]] time_point in(std::chrono::milliseconds span) const { return time->now() + span; }

  result<written_prompt> write(std::string path = "/v1", std::chrono::milliseconds timeout = 20s,
                               secret key = secret{std::string{test_key}}) {
    openai_options options{.base = net::parse_url(upstream.base_url() + path).value(), .key = std::move(key), .model = "gpt-4"};
    const auto writer = create_openai_writer(std::move(options), *client, *time);
    prompt_request request{.theme = "rain over Tokyo", .tags = "lofi", .style = {}, .instrumental = {}};
    return test::run_loop_for(context, writer->write(std::move(request), in(timeout)));
  }

  std::unique_ptr<music_provider> suno(std::string path = {}) {
    suno_options options{.base = net::parse_url(upstream.base_url() + path).value(), .key = secret{std::string{test_key}}};
    return create_suno_provider(std::move(options), *client, *time);
  }

  submission submit(music_provider& provider, std::chrono::milliseconds timeout = 20s) {
    song_request request;
    request.prompt = "A mellow lofi beat with a vibraphone.";
    request.tags = "lofi";
    return test::run_loop_for(context, provider.submit(std::move(request), in(timeout)));
  }

  result<song_status> poll(music_provider& provider, std::string id, std::chrono::milliseconds timeout = 20s) {
    return test::run_loop_for(context, provider.poll(std::move(id), in(timeout)));
  }

  result<audio_format> fetch(music_provider& provider, std::string source, audio_writer& into,
                             std::chrono::milliseconds timeout = 20s) {
    remote_track track;
    track.source = std::move(source);
    return test::run_loop_for(context, provider.fetch(std::move(track), into, in(timeout)));
  }
};

upstream_reply audio(std::string body) {
  return {.status = 200, .headers = {{"Content-Type", "audio/mpeg"}}, .body = std::move(body)};
}

std::string some_mp3() { return "ID3" + std::string(300'000, 'x'); }

}  // namespace

TEST_CASE("a prompt is one POST with key and JSON below the base path") {
  for (const std::string base : {"/v1", "/v1/"}) {
    bench b{always(upstream_reply::json(completion))};

    const auto written = b.write(base);

    REQUIRE(written);
    CHECK(written->text == "A mellow lofi beat with a vibraphone.");
    CHECK(written->tokens_used == 42);
    const auto requests = b.upstream.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].method == "POST");
    CHECK(requests[0].target == "/v1/chat/completions");
    CHECK(requests[0].header("Authorization") == "Bearer " + std::string{test_key});
    CHECK(requests[0].header("Content-Type") == "application/json");
    CHECK(boost::json::parse(requests[0].body).at("model").as_string() == "gpt-4");
  }
}

TEST_CASE("a base without a path and a server without keys are served") {
  bench b{always(upstream_reply::json(completion))};

  const auto written = b.write("", 20s, secret{});

  REQUIRE(written);
  const auto requests = b.upstream.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].target == "/chat/completions");
  CHECK(!requests[0].header("Authorization"));
}

TEST_CASE("a language model that hangs is a timeout after one request") {
  bench b{always(upstream_reply::failing(fault::hang, 20))};

  const auto written = b.write("/v1", time_to_send);

  REQUIRE(!written);
  CHECK(written.error().code == errc::timeout);
  CHECK(written.error().transient);
  CHECK(b.upstream.requests().size() == 1);
}

TEST_CASE("cut-off answers of a language model are lost connections and never read") {
  for (const auto how : {fault::close, fault::reset}) {
    upstream_reply cut = upstream_reply::json(completion);
    cut.fault = how;
    cut.cut_after = 120;
    bench b{always(cut)};

    const auto written = b.write();

    REQUIRE(!written);
    CHECK(written.error().code == errc::request_error);
    CHECK(b.upstream.requests().size() == 1);
  }
}

TEST_CASE("a redirect is refused and the key stays here") {
  fake_upstream elsewhere{always(upstream_reply::json(completion))};
  upstream_reply redirect = upstream_reply::with_status(307);
  redirect.headers.emplace_back("Location", elsewhere.base_url() + "/v1/chat/completions");
  bench b{always(redirect)};

  const auto written = b.write();
  auto provider = b.suno();
  const auto outcome = b.submit(*provider);
  const auto status = b.poll(*provider, "song-1");

  REQUIRE(!written);
  CHECK(written.error().code == errc::invalid_response);
  CHECK(outcome.fate == submission_fate::refused);
  REQUIRE(!status);
  CHECK(status.error().code == errc::invalid_response);
  CHECK(elsewhere.connections_accepted() == 0);
  CHECK(b.upstream.requests().size() == 3);
}

TEST_CASE("no key, theme, prompt or body gets into the log") {
  upstream_reply refusal = upstream_reply::with_status(
      401, R"({"error":{"message":"Incorrect API key provided: test-key-not-real","code":"invalid_api_key"}})");
  refusal.headers.emplace_back("x-request-id", "req-17");
  bench b{always(refusal)};
  test::log_capture capture;

  const auto written = b.write();
  auto provider = b.suno();
  const auto outcome = b.submit(*provider);
  const auto text = capture.text();

  CHECK(written.error().code == errc::authentication);
  CHECK(outcome.failure.code == errc::authentication);
  CHECK(text.find("Operation: chat_completion | Status: error") != std::string::npos);
  CHECK(text.find("Operation: submit_song | Status: error") != std::string::npos);
  CHECK(text.find("req-17") != std::string::npos);
  for (const std::string_view secret_word :
       {test_key, std::string_view{"Incorrect"}, std::string_view{"rain over"}, std::string_view{"mellow"}}) {
    CHECK(text.find(secret_word) == std::string::npos);
  }
}

TEST_CASE("a song is submitted once, polled below the base path and fetched from its own origin with the key") {
  bench b{[](const upstream_request& request) {
    if (request.method == "POST") return upstream_reply::json(R"({"id":"song-1"})");
    if (request.target.starts_with("/api/v1/songs/")) return upstream_reply::json(R"({"id":"song-1","status":"generating"})");
    return audio(some_mp3());
  }};
  auto provider = b.suno("/api/");
  memory_writer file;

  const auto outcome = b.submit(*provider);
  const auto status = b.poll(*provider, outcome.song_id);
  const auto format = b.fetch(*provider, b.upstream.base_url() + "/files/a.mp3?x=1", file);

  CHECK(outcome.fate == submission_fate::accepted);
  REQUIRE(status);
  CHECK(status->state == song_state::generating);
  REQUIRE(format);
  CHECK(*format == audio_format::mp3);
  CHECK(file.bytes == some_mp3());
  const auto requests = b.upstream.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].target == "/api/v1/generate");
  CHECK(requests[1].target == "/api/v1/songs/song-1");
  CHECK(requests[2].target == "/files/a.mp3?x=1");
  for (const auto& request : requests) CHECK(request.header("Authorization") == "Bearer " + std::string{test_key});
}

TEST_CASE("a submission that was sent and not answered is unknown and never sent again") {
  std::vector<upstream_reply> silences{upstream_reply::failing(fault::reset), upstream_reply::failing(fault::close),
                                       upstream_reply::failing(fault::hang), upstream_reply::failing(fault::close, 40)};
  for (const auto& silence : silences) {
    bench b{always(silence)};
    auto provider = b.suno();

    const auto outcome = b.submit(*provider, time_to_send);

    CHECK(outcome.fate == submission_fate::unknown);
    CHECK((outcome.failure.code == errc::request_error || outcome.failure.code == errc::timeout));
    CHECK(b.upstream.count("POST", "/v1/generate") == 1);
  }
}

TEST_CASE("a submission that reaches nobody is not sent") {
  bench b{always(upstream_reply::json("{}"))};
  std::string closed_port;
  {
    fake_upstream gone{always(upstream_reply::json("{}"))};
    closed_port = gone.base_url();
  }
  suno_options options{.base = net::parse_url(closed_port).value(), .key = {}};
  const auto provider = create_suno_provider(std::move(options), *b.client, *b.time);

  const auto outcome = b.submit(*provider);

  CHECK(outcome.fate == submission_fate::not_sent);
  CHECK(outcome.failure.code == errc::request_error);
  CHECK(outcome.failure.transient);
}

TEST_CASE("an upstream whose certificate is not trusted sees no request") {
  test::test_pki strangers;
  const auto files = strangers.issue();
  fake_upstream impostor{always(upstream_reply::json(R"({"id":"song-1"})")),
                         {.certificate_file = files.certificate, .key_file = files.key, .host = "localhost"}};
  bench b{always(upstream_reply::json("{}"))};
  suno_options options{.base = net::parse_url(impostor.base_url()).value(), .key = secret{std::string{test_key}}};
  const auto provider = create_suno_provider(std::move(options), *b.client, *b.time);

  const auto outcome = b.submit(*provider);

  CHECK(outcome.fate == submission_fate::not_sent);
  CHECK(impostor.requests().empty());
}

TEST_CASE("ids outside the grammar never become a request") {
  bench b{always(upstream_reply::json("{}"))};
  auto provider = b.suno();

  for (const std::string id : {"", "..", "a/b", "a?b", "a\r\nb", "ü"}) {
    const auto status = b.poll(*provider, id);
    REQUIRE(!status);
    CHECK(status.error().code == errc::song_unknown);
  }
  CHECK(b.upstream.requests().empty());
}

TEST_CASE("audio links to other places than public https are not followed") {
  fake_upstream internal{always(audio(some_mp3()))};
  bench b{always(audio(some_mp3()))};
  auto provider = b.suno();
  memory_writer file;
  const auto port = std::to_string(internal.port());

  const std::vector<std::string> links{"",
                                       "None.mp3",
                                       internal.base_url() + "/a.mp3",
                                       "https://127.0.0.1:" + port + "/a.mp3",
                                       "https://localhost/a.mp3",
                                       "https://169.254.169.254/latest",
                                       "file:///etc/passwd",
                                       "http://localhost:" + std::to_string(b.upstream.port()) + "/a.mp3",
                                       "https://user:word@example.com/a.mp3",
                                       "http://example.com/a.mp3"};
  for (const auto& link : links) {
    CAPTURE(link);
    const auto format = b.fetch(*provider, link, file);
    REQUIRE(!format);
    CHECK(format.error().code == errc::result_unavailable);
  }
  CHECK(internal.connections_accepted() == 0);
  CHECK(b.upstream.connections_accepted() == 0);
  CHECK(file.bytes.empty());
}

TEST_CASE("what is not audio is refused before a byte is written") {
  upstream_reply redirect = upstream_reply::with_status(302);
  redirect.headers.emplace_back("Location", "https://example.com/a.mp3");
  const std::vector<upstream_reply> replies{audio("<html>" + std::string(200'000, ' ') + "</html>"),
                                            audio(""),
                                            audio("ID3"),
                                            upstream_reply::with_status(403),
                                            upstream_reply::with_status(404),
                                            upstream_reply::with_status(500),
                                            redirect};
  for (const auto& reply : replies) {
    bench b{always(reply)};
    auto provider = b.suno();
    memory_writer file;

    const auto format = b.fetch(*provider, b.upstream.base_url() + "/a.mp3", file);

    CAPTURE(reply.status, reply.body.size());
    REQUIRE(!format);
    CHECK(format.error().code == errc::result_unavailable);
    CHECK(file.bytes.empty());
  }
}

TEST_CASE("audio that ends too early, hangs or does not fit the disk says so") {
  bench b{always(audio(some_mp3()))};
  auto provider = b.suno();
  const auto link = b.upstream.base_url() + "/a.mp3";
  memory_writer file;

  auto cut = audio(some_mp3());
  cut.fault = fault::close;
  cut.cut_after = 100'000;
  b.upstream.script(always(cut));
  CHECK(b.fetch(*provider, link, file).error().code == errc::request_error);

  cut.fault = fault::hang;
  b.upstream.script(always(cut));
  CHECK(b.fetch(*provider, link, file, 400ms).error().code == errc::timeout);

  b.upstream.script(always(audio(some_mp3())));
  file.full = true;
  CHECK(b.fetch(*provider, link, file).error().code == errc::store_unavailable);
}

TEST_CASE("a paid song is not begun with less than a minute left, or less than its timeout") {
  bench b{always(audio(some_mp3()))};
  const auto store = create_memory_audio_store();
  seeded_random random{5};
  song_request song;
  song.job = job_id::make(random, b.time->wall_now());
  song.prompt = "A mellow lofi beat with a vibraphone.";
  const auto submit = [&](std::chrono::seconds timeout, std::chrono::seconds left) {
    upstream::account account{
        .base = net::parse_url(b.upstream.base_url()).value(), .key = {}, .model = "music_v2", .timeout = timeout};
    const auto provider = create_elevenlabs_provider(std::move(account), *b.client, *store, *b.time);
    return test::run_loop_for(b.context, provider->submit(song, b.in(left)));
  };

  for (const auto& [timeout, left] : {std::pair{300s, 59s}, std::pair{20s, 19s}}) {
    const auto late = submit(timeout, left);
    CHECK(late.fate == submission_fate::not_sent);
    CHECK(late.failure.code == errc::deadline_exceeded);
  }
  CHECK(b.upstream.connections_accepted() == 0);
  CHECK(submit(300s, 70s).fate == submission_fate::accepted);
  CHECK(submit(20s, 30s).fate == submission_fate::accepted);
}

TEST_CASE("a remote skill whose answer was lost is sent the same key again, and only then the outcome is unknown") {
  const auto answered = GENERATE(true, false);
  bench b{[answered](const upstream_request& request) {
    const bool lost = request.number == 0 || !answered;
    return lost ? upstream_reply::failing(fault::reset, 20) : upstream_reply::json(R"({"id":"job_far","status":"queued"})");
  }};
  remote_skill_options options{.base = net::parse_url(b.upstream.base_url()).value(), .key = secret{std::string{test_key}}};
  const auto provider = create_remote_provider(std::move(options), *b.client, *b.time);
  seeded_random random{5};
  song_request song;
  song.job = job_id::make(random, b.time->wall_now());
  song.prompt = "A mellow lofi beat with a vibraphone.";

  const auto outcome = test::run_loop_for(b.context, provider->submit(song, b.in(20s)));

  CHECK(outcome.fate == (answered ? submission_fate::accepted : submission_fate::unknown));
  const auto requests = b.upstream.requests();
  REQUIRE(requests.size() == (answered ? 2U : 3U));
  for (const auto& request : requests) {
    CHECK(request.target == "/skills/suno-music-generator");
    CHECK(request.header("Idempotency-Key") == song.job.text());
    CHECK(request.header("Authorization") == "Bearer " + std::string{test_key});
    CHECK(request.body == requests.front().body);
  }
}
