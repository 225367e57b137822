#pragma once

/// What can be done to songs and their pieces, one errand each. As with jobs each can be carried out twice.

#include "postgres_table.hpp"

namespace music::postgres {

/// Small enough that a piece under way is nothing to anybody's memory, large enough that a song takes a dozen statements.
inline constexpr std::size_t piece_bytes = 256 * 1024;

struct begin_upload {
  using answer = nothing;
  std::string id;
  job_id owner;
  holder_id me;
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

/// Error: `store_unavailable` also if the upload was swept meanwhile.
struct put_piece {
  using answer = nothing;
  std::string upload;
  std::int64_t position = 0;
  std::string bytes;
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

/// Error: `store_unavailable` also if the upload was swept meanwhile.
struct finish_upload {
  using answer = nothing;
  std::string id;
  std::string key;
  std::int64_t size_bytes = 0;
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

/// Whether it was finished or not.
struct discard_upload {
  using answer = nothing;
  std::string id;
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

struct opened_song {
  std::string id;
  std::uint64_t size_bytes = 0;
  std::uint64_t piece_bytes = 1;  ///< of this song: another version may have chosen another
};

/// Error: `not_found`.
struct open_song {
  using answer = opened_song;
  std::string key;
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

/// Error: `store_unavailable` also if it is not there: the song was erased while it was read.
struct get_piece {
  using answer = std::string;
  std::string upload;
  std::int64_t position = 0;
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

/// The keys of a job's songs.
struct find_songs {
  using answer = std::vector<std::string>;
  job_id owner;
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

struct erase_song {
  using answer = nothing;
  std::string key;
  [[nodiscard]] task<result<answer>> run(connection& on, time_point until) const;
};

}  // namespace music::postgres
