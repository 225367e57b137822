#include "clips.hpp"

#include <music/base/text.hpp>

#include <boost/json/array.hpp>

#include <algorithm>
#include <map>

namespace music::suno {
namespace {

using upstream::json::array;
using upstream::json::object;

constexpr track_members clip_members{.source = {"audio_url"}, .created_at = {"created_at"}};

bool valid_clip_id(std::string_view id) { return valid_song_id(id) && id.find(':') == std::string_view::npos; }

/// gcui has everything at the top; Suno's own feed keeps duration, tags and errors in `metadata`.
remote_track track_of(const object& clip, std::string_view id) {
  auto track = read_track(clip, id, clip_members);
  if (const auto* metadata = upstream::object_of(clip, "metadata")) {
    const auto inner = read_track(*metadata, id, clip_members);
    if (track.tags.empty()) track.tags = inner.tags;
    if (track.duration_seconds == 0) track.duration_seconds = inner.duration_seconds;
  }
  return track;
}

error failure_of_clip(const object& clip) {
  auto why = upstream::read_complaint(clip);
  if (const auto* metadata = upstream::object_of(clip, "metadata")) {
    why.words += to_lower_ascii(first_text(*metadata, {"error_message"}));
    why.words += to_lower_ascii(first_text(*metadata, {"error_type"}));
  }
  return song_failure(why);
}

/// Adds what one clip says to its song. True while the clip is under way.
bool take_clip(const object& clip, std::string_view id, song_status& into) {
  const auto status = to_lower_ascii(first_text(clip, {"status"}));
  if (status == "error") {
    into.failure = failure_of_clip(clip);
    return false;
  }
  auto track = track_of(clip, id);
  const bool complete = status == "complete";
  if (!complete) track.preview = status == "streaming" ? std::move(track.source) : std::string{};
  if (complete || !track.preview.empty()) into.tracks.push_back(std::move(track));
  return !complete;
}

using clip_map = std::map<std::string_view, const object*>;

result<song_status> status_of(std::string_view song, const clip_map& listed) {
  song_status status;
  bool known = false;
  bool under_way = false;
  for (const auto& id : split_clips(song)) {
    const auto found = listed.find(id);
    if (found == listed.end()) continue;
    known = true;
    under_way = take_clip(*found->second, id, status) || under_way;
  }
  if (!known) return upstream::passing(errc::song_unknown, "no clip of it is listed");
  if (under_way) {
    // A clip that is finished before its twin can be listened to.
    for (auto& track : status.tracks) {
      if (track.preview.empty()) track.preview = track.source;
    }
    return status;
  }
  status.state = status.tracks.empty() ? song_state::failed : song_state::complete;
  return status;
}

}  // namespace

std::string join_clips(const std::vector<std::string>& clips) {
  std::string song;
  for (const auto& clip : clips) {
    if (!song.empty()) song += ':';
    song += clip;
  }
  return song;
}

std::vector<std::string> split_clips(std::string_view song) {
  std::vector<std::string> clips;
  while (!song.empty()) {
    const auto colon = std::min(song.find(':'), song.size());
    if (colon > 0) clips.emplace_back(song.substr(0, colon));
    song.remove_prefix(std::min(colon + 1, song.size()));
  }
  return clips;
}

std::string clip_list(std::span<const std::string> songs) {
  std::string list;
  for (const auto& song : songs) {
    for (const auto& clip : split_clips(song)) {
      if (!list.empty()) list += ',';
      list += clip;
    }
  }
  return list;
}

const array* clips_in(const upstream::json::value& answer) {
  if (const auto* list = answer.if_array()) return list;
  const auto* body = answer.if_object();
  const auto* clips = body == nullptr ? nullptr : body->if_contains("clips");
  return clips == nullptr ? nullptr : clips->if_array();
}

std::string song_of_clips(const array& clips) {
  std::vector<std::string> ids;
  for (const auto& each : clips) {
    const auto* clip = each.if_object();
    const auto id = clip == nullptr ? std::string_view{} : first_text(*clip, {"id"});
    if (!valid_clip_id(id)) continue;
    ids.emplace_back(id);
    if (!valid_song_id(join_clips(ids))) {
      ids.pop_back();
      break;
    }
  }
  return join_clips(ids);
}

std::vector<result<song_status>> statuses_of(const array& clips, std::span<const std::string> songs) {
  clip_map listed;
  for (const auto& each : clips) {
    const auto* clip = each.if_object();
    if (clip != nullptr) listed.emplace(first_text(*clip, {"id"}), clip);
  }
  std::vector<result<song_status>> statuses;
  statuses.reserve(songs.size());
  for (const auto& song : songs) statuses.push_back(status_of(song, listed));
  return statuses;
}

std::vector<result<song_status>> all_failed(std::size_t songs, const error& why) {
  return std::vector<result<song_status>>(songs, result<song_status>{why});
}

}  // namespace music::suno
