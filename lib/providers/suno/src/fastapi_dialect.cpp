#include "fastapi_dialect.hpp"

#include "clips.hpp"
#include "song_words.hpp"

#include <music/base/json_writer.hpp>
#include <music/base/text.hpp>

#include <array>

namespace music::suno {
namespace {

constexpr std::size_t songs_in_one_request = 20;

constexpr std::array<std::string_view, 3> models{"chirp-v3-0", "chirp-v3-5", "chirp-v4"};
constexpr traits fastapi_traits{
    .default_model = "chirp-v3-5", .models = models, .songs_a_poll = songs_in_one_request, .custom_songs = true};

/// What a 200 without clips says: Suno's own error as `{"detail":…}`, or the server's as a bare string.
struct disguised_error {
  error failure;
  submission_fate fate = submission_fate::unknown;
};

disguised_error of_words(const upstream::complaint& why) {
  if (why.says({"unauthorized", "not authenticated"})) {
    // The server renews its token every five seconds: the next one may do.
    return {upstream::passing(errc::authentication, "upstream 401 as 200"), submission_fate::refused};
  }
  if (says_quota(why)) return {error{errc::quota_exhausted, "in the body of a 200"}, submission_fate::refused};
  if (says_moderation(why)) return {error{errc::content_rejected, "in the body of a 200"}, submission_fate::refused};
  if (why.says({"too many running", "too many requests", "rate limit"})) {
    return {upstream::passing(errc::rate_limit, "in the body of a 200"), submission_fate::refused};
  }
  if (why.says({"cannot connect to host"}))
    return {upstream::passing(errc::api_error, "Suno was not reached"), submission_fate::refused};
  if (why.says({"an error occurred"})) return {upstream::passing(errc::api_error, "the server's own error as 200")};
  return {error{errc::invalid_response, "no clips"}};
}

disguised_error read_disguised(const upstream::json::value& answer) {
  upstream::complaint why;
  if (const auto* text = answer.if_string()) why.words = to_lower_ascii({text->data(), text->size()});
  if (const auto* body = answer.if_object()) why = upstream::read_complaint(*body);
  return of_words(why);
}

class fastapi final : public dialect {
 public:
  const traits& about() const noexcept override { return fastapi_traits; }

  wire_request encode_submission(const song_request& request, const submission_terms& terms) const override {
    const auto limits = limits_for(terms.model);
    const bool instrumental = request.instrumental.value_or(false);  // which its custom mode has no field for
    const bool custom = !request.lyrics.empty() && !instrumental;
    wire_request call{.method = net::http_method::post, .path = custom ? "/generate" : "/generate/description-mode", .body = {}};
    json_writer out{call.body};
    out.begin_object();
    if (custom) {
      out.field("prompt", lyrics_of(request, limits)).field("mv", terms.model).field("title", title_of(request, limits));
      out.field("tags", style_of(request, limits));
      out.field("negative_tags", negative_tags_of(request, limits));  // required, even if empty
    } else {
      out.field("gpt_description_prompt", description_of(request, limits)).field("mv", terms.model);
      out.field("make_instrumental", instrumental).field("prompt", "");
    }
    out.end_object();
    return call;
  }

  submission decode_submission(const net::http_response& response, wall_time now) const override {
    if (!succeeded(response)) return turned_down(response, now);
    const auto answer = upstream::read_value(response);
    if (!answer) return failed(submission_fate::unknown, answer.error());
    const auto* clips = clips_in(*answer);
    auto song = clips == nullptr ? std::string{} : song_of_clips(*clips);
    if (!song.empty()) return accepted(std::move(song));
    auto told = read_disguised(*answer);
    return failed(told.fate, std::move(told.failure));
  }

  wire_request encode_poll(std::span<const std::string> songs) const override {
    return {.method = net::http_method::get, .path = "/feed/" + clip_list(songs), .body = {}};
  }

  std::vector<result<song_status>> decode_poll(const net::http_response& response, std::span<const std::string> songs,
                                               wall_time now) const override {
    if (!succeeded(response)) return all_failed(songs.size(), failure_for(response, now));
    const auto answer = upstream::read_value(response);
    if (!answer) return all_failed(songs.size(), answer.error());
    const auto* clips = clips_in(*answer);
    if (clips == nullptr) return all_failed(songs.size(), read_disguised(*answer).failure);
    return statuses_of(*clips, songs);
  }
};

}  // namespace

const dialect& fastapi_dialect() {
  static const fastapi only;
  return only;
}

}  // namespace music::suno
