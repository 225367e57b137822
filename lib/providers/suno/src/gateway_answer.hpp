#pragma once

/// What the gateways have in common in their answers.

#include <music/providers/upstream/outcome.hpp>

#include <array>
#include <string_view>

namespace music::suno {

using upstream::accepted;
using upstream::failed;
using upstream::failure_for;
using upstream::fate_for;
using upstream::says_moderation;
using upstream::says_quota;
using upstream::song_failure;
using upstream::succeeded;
using upstream::turned_down;

/// The names that a member may have, the best one first; empty ones are none.
using member_names = std::array<std::string_view, 4>;

/// The first of the members that is a text and not empty; else an empty view. It lives as long as the object.
[[nodiscard]] std::string_view first_text(const upstream::json::object& from, const member_names& members);

/// The names of a track's members differ from gateway to gateway, and sometimes within one.
struct track_members {
  member_names source{};
  member_names preview{};
  member_names created_at{};
};

/// Source and preview are taken over if they are of a URL's length; titles, tags and times as one line.
[[nodiscard]] remote_track read_track(const upstream::json::object& from, std::string_view song_id, const track_members& members);

}  // namespace music::suno
