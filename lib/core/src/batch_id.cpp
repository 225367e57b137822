#include <music/core/batch_id.hpp>

#include <music/base/hash.hpp>

#include <cstdint>
#include <stdexcept>

namespace music {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::string_view prefix = "batch_";
constexpr std::string_view job_prefix = "job_";
constexpr std::size_t time_characters = 10;
constexpr std::size_t size_characters = 2;
constexpr std::size_t derived_characters = 26;

/// What the characters stand for, read as one number. They must be of the alphabet.
std::uint64_t number(std::string_view characters) noexcept {
  std::uint64_t value = 0;
  for (const char each : characters) value = value << 5 | alphabet.find(each);
  return value;
}

/// The first `count` groups of five bits.
std::string characters(const sha256_digest& digest, std::size_t count) {
  std::string text;
  unsigned word = 0;
  int bits = 0;
  for (auto byte = digest.begin(); text.size() < count;) {
    if (bits < 5) {
      word = (word << 8 | *byte++) & 0xfff;
      bits += 8;
    }
    bits -= 5;
    text.push_back(alphabet[word >> bits & 31]);
  }
  return text;
}

}  // namespace

batch_id batch_id::make(random_source& random, wall_time now, std::size_t size) {
  if (size < 1 || size > largest_batch) throw std::invalid_argument("a batch of no or too many jobs");
  std::string text{prefix};
  text += job_id::make(random, now).text().substr(job_prefix.size());
  text.push_back(alphabet[size >> 5]);
  text.push_back(alphabet[size & 31]);
  return batch_id{std::move(text)};
}

std::optional<batch_id> batch_id::parse(std::string_view text) {
  if (!text.starts_with(prefix) || text.size() < prefix.size() + size_characters) return std::nullopt;
  const auto size = text.substr(text.size() - size_characters);
  auto as_job = std::string{job_prefix};
  as_job += text.substr(prefix.size(), text.size() - prefix.size() - size_characters);
  if (!job_id::parse(as_job) || size.find_first_not_of(alphabet) != std::string_view::npos) return std::nullopt;
  if (number(size) < 1 || number(size) > largest_batch) return std::nullopt;
  return batch_id{std::string{text}};
}

std::size_t batch_id::size() const noexcept {
  return empty() ? 0 : number(std::string_view{text_}.substr(text_.size() - size_characters));
}

wall_time batch_id::created_at() const noexcept {
  if (empty()) return {};
  const auto since_epoch = number(std::string_view{text_}.substr(prefix.size(), time_characters));
  return wall_time{std::chrono::milliseconds{since_epoch}};
}

job_id batch_id::job(std::size_t place) const {
  std::string text{job_prefix};
  text += std::string_view{text_}.substr(prefix.size(), time_characters);
  text += characters(sha256_of(text_ + '/' + std::to_string(place)), derived_characters);
  return job_id::parse(text).value();
}

}  // namespace music
