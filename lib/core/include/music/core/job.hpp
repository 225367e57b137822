#pragma once

/// The job: what is durable about one song, or one prompt, from acceptance to erasure.

#include <music/base/error.hpp>
#include <music/base/ids.hpp>
#include <music/base/time.hpp>
#include <music/core/batch_id.hpp>
#include <music/core/request.hpp>
#include <music/core/song_plan.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace music {

enum class job_status : std::uint8_t { queued, running, canceling, success, error, canceled, expired };
enum class job_stage : std::uint8_t { accepted, prompting, submitting, generating, fetching, finished };
enum class step_status : std::uint8_t { pending, running, complete, error };
enum class charge : std::uint8_t { no, maybe, yes };

/// Which step ended the job; the step's own `errc` tells the cause.
enum class failure_kind : std::uint8_t {
  prompt_generation_failed,
  music_generation_failed,
  deadline_exceeded,
  canceled,
  security_error,
  unexpected,
};

/// What is known about the one paid request of a job.
enum class submission_state : std::uint8_t {
  none,      ///< not sent, or certainly not taken: may be sent
  intent,    ///< about to be sent, or sent without a word since: after a crash this is `unknown`
  accepted,  ///< the provider gave a song id
  unknown,   ///< may have been taken: never sent again by itself
};

/// Names as they stand in the contract; parsing gives nothing for anything else.
[[nodiscard]] std::string_view name(job_status status) noexcept;
[[nodiscard]] std::string_view name(job_stage stage) noexcept;
[[nodiscard]] std::string_view name(step_status status) noexcept;
[[nodiscard]] std::string_view name(charge charged) noexcept;
[[nodiscard]] std::string_view name(failure_kind kind) noexcept;
[[nodiscard]] std::string_view name(submission_state state) noexcept;
[[nodiscard]] std::optional<job_status> parse_job_status(std::string_view text) noexcept;
[[nodiscard]] std::optional<job_stage> parse_job_stage(std::string_view text) noexcept;
[[nodiscard]] std::optional<step_status> parse_step_status(std::string_view text) noexcept;
[[nodiscard]] std::optional<charge> parse_charge(std::string_view text) noexcept;
[[nodiscard]] std::optional<failure_kind> parse_failure_kind(std::string_view text) noexcept;
[[nodiscard]] std::optional<submission_state> parse_submission_state(std::string_view text) noexcept;
[[nodiscard]] std::optional<errc> parse_errc(std::string_view text) noexcept;

/// Success, error, canceled and expired are final: a job never leaves them by itself.
[[nodiscard]] bool ended(job_status status) noexcept;

/// One audio file that we hold.
struct track {
  std::string song_id;
  std::string title;
  double duration_seconds = 0;
  std::string content_type;
  std::string audio_key;  ///< finds the file in the audio store; never shown
  std::string sha256;
  std::uint64_t size_bytes = 0;

  friend bool operator==(const track&, const track&) = default;
};

struct prompt_step {
  step_status status = step_status::pending;
  std::string text;
  std::string model;
  std::int64_t tokens_used = 0;
  std::optional<errc> failure;
  song_plan plan{};
  bool cached = false;  ///< the text and the plan were written for an earlier, equal request

  friend bool operator==(const prompt_step&, const prompt_step&) = default;
};

struct music_step {
  step_status status = step_status::pending;
  std::string provider;
  submission_state submission = submission_state::none;
  std::string song_id;
  std::string preview;  ///< a stream of the unfinished song, the provider's own URL; gone when the job has ended
  std::int64_t polls = 0;
  std::string title;  ///< title, duration, creation time and tags are the provider's own words
  double duration_seconds = 0;
  std::string created_at;
  std::string tags;
  std::optional<errc> failure;

  friend bool operator==(const music_step&, const music_step&) = default;
};

/// A value; the engine keeps the current one behind `job_ptr` and replaces it at every change.
struct job {
  job_id id;
  std::string owner;  ///< name of the API key that asked; empty without keys
  batch_id batch;     ///< the one that it was asked for in; empty for a job on its own
  generate_request request;

  job_status status = job_status::queued;
  job_stage stage = job_stage::accepted;
  std::uint64_t version = 1;  ///< grows by one at every visible change; the ETag
  bool cancel_requested = false;

  prompt_step prompt;
  music_step music;
  std::vector<track> tracks;

  std::optional<failure_kind> failure;
  charge charged = charge::no;
  std::vector<std::string> warnings;

  wall_time created_at{};
  wall_time updated_at{};
  wall_time deadline_at{};
  std::optional<wall_time> completed_at;
  std::optional<wall_time> expires_at;

  [[nodiscard]] bool done() const noexcept { return ended(status); }

  friend bool operator==(const job&, const job&) = default;
};

using job_ptr = std::shared_ptr<const job>;

/// Whether POST /jobs/<id>/retry may bring it further: it failed, and trying again is not certain to fail the same way.
[[nodiscard]] bool retryable(const job& job) noexcept;

}  // namespace music
