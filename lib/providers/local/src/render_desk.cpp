#include "render_desk.hpp"

#include "composer.hpp"

#include <music/core/styles.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace music::local {
namespace {

/// A style that the composer does not play itself sounds like the one of its own that comes nearest.
std::string style_to_play(const std::string& asked) {
  const auto* known = find_song_style(asked);
  return known != nullptr ? std::string{known->played_as} : asked;
}

composition_request to_composition(const render_order& order) {
  composition_request wanted;
  wanted.theme = order.request.theme;
  wanted.prompt = order.request.prompt;
  wanted.tags = order.request.tags;
  wanted.seed = order.seed;
  wanted.duration_seconds = order.request.duration_seconds;
  if (!order.request.style.empty()) wanted.style = style_to_play(order.request.style);
  if (!order.request.title.empty()) wanted.title = order.request.title;
  return wanted;
}

/// Work that was cut off by cancellation: its group is ending, and the desk with it.
struct stop_when_cut_off {
  std::stop_source source;
  bool finished = false;
  ~stop_when_cut_off() {
    if (!finished) source.request_stop();
  }
};

result<finished_render> make_or_throw(const render_order& order, std::stop_token stop) {
  const score piece = compose(to_composition(order));
  render_options options;
  options.format = order.format;
  options.soundfont = order.soundfont;
  options.stop = std::move(stop);
  auto audio = render(piece, options);
  if (!audio) return audio.error();
  finished_render song;
  song.bytes = std::make_shared<const std::string>(std::move(audio->bytes));
  song.title = piece.title;
  song.tags = piece.style;
  song.duration_seconds = audio->duration_seconds;
  return song;
}

}  // namespace

result<finished_render> make_song(const render_order& order, std::stop_token stop) {
  try {
    return make_or_throw(order, std::move(stop));
  } catch (const std::exception& failure) {  // memory, most likely: this song fails, the line goes on
    return error{errc::internal, failure.what()};
  }
}

void render_desk::accept(const std::string& id, render_order order, task_group& tasks) {
  drop_old();
  const auto known = entries_.find(id);
  if (known != entries_.end() && known->second.now != state::failed) return;
  entries_[id] = entry{.since = clock_.now()};
  line_.emplace_back(id, std::move(order));
  if (workers_ < std::max<std::size_t>(1, options_.max_renders)) {
    ++workers_;
    tasks.spawn(work_through(shared_from_this()));
  }
}

render_desk::state render_desk::look(const std::string& id) {
  drop_old();
  const auto found = entries_.find(id);
  return found == entries_.end() ? state::unknown : found->second.now;
}

const finished_render* render_desk::find(const std::string& id) {
  const auto found = entries_.find(id);
  return found != entries_.end() && found->second.now == state::finished ? &found->second.song : nullptr;
}

error render_desk::failure(const std::string& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? error{errc::song_unknown} : found->second.why;
}

void render_desk::stop() {
  line_.clear();
  stopping_.request_stop();
}

task<void> render_desk::work_through(std::shared_ptr<render_desk> desk) {
  stop_when_cut_off ending{.source = desk->stopping_};
  while (!desk->line_.empty()) {
    auto next = std::move(desk->line_.front());
    desk->line_.pop_front();
    auto work = [order = std::move(next.second), token = desk->stopping_.get_token()] { return make_song(order, token); };
    auto outcome = co_await desk->renderers_.run(std::move(work));
    desk->settle(next.first, std::move(outcome));
  }
  --desk->workers_;
  ending.finished = true;
}

void render_desk::settle(const std::string& id, result<finished_render> outcome) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  auto& now = found->second;
  now.since = clock_.now();
  if (!outcome) {
    now.now = state::failed;
    now.why = outcome.error();
    return;
  }
  now.now = state::finished;
  now.song = std::move(*outcome);
  now.song.finished_at = clock_.wall_now();
  make_room();
}

void render_desk::drop_old() {
  const auto oldest_kept = clock_.now() - options_.keep_for;
  std::erase_if(entries_, [&](const auto& item) { return item.second.now != state::making && item.second.since < oldest_kept; });
}

void render_desk::make_room() {
  const auto finished_and_older = [](const auto& a, const auto& b) {
    const bool a_finished = a.second.now == state::finished;
    const bool b_finished = b.second.now == state::finished;
    return a_finished != b_finished ? a_finished : a.second.since < b.second.since;
  };
  for (;;) {
    std::uint64_t kept = 0;
    std::size_t songs = 0;
    for (const auto& [id, item] : entries_) {
      kept += item.song.bytes ? item.song.bytes->size() : 0;
      songs += item.song.bytes ? 1U : 0U;
    }
    if (kept <= options_.max_kept_bytes || songs <= 1) return;  // the newest stays: dropped at once it could never be had
    entries_.erase(std::min_element(entries_.begin(), entries_.end(), finished_and_older));
  }
}

}  // namespace music::local
