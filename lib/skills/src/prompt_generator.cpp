#include <music/base/log.hpp>
#include <music/base/text.hpp>
#include <music/skills/prompt_generator.hpp>

namespace music {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

class retrying_prompt_generator final : public prompt_generator {
 public:
  retrying_prompt_generator(prompt_writer& writer, clock& clock, random_source& random, retry_policy retries, upstream_gate* gate)
      : writer_(writer), clock_(clock), random_(random), retries_(retries), gate_(gate) {}

  task<result<written_prompt>> generate(prompt_request request, time_point deadline, event* stop,
                                        prompt_listener* listener) override {
    const auto started = clock_.now();
    const auto theme_length = count_code_points(request.theme).value_or(0);
    int tries = 0;
    auto written = co_await write_in_turn(std::move(request), deadline, stop, listener, tries);
    const auto elapsed = duration_cast<milliseconds>(clock_.now() - started).count();
    if (written) {
      log::info(said("success"),
                {{"theme_length", theme_length}, {"model", written->model}, {"tries", tries}, {"elapsed_ms", elapsed}});
    } else {
      log::warning(said("error"), {{"theme_length", theme_length},
                                   {"error_type", name(written.error().code)},
                                   {"tries", tries},
                                   {"elapsed_ms", elapsed}});
    }
    co_return written;
  }

 private:
  task<result<written_prompt>> write_in_turn(prompt_request request, time_point deadline, event* stop, prompt_listener* listener,
                                             int& tries) {
    turn mine;
    if (gate_ != nullptr) {
      turn_request who{request.caller, request.since, false};
      auto granted = co_await gate_->enter(std::move(who), clock_, deadline, stop);
      if (!granted) co_return granted.error();
      mine = std::move(*granted);
    }
    const bool wanted = listener == nullptr || co_await listener->begun();
    if (!wanted) co_return error{errc::canceled};
    auto written = co_await try_until(std::move(request), deadline, stop, tries);
    if (written || written.error().code != errc::canceled) {
      mine.settle(written.has_value() || !may_pass(written.error()) || written.error().code == errc::rate_limit, clock_.now());
    }
    co_return written;
  }

  task<result<written_prompt>> try_until(prompt_request request, time_point deadline, event* stop, int& tries) {
    for (;;) {
      ++tries;
      auto call = writer_.write(request, deadline);
      auto written = co_await with_deadline(clock_, deadline, std::move(call), stop);
      if (written) co_return checked(std::move(*written));
      const auto& failure = written.error();
      if (!may_pass(failure) || tries >= retries_.most_tries) co_return written;
      const auto again = clock_.now() + retries_.wait.delay(tries - 1, random_, failure.retry_after);
      if (again >= deadline) co_return written;
      const bool slept = co_await sleep_unless(clock_, again, stop);
      if (!slept) co_return error{errc::canceled};
    }
  }

  static result<written_prompt> checked(written_prompt written) {
    written.text = std::string{trim(written.text)};
    if (check_prompt(written.text) != text_problem::none) return error{errc::invalid_response, "the prompt breaks the rules"};
    return written;
  }

  [[nodiscard]] log::event said(std::string_view status) const {
    return {"chatgpt_prompt_generator", writer_.api_name(), "generate_music_prompt", status};
  }

  prompt_writer& writer_;
  clock& clock_;
  random_source& random_;
  retry_policy retries_;
  upstream_gate* gate_;
};

}  // namespace

std::unique_ptr<prompt_generator> create_prompt_generator(prompt_writer& writer, clock& clock, random_source& random,
                                                          retry_policy retries, upstream_gate* gate) {
  return std::make_unique<retrying_prompt_generator>(writer, clock, random, retries, gate);
}

}  // namespace music
