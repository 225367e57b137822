#include "mcp.hpp"

#include <music/base/json_writer.hpp>

namespace music::http {
namespace {

constexpr std::string_view server_info = R"({"name":"openclaw-music","title":"OpenClaw Music","version":")" MUSIC_VERSION R"("})";
constexpr std::string_view capabilities = R"({"tools":{}})";
constexpr int list_may_be_kept = 300'000;  // milliseconds; the list changes with the program only

response accepted() {
  response answer;
  answer.status = 202;
  answer.headers.add("Cache-Control", never_stored);
  return answer;
}

response render(const mcp_fault& fault) {
  std::string body;
  json_writer json{body};
  json.begin_object().field("jsonrpc", "2.0");
  if (!fault.id.empty()) json.key("id").raw(fault.id);
  json.key("error").begin_object();
  json.field("code", fault.code).field("message", fault.message);
  if (!fault.data.empty()) json.key("data").raw(fault.data);
  json.end_object().end_object();
  return json_response(fault.http_status, std::move(body));
}

/// Begins a result, lets `append` write its members, and ends it.
template <class Append>
response render(const mcp_request& to, Append append) {
  std::string body;
  json_writer json{body};
  json.begin_object().field("jsonrpc", "2.0").key("id").raw(to.id).key("result").begin_object();
  if (to.era == mcp_era::stateless) {
    json.field("resultType", "complete").key("_meta").begin_object();
    json.key("io.modelcontextprotocol/serverInfo").raw(server_info).end_object();
  }
  append(json);
  json.end_object().end_object();
  return json_response(200, std::move(body));
}

response initialize(const mcp_request& request) {
  const auto* const asked = find_member(request.params, "protocolVersion");
  const auto version = mcp_agreed_version(asked != nullptr ? std::string_view{asked->text} : std::string_view{});
  return render(request, [&](json_writer& json) {
    json.field("protocolVersion", version).key("capabilities").raw(capabilities).key("serverInfo").raw(server_info);
    json.field("instructions", mcp_instructions());
  });
}

response discover(const mcp_request& request) {
  return render(request, [](json_writer& json) {
    json.key("supportedVersions").raw(mcp_supported_versions()).key("capabilities").raw(capabilities);
    json.field("instructions", mcp_instructions()).field("ttlMs", list_may_be_kept).field("cacheScope", "public");
  });
}

response list_tools(const mcp_request& request) {
  return render(request, [&](json_writer& json) {
    json.key("tools").raw(mcp_tool_list());
    if (request.era == mcp_era::stateless) json.field("ttlMs", list_may_be_kept).field("cacheScope", "public");
  });
}

mcp_fault unknown_method(const mcp_request& request) {
  return {request.era == mcp_era::stateless ? 404U : 200U, mcp_method_not_found, "Method not found", request.id};
}

refusal refused(const error& why, const mcp_call& from) { return refusal_for(why, "/mcp", from.request_id); }

}  // namespace

task<response> mcp_endpoint::answer(mcp_message message, mcp_call from) {
  if (const auto* const fault = std::get_if<mcp_fault>(&message)) co_return render(*fault);
  if (std::holds_alternative<mcp_one_way>(message)) co_return accepted();
  auto& request = std::get<mcp_request>(message);
  if (request.method == "tools/list") co_return list_tools(request);
  if (request.method == "tools/call") {
    auto calling = call_tool(std::move(request), from);
    co_return co_await std::move(calling);
  }
  if (request.era == mcp_era::stateless && request.method == "server/discover") co_return discover(request);
  if (request.era == mcp_era::handshake && request.method == "initialize") co_return initialize(request);
  if (request.era == mcp_era::handshake && request.method == "ping") co_return render(request, [](json_writer&) {});
  co_return render(unknown_method(request));
}

task<response> mcp_endpoint::call_tool(mcp_request request, mcp_call from) {
  const auto* const tool = find_member(request.params, "name");
  const auto* const given = find_member(request.params, "arguments");
  const bool shaped = tool != nullptr && tool->kind == json_kind::text && (given == nullptr || given->kind == json_kind::object);
  if (shaped && tool->text == "list_styles") co_return render(request, [](json_writer& json) { append_styles_result(json); });
  const auto job_tool = shaped ? find_job_tool(tool->text) : nullptr;
  if (job_tool == nullptr) {
    const mcp_fault fault{request.era == mcp_era::stateless ? 400U : 200U, mcp_invalid_params, "Unknown tool", request.id};
    co_return render(fault);
  }
  auto running = (this->*job_tool)(members_of(request.params, "arguments"), from);
  const auto job = co_await std::move(running);
  co_return render(request, [&](json_writer& json) {
    if (job) append_job_result(json, **job, base_url_);
    else append_error_result(json, job.error());
  });
}

mcp_endpoint::job_tool mcp_endpoint::find_job_tool(std::string_view name) noexcept {
  if (name == "generate_music") return &mcp_endpoint::generate;
  if (name == "get_music_job") return &mcp_endpoint::get;
  if (name == "cancel_music_job") return &mcp_endpoint::cancel;
  return nullptr;
}

task<decoded_body<job_ptr>> mcp_endpoint::generate(json_document arguments, mcp_call from) {
  auto decoded = decode_generate_arguments(std::move(arguments));
  if (!decoded) co_return decoded.error();
  auto submitting = ports_.jobs.submit(std::move(decoded->song), *from.by, std::move(decoded->key));
  const auto admitted = co_await std::move(submitting);
  if (!admitted) co_return refused(admitted.error(), from);
  auto waiting = wait(admitted->job, decoded->wait, from);
  co_return co_await std::move(waiting);
}

task<decoded_body<job_ptr>> mcp_endpoint::get(json_document arguments, mcp_call from) {
  const auto decoded = decode_get_arguments(arguments);
  if (!decoded) co_return decoded.error();
  auto finding = jobs_.find(decoded->job_id, from.by);
  const auto found = co_await std::move(finding);
  if (!found) co_return refused(found.error(), from);
  auto waiting = wait(*found, decoded->wait, from);
  co_return co_await std::move(waiting);
}

task<decoded_body<job_ptr>> mcp_endpoint::cancel(json_document arguments, mcp_call from) {
  const auto decoded = decode_cancel_arguments(arguments);
  if (!decoded) co_return decoded.error();
  const auto id = job_id::parse(decoded->job_id);
  if (!id) co_return refusal{problem::not_found};
  auto canceling = ports_.control.cancel(*id, *from.by);
  const auto job = co_await std::move(canceling);
  if (!job) co_return refused(job.error(), from);
  co_return *job;
}

task<decoded_body<job_ptr>> mcp_endpoint::wait(job_ptr job, std::chrono::seconds span, mcp_call from) {
  if (span.count() == 0 || job->done()) co_return job;
  auto waiting = jobs_.wait(job, from.by, wait_for::end, span, from.hurry);
  const auto waited = co_await std::move(waiting);
  if (!waited) co_return refused(waited.error(), from);
  co_return *waited;
}

}  // namespace music::http
