#include <music/base/json_writer.hpp>
#include <music/base/log.hpp>
#include <music/base/text.hpp>
#include <music/skills/prompt_cache.hpp>

#include <utility>

namespace music {
namespace {

/// JSON, so that no text can run into the next one.
sha256_digest key_of(const prompt_request& request, const std::string& writer) {
  std::string canonical;
  json_writer json{canonical};
  json.begin_array().value(writer).value(request.theme).value(request.tags).value(request.style).value(request.lyrics);
  request.instrumental ? json.value(*request.instrumental) : json.null();
  json.end_array();
  return sha256_of(canonical);
}

class cached_prompt_generator final : public prompt_generator {
 public:
  cached_prompt_generator(std::unique_ptr<prompt_generator> inner, prompt_cache& cache, std::string writer, clock& clock)
      : inner_(std::move(inner)), cache_(cache), writer_(std::move(writer)), clock_(clock) {}

  task<result<written_prompt>> generate(prompt_request request, time_point deadline, event* stop,
                                        prompt_listener* listener) override {
    const auto key = key_of(request, writer_);
    if (auto known = cache_.find(key, clock_.now())) {
      const bool wanted = listener == nullptr || co_await listener->begun();
      if (!wanted) co_return error{errc::canceled};
      log::info({"chatgpt_prompt_generator", "prompt cache", "generate_music_prompt", "success"},
                {{"theme_length", count_code_points(request.theme).value_or(0)}, {"model", known->model}});
      known->cached = true;
      known->tokens_used = 0;
      co_return std::move(*known);
    }
    auto written = co_await inner_->generate(std::move(request), deadline, stop, listener);
    if (written) cache_.keep(key, *written, clock_.now());
    co_return written;
  }

 private:
  std::unique_ptr<prompt_generator> inner_;
  prompt_cache& cache_;
  std::string writer_;
  clock& clock_;
};

}  // namespace

std::optional<written_prompt> prompt_cache::find(const sha256_digest& asked, time_point now) {
  const std::lock_guard lock{mutex_};
  const auto found = by_request_.find(asked);
  if (found == by_request_.end()) return std::nullopt;
  const auto kept = found->second;
  if (now >= kept->ends_at) {
    forget(kept);
    return std::nullopt;
  }
  recent_.splice(recent_.begin(), recent_, kept);
  return kept->prompt;
}

void prompt_cache::keep(const sha256_digest& asked, written_prompt prompt, time_point now) {
  const std::lock_guard lock{mutex_};
  if (const auto found = by_request_.find(asked); found != by_request_.end()) forget(found->second);
  recent_.push_front({asked, std::move(prompt), now + ttl_});
  by_request_.emplace(asked, recent_.begin());
  if (recent_.size() > most_prompts_) forget(std::prev(recent_.end()));
}

std::size_t prompt_cache::size() const {
  const std::lock_guard lock{mutex_};
  return recent_.size();
}

void prompt_cache::forget(entries::iterator old) {
  by_request_.erase(old->asked);
  recent_.erase(old);
}

std::unique_ptr<prompt_generator> create_cached_prompt_generator(std::unique_ptr<prompt_generator> inner, prompt_cache& cache,
                                                                 std::string writer, clock& clock) {
  return std::make_unique<cached_prompt_generator>(std::move(inner), cache, std::move(writer), clock);
}

}  // namespace music
