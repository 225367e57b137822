#include "render_desk.hpp"

#include <music/base/hash.hpp>
#include <music/base/log.hpp>
#include <music/core/request.hpp>
#include <music/providers/local/local_provider.hpp>

#include <algorithm>
#include <utility>

namespace music {
namespace {

using local::render_desk;

constexpr std::string_view id_prefix = "local-";
constexpr std::size_t id_hex_digits = 32;
constexpr std::size_t piece_bytes = 256 * 1024;

provider_info describe() {
  provider_info info;
  info.name = "local";
  info.api_name = "embedded composer";
  info.paid = false;
  info.poll.interval = std::chrono::milliseconds{200};
  info.honours_duration = true;
  info.honours_seed = true;
  info.honours_title = true;
  info.formats = {audio_format::mp3, audio_format::ogg, audio_format::flac, audio_format::wav};
  return info;
}

/// MP4 cannot be rendered; the job's warnings have told that the wish is ignored.
local::audio_format rendered_for(audio_format wanted) noexcept {
  switch (wanted) {
    case audio_format::mp3:
    case audio_format::mp4: return local::audio_format::mp3;
    case audio_format::ogg: return local::audio_format::ogg;
    case audio_format::flac: return local::audio_format::flac;
    case audio_format::wav: return local::audio_format::wav;
  }
  return local::audio_format::mp3;
}

/// Without a seed the job's id is one: another job about the same theme gets another song, the same job the same again.
std::uint64_t seed_for(const song_request& request) {
  if (request.seed) return *request.seed;
  const auto digest = sha256_of(request.job.text() + '\n' + request.theme);
  std::uint64_t seed = 0;
  for (std::size_t i = 0; i < sizeof seed; ++i) seed = seed << 8 | digest[i];
  return seed % (largest_seed + 1);
}

/// The same job's same request has the same id, so that sending it twice makes one song.
std::string song_id_for(const song_request& request, std::uint64_t seed, std::string_view format) {
  sha256 digest;
  for (const std::string& part :
       {request.job.text(), request.theme, request.prompt, request.tags, request.title, request.style}) {
    digest.update(part);
    digest.update(std::string_view{"\0", 1});
  }
  digest.update(std::to_string(seed) + ' ' + std::to_string(request.duration_seconds.value_or(0)) + ' ' + std::string{format});
  return std::string{id_prefix} + to_hex(digest.finish()).substr(0, id_hex_digits);
}

class local_provider final : public music_provider {
 public:
  local_provider(local_options options, blocking_pool& renderers, clock& clock, task_group& tasks)
      : info_(describe()),
        soundfont_(options.soundfont),
        tasks_(tasks),
        desk_(std::make_shared<render_desk>(std::move(options), renderers, clock)) {}

  ~local_provider() override { desk_->stop(); }
  local_provider(const local_provider&) = delete;
  local_provider& operator=(const local_provider&) = delete;

  const provider_info& info() const noexcept override { return info_; }

  task<submission> submit(song_request request, time_point) override {
    submission outcome;
    const auto format = request.format.value_or(audio_format::mp3);
    const auto seed = seed_for(request);
    outcome.fate = submission_fate::accepted;
    outcome.song_id = song_id_for(request, seed, name(format));
    local::render_order order{
        .request = std::move(request), .seed = seed, .format = rendered_for(format), .soundfont = soundfont_};
    desk_->accept(outcome.song_id, std::move(order), tasks_);
    co_return outcome;
  }

  task<result<song_status>> poll(std::string song_id, time_point) override {
    song_status status;
    switch (desk_->look(song_id)) {
      case render_desk::state::unknown: co_return error{errc::song_unknown};
      case render_desk::state::making: break;
      case render_desk::state::finished:
        status.state = song_state::complete;
        status.tracks.push_back(track_of(song_id, *desk_->find(song_id)));
        break;
      case render_desk::state::failed:
        status.state = song_state::failed;
        status.failure = error{errc::generation_failed, desk_->failure(song_id).detail};
        log::warning({"local_music_generator", info_.api_name, "render_song", "error"},
                     {{"error_type", name(desk_->failure(song_id).code)}, {"detail", status.failure.detail}});
        break;
    }
    co_return status;
  }

  task<result<audio_format>> fetch(remote_track track, audio_writer& into, time_point) override {
    const auto* song = desk_->find(track.source);
    if (song == nullptr) co_return error{errc::result_unavailable, "no such song in memory"};
    const auto bytes = song->bytes;  // shared: the desk may let go of the song while it is written
    const auto format = recognise_audio(*bytes);
    if (!format) co_return error{errc::result_unavailable, "the renderer gave no audio"};
    for (std::size_t at = 0; at < bytes->size(); at += piece_bytes) {
      auto appended = co_await into.append(bytes->substr(at, piece_bytes));
      if (!appended) co_return appended.error();
    }
    desk_->forget(track.source);
    co_return *format;
  }

 private:
  static remote_track track_of(const std::string& song_id, const local::finished_render& song) {
    remote_track track;
    track.song_id = song_id;
    track.source = song_id;
    track.title = song.title;
    track.tags = song.tags;
    track.created_at = to_rfc3339(song.finished_at);
    track.duration_seconds = song.duration_seconds;
    return track;
  }

  provider_info info_;
  std::string soundfont_;
  task_group& tasks_;
  std::shared_ptr<render_desk> desk_;
};

}  // namespace

std::unique_ptr<music_provider> create_local_provider(local_options options, blocking_pool& renderers, clock& clock,
                                                      task_group& tasks) {
  return std::make_unique<local_provider>(std::move(options), renderers, clock, tasks);
}

}  // namespace music
