#pragma once

/// The driven ports: what the domain needs from the outside. Adapters live in `lib/providers` and `lib/store`.

#include <music/async/clock.hpp>
#include <music/async/task.hpp>
#include <music/base/error.hpp>
#include <music/core/audio.hpp>
#include <music/core/job.hpp>
#include <music/core/outbox.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace music {

// --- the prompt writer ------------------------------------------------------------------------------------------------

struct prompt_request {
  std::string theme;
  std::string tags;
  std::string style;
  std::optional<bool> instrumental;
  std::string lyrics{};  ///< the caller's own: the song is planned around them
  std::string caller{};  ///< who asks, and since when: whose turn it is at the writer's upstream
  wall_time since{};
};

struct written_prompt {
  std::string text;
  std::string model;
  std::int64_t tokens_used = 0;
  song_plan plan{};     ///< empty where the writer wrote no more than the text
  bool cached = false;  ///< it was written for an earlier, equal request: it cost no tokens
};

/// Writes a music prompt from a theme. One for each shard; not thread-safe. Does not repeat a call that failed: the skill does.
class prompt_writer {
 public:
  virtual ~prompt_writer() = default;

  /// How the log calls it, e.g. "OpenAI/ChatGPT".
  [[nodiscard]] virtual std::string_view api_name() const noexcept = 0;

  /// Errors: `rate_limit`, `quota_exhausted`, `authentication`, `timeout`, `request_error` (connection), `openai_api`
  /// (the server failed: try again), `api_error` (refused: do not), `invalid_response`, `content_rejected`.
  [[nodiscard]] virtual task<result<written_prompt>> write(prompt_request request, time_point deadline) = 0;
};

// --- the music provider -----------------------------------------------------------------------------------------------

struct song_request {
  job_id job;
  std::string theme;
  std::string prompt;
  std::string tags;
  std::string title;
  std::string style;
  std::string model;   ///< empty: the provider's configured one
  std::string lyrics;  ///< empty: the provider writes them, if it can
  std::string negative_tags;
  std::optional<bool> instrumental;
  std::optional<double> duration_seconds;
  std::optional<std::uint64_t> seed;
  std::optional<audio_format> format;
  std::optional<audio_quality> quality;
};

/// What became of the one request that may cost money.
enum class submission_fate : std::uint8_t {
  accepted,  ///< taken; `song_id` is set
  not_sent,  ///< no byte of it left this machine: safe to send again
  refused,   ///< a documented answer says that nothing was taken: safe to send again if `failure` is transient
  unknown,   ///< bytes left and no clear answer came: must not be sent again
};

struct submission {
  submission_fate fate = submission_fate::unknown;
  std::string song_id;  ///< 1-128 characters of A-Z a-z 0-9 _ - . : * only; checked by the adapter
  error failure;        ///< for every fate but accepted
};

enum class song_state : std::uint8_t { generating, complete, failed };

/// A file that the provider offers. `source` is the provider's own reference (a URL, a handle); only it can fetch it.
struct remote_track {
  std::string song_id;
  std::string source;
  std::string preview;  ///< a stream for listening before the file is there: the provider's own URL, checked by the adapter
  std::optional<held_audio> held;  ///< its bytes came with the submission's answer and are in our audio store: nothing to fetch
  std::string title;
  std::string tags;
  std::string created_at;
  double duration_seconds = 0;
};

struct song_status {
  song_state state = song_state::generating;
  std::vector<remote_track> tracks;  ///< at least one when complete; before that those that have a preview
  error failure;  ///< why, when failed: `generation_failed` or `content_rejected`
};

/// How often a provider wants to be asked.
struct polling {
  std::chrono::milliseconds first_delay{0};
  std::chrono::milliseconds interval{2000};
  std::optional<int> most_polls;  ///< then the song counts as not coming: generation_timeout
  bool learned = false;  ///< the gaps follow from how long recent songs took; `interval` is the least of them
};

/// What a provider is and which wishes it can keep. A wish it cannot keep is told in the job's `warnings`.
struct provider_info {
  std::string name;  ///< as it stands in MUSIC_PROVIDERS and in a job, e.g. "suno"
  std::string api_name;  ///< as the log calls it, e.g. "Suno"
  bool paid = true;  ///< a submission costs money: it is never repeated on doubt
  bool finds_lost = false;  ///< `song_news::find_lost` may find a song whose submission was not answered
  polling poll;
  bool honours_duration = false;
  bool honours_seed = false;
  bool honours_vocals = false;  ///< can sing; `instrumental: false` means something to it
  bool honours_title = false;
  bool honours_lyrics = false;
  bool honours_negative_tags = false;
  bool honours_model = false;
  bool honours_quality = false;
  std::vector<audio_format> formats{};  ///< those that `format` can choose; empty: it sends what it has
  double longest_duration = longest_song;  ///< seconds
  std::size_t most_lyrics = longest_lyrics;  ///< characters; what is longer is cut at a line's end
  std::vector<std::string> models{};  ///< names that are known to work, for GET /providers
};

/// What a provider hears of its songs without being asked for each of them: callbacks, polls that songs share. All of it is a
/// hint that makes a poll worth its while; only what a poll fetched is believed. One for each shard; not thread-safe.
class song_news {
 public:
  virtual ~song_news() = default;

  /// Completes when the song should be polled: at `due`; earlier if there is news of it; later, and at `deadline` at the
  /// latest, if the provider is known to speak up by itself. True if it did. Cancelling unwinds it.
  [[nodiscard]] virtual task<bool> await_news(std::string song_id, time_point due, time_point deadline) = 0;

  /// The id of the song that the job's submission began, if its answer was lost and the provider tells it now. Waits as long
  /// as that is likely, and not past `deadline`. Error: `submission_unknown`.
  [[nodiscard]] virtual task<result<std::string>> find_lost(job_id job, time_point deadline) = 0;
};

/// A provider that this program knows, whether or not it can be asked.
struct provider_entry {
  provider_info info;
  bool configured = false;  ///< in MUSIC_PROVIDERS: a request may name it
};

/// A service that makes songs. One for each shard; not thread-safe. Does not retry: the skill does.
class music_provider {
 public:
  virtual ~music_provider() = default;

  [[nodiscard]] virtual const provider_info& info() const noexcept = 0;

  /// Sends at most one request that can cost money.
  [[nodiscard]] virtual task<submission> submit(song_request request, time_point deadline) = 0;

  /// Errors: `song_unknown`, `rate_limit`, `quota_exhausted`, `authentication`, `timeout`, `request_error`, `api_error`,
  /// `invalid_response`. A status that is not documented counts as generating.
  [[nodiscard]] virtual task<result<song_status>> poll(std::string song_id, time_point deadline) = 0;

  /// Writes the track's bytes to `into`, at most 200 MB, without committing it. `into` must outlive the call.
  /// Errors: `result_unavailable` (not there, not audio, too large), `timeout`, `request_error`, `store_unavailable`.
  [[nodiscard]] virtual task<result<audio_format>> fetch(remote_track track, audio_writer& into, time_point deadline) = 0;

  /// Null if the provider says nothing unless it is asked. Lives as long as the provider.
  [[nodiscard]] virtual song_news* news() noexcept { return nullptr; }
};

// --- the job store ----------------------------------------------------------------------------------------------------

/// Proof that an instance of the service works on a job. It grows each time the job changes hands, so that a write by an
/// instance that was slow, and is not the owner any more, is refused.
using lease_epoch = std::uint64_t;

/// How long a job stays with an instance that says nothing, on the store's clock.
inline constexpr std::chrono::seconds lease_duration{30};

/// How long an Idempotency-Key is remembered at least, whatever becomes of its job.
inline constexpr std::chrono::hours key_retention{24};

/// An Idempotency-Key as it is stored. `scope` is caller and route; `key` is the SHA-256 of what the caller sent, because it
/// may outlive its job and a caller's words may not.
struct idempotency {
  std::string scope;
  std::string key;
  std::string fingerprint;
};

struct insertion {
  job stored;  ///< the new job, or the one that the key already names
  bool replayed = false;  ///< true: nothing was inserted
  lease_epoch lease = 0;  ///< of the new job
};

struct batch_insertion {
  batch_id stored;  ///< the new batch, or the one that the key already names
  bool replayed = false;  ///< true: nothing was inserted
  lease_epoch lease = 0;  ///< of each new job
};

/// A job that is this instance's from now on.
struct claimed_job {
  job state;
  lease_epoch lease = 0;
  int crashes = 0;  ///< how often in a row its owner ended without releasing it and without a checkpoint in between
  bool cancel_requested = false;  ///< somebody left word while nobody had it
};

/// What has come of the jobs that an instance holds.
struct renewal {
  std::vector<job_id> lost;  ///< another instance has them by now, or they are gone
  std::vector<job_id> cancel_requested;  ///< somebody asked another instance to cancel them
};

/// Which jobs `select` gives: newest first; with `expired_before` those that expired first.
struct job_filter {
  std::optional<std::string> owner;  ///< only this caller's
  std::optional<job_status> status;
  bool unfinished_only = false;
  std::optional<wall_time> expired_before;  ///< ended jobs whose expires_at is earlier
  std::optional<job_id> older_than;  ///< the cursor: ids before this one
  std::size_t limit = 100;
  std::optional<batch_id> batch{};  ///< only the jobs of this one
};

/// Port: where jobs are durable, and who works on which. Each store object is one instance of the service to the others
/// that share its database. Thread-safe; its functions complete on the awaiting shard. When a function has succeeded, a power
/// cut loses nothing of it (the `memory` store aside). Every function may fail with `store_unavailable`; then the outcome is
/// unknown and the row must be read again.
class job_store {
 public:
  virtual ~job_store() = default;

  /// Inserts the job, this instance's, and the key with it in the same transaction. A known key with an equal fingerprint
  /// gives the job it names; with another one the error `key_reused`; if its job was erased, `key_spent`.
  [[nodiscard]] virtual task<result<insertion>> insert(job fresh, std::optional<idempotency> key) = 0;

  /// Inserts the jobs of one batch, fresh, in its order and of one owner, this instance's, and the key with them: all in one
  /// transaction, or none. A known key with an equal fingerprint gives the batch it names as long as one of its jobs is there;
  /// the key stays for as long, and at least for `key_retention`. Errors: as `insert`.
  [[nodiscard]] virtual task<result<batch_insertion>> insert_batch(std::vector<job> fresh, std::optional<idempotency> key) = 0;

  /// Replaces the row; a job that has ended is nobody's afterwards. What is `told` of the change goes into the outbox in the same
  /// transaction. Errors: `not_found` (it was erased meanwhile), `lease_lost` (another instance has it: stop working on it).
  [[nodiscard]] virtual task<result<void>> update(job changed, lease_epoch lease, std::vector<delivery> told) = 0;

  /// The same for a change that nobody is told.
  [[nodiscard]] task<result<void>> update(job changed, lease_epoch lease) { return update(std::move(changed), lease, {}); }

  /// Error: `not_found`.
  [[nodiscard]] virtual task<result<job>> load(job_id id) = 0;

  [[nodiscard]] virtual task<result<std::vector<job>>> select(job_filter filter) = 0;

  /// Erases the row, leaving no copy in the database file. Its keys go with it once they are older than `key_retention` at
  /// `now`; until then they are spent. Erasing what is not there succeeds. Error: `conflict` (it has not ended, or runs again).
  [[nodiscard]] virtual task<result<void>> erase(job_id id, wall_time now) = 0;

  /// Makes at most `limit` unfinished jobs this instance's, the oldest first: those that nobody holds, and those whose holder
  /// has not renewed for `lease_duration`. A store that only one process can open gives those of its predecessors at once. One
  /// that keeps the songs too erases those that a claimed job, at stage `fetching`, has placed and not named. A job that
  /// cannot be read is reported and left out: fewer than `limit` need not be all.
  [[nodiscard]] virtual task<result<std::vector<claimed_job>>> claim(std::size_t limit) = 0;

  /// Keeps `held` for another `lease_duration`.
  [[nodiscard]] virtual task<result<renewal>> renew(std::vector<job_id> held) = 0;

  /// Lets all unfinished jobs of this instance go, so that the next `claim`, here or elsewhere, has them at once.
  [[nodiscard]] virtual task<result<void>> release() = 0;

  /// Makes an ended job run again as `changed`, this instance's. Called again after an unknown outcome, with the same, it says
  /// the same. Errors: `not_found`, `conflict` (its version is not `seen_version` any more: somebody was faster).
  [[nodiscard]] virtual task<result<lease_epoch>> reopen(job changed, std::uint64_t seen_version) = 0;

  /// Leaves word for the instance that holds the job. Succeeds, and does nothing, if the job has ended.
  [[nodiscard]] virtual task<result<void>> request_cancel(job_id id) = 0;

  /// What `update` was to tell. It lives as long as the store.
  [[nodiscard]] virtual outbox& deliveries() noexcept = 0;

  /// Whether other instances may work in the same database. If not, `renew` and `request_cancel` are never needed.
  [[nodiscard]] virtual bool shared() const noexcept = 0;

  /// `hint` is called, on any thread, when it may be worth to `claim` or `renew` before the usual time. Set it before the
  /// first call of anything else; it must stay callable until the store ends.
  virtual void on_hint(std::function<void()> hint) = 0;
};

}  // namespace music
