#include "session.hpp"

#include "header_values.hpp"
#include "request_guard.hpp"

#include <music/async/companion.hpp>
#include <music/base/log.hpp>
#include <music/base/text.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <array>

namespace music::http {
namespace {

/// Answers to pipelined requests are gathered up to here before they are sent.
constexpr std::size_t gathered_answers = 64 * 1024;
constexpr std::size_t song_chunk = 64 * 1024;
constexpr std::size_t lingered_bytes = 64 * 1024;
constexpr std::size_t early_bytes = 256;
constexpr std::chrono::seconds lingered_time{1};

}  // namespace

session::session(std::unique_ptr<net::transport> connection, session_environment& shared)
    : connection_(std::move(connection)), shared_(shared), in_(shared.blocks) {
  shared_.sessions.push_back(*this);
}

task<void> serve(std::unique_ptr<net::transport> connection, session_environment& shared) {
  session one{std::move(connection), shared};
  auto running = one.run();
  co_await std::move(running);
}

task<void> session::run() {
  connection_->set_deadline(shared_.clock.now() + shared_.limits.header_timeout);
  auto shaking_hands = connection_->handshake_server();
  const auto unshaken = co_await std::move(shaking_hands);
  if (unshaken) co_return;
  for (;;) {
    shared_.scratch.clear();
    const auto next = serve_buffered(shared_.scratch);
    std::string rest;
    if (!send_now(shared_.scratch, rest)) {
      auto writing = write_rest(std::move(rest));
      const bool written = co_await std::move(writing);
      if (!written) co_return;
    }
    if (next == step::end) break;
    if (next == step::again) continue;
    if (next == step::handle) {
      auto serving = serve_slowly();
      const bool served = co_await std::move(serving);
      if (!served) co_return;
      if (closing_) break;
      continue;
    }
    if (take_early_bytes()) continue;
    if (shared_.draining && in_.empty() && !reader_.in_body()) break;
    arm();
    const auto room = in_.prepare();
    auto reading = connection_->read_some(room);
    const auto got = co_await std::move(reading);
    reading_ = false;
    if (got.ec) co_return;
    in_.commit(got.bytes);
  }
  connection_->shutdown_send();
  auto lingering = linger();
  co_await std::move(lingering);
}

session::step session::serve_buffered(std::string& out) {
  while (out.size() < gathered_answers) {
    auto then = step::again;
    switch (reader_.advance(in_)) {
      case request_reader::progress::need_more: then = on_missing_bytes(out); break;
      case request_reader::progress::head_done: then = on_head(out); break;
      case request_reader::progress::complete: then = on_complete(out); break;
      case request_reader::progress::refused:
        bind_request();
        closing_ = true;
        append_problem(out, reader_.refusal());
        return step::end;
    }
    if (then != step::again) return then;
  }
  return step::again;
}

session::step session::on_head(std::string&) {
  const auto& head = reader_.head();
  request_.by = shared_.keys.identify(head.value(field::authorization));
  bind_request();
  refused_ = judge(head, request_.where.found, request_.by, shared_.base_url);
  if (!refused_ && request_.where.found != nullptr && request_.where.found->large) reader_.allow_body(batch_body_limit);
  wants_continue_ = head.http_1_1 && head.has(field::expect);
  begun_ = false;  // the body has a time of its own
  if (log::enabled(log::level::debug)) started_at_ = shared_.clock.now();
  return step::again;
}

/// A client that waits for 100 before it sends its body is told at once what it will get.
session::step session::on_missing_bytes(std::string& out) {
  if (!reader_.in_body() || !wants_continue_) return step::read;
  wants_continue_ = false;
  if (!refused_) {
    out += "HTTP/1.1 100 Continue\r\n\r\n";
    return step::read;
  }
  bind_request();
  closing_ = true;
  append_problem(out, *refused_);
  return step::end;
}

session::step session::on_complete(std::string& out) {
  if (reader_.head().announces_body()) bind_request();  // the buffer may have moved
  closing_ = !reader_.head().keep_alive || shared_.draining;
  if (refused_) {
    append_problem(out, *refused_);
  } else if (request_.head->verb == method::options) {
    append_options(out);
  } else if (shared_.api.answer_from_memory(request_, frame(), out)) {
    end_request(200);
  } else {
    started_at_ = shared_.clock.now();
    return step::handle;
  }
  return closing_ ? step::end : step::again;
}

void session::bind_request() {
  const auto& head = reader_.head();
  const auto given = head.value(field::request_id);
  if (is_request_id(given)) {
    request_.id = given;
  } else {
    if (made_id_[0] == '\0') shared_.ids.next(made_id_);
    request_.id = {made_id_.data(), made_id_.size()};
  }
  request_.head = &head;
  request_.body = &reader_.body();
  request_.where = shared_.api.find_route(origin_form(head.target()));
}

task<bool> session::serve_slowly() {
  connection_->set_deadline(time_point::max());
  hurry_.emplace(shared_.ex);
  if (shared_.draining) hurry_->set();
  request_.hurry = &*hurry_;
  auto serving = answer_and_send();
  if (!may_wait()) co_return co_await std::move(serving);
  auto watching = watch_client();
  co_return co_await run_beside(std::move(serving), std::move(watching));
}

/// Whether the answer may take longer than work does, so that a client that leaves meanwhile must be noticed.
bool session::may_wait() const { return request_.head->has(field::prefer) || request_.where.found->lasts; }

/// Runs beside an answer that may wait. A client that has gone cannot be told from one that has only ended its side, so the
/// answer comes at once, to whom it may concern. What the client sends early is kept, and ends the watch: the end behind it
/// is seen when those bytes are read.
task<void> session::watch_client() {
  for (;;) {
    auto waiting = connection_->wait_readable();
    auto ec = co_await std::move(waiting);
    std::array<char, early_bytes> bytes;
    const auto got = ec ? 0 : connection_->try_read(asio::buffer(bytes), ec);
    early_.append(bytes.data(), got);
    if (ec == asio::error::would_block) continue;
    if (ec) {
      closing_ = true;
      hurry();
    }
    co_return;
  }
}

void session::hurry() {
  if (hurry_) hurry_->set();
}

/// True if there was something and the buffer had room for it.
bool session::take_early_bytes() {
  if (early_.empty()) return false;
  const auto room = in_.prepare();
  const auto count = asio::buffer_copy(room, asio::buffer(early_));
  in_.commit(count);
  early_.erase(0, count);
  return count > 0;
}

task<bool> session::answer_and_send() {
  auto answering = guarded_answer();
  auto answer = co_await std::move(answering);
  const bool ends_with_connection = answer.stream && !request_.head->http_1_1;
  closing_ = closing_ || shared_.draining || ends_with_connection;
  shared_.scratch.clear();
  append(shared_.scratch, answer);
  std::string rest;
  if (!send_now(shared_.scratch, rest)) {
    auto writing = write_rest(std::move(rest));
    const bool written = co_await std::move(writing);
    if (!written) co_return false;
  }
  if (answer.audio.reader && request_.head->verb == method::get) {
    auto sending = send_audio(std::move(answer.audio));
    const bool sent = co_await std::move(sending);
    if (!sent) co_return false;
  }
  if (answer.stream && request_.head->verb == method::get) {
    auto sending = send_stream(std::move(answer.stream));
    const bool sent = co_await std::move(sending);
    if (!sent) co_return false;
  }
  end_request(answer.status);
  co_return true;
}

/// The one place where exceptions of handlers end: whatever was thrown, the client gets an answer and the log a line.
task<response> session::guarded_answer() {
  std::string thrown;
  try {
    auto answering = shared_.api.answer(request_);
    auto answer = co_await std::move(answering);
    co_return answer;
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) throw;
    thrown = failure.what();
  } catch (const std::exception& failure) {
    thrown = failure.what();
  }
  log::error({"http", "HTTP", request_.where.found->pattern, "exception"}, {{"what", thrown}, {"request_id", request_.id}});
  co_return shared_.api.fail(problem::unexpected, request_);
}

bool session::send_now(std::string& out, std::string& rest) {
  if (out.empty()) return true;
  net::error_code ec;
  const auto sent = connection_->try_write(asio::buffer(out), ec);
  if (sent == out.size()) return true;
  rest = out.substr(sent);  // an error comes again, from the write that follows
  return false;
}

task<bool> session::write_rest(std::string rest) {
  connection_->set_deadline(shared_.clock.now() + shared_.limits.write_timeout);
  auto writing = connection_->write(asio::buffer(rest));
  const auto failed = co_await std::move(writing);
  co_return !failed;
}

task<bool> session::send_audio(audio_body song) {
  while (song.length > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(song.length, song_chunk));
    auto loading = song.reader->read(song.offset, wanted);
    auto chunk = co_await std::move(loading);
    if (!chunk || chunk->empty()) co_return false;  // the header is out: a short body is the only way to tell
    const auto size = std::min<std::uint64_t>(chunk->size(), song.length);
    chunk->resize(static_cast<std::size_t>(size));
    auto writing = write_rest(std::move(*chunk));
    const bool written = co_await std::move(writing);
    if (!written) co_return false;
    song.offset += size;
    song.length -= size;
  }
  co_return true;
}

/// Nothing is gathered for a client that reads slowly: the next piece is made when this one has been taken, and a client that does
/// not take one in time is given up.
task<bool> session::send_stream(std::unique_ptr<body_stream> stream) {
  const bool chunked = request_.head->http_1_1;
  for (;;) {
    connection_->set_deadline(time_point::max());
    auto asking = stream->next();
    auto piece = co_await std::move(asking);
    if (!piece && !chunked) co_return true;
    auto bytes = chunked ? as_chunk(piece.value_or("")) : std::move(*piece);
    auto writing = write_rest(std::move(bytes));
    const bool written = co_await std::move(writing);
    if (!written || !piece) co_return written;
  }
}

/// Reads and drops what the client still sends: closing with unread bytes would reset the connection, and the reset could
/// overtake the answer.
task<void> session::linger() {
  if (in_.empty() && early_.empty() && !reader_.in_body()) co_return;
  connection_->set_deadline(shared_.clock.now() + lingered_time);
  auto ground = shared_.blocks.take();
  for (std::size_t dropped = 0; dropped < lingered_bytes;) {
    auto reading = connection_->read_some(asio::buffer(ground.get(), block_size));
    const auto got = co_await std::move(reading);
    if (got.ec) break;
    dropped += got.bytes;
  }
  shared_.blocks.give_back(std::move(ground));
}

answer_frame session::frame() {
  const auto& head = reader_.head();
  return {shared_.date, request_.id, !closing_, head.http_1_1, head.verb == method::head};
}

void session::append(std::string& out, const response& answer) { append_answer(out, answer, frame()); }

void session::append_problem(std::string& out, problem what) {
  auto answer = shared_.api.fail(what, request_);
  if (what == problem::method_not_allowed) answer.headers.add("Allow", request_.where.found->allow);
  append(out, answer);
  end_request(answer.status);
}

void session::append_options(std::string& out) {
  response answer;
  answer.status = 204;
  answer.headers.add("Allow", request_.where.found != nullptr ? request_.where.found->allow : "GET, HEAD, POST, DELETE, OPTIONS");
  append(out, answer);
  end_request(answer.status);
}

void session::end_request(unsigned status) {
  shared_.counters.count(request_.where.found, status);
  const auto at = status >= 500 ? log::level::warning : log::level::debug;
  if (log::enabled(at)) {
    const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(shared_.clock.now() - started_at_);
    const auto* const route = request_.where.found;
    log::write(
        at, {"http", "HTTP", route != nullptr ? route->pattern : "(none)", status < 500 ? "success" : "error"},
        {{"method", name(reader_.head().verb)}, {"status", status}, {"duration_ms", taken.count()}, {"request_id", request_.id}});
  }
  served_one_ = true;
  begun_ = false;
  wants_continue_ = false;
  made_id_[0] = '\0';
  request_.hurry = nullptr;
  hurry_.reset();
  if (reader_.complete()) reader_.next(in_);
}

void session::arm() {
  reading_ = true;
  const auto now = shared_.clock.now();
  const auto& limits = shared_.limits;
  if (in_.empty() && !reader_.in_body()) {
    connection_->set_deadline(now + (served_one_ ? limits.idle_timeout : limits.header_timeout));
    return;
  }
  if (!begun_) {
    begun_ = true;
    begun_at_ = now;
  }
  connection_->set_deadline(begun_at_ + (reader_.in_body() ? limits.body_timeout : limits.header_timeout));
}

void session::overdue(time_point now) {
  if (reading_ && !idle() && !closing_) {
    closing_ = true;
    bind_request();
    std::string out;
    append_problem(out, problem::request_timeout);
    net::error_code ignored;
    static_cast<void>(connection_->try_write(asio::buffer(out), ignored));
    connection_->shutdown_send();
  }
  connection_->expire(now);
}

}  // namespace music::http
