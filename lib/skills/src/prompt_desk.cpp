#include <music/skills/prompt_desk.hpp>

namespace music {
namespace {

/// A place among the prompts under way, given back also when the coroutine that holds it is dropped.
class place {
 public:
  explicit place(std::size_t& taken) : taken_(taken) { ++taken_; }
  ~place() { --taken_; }
  place(const place&) = delete;
  place& operator=(const place&) = delete;

 private:
  std::size_t& taken_;
};

class bounded_prompt_desk final : public prompt_service {
 public:
  bounded_prompt_desk(prompt_generator& prompts, clock& clock, prompt_desk_options options)
      : prompts_(prompts), clock_(clock), options_(options) {}

  task<result<written_prompt>> write(prompt_request request, event* stop) override {
    if (under_way_ >= options_.most_at_once) co_return error{errc::queue_full};
    const place held{under_way_};
    const auto deadline = clock_.now() + options_.time_limit;
    request.since = clock_.wall_now();
    auto writing = prompts_.generate(std::move(request), deadline, stop, nullptr);
    co_return co_await std::move(writing);
  }

 private:
  prompt_generator& prompts_;
  clock& clock_;
  prompt_desk_options options_;
  std::size_t under_way_ = 0;
};

}  // namespace

std::unique_ptr<prompt_service> create_prompt_desk(prompt_generator& prompts, clock& clock, prompt_desk_options options) {
  return std::make_unique<bounded_prompt_desk>(prompts, clock, options);
}

}  // namespace music
