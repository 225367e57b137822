#pragma once

/// The handlers: from a request that is complete, routed and authenticated to an answer.

#include "job_lookup.hpp"
#include "mcp.hpp"
#include "rendered_jobs.hpp"
#include "request_counters.hpp"
#include "request_head.hpp"
#include "request_json.hpp"
#include "response.hpp"
#include "router.hpp"

#include <music/async/event.hpp>
#include <music/async/task.hpp>
#include <music/http/server.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace music::http {

/// What a handler is given. Everything in it belongs to the session, which does not touch it before the answer is there.
struct request {
  const request_head* head = nullptr;
  route_match where{};
  const caller* by = nullptr;
  const std::string* body = nullptr;
  std::string_view id;     ///< the request's id
  event* hurry = nullptr;  ///< set: answer with what is known now, for the client has ended its side, or the server drains
};

/// A strong entity tag: 128 bits of the document's SHA-256, in quotes.
[[nodiscard]] std::string etag_of_document(std::string_view document);

/// What this service would not do of the webhook that a request has; empty without one.
[[nodiscard]] std::vector<field_error> check_webhook(const http_ports& ports, const generate_request& wanted);

/// One for each shard; not thread-safe. The ports must outlive it. A handler that is cancelled unwinds at once; what a port
/// has begun for it (a job that is being stored) goes on.
class api {
 public:
  /// `counted` are the numbers of all shards; they must outlive it.
  api(const http_ports& ports, std::string base_url, served_role role, std::chrono::seconds longest_wait,
      const std::vector<std::shared_ptr<const request_counters>>& counted);

  /// The hot path: appends the whole answer to GET or HEAD of a job that is in memory, without a coroutine. False if it is
  /// not that; then nothing was appended and `answer` must be asked.
  [[nodiscard]] bool answer_from_memory(const request& in, const answer_frame& frame, std::string& out);

  /// The route of a target, if this process serves it.
  [[nodiscard]] route_match find_route(std::string_view target) const noexcept { return match(target, role_); }

  [[nodiscard]] task<response> answer(request in);

  [[nodiscard]] response fail(problem what, const request& in, const std::vector<field_error>& fields = {}) const;

  /// Called once a second.
  void sweep() { rendered_.sweep(); }

 private:
  [[nodiscard]] task<response> answer_at_once(request in);
  [[nodiscard]] task<response> generate(request in);
  [[nodiscard]] task<response> get_job(request in);
  [[nodiscard]] task<response> list_jobs(request in);
  [[nodiscard]] task<response> cancel_job(request in);
  [[nodiscard]] task<response> retry_job(request in);
  [[nodiscard]] task<response> erase_job(request in);
  [[nodiscard]] task<response> make_batch(request in);
  [[nodiscard]] task<response> get_batch(request in);
  [[nodiscard]] task<response> get_events(request in);
  [[nodiscard]] task<response> get_audio(request in);
  [[nodiscard]] task<response> list_deliveries(request in);
  [[nodiscard]] task<response> redeliver(request in);
  [[nodiscard]] response list_skills() const;
  [[nodiscard]] task<response> write_prompt(request in);
  [[nodiscard]] task<response> make_music(request in);
  [[nodiscard]] task<response> take_openclaw_call(request in);
  [[nodiscard]] task<response> speak_mcp(request in);
  [[nodiscard]] response get_readiness(const request& in) const;
  [[nodiscard]] response get_openapi(const request& in) const;
  [[nodiscard]] response get_list(const request& in, const std::string& document, const std::string& etag) const;
  [[nodiscard]] response take_callback(const request& in) const;
  [[nodiscard]] response get_metrics() const;

  /// Stores the job and answers with it, after the wait that the client prefers.
  [[nodiscard]] task<response> admit(request in, generate_request wanted);
  [[nodiscard]] task<result<batch>> wait_for_batch(batch seen, request in, std::chrono::seconds span);
  [[nodiscard]] response batch_response(const request& in, const batch& batch) const;

  /// The request's Idempotency-Key with its route; `invalid_header`.
  [[nodiscard]] decoded_body<std::optional<request_key>> key_of(const request& in) const;
  [[nodiscard]] std::optional<std::chrono::seconds> wanted_wait(const request& in) const;
  [[nodiscard]] response job_response(unsigned status, const job& job) const;
  [[nodiscard]] response job_or_304(const request& in, const job_ptr& job);
  [[nodiscard]] response fail(const error& why, const request& in) const;
  [[nodiscard]] response fail(const refusal& why, const request& in) const { return fail(why.what, in, why.fields); }

  http_ports ports_;
  std::string base_url_;
  served_role role_;
  std::chrono::seconds longest_wait_;
  job_lookup lookup_;
  mcp_endpoint mcp_;
  const std::vector<std::shared_ptr<const request_counters>>& counted_;
  rendered_jobs rendered_;
  std::string openapi_etag_;
  std::string styles_etag_;
  std::string providers_;
  std::string providers_etag_;
};

}  // namespace music::http
