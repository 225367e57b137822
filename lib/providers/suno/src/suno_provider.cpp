#include "classic_dialect.hpp"
#include "dialect.hpp"

#include <music/providers/suno/suno_provider.hpp>
#include <music/providers/upstream/answer.hpp>
#include <music/providers/upstream/service.hpp>

#include <stdexcept>
#include <utility>

namespace music {
namespace {

constexpr std::string_view suno_api_name = "Suno";

const suno::dialect& dialect_for(suno_dialect chosen) {
  switch (chosen) {
    case suno_dialect::classic: return suno::classic_dialect();
  }
  throw std::invalid_argument("no such Suno dialect");
}

provider_info describe(const suno_options& options) {
  provider_info info;
  info.name = "suno";
  info.api_name = suno_api_name;
  info.poll.interval = options.retry_delay;
  info.poll.most_polls = options.max_retries;
  info.honours_vocals = true;
  return info;
}

upstream::service_options connect(suno_options options) {
  upstream::service_options service;
  service.api_name = suno_api_name;
  service.base = std::move(options.base);
  service.key = std::move(options.key);
  service.timeout = options.timeout;
  return service;
}

template <class T>
std::optional<errc> code_of(const result<T>& outcome) {
  return outcome ? std::nullopt : std::optional{outcome.error().code};
}

class suno_provider final : public music_provider {
 public:
  suno_provider(suno_options options, net::http_client& client, clock& clock)
      : info_(describe(options)), dialect_(dialect_for(options.dialect)), clock_(clock), gateway_(connect(std::move(options)), client, clock) {}

  const provider_info& info() const noexcept override { return info_; }

  task<submission> submit(song_request request, time_point deadline) override {
    const auto started = clock_.now();
    auto wire = dialect_.encode_submission(request);
    auto answer = co_await gateway_.exchange(std::move(wire), deadline);
    auto outcome = answer.has_value() ? dialect_.decode_submission(*answer, clock_.wall_now()) : upstream::unanswered(answer.error());
    const bool taken = outcome.fate == submission_fate::accepted;
    gateway_.report("submit_song", answer, taken ? std::nullopt : std::optional{outcome.failure.code}, started);
    co_return outcome;
  }

  task<result<song_status>> poll(std::string song_id, time_point deadline) override {
    if (!suno::valid_song_id(song_id)) co_return error{errc::song_unknown, "not an id of this provider"};
    const auto started = clock_.now();
    auto wire = dialect_.encode_poll(song_id);
    auto answer = co_await gateway_.exchange(std::move(wire), deadline);
    auto status = answer.has_value() ? dialect_.decode_poll(*answer, song_id, clock_.wall_now())
                                     : result<song_status>{upstream::failure_of(answer.error())};
    gateway_.report("poll_song", answer, code_of(status), started);
    co_return status;
  }

  task<result<audio_format>> fetch(remote_track track, audio_writer& into, time_point deadline) override {
    co_return co_await gateway_.fetch(std::move(track.source), into, deadline);
  }

 private:
  provider_info info_;
  const suno::dialect& dialect_;
  clock& clock_;
  upstream::service gateway_;
};

}  // namespace

std::string_view name(suno_dialect dialect) noexcept {
  switch (dialect) {
    case suno_dialect::classic: return "classic";
  }
  return "classic";
}

std::optional<suno_dialect> parse_suno_dialect(std::string_view text) noexcept {
  if (text == name(suno_dialect::classic)) return suno_dialect::classic;
  return std::nullopt;
}

std::unique_ptr<music_provider> create_suno_provider(suno_options options, net::http_client& client, clock& clock) {
  return std::make_unique<suno_provider>(std::move(options), client, clock);
}

}  // namespace music
