#include "postgres_pieces.hpp"

namespace music::postgres {
namespace {

/// An errand that gives nothing but success, and is an error where it changes nothing. The statement must live until it ends.
task<result<nothing>> change_one(connection& on, std::string_view statement, parameters with, time_point until) {
  auto done = co_await on.execute(statement, std::move(with), until);
  if (!done) co_return done.error();
  if (done->affected() == 0) co_return error{errc::store_unavailable, "PostgreSQL: the upload is gone"};
  co_return nothing{};
}

}  // namespace

task<result<nothing>> begin_upload::run(connection& on, time_point until) const {
  parameters values;
  values.text(id).text(owner.text()).text(me).number(std::int64_t{piece_bytes});
  co_return co_await carry_out(
      on,
      "INSERT INTO music_audio (id, job_id, uploader, created_at, piece_bytes) VALUES ($1, $2, $3, now(), $4)"
      " ON CONFLICT (id) DO NOTHING",
      std::move(values), until);
}

task<result<nothing>> put_piece::run(connection& on, time_point until) const {
  parameters values;
  values.text(upload).number(position).text(bytes);
  co_return co_await change_one(on,
                                "INSERT INTO music_audio_pieces (audio_id, position, bytes)"
                                " SELECT id, $2, $3 FROM music_audio WHERE id = $1 AND key IS NULL"
                                " ON CONFLICT (audio_id, position) DO UPDATE SET bytes = excluded.bytes",
                                std::move(values), until);
}

task<result<nothing>> finish_upload::run(connection& on, time_point until) const {
  parameters values;
  values.text(id).text(key).number(size_bytes);
  co_return co_await change_one(on, "UPDATE music_audio SET key = $2, size_bytes = $3 WHERE id = $1", std::move(values), until);
}

task<result<nothing>> discard_upload::run(connection& on, time_point until) const {
  parameters values;
  values.text(id);
  co_return co_await carry_out(on, "DELETE FROM music_audio WHERE id = $1", std::move(values), until);
}

task<result<opened_song>> open_song::run(connection& on, time_point until) const {
  parameters values;
  values.text(key);
  auto found =
      co_await on.execute("SELECT id, size_bytes, piece_bytes FROM music_audio WHERE key = $1", std::move(values), until);
  // a text that the server cannot even compare names no song
  if (!found && found.error().code == errc::internal) co_return error{errc::not_found};
  if (!found) co_return found.error();
  if (found->empty()) co_return error{errc::not_found};
  co_return opened_song{found->text(0, 0), static_cast<std::uint64_t>(found->number(0, 1)),
                        static_cast<std::uint64_t>(found->number(0, 2))};
}

task<result<std::string>> get_piece::run(connection& on, time_point until) const {
  parameters values;
  values.text(upload).number(position);
  auto found =
      co_await on.execute("SELECT bytes FROM music_audio_pieces WHERE audio_id = $1 AND position = $2", std::move(values), until);
  if (!found) co_return found.error();
  if (found->empty()) co_return error{errc::store_unavailable, "PostgreSQL: the song was erased while it was read"};
  co_return found->text(0, 0);
}

task<result<std::vector<std::string>>> find_songs::run(connection& on, time_point until) const {
  parameters values;
  values.text(owner.text());
  auto found = co_await on.execute("SELECT key FROM music_audio WHERE job_id = $1 AND key IS NOT NULL", std::move(values), until);
  if (!found) co_return found.error();
  std::vector<std::string> keys;
  keys.reserve(found->size());
  for (std::size_t row = 0; row < found->size(); ++row) keys.push_back(found->text(row, 0));
  co_return keys;
}

task<result<nothing>> erase_song::run(connection& on, time_point until) const {
  parameters values;
  values.text(key);
  co_return co_await carry_out(on, "DELETE FROM music_audio WHERE key = $1", std::move(values), until);
}

}  // namespace music::postgres
