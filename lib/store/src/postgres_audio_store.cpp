#include "postgres_pieces.hpp"
#include "postgres_stores.hpp"

#include <music/base/hash.hpp>
#include <music/base/ids.hpp>

#include <algorithm>

namespace music::postgres {
namespace {

constexpr std::size_t suffix_characters = 8;

/// Cuts what is appended into pieces. Each piece is durable when `append` has succeeded; only the key, set at the end, makes
/// a song of them.
class postgres_writer final : public audio_writer {
 public:
  postgres_writer(client& database, std::string id, job_id owner)
      : database_(database), id_(std::move(id)), owner_(std::move(owner)) {}

  ~postgres_writer() override {
    if (kept_) return;
    discard_upload errand{id_};
    database_.dispatch(std::move(errand));
  }
  postgres_writer(const postgres_writer&) = delete;
  postgres_writer& operator=(const postgres_writer&) = delete;

  task<result<void>> append(std::string bytes) override {
    hash_.update(bytes);
    size_ += bytes.size();
    rest_ += bytes;
    while (!failure_ && rest_.size() >= piece_bytes) co_await put(piece_bytes);
    if (failure_) co_return *failure_;
    co_return result<void>{};
  }

  task<result<stored_audio>> commit() override {
    if (committed_) co_return error{errc::internal, "audio: committed twice"};
    committed_ = true;
    if (!failure_ && !rest_.empty()) co_await put(rest_.size());
    if (failure_) co_return *failure_;
    stored_audio stored{{}, to_hex(hash_.finish()), size_};
    stored.key = stored.sha256 + "-" + owner_.text() + "-" + id_.substr(0, suffix_characters);
    finish_upload errand{id_, stored.key, static_cast<std::int64_t>(size_)};
    auto done = co_await database_.run(std::move(errand));
    if (!done) co_return done.error();
    kept_ = true;
    co_return stored;
  }

 private:
  /// A song that failed once is never committed: what it lacks would be found too late.
  task<void> put(std::size_t count) {
    put_piece errand{id_, next_, rest_.substr(0, count)};
    auto done = co_await database_.run(std::move(errand));
    if (!done) {
      failure_ = done.error();
      co_return;
    }
    rest_.erase(0, count);
    ++next_;
  }

  client& database_;
  const std::string id_;
  const job_id owner_;
  sha256 hash_;
  std::uint64_t size_ = 0;
  std::string rest_;       ///< shorter than a piece between two calls
  std::int64_t next_ = 0;  ///< position of the next piece
  std::optional<error> failure_;
  bool committed_ = false;
  bool kept_ = false;
};

/// Holds the piece that was read last: a song is read in order, a little at a time.
class postgres_reader final : public audio_reader {
 public:
  postgres_reader(client& database, opened_song song) : database_(database), song_(std::move(song)) {}

  std::uint64_t size() const noexcept override { return song_.size_bytes; }

  task<result<std::string>> read(std::uint64_t offset, std::size_t count) override {
    std::string bytes;
    const auto end = offset < song_.size_bytes ? offset + std::min<std::uint64_t>(count, song_.size_bytes - offset) : offset;
    while (offset < end) {
      auto there = co_await load(static_cast<std::int64_t>(offset / song_.piece_bytes));
      if (!there) co_return there.error();
      const auto from = static_cast<std::size_t>(offset % song_.piece_bytes);
      if (from >= piece_.size()) co_return error{errc::store_unavailable, "audio: a piece is too short"};
      const auto part = piece_.substr(from, static_cast<std::size_t>(end - offset));
      bytes += part;
      offset += part.size();
    }
    co_return bytes;
  }

 private:
  task<result<void>> load(std::int64_t position) {
    if (position == position_) co_return result<void>{};
    get_piece errand{song_.id, position};
    auto piece = co_await database_.run(std::move(errand));
    if (!piece) co_return piece.error();
    piece_ = std::move(*piece);
    position_ = position;
    co_return result<void>{};
  }

  client& database_;
  const opened_song song_;
  std::int64_t position_ = -1;
  std::string piece_;
};

class postgres_audio_store final : public audio_store {
 public:
  postgres_audio_store(std::shared_ptr<client> database, std::string me) : database_(std::move(database)), me_(std::move(me)) {}

  task<result<std::unique_ptr<audio_writer>>> create(job_id owner) override {
    auto id = make_request_id(system_random());
    // made first: if this await is abandoned, its end takes the upload away again
    std::unique_ptr<audio_writer> writer = std::make_unique<postgres_writer>(*database_, id, owner);
    begin_upload errand{std::move(id), std::move(owner), me_};
    auto begun = co_await database_->run(std::move(errand));
    if (!begun) co_return begun.error();
    co_return writer;
  }

  task<result<std::unique_ptr<audio_reader>>> open(std::string key) override {
    open_song errand{std::move(key)};
    auto song = co_await database_->run(std::move(errand));
    if (!song) co_return song.error();
    std::unique_ptr<audio_reader> reader = std::make_unique<postgres_reader>(*database_, std::move(*song));
    co_return reader;
  }

  task<result<void>> erase(std::string key) override {
    erase_song errand{std::move(key)};
    auto done = co_await database_->run(std::move(errand));
    if (!done) co_return done.error();
    co_return result<void>{};
  }

  task<result<std::vector<std::string>>> find(job_id owner) override {
    find_songs errand{std::move(owner)};
    auto found = co_await database_->run(std::move(errand));
    co_return found;
  }

 private:
  std::shared_ptr<client> database_;
  const std::string me_;
};

}  // namespace

std::unique_ptr<audio_store> make_audio_store(std::shared_ptr<client> database, std::string holder) {
  return std::make_unique<postgres_audio_store>(std::move(database), std::move(holder));
}

}  // namespace music::postgres
