#include "response.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace music::http {
namespace {

std::string_view reason(unsigned status) noexcept {
  switch (status) {
    case 200: return "OK";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "";
  }
}

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto [end, ec] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

bool may_stand_in_value(char c) noexcept { return c == '\t' || (c >= 0x20 && c < 0x7f); }

bool has_content_length(const response& answer) noexcept {
  return answer.status != 204 && answer.status != 304 && !answer.stream;
}

std::uint64_t content_length(const response& answer) noexcept {
  return answer.audio.reader ? answer.audio.length : answer.body.size();
}

}  // namespace

void header_block::add(std::string_view name, std::string_view value) {
  if (!std::all_of(value.begin(), value.end(), may_stand_in_value)) {
    throw std::invalid_argument("a header value has a byte that must not stand in one: " + std::string{name});
  }
  lines_.append(name).append(": ").append(value).append("\r\n");
}

void header_block::add(std::string_view name, std::uint64_t number) {
  lines_.append(name).append(": ");
  append_number(lines_, number);
  lines_.append("\r\n");
}

void append_status_line(std::string& out, unsigned status) {
  out += "HTTP/1.1 ";
  append_number(out, status);
  out.append(" ").append(reason(status)).append("\r\n");
}

void append_header_end(std::string& out, const answer_frame& frame) {
  out.append("Date: ").append(frame.date).append("\r\nX-Request-Id: ").append(frame.request_id).append("\r\n");
  if (!frame.keep_alive) {
    out += "Connection: close\r\n";
  } else if (!frame.http_1_1) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

void append_answer(std::string& out, const response& answer, const answer_frame& frame) {
  append_status_line(out, answer.status);
  if (!answer.content_type.empty()) out.append("Content-Type: ").append(answer.content_type).append("\r\n");
  if (has_content_length(answer)) {
    out += "Content-Length: ";
    append_number(out, content_length(answer));
    out += "\r\n";
  }
  if (answer.stream && frame.http_1_1) out += "Transfer-Encoding: chunked\r\n";
  out += "X-Content-Type-Options: nosniff\r\n";
  out += answer.headers.lines();
  append_header_end(out, frame);
  if (!frame.head_only && !answer.audio.reader) out += answer.body;
}

std::string as_chunk(std::string_view piece) {
  char digits[16];
  const auto [end, ec] = std::to_chars(digits, digits + sizeof digits, piece.size(), 16);
  std::string chunk{digits, end};
  return chunk.append("\r\n").append(piece).append("\r\n");
}

response json_response(unsigned status, std::string body) {
  response answer;
  answer.status = status;
  answer.content_type = json_type;
  answer.headers.add("Cache-Control", never_stored);
  answer.body = std::move(body);
  return answer;
}

response not_modified(std::string_view etag) {
  response answer;
  answer.status = 304;
  answer.headers.add("Cache-Control", revalidated);
  answer.headers.add("ETag", etag);
  return answer;
}

response problem_response(problem what, wall_time now, std::string_view request_id, const std::vector<field_error>& fields) {
  const auto text = describe(what);
  auto answer = json_response(text.status, problem_body(what, to_rfc3339(now), request_id, fields));
  if (text.retry_after > 0) answer.headers.add("Retry-After", text.retry_after);
  if (what == problem::unauthorized) answer.headers.add("WWW-Authenticate", "Bearer");
  return answer;
}

}  // namespace music::http
