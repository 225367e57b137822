#include <music/base/base64.hpp>

#include <cstdint>

namespace music {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t group_bytes = 3;
constexpr std::size_t group_characters = 4;

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + group_bytes - 1) / group_bytes * group_characters);
  for (std::size_t at = 0; at < bytes.size(); at += group_bytes) {
    const auto group = bytes.substr(at, group_bytes);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < group_bytes; ++i)
      bits = bits << 8U | (i < group.size() ? static_cast<std::uint8_t>(group[i]) : 0U);
    for (std::size_t i = 0; i < group_characters; ++i) {
      const auto index = bits >> (18U - 6U * i) & 0x3FU;
      text += i <= group.size() ? alphabet[index] : '=';
    }
  }
  return text;
}

std::optional<std::string> parse_base64(std::string_view text) {
  if (text.size() % group_characters != 0) return std::nullopt;
  const auto padding = text.ends_with("==") ? 2U : text.ends_with('=') ? 1U : 0U;
  std::string bytes;
  std::uint32_t bits = 0;
  std::size_t taken = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const auto index = alphabet.find(c);
    if (index == std::string_view::npos) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(index);
    if (++taken % group_characters != 1) bytes += static_cast<char>(bits >> (6U - 2U * ((taken - 1) % group_characters)) & 0xFFU);
  }
  // one text for each value: what the padding cut off must be zero
  if (to_base64(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace music
