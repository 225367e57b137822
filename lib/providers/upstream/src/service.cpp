#include "song_download.hpp"

#include <music/base/log.hpp>
#include <music/net/egress.hpp>
#include <music/providers/upstream/outcome.hpp>
#include <music/providers/upstream/service.hpp>

#include <algorithm>
#include <utility>

namespace music::upstream {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

}  // namespace

service_options reach(account& from) {
  service_options options;
  options.base = std::move(from.base);
  options.key = std::move(from.key);
  options.timeout = from.timeout;
  return options;
}

task<net::exchange_result> service::exchange(wire_request wire, time_point deadline) {
  auto address = net::join(options_.base, wire.path);
  if (!address) co_return net::exchange_failure{.why = address.error(), .request = net::sent::nothing};
  net::http_request call;
  call.method = wire.method;
  call.address = std::move(*address);
  call.headers = std::move(wire.headers);
  const auto names = [&call](std::string_view name) {
    return std::any_of(call.headers.begin(), call.headers.end(), [name](const auto& header) { return header.name == name; });
  };
  if (!names("Accept")) call.headers.push_back({"Accept", "application/json"});
  if (!wire.body.empty() && !names("Content-Type")) call.headers.push_back({"Content-Type", "application/json"});
  authorise(call);
  call.body = std::move(wire.body);
  net::exchange_limits limits;
  limits.max_body_bytes = options_.largest_answer;
  const auto until = earlier(deadline, clock_.now() + options_.timeout);
  co_return co_await client_.send(std::move(call), limits, until);
}

task<result<audio_format>> service::fetch(std::string source, audio_writer& into, time_point deadline) {
  const auto started = clock_.now();
  auto call = locate(source);
  if (!call) co_return call.error();
  auto outcome = co_await download_song(client_, clock_, std::move(*call), into, options_.timeout, deadline);
  report("fetch_audio", outcome.answer, code_of(outcome.format), started);
  co_return std::move(outcome.format);
}

bool service::may_follow(const std::string& link) const { return locate(link).has_value(); }

void service::authorise(net::http_request& call) const {
  if (options_.key.empty()) return;
  call.headers.push_back({options_.key_header, options_.key_prefix + std::string{options_.key.reveal()}});
}

bool service::takes_key(const std::string& host) const {
  return std::any_of(options_.key_hosts.begin(), options_.key_hosts.end(),
                     [&host](const std::string& known) { return host == known || host.ends_with('.' + known); });
}

result<net::http_request> service::locate(const std::string& source) const {
  net::http_request call;
  call.headers = {{"Accept", "audio/*"}};
  auto own = source.starts_with('/') ? net::join(options_.base, source) : net::parse_url(source);
  if (own && own->from == options_.base.from) {
    call.address = std::move(*own);
    authorise(call);
    return call;
  }
  auto elsewhere = net::parse_public_https_url(source);
  if (!elsewhere) return error{errc::result_unavailable, "no audio link that may be followed: " + elsewhere.error().detail};
  call.address = std::move(*elsewhere);
  call.policy = net::address_policy::public_only;
  if (takes_key(call.address.from.host)) authorise(call);
  return call;
}

void service::report(std::string_view operation, const net::exchange_result& answer, std::optional<errc> failure,
                     time_point started) const {
  const auto elapsed = duration_cast<milliseconds>(clock_.now() - started).count();
  const int status = answer.has_value() ? answer->status : 0;
  const std::string request_id = answer.has_value() ? request_id_of(*answer) : std::string{};
  const log::event what{options_.skill, options_.api_name, operation, failure ? "error" : "success"};
  if (failure) {
    log::warning(
        what,
        {{"http_status", status}, {"elapsed_ms", elapsed}, {"upstream_request_id", request_id}, {"error_type", name(*failure)}});
  } else {
    // Polls by the thousand would drown everything else.
    const auto at = operation == "poll_song" ? log::level::debug : log::level::info;
    log::write(at, what, {{"http_status", status}, {"elapsed_ms", elapsed}, {"upstream_request_id", request_id}});
  }
}

void service::report(std::string_view operation, const net::exchange_result& answer, const submission& outcome,
                     time_point started) const {
  const bool taken = outcome.fate == submission_fate::accepted;
  report(operation, answer, taken ? std::nullopt : std::optional{outcome.failure.code}, started);
}

}  // namespace music::upstream
