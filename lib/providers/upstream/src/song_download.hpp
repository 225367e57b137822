#pragma once

/// Fetching a song's file over connections that break.

#include <music/async/clock.hpp>
#include <music/core/audio.hpp>
#include <music/net/http_client.hpp>

namespace music::upstream {

/// How a download went: the last exchange, and the format of what came whole.
struct download_outcome {
  net::exchange_result answer;
  result<audio_format> format;
};

/// Fetches the file into `into`. A connection that breaks or falls silent in the middle is taken up where it broke (RFC 9110,
/// 14.2: Range with If-Range), at most five times; a server that knows no ranges sends the file again, and its first part is
/// compared by size and validator only. Client, clock and `into` must outlive the call. Errors in `format`:
/// `result_unavailable` (not there, not audio, larger than 200 MB, another file), `timeout`, `request_error`,
/// `store_unavailable`.
[[nodiscard]] task<download_outcome> download_song(net::http_client& client, clock& clock, net::http_request request,
                                                   audio_writer& into, std::chrono::milliseconds longest_silence,
                                                   time_point deadline);

}  // namespace music::upstream
