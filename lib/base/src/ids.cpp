#include <music/base/ids.hpp>

namespace music {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::string_view prefix = "job_";
constexpr std::size_t time_characters = 10;
constexpr std::size_t random_characters = 26;

void append_random(std::string& text, random_source& random, std::size_t count) {
  std::uint64_t word = 0;
  for (std::size_t i = 0, bits = 0; i < count; ++i, bits -= 5, word >>= 5) {
    if (bits < 5) {
      word = random.next();
      bits = 64;
    }
    text.push_back(alphabet[word & 31]);
  }
}

}  // namespace

job_id job_id::make(random_source& random, wall_time now) {
  std::string text{prefix};
  const auto since_epoch = static_cast<std::uint64_t>(now.time_since_epoch().count());
  for (std::size_t i = time_characters; i-- > 0;) text.push_back(alphabet[(since_epoch >> (5 * i)) & 31]);
  append_random(text, random, random_characters);
  return job_id{std::move(text)};
}

std::optional<job_id> job_id::parse(std::string_view text) {
  if (text.size() != prefix.size() + time_characters + random_characters || !text.starts_with(prefix)) return std::nullopt;
  if (text.find_first_not_of(alphabet, prefix.size()) != std::string_view::npos) return std::nullopt;
  return job_id{std::string{text}};
}

std::string make_request_id(random_source& random) {
  std::string text;
  text.reserve(random_characters);
  append_random(text, random, random_characters);
  return text;
}

}  // namespace music
