#include "response_parser.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace music;
using namespace music::net;
using namespace std::string_literals;

namespace {

enum class verdict { complete, complete_once, malformed, truncated };  // complete_once: the connection is not used again

struct delivery {
  verdict judged = verdict::truncated;
  std::string body{};
  int status = 0;
};

/// How the pieces of one answer arrive.
std::vector<std::string> split(const std::string& wire, int how) {
  if (how == 0) return {wire};
  std::vector<std::string> pieces;
  std::string piece;
  for (const char c : wire) {
    piece += c;
    if (how == 1 || c == '\n') pieces.push_back(std::exchange(piece, {}));
  }
  if (!piece.empty()) pieces.push_back(piece);
  return pieces;
}

delivery deliver(const std::string& wire, int how, parser_limits limits = {}) {
  response_parser parser(limits);
  for (const auto& piece : split(wire, how)) {
    if (piece.empty()) continue;
    const auto came_to = parser.feed(piece);
    if (came_to == response_parser::status::failed) {
      CHECK(parser.failure().code == errc::invalid_response);
      return {.judged = verdict::malformed};
    }
    if (came_to == response_parser::status::more) continue;
    const auto judged = parser.reusable() ? verdict::complete : verdict::complete_once;
    return {.judged = judged, .body = parser.response().body, .status = parser.response().status};
  }
  return {};
}

struct vector_row {
  const char* id;
  std::string wire;
  verdict expected;
};

const std::vector<vector_row>& rows() {
  using enum verdict;
  static const std::vector<vector_row> all{
      {"R-01-ok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", complete},
      {"R-02-CL+TE", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", malformed},
      {"R-03-TEgzip+CL", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", malformed},
      {"R-04-TEgzip-only", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}", malformed},
      {"R-05-dupCL-diff", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", malformed},
      {"R-05b-dupCL-same", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", malformed},
      {"R-05c-CL-list", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}", malformed},
      {"R-05d-CL-plus", "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}", malformed},
      {"R-06-noCL-eof", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":", malformed},
      {"R-07-CL-short-eof", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"a\":", truncated},
      {"R-08-chunk-trunc-eof", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", truncated},
      {"R-09-chunk-no-last-eof", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", truncated},
      {"R-11-100-then-200", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", complete},
      {"R-12-103-then-200", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
       complete},
      {"R-13-101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nraw", malformed},
      {"R-14-204-body", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}", complete_once},
      {"R-15-304-body", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n{}", complete_once},
      {"R-16-http10-eof", "HTTP/1.0 200 OK\r\n\r\n{}", malformed},
      {"R-17-http10-chunked", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", malformed},
      {"R-18-no-reason", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", malformed},
      {"R-19-empty-reason", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}", complete},
      {"R-20-status-000", "HTTP/1.1 000 X\r\nContent-Length: 2\r\n\r\n{}", malformed},
      {"R-21-status-099", "HTTP/1.1 099 X\r\nContent-Length: 2\r\n\r\n{}", malformed},
      {"R-22-status-999", "HTTP/1.1 999 X\r\nContent-Length: 2\r\n\r\n{}", malformed},
      {"R-23-status-20", "HTTP/1.1 20 X\r\n\r\n", malformed},
      {"R-24-status-2000", "HTTP/1.1 2000 X\r\n\r\n", malformed},
      {"R-25-status-neg", "HTTP/1.1 -20 X\r\n\r\n", malformed},
      {"R-26-icy", "ICY 200 OK\r\n\r\n{}", malformed},
      {"R-27-http2", "HTTP/2 200\r\n\r\n", malformed},
      {"R-28-http09", "{\"a\":1}", malformed},
      {"R-29-ssh-banner", "SSH-2.0-OpenSSH_9.2\r\n", malformed},
      {"R-30-redis", "-ERR unknown command\r\n", malformed},
      {"R-31-bare-lf", "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", malformed},
      {"R-32-obsfold", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}", malformed},
      {"R-33-nul-hdr", "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\n{}"s, malformed},
      {"R-34-ctl-reason", "HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\n{}", malformed},
      {"R-35-8bit-reason", "HTTP/1.1 200 \xff\xfe\r\nContent-Length: 2\r\n\r\n{}", complete},
      {"R-36-trailer-inject",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nLocation: http://169.254.169.254/\r\nContent-Type: text/html\r\n\r\n",
       complete},
      {"R-37-CL-8MiB+1", "HTTP/1.1 200 OK\r\nContent-Length: 8388609\r\n\r\n", malformed},
      {"R-38-CL-max", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n{}", malformed},
      {"R-38b-CL-max+1", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n{}", malformed},
      {"R-39-conn-close-noCL", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", malformed},
      {"R-40-ka-noCL", "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n{}", malformed},
      {"R-41-empty", "", truncated},
      {"R-42-half-status", "HTTP/1.1 2", truncated},
      {"R-43-half-header", "HTTP/1.1 200 OK\r\nContent-Le", truncated},
      {"R-44-leading-crlf", "\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", malformed},
      {"close", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\n{}", complete_once},
      {"gzip body", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", malformed},
      {"identity body", "HTTP/1.1 200 OK\r\nContent-Encoding: Identity\r\nContent-Length: 2\r\n\r\n{}", complete},
      {"chunked upper case", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n", complete},
      {"chunked list", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", malformed},
      {"chunked twice", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
       malformed},
      {"chunk size bare LF", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n", malformed},
      {"chunk size prefix", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n", malformed},
      {"chunk size empty", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n{}\r\n0\r\n\r\n", malformed},
      {"chunk size overflow", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n",
       malformed},
      {"chunk too long", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n0\r\n\r\n", malformed},
      {"chunk extension with control", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;\x01\r\n{}\r\n0\r\n\r\n",
       malformed},
      {"space before colon", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}", malformed},
  };
  return all;
}

std::string chunk(const std::string& data) {
  std::ostringstream wire;
  wire << std::hex << data.size() << "\r\n" << data << "\r\n";
  return wire.str();
}

const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE("every hostile or odd answer gets its verdict however it is delivered") {
  for (const auto& row : rows()) {
    for (int how = 0; how < 3; ++how) {
      INFO(row.id << " delivery " << how);
      const auto seen = deliver(row.wire, how);
      CHECK(seen.judged == row.expected);
      const bool with_body = seen.judged == verdict::complete && seen.status == 200;
      if (with_body) CHECK(seen.body == "{}");
    }
  }
}

TEST_CASE("bytes after the body are never the next answer") {
  const auto seen = deliver("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL", 0);

  CHECK(seen.judged == verdict::complete_once);
  CHECK(seen.body == "{}");
}

TEST_CASE("trailers do not become headers") {
  response_parser parser(parser_limits{});

  REQUIRE(parser.feed(chunked_head + "2\r\n{}\r\n0\r\nLocation: http://evil.example/\r\n\r\n") == response_parser::status::done);

  CHECK_FALSE(parser.response().header("location"));
}

TEST_CASE("eight interim answers are skipped and the ninth is an error") {
  std::string interim;
  for (int i = 0; i < 8; ++i) interim += "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n";
  const std::string final_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

  CHECK(deliver(interim + final_answer, GENERATE(0, 1, 2)).judged == verdict::complete);
  CHECK(deliver(interim + "HTTP/1.1 100 X\r\n\r\n" + final_answer, GENERATE(0, 1, 2)).judged == verdict::malformed);
}

TEST_CASE("headers of interim answers do not leak into the final one") {
  response_parser parser(parser_limits{});

  REQUIRE(parser.feed("HTTP/1.1 103 X\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") ==
          response_parser::status::done);

  CHECK_FALSE(parser.response().header("link"));
}

TEST_CASE("header bytes are counted over all packets") {
  const parser_limits limits{.max_header_bytes = 200};
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ";
  const std::string fits = head + std::string(200 - head.size() - 4, 'a') + "\r\n\r\n";
  const std::string exceeds = head + std::string(200 - head.size() - 3, 'a') + "\r\n\r\n";
  const int how = GENERATE(0, 1, 2);

  CHECK(deliver(fits, how, limits).judged == verdict::complete);
  CHECK(deliver(exceeds, how, limits).judged == verdict::malformed);
}

TEST_CASE("headers that never end stop at the limit although each packet ends inside a field") {
  response_parser parser(parser_limits{});
  REQUIRE(parser.feed("HTTP/1.1 200 OK\r\nX") == response_parser::status::more);
  auto came_to = response_parser::status::more;
  std::size_t bytes = 0;

  while (came_to == response_parser::status::more && bytes < 1'000'000) {
    const auto field = ": " + std::string(300, 'a') + "\r\nX";
    bytes += field.size();
    came_to = parser.feed(field);
  }

  CHECK(came_to == response_parser::status::failed);
  CHECK(bytes < 17 * 1024);
}

TEST_CASE("a body over the limit is refused, announced or chunked") {
  const parser_limits limits{.max_body_bytes = 10, .max_other_body_bytes = 10};
  const int how = GENERATE(0, 1, 2);

  CHECK(deliver("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", how, limits).judged == verdict::complete);
  CHECK(deliver("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", how, limits).judged == verdict::malformed);
  CHECK(deliver(chunked_head + chunk("01234") + chunk("56789") + "0\r\n\r\n", how, limits).judged == verdict::complete);
  CHECK(deliver(chunked_head + chunk("01234") + chunk("567890") + "0\r\n\r\n", how, limits).judged == verdict::malformed);
}

TEST_CASE("bodies of failures have a limit of their own") {
  const parser_limits limits{.max_body_bytes = 100, .max_other_body_bytes = 2};

  CHECK(deliver("HTTP/1.1 500 X\r\nContent-Length: 2\r\n\r\n{}", 0, limits).judged == verdict::complete);
  CHECK(deliver("HTTP/1.1 500 X\r\nContent-Length: 3\r\n\r\n{ }", 0, limits).judged == verdict::malformed);
}

TEST_CASE("a trailer of 70 KB and an endless chunk extension are refused") {
  CHECK(deliver(chunked_head + "2\r\n{}\r\n0\r\nX: " + std::string(70'000, 'a') + "\r\n\r\n", 0).judged == verdict::malformed);
  CHECK(deliver(chunked_head + "2;" + std::string(70'000, 'a'), 0).judged == verdict::malformed);
}

TEST_CASE("chunk sizes of one byte cannot amplify without end") {
  const parser_limits limits{.max_body_bytes = 1'000'000, .max_other_body_bytes = 1'000'000};
  response_parser parser(limits);
  REQUIRE(parser.feed(chunked_head) == response_parser::status::more);
  auto came_to = response_parser::status::more;

  for (int i = 0; i < 1'000'000 && came_to == response_parser::status::more; ++i)
    came_to = parser.feed("000000000000001\r\nx\r\n");

  CHECK(came_to == response_parser::status::failed);
}

TEST_CASE("the answer to a HEAD has a length and no body") {
  response_parser parser(parser_limits{}, false);

  REQUIRE(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n") == response_parser::status::done);

  CHECK(parser.reusable());
  CHECK(parser.response().header("content-length") == "5000000");
}

TEST_CASE("a body can be taken in pieces while it arrives") {
  response_parser parser(parser_limits{});
  REQUIRE(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc") == response_parser::status::more);

  CHECK(parser.head_done());
  CHECK(parser.take_body() == "abc");
  REQUIRE(parser.feed("def") == response_parser::status::done);
  CHECK(parser.take_body() == "def");
}

TEST_CASE("who wants the status only is done with the last header, and keeps the connection if the body came along") {
  const parser_limits limits{.max_body_bytes = 10, .status_only = true};
  const std::vector<std::pair<std::string, verdict>> rows_of_status{
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", verdict::complete},
      {"HTTP/1.1 204 No Content\r\n\r\n", verdict::complete},
      {chunked_head + chunk("01234") + "0\r\n\r\n", verdict::complete},
      {"HTTP/1.1 410 Gone\r\nContent-Length: 5000000\r\n\r\nabc", verdict::complete_once},
      {"HTTP/1.1 503 Busy\r\nContent-Length: 3\r\n\r\nab", verdict::complete_once},
      {"HTTP/1.1 200 OK\r\n\r\nuntil the end", verdict::complete_once},
      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", verdict::complete_once},
      {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b", verdict::complete_once},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n", verdict::complete_once},
  };

  for (const auto& [wire, expected] : rows_of_status) {
    INFO(wire);
    const auto got = deliver(wire, 0, limits);
    CHECK(got.judged == expected);
    CHECK(got.body.empty());
    CHECK(got.status == std::stoi(wire.substr(9, 3)));
  }
}

TEST_CASE("who wants the status only is still strict about the header") {
  const parser_limits limits{.status_only = true};
  const int how = GENERATE(0, 1, 2);

  CHECK(deliver("HTTP/2 200 OK\r\n\r\n", how, limits).judged == verdict::malformed);
  CHECK(deliver("HTTP/1.1 200 OK\nX: y\n\n", how, limits).judged == verdict::malformed);
  CHECK(deliver("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'a'), how, limits).judged == verdict::malformed);
  CHECK(deliver("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", how, limits).status == 200);
}
