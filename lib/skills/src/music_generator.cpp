#include <music/base/log.hpp>
#include <music/skills/music_generator.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/assert.hpp>

namespace music {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

class polling_music_generator final : public music_generator {
 public:
  polling_music_generator(std::vector<std::unique_ptr<music_provider>> providers, audio_store& audio, clock& clock,
                          random_source& random, retry_policy retries)
      : providers_(std::move(providers)), audio_(audio), clock_(clock), random_(random), retries_(retries) {
    BOOST_ASSERT(!providers_.empty());
  }

  std::span<const std::unique_ptr<music_provider>> providers() const noexcept override { return providers_; }

  music_provider* find(std::string_view provider) const noexcept override {
    for (const auto& candidate : providers_) {
      if (candidate->info().name == provider) return candidate.get();
    }
    return nullptr;
  }

  task<submission> submit(music_provider& provider, song_request request, time_point deadline) override {
    const auto started = clock_.now();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    submission outcome;
    int tries = 0;
    for (;;) {
      ++tries;
      outcome = co_await provider.submit(request, deadline);
      if (!may_send_again(outcome) || tries >= retries_.most_tries) break;
      const auto again = clock_.now() + retries_.wait.delay(tries - 1, random_, outcome.failure.retry_after);
      if (again >= deadline) break;
      co_await clock_.sleep_until(again, use_task);
    }
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    report_submission(provider, outcome, tries, started);
    co_return outcome;
  }

  task<result<finished_song>> follow(music_provider& provider, std::string song_id, std::int64_t& polls, time_point deadline,
                                     event* stop) override {
    const auto started = clock_.now();
    auto song = co_await poll_until(provider, std::move(song_id), polls, deadline, stop);
    report(provider, "wait_for_song", song ? std::nullopt : std::optional{song.error().code}, started, polls);
    co_return song;
  }

  task<result<std::vector<track>>> fetch(music_provider& provider, finished_song song, job_id owner, time_point deadline,
                                         event* stop) override {
    const auto started = clock_.now();
    std::vector<track> stored;
    error last{errc::result_unavailable};
    for (const auto& remote : song.tracks) {
      auto one = co_await fetch_with_retries(provider, remote, owner, deadline, stop);
      if (one) {
        stored.push_back(std::move(*one));
        continue;
      }
      last = one.error();
      if (last.code == errc::canceled || last.code == errc::deadline_exceeded) break;
    }
    const auto cause = stored.empty() ? std::optional{last.code} : std::nullopt;
    report(provider, "fetch_audio", cause, started, static_cast<std::int64_t>(stored.size()));
    if (stored.empty()) co_return last;
    co_return stored;
  }

 private:
  static bool may_send_again(const submission& outcome) noexcept {
    if (outcome.fate == submission_fate::not_sent) return may_pass(outcome.failure);
    return outcome.fate == submission_fate::refused && may_pass(outcome.failure);
  }

  task<result<finished_song>> poll_until(music_provider& provider, std::string song_id, std::int64_t& polls, time_point deadline,
                                         event* stop) {
    const auto pace = provider.info().poll;
    int lost_in_a_row = 0;
    auto next = clock_.now() + pace.first_delay;
    for (;;) {
      if (next > clock_.now()) {
        const bool slept = co_await sleep_unless(clock_, on_grid(earlier(next, deadline)), stop);
        if (!slept) co_return error{errc::canceled};
      }
      if (clock_.now() >= deadline) co_return error{errc::deadline_exceeded};
      ++polls;
      auto call = provider.poll(song_id, deadline);
      auto status = co_await with_deadline(clock_, deadline, std::move(call), stop);
      if (status.has_error()) {
        const auto& failure = status.error();
        if (!may_pass(failure) || ++lost_in_a_row >= retries_.most_tries) co_return failure;
        next = clock_.now() + std::max(pace.interval, retries_.wait.delay(lost_in_a_row - 1, random_, failure.retry_after));
      } else {
        lost_in_a_row = 0;
        if (status->state == song_state::complete) co_return finished_song{std::move(status->tracks)};
        if (status->state == song_state::failed) co_return status->failure;
        next = clock_.now() + pace.interval;
      }
      if (pace.most_polls && polls >= *pace.most_polls) co_return error{errc::generation_timeout};
    }
  }

  task<result<track>> fetch_with_retries(music_provider& provider, remote_track remote, job_id owner, time_point deadline,
                                         event* stop) {
    for (int tries = 1;; ++tries) {
      auto call = fetch_once(provider, remote, owner, deadline);
      auto stored = co_await with_deadline(clock_, deadline, std::move(call), stop);
      if (stored) co_return stored;
      const auto& failure = stored.error();
      // A CDN often answers 403 or 404 for the first seconds after a song is said to be complete.
      const bool again_helps = may_pass(failure) || failure.code == errc::result_unavailable;
      if (!again_helps || tries >= retries_.most_tries) co_return stored;
      const auto again = clock_.now() + retries_.wait.delay(tries - 1, random_, failure.retry_after);
      if (again >= deadline) co_return stored;
      const bool slept = co_await sleep_unless(clock_, again, stop);
      if (!slept) co_return error{errc::canceled};
    }
  }

  task<result<track>> fetch_once(music_provider& provider, remote_track remote, job_id owner, time_point deadline) {
    auto writer = co_await audio_.create(owner);
    if (writer.has_error()) co_return writer.error();
    auto format = co_await provider.fetch(remote, **writer, deadline);
    if (format.has_error()) co_return format.error();
    auto stored = co_await (*writer)->commit();
    if (stored.has_error()) co_return stored.error();
    if (stored->size_bytes == 0) co_return error{errc::result_unavailable, "no bytes"};
    track done;
    done.song_id = std::move(remote.song_id);
    done.title = std::move(remote.title);
    done.duration_seconds = remote.duration_seconds;
    done.content_type = std::string{content_type(*format)};
    done.audio_key = std::move(stored->key);
    done.sha256 = std::move(stored->sha256);
    done.size_bytes = stored->size_bytes;
    co_return done;
  }

  void report_submission(const music_provider& provider, const submission& outcome, int tries, time_point started) const {
    const auto elapsed = duration_cast<milliseconds>(clock_.now() - started).count();
    const log::event what{"suno_music_generator", provider.info().api_name, "submit_song",
                          outcome.fate == submission_fate::accepted ? "success" : "error"};
    if (outcome.fate == submission_fate::accepted) {
      log::info(what, {{"tries", tries}, {"elapsed_ms", elapsed}});
    } else {
      log::warning(what, {{"fate", fate_name(outcome.fate)}, {"error_type", name(outcome.failure.code)}, {"tries", tries},
                          {"elapsed_ms", elapsed}});
    }
  }

  void report(const music_provider& provider, std::string_view operation, std::optional<errc> failure, time_point started,
              std::int64_t count) const {
    const auto elapsed = duration_cast<milliseconds>(clock_.now() - started).count();
    if (!failure) {
      log::info({"suno_music_generator", provider.info().api_name, operation, "success"}, {{"count", count}, {"elapsed_ms", elapsed}});
    } else {
      log::warning({"suno_music_generator", provider.info().api_name, operation, "error"},
                   {{"error_type", name(*failure)}, {"count", count}, {"elapsed_ms", elapsed}});
    }
  }

  static std::string_view fate_name(submission_fate fate) noexcept {
    switch (fate) {
      case submission_fate::accepted: return "accepted";
      case submission_fate::not_sent: return "not_sent";
      case submission_fate::refused: return "refused";
      case submission_fate::unknown: return "unknown";
    }
    return "unknown";
  }

  std::vector<std::unique_ptr<music_provider>> providers_;
  audio_store& audio_;
  clock& clock_;
  random_source& random_;
  retry_policy retries_;
};

}  // namespace

std::unique_ptr<music_generator> create_music_generator(std::vector<std::unique_ptr<music_provider>> providers, audio_store& audio,
                                                        clock& clock, random_source& random, retry_policy retries) {
  return std::make_unique<polling_music_generator>(std::move(providers), audio, clock, random, retries);
}

}  // namespace music
