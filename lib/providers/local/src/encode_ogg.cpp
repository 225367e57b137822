#include "encode.hpp"

#include <array>
#include <string_view>

namespace music::local {
namespace {

// RFC 3533, section 6: where the fields of a page header are.
constexpr std::size_t serial_at = 14;
constexpr std::size_t checksum_at = 22;
constexpr std::size_t segment_count_at = 26;
constexpr std::size_t header_size = 27;

constexpr std::array<std::uint32_t, 256> checksum_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i << 24U;
    for (int bit = 0; bit < 8; ++bit) value = (value << 1U) ^ ((value & 0x80000000U) != 0 ? 0x04C11DB7U : 0U);
    table[i] = value;
  }
  return table;
}

std::uint32_t checksum(std::string_view page) noexcept {
  static constexpr auto table = checksum_table();
  std::uint32_t sum = 0;
  for (const char c : page) sum = (sum << 8U) ^ table[(sum >> 24U) ^ static_cast<std::uint8_t>(c)];
  return sum;
}

void put_little_endian(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i) & 0xFFU);
}

/// The size of the page at `at`, or 0 if there is no whole page.
std::size_t page_size(std::string_view bytes, std::size_t at) noexcept {
  if (bytes.size() - at < header_size || !bytes.substr(at).starts_with("OggS")) return 0;
  const std::size_t segments = static_cast<std::uint8_t>(bytes[at + segment_count_at]);
  std::size_t size = header_size + segments;
  if (bytes.size() - at < size) return 0;
  for (std::size_t i = 0; i < segments; ++i) size += static_cast<std::uint8_t>(bytes[at + header_size + i]);
  return bytes.size() - at < size ? 0 : size;
}

}  // namespace

result<void> fix_ogg_serial(std::string& bytes, std::uint64_t seed) {
  const auto serial = static_cast<std::uint32_t>(seed ^ (seed >> 32U));
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = page_size(bytes, at);
    if (size == 0) return error{errc::internal, "not an Ogg page"};
    put_little_endian(bytes, at + serial_at, serial);
    put_little_endian(bytes, at + checksum_at, 0);
    put_little_endian(bytes, at + checksum_at, checksum(std::string_view{bytes}.substr(at, size)));
    at += size;
  }
  return {};
}

}  // namespace music::local
