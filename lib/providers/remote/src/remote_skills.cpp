#include "remote_codec.hpp"

#include <music/providers/remote/remote_skills.hpp>
#include <music/providers/upstream/answer.hpp>
#include <music/providers/upstream/outcome.hpp>
#include <music/providers/upstream/service.hpp>

#include <utility>

namespace music {
namespace {

constexpr std::string_view prompt_api_name = "remote prompt generator";
constexpr std::string_view music_api_name = "remote music generator";
constexpr int most_sends = 3;  // of one submission; the key makes them one
constexpr std::chrono::seconds between_sends{1};

upstream::service_options connect(remote_skill_options options, std::string_view skill, std::string_view api_name) {
  upstream::service_options service;
  service.skill = skill;
  service.api_name = api_name;
  service.base = std::move(options.base);
  service.key = std::move(options.key);
  service.timeout = options.timeout;
  return service;
}

class remote_writer final : public prompt_writer {
 public:
  remote_writer(remote_skill_options options, net::http_client& client, clock& clock)
      : clock_(clock), skill_(connect(std::move(options), "chatgpt_prompt_generator", prompt_api_name), client, clock) {}

  std::string_view api_name() const noexcept override { return prompt_api_name; }

  task<result<written_prompt>> write(prompt_request request, time_point deadline) override {
    const auto started = clock_.now();
    auto wire = remote::encode_prompt(request);
    auto answer = co_await skill_.exchange(std::move(wire), deadline);
    auto written = answer.has_value() ? remote::decode_prompt(*answer, clock_.wall_now())
                                      : result<written_prompt>{upstream::failure_of(answer.error())};
    skill_.report("write_prompt", answer, upstream::code_of(written), started);
    co_return written;
  }

 private:
  clock& clock_;
  upstream::service skill_;
};

/// What the other process cannot do it tells in its own job's warnings, so that everything is passed on.
provider_info describe() {
  return {
      .name = "remote",
      .api_name = std::string{music_api_name},
      .poll = {},
      .honours_duration = true,
      .honours_seed = true,
      .honours_vocals = true,
      .honours_title = true,
      .honours_lyrics = true,
      .honours_negative_tags = true,
      .honours_model = true,
      .honours_quality = true,
      .formats = {audio_format::mp3, audio_format::ogg, audio_format::flac, audio_format::wav, audio_format::mp4},
  };
}

class remote_provider final : public music_provider {
 public:
  remote_provider(remote_skill_options options, net::http_client& client, clock& clock)
      : info_(describe()),
        clock_(clock),
        skill_(connect(std::move(options), "suno_music_generator", music_api_name), client, clock) {}

  const provider_info& info() const noexcept override { return info_; }

  task<submission> submit(song_request request, time_point deadline) override {
    for (int sends = 1;; ++sends) {
      auto outcome = co_await send(request, deadline);
      const auto again = clock_.now() + between_sends;
      if (outcome.fate != submission_fate::unknown || sends == most_sends || again >= deadline) co_return outcome;
      co_await clock_.sleep_until(again, use_task);
    }
  }

  task<result<song_status>> poll(std::string song_id, time_point deadline) override {
    if (!upstream::valid_song_id(song_id)) co_return error{errc::song_unknown, "not an id of this provider"};
    const auto started = clock_.now();
    auto wire = remote::encode_poll(song_id);
    auto answer = co_await skill_.exchange(std::move(wire), deadline);
    auto status = answer.has_value() ? remote::decode_poll(*answer, song_id, skill_.base(), clock_.wall_now())
                                     : result<song_status>{upstream::failure_of(answer.error())};
    skill_.report("poll_song", answer, upstream::code_of(status), started);
    co_return status;
  }

  task<result<audio_format>> fetch(remote_track track, audio_writer& into, time_point deadline) override {
    co_return co_await skill_.fetch(std::move(track.source), into, deadline);
  }

 private:
  /// `request` must outlive the call.
  task<submission> send(const song_request& request, time_point deadline) {
    const auto started = clock_.now();
    auto wire = remote::encode_submission(request);
    auto answer = co_await skill_.exchange(std::move(wire), deadline);
    auto outcome =
        answer.has_value() ? remote::decode_submission(*answer, clock_.wall_now()) : upstream::unanswered(answer.error());
    skill_.report("submit_song", answer, outcome, started);
    co_return outcome;
  }

  provider_info info_;
  clock& clock_;
  upstream::service skill_;
};

}  // namespace

std::unique_ptr<prompt_writer> create_remote_writer(remote_skill_options options, net::http_client& client, clock& clock) {
  return std::make_unique<remote_writer>(std::move(options), client, clock);
}

std::unique_ptr<music_provider> create_remote_provider(remote_skill_options options, net::http_client& client, clock& clock) {
  return std::make_unique<remote_provider>(std::move(options), client, clock);
}

}  // namespace music
