#include <music/async/shard.hpp>

#include <catch2/catch.hpp>

#include <future>
#include <stdexcept>

using namespace music;

TEST_CASE("a shard runs what is posted on its own thread and ends when released") {
  shard loop{0};
  std::promise<std::thread::id> ran;
  loop.start();

  loop.post([&ran] { ran.set_value(std::this_thread::get_id()); });

  CHECK(ran.get_future().get() != std::this_thread::get_id());
  loop.release();
  loop.join();
}

TEST_CASE("an exception out of the loop does not end it") {
  shard loop{0};
  std::promise<void> survived;
  loop.start();

  loop.post([] { throw std::length_error("hostile input"); });
  loop.post([&survived] { survived.set_value(); });

  survived.get_future().get();
  loop.release();
  loop.join();
}

TEST_CASE("there is at least one usable core") { CHECK(usable_cores() >= 1); }
