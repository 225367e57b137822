#include "api.hpp"
#include "request_guard.hpp"

namespace music::http {

task<response> api::speak_mcp(request in) {
  if (in.head->has(field::origin) && !is_known_origin(in.head->value(field::origin), base_url_))
    co_return fail(problem::forbidden, in);
  auto answering = mcp_.answer(read_mcp(*in.body, *in.head), {in.by, in.hurry, in.id});
  co_return co_await std::move(answering);
}

}  // namespace music::http
