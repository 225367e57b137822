#pragma once

/// One request for many waiting songs.

#include <music/async/task_group.hpp>
#include <music/core/ports.hpp>
#include <music/providers/suno/song_inbox.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace music::suno {

/// Polls of the same moment gather into one request, which takes along songs that wait, the ones due first in front; those get
/// their answer without asking. One for each shard; not thread-safe. Everything passed in must outlive it. A request belongs
/// to the task group, so that a job that is cancelled does not take the others' answer away.
class shared_polls {
 public:
  using statuses = std::vector<result<song_status>>;

  /// Sends the request; one outcome for each song, in order.
  using asker = std::function<task<statuses>(std::vector<std::string> songs)>;

  shared_polls(executor ex, clock& clock, task_group& tasks, song_inbox& inbox, std::size_t most, asker ask);

  [[nodiscard]] task<result<song_status>> poll(std::string song_id);

 private:
  struct round;
  using round_ptr = std::shared_ptr<round>;
  struct kept {
    result<song_status> status;
    time_point at;
  };

  [[nodiscard]] std::optional<result<song_status>> take_kept(const std::string& song_id);
  [[nodiscard]] round_ptr round_with(const std::string& song_id);
  [[nodiscard]] bool has_room_for(const round& current, const std::string& song_id) const;
  void add(const round_ptr& to, const std::string& song_id);
  void take_along(const round_ptr& current);
  [[nodiscard]] task<void> run(round_ptr current);
  void settle(round& current, statuses outcomes);

  executor executor_;
  clock& clock_;
  task_group& tasks_;
  song_inbox& inbox_;
  std::size_t most_;
  asker ask_;
  round_ptr gathering_;                         ///< not sent yet; may be null
  std::map<std::string, round_ptr> under_way_;  ///< by song
  std::map<std::string, kept> answers_;         ///< by song; for those who did not ask
};

}  // namespace music::suno
