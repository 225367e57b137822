#include "fake_ports.hpp"

#include <music/async/shard.hpp>
#include <music/jobs/engine.hpp>
#include <music/store/memory_store.hpp>

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include <future>
#include <set>

using namespace music;
using namespace music::test;

namespace {

/// Two real threads, real time in microseconds: what ThreadSanitizer watches.
struct two_shards {
  std::unique_ptr<job_store> store = create_memory_job_store();
  std::unique_ptr<audio_store> audio = create_memory_audio_store();
  std::vector<std::unique_ptr<shard>> shards;
  std::vector<std::unique_ptr<fake_writer>> writers;
  std::vector<std::unique_ptr<prompt_generator>> prompts;
  std::vector<std::unique_ptr<music_generator>> music;
  std::unique_ptr<job_engine> engine;

  two_shards() {
    std::vector<engine_shard> parts;
    for (std::size_t i = 0; i < 2; ++i) {
      shards.push_back(std::make_unique<shard>(i));
      auto& clock = shards[i]->clock();
      writers.push_back(std::make_unique<fake_writer>(clock));
      writers.back()->answers.add(good_prompt());
      prompts.push_back(create_prompt_generator(*writers.back(), clock, system_random()));
      auto info = paid_provider();
      info.poll.interval = 1ms;
      auto provider = std::make_unique<fake_provider>(clock, info);
      provider->submissions.add(accepted());
      provider->polls.add(complete());
      provider->audio.add(fake_mp3());
      std::vector<std::unique_ptr<music_provider>> providers;
      providers.push_back(std::move(provider));
      music.push_back(create_music_generator(std::move(providers), *audio, clock, system_random()));
      parts.push_back({shards[i]->get_executor(), clock, *prompts[i], *music[i]});
    }
    engine = create_job_engine({}, *store, *audio, system_random(), parts);
    for (auto& each : shards) each->start();
  }

  ~two_shards() {
    engine->begin_drain();
    for (std::size_t i = 0; i < 2; ++i) on(i, engine->drain(i, shards[i]->clock().now() + 10s));
    for (auto& each : shards) each->stop();
    for (auto& each : shards) each->join();
  }

  template <class T>
  std::future<T> start(std::size_t shard, task<T> work) {
    auto promise = std::make_shared<std::promise<T>>();
    asio::co_spawn(shards[shard]->get_executor(), std::move(work), [promise](std::exception_ptr thrown, T value) {
      thrown ? promise->set_exception(thrown) : promise->set_value(std::move(value));
    });
    return promise->get_future();
  }

  template <class T>
  T on(std::size_t shard, task<T> work) {
    return start(shard, std::move(work)).get();
  }
};

}  // namespace

TEST_CASE("a job of one shard is waited for, read and cancelled from the other") {
  two_shards service;
  std::vector<job_id> ids;

  for (int i = 0; i < 50; ++i) ids.push_back(service.on(0, service.engine->service(0).submit(rainy_night(), {}, {}))->job->id);
  std::vector<std::future<result<job_ptr>>> waits;
  for (const auto& id : ids) {
    auto& other = service.engine->service(1);
    waits.push_back(service.start(1, other.wait(id, {}, wait_for::end, 0, service.shards[1]->clock().now() + 60s)));
    service.start(1, service.engine->control(1).cancel(id, {}));
  }

  for (auto& wait : waits) CHECK(wait.get().value()->done());
}

TEST_CASE("racing equal requests under one key make one job") {
  two_shards service;
  std::vector<std::future<result<admission>>> answers;

  for (std::size_t i = 0; i < 200; ++i) {
    answers.push_back(service.start(i % 2, service.engine->service(i % 2).submit(rainy_night(), {}, request_key{"one-key"})));
  }

  std::set<std::string> ids;
  int fresh = 0;
  for (auto& answer : answers) {
    const auto admitted = answer.get().value();
    ids.insert(admitted.job->id.text());
    fresh += admitted.replayed ? 0 : 1;
  }
  CHECK(ids.size() == 1);
  CHECK(fresh == 1);
}

TEST_CASE("a batch is spread over the shards, and its jobs are canceled from any of them") {
  two_shards service;
  std::vector<std::future<result<batch_admission>>> answers;
  for (std::size_t i = 0; i < 20; ++i) {
    std::vector<generate_request> wanted(10, rainy_night());
    answers.push_back(service.start(i % 2, service.engine->batches(i % 2).submit_batch(wanted, {}, {})));
  }

  std::vector<std::future<result<job_ptr>>> cancels;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto made = answers[i].get().value().made;
    for (const auto& each : made.jobs) {
      cancels.push_back(service.start(i % 2, service.engine->control(i % 2).cancel(each->id, {})));
      auto waiting = service.engine->service(1).wait(each->id, {}, wait_for::end, 0, service.shards[1]->clock().now() + 60s);
      const auto ended = service.start(1, std::move(waiting)).get();
      CHECK(ended.value()->done());
    }
  }

  for (auto& each : cancels) CHECK(each.get().has_value());
  for (const auto& each : service.writers) CHECK(!each->asked.empty());
}

TEST_CASE("racing equal batches under one key make one batch") {
  two_shards service;
  std::vector<std::future<result<batch_admission>>> answers;

  for (std::size_t i = 0; i < 100; ++i) {
    std::vector<generate_request> wanted(5, rainy_night());
    answers.push_back(service.start(i % 2, service.engine->batches(i % 2).submit_batch(wanted, {}, request_key{"one-key"})));
  }

  std::set<std::string> ids;
  int fresh = 0;
  for (auto& answer : answers) {
    const auto admitted = answer.get().value();
    ids.insert(admitted.made.id.text());
    fresh += admitted.replayed ? 0 : 1;
  }
  CHECK(ids.size() == 1);
  CHECK(fresh == 1);
}
