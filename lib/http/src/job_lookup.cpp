#include "job_lookup.hpp"

#include <music/async/deadline.hpp>

namespace music::http {

task<result<job_ptr>> job_lookup::find(std::string_view id, const caller* by) {
  if (auto job = ports_.jobs.peek(id, *by)) co_return job;
  const auto parsed = job_id::parse(id);
  if (!parsed) co_return error{errc::not_found};
  auto finding = ports_.jobs.find(*parsed, *by);
  co_return co_await std::move(finding);
}

task<result<job_ptr>> job_lookup::wait(job_ptr job, const caller* by, wait_for what, std::chrono::seconds span, event* hurry) {
  return wait(std::move(job), by, what, ports_.clock.now() + span, hurry);
}

task<result<job_ptr>> job_lookup::wait(job_ptr job, const caller* by, wait_for what, time_point until, event* hurry) {
  constexpr std::chrono::seconds grace{1};  // the port ends by itself at `until`; this is the backstop
  auto waiting = ports_.jobs.wait(job->id, *by, what, job->version, until);
  auto outcome = co_await with_deadline(ports_.clock, until + grace, std::move(waiting), hurry);
  if (outcome) co_return outcome;
  if (outcome.error().code != errc::canceled && outcome.error().code != errc::deadline_exceeded) co_return outcome;
  auto finding = find(job->id.text(), by);
  co_return co_await std::move(finding);
}

}  // namespace music::http
