#include <music/providers/suno/song_inbox.hpp>

#include <music/async/deadline.hpp>

#include <boost/assert.hpp>

#include <algorithm>
#include <utility>

namespace music {
namespace {

using namespace std::chrono_literals;

constexpr auto trust = 30min;           ///< how long one callback vouches for the next
constexpr auto longest_silence = 120s;  ///< songs take two to three minutes, and a callback comes after half a minute
constexpr auto lost_patience = 300s;
constexpr std::size_t most_heard = 1024;
constexpr auto worth_keeping = 15min;

}  // namespace

/// A place among the waiting, given up whichever way the wait ends.
class song_inbox::seat {
 public:
  seat(std::list<waiter*>& among, waiter& who) : among_(among), at_(among.insert(among.end(), &who)) {}
  ~seat() { among_.erase(at_); }
  seat(const seat&) = delete;
  seat& operator=(const seat&) = delete;

 private:
  std::list<waiter*>& among_;
  std::list<waiter*>::iterator at_;
};

song_inbox::song_inbox(executor ex, clock& clock) : executor_(ex), clock_(clock) {}

song_inbox::~song_inbox() { BOOST_ASSERT(waiting_.empty()); }

task<bool> song_inbox::await_news(std::string song_id, time_point due, time_point deadline) {
  const auto asked_at = clock_.now();
  for (;;) {
    if (take_news(song_id)) co_return true;
    const auto until = on_grid(earlier(due_in_earnest(song_id, asked_at, due), deadline));
    if (clock_.now() >= until) co_return false;
    waiter here{.key = song_id, .due = until, .woken = event{executor_}};
    const seat taken{waiting_, here};
    co_await sleep_unless(clock_, until, &here.woken);
    if (here.answered) co_return false;
  }
}

task<result<std::string>> song_inbox::find_lost(job_id job, time_point deadline) {
  if (!token_of_) co_return error{errc::submission_unknown};
  const auto token = token_of_(job);
  const auto until = earlier(deadline, clock_.now() + lost_patience);
  for (;;) {
    const auto found = std::ranges::find_if(heard_, [&](const auto& entry) { return entry.second.token == token; });
    if (found != heard_.end()) co_return found->first;
    if (clock_.now() >= until) co_return error{errc::submission_unknown};
    waiter here{.key = token, .lost = true, .due = until, .woken = event{executor_}};
    const seat taken{waiting_, here};
    co_await sleep_unless(clock_, until, &here.woken);
  }
}

void song_inbox::hear(const std::string& token, const std::string& song_id, song_stage stage) {
  if (heard_.size() >= most_heard) forget_old();
  trusted_until_ = clock_.now() + trust;
  auto& known = heard_[song_id];
  known.token = token;
  known.stage = std::max(known.stage, stage);
  known.fresh = known.fresh || stage != song_stage::begun;
  known.at = clock_.now();
  rouse(song_id, false, false);
  rouse(token, true, false);
}

void song_inbox::ended(const std::string& song_id) {
  const auto found = heard_.find(song_id);
  const bool told = found != heard_.end() && found->second.stage == song_stage::ended;
  if (!told) trusted_until_ = {};
  if (found != heard_.end()) heard_.erase(found);
}

std::vector<std::string> song_inbox::awaited(std::size_t most, const std::function<bool(const std::string&)>& wanted) const {
  std::map<std::string_view, time_point> due;  // a song may be waited for twice
  for (const auto* each : waiting_) {
    if (!each->lost && !each->woken.is_set() && wanted(each->key)) due.emplace(each->key, each->due);
  }
  std::vector<std::pair<time_point, std::string_view>> songs;
  songs.reserve(due.size());
  for (const auto& [song, at] : due) songs.emplace_back(at, song);
  const auto kept = std::min(most, songs.size());
  std::ranges::partial_sort(songs, songs.begin() + static_cast<std::ptrdiff_t>(kept));
  std::vector<std::string> ids;
  ids.reserve(kept);
  for (std::size_t i = 0; i < kept; ++i) ids.emplace_back(songs[i].second);
  return ids;
}

void song_inbox::wake(const std::string& song_id) { rouse(song_id, false, true); }

bool song_inbox::take_news(const std::string& song_id) {
  const auto found = heard_.find(song_id);
  return found != heard_.end() && std::exchange(found->second.fresh, false);
}

time_point song_inbox::due_in_earnest(const std::string& song_id, time_point asked_at, time_point due) const {
  if (clock_.now() >= trusted_until_) return due;
  const auto found = heard_.find(song_id);
  const auto last_sign = found == heard_.end() ? asked_at : std::max(asked_at, found->second.at);
  return std::max(due, last_sign + longest_silence);
}

/// Setting an event only schedules who waits for it, so nobody leaves the list meanwhile.
void song_inbox::rouse(const std::string& key, bool lost, bool answered) {
  for (auto* each : waiting_) {
    if (each->lost != lost || each->key != key) continue;
    each->answered = each->answered || answered;
    each->woken.set();
  }
}

void song_inbox::forget_old() {
  const auto oldest = clock_.now() - worth_keeping;
  std::erase_if(heard_, [&](const auto& entry) { return entry.second.at < oldest; });
  if (heard_.size() >= most_heard) heard_.clear();  // nothing is lost but a hint
}

}  // namespace music
