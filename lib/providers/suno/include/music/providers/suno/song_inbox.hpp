#pragma once

/// Where callbacks about songs arrive, and where jobs wait for them.

#include <music/async/event.hpp>
#include <music/core/ports.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

namespace music {

/// How far a callback says that a song is.
enum class song_stage : std::uint8_t {
  begun,     ///< it lives: nothing that a poll would tell
  playable,  ///< a poll gives a preview
  ended,     ///< complete or failed
};

/// The news of one shard's songs. Callbacks wake the waiting job at once. While a gateway is known to call back (it did
/// within the last half hour, and left out no end), a song is polled without being told only after two minutes of silence.
///
/// One for each shard, made before the provider; not thread-safe. Clock must outlive it. Nobody may wait in it when it goes.
class song_inbox final : public song_news {
 public:
  song_inbox(executor ex, clock& clock);
  ~song_inbox() override;
  song_inbox(const song_inbox&) = delete;
  song_inbox& operator=(const song_inbox&) = delete;

  [[nodiscard]] task<bool> await_news(std::string song_id, time_point due, time_point deadline) override;

  /// Needs `listen_for`, else it gives `submission_unknown` at once. Waits five minutes.
  [[nodiscard]] task<result<std::string>> find_lost(job_id job, time_point deadline) override;

  /// A callback came to the address with this token.
  void hear(const std::string& token, const std::string& song_id, song_stage stage);

  /// How a job's token is made; set by the provider when there are callbacks.
  void listen_for(std::function<std::string(const job_id&)> token_of) { token_of_ = std::move(token_of); }

  /// A poll found the song ended: whether the gateway had told is what its word is worth from now on.
  void ended(const std::string& song_id);

  /// Of the songs that somebody waits for those that are `wanted`, the ones due first in front, at most `most`.
  [[nodiscard]] std::vector<std::string> awaited(std::size_t most, const std::function<bool(const std::string&)>& wanted) const;

  /// Ends the wait for a song whose poll has been answered by the way.
  void wake(const std::string& song_id);

  [[nodiscard]] executor get_executor() const noexcept { return executor_; }

 private:
  /// Somebody who waits; lives in the coroutine.
  struct waiter {
    std::string key;  ///< the song's id, or the token of a job whose song is lost
    bool lost = false;
    time_point due;
    event woken;
    bool answered = false;
  };
  class seat;

  struct hearing {
    std::string token;
    song_stage stage = song_stage::begun;
    bool fresh = false;  ///< not polled since
    time_point at;
  };

  [[nodiscard]] bool take_news(const std::string& song_id);
  [[nodiscard]] time_point due_in_earnest(const std::string& song_id, time_point asked_at, time_point due) const;
  void rouse(const std::string& key, bool lost, bool answered);
  void forget_old();

  executor executor_;
  clock& clock_;
  std::function<std::string(const job_id&)> token_of_;
  std::list<waiter*> waiting_;
  std::map<std::string, hearing> heard_;  ///< by song
  time_point trusted_until_{};            ///< callbacks are relied on until then
};

}  // namespace music
