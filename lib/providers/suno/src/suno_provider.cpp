#include "callback_tokens.hpp"
#include "classic_dialect.hpp"
#include "clips.hpp"
#include "fastapi_dialect.hpp"
#include "gcui_dialect.hpp"
#include "record_dialect.hpp"
#include "shared_polls.hpp"
#include "text_limits.hpp"

#include <music/base/log.hpp>
#include <music/providers/suno/suno_provider.hpp>
#include <music/providers/upstream/service.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace music {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view suno_api_name = "Suno";
constexpr std::array<std::string_view, 5> dialect_names{"classic", "sunoapi", "kie", "gcui", "fastapi"};

constexpr milliseconds least_learned_gap{1'000};
constexpr std::chrono::seconds captcha_time{180};  ///< a self-hosted gateway may solve one, in a browser, before it answers

const suno::dialect& dialect_for(suno_dialect chosen) {
  switch (chosen) {
    case suno_dialect::classic: return suno::classic_dialect();
    case suno_dialect::sunoapi: return suno::sunoapi_dialect();
    case suno_dialect::kie: return suno::kie_dialect();
    case suno_dialect::gcui: return suno::gcui_dialect();
    case suno_dialect::fastapi: return suno::fastapi_dialect();
  }
  throw std::invalid_argument("no such Suno dialect");
}

std::string model_of(const suno_options& options, const suno::traits& gateway) {
  return options.model.empty() ? std::string{gateway.default_model} : options.model;
}

provider_info describe(const suno_options& options, const suno::traits& gateway) {
  const auto model = model_of(options, gateway);
  provider_info info;
  info.name = "suno";
  info.api_name = suno_api_name;
  info.finds_lost = gateway.calls_back && !options.callback_base.empty();
  info.poll.learned = options.learned_pace;
  info.poll.interval = options.learned_pace ? least_learned_gap : milliseconds{options.retry_delay};
  if (options.dialect != suno_dialect::classic) info.poll.first_delay = info.poll.interval;  // no gateway is ready at once
  if (options.max_retries > 0) info.poll.most_polls = options.max_retries;
  info.honours_vocals = true;
  info.honours_title = gateway.custom_songs;
  info.honours_lyrics = gateway.custom_songs;
  info.honours_negative_tags = gateway.custom_songs;
  info.honours_model = gateway.custom_songs;
  info.honours_duration = gateway.durations && suno::takes_duration(model);
  info.most_lyrics = suno::limits_for(model).lyrics;
  info.models.assign(gateway.models.begin(), gateway.models.end());
  return info;
}

/// A self-hosted gateway may hold a submission for its captcha, so it gets more time; polls are held to the configured one.
upstream::service_options connect(const suno_options& options) {
  upstream::service_options service;
  service.api_name = suno_api_name;
  service.base = options.base;
  service.key = secret{std::string{options.key.reveal()}};
  service.timeout = needs_key(options.dialect) ? options.timeout : std::max(options.timeout, captcha_time);
  return service;
}

class suno_provider final : public music_provider {
 public:
  suno_provider(suno_options options, net::http_client& client, clock& clock, suno_surroundings around)
      : options_(std::move(options)),
        dialect_(dialect_for(options_.dialect)),
        info_(describe(options_, dialect_.about())),
        clock_(clock),
        gateway_(connect(options_), client, clock),
        inbox_(around.inbox),
        tokens_(secret{std::string{options_.key.reveal()}}) {
    info_.finds_lost = info_.finds_lost && inbox_ != nullptr;
    if (info_.finds_lost) inbox_->listen_for([this](const job_id& job) { return tokens_.token_for(job); });
    const auto most = dialect_.about().songs_a_poll;
    if (most == 1 || inbox_ == nullptr || around.tasks == nullptr) return;
    shared_ = std::make_unique<suno::shared_polls>(inbox_->get_executor(), clock, *around.tasks, *inbox_, most,
                                                   [this](std::vector<std::string> songs) { return ask(std::move(songs)); });
  }

  const provider_info& info() const noexcept override { return info_; }

  song_news* news() noexcept override { return info_.finds_lost || shared_ ? inbox_ : nullptr; }

  task<submission> submit(song_request request, time_point deadline) override {
    const auto started = clock_.now();
    auto wire = dialect_.encode_submission(request, terms_for(request));
    auto answer = co_await exchange(std::move(wire), deadline);
    auto outcome =
        answer.has_value() ? dialect_.decode_submission(*answer, clock_.wall_now()) : upstream::unanswered(answer.error());
    gateway_.report("submit_song", answer, outcome, started);
    co_return outcome;
  }

  task<result<song_status>> poll(std::string song_id, time_point deadline) override {
    if (!suno::valid_song_id(song_id)) co_return error{errc::song_unknown, "not an id of this provider"};
    if (shared_) co_return co_await shared_->poll(std::move(song_id));
    std::vector<std::string> only{song_id};
    auto statuses = co_await ask_until(std::move(only), deadline);
    auto& status = statuses.front();
    if (status && status->state != song_state::generating && inbox_ != nullptr) inbox_->ended(song_id);
    co_return std::move(status);
  }

  task<result<audio_format>> fetch(remote_track track, audio_writer& into, time_point deadline) override {
    co_return co_await gateway_.fetch(std::move(track.source), into, deadline);
  }

 private:
  using statuses = suno::shared_polls::statuses;

  task<net::exchange_result> exchange(suno::wire_request wire, time_point deadline) {
    if (!options_.cookie.empty()) wire.headers.push_back({"Cookie", std::string{options_.cookie.reveal()}});
    co_return co_await gateway_.exchange(std::move(wire), deadline);
  }

  task<statuses> ask(std::vector<std::string> songs) { return ask_until(std::move(songs), time_point::max()); }

  /// One poll of one or more songs. One outcome for each.
  task<statuses> ask_until(std::vector<std::string> songs, time_point deadline) {
    const auto started = clock_.now();
    auto wire = dialect_.encode_poll(songs);
    auto answer = co_await exchange(std::move(wire), earlier(deadline, started + options_.timeout));
    auto outcomes = answer.has_value() ? dialect_.decode_poll(*answer, songs, clock_.wall_now())
                                       : suno::all_failed(songs.size(), upstream::failure_of(answer.error()));
    gateway_.report("poll_song", answer, upstream::code_of(outcomes.front()), started);
    for (auto& each : outcomes) {
      if (each) keep_safe_previews(*each);
    }
    co_return outcomes;
  }

  [[nodiscard]] suno::submission_terms terms_for(const song_request& request) const {
    suno::submission_terms terms;
    terms.model = request.model.empty() ? model_of(options_, dialect_.about()) : request.model;
    if (info_.finds_lost) terms.callback_url = options_.callback_base + "/callbacks/suno/" + tokens_.token_for(request.job);
    return terms;
  }

  /// A preview is shown as it is, so it must be a link that we would follow ourselves.
  void keep_safe_previews(song_status& status) const {
    for (auto& track : status.tracks) {
      if (!track.preview.empty() && !gateway_.may_follow(track.preview)) track.preview.clear();
    }
  }

  suno_options options_;
  const suno::dialect& dialect_;
  provider_info info_;
  clock& clock_;
  upstream::service gateway_;
  song_inbox* inbox_;
  suno::callback_tokens tokens_;
  std::unique_ptr<suno::shared_polls> shared_;
};

class token_checked_callbacks final : public song_callbacks {
 public:
  token_checked_callbacks(suno_dialect dialect, secret key, std::vector<shard_inbox> shards)
      : dialect_(dialect_for(dialect)), tokens_(std::move(key)), shards_(std::move(shards)) {}

  bool receive(std::string_view token, std::string_view body) override {
    if (!tokens_.genuine(token)) return false;
    const auto said = dialect_.decode_callback(body);
    log::debug({"suno_music_generator", suno_api_name, "callback", said ? "success" : "error"});
    if (!said) return true;
    for (const auto& shard : shards_) {
      asio::post(shard.ex, [inbox = shard.inbox, token = std::string{token}, said = *said] {
        inbox->hear(token, said.song_id, said.stage);
      });
    }
    return true;
  }

 private:
  const suno::dialect& dialect_;
  suno::callback_tokens tokens_;
  std::vector<shard_inbox> shards_;
};

}  // namespace

std::string_view name(suno_dialect dialect) noexcept { return dialect_names[static_cast<std::size_t>(dialect)]; }

std::optional<suno_dialect> parse_suno_dialect(std::string_view text) noexcept {
  const auto* const found = std::ranges::find(dialect_names, text);
  if (found == dialect_names.end()) return std::nullopt;
  return static_cast<suno_dialect>(found - dialect_names.begin());
}

std::string_view usual_base_url(suno_dialect dialect) noexcept {
  switch (dialect) {
    case suno_dialect::classic: return "https://api.suno.ai";
    case suno_dialect::sunoapi: return "https://api.sunoapi.org";
    case suno_dialect::kie: return "https://api.kie.ai";
    case suno_dialect::gcui:
    case suno_dialect::fastapi: return {};
  }
  return {};
}

bool needs_key(suno_dialect dialect) noexcept { return dialect != suno_dialect::gcui && dialect != suno_dialect::fastapi; }

std::unique_ptr<music_provider> create_suno_provider(suno_options options, net::http_client& client, clock& clock,
                                                     suno_surroundings around) {
  return std::make_unique<suno_provider>(std::move(options), client, clock, around);
}

std::unique_ptr<song_callbacks> create_suno_callbacks(suno_dialect dialect, secret key, std::vector<shard_inbox> shards) {
  return std::make_unique<token_checked_callbacks>(dialect, std::move(key), std::move(shards));
}

}  // namespace music
