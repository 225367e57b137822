#include <music/base/log.hpp>
#include <music/base/text.hpp>
#include <music/skills/orchestrator.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace music {
namespace {

/// What the caller did not say is taken from the prompt writer's plan; the caller always wins.
void follow_plan(song_request& song, const song_plan& plan) {
  if (song.tags.empty()) song.tags = plan.tags;
  if (song.title.empty()) song.title = plan.title;
  if (song.negative_tags.empty()) song.negative_tags = plan.negative_tags;
  if (!song.instrumental && song.lyrics.empty()) song.instrumental = plan.instrumental;
  if (song.lyrics.empty() && song.instrumental != true) song.lyrics = plan.lyrics;
}

song_request song_of(const job& job) {
  song_request song;
  song.job = job.id;
  song.theme = job.request.theme;
  song.prompt = job.prompt.text;
  song.tags = job.request.tags;
  song.title = job.request.title;
  song.style = job.request.style;
  song.model = job.request.model;
  song.lyrics = job.request.lyrics;
  song.negative_tags = job.request.negative_tags;
  song.instrumental = job.request.instrumental;
  song.duration_seconds = job.request.duration_seconds;
  song.seed = job.request.seed;
  song.format = job.request.format;
  song.quality = job.request.quality;
  follow_plan(song, job.prompt.plan);
  return song;
}

/// The title that was asked for, else the one that was planned.
const std::string& title_of(const job& job) { return job.request.title.empty() ? job.prompt.plan.title : job.request.title; }

bool has(const std::vector<audio_format>& formats, audio_format wanted) {
  return std::find(formats.begin(), formats.end(), wanted) != formats.end();
}

/// What was asked for and this provider cannot do: told, never dropped in silence.
std::vector<std::string> warnings_for(const generate_request& request, const provider_info& provider) {
  std::vector<std::string> warnings;
  const auto ignored = [&](std::string_view field) {
    warnings.push_back(std::string{field} + " is not supported by " + provider.name + " and was ignored");
  };
  const auto limited = [&](std::string_view field, std::size_t most, std::string_view unit) {
    warnings.push_back(std::string{field} + " was cut to the " + std::to_string(most) + std::string{unit} + " that " +
                       provider.name + " takes");
  };
  if (request.duration_seconds && !provider.honours_duration) ignored("duration_seconds");
  if (request.seed && !provider.honours_seed) ignored("seed");
  if (request.format && !has(provider.formats, *request.format)) ignored("format");
  if (!request.title.empty() && !provider.honours_title) ignored("title");
  if (!request.lyrics.empty() && !provider.honours_lyrics) ignored("lyrics");
  if (!request.negative_tags.empty() && !provider.honours_negative_tags) ignored("negative_tags");
  if (!request.model.empty() && !provider.honours_model) ignored("model");
  if (request.quality && !provider.honours_quality) ignored("quality");
  if (provider.honours_duration && request.duration_seconds > provider.longest_duration) {
    limited("duration_seconds", static_cast<std::size_t>(provider.longest_duration), " seconds");
  }
  if (provider.honours_lyrics && count_code_points(request.lyrics) > provider.most_lyrics) {
    limited("lyrics", provider.most_lyrics, " characters");
  }
  if (request.instrumental == false && !provider.honours_vocals)
    warnings.push_back(provider.name + " makes instrumental music only");
  return warnings;
}

class chaining_orchestrator final : public orchestrator {
 public:
  chaining_orchestrator(prompt_generator& prompts, music_generator& music, job_journal& journal, clock& clock,
                        orchestrator_options options)
      : prompts_(prompts), music_(music), journal_(journal), clock_(clock), options_(options) {}

  task<void> run(running_job& running) override {
    const auto started = clock_.now();
    for (;;) {
      const auto step = next_step(running.state);
      if (step == job_step::none) break;
      if (clock_.now() >= running.deadline) {
        note(running, happened::deadline_passed{});
      } else {
        co_await perform(step, running);
      }
      const bool saved = co_await save(running);
      if (!saved || running.leave) co_return;
    }
    report(running.state, started);
  }

 private:
  /// Lives as long as one `follow`.
  class preview_noter final : public preview_listener {
   public:
    preview_noter(chaining_orchestrator& owner, running_job& running) : owner_(owner), running_(running) {}

    task<void> playable(std::string preview) override {
      if (preview == running_.state.music.preview) co_return;
      owner_.note(running_, happened::song_playable{std::move(preview)});
      co_await owner_.save(running_);
    }

   private:
    chaining_orchestrator& owner_;
    running_job& running_;
  };

  /// A job that waits for its turn at the writer has not begun. Lives as long as one `generate`.
  class start_noter final : public prompt_listener {
   public:
    start_noter(chaining_orchestrator& owner, running_job& running) : owner_(owner), running_(running) {}

    task<bool> begun() override {
      // Begun again after a restart it is no change: a job whose prompt ends the process must not look as if it got anywhere.
      if (running_.state.prompt.status != step_status::running) owner_.note(running_, happened::prompt_started{});
      return owner_.save(running_);
    }

   private:
    chaining_orchestrator& owner_;
    running_job& running_;
  };

  task<void> perform(job_step step, running_job& running) {
    switch (step) {
      case job_step::write_prompt: co_await write_prompt(running); break;
      case job_step::submit: co_await submit(running); break;
      case job_step::find_song: co_await find_song(running); break;
      case job_step::follow_song: co_await follow_song(running); break;
      case job_step::finish_canceled: note(running, happened::canceled{}); break;
      case job_step::none: break;
    }
  }

  task<void> write_prompt(running_job& running) {
    prompt_request request{
        running.state.request.theme,  running.state.request.tags, running.state.request.style, running.state.request.instrumental,
        running.state.request.lyrics, running.state.owner,        running.state.created_at};
    start_noter start{*this, running};
    auto written = co_await prompts_.generate(std::move(request), running.deadline, &running.cancel, &start);
    if (running.gone) co_return;
    if (written) note(running, happened::prompt_written{std::move(*written)});
    else if (!note_interruption(running, written.error())) note(running, happened::prompt_failed{written.error().code});
  }

  task<void> submit(running_job& running) {
    const auto candidates = candidates_for(running.state);
    if (candidates.empty()) {
      note(running, happened::submission_failed{submission_fate::refused, errc::unsupported});
      co_return;
    }
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      auto& provider = *candidates[i];
      const bool last = i + 1 == candidates.size();
      const bool admitted = co_await take_turn(provider, running, last);
      if (running.state.done()) co_return;
      if (!admitted) continue;
      note(running, happened::submission_intended{provider.info().name, warnings_for(running.state.request, provider.info())});
      const bool saved = co_await save(running);
      if (!saved) co_return;
      if (running.cancel.is_set()) {
        note(running, happened::submission_withdrawn{});  // nothing was sent: the cancel costs nothing
        running.at_upstream.give_back();
        co_return;
      }
      const bool settled = co_await submit_to(provider, running, last);
      if (settled || running.leave) co_return;  // a drain could not be heard meanwhile
    }
  }

  /// Waits for a turn at the provider, before anything is intended: here a cancel and the deadline cost nothing. False if
  /// there is none now and another provider can be tried, or if the job has ended.
  task<bool> take_turn(music_provider& provider, running_job& running, bool last) {
    turn_request who{running.state.owner, running.state.created_at, !last};
    auto granted = co_await music_.await_turn(provider, std::move(who), running.deadline, &running.cancel);
    if (granted) running.at_upstream = std::move(*granted);
    else note_interruption(running, granted.error());
    co_return granted.has_value();
  }

  /// Whether the upstream is well, as far as the submission tells: an answer that makes sense shows that it is, a refusal too.
  static bool well(const submission& outcome) noexcept {
    if (outcome.fate == submission_fate::accepted) return true;
    return outcome.fate == submission_fate::refused && (!outcome.failure.transient || outcome.failure.code == errc::rate_limit);
  }

  /// False if the provider did not even try, because too little time is left: that says nothing about the upstream.
  static bool begun(const submission& outcome) noexcept {
    return outcome.fate != submission_fate::not_sent || outcome.failure.code != errc::deadline_exceeded;
  }

  /// False if the provider certainly took nothing and another one can be tried.
  task<bool> submit_to(music_provider& provider, running_job& running, bool last) {
    // From the first byte to the commit of the song id nothing may interrupt: a paid song without its id is lost.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    auto request = song_of(running.state);
    auto outcome = co_await music_.submit(provider, std::move(request), running.deadline);
    if (begun(outcome)) running.at_upstream.settle(well(outcome), clock_.now());
    if (outcome.fate != submission_fate::accepted) running.at_upstream.give_back();
    // Nothing is bought twice where nothing is bought: a doubt is as good as a refusal.
    const bool doubt = outcome.fate == submission_fate::unknown;
    const auto fate = doubt && !provider.info().paid ? submission_fate::refused : outcome.fate;
    const bool not_taken = fate == submission_fate::not_sent || fate == submission_fate::refused;
    const bool free_to_move_on = !last && not_taken && outcome.failure.code != errc::content_rejected;
    if (outcome.fate == submission_fate::accepted) {
      note(running, happened::song_accepted{std::move(outcome.song_id), provider.info().paid});
    } else if (free_to_move_on) {
      note(running, happened::submission_withdrawn{});
    } else if (doubt && provider.info().finds_lost) {
      note(running, happened::submission_lost{});
    } else {
      note(running, happened::submission_failed{fate, outcome.failure.code});
    }
    const bool saved = co_await save(running);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    co_return !free_to_move_on || !saved;
  }

  task<void> find_song(running_job& running) {
    auto* provider = music_.find(running.state.music.provider);
    auto* news = provider == nullptr ? nullptr : provider->news();
    if (news == nullptr) {
      note(running, happened::submission_failed{submission_fate::unknown, errc::submission_unknown});
      co_return;
    }
    auto search = news->find_lost(running.state.id, running.deadline);
    auto song_id = co_await with_deadline(clock_, running.deadline, std::move(search), &running.cancel);
    if (song_id) {
      note(running, happened::song_accepted{std::move(*song_id), provider->info().paid});
    } else if (!note_interruption(running, song_id.error())) {
      note(running, happened::submission_failed{submission_fate::unknown, errc::submission_unknown});
    }
  }

  task<void> follow_song(running_job& running) {
    auto* provider = music_.find(running.state.music.provider);
    if (provider == nullptr) {
      note(running, happened::song_failed{errc::unsupported});
      co_return;
    }
    auto song_id = running.state.music.song_id;
    preview_noter previews{*this, running};
    auto song = co_await music_.follow(*provider, std::move(song_id), running.state.music.polls, running.deadline,
                                       &running.cancel, &previews);
    running.at_upstream.give_back();  // fetching is not what upstreams limit
    if (song) {
      co_await fetch(*provider, running, std::move(*song));
      co_return;
    }
    const auto cause = song.error().code;
    if (note_interruption(running, song.error())) co_return;
    if (cause != errc::song_unknown) {
      note(running, happened::song_failed{cause});
    } else if (provider->info().paid) {
      note(running, happened::song_failed{errc::result_unavailable});  // the contract's word for a song that cannot be had
    } else {
      note(running, happened::free_song_lost{});
    }
  }

  task<void> fetch(music_provider& provider, running_job& running, finished_song song) {
    for (auto& each : song.tracks) {
      if (each.title.empty()) each.title = title_of(running.state);  // most services give songs no names
    }
    const auto& first = song.tracks.front();
    // As with the prompt: fetching again is no change.
    if (running.state.stage != job_stage::fetching)
      note(running, happened::song_ready{first.title, first.duration_seconds, first.created_at, first.tags});
    const bool saved = co_await save(running);
    if (!saved) co_return;
    auto stored = co_await music_.fetch(provider, std::move(song), running.state.id, running.deadline, &running.cancel);
    if (stored) note(running, happened::audio_stored{std::move(*stored)});
    else if (!note_interruption(running, stored.error())) note(running, happened::song_failed{stored.error().code});
  }

  [[nodiscard]] std::vector<music_provider*> candidates_for(const job& job) const {
    std::vector<music_provider*> candidates;
    if (!job.request.provider.empty()) {
      if (auto* chosen = music_.find(job.request.provider)) candidates.push_back(chosen);
      return candidates;
    }
    for (const auto& provider : music_.providers()) candidates.push_back(provider.get());
    return candidates;
  }

  /// Makes the present state durable unless it is already. False if the job was erased meanwhile.
  task<bool> save(running_job& running) {
    if (running.gone) co_return false;
    const auto version = running.state.version;
    if (version == running.durable_version) co_return true;
    const auto saved = co_await journal_.commit(running);
    running.gone = running.gone || saved.has_error();
    if (saved) running.durable_version = std::max(running.durable_version, version);
    co_return saved.has_value();
  }

  void note(running_job& running, const job_event& event) const { record(running, event, clock_, options_.retention); }

  /// Whether the failure is an interruption from outside the step rather than the step's own.
  bool note_interruption(running_job& running, const error& failure) const {
    if (failure.code == errc::canceled && running.cancel.is_set()) {
      note(running, happened::canceled{});
      return true;
    }
    if (failure.code == errc::deadline_exceeded || clock_.now() >= running.deadline) {
      note(running, happened::deadline_passed{});
      return true;
    }
    return false;
  }

  static std::string_view operation_of(job_goal goal) noexcept {
    switch (goal) {
      case job_goal::song: return "generate_music_from_theme";
      case job_goal::prompt: return "generate_prompt_from_theme";
    }
    return "unknown";
  }

  void report(const job& job, time_point started) const {
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - started).count();
    const auto theme_length = count_code_points(job.request.theme).value_or(0);
    const auto cause = job.music.failure ? job.music.failure : job.prompt.failure;
    const log::event what{"music_orchestrator", "openclaw-music", operation_of(job.request.goal), name(job.status)};
    if (job.status == job_status::success) {
      log::info(what,
                {{"job", job.id.text()}, {"theme_length", theme_length}, {"tracks", job.tracks.size()}, {"elapsed_ms", elapsed}});
    } else {
      log::warning(what, {{"job", job.id.text()},
                          {"theme_length", theme_length},
                          {"cause", cause ? name(*cause) : "none"},
                          {"charged", name(job.charged)},
                          {"elapsed_ms", elapsed}});
    }
  }

  prompt_generator& prompts_;
  music_generator& music_;
  job_journal& journal_;
  clock& clock_;
  orchestrator_options options_;
};

}  // namespace

std::unique_ptr<orchestrator> create_orchestrator(prompt_generator& prompts, music_generator& music, job_journal& journal,
                                                  clock& clock, orchestrator_options options) {
  return std::make_unique<chaining_orchestrator>(prompts, music, journal, clock, options);
}

void record(running_job& running, const job_event& event, const clock& clock, std::chrono::seconds retention) {
  apply(running.state, event, clock.wall_now(), retention);
}

}  // namespace music
