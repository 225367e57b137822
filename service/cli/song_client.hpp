#pragma once

/// A client of the service's own HTTP interface, as any other client would be.

#include <music/async/clock.hpp>
#include <music/base/secret.hpp>
#include <music/net/http_client.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace music::service {

/// What the command line shows of a job.
struct job_view {
  std::string json;  ///< the job as the service gave it
  std::string url;   ///< where to ask for it again
  std::string status;
  std::string stage;
  std::string title;
  std::string message;
  std::string audio_url;
  std::string content_type;
  bool done = false;
};

/// Called whenever the job has been seen, changed or not.
using job_watcher = std::function<void(const job_view&)>;

/// Talks to one service. Client and clock must outlive it; belongs to their executor.
class song_client {
 public:
  song_client(net::url base, const secret& key, net::http_client& client, clock& clock)
      : base_(std::move(base)), key_(key), client_(client), clock_(clock) {}

  /// Asks for a song and waits until it has ended, however it ended. Errors: `request_error`, `timeout` (the service cannot be
  /// reached or went away for a minute), `invalid_argument` (it refused; the detail is its own text).
  [[nodiscard]] task<result<job_view>> make(std::string theme, std::string tags, job_watcher watch);

  /// Downloads the audio of a finished job to `path`. Errors: as the download's, `store_unavailable` if it cannot be written.
  [[nodiscard]] task<result<std::uint64_t>> save(job_view job, std::string path);

 private:
  [[nodiscard]] task<result<job_view>> ask(net::http_request request, std::chrono::seconds patience);
  [[nodiscard]] net::http_request request_to(net::http_method method, net::url address) const;

  net::url base_;
  const secret& key_;
  net::http_client& client_;
  clock& clock_;
};

}  // namespace music::service
