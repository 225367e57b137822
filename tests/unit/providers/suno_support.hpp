#pragma once

/// Answers of gateways, as the codecs' tests write them.

#include "dialect.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <utility>
#include <vector>

namespace music::test {

inline constexpr wall_time gateway_time{std::chrono::milliseconds{1'771'151'445'123}};

inline net::http_response json_answer(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

inline submission submitted(const suno::dialect& codec, int status, std::string body) {
  return codec.decode_submission(json_answer(status, std::move(body)), gateway_time);
}

inline result<song_status> polled(const suno::dialect& codec, std::string song, int status, std::string body) {
  const std::vector<std::string> songs{std::move(song)};
  return codec.decode_poll(json_answer(status, std::move(body)), songs, gateway_time).at(0);
}

inline boost::json::object body_of(const suno::wire_request& call) { return boost::json::parse(call.body).as_object(); }

inline song_request a_request() {
  song_request request;
  request.theme = "rainy night in Tokyo";
  request.prompt = "A mellow lofi beat with a vibraphone.";
  request.tags = "lofi, chill";
  return request;
}

struct refusal_row {
  int status;
  std::string body;
  submission_fate fate;
  errc code;
  bool transient;
};

struct lost_poll_row {
  int status;
  std::string body;
  errc code;
  bool transient;
};

}  // namespace music::test
