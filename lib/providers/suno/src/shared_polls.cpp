#include "shared_polls.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace music::suno {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_list = 1500;  ///< characters of ids in one request: URLs beyond 2 KiB are not safe everywhere
constexpr auto answer_life = 2s;            ///< whoever was woken for an answer takes it at once
constexpr auto gathering_time = 10ms;       ///< songs that are due together wake in the same turn, one after another

}  // namespace

struct shared_polls::round {
  explicit round(executor ex) : done(ex) {}

  std::vector<std::string> songs;
  std::size_t length = 0;  ///< characters of their ids
  std::map<std::string, result<song_status>> outcomes;
  std::set<std::string> asked_for;  ///< those whose poll waits here
  event done;
};

shared_polls::shared_polls(executor ex, clock& clock, task_group& tasks, song_inbox& inbox, std::size_t most, asker ask)
    : executor_(ex), clock_(clock), tasks_(tasks), inbox_(inbox), most_(most), ask_(std::move(ask)) {}

task<result<song_status>> shared_polls::poll(std::string song_id) {
  if (auto ready = take_kept(song_id)) co_return std::move(*ready);
  const auto current = round_with(song_id);
  current->asked_for.insert(song_id);
  co_await current->done.wait(use_task);
  const auto found = current->outcomes.find(song_id);
  if (found == current->outcomes.end()) co_return error{errc::request_error, "the shared poll was given up"};
  co_return found->second;
}

std::optional<result<song_status>> shared_polls::take_kept(const std::string& song_id) {
  std::erase_if(answers_, [&](const auto& entry) { return entry.second.at + answer_life < clock_.now(); });
  auto found = answers_.extract(song_id);
  if (found.empty()) return std::nullopt;
  return std::move(found.mapped().status);
}

shared_polls::round_ptr shared_polls::round_with(const std::string& song_id) {
  const auto found = under_way_.find(song_id);
  if (found != under_way_.end()) return found->second;
  if (gathering_ == nullptr || !has_room_for(*gathering_, song_id)) {
    gathering_ = std::make_shared<round>(executor_);
    tasks_.spawn(run(gathering_));
  }
  const auto joined = gathering_;
  add(joined, song_id);
  return joined;
}

bool shared_polls::has_room_for(const round& current, const std::string& song_id) const {
  return current.songs.size() < most_ && current.length + song_id.size() < longest_list;
}

void shared_polls::add(const round_ptr& to, const std::string& song_id) {
  to->songs.push_back(song_id);
  to->length += song_id.size() + 1;
  under_way_.emplace(song_id, to);
}

void shared_polls::take_along(const round_ptr& current) {
  const auto free = [&](const std::string& song) { return !under_way_.contains(song) && !answers_.contains(song); };
  for (const auto& song : inbox_.awaited(most_ - current->songs.size(), free)) {
    if (!has_room_for(*current, song)) break;
    add(current, song);
  }
}

task<void> shared_polls::run(round_ptr current) {
  statuses outcomes;
  try {
    co_await clock_.sleep_until(clock_.now() + gathering_time, use_task);
    if (gathering_ == current) gathering_.reset();
    take_along(current);
    outcomes = co_await ask_(current->songs);
  } catch (...) {
    if (gathering_ == current) gathering_.reset();
    settle(*current, {});  // the process ends: nobody may wait for this any more
    throw;
  }
  settle(*current, std::move(outcomes));
}

void shared_polls::settle(round& current, statuses outcomes) {
  for (std::size_t i = 0; i < current.songs.size(); ++i) {
    const auto& song = current.songs[i];
    under_way_.erase(song);
    if (i >= outcomes.size()) continue;
    if (current.asked_for.contains(song)) {
      current.outcomes.emplace(song, std::move(outcomes[i]));
    } else {
      answers_.insert_or_assign(song, kept{std::move(outcomes[i]), clock_.now()});
      inbox_.wake(song);
    }
  }
  current.done.set();
}

}  // namespace music::suno
