#include "fake_ports.hpp"

namespace music::test {

task<result<written_prompt>> fake_writer::write(prompt_request request, time_point) {
  asked.push_back(std::move(request));
  auto next = answers.next();
  co_await clock_.sleep_until(clock_.now() + next.after, use_task);
  co_return std::move(next.answer);
}

task<bool> fake_news::await_news(std::string, time_point, time_point) {
  const auto next = told.next();
  co_await clock_.sleep_until(clock_.now() + next.after, use_task);
  co_return next.answer;
}

task<result<std::string>> fake_news::find_lost(job_id, time_point) {
  auto next = lost.next();
  co_await clock_.sleep_until(clock_.now() + next.after, use_task);
  co_return std::move(next.answer);
}

task<submission> fake_provider::submit(song_request request, time_point) {
  submitted.push_back(std::move(request));
  auto next = submissions.next();
  co_await clock_.sleep_until(clock_.now() + next.after, use_task);
  co_return std::move(next.answer);
}

task<result<song_status>> fake_provider::poll(std::string, time_point) {
  polled_at.push_back(clock_.now());
  auto next = polls.next();
  co_await clock_.sleep_until(clock_.now() + next.after, use_task);
  co_return std::move(next.answer);
}

task<result<audio_format>> fake_provider::fetch(remote_track track, audio_writer& into, time_point) {
  fetched.push_back(track.source);
  auto next = audio.next();
  co_await clock_.sleep_until(clock_.now() + next.after, use_task);
  if (next.answer.has_error()) co_return next.answer.error();
  const auto format = recognise_audio(*next.answer);
  if (!format) co_return error{errc::result_unavailable};
  auto written = co_await into.append(std::move(*next.answer));
  if (written.has_error()) co_return written.error();
  co_return *format;
}

written_prompt good_prompt() { return {"A mellow lofi beat with soft rain and a warm electric piano.", "fake-model", 145}; }

submission accepted(std::string song_id) { return {submission_fate::accepted, std::move(song_id), {}}; }

submission not_accepted(submission_fate fate, errc cause) { return {fate, {}, error{cause}}; }

song_status generating() { return {}; }

song_status playable(std::string preview) {
  song_status status;
  status.tracks.emplace_back().preview = std::move(preview);
  return status;
}

song_status complete(std::size_t tracks) {
  song_status status;
  status.state = song_state::complete;
  for (std::size_t i = 0; i < tracks; ++i) {
    remote_track one;
    one.song_id = "song-" + std::to_string(i + 1);
    one.source = "https://cdn.test/" + one.song_id + ".mp3";
    one.title = "Rainy Night";
    one.tags = "lofi";
    one.created_at = "2026-02-15T10:30:00Z";
    one.duration_seconds = 180;
    status.tracks.push_back(std::move(one));
  }
  return status;
}

song_status failed(errc cause) {
  song_status status;
  status.state = song_state::failed;
  status.failure = error{cause};
  return status;
}

std::string fake_mp3() { return std::string{"ID3\x04"} + std::string(2000, 'a'); }

provider_info paid_provider() {
  provider_info info;
  info.name = "suno";
  info.api_name = "Suno";
  info.poll.most_polls = 30;
  return info;
}

generate_request rainy_night() {
  generate_request request;
  request.theme = "rainy night in Tokyo, lofi";
  return request;
}

}  // namespace music::test
