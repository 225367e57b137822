// Answers that are no HTTP, or not whole, or not what they say, at the prompt call, the submission, the poll and the download
// of every service: whatever comes, nothing is bought twice, nothing is believed, nothing hangs, nothing is left open.

#include "catch_result.hpp"
#include "fault_bench.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace music;
using namespace std::chrono_literals;
using test::fake_upstream;
using test::fault;
using test::fault_bench;
using test::upstream_reply;
using test::upstream_request;

namespace {

// --- what goes wrong ----------------------------------------------------------------------------------------------------

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

constexpr auto short_patience = 1s;  ///< for what never comes, or is asked for again and again until the deadline

/// An answer that tells nothing, and what it is called: where an answer is some JSON, and where it is a song.
struct bad_answer {
  std::string name;
  upstream_reply reply;
  errc why = errc::invalid_response;
  errc why_of_songs = why;

  [[nodiscard]] std::chrono::seconds patience() const {
    return why_of_songs == errc::invalid_response ? test::long_patience : short_patience;
  }
};

bool one_of(std::string_view name, std::initializer_list<std::string_view> some) {
  return std::ranges::any_of(some, [name](std::string_view each) { return name.starts_with(each); });
}

std::vector<bad_answer> vectors() {
  std::ifstream file{RESPONSE_VECTORS};
  std::vector<bad_answer> rows;
  for (std::string line; std::getline(file, line);) {
    const auto tab = line.find('\t');
    if (tab == std::string::npos) continue;
    bad_answer row{line.substr(0, tab), upstream_reply::bytes(unescaped(line.substr(tab + 1)))};
    if (one_of(row.name, {"R-07", "R-08", "R-09", "R-42", "R-43"})) row.why = row.why_of_songs = errc::request_error;
    if (row.name.starts_with("R-37")) row.why_of_songs = errc::request_error;  // as large as a song may be, and cut off
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<bad_answer> broken_connections() {
  std::vector<bad_answer> rows;
  const auto add = [&rows](std::string name, fault how, std::size_t after, errc why) {
    auto reply = upstream_reply::failing(how, after);
    reply.body = R"({"id":"song-1"})";
    reply.drip_interval = 200ms;
    rows.push_back({std::move(name), std::move(reply), why});
  };
  for (const std::size_t after : {0U, 30U, 70U}) {  // before the status, in the head, in the body
    add("closed after " + std::to_string(after), fault::close, after, errc::request_error);
    add("reset after " + std::to_string(after), fault::reset, after, errc::request_error);
  }
  add("silent", fault::hang, 0, errc::timeout);
  add("silent in the body", fault::hang, 70, errc::timeout);
  add("a head in drops", fault::drip, 0, errc::timeout);
  add("a body in drops", fault::drip, 70, errc::timeout);
  return rows;
}

upstream_reply with_header(std::string name, std::string value, std::string body = R"({"id":"song-1"})") {
  auto reply = upstream_reply::json(std::move(body));
  reply.headers.emplace_back(std::move(name), std::move(value));
  return reply;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::vector<bad_answer> floods() {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
  const std::string good = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"id\":\"song-1\"}";
  const std::string chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string megabyte(1024 * 1024 + 1, ' ');
  return {
      {"nine interim answers", upstream_reply::bytes(repeated(interim, 9) + good)},
      {"a thousand interim answers", upstream_reply::bytes(repeated(interim, 1000) + good)},
      {"a header of 17 KiB", with_header("X-Pad", std::string(17 * 1024, 'x'))},
      {"headers without end", upstream_reply::bytes("HTTP/1.1 200 OK\r\n" + repeated("X-Pad: x\r\n", 20'000))},
      {"a trailer of 70 KiB",
       upstream_reply::bytes(chunks + "2\r\n{}\r\n0\r\nX-Pad: " + std::string(70 * 1024, 'x') + "\r\n\r\n")},
      {"ten gigabytes", upstream_reply::bytes("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n{")},
      {"a chunk of a terabyte", upstream_reply::bytes(chunks + "10000000000\r\n{")},
      {"chunk headers without end", upstream_reply::bytes(chunks + "2;" + std::string(20'000, 'x'))},
      {"more JSON than allowed", upstream_reply::json(megabyte + R"({"id":"song-1"})")},
  };
}

std::vector<bad_answer> wrong_bodies() {
  const std::string good = R"({"id":"song-1"})";
  std::vector<bad_answer> rows{
      {"compressed", with_header("Content-Encoding", "gzip")},
      {"compressed twice", with_header("Content-Encoding", "identity, br")},
      {"a page", {.headers = {{"Content-Type", "text/html"}}, .body = "<html>no</html>"}},
      {"JSON that is called a page", {.headers = {{"Content-Type", "text/html"}}, .body = good}},
      {"a page that is called JSON", upstream_reply::json("<html>no</html>")},
  };
  const auto deep = repeated("[", 100) + repeated("]", 100);
  for (const std::string body : {"", " ", "null", "17", "\"song-1\"", "{}", "{", "{\"id\":", "{\"id\":NaN}", "{'id':'song-1'}",
                                 "{\"id\":\"\\ud800\"}", "{\"id\":\"\xff\"}"}) {
    rows.push_back({"the body " + body, upstream_reply::json(body)});
  }
  rows.push_back({"a byte order mark", upstream_reply::json("\xef\xbb\xbf" + good)});
  rows.push_back({"two values", upstream_reply::json(good + good)});
  rows.push_back({"a hundred levels", upstream_reply::json(R"({"id":"song-1","deep":)" + deep + "}")});
  return rows;
}

// --- what must come of it -----------------------------------------------------------------------------------------------

/// The failure's name, to be read where it is another one than it should be.
template <class T>
std::string_view told(const result<T>& outcome) {
  return outcome ? "none" : name(outcome.error().code);
}

constexpr std::size_t most_gets = 5;  ///< "fal-result" sends three; an unanswered one may go out again, on a new connection

/// Who sends again after a second is given less than that to answer, and a slow machine may need more.
bool cut_off(const test::music_subject& subject, const test::music_outcome& outcome) {
  return subject.resends && outcome.bought.fate == submission_fate::unknown && outcome.bought.failure.code == errc::timeout;
}

void check_unclear(const test::music_subject& subject, const test::music_outcome& outcome, const bad_answer& bad) {
  CAPTURE(subject.name, bad.name);
  CHECK(outcome.purchases == 1);  // sent once, whatever came
  CHECK(outcome.bought.fate == submission_fate::unknown);
  if (!cut_off(subject, outcome)) CHECK(name(outcome.bought.failure.code) == name(subject.direct ? bad.why_of_songs : bad.why));
  CHECK(outcome.bytes_kept == 0);
  CHECK(outcome.other_gets <= (subject.direct ? 0 : most_gets));
  CHECK(told(outcome.polled) == name(subject.direct ? errc::song_unknown : bad.why));
  const auto fetched = told(outcome.fetched);
  const bool unfit = subject.direct || bad.why_of_songs == errc::invalid_response;
  // A download that broke is taken up again, until its deadline.
  const bool given_up = bad.why_of_songs == errc::request_error && fetched == name(errc::timeout);
  if (!given_up) CHECK(fetched == name(unfit ? errc::result_unavailable : bad.why_of_songs));
}

void check_unclear(const bad_answer& bad) {
  const auto answer = [&bad](const upstream_request&) { return bad.reply; };
  fault_bench bench{answer};
  const auto& subjects = test::music_subjects();
  const auto outcomes = bench.ask_for_music(bad.patience());
  for (std::size_t i = 0; i < subjects.size(); ++i) check_unclear(subjects[i], outcomes[i], bad);

  CHECK(bench.leaves_nothing_open());

  // Of its own: a POST on a connection that the upstream is just closing is lost, and rightly not sent again.
  fault_bench desk{answer};
  const auto& writers = test::writer_subjects();
  const auto prompts = desk.ask_for_prompts(bad.patience());
  for (std::size_t i = 0; i < writers.size(); ++i) {
    CAPTURE(writers[i].name, bad.name);
    CHECK(told(prompts[i]) == name(bad.why));
    CHECK(desk.upstream().count("POST", '/' + writers[i].name + '/') == 1);
  }
  CHECK(desk.leaves_nothing_open());
}

void check_all_unclear(const std::vector<bad_answer>& rows) {
  for (const auto& row : rows) check_unclear(row);
}

std::string with_id(std::string body, std::string_view id) {
  const auto place = body.find("$id");
  return place == std::string::npos ? body : body.replace(place, 3, id);
}

/// A bench whose services are told that a submission was taken, under this id.
fault_bench bench_that_takes(const std::string& id) {
  return fault_bench{[id](const upstream_request& request) {
    const auto* subject = test::asker_of(request);
    return upstream_reply::json(subject == nullptr ? "{}" : with_id(subject->taken, id));
  }};
}

}  // namespace

TEST_CASE("answers that are no good HTTP leave a submission open and everything else without a result") {
  const auto rows = vectors();
  REQUIRE(rows.size() >= 40);
  check_all_unclear(rows);
}

TEST_CASE("connections that end, break or fall silent leave a submission open and everything else without a result") {
  check_all_unclear(broken_connections());
}

TEST_CASE("answers without end leave a submission open and everything else without a result") { check_all_unclear(floods()); }

TEST_CASE("bodies of another kind leave a submission open and everything else without a result") {
  check_all_unclear(wrong_bodies());
}

TEST_CASE("a submission is taken if its id can be used, else it is open") {
  const auto endless = '"' + std::string(10'240, 'x') + '"';
  const std::vector<std::string> unusable{
      "-1",       "true",        "null",          "{}",          "[]",   R"("")", R"("..")", R"("a/b")",
      R"("a?b")", R"("a\r\nb")", R"("a\u0000b")", R"("\u00fc")", endless};
  const auto check = [](const std::string& id, submission_fate fate) {
    auto bench = bench_that_takes(id);
    const auto outcomes = bench.ask_for_music();
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const auto& subject = test::music_subjects()[i];
      if (subject.direct || cut_off(subject, outcomes[i])) continue;
      CAPTURE(subject.name, id.substr(0, 20));
      CHECK(outcomes[i].bought.fate == fate);
      CHECK(outcomes[i].purchases == 1);
    }
  };
  check(R"("song-1")", submission_fate::accepted);
  for (const auto& id : unusable) check(id, submission_fate::unknown);
}

TEST_CASE("JSON of the right shape with values of other types is no finished song") {
  const std::string members =
      R"("status":$,"state":$,"output":$,"response":$,"data":$,"clips":$,"tracks":$,"audio":$,"audio_url":$,"code":200)";
  for (const std::string value :
       {"17", "-1", "1e300", "true", "null", "[]", "{}", R"("")", R"("SUCCESS")", R"("succeeded")", R"([[]])", "[{}]"}) {
    std::string object = "{" + members + "}";
    for (auto at = object.find('$'); at != std::string::npos; at = object.find('$')) object.replace(at, 1, value);
    for (const auto& body : {object, "[" + object + "]"}) {
      fault_bench bench{[&body](const upstream_request&) { return upstream_reply::json(body); }};
      const auto outcomes = bench.ask_for_music();
      for (std::size_t i = 0; i < outcomes.size(); ++i) {
        CAPTURE(test::music_subjects()[i].name, body);
        const auto& status = outcomes[i].polled;
        const bool playable =
            status && status->state == song_state::complete && status->tracks.at(0).source.starts_with("https://");
        CHECK_FALSE(playable);
        CHECK(outcomes[i].bought.fate != submission_fate::accepted);
      }
      for (const auto& prompt : bench.ask_for_prompts()) CHECK_FALSE(prompt);
    }
  }
}

TEST_CASE("redirects are not followed, and the key does not travel") {
  for (const int status : {301, 302, 303, 307, 308}) {
    fake_upstream elsewhere{[](const upstream_request&) { return upstream_reply::json(R"({"id":"song-1"})"); }};
    auto reply = upstream_reply::with_status(status, "");
    reply.headers.emplace_back("Location", elsewhere.base_url() + "/v1/generate");
    fault_bench bench{[&reply](const upstream_request&) { return reply; }};

    const auto outcomes = bench.ask_for_music();
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const auto& subject = test::music_subjects()[i];
      if (cut_off(subject, outcomes[i])) continue;
      CAPTURE(subject.name, status);
      const bool asks_again_elsewhere = status == 301 || status == 307 || status == 308;
      CHECK(outcomes[i].bought.fate == (asks_again_elsewhere ? submission_fate::refused : submission_fate::unknown));
      CHECK(name(outcomes[i].bought.failure.code) == name(errc::invalid_response));
      CHECK(told(outcomes[i].polled) == name(subject.direct ? errc::song_unknown : errc::invalid_response));
      CHECK(told(outcomes[i].fetched) == name(errc::result_unavailable));
    }
    for (const auto& prompt : bench.ask_for_prompts()) CHECK(told(prompt) == name(errc::invalid_response));
    CHECK(elsewhere.connections_accepted() == 0);
  }
}

namespace {

struct status_row {
  int status;
  submission_fate fate;
  errc why;      ///< what a submission and a poll say
  errc written;  ///< what the OpenAI writer says
  bool passes;  ///< whether the same may succeed later
};

constexpr auto refused = submission_fate::refused;
constexpr auto unknown = submission_fate::unknown;

constexpr std::array status_rows{
    status_row{400, refused, errc::api_error, errc::api_error, false},
    status_row{401, refused, errc::authentication, errc::authentication, false},
    status_row{402, refused, errc::quota_exhausted, errc::quota_exhausted, false},
    status_row{403, refused, errc::authentication, errc::authentication, false},
    status_row{404, refused, errc::api_error, errc::api_error, false},
    status_row{408, refused, errc::timeout, errc::openai_api, true},
    status_row{410, refused, errc::api_error, errc::api_error, false},
    status_row{413, refused, errc::api_error, errc::api_error, false},
    status_row{422, refused, errc::api_error, errc::api_error, false},
    status_row{425, refused, errc::api_error, errc::openai_api, true},
    status_row{429, refused, errc::rate_limit, errc::rate_limit, true},
    status_row{500, unknown, errc::api_error, errc::openai_api, true},
    status_row{502, unknown, errc::api_error, errc::openai_api, true},
    status_row{503, refused, errc::api_error, errc::openai_api, true},
    status_row{504, unknown, errc::api_error, errc::openai_api, true},
    status_row{520, unknown, errc::api_error, errc::openai_api, true},
    status_row{524, unknown, errc::api_error, errc::openai_api, true},
    status_row{530, unknown, errc::api_error, errc::openai_api, true},
};

}  // namespace

TEST_CASE("a status that a proxy's page comes with says what may be done and what it cost") {
  for (const auto& row : status_rows) {
    upstream_reply page{.status = row.status, .headers = {{"Content-Type", "text/html"}}, .body = "<html>Ray ID</html>"};
    fault_bench bench{[&page](const upstream_request&) { return page; }};

    const auto outcomes = bench.ask_for_music();
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const auto& subject = test::music_subjects()[i];
      const auto& outcome = outcomes[i];
      if (cut_off(subject, outcome)) continue;
      CAPTURE(subject.name, row.status);
      CHECK(outcome.purchases == 1);
      CHECK(outcome.bought.fate == row.fate);
      CHECK(name(outcome.bought.failure.code) == name(row.why));
      CHECK(outcome.bought.failure.transient == row.passes);
      CHECK(told(outcome.fetched) == name(errc::result_unavailable));
      const bool gone = row.status == 404 || row.status == 410;
      CHECK(told(outcome.polled) == name(subject.direct ? errc::song_unknown : gone ? subject.not_found : row.why));
      if (!outcome.polled && !subject.direct && !gone) CHECK(outcome.polled.error().transient == row.passes);
    }
    const auto prompts = bench.ask_for_prompts();
    CHECK(told(prompts[0]) == name(row.written));
    CHECK(told(prompts[1]) == name(row.why));
    for (const auto& prompt : prompts) CHECK(prompt.error().transient == row.passes);
  }
}
