#include "openai_codec.hpp"

#include <music/base/log.hpp>
#include <music/base/text.hpp>
#include <music/providers/openai/openai_writer.hpp>
#include <music/providers/upstream/answer.hpp>

#include <stdexcept>
#include <utility>

namespace music {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::string_view openai_api_name = "OpenAI/ChatGPT";
constexpr std::size_t largest_answer = 1024 * 1024;  // a prompt takes a kilobyte; reasoning models add their thoughts

net::url endpoint_of(const net::url& base) {
  auto endpoint = net::join(base, "/chat/completions");
  if (!endpoint) throw std::invalid_argument("the OpenAI base URL cannot be extended");
  return std::move(*endpoint);
}

class openai_writer final : public prompt_writer {
 public:
  openai_writer(openai_options options, net::http_client& client, clock& clock)
      : options_(std::move(options)), endpoint_(endpoint_of(options_.base)), client_(client), clock_(clock) {}

  std::string_view api_name() const noexcept override { return openai_api_name; }

  task<result<written_prompt>> write(prompt_request request, time_point deadline) override {
    const auto started = clock_.now();
    const auto until = earlier(deadline, started + options_.timeout);
    auto call = make_request(request);
    net::exchange_limits limits;
    limits.max_body_bytes = largest_answer;
    auto answer = co_await client_.send(std::move(call), limits, until);
    auto written = answer.has_value() ? openai::decode_answer(*answer, options_.model, clock_.wall_now())
                                      : result<written_prompt>{upstream::failure_of(answer.error())};
    report(written, answer, started);
    co_return written;
  }

 private:
  net::http_request make_request(const prompt_request& request) const {
    net::http_request call;
    call.method = net::http_method::post;
    call.address = endpoint_;
    call.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    if (!options_.key.empty()) call.headers.push_back({"Authorization", "Bearer " + std::string{options_.key.reveal()}});
    call.body = openai::encode_request(request, options_.model);
    return call;
  }

  void report(const result<written_prompt>& written, const net::exchange_result& answer, time_point started) const {
    const auto elapsed = duration_cast<milliseconds>(clock_.now() - started).count();
    const int status = answer.has_value() ? answer->status : 0;
    const std::string request_id = answer.has_value() ? upstream::request_id_of(*answer) : std::string{};
    const log::event what{"chatgpt_prompt_generator", openai_api_name, "chat_completion", written ? "success" : "error"};
    if (written) {
      log::info(what, {{"http_status", status}, {"elapsed_ms", elapsed}, {"upstream_request_id", request_id},
                       {"prompt_length", count_code_points(written->text).value_or(0)}, {"tokens_used", written->tokens_used}});
    } else {
      log::warning(what, {{"http_status", status}, {"elapsed_ms", elapsed}, {"upstream_request_id", request_id},
                          {"error_type", name(written.error().code)}});
    }
  }

  openai_options options_;
  net::url endpoint_;
  net::http_client& client_;
  clock& clock_;
};

}  // namespace

std::unique_ptr<prompt_writer> create_openai_writer(openai_options options, net::http_client& client, clock& clock) {
  return std::make_unique<openai_writer>(std::move(options), client, clock);
}

}  // namespace music
