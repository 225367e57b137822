#pragma once

/// What a caller asks for, and whether it may be asked.

#include <music/core/audio.hpp>
#include <music/core/rules.hpp>
#include <music/core/webhook.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace music {

inline constexpr double shortest_song = 20;    ///< seconds
inline constexpr double longest_song = 300;    ///< seconds
inline constexpr std::size_t longest_model = 100;
inline constexpr std::size_t most_metadata = 16;
inline constexpr std::size_t longest_metadata_key = 64;
inline constexpr std::size_t longest_metadata_value = 512;
inline constexpr std::chrono::seconds shortest_deadline{5};
inline constexpr std::uint64_t largest_seed = 2147483647;

/// What a job is for. With `prompt` it has ended, well, as soon as its prompt is written: nothing is submitted or charged.
enum class job_goal : std::uint8_t { song, prompt };

[[nodiscard]] std::string_view name(job_goal goal) noexcept;
[[nodiscard]] std::optional<job_goal> parse_job_goal(std::string_view text) noexcept;

/// What a song is asked for with, by POST /generate and by the skills. Absent fields are left to the provider.
struct generate_request {
  std::string theme;
  std::string prompt;  ///< given for the music generator on its own: nothing is written then, and the theme may be empty
  std::string tags;
  std::string title;
  std::string style;                         ///< id or name of one of `song_styles`, or words for music services
  std::string provider;                      ///< one of the configured providers; empty = the configured order
  std::string model;                         ///< the provider's own name of a model; empty = its configured one
  std::string lyrics;                        ///< what is to be sung: lines ended by \n, sections marked like [Chorus]
  std::string negative_tags;                 ///< what the song must not have
  std::optional<bool> instrumental;
  std::optional<double> duration_seconds;
  std::optional<std::uint64_t> seed;
  std::optional<audio_format> format;
  std::optional<audio_quality> quality;
  std::optional<std::chrono::seconds> deadline;  ///< from acceptance; at most the configured JOB_DEADLINE
  std::vector<std::pair<std::string, std::string>> metadata;
  std::optional<webhook_request> webhook;
  job_goal goal = job_goal::song;

  friend bool operator==(const generate_request&, const generate_request&) = default;
};

/// Whether this may name a model: up to 100 of A-Z a-z 0-9 _ - . : in words joined by '/', none of them only dots, because
/// some providers put it into a path.
[[nodiscard]] bool valid_model(std::string_view model);

/// One field that is wrong. `message` is a fixed text: it never quotes the value.
struct field_error {
  std::string field;
  std::string message;

  friend bool operator==(const field_error&, const field_error&) = default;
};

/// Trims the text fields in place and lists everything that is wrong; empty means the request may be stored.
[[nodiscard]] std::vector<field_error> validate(generate_request& request);

/// SHA-256 over the fields in a fixed order, in hexadecimal: equal requests have equal fingerprints however their JSON
/// was written. What Idempotency-Key compares. A field that a request does not have changes nothing, so that a key stored
/// before the field was known still fits.
[[nodiscard]] std::string fingerprint(const generate_request& request);

}  // namespace music
