// An ended job that is run again or erased: by one of those who ask, and whatever the store answers.

#include "engine_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace music::test;

namespace {

/// A request that is under way while the test goes on.
template <class T>
struct asked {
  std::optional<T> answer;
  asio::cancellation_signal stop;

  void ask(engine_fixture& on, task<T> request) {
    asio::co_spawn(on.context, music::detail::store_result(std::move(request), answer),
                   asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr) {}));
  }
};

struct retry_fixture : engine_fixture {
  /// A job whose song was bought and did not come in time; from now on it is there.
  job_id failed_job() {
    make_songs(false);
    const auto job = submit();
    wait_for_end(job->id);
    pass(1s);
    make_songs(true);
    return job->id;
  }

  task<result<job_ptr>> retry(const job_id& id) { return control().retry(id, somebody, false); }
};

}  // namespace

TEST_CASE_METHOD(retry_fixture, "of two retries at once one runs the job, the other conflicts and takes no place") {
  const auto id = failed_job();
  store.reopen_takes = 1s;
  asked<result<job_ptr>> first;
  asked<result<job_ptr>> second;

  first.ask(*this, retry(id));
  second.ask(*this, retry(id));
  pass(1500ms);

  REQUIRE(first.answer);
  CHECK(first.answer->has_value());
  REQUIRE(second.answer);
  CHECK(second.answer->error().code == errc::conflict);
  CHECK(wait_for_end(id)->status == job_status::success);
  pass(1s);
  CHECK(provider->fetched.size() == 1);
  CHECK(engine->active_jobs() == 0);
}

TEST_CASE_METHOD(retry_fixture, "a retry whose answer is lost runs the job once") {
  const auto id = failed_job();
  store.next_reopening = reopening::done_unanswered;

  CHECK(run(retry(id)).error().code == errc::store_unavailable);
  CHECK(run(retry(id)).error().code == errc::conflict);
  pass(60s);

  CHECK(run(memory->load(id))->status == job_status::success);
  CHECK(provider->fetched.size() == 1);
  CHECK(provider->submitted.size() == 1);
  CHECK(engine->active_jobs() == 0);
}

TEST_CASE_METHOD(retry_fixture, "a retry that the store did not carry out gives its place back, and can be asked for again") {
  const auto id = failed_job();
  store.next_reopening = reopening::not_done;

  CHECK(run(retry(id)).error().code == errc::store_unavailable);
  store.down = true;
  pass(60s);
  CHECK(engine->active_jobs() == 1);  // nobody knows yet
  store.down = false;
  pass(10s);

  CHECK(engine->active_jobs() == 0);
  CHECK(run(memory->load(id))->status == job_status::error);
  CHECK(run(retry(id)).has_value());
  CHECK(wait_for_end(id)->status == job_status::success);
}

TEST_CASE_METHOD(retry_fixture, "a retry whose caller is cut off is carried out") {
  const auto id = failed_job();
  store.reopen_takes = 1s;
  asked<result<job_ptr>> caller;
  caller.ask(*this, retry(id));
  pass(500ms);

  caller.stop.emit(asio::cancellation_type::terminal);
  pass(60s);

  CHECK(run(memory->load(id))->status == job_status::success);
  CHECK(engine->active_jobs() == 0);
}

TEST_CASE_METHOD(retry_fixture, "a retry whose answer is lost in the drain is left to the next process") {
  const auto id = failed_job();
  store.reopen_takes = 1s;
  store.next_reopening = reopening::done_unanswered;
  asked<result<job_ptr>> caller;
  caller.ask(*this, retry(id));
  pass(500ms);

  engine->begin_drain();
  CHECK(run(engine->drain(0, clock.now() + 8s)));
  pass(500ms);
  CHECK(caller.answer->error().code == errc::store_unavailable);
  engine.reset();  // nothing of it is under way any more
  CHECK(provider->fetched.empty());
  run(memory->release()).value();  // as the drain does, which was earlier than the answer here
  restart();

  CHECK(run(engine->recover()).value() == 1);
  CHECK(wait_for_end(id)->status == job_status::success);
}

TEST_CASE_METHOD(retry_fixture, "a renewal that was asked before a retry succeeded does not end the job") {
  const auto id = failed_job();
  provider->audio = {};
  provider->audio.add(fake_mp3(), 30s);
  store.several = true;
  run(engine->recover()).value();
  pass(9s);
  store.reopen_takes = 2s;
  store.renew_takes = 5s;
  store.next_renewal.lost = {id};

  CHECK(run(retry(id)).has_value());  // after a second of it the store is asked
  CHECK(store.renewed == std::vector{id});
  CHECK(store.next_renewal.lost.empty());
  pass(60s);

  CHECK(run(memory->load(id))->status == job_status::success);
}

TEST_CASE_METHOD(retry_fixture, "a job that is being erased cannot be retried, and one that is being reopened cannot be erased") {
  const auto id = failed_job();
  store.erase_takes = 1s;
  store.reopen_takes = 2s;
  asked<result<job_ptr>> again;
  asked<result<void>> erased;

  SECTION("erased first") {
    erased.ask(*this, control().erase(id, somebody));
    again.ask(*this, retry(id));
    pass(2500ms);

    CHECK(erased.answer->has_value());
    CHECK(again.answer->error().code == errc::conflict);
    CHECK(run(memory->load(id)).error().code == errc::not_found);
  }
  SECTION("reopened first") {
    again.ask(*this, retry(id));
    erased.ask(*this, control().erase(id, somebody));
    pass(2500ms);

    CHECK(again.answer->has_value());
    CHECK(erased.answer->error().code == errc::conflict);
    CHECK(wait_for_end(id)->status == job_status::success);
  }
  pass(1s);
  CHECK(engine->active_jobs() == 0);
}

TEST_CASE_METHOD(retry_fixture, "an erasure that fails or whose caller is cut off leaves a job that can be retried") {
  const auto id = failed_job();
  asked<result<void>> erased;

  SECTION("the store is away") {
    store.down = true;
    CHECK(run(control().erase(id, somebody)).error().code == errc::store_unavailable);
    store.down = false;
  }
  SECTION("the caller is gone") {
    store.erase_takes = 1s;
    erased.ask(*this, control().erase(id, somebody));
    pass(500ms);
    erased.stop.emit(asio::cancellation_type::terminal);
    pass(1s);
  }

  CHECK(run(retry(id)).has_value());
  CHECK(wait_for_end(id)->status == job_status::success);
}
