#pragma once

/// Songs that are being made, wait to be made, or wait to be fetched.

#include "renderer.hpp"

#include <music/async/blocking_pool.hpp>
#include <music/async/clock.hpp>
#include <music/async/task_group.hpp>
#include <music/base/error.hpp>
#include <music/core/ports.hpp>
#include <music/providers/local/local_provider.hpp>

#include <deque>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

namespace music::local {

/// A finished song; its bytes are shared with whoever is just fetching them.
struct finished_render {
  std::shared_ptr<const std::string> bytes;
  std::string title;
  std::string tags;
  wall_time finished_at{};
  double duration_seconds = 0;
};

/// What the pool works on: owns all it uses, because an abandoned render runs on until it notices the stop.
struct render_order {
  song_request request;
  std::uint64_t seed = 0;
  audio_format format{};
  std::string soundfont;
};

/// Composes and renders; blocking. Errors: those of `render`.
[[nodiscard]] result<finished_render> make_song(const render_order& order, std::stop_token stop);

/// Owner: the provider and, while they run, the tasks that work through the line; so it is shared. Belongs to one shard.
class render_desk : public std::enable_shared_from_this<render_desk> {
 public:
  enum class state : std::uint8_t { unknown, making, finished, failed };

  render_desk(local_options options, blocking_pool& renderers, clock& clock)
      : options_(std::move(options)), renderers_(renderers), clock_(clock) {}

  /// Puts an order in line under its id. An id that is there already is left alone unless it failed.
  void accept(const std::string& id, render_order order, task_group& tasks);

  [[nodiscard]] state look(const std::string& id);

  /// The finished song, or null.
  [[nodiscard]] const finished_render* find(const std::string& id);

  /// Why it failed.
  [[nodiscard]] error failure(const std::string& id) const;

  /// The song was fetched, or nobody wants it any more.
  void forget(const std::string& id) { entries_.erase(id); }

  /// No further render begins, and those that run end soon.
  void stop();

 private:
  struct entry {
    state now = state::making;
    finished_render song;
    error why;
    time_point since{};
  };

  static task<void> work_through(std::shared_ptr<render_desk> desk);
  void settle(const std::string& id, result<finished_render> outcome);
  void drop_old();
  void make_room();

  local_options options_;
  blocking_pool& renderers_;
  clock& clock_;
  std::stop_source stopping_;
  std::deque<std::pair<std::string, render_order>> line_;
  std::map<std::string, entry> entries_;
  std::size_t workers_ = 0;
};

}  // namespace music::local
