#include <music/base/log.hpp>
#include <music/core/audio_duration.hpp>
#include <music/skills/music_generator.hpp>
#include <music/skills/song_pace.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/assert.hpp>

#include <map>

namespace music {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr double jitter = 0.1;          ///< gaps vary by this share, so that songs asked for together do not stay together
constexpr int tries_of_one_link = 2;    ///< then the provider is asked for another one
constexpr std::size_t most_remembered = 10'000;

/// Lets bytes through and reads how long they play.
class measuring_writer final : public audio_writer {
 public:
  explicit measuring_writer(audio_writer& into) : into_(into) {}

  task<result<void>> append(std::string bytes) override {
    duration_.feed(bytes);
    return into_.append(std::move(bytes));
  }
  task<result<stored_audio>> commit() override { return into_.commit(); }

  [[nodiscard]] std::optional<double> seconds() const { return duration_.seconds(); }

 private:
  audio_writer& into_;
  duration_reader duration_;
};

/// One song while it is followed.
struct followed_song {
  music_provider& provider;
  std::string id;
  time_point began;         ///< when it was submitted, as far as that is known
  bool from_the_start;      ///< else its age is a guess, and nothing is learned from it
  time_point last_unready;  ///< the latest poll that found it unfinished
};

class polling_music_generator final : public music_generator {
 public:
  polling_music_generator(std::vector<std::unique_ptr<music_provider>> providers, audio_store& audio, clock& clock,
                          random_source& random, retry_policy retries, find_gate gates)
      : providers_(std::move(providers)),
        audio_(audio),
        clock_(clock),
        random_(random),
        retries_(retries),
        gates_(std::move(gates)) {
    BOOST_ASSERT(!providers_.empty());
  }

  std::span<const std::unique_ptr<music_provider>> providers() const noexcept override { return providers_; }

  music_provider* find(std::string_view provider) const noexcept override {
    for (const auto& candidate : providers_) {
      if (candidate->info().name == provider) return candidate.get();
    }
    return nullptr;
  }

  task<result<turn>> await_turn(const music_provider& provider, turn_request who, time_point deadline, event* stop) override {
    auto* gate = gates_ ? gates_(provider.info().name) : nullptr;
    if (gate == nullptr) co_return turn{};
    co_return co_await gate->enter(std::move(who), clock_, deadline, stop);
  }

  task<submission> submit(music_provider& provider, song_request request, time_point deadline) override {
    const auto started = clock_.now();
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
    report_submission(provider, outcome, tries, started);
    if (outcome.fate == submission_fate::accepted) remember(outcome.song_id);
    co_return outcome;
  }

  task<result<finished_song>> follow(music_provider& provider, std::string song_id, std::int64_t& polls, time_point deadline,
                                     event* stop, preview_listener* previews) override {
    const auto started = clock_.now();
    auto followed = begin_following(provider, std::move(song_id));
    auto song = co_await poll_until(followed, polls, deadline, stop, previews);
    report(provider, "wait_for_song", song ? std::nullopt : std::optional{song.error().code}, started, polls);
    co_return song;
  }

  task<result<std::vector<track>>> fetch(music_provider& provider, finished_song song, job_id owner, time_point deadline,
                                         event* stop) override {
    const auto started = clock_.now();
    std::vector<track> stored;
    error last{errc::result_unavailable};
    for (const auto& remote : song.tracks) {
      auto one = co_await fetch_with_retries(provider, song.id, remote, owner, deadline, stop);
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

  task<result<finished_song>> poll_until(followed_song& song, std::int64_t& polls, time_point deadline, event* stop,
                                         preview_listener* previews) {
    const auto pace = song.provider.info().poll;
    int lost_in_a_row = 0;
    auto next = first_poll(song);
    for (;;) {
      const auto waited = co_await wait_for_poll(song, next, deadline, stop);
      if (waited.has_error()) co_return waited.error();
      ++polls;
      auto call = song.provider.poll(song.id, deadline);
      auto status = co_await with_deadline(clock_, deadline, std::move(call), stop);
      if (status.has_error()) {
        const auto& failure = status.error();
        if (!may_pass(failure) || ++lost_in_a_row >= retries_.most_tries) co_return failure;
        next = clock_.now() + std::max(pace.interval, retries_.wait.delay(lost_in_a_row - 1, random_, failure.retry_after));
      } else {
        lost_in_a_row = 0;
        if (status->state == song_state::complete) {
          learn_from(song, *waited);
          co_return finished_song{std::move(status->tracks), song.id};
        }
        if (status->state == song_state::failed) co_return status->failure;
        co_await tell_preview(std::move(status->tracks), previews);
        song.last_unready = clock_.now();
        next = clock_.now() + gap_after(song);
      }
      if (pace.most_polls && polls >= *pace.most_polls) co_return error{errc::generation_timeout};
    }
  }

  /// Whether the provider itself said that something happened. Errors: `canceled`, `deadline_exceeded`.
  task<result<bool>> wait_for_poll(const followed_song& song, time_point due, time_point deadline, event* stop) {
    bool told = false;
    if (due > clock_.now()) {
      auto* news = song.provider.news();
      if (news != nullptr) {
        auto waiting = hear(*news, song.id, due, deadline, told);
        const auto outcome = co_await run_guarded(clock_, deadline, stop, std::move(waiting));
        if (outcome == guard_outcome::stopped) co_return error{errc::canceled};
      } else {
        const bool slept = co_await sleep_unless(clock_, on_grid(earlier(due, deadline)), stop);
        if (!slept) co_return error{errc::canceled};
      }
    }
    if (clock_.now() >= deadline) co_return error{errc::deadline_exceeded};
    co_return told;
  }

  static task<void> hear(song_news& news, std::string song_id, time_point due, time_point deadline, bool& told) {
    told = co_await news.await_news(std::move(song_id), due, deadline);
  }

  static task<void> tell_preview(std::vector<remote_track> tracks, preview_listener* previews) {
    if (previews == nullptr || tracks.empty() || tracks.front().preview.empty()) co_return;
    co_await previews->playable(std::move(tracks.front().preview));
  }

  void remember(const std::string& song_id) {
    if (accepted_at_.size() >= most_remembered) accepted_at_.clear();  // only those that nobody follows stay in there
    accepted_at_.insert_or_assign(song_id, clock_.now());
  }

  /// A song that was not submitted just now (a restart, a retry, one that was lost) is most likely ready about now.
  [[nodiscard]] followed_song begin_following(music_provider& provider, std::string song_id) {
    const auto accepted = accepted_at_.extract(song_id);
    const bool fresh = !accepted.empty();
    const auto began = fresh ? accepted.mapped() : clock_.now() - pace_of(provider).typical();
    return {provider, std::move(song_id), began, fresh, began};
  }

  [[nodiscard]] time_point first_poll(const followed_song& song) {
    const auto& pace = song.provider.info().poll;
    if (pace.learned) return song.from_the_start ? clock_.now() + gap_after(song) : clock_.now();
    return clock_.now() + pace.first_delay;
  }

  [[nodiscard]] milliseconds gap_after(const followed_song& song) {
    const auto& pace = song.provider.info().poll;
    if (!pace.learned) return pace.interval;
    const auto gap = pace_of(song.provider).gap(duration_cast<milliseconds>(clock_.now() - song.began));
    const double share = 1 - jitter + 2 * jitter * unit(random_);
    return milliseconds{static_cast<milliseconds::rep>(static_cast<double>(gap.count()) * share)};
  }

  /// A song whose end the provider told took exactly so long; one that was found finished ended since the poll before.
  void learn_from(const followed_song& song, bool told) {
    if (!song.from_the_start || !song.provider.info().poll.learned) return;
    const auto age = duration_cast<milliseconds>(clock_.now() - song.began);
    const auto unready = told ? age : duration_cast<milliseconds>(song.last_unready - song.began);
    pace_of(song.provider).learn(unready, age);
  }

  [[nodiscard]] song_pace& pace_of(const music_provider& provider) {
    return paces_.try_emplace(&provider, provider.info().poll.interval).first->second;
  }

  task<result<track>> fetch_with_retries(music_provider& provider, std::string song_id, remote_track remote, job_id owner,
                                         time_point deadline, event* stop) {
    int tries = 0;
    int waits = 0;
    for (;;) {
      auto call = fetch_once(provider, remote, owner, deadline);
      auto stored = co_await with_deadline(clock_, deadline, std::move(call), stop);
      if (stored) co_return stored;
      const auto& failure = stored.error();
      // Our own disk is full or fails: the song is paid for and there, so the job waits for the disk as long as it may.
      const bool ours = failure.code == errc::store_unavailable;
      // A CDN often answers 403 or 404 for the first seconds after a song is said to be complete.
      const bool again_helps = ours || may_pass(failure) || failure.code == errc::result_unavailable;
      if (!again_helps || (!ours && ++tries >= retries_.most_tries)) co_return stored;
      const int earlier_ones = ours ? waits++ : tries - 1;
      const auto again = clock_.now() + retries_.wait.delay(earlier_ones, random_, failure.retry_after);
      if (again >= deadline) co_return stored;
      const bool slept = co_await sleep_unless(clock_, again, stop);
      if (!slept) co_return error{errc::canceled};
      const bool dead_link = failure.code == errc::result_unavailable && tries >= tries_of_one_link && !song_id.empty();
      if (dead_link) co_await renew_link(provider, song_id, remote, deadline, stop);
    }
  }

  /// Links die before their songs do. What the poll does not give stays as it was.
  task<void> renew_link(music_provider& provider, std::string song_id, remote_track& remote, time_point deadline, event* stop) {
    auto call = provider.poll(std::move(song_id), deadline);
    auto status = co_await with_deadline(clock_, deadline, std::move(call), stop);
    if (!status) co_return;
    for (auto& fresh : status->tracks) {
      if (fresh.song_id == remote.song_id && !fresh.source.empty()) remote.source = std::move(fresh.source);
    }
  }

  /// A song whose bytes came with the submission's answer is here already.
  static track held_track(remote_track remote) {
    track done;
    done.song_id = std::move(remote.song_id);
    done.title = std::move(remote.title);
    done.duration_seconds = remote.duration_seconds;
    done.content_type = std::string{content_type(remote.held->format)};
    done.audio_key = std::move(remote.held->file.key);
    done.sha256 = std::move(remote.held->file.sha256);
    done.size_bytes = remote.held->file.size_bytes;
    return done;
  }

  task<result<track>> fetch_once(music_provider& provider, remote_track remote, job_id owner, time_point deadline) {
    if (remote.held) co_return held_track(std::move(remote));
    auto writer = co_await audio_.create(owner);
    if (writer.has_error()) co_return writer.error();
    measuring_writer measured{**writer};
    auto format = co_await provider.fetch(remote, measured, deadline);
    if (format.has_error()) co_return format.error();
    auto stored = co_await measured.commit();
    if (stored.has_error()) co_return stored.error();
    if (stored->size_bytes == 0) co_return error{errc::result_unavailable, "no bytes"};
    track done;
    done.song_id = std::move(remote.song_id);
    done.title = std::move(remote.title);
    done.duration_seconds = measured.seconds().value_or(remote.duration_seconds);
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
      log::warning(what, {{"fate", fate_name(outcome.fate)},
                          {"error_type", name(outcome.failure.code)},
                          {"tries", tries},
                          {"elapsed_ms", elapsed}});
    }
  }

  void report(const music_provider& provider, std::string_view operation, std::optional<errc> failure, time_point started,
              std::int64_t count) const {
    const auto elapsed = duration_cast<milliseconds>(clock_.now() - started).count();
    if (!failure) {
      log::info({"suno_music_generator", provider.info().api_name, operation, "success"},
                {{"count", count}, {"elapsed_ms", elapsed}});
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
  std::map<const music_provider*, song_pace> paces_;
  std::map<std::string, time_point> accepted_at_;  ///< songs that were submitted here and are not followed yet
  find_gate gates_;
};

}  // namespace

std::unique_ptr<music_generator> create_music_generator(std::vector<std::unique_ptr<music_provider>> providers,
                                                        audio_store& audio, clock& clock, random_source& random,
                                                        retry_policy retries, find_gate gates) {
  return std::make_unique<polling_music_generator>(std::move(providers), audio, clock, random, retries, std::move(gates));
}

}  // namespace music
