#include "name_table.hpp"

#include <music/core/job.hpp>

namespace music {
namespace {

constexpr name_table<job_status, 7> statuses{{"queued", "running", "canceling", "success", "error", "canceled", "expired"}};
constexpr name_table<job_stage, 6> stages{{"accepted", "prompting", "submitting", "generating", "fetching", "finished"}};
constexpr name_table<step_status, 4> step_statuses{{"pending", "running", "complete", "error"}};
constexpr name_table<charge, 3> charges{{"no", "maybe", "yes"}};
constexpr name_table<failure_kind, 6> failure_kinds{
    {"prompt_generation_failed", "music_generation_failed", "deadline_exceeded", "canceled", "security_error", "unexpected"}};
constexpr name_table<submission_state, 4> submission_states{{"none", "intent", "accepted", "unknown"}};

}  // namespace

std::string_view name(job_status status) noexcept { return statuses.of(status); }
std::string_view name(job_stage stage) noexcept { return stages.of(stage); }
std::string_view name(step_status status) noexcept { return step_statuses.of(status); }
std::string_view name(charge charged) noexcept { return charges.of(charged); }
std::string_view name(failure_kind kind) noexcept { return failure_kinds.of(kind); }
std::string_view name(submission_state state) noexcept { return submission_states.of(state); }

std::optional<job_status> parse_job_status(std::string_view text) noexcept { return statuses.find(text); }
std::optional<job_stage> parse_job_stage(std::string_view text) noexcept { return stages.find(text); }
std::optional<step_status> parse_step_status(std::string_view text) noexcept { return step_statuses.find(text); }
std::optional<charge> parse_charge(std::string_view text) noexcept { return charges.find(text); }
std::optional<failure_kind> parse_failure_kind(std::string_view text) noexcept { return failure_kinds.find(text); }
std::optional<submission_state> parse_submission_state(std::string_view text) noexcept { return submission_states.find(text); }

std::optional<errc> parse_errc(std::string_view text) noexcept {
  for (int i = 0; i <= static_cast<int>(errc::internal); ++i) {
    const auto code = static_cast<errc>(i);
    if (name(code) == text) return code;
  }
  return std::nullopt;
}

bool ended(job_status status) noexcept {
  switch (status) {
    case job_status::queued:
    case job_status::running:
    case job_status::canceling: return false;
    case job_status::success:
    case job_status::error:
    case job_status::canceled:
    case job_status::expired: return true;
  }
  return false;
}

bool retryable(const job& job) noexcept {
  if (job.status != job_status::error && job.status != job_status::expired) return false;
  const auto cause = job.music.failure ? job.music.failure : job.prompt.failure;
  if (!cause) return true;
  switch (*cause) {
    case errc::content_rejected:
    case errc::invalid_argument:
    case errc::unsupported: return false;
    default: return true;
  }
}

}  // namespace music
