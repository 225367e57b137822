#include "gateway_answer.hpp"

namespace music::suno {
namespace {

std::string_view url_of(const upstream::json::object& from, const member_names& members) {
  const auto url = first_text(from, members);
  return url.size() <= upstream::longest_audio_url ? url : std::string_view{};
}

}  // namespace

std::string_view first_text(const upstream::json::object& from, const member_names& members) {
  for (const auto member : members) {
    const auto text = member.empty() ? std::string_view{} : upstream::text_of(from, member).value_or("");
    if (!text.empty()) return text;
  }
  return {};
}

remote_track read_track(const upstream::json::object& from, std::string_view song_id, const track_members& members) {
  remote_track track;
  track.song_id = song_id;
  track.source = url_of(from, members.source);
  track.preview = url_of(from, members.preview);
  track.title = upstream::one_line(first_text(from, {"title"}), upstream::longest_remote_title);
  track.tags = upstream::one_line(first_text(from, {"tags"}), upstream::longest_remote_tags);
  track.created_at = upstream::one_line(first_text(from, members.created_at), upstream::longest_remote_time);
  track.duration_seconds = upstream::seconds_of(from, "duration");
  return track;
}

}  // namespace music::suno
