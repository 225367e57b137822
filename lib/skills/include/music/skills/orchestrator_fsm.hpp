#pragma once

/// The orchestrator's decisions as pure functions: what to do next for a job, and what an outcome does to it.
///
/// No I/O, no clock, no randomness, no await: a test calls them with plain values. The coroutine in `orchestrator.hpp`
/// performs what `next_step` asks for and commits the job after every `apply`.

#include <music/core/job.hpp>
#include <music/core/ports.hpp>

#include <variant>

namespace music {

/// What has to be done for a job in its present state.
enum class job_step : std::uint8_t {
  write_prompt,
  submit,
  find_song,       ///< the submission's answer was lost: wait for the provider to tell the song's id
  follow_song,     ///< poll until ready, then fetch
  finish_canceled, ///< somebody asked for it and nothing is in flight
  none,            ///< it has ended
};

[[nodiscard]] job_step next_step(const job& job) noexcept;

namespace happened {

struct prompt_started {};
/// The end of a job whose goal is the prompt: what it made and that it is done are one commit.
struct prompt_written {
  written_prompt prompt;
};
struct prompt_failed {
  errc cause;
};
struct submission_intended {
  std::string provider;
  std::vector<std::string> warnings;
};
struct song_accepted {
  std::string song_id;
  bool paid;
};
/// The submission did not take: nothing was bought, and another provider may be tried.
struct submission_withdrawn {};
struct submission_failed {
  submission_fate fate;
  errc cause;
};
/// The submission's answer was lost, and the provider may still tell which song it began.
struct submission_lost {};
/// The unfinished song can be listened to.
struct song_playable {
  std::string preview;
};
struct song_ready {
  std::string title;
  double duration_seconds = 0;
  std::string created_at;
  std::string tags;
};
struct song_failed {
  errc cause;
};
/// A provider that costs nothing forgot the song (the process was restarted): it is made again.
struct free_song_lost {};
struct audio_stored {
  std::vector<track> tracks;
};
struct cancel_requested {};
struct canceled {};
struct deadline_passed {};
/// The process came back and found the job like this.
struct recovered {};
/// POST /jobs/<id>/retry.
struct retried {
  wall_time new_deadline;
  bool resubmit;
};
struct broke {};  ///< an exception nobody expected

}  // namespace happened

using job_event =
    std::variant<happened::prompt_started, happened::prompt_written, happened::prompt_failed, happened::submission_intended,
                 happened::song_accepted, happened::submission_withdrawn, happened::submission_failed, happened::submission_lost,
                 happened::song_playable, happened::song_ready, happened::song_failed, happened::free_song_lost,
                 happened::audio_stored, happened::cancel_requested, happened::canceled, happened::deadline_passed,
                 happened::recovered, happened::retried, happened::broke>;

/// Changes the job as the event demands: its version grows by one and `updated_at` becomes `now` (never earlier than
/// before). An ended job gets `completed_at` and `expires_at = now + retention`. Events that come after the end change
/// nothing, `retried` aside.
void apply(job& job, const job_event& event, wall_time now, std::chrono::seconds retention);

}  // namespace music
