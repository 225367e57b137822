#include "openai_codec.hpp"
#include "song_draft.hpp"

#include <music/base/log.hpp>
#include <music/base/text.hpp>
#include <music/providers/openai/openai_writer.hpp>
#include <music/providers/upstream/answer.hpp>

#include <stdexcept>
#include <utility>

namespace music {
namespace {

using openai::call_shape;
using openai::completion;
using openai::rejected_answer;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::string_view openai_api_name = "OpenAI/ChatGPT";
constexpr std::size_t largest_answer = 1024 * 1024;  // a song takes some kilobytes; reasoning models add their thoughts
constexpr std::size_t longest_reminder = 6000;       // code points of a rejected answer that the model is shown again

net::url endpoint_of(const net::url& base) {
  auto endpoint = net::join(base, "/chat/completions");
  if (!endpoint) throw std::invalid_argument("the OpenAI base URL cannot be extended");
  return std::move(*endpoint);
}

std::string_view name_of(openai_form form) {
  switch (form) {
    case openai_form::json_schema: return "json_schema";
    case openai_form::json_object: return "json_object";
    case openai_form::text: return "text";
  }
  return "text";
}

/// What is asked in one turn; after a rejected answer once more, with more room if the first one was cut off.
struct turn {
  prompt_request wish;
  std::optional<rejected_answer> rejected{};
  int most_tokens = 0;
};

class openai_writer final : public prompt_writer {
 public:
  openai_writer(openai_options options, net::http_client& client, clock& clock)
      : options_(std::move(options)), endpoint_(endpoint_of(options_.base)), client_(client), clock_(clock) {}

  std::string_view api_name() const noexcept override { return openai_api_name; }

  task<result<written_prompt>> write(prompt_request request, time_point deadline) override {
    turn asked{.wish = std::move(request), .most_tokens = options_.most_tokens};
    auto first = co_await converse(asked, deadline);
    if (!first) co_return first.error();
    auto song = openai::read_song(*first, asked.wish);
    if (song) co_return signed_by_model(std::move(*song), first->tokens_used);
    if (!can_be_repaired(*first)) co_return song.error();

    remind(asked, *first, song.error());
    auto second = co_await converse(asked, deadline);
    if (!second) co_return second.error();
    song = openai::read_song(*second, asked.wish);
    if (song) co_return signed_by_model(std::move(*song), first->tokens_used + second->tokens_used);
    co_return song.error();
  }

 private:
  /// One answer of the model, whatever the server has to be told to get it. `asked` must outlive the call.
  task<result<completion>> converse(const turn& asked, time_point deadline) {
    call_shape shape{options_.habits->form(), options_.habits->limit()};
    for (;;) {
      const auto started = clock_.now();
      const auto until = earlier(deadline, started + options_.timeout);
      auto call = make_request(asked, shape);
      net::exchange_limits limits;
      limits.max_body_bytes = largest_answer;
      auto response = co_await client_.send(std::move(call), limits, until);
      auto answer = response.has_value() ? openai::decode_answer(*response, clock_.wall_now())
                                         : result<completion>{upstream::failure_of(response.error())};
      report(answer, response, shape, started);
      const bool may_be_shape = !answer && (answer.error().code == errc::api_error || answer.error().code == errc::openai_api);
      const auto next = may_be_shape && response.has_value() ? openai::next_shape(shape, *response) : std::nullopt;
      if (next) {
        shape = *next;
        continue;
      }
      if (answer) options_.habits->learn(shape.form, shape.limit);
      co_return answer;
    }
  }

  /// A model that had nothing to say has refused; one that ran out of tokens while it thought has not.
  static bool can_be_repaired(const completion& unusable) { return unusable.cut_off || !trim(unusable.content).empty(); }

  /// An empty answer is not shown again: some chat templates refuse it.
  static void remind(turn& asked, const completion& unusable, const error& why) {
    if (unusable.cut_off) asked.most_tokens *= 2;
    std::string content{first_code_points(unusable.content, longest_reminder)};
    if (!trim(content).empty()) asked.rejected = rejected_answer{std::move(content), why.detail};
  }

  written_prompt signed_by_model(written_prompt song, std::int64_t tokens) const {
    song.model = options_.model;
    song.tokens_used = tokens;
    return song;
  }

  net::http_request make_request(const turn& asked, const call_shape& shape) const {
    net::http_request call;
    call.method = net::http_method::post;
    call.address = endpoint_;
    call.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    if (!options_.key.empty()) call.headers.push_back({"Authorization", "Bearer " + std::string{options_.key.reveal()}});
    call.body = openai::encode_request(asked.wish, options_.model, shape, asked.most_tokens, asked.rejected);
    return call;
  }

  void report(const result<completion>& answer, const net::exchange_result& response, const call_shape& shape,
              time_point started) const {
    const auto elapsed = duration_cast<milliseconds>(clock_.now() - started).count();
    const int status = response.has_value() ? response->status : 0;
    const std::string request_id = response.has_value() ? upstream::request_id_of(*response) : std::string{};
    const log::event what{"chatgpt_prompt_generator", openai_api_name, "chat_completion", answer ? "success" : "error"};
    if (answer) {
      log::info(what, {{"http_status", status},
                       {"elapsed_ms", elapsed},
                       {"upstream_request_id", request_id},
                       {"form", name_of(shape.form)},
                       {"answer_length", count_code_points(answer->content).value_or(0)},
                       {"tokens_used", answer->tokens_used}});
    } else {
      log::warning(what, {{"http_status", status},
                          {"elapsed_ms", elapsed},
                          {"upstream_request_id", request_id},
                          {"form", name_of(shape.form)},
                          {"error_type", name(answer.error().code)}});
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
