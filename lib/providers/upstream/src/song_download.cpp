#include "song_download.hpp"

#include "song_sink.hpp"

#include <music/providers/upstream/answer.hpp>

#include <utility>

namespace music::upstream {
namespace {

using namespace std::chrono_literals;

constexpr int most_resumes = 5;
constexpr auto resume_pause = 200ms;  ///< before the first one; each next one waits as much longer

/// The failure of a download as `fetch` documents it. Whatever is wrong with the file itself may be right a little later:
/// CDNs answer 403 and 404 for the first seconds.
error failure_of(const net::exchange_failure& failure) {
  switch (failure.why.code) {
    case errc::timeout:
    case errc::request_error: return passing(failure.why.code, failure.why.detail);
    case errc::store_unavailable:
    case errc::result_unavailable: return failure.why;
    default: return error{errc::result_unavailable, failure.why.detail};
  }
}

result<audio_format> judge(const net::exchange_result& answer, const song_sink& sink, const clock& clock) {
  if (answer.has_error()) return failure_of(answer.error());
  if (answer->status != 200 && answer->status != 206) {
    return passing(errc::result_unavailable, "status " + std::to_string(answer->status),
                   wait_asked_for(*answer, clock.wall_now()));
  }
  if (!sink.format()) return error{errc::result_unavailable, "too short to be audio"};
  return *sink.format();
}

net::http_request rest_of(net::http_request request, const song_sink& sink) {
  if (sink.bytes() == 0) return request;
  request.headers.push_back({"Range", "bytes=" + std::to_string(sink.bytes()) + '-'});
  if (!sink.validator().empty()) request.headers.push_back({"If-Range", sink.validator()});
  return request;
}

}  // namespace

task<download_outcome> download_song(net::http_client& client, clock& clock, net::http_request request, audio_writer& into,
                                     std::chrono::milliseconds longest_silence, time_point deadline) {
  song_sink sink{into};
  net::exchange_limits limits;
  limits.max_body_bytes = largest_song;
  limits.longest_silence = longest_silence;
  for (int resumes = 0;; ++resumes) {
    auto call = rest_of(request, sink);
    auto answer = co_await client.download(std::move(call), sink, limits, deadline);
    const bool broke = answer.has_error() && sink.bytes() > 0 &&
                       (answer.error().why.code == errc::request_error || answer.error().why.code == errc::timeout);
    const auto again = clock.now() + (resumes + 1) * resume_pause;
    if (!broke || resumes >= most_resumes || again >= deadline) {
      auto format = judge(answer, sink, clock);
      co_return download_outcome{std::move(answer), std::move(format)};
    }
    co_await clock.sleep_until(again, use_task);
  }
}

}  // namespace music::upstream
