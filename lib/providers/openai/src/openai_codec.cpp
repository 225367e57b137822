#include "openai_codec.hpp"

#include "instructions.hpp"

#include <music/base/json_writer.hpp>
#include <music/providers/upstream/answer.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace music::openai {
namespace {

namespace json = boost::json;

// --- refusals -----------------------------------------------------------------------------------------------------------

/// "billing" alone says nothing: messages about the rate limit link to the billing page.
bool says_quota(const upstream::complaint& why) {
  return why.says({"insufficient_quota", "credit_balance", "spend_limit", "usage_limit", "exceeded your current quota",
                   "billing_hard_limit", "billing_not_active", "insufficient balance", "insufficient credit"});
}

bool says_moderation(const upstream::complaint& why) {
  return why.says({"content_policy", "content policy", "content_filter", "content management policy", "moderation", "flagged",
                   "safety system", "usage policies"});
}

/// The two families of 429 (used-up quota, too fast) and all other statuses, by what the caller may do.
error refusal(int status, const upstream::complaint& why, std::optional<std::chrono::seconds> wait) {
  std::string detail = "status " + std::to_string(status);
  if (status < 400) return error{errc::invalid_response, std::move(detail)};
  const bool may_be_quota = status == 402 || status == 403 || status == 429;
  if (status == 402 || (may_be_quota && says_quota(why))) return error{errc::quota_exhausted, std::move(detail)};
  if (status == 429) return upstream::passing(errc::rate_limit, std::move(detail), wait);
  if (status == 408 || status == 409 || status == 425 || status >= 500) {
    return upstream::passing(errc::openai_api, std::move(detail), wait);
  }
  const bool judged = status == 400 || status == 403 || status == 422 || status == 451;
  if (judged && says_moderation(why)) return error{errc::content_rejected, std::move(detail)};
  if (status == 401 || status == 403) return error{errc::authentication, std::move(detail)};
  return error{errc::api_error, std::move(detail)};
}

/// Status 200 with an error in the body: gateways do that. A numeric code counts as the status it names.
error refusal_in_success(const upstream::complaint& why, std::optional<std::chrono::seconds> wait) {
  if (why.code && *why.code >= 400 && *why.code <= 599) return refusal(*why.code, why, wait);
  if (says_quota(why)) return refusal(402, why, wait);
  if (why.says({"rate_limit", "rate limit", "too many requests"})) return refusal(429, why, wait);
  if (why.says({"invalid_api_key", "authentication", "unauthorized"})) return refusal(401, why, wait);
  if (says_moderation(why) || why.says({"invalid_request", "bad_request", "badrequest"})) return refusal(400, why, wait);
  return refusal(500, why, wait);
}

bool carries_error(const json::object& body) {
  const auto* nested = body.if_contains("error");
  if (nested != nullptr && !nested->is_null()) return true;
  if (body.contains("choices")) return false;
  return upstream::text_of(body, "object") == "error" || upstream::natural_of(body, "code").value_or(0) >= 400;
}

// --- the answer ---------------------------------------------------------------------------------------------------------

/// `content` is a string, or with some servers a list of parts of which the text ones count.
std::string content_of(const json::object& message) {
  if (const auto text = upstream::text_of(message, "content")) return std::string{*text};
  std::string joined;
  const auto* parts = message.if_contains("content");
  if (parts == nullptr || !parts->is_array()) return joined;
  for (const auto& part : parts->get_array()) {
    const auto* object = part.if_object();
    if (object != nullptr && upstream::text_of(*object, "type") == "text")
      joined += upstream::text_of(*object, "text").value_or("");
  }
  return joined;
}

const json::object* first_choice(const json::object& body) {
  const auto* choices = body.if_contains("choices");
  if (choices == nullptr || !choices->is_array() || choices->get_array().empty()) return nullptr;
  return choices->get_array().front().if_object();
}

std::int64_t tokens_of(const json::object& body) {
  const auto* usage = upstream::object_of(body, "usage");
  return usage == nullptr ? 0 : upstream::natural_of(*usage, "total_tokens").value_or(0);
}

result<completion> read_completion(const json::object& body) {
  const auto* choice = first_choice(body);
  const auto* message = choice == nullptr ? nullptr : upstream::object_of(*choice, "message");
  if (message == nullptr) return error{errc::invalid_response, "no choices[0].message"};
  const auto reason = upstream::text_of(*choice, "finish_reason").value_or("stop");
  const bool refused = !upstream::text_of(*message, "refusal").value_or("").empty();
  if (refused || reason == "content_filter") return error{errc::content_rejected, "the model refused"};
  return completion{.content = content_of(*message), .cut_off = reason == "length", .tokens_used = tokens_of(body)};
}

// --- the request --------------------------------------------------------------------------------------------------------

void append_message(json_writer& out, std::string_view role, std::string_view content) {
  out.begin_object().field("role", role).field("content", content).end_object();
}

}  // namespace

std::string encode_request(const prompt_request& request, std::string_view model, const call_shape& shape, int most_tokens,
                           const std::optional<rejected_answer>& rejected) {
  std::string body;
  json_writer out{body};
  out.begin_object().field("model", model).key("messages").begin_array();
  append_message(out, "system", instructions());
  append_message(out, "user", describe_wish(request));
  if (rejected) {
    append_message(out, "assistant", rejected->content);
    append_message(out, "user", rejected->why);
  }
  out.end_array();
  switch (shape.form) {
    case openai_form::json_schema: out.key("response_format").raw(plan_schema()); break;
    case openai_form::json_object: out.key("response_format").raw(R"({"type":"json_object"})"); break;
    case openai_form::text: break;
  }
  switch (shape.limit) {
    case openai_limit::max_completion_tokens: out.field("max_completion_tokens", most_tokens); break;
    case openai_limit::max_tokens: out.field("max_tokens", most_tokens); break;
    case openai_limit::none: break;
  }
  out.end_object();
  return body;
}

result<completion> decode_answer(const net::http_response& response, wall_time now) {
  const auto wait = upstream::wait_asked_for(response, now);
  if (!upstream::succeeded(response)) return refusal(response.status, upstream::read_complaint(response), wait);
  const auto body = upstream::read_object(response);
  if (!body) return body.error();
  if (carries_error(*body)) return refusal_in_success(upstream::read_complaint(*body), wait);
  return read_completion(*body);
}

}  // namespace music::openai
