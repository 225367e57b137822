#pragma once

/// What the gateways have in common in their answers: nothing that other music services do not share.

#include <music/providers/upstream/outcome.hpp>

namespace music::suno {

using upstream::accepted;
using upstream::failed;
using upstream::failure_for;
using upstream::fate_for;
using upstream::longest_audio_url;
using upstream::longest_remote_tags;
using upstream::longest_remote_time;
using upstream::longest_remote_title;
using upstream::one_line;
using upstream::seconds_of;
using upstream::song_failure;

}  // namespace music::suno
