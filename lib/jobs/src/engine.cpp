#include "worker.hpp"

#include <music/base/log.hpp>
#include <music/jobs/engine.hpp>

#include <boost/asio/post.hpp>
#include <boost/assert.hpp>

namespace music {
namespace {

/// How many interrupted jobs are let go at once after a restart, a second and shard: thousands waking in one instant would
/// storm the upstreams.
constexpr std::size_t resumed_per_second = 1000;
constexpr std::size_t most_recovered = 1'000'000;

class sharded_engine final : public job_engine {
 public:
  sharded_engine(engine_options options, job_store& store, audio_store& audio, random_source& random, const std::vector<engine_shard>& shards)
      : state_{.options = options, .store = store, .audio = audio, .random = random, .table = {}, .workers = {}} {
    BOOST_ASSERT(!shards.empty());
    for (std::size_t i = 0; i < shards.size(); ++i) state_.workers.push_back(std::make_unique<worker>(state_, i, shards[i]));
  }

  job_service& service(std::size_t shard) override { return *state_.workers.at(shard); }
  job_control& control(std::size_t shard) override { return *state_.workers.at(shard); }

  std::string_view state() const noexcept override {
    if (state_.draining) return "draining";
    return state_.store_down ? "store_unavailable" : "ok";
  }

  task<result<std::size_t>> recover() override {
    job_filter filter;
    filter.unfinished_only = true;
    filter.limit = most_recovered;
    auto unfinished = co_await state_.store.select(std::move(filter));
    if (unfinished.has_error()) co_return unfinished.error();
    // Counted before any of them can end, so that the number of active jobs never goes below nothing.
    state_.active += unfinished->size();
    const std::size_t count = unfinished->size();
    for (std::size_t i = 0; i < count; ++i) resume(std::move((*unfinished)[i]), i);
    state_.workers.front()->start_sweeping();
    if (count > 0) log::info({"jobs", "store", "recover", "success"}, {{"count", count}});
    co_return count;
  }

  void begin_drain() noexcept override { state_.draining = true; }

  task<bool> drain(std::size_t shard, time_point until) override { return state_.workers.at(shard)->drain(until); }

 private:
  void resume(job interrupted, std::size_t position) {
    state_.table.publish(std::make_shared<const job>(interrupted));
    auto& chosen = *state_.workers[position % state_.workers.size()];
    const std::chrono::milliseconds delay{position / state_.workers.size() * 1000 / resumed_per_second};
    asio::post(chosen.get_executor(), [&chosen, delay, interrupted = std::move(interrupted)]() mutable {
      chosen.resume(std::move(interrupted), delay);
    });
  }

  engine_state state_;
};

}  // namespace

std::unique_ptr<job_engine> create_job_engine(engine_options options, job_store& store, audio_store& audio, random_source& random,
                                              std::vector<engine_shard> shards) {
  return std::make_unique<sharded_engine>(options, store, audio, random, shards);
}

}  // namespace music
