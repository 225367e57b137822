#include "gcui_dialect.hpp"

#include "clips.hpp"
#include "song_words.hpp"

#include <music/base/json_writer.hpp>

#include <array>

namespace music::suno {
namespace {

constexpr std::size_t songs_in_one_request = 20;

constexpr std::array<std::string_view, 3> models{"chirp-v3-5", "chirp-v4", "chirp-crow"};
constexpr traits gcui_traits{
    .default_model = "chirp-v3-5", .models = models, .songs_a_poll = songs_in_one_request, .custom_songs = true};

class gcui final : public dialect {
 public:
  const traits& about() const noexcept override { return gcui_traits; }

  wire_request encode_submission(const song_request& request, const submission_terms& terms) const override {
    const auto limits = limits_for(terms.model);
    const bool custom = !request.lyrics.empty();
    wire_request call{.method = net::http_method::post, .path = custom ? "/api/custom_generate" : "/api/generate", .body = {}};
    json_writer out{call.body};
    out.begin_object();
    out.field("prompt", custom ? lyrics_of(request, limits) : description_of(request, limits));
    if (custom) {
      out.field("tags", style_of(request, limits)).field("title", title_of(request, limits));
      out.field("negative_tags", negative_tags_of(request, limits));
    }
    out.field("make_instrumental", request.instrumental.value_or(false)).field("model", terms.model);
    out.field("wait_audio", false);  // true holds the request for 100 s and still may give an unfinished list
    out.end_object();
    return call;
  }

  submission decode_submission(const net::http_response& response, wall_time now) const override {
    if (!succeeded(response)) return refused(response, now);
    const auto answer = upstream::read_value(response);
    if (!answer) return failed(submission_fate::unknown, answer.error());
    const auto* clips = clips_in(*answer);
    auto song = clips == nullptr ? std::string{} : song_of_clips(*clips);
    if (song.empty()) return failed(submission_fate::unknown, error{errc::invalid_response, "2xx without clips"});
    return accepted(std::move(song));
  }

  wire_request encode_poll(std::span<const std::string> songs) const override {
    return {.method = net::http_method::get, .path = "/api/get?ids=" + clip_list(songs), .body = {}};
  }

  std::vector<result<song_status>> decode_poll(const net::http_response& response, std::span<const std::string> songs,
                                               wall_time now) const override {
    if (!succeeded(response)) return all_failed(songs.size(), failure_for(response, now));
    const auto answer = upstream::read_value(response);
    if (!answer) return all_failed(songs.size(), answer.error());
    const auto* clips = clips_in(*answer);
    if (clips == nullptr) return all_failed(songs.size(), error{errc::invalid_response, "no list of clips"});
    return statuses_of(*clips, songs);
  }

 private:
  /// Its 503 means that Suno did not answer it, so Suno may have taken the song; everything else is Suno's own status.
  static submission refused(const net::http_response& response, wall_time now) {
    auto outcome = turned_down(response, now);
    if (response.status == 503 && upstream::read_complaint(response).says({"network error"}))
      outcome.fate = submission_fate::unknown;
    return outcome;
  }
};

}  // namespace

const dialect& gcui_dialect() {
  static const gcui only;
  return only;
}

}  // namespace music::suno
