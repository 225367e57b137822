#pragma once

/// An answer before it is bytes, and how it becomes them.

#include "problem.hpp"

#include <music/async/task.hpp>
#include <music/core/audio.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace music::http {

/// Header lines of an answer. Every value is checked, so that no text of a client, a title or an upstream can add a line
/// (Beast writes values verbatim, security.md F14).
class header_block {
 public:
  /// Throws `std::invalid_argument` when the value has a byte outside visible ASCII, space and tab: a bug of the caller,
  /// answered with 500.
  void add(std::string_view name, std::string_view value);
  void add(std::string_view name, std::uint64_t number);

  [[nodiscard]] const std::string& lines() const noexcept { return lines_; }

 private:
  std::string lines_;
};

/// The bytes of a song that follow the header.
struct audio_body {
  std::unique_ptr<audio_reader> reader;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// A body that comes piece by piece and has no length before its end.
class body_stream {
 public:
  virtual ~body_stream() = default;

  /// The next piece, never empty; nothing when the body has ended. Called again only after the client has taken the piece.
  [[nodiscard]] virtual task<std::optional<std::string>> next() = 0;
};

struct response {
  unsigned status = 200;
  header_block headers{};             ///< without Content-Length and what `answer_frame` brings
  std::string_view content_type{};    ///< empty when there is no body; static storage
  std::string body{};
  audio_body audio{};                 ///< sent instead of `body` when it has a reader
  std::unique_ptr<body_stream> stream{};  ///< sent instead of both when it is there; `content_type` is its
};

/// What an answer takes from its connection and request.
struct answer_frame {
  std::string_view date;        ///< IMF-fixdate
  std::string_view request_id;
  bool keep_alive = true;
  bool http_1_1 = true;
  bool head_only = false;       ///< the request was HEAD
};

inline constexpr std::string_view json_type = "application/json";

// What Cache-Control says.
inline constexpr std::string_view never_stored = "no-store";
inline constexpr std::string_view revalidated = "private, no-cache";

/// `body` is JSON; nobody may keep it.
[[nodiscard]] response json_response(unsigned status, std::string body);

/// A 304; without a body.
[[nodiscard]] response not_modified(std::string_view etag);

/// Appends status line, header and body (but not an `audio` body or a stream) to `out`. A stream is chunked; a client of HTTP/1.0
/// reads it to the end of the connection, so `frame` must not keep that alive.
void append_answer(std::string& out, const response& answer, const answer_frame& frame);

/// The part of a header that changes from answer to answer: Date, X-Request-Id, Connection and the empty line.
void append_header_end(std::string& out, const answer_frame& frame);

/// One chunk (RFC 9112, 7.1); an empty one is the last.
[[nodiscard]] std::string as_chunk(std::string_view piece);

/// "HTTP/1.1 200 OK" and the line's end.
void append_status_line(std::string& out, unsigned status);

/// An answer with the error body of the contract. `Retry-After` comes by itself; Allow and the like may be added.
[[nodiscard]] response problem_response(problem what, wall_time now, std::string_view request_id,
                                        const std::vector<field_error>& fields = {});

}  // namespace music::http
