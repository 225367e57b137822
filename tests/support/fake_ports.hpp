#pragma once

/// Ports that a test scripts: what they answer, how long it takes on the test's clock, and what they were asked.

#include <music/core/ports.hpp>

#include <chrono>
#include <deque>
#include <string>
#include <vector>

namespace music::test {

using namespace std::chrono_literals;

/// An answer that comes after a while.
template <class T>
struct scripted {
  T answer;
  std::chrono::milliseconds after{0};
};

/// Answers in order; the last answer is repeated.
template <class T>
class script {
 public:
  void add(T answer, std::chrono::milliseconds after = 0ms) { answers_.push_back({std::move(answer), after}); }

  [[nodiscard]] scripted<T> next() {
    auto answer = answers_.at(0);
    if (answers_.size() > 1) answers_.pop_front();
    return answer;
  }

 private:
  std::deque<scripted<T>> answers_;
};

class fake_writer final : public prompt_writer {
 public:
  explicit fake_writer(clock& clock) : clock_(clock) {}

  std::string_view api_name() const noexcept override { return "fake writer"; }
  task<result<written_prompt>> write(prompt_request request, time_point deadline) override;

  script<result<written_prompt>> answers;
  std::vector<prompt_request> asked;

 private:
  clock& clock_;
};

/// News that come after a while on the test's clock, whichever song they are about.
class fake_news final : public song_news {
 public:
  explicit fake_news(clock& clock) : clock_(clock) {}

  task<bool> await_news(std::string song_id, time_point due, time_point deadline) override;
  task<result<std::string>> find_lost(job_id job, time_point deadline) override;

  script<bool> told;                     ///< after how long each wait ends, and whether something happened
  script<result<std::string>> lost;

 private:
  clock& clock_;
};

/// A music provider with a ledger. Fetching gives an MP3-looking file unless `audio` says otherwise.
class fake_provider final : public music_provider {
 public:
  fake_provider(clock& clock, provider_info info) : clock_(clock), info_(std::move(info)) {}

  const provider_info& info() const noexcept override { return info_; }
  task<submission> submit(song_request request, time_point deadline) override;
  task<result<song_status>> poll(std::string song_id, time_point deadline) override;
  task<result<audio_format>> fetch(remote_track track, audio_writer& into, time_point deadline) override;

  song_news* news() noexcept override { return heard; }

  void make_free() { info_.paid = false; }
  void find_lost_songs() { info_.finds_lost = true; }
  void learn_pace() { info_.poll.learned = true; }

  script<submission> submissions;
  script<result<song_status>> polls;
  script<result<std::string>> audio;  ///< the bytes of one fetch

  song_news* heard = nullptr;

  std::vector<song_request> submitted;
  std::vector<time_point> polled_at;
  std::vector<std::string> fetched;

 private:
  clock& clock_;
  provider_info info_;
};

[[nodiscard]] written_prompt good_prompt();
[[nodiscard]] submission accepted(std::string song_id = "song-1");
[[nodiscard]] submission not_accepted(submission_fate fate, errc cause);
[[nodiscard]] song_status generating();
[[nodiscard]] song_status playable(std::string preview);
[[nodiscard]] song_status complete(std::size_t tracks = 1);
[[nodiscard]] song_status failed(errc cause = errc::generation_failed);
[[nodiscard]] std::string fake_mp3();

/// "suno", paid, polled every 2 s at most 30 times, the first time at once.
[[nodiscard]] provider_info paid_provider();

[[nodiscard]] generate_request rainy_night();

}  // namespace music::test
