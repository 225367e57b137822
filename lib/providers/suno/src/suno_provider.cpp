#include "classic_dialect.hpp"
#include "dialect.hpp"
#include "song_sink.hpp"

#include <music/base/log.hpp>
#include <music/net/egress.hpp>
#include <music/providers/suno/suno_provider.hpp>
#include <music/providers/upstream/answer.hpp>

#include <stdexcept>
#include <utility>

namespace music {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::string_view suno_api_name = "Suno";
constexpr std::size_t largest_answer = 1024 * 1024;

const suno::dialect& dialect_for(suno_dialect chosen) {
  switch (chosen) {
    case suno_dialect::classic: return suno::classic_dialect();
  }
  throw std::invalid_argument("no such Suno dialect");
}

provider_info describe(const suno_options& options) {
  provider_info info;
  info.name = "suno";
  info.api_name = suno_api_name;
  info.poll.interval = options.retry_delay;
  info.poll.most_polls = options.max_retries;
  info.honours_vocals = true;
  return info;
}

/// The failure of a download as `fetch` documents it. Whatever is wrong with the file itself may be right a little later:
/// CDNs answer 403 and 404 for the first seconds.
error fetch_failure(const net::exchange_failure& failure) {
  switch (failure.why.code) {
    case errc::timeout:
    case errc::request_error: return upstream::passing(failure.why.code, failure.why.detail);
    case errc::store_unavailable:
    case errc::result_unavailable: return failure.why;
    default: return error{errc::result_unavailable, failure.why.detail};
  }
}

template <class T>
std::optional<errc> code_of(const result<T>& outcome) {
  return outcome ? std::nullopt : std::optional{outcome.error().code};
}

class suno_provider final : public music_provider {
 public:
  suno_provider(suno_options options, net::http_client& client, clock& clock)
      : options_(std::move(options)), info_(describe(options_)), dialect_(dialect_for(options_.dialect)), client_(client), clock_(clock) {}

  const provider_info& info() const noexcept override { return info_; }

  task<submission> submit(song_request request, time_point deadline) override {
    const auto started = clock_.now();
    auto wire = dialect_.encode_submission(request);
    auto answer = co_await exchange(std::move(wire), deadline);
    auto outcome = answer.has_value() ? dialect_.decode_submission(*answer, clock_.wall_now()) : unanswered(answer.error());
    const bool taken = outcome.fate == submission_fate::accepted;
    report("submit_song", answer, taken ? std::nullopt : std::optional{outcome.failure.code}, started);
    co_return outcome;
  }

  task<result<song_status>> poll(std::string song_id, time_point deadline) override {
    if (!suno::valid_song_id(song_id)) co_return error{errc::song_unknown, "not an id of this provider"};
    const auto started = clock_.now();
    auto wire = dialect_.encode_poll(song_id);
    auto answer = co_await exchange(std::move(wire), deadline);
    auto status = answer.has_value() ? dialect_.decode_poll(*answer, song_id, clock_.wall_now())
                                     : result<song_status>{upstream::failure_of(answer.error())};
    report("poll_song", answer, code_of(status), started);
    co_return status;
  }

  task<result<audio_format>> fetch(remote_track track, audio_writer& into, time_point deadline) override {
    const auto started = clock_.now();
    auto call = locate(track.source);
    if (!call) co_return call.error();
    suno::song_sink sink{into};
    net::exchange_limits limits;
    limits.max_body_bytes = suno::largest_song;
    auto answer = co_await client_.download(std::move(*call), sink, limits, deadline);
    auto format = judge_download(answer, sink);
    report("fetch_audio", answer, code_of(format), started);
    co_return format;
  }

 private:
  task<net::exchange_result> exchange(suno::wire_request wire, time_point deadline) {
    auto address = net::join(options_.base, wire.path);
    if (!address) co_return net::exchange_failure{.why = address.error(), .request = net::sent::nothing};
    net::http_request call;
    call.method = wire.method;
    call.address = std::move(*address);
    call.headers = {{"Accept", "application/json"}};
    if (!wire.body.empty()) call.headers.push_back({"Content-Type", "application/json"});
    authorise(call);
    call.body = std::move(wire.body);
    net::exchange_limits limits;
    limits.max_body_bytes = largest_answer;
    const auto until = earlier(deadline, clock_.now() + options_.timeout);
    co_return co_await client_.send(std::move(call), limits, until);
  }

  void authorise(net::http_request& call) const {
    if (call.address.from != options_.base.from || options_.key.empty()) return;
    call.headers.push_back({"Authorization", "Bearer " + std::string{options_.key.reveal()}});
  }

  /// An audio link is somebody else's word. The base's own origin is as trusted as the base; every other one must be
  /// public https, and gets no key.
  result<net::http_request> locate(const std::string& source) const {
    net::http_request call;
    call.headers = {{"Accept", "audio/*"}};
    auto own = net::parse_url(source);
    if (own && own->from == options_.base.from) {
      call.address = std::move(*own);
      authorise(call);
      return call;
    }
    auto elsewhere = net::parse_public_https_url(source);
    if (!elsewhere) return error{errc::result_unavailable, "no audio link that may be followed: " + elsewhere.error().detail};
    call.address = std::move(*elsewhere);
    call.policy = net::address_policy::public_only;
    return call;
  }

  static submission unanswered(const net::exchange_failure& failure) {
    submission lost;
    lost.fate = failure.request == net::sent::nothing ? submission_fate::not_sent : submission_fate::unknown;
    lost.failure = upstream::failure_of(failure);
    return lost;
  }

  result<audio_format> judge_download(const net::exchange_result& answer, const suno::song_sink& sink) const {
    if (answer.has_error()) return fetch_failure(answer.error());
    if (answer->status != 200) {
      return upstream::passing(errc::result_unavailable, "status " + std::to_string(answer->status),
                               upstream::wait_asked_for(*answer, clock_.wall_now()));
    }
    if (!sink.format()) return error{errc::result_unavailable, "too short to be audio"};
    return *sink.format();
  }

  void report(std::string_view operation, const net::exchange_result& answer, std::optional<errc> failure, time_point started) const {
    const auto elapsed = duration_cast<milliseconds>(clock_.now() - started).count();
    const int status = answer.has_value() ? answer->status : 0;
    const std::string request_id = answer.has_value() ? upstream::request_id_of(*answer) : std::string{};
    const log::event what{"suno_music_generator", suno_api_name, operation, failure ? "error" : "success"};
    if (failure) {
      log::warning(what, {{"http_status", status}, {"elapsed_ms", elapsed}, {"upstream_request_id", request_id},
                          {"error_type", name(*failure)}});
    } else {
      // Polls by the thousand would drown everything else.
      const auto at = operation == "poll_song" ? log::level::debug : log::level::info;
      log::write(at, what, {{"http_status", status}, {"elapsed_ms", elapsed}, {"upstream_request_id", request_id}});
    }
  }

  suno_options options_;
  provider_info info_;
  const suno::dialect& dialect_;
  net::http_client& client_;
  clock& clock_;
};

}  // namespace

std::string_view name(suno_dialect dialect) noexcept {
  switch (dialect) {
    case suno_dialect::classic: return "classic";
  }
  return "classic";
}

std::optional<suno_dialect> parse_suno_dialect(std::string_view text) noexcept {
  if (text == name(suno_dialect::classic)) return suno_dialect::classic;
  return std::nullopt;
}

std::unique_ptr<music_provider> create_suno_provider(suno_options options, net::http_client& client, clock& clock) {
  return std::make_unique<suno_provider>(std::move(options), client, clock);
}

}  // namespace music
