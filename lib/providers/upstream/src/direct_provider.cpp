#include <music/providers/upstream/direct_provider.hpp>
#include <music/providers/upstream/outcome.hpp>

#include <algorithm>
#include <utility>

namespace music::upstream {
namespace {

/// A song that a crash left without a name is in the audio store all the same; nothing else is ever heard of one.
class kept_song_news final : public song_news {
 public:
  kept_song_news(kept_songs& songs, clock& clock) : songs_(songs), clock_(clock) {}

  task<bool> await_news(std::string, time_point due, time_point deadline) override {
    co_await clock_.sleep_until(earlier(due, deadline), use_task);
    co_return false;
  }

  task<result<std::string>> find_lost(job_id job, time_point deadline) override { return songs_.find(std::move(job), deadline); }

 private:
  kept_songs& songs_;
  clock& clock_;
};

class direct_provider final : public music_provider {
 public:
  direct_provider(provider_info info, service_options options, std::unique_ptr<const direct_codec> codec,
                  net::http_client& client, audio_store& audio, clock& clock)
      : info_(std::move(info)),
        codec_(std::move(codec)),
        clock_(clock),
        least_time_(std::min(options.least_time, options.timeout)),
        service_(std::move(options), client, clock),
        songs_(audio, clock),
        news_(songs_, clock) {
    info_.finds_lost = true;
  }

  const provider_info& info() const noexcept override { return info_; }

  task<submission> submit(song_request request, time_point deadline) override {
    const auto started = clock_.now();
    if (deadline - started < least_time_)
      co_return failed(submission_fate::not_sent, error{errc::deadline_exceeded, "too late to begin"});
    auto wire = codec_->encode(request);
    auto answer = co_await service_.exchange(std::move(wire), deadline);
    auto read =
        answer.has_value() ? codec_->decode(*answer, request, clock_.wall_now()) : direct_answer{unanswered(answer.error())};
    const auto* lost = std::get_if<submission>(&read);
    service_.report("make_song", answer, lost == nullptr ? std::nullopt : std::optional{lost->failure.code}, started);
    if (lost != nullptr) co_return *lost;
    auto song_id = co_await songs_.keep(request.job, std::get<received_song>(std::move(read)), deadline);
    co_return song_id ? accepted(std::move(*song_id)) : failed(submission_fate::unknown, song_id.error());
  }

  task<result<song_status>> poll(std::string song_id, time_point) override { return songs_.look(std::move(song_id)); }

  /// Every song of this provider is held: none is ever fetched.
  task<result<audio_format>> fetch(remote_track, audio_writer&, time_point) override {
    co_return error{errc::result_unavailable, "the song came with the answer to its submission"};
  }

  song_news* news() noexcept override { return &news_; }

 private:
  provider_info info_;
  std::unique_ptr<const direct_codec> codec_;
  clock& clock_;
  std::chrono::seconds least_time_;
  service service_;
  kept_songs songs_;
  kept_song_news news_;
};

}  // namespace

direct_answer song_from(std::string bytes, std::string title, double duration_seconds) {
  const auto format = recognise_audio(bytes);
  if (!format) return failed(submission_fate::unknown, error{errc::invalid_response, "a 2xx that is not audio"});
  return received_song{std::move(bytes), *format, std::move(title), duration_seconds};
}

std::unique_ptr<music_provider> create_direct_provider(provider_info info, service_options options,
                                                       std::unique_ptr<const direct_codec> codec, net::http_client& client,
                                                       audio_store& audio, clock& clock) {
  options.api_name = info.api_name;
  return std::make_unique<direct_provider>(std::move(info), std::move(options), std::move(codec), client, audio, clock);
}

}  // namespace music::upstream
