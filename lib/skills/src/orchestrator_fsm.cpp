#include <music/skills/orchestrator_fsm.hpp>

#include <algorithm>

namespace music {
namespace {

void end(job& job, job_status status, std::optional<failure_kind> failure) {
  job.status = status;
  job.stage = job_stage::finished;
  job.failure = failure;
  job.cancel_requested = false;
  job.music.preview.clear();
}

/// A song that nobody will wait for any more: what it cost stays told.
void fail_music(job& job, errc cause) {
  job.music.status = step_status::error;
  job.music.failure = cause;
  end(job, job_status::error, failure_kind::music_generation_failed);
}

struct applier {
  job& job;

  void operator()(const happened::prompt_started&) const {
    job.status = job.cancel_requested ? job_status::canceling : job_status::running;
    job.stage = job_stage::prompting;
    job.prompt.status = step_status::running;
  }

  void operator()(const happened::prompt_written& event) const {
    job.prompt.status = step_status::complete;
    job.prompt.text = event.prompt.text;
    job.prompt.model = event.prompt.model;
    job.prompt.tokens_used = event.prompt.tokens_used;
    job.prompt.plan = event.prompt.plan;
    job.prompt.cached = event.prompt.cached;
    job.stage = job_stage::submitting;
    if (job.request.goal == job_goal::prompt) end(job, job_status::success, std::nullopt);
  }

  void operator()(const happened::prompt_failed& event) const {
    job.prompt.status = step_status::error;
    job.prompt.failure = event.cause;
    end(job, job_status::error, failure_kind::prompt_generation_failed);
  }

  void operator()(const happened::submission_intended& event) const {
    job.status = job.cancel_requested ? job_status::canceling : job_status::running;
    job.stage = job_stage::submitting;
    job.music.status = step_status::running;
    job.music.provider = event.provider;
    job.music.submission = submission_state::intent;
    for (const auto& warning : event.warnings) {
      if (std::find(job.warnings.begin(), job.warnings.end(), warning) == job.warnings.end()) job.warnings.push_back(warning);
    }
  }

  void operator()(const happened::song_accepted& event) const {
    job.music.submission = submission_state::accepted;
    job.music.song_id = event.song_id;
    job.stage = job_stage::generating;
    if (event.paid) job.charged = charge::yes;
  }

  void operator()(const happened::submission_withdrawn&) const { job.music.submission = submission_state::none; }

  void operator()(const happened::submission_failed& event) const {
    if (event.fate == submission_fate::unknown) {
      job.music.submission = submission_state::unknown;
      job.charged = charge::maybe;
      fail_music(job, errc::submission_unknown);
      return;
    }
    job.music.submission = submission_state::none;
    fail_music(job, event.cause);
  }

  void operator()(const happened::submission_lost&) const {
    job.music.submission = submission_state::unknown;
    job.charged = charge::maybe;
  }

  void operator()(const happened::song_playable& event) const { job.music.preview = event.preview; }

  void operator()(const happened::song_ready& event) const {
    job.stage = job_stage::fetching;
    job.music.title = event.title;
    job.music.duration_seconds = event.duration_seconds;
    job.music.created_at = event.created_at;
    job.music.tags = event.tags;
  }

  void operator()(const happened::song_failed& event) const { fail_music(job, event.cause); }

  void operator()(const happened::free_song_lost&) const {
    job.music.submission = submission_state::none;
    job.music.song_id.clear();
    job.stage = job_stage::submitting;
  }

  void operator()(const happened::audio_stored& event) const {
    job.tracks = event.tracks;
    job.music.status = step_status::complete;
    end(job, job_status::success, std::nullopt);
  }

  void operator()(const happened::cancel_requested&) const {
    job.cancel_requested = true;
    job.status = job_status::canceling;
  }

  void operator()(const happened::canceled&) const {
    stop_steps(errc::canceled);
    end(job, job_status::canceled, failure_kind::canceled);
  }

  void operator()(const happened::deadline_passed&) const {
    stop_steps(errc::deadline_exceeded);
    end(job, job_status::expired, failure_kind::deadline_exceeded);
  }

  void operator()(const happened::recovered&) const {
    if (job.music.submission != submission_state::intent) return;
    // The process died between the intent and the answer: the song may have been bought.
    job.music.submission = submission_state::unknown;
    job.charged = charge::maybe;
    fail_music(job, errc::submission_unknown);
  }

  void operator()(const happened::retried& event) const {
    job.status = job_status::queued;
    job.failure.reset();
    job.completed_at.reset();
    job.expires_at.reset();
    job.deadline_at = event.new_deadline;
    job.prompt.failure.reset();
    if (job.prompt.status != step_status::complete) job.prompt.status = step_status::pending;
    job.music.failure.reset();
    job.music.status = job.music.submission == submission_state::accepted ? step_status::running : step_status::pending;
    job.music.polls = 0;
    if (job.music.submission == submission_state::unknown && event.resubmit) job.music.submission = submission_state::none;
    job.stage = job.prompt.status != step_status::complete           ? job_stage::accepted
                : job.music.submission == submission_state::accepted ? job_stage::generating
                                                                     : job_stage::submitting;
  }

  void operator()(const happened::broke&) const {
    stop_steps(errc::internal);
    end(job, job_status::error, failure_kind::unexpected);
  }

  /// The step that was under way takes the cause; a submission that was cut off is not known to have failed.
  void stop_steps(errc cause) const {
    if (job.music.submission == submission_state::intent) {
      job.music.submission = submission_state::unknown;
      job.charged = charge::maybe;
    }
    if (job.prompt.status == step_status::running) {
      job.prompt.status = step_status::error;
      job.prompt.failure = cause;
    } else if (job.music.status == step_status::running) {
      job.music.status = step_status::error;
      job.music.failure = cause;
    }
  }
};

}  // namespace

job_step next_step(const job& job) noexcept {
  if (job.done()) return job_step::none;
  if (job.cancel_requested) return job_step::finish_canceled;
  // A job for its prompt ends with it: whatever state it is found in, nothing is ever bought for it.
  if (job.prompt.status != step_status::complete || job.request.goal == job_goal::prompt) return job_step::write_prompt;
  if (job.music.submission == submission_state::none) return job_step::submit;
  if (job.music.submission == submission_state::unknown) return job_step::find_song;
  return job_step::follow_song;
}

void apply(job& job, const job_event& event, wall_time now, std::chrono::seconds retention) {
  const bool was_done = job.done();
  if (was_done && !std::holds_alternative<happened::retried>(event)) return;
  std::visit(applier{job}, event);
  ++job.version;
  job.updated_at = std::max(job.updated_at, now);
  if (job.done()) {
    job.completed_at = job.updated_at;
    job.expires_at = job.updated_at + retention;
  }
}

}  // namespace music
