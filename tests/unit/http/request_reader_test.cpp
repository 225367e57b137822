#include "request_reader.hpp"
#include "request_guard.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <fstream>
#include <functional>

namespace {

using namespace music::http;

struct vector_line {
  std::string id;
  std::string verdict;
  std::string payload;
};

std::string unescape(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      bytes.push_back(text[i]);
      continue;
    }
    switch (text[++i]) {
      case 'r': bytes.push_back('\r'); break;
      case 'n': bytes.push_back('\n'); break;
      case 't': bytes.push_back('\t'); break;
      case 'x':
        bytes.push_back(static_cast<char>(std::stoi(std::string{text.substr(i + 1, 2)}, nullptr, 16)));
        i += 2;
        break;
      default: bytes.push_back(text[i]);
    }
  }
  return bytes;
}

std::vector<vector_line> read_vectors() {
  std::ifstream file{MUSIC_REQUEST_VECTORS};
  std::vector<vector_line> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto first = line.find('\t');
    const auto second = line.find('\t', first + 1);
    lines.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1), unescape(line.substr(second + 1))});
  }
  return lines;
}

/// As much as there is room for; cuts it off from `bytes`.
void feed(input_buffer& in, std::string_view& bytes) {
  const auto room = in.prepare();
  const auto count = std::min(room.size(), bytes.size());
  REQUIRE(count > 0);
  std::memcpy(room.data(), bytes.data(), count);
  in.commit(count);
  bytes.remove_prefix(count);
}

void feed_all(input_buffer& in, std::string_view bytes) {
  feed(in, bytes);
  REQUIRE(bytes.empty());
}

/// What the reader makes of the pieces: "ok" for each request, then how it ends.
std::string verdict_on(const std::vector<std::string>& pieces) {
  block_pool pool;
  input_buffer in{pool};
  request_reader reader;
  std::string verdict;
  const auto say = [&](std::string_view word) { verdict.append(verdict.empty() ? "" : " ").append(word); };
  for (const auto& piece : pieces) {
    for (std::string_view rest = piece; !rest.empty();) {
      feed(in, rest);
      for (bool waiting = false; !waiting;) {
        switch (reader.advance(in)) {
          case request_reader::progress::need_more: waiting = true; break;
          case request_reader::progress::head_done: break;
          case request_reader::progress::complete:
            say("ok");
            reader.next(in);
            break;
          case request_reader::progress::refused: say(describe(reader.refusal()).error_type); return verdict;
        }
      }
    }
  }
  if (!in.empty() || reader.in_body()) say("wait");
  return verdict;
}

std::vector<std::string> bytewise(const std::string& whole) {
  std::vector<std::string> pieces;
  for (const char c : whole) pieces.emplace_back(1, c);
  return pieces;
}

std::vector<std::string> linewise(const std::string& whole) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < whole.size();) {
    const auto end = std::min(whole.find('\n', at), whole.size() - 1) + 1;
    pieces.push_back(whole.substr(at, end - at));
    at = end;
  }
  return pieces;
}

std::string chunked(std::string_view body) {
  return "POST /generate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string{body};
}

}  // namespace

TEST_CASE("every request vector gets its verdict in one piece") {
  const auto vectors = read_vectors();
  REQUIRE(vectors.size() > 70);
  for (const auto& line : vectors) {
    INFO(line.id);
    CHECK(verdict_on({line.payload}) == line.verdict);
  }
}

TEST_CASE("the verdict does not depend on where the bytes are cut") {
  for (const auto& line : read_vectors()) {
    INFO(line.id);
    for (const auto& pieces : {bytewise(line.payload), linewise(line.payload)}) {
      const auto verdict = verdict_on(pieces);
      // Beast waits for the end of the header once it has seen part of one; nothing is executed meanwhile
      const bool header_unfinished = line.payload.find("\r\n\r\n") == std::string::npos;
      CHECK((verdict == line.verdict || (header_unfinished && verdict == "wait")));
    }
  }
}

TEST_CASE("a header may have 16384 bytes and not one more") {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const auto with_size = [&](std::size_t size) { return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n"; };

  CHECK(verdict_on({with_size(header_limit)}) == "ok");
  CHECK(verdict_on({with_size(header_limit + 1)}) == "request_header_fields_too_large");
}

TEST_CASE("packets that end inside the next field do not step around the header limit") {
  std::vector<std::string> packets{"GET / HTTP/1.1\r\nHost: a\r\nX"};
  for (int i = 0; i < 60; ++i) packets.push_back("-" + std::to_string(i) + ": " + std::string(300, 'a') + "\r\nX");

  CHECK(verdict_on(packets) == "request_header_fields_too_large");
}

TEST_CASE("a header may have 64 fields and not one more") {
  const auto with_fields = [](unsigned count) {
    std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (unsigned i = 1; i < count; ++i) head += "X-" + std::to_string(i) + ": 1\r\n";
    return head + "\r\n";
  };

  CHECK(verdict_on({with_fields(64)}) == "ok");
  CHECK(verdict_on({with_fields(65)}) == "request_header_fields_too_large");
}

TEST_CASE("a request line that fills the header is a target that is too long") {
  CHECK(verdict_on({"GET /" + std::string(header_limit, 'a')}) == "uri_too_long");
  CHECK(verdict_on({"GET /" + std::string(longest_target, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"}) == "uri_too_long");
}

TEST_CASE("a body may have 65536 bytes and not one more") {
  const auto head = [](std::size_t size) {
    return "POST /generate HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  };
  std::vector<std::string> fits{head(body_limit)};
  for (std::size_t i = 0; i < 64; ++i) fits.emplace_back(1024, 'x');

  CHECK(verdict_on(fits) == "ok");
  CHECK(verdict_on({head(body_limit + 1)}) == "payload_too_large");
  CHECK(verdict_on({head(18446744073709551615ULL)}) == "payload_too_large");
}

TEST_CASE("a body that was allowed to be larger may be that large and not one byte more") {
  const auto verdict = [](const std::string& framing, const std::string& body) {
    block_pool pool;
    input_buffer in{pool};
    request_reader reader;
    feed_all(in, "POST /batches HTTP/1.1\r\nHost: a\r\n" + framing + "\r\n\r\n");
    REQUIRE(reader.advance(in) == request_reader::progress::head_done);
    reader.allow_body(100'000);
    auto step = reader.advance(in);
    for (std::size_t at = 0; step == request_reader::progress::need_more && at < body.size(); at += 100) {
      feed_all(in, body.substr(at, 100));
      step = reader.advance(in);
    }
    return step;
  };
  const std::string fits(100'000, 'x');

  CHECK(verdict("Content-Length: 100000", fits) == request_reader::progress::complete);
  CHECK(verdict("Content-Length: 100001", {}) == request_reader::progress::refused);
  CHECK(verdict("Transfer-Encoding: chunked", "186a0\r\n" + fits + "\r\n0\r\n\r\n") == request_reader::progress::complete);
  CHECK(verdict("Transfer-Encoding: chunked", "186a1\r\n" + fits + "x\r\n0\r\n\r\n") == request_reader::progress::refused);
}

TEST_CASE("what one request was allowed is not the next one's") {
  block_pool pool;
  input_buffer in{pool};
  request_reader reader;
  feed_all(in, "POST /batches HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n");
  REQUIRE(reader.advance(in) == request_reader::progress::head_done);
  reader.allow_body(batch_body_limit);
  feed_all(in, "{}");
  REQUIRE(reader.advance(in) == request_reader::progress::complete);
  reader.next(in);

  feed_all(in, "POST /batches HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n");
  REQUIRE(reader.advance(in) == request_reader::progress::head_done);

  CHECK(reader.advance(in) == request_reader::progress::refused);
}

TEST_CASE("a body arrives whole through the small buffer") {
  block_pool pool;
  input_buffer in{pool};
  request_reader reader;
  feed_all(in, "POST /generate HTTP/1.1\r\nHost: a\r\nIdempotency-Key: k\r\nContent-Length: 3000\r\n\r\n");
  REQUIRE(reader.advance(in) == request_reader::progress::head_done);

  std::string sent;
  while (sent.size() < 3000) {
    REQUIRE(reader.advance(in) == request_reader::progress::need_more);
    const std::string piece(100, static_cast<char>('a' + sent.size() / 100 % 26));
    feed_all(in, piece);
    sent += piece;
  }

  REQUIRE(reader.advance(in) == request_reader::progress::complete);
  CHECK(reader.body() == sent);
  CHECK(reader.head().value(field::idempotency_key) == "k");
}

TEST_CASE("trailers cannot change what the header said") {
  block_pool pool;
  input_buffer in{pool};
  request_reader reader;
  feed_all(in, chunked("2\r\n{}\r\n0\r\nAuthorization: Bearer stolen\r\nHost: evil\r\n\r\n"));

  REQUIRE(reader.advance(in) == request_reader::progress::head_done);
  REQUIRE(reader.advance(in) == request_reader::progress::complete);

  CHECK(reader.body() == "{}");
  CHECK_FALSE(reader.head().has(field::authorization));
  CHECK(reader.head().value(field::host) == "a");
}

TEST_CASE("chunks with long extensions are refused before they amount to much") {
  std::string wire;
  for (int i = 0; i < 1000; ++i) wire += "1;" + std::string(40, 'e') + "\r\nx\r\n";
  std::vector<std::string> packets{chunked("")};
  for (const auto& line : linewise(wire)) packets.push_back(line);

  CHECK(verdict_on(packets) == "payload_too_large");
}

TEST_CASE("a trailer of 70000 bytes and an extension of 70000 bytes are refused") {
  for (const auto* start : {"0\r\nX: ", "2;a="}) {
    std::vector<std::string> packets{chunked(start)};
    for (int i = 0; i < 70; ++i) packets.emplace_back(1000, 'a');
    CHECK(verdict_on(packets) == "payload_too_large");
  }
}

TEST_CASE("the end of an empty chunked body may come in three packets") {
  CHECK(verdict_on({chunked(""), "0\r\n", "\r", "\n"}) == "ok");
}

TEST_CASE("chunks add up to the body limit and not beyond") {
  std::vector<std::string> packets{chunked("")};
  for (int i = 0; i < 16; ++i) packets.push_back("1000\r\n" + std::string(4096, 'x') + "\r\n");
  auto too_many = packets;
  packets.emplace_back("0\r\n\r\n");
  too_many.emplace_back("1\r\nx\r\n");

  CHECK(verdict_on(packets) == "ok");
  CHECK(verdict_on(too_many) == "payload_too_large");
}

TEST_CASE("single-valued fields that come twice are refused and list fields are joined") {
  for (const auto* name : {"Authorization", "Content-Type", "Idempotency-Key", "Content-Encoding", "Range", "X-Request-Id"}) {
    const std::string line = std::string{name} + ": a\r\n";
    CHECK(verdict_on({"GET / HTTP/1.1\r\nHost: a\r\n" + line + line + "\r\n"}) == "invalid_header");
  }
  block_pool pool;
  input_buffer in{pool};
  request_reader reader;
  feed_all(in, "GET / HTTP/1.1\r\nHost: a\r\nPrefer: respond-async\r\nPrefer: wait=5\r\nPrefer: x\r\n\r\n");
  REQUIRE(reader.advance(in) == request_reader::progress::head_done);
  CHECK(reader.head().value(field::prefer) == "respond-async, wait=5, x");
}

TEST_CASE("a body with GET is refused however it is framed") {
  CHECK(verdict_on({"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"}) == "invalid_header");
  CHECK(verdict_on({"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) == "invalid_header");
  CHECK(verdict_on({"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"}) == "ok");
}

TEST_CASE("a hundred requests in one packet are cut apart") {
  std::string pipelined;
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    pipelined += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    expected += i == 0 ? "ok" : " ok";
  }

  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < pipelined.size(); at += 400) pieces.push_back(pipelined.substr(at, 400));
  CHECK(verdict_on(pieces) == expected);
}
