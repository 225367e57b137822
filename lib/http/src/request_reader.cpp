#include "request_reader.hpp"

#include "request_guard.hpp"

#include <algorithm>

namespace music::http {

request_reader::progress request_reader::advance(input_buffer& in) {
  if (stage_ == stage::head) return read_head(in);
  parser_->head().rebase(in.data().data());
  if (stage_ == stage::complete) return progress::complete;
  if (stage_ == stage::body_to_begin && !begin_body()) return refuse(problem::payload_too_large);
  return chunks_ ? read_chunks(in) : read_body(in);
}

request_reader::progress request_reader::read_head(input_buffer& in) {
  if (in.empty()) return progress::need_more;
  switch (parser_->feed(in.data())) {
    case head_parser::progress::need_more: return progress::need_more;
    case head_parser::progress::refused: return refuse(parser_->refusal());
    case head_parser::progress::done: break;
  }
  const auto& head = parser_->head();
  if (const auto wrong = check_head(head)) return refuse(*wrong);
  most_body_ = body_limit;
  stage_ = head.chunked() || head.content_length.value_or(0) > 0 ? stage::body_to_begin : stage::complete;
  return progress::head_done;
}

/// False if it is too large.
bool request_reader::begin_body() {
  const auto& head = parser_->head();
  if (head.content_length.value_or(0) > most_body_) return false;
  body_left_ = static_cast<std::size_t>(head.content_length.value_or(0));
  if (head.chunked()) chunks_.emplace(most_body_);
  stage_ = stage::body;
  return true;
}

request_reader::progress request_reader::read_body(input_buffer& in) {
  const auto arrived = in.data().substr(parser_->size());
  const auto count = std::min(arrived.size(), body_left_);
  body_.append(arrived.substr(0, count));
  in.erase(parser_->size(), count);
  body_left_ -= count;
  if (body_left_ > 0) return progress::need_more;
  stage_ = stage::complete;
  return progress::complete;
}

request_reader::progress request_reader::read_chunks(input_buffer& in) {
  std::size_t used = 0;
  const auto step = chunks_->decode(in.data().substr(parser_->size()), used, body_);
  in.erase(parser_->size(), used);
  switch (step) {
    case chunked_decoder::progress::need_more: return progress::need_more;
    case chunked_decoder::progress::malformed: return refuse(problem::invalid_header);
    case chunked_decoder::progress::too_large: return refuse(problem::payload_too_large);
    case chunked_decoder::progress::done: break;
  }
  stage_ = stage::complete;
  return progress::complete;
}

request_reader::progress request_reader::refuse(problem why) noexcept {
  refusal_ = why;
  return progress::refused;
}

void request_reader::next(input_buffer& in) {
  in.consume(parser_->size());
  parser_.emplace();
  chunks_.reset();
  std::string{}.swap(body_);
  body_left_ = 0;
  stage_ = stage::head;
}

}  // namespace music::http
