#include <music/base/hash.hpp>
#include <music/core/audio_duration.hpp>
#include <music/providers/upstream/answer.hpp>
#include <music/providers/upstream/kept_songs.hpp>

#include <algorithm>
#include <utility>

namespace music::upstream {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t piece_bytes = 256 * 1024;
constexpr std::size_t most_remembered = 256;  ///< songs of jobs that ended before they looked at them stay
constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{5'000};

double seconds_in(const std::string& bytes) {
  duration_reader reader;
  reader.feed(bytes);
  return reader.seconds().value_or(0);
}

}  // namespace

task<result<std::string>> kept_songs::keep(job_id owner, received_song song, time_point deadline) {
  auto stored = co_await store(owner, song.bytes);
  for (auto pause = first_pause; !stored && clock_.now() + pause < deadline; pause = std::min(pause * 2, longest_pause)) {
    co_await clock_.sleep_until(clock_.now() + pause, use_task);
    stored = co_await store(owner, song.bytes);
  }
  if (!stored) co_return stored.error();
  auto key = stored->key;
  remote_track track;
  track.song_id = key;
  track.source = key;
  track.title = std::move(song.title);
  track.created_at = to_rfc3339(clock_.wall_now());
  track.duration_seconds = song.duration_seconds > 0 ? song.duration_seconds : seconds_in(song.bytes);
  track.held = held_audio{std::move(*stored), song.format};
  if (known_.size() >= most_remembered) known_.erase(known_.begin());
  known_.insert_or_assign(key, std::move(track));
  co_return key;
}

task<result<song_status>> kept_songs::look(std::string song_id) {
  song_status status;
  status.state = song_state::complete;
  if (auto known = known_.extract(song_id)) {
    status.tracks.push_back(std::move(known.mapped()));
    co_return status;
  }
  auto held = co_await examine(song_id);
  if (held.has_error() && held.error().code == errc::not_found) co_return error{errc::song_unknown};
  // The song is paid for and there: the store is asked again.
  if (held.has_error() && held.error().code == errc::store_unavailable)
    co_return passing(errc::store_unavailable, held.error().detail);
  if (held.has_error()) co_return held.error();
  remote_track track;
  track.song_id = song_id;
  track.source = std::move(song_id);
  track.held = std::move(*held);
  status.tracks.push_back(std::move(track));
  co_return status;
}

task<result<std::string>> kept_songs::find(job_id owner, time_point deadline) {
  auto keys = co_await audio_.find(owner);
  for (auto pause = first_pause; !keys && clock_.now() + pause < deadline; pause = std::min(pause * 2, longest_pause)) {
    co_await clock_.sleep_until(clock_.now() + pause, use_task);
    keys = co_await audio_.find(owner);
  }
  if (!keys || keys->empty()) co_return error{errc::submission_unknown};
  co_return std::move(keys->front());
}

task<result<stored_audio>> kept_songs::store(job_id owner, const std::string& bytes) {
  auto writer = co_await audio_.create(std::move(owner));
  if (!writer) co_return writer.error();
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    auto piece = bytes.substr(at, piece_bytes);
    auto appended = co_await (*writer)->append(std::move(piece));
    if (!appended) co_return appended.error();
  }
  co_return co_await (*writer)->commit();
}

task<result<held_audio>> kept_songs::examine(std::string key) {
  auto reader = co_await audio_.open(key);
  if (!reader) co_return reader.error();
  sha256 hash;
  std::optional<audio_format> format;
  const auto size = (*reader)->size();
  for (std::uint64_t at = 0; at < size;) {
    auto piece = co_await (*reader)->read(at, piece_bytes);
    if (!piece) co_return piece.error();
    if (piece->empty()) break;
    if (at == 0) format = recognise_audio(*piece);
    hash.update(*piece);
    at += piece->size();
  }
  if (!format) co_return error{errc::not_found, "a kept song that is no audio"};
  co_return held_audio{stored_audio{std::move(key), to_hex(hash.finish()), size}, *format};
}

}  // namespace music::upstream
