#include <music/providers/upstream/outcome.hpp>
#include <music/providers/upstream/queued_provider.hpp>

#include <utility>

namespace music::upstream {
namespace {

class queued_provider final : public music_provider {
 public:
  queued_provider(provider_info info, service_options options, std::unique_ptr<const queued_codec> codec,
                  net::http_client& client, clock& clock)
      : info_(std::move(info)), codec_(std::move(codec)), clock_(clock), service_(std::move(options), client, clock) {}

  const provider_info& info() const noexcept override { return info_; }

  task<submission> submit(song_request request, time_point deadline) override {
    const auto started = clock_.now();
    auto wire = codec_->encode_submission(request);
    auto answer = co_await service_.exchange(std::move(wire), deadline);
    auto outcome = answer.has_value() ? codec_->decode_submission(*answer, clock_.wall_now()) : unanswered(answer.error());
    service_.report("submit_song", answer, outcome, started);
    co_return outcome;
  }

  task<result<song_status>> poll(std::string song_id, time_point deadline) override {
    if (!valid_song_id(song_id)) co_return error{errc::song_unknown, "not an id of this provider"};
    auto wire = codec_->encode_poll(song_id);
    if (!wire) co_return wire.error();
    const auto started = clock_.now();
    auto answer = co_await service_.exchange(std::move(*wire), deadline);
    auto status = answer.has_value() ? codec_->decode_poll(*answer, song_id, clock_.wall_now())
                                     : result<song_status>{failure_of(answer.error())};
    service_.report("poll_song", answer, code_of(status), started);
    if (!status || status->state != song_state::complete || !status->tracks.empty()) co_return status;
    co_return co_await read_result(std::move(song_id), deadline);
  }

  task<result<audio_format>> fetch(remote_track track, audio_writer& into, time_point deadline) override {
    return service_.fetch(std::move(track.source), into, deadline);
  }

 private:
  task<result<song_status>> read_result(std::string song_id, time_point deadline) {
    auto wire = codec_->encode_result(song_id);
    if (!wire) co_return error{errc::invalid_response, "complete without a link"};
    const auto started = clock_.now();
    auto answer = co_await service_.exchange(std::move(*wire), deadline);
    auto status = answer.has_value() ? codec_->decode_result(*answer, song_id, clock_.wall_now())
                                     : result<song_status>{failure_of(answer.error())};
    service_.report("read_result", answer, code_of(status), started);
    co_return status;
  }

  provider_info info_;
  std::unique_ptr<const queued_codec> codec_;
  clock& clock_;
  service service_;
};

}  // namespace

std::optional<wire_request> queued_codec::encode_result(std::string_view) const { return std::nullopt; }

result<song_status> queued_codec::decode_result(const net::http_response&, std::string_view, wall_time) const {
  return error{errc::invalid_response, "no result was asked for"};
}

std::unique_ptr<music_provider> create_queued_provider(provider_info info, service_options options,
                                                       std::unique_ptr<const queued_codec> codec, net::http_client& client,
                                                       clock& clock) {
  options.api_name = info.api_name;
  return std::make_unique<queued_provider>(std::move(info), std::move(options), std::move(codec), client, clock);
}

}  // namespace music::upstream
