#include "refusal.hpp"

#include <music/base/log.hpp>

namespace music::http {

refusal refusal_for(const error& why, std::string_view route, std::string_view request_id) {
  if (why.code == errc::store_unavailable || why.code == errc::internal) {
    log::warning({"http", "HTTP", route, "error"},
                 {{"error_type", name(why.code)}, {"detail", why.detail}, {"request_id", request_id}});
  }
  if (why.code == errc::invalid_argument) return {problem_for(why.code), {{"provider", "is not configured here"}}};
  return {problem_for(why.code)};
}

}  // namespace music::http
