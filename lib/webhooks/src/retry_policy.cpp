#include "retry_policy.hpp"

#include <algorithm>
#include <array>

namespace music::webhooks {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::chrono::milliseconds, 7> schedule{5s, 1min, 5min, 30min, 2h, 5h, 10h};
constexpr double jitter = 0.15;

constexpr int request_timeout = 408;
constexpr int gone = 410;
constexpr int too_many_requests = 429;

bool success(int status) noexcept { return status >= 200 && status < 300; }

bool worth_repeating(webhook_format format, const std::optional<int>& status) noexcept {
  if (!status || format == webhook_format::standard) return true;
  return *status == request_timeout || *status == too_many_requests || *status >= 500;
}

}  // namespace

verdict judge(webhook_format format, const attempt& made, int attempts, random_source& random) {
  if (made.never_possible) return {verdict::kind::dead};
  if (made.status && success(*made.status)) return {verdict::kind::delivered};
  if (made.status == gone) return {verdict::kind::gone};
  const auto step = static_cast<std::size_t>(std::max(attempts, 1)) - 1;
  if (step >= schedule.size() || !worth_repeating(format, made.status)) return {verdict::kind::dead};
  const auto spread = 1 - jitter + 2 * jitter * unit(random);
  const std::chrono::milliseconds wait{static_cast<std::int64_t>(static_cast<double>(schedule[step].count()) * spread)};
  return {verdict::kind::again, std::max<std::chrono::milliseconds>(wait, made.retry_after.value_or(0s))};
}

}  // namespace music::webhooks
