#pragma once

/// POST /mcp: the Model Context Protocol over Streamable HTTP, without sessions, with plain JSON answers.

#include "job_lookup.hpp"
#include "mcp_message.hpp"
#include "mcp_tools.hpp"
#include "response.hpp"

#include <music/async/task.hpp>
#include <music/http/server.hpp>

#include <string>
#include <string_view>

namespace music::http {

/// Who asks, and when to stop waiting. What it points at must outlive the call.
struct mcp_call {
  const caller* by = nullptr;
  event* hurry = nullptr;  ///< may be null; set: answer with what is known now
  std::string_view request_id;
};

/// One for each shard; not thread-safe. What it is given must outlive it. A call that is cancelled unwinds; the job that it
/// asked for goes on, because a model that was cut off asks again with the same key.
class mcp_endpoint {
 public:
  mcp_endpoint(const http_ports& ports, job_lookup& jobs, std::string_view base_url)
      : ports_(ports), jobs_(jobs), base_url_(base_url) {}

  /// The answer to one message. The caller has checked where the request comes from.
  [[nodiscard]] task<response> answer(mcp_message message, mcp_call from);

 private:
  using job_tool = task<decoded_body<job_ptr>> (mcp_endpoint::*)(json_document arguments, mcp_call from);

  [[nodiscard]] static job_tool find_job_tool(std::string_view name) noexcept;
  [[nodiscard]] task<response> call_tool(mcp_request request, mcp_call from);
  [[nodiscard]] task<decoded_body<job_ptr>> generate(json_document arguments, mcp_call from);
  [[nodiscard]] task<decoded_body<job_ptr>> get(json_document arguments, mcp_call from);
  [[nodiscard]] task<decoded_body<job_ptr>> cancel(json_document arguments, mcp_call from);
  [[nodiscard]] task<decoded_body<job_ptr>> wait(job_ptr job, std::chrono::seconds span, mcp_call from);

  const http_ports& ports_;
  job_lookup& jobs_;
  std::string_view base_url_;
};

}  // namespace music::http
