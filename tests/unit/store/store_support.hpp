#pragma once

/// What the store tests share: a directory that goes away, jobs to store, and a loop to await on.

#include <music/async/task.hpp>
#include <music/base/random.hpp>
#include <music/core/ports.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>

namespace music::test {

class temporary_directory {
 public:
  temporary_directory() {
    auto pattern = (std::filesystem::temp_directory_path() / "music-store-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

namespace detail {

template <class T>
task<void> keep(task<T> work, std::optional<T>& into) {
  auto value = co_await std::move(work);
  into.emplace(std::move(value));
}

}  // namespace detail

/// The tests' loop. It outlives every store, as a shard does: a store's thread may still be leaving `post` when its answer
/// has been read.
inline asio::io_context& test_loop() {
  static asio::io_context loop{1};
  return loop;
}

/// Runs a coroutine to its end.
template <class T>
T await(task<T> work) {
  auto& loop = test_loop();
  std::optional<T> value;
  std::exception_ptr thrown;
  asio::co_spawn(loop.get_executor(), detail::keep(std::move(work), value),
                 [&thrown](std::exception_ptr failure) { thrown = failure; });
  loop.restart();
  loop.run();
  if (thrown) std::rethrow_exception(thrown);
  if (!value) throw std::logic_error("the loop ended before the work did");
  return std::move(*value);
}

inline wall_time at(std::int64_t milliseconds) { return wall_time{std::chrono::milliseconds{milliseconds}}; }

/// A queued job, made `when` milliseconds after 1970.
inline job make_job(random_source& random, std::int64_t when, std::string owner = {}) {
  job fresh;
  fresh.id = job_id::make(random, at(when));
  fresh.owner = std::move(owner);
  fresh.request.theme = "rainy night in Tokyo, lofi";
  fresh.created_at = at(when);
  fresh.updated_at = at(when);
  fresh.deadline_at = at(when + 900'000);
  return fresh;
}

/// A batch of alice's queued jobs, made `when` milliseconds after 1970.
inline std::vector<job> make_batch(random_source& random, std::int64_t when, std::size_t size) {
  const auto id = batch_id::make(random, at(when), size);
  std::vector<job> fresh;
  for (std::size_t place = 0; place < size; ++place) {
    auto& each = fresh.emplace_back(make_job(random, when, "alice"));
    each.id = id.job(place);
    each.batch = id;
  }
  return fresh;
}

/// The same job, ended and due for erasure at `expires`.
inline job ended_as(job changed, job_status status, std::int64_t expires) {
  changed.status = status;
  changed.stage = job_stage::finished;
  changed.expires_at = at(expires);
  ++changed.version;
  return changed;
}

/// Ends a job that was stored by this instance, as one that can be erased at once; gives it as it is now.
inline job end_stored(job_store& in, const job& stored) {
  auto ended = ended_as(stored, job_status::error, 0);
  if (!await(in.update(ended, 1))) throw std::logic_error("the job could not be ended");
  return ended;
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace music::test

/// What a failed check prints. Boost's own operator needs one for every value type.
template <class T>
struct Catch::StringMaker<boost::system::result<T, music::error>> {
  static std::string convert(const boost::system::result<T, music::error>& outcome) {
    return outcome.has_value() ? "a value" : std::string{name(outcome.error().code)} + ": " + outcome.error().detail;
  }
};
