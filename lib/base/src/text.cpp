#include <music/base/text.hpp>

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace music {
namespace {

/// Unicode White_Space beyond ASCII (PropList.txt, Unicode 15).
constexpr std::array<char32_t, 19> wide_spaces{0x85,   0xa0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
                                               0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000};

bool is_space(char32_t c) {
  return c == ' ' || (c >= 0x09 && c <= 0x0d) || std::find(wide_spaces.begin(), wide_spaces.end(), c) != wide_spaces.end();
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t sequence_length(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

}  // namespace

std::optional<decoded> decode_utf8(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = sequence_length(lead);
  if (length == 0 || length > text.size()) return std::nullopt;
  if (length == 1) return decoded{lead, 1};
  char32_t value = lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0u) != 0x80u) return std::nullopt;
    value = (value << 6) | (byte & 0x3fu);
  }
  const bool over_long = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (over_long || surrogate || value > 0x10ffff) return std::nullopt;
  return decoded{value, length};
}

std::optional<std::size_t> count_code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  while (!text.empty()) {
    const auto next = decode_utf8(text);
    if (!next) return std::nullopt;
    text.remove_prefix(next->bytes);
    ++count;
  }
  return count;
}

bool valid_utf8(std::string_view text) noexcept { return count_code_points(text).has_value(); }

std::string_view first_code_points(std::string_view text, std::size_t count) noexcept {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) {
    const auto next = decode_utf8(text.substr(at));
    if (!next) break;
    at += next->bytes;
  }
  return text.substr(0, at);
}

std::string_view trim(std::string_view text) noexcept {
  for (auto next = decode_utf8(text); next && is_space(next->code_point); next = decode_utf8(text))
    text.remove_prefix(next->bytes);
  while (!text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xc0u) == 0x80u) --begin;
    const auto last = decode_utf8(text.substr(begin));
    if (!last || !is_space(last->code_point)) break;
    text.remove_suffix(text.size() - begin);
  }
  return text;
}

std::string to_lower_ascii(std::string_view text) {
  std::string lowered{text};
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
  return lowered;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

struct pattern::compiled {
  explicit compiled(const std::string& expression) : regex(expression, RE2::Quiet) {}
  RE2 regex;
};

pattern::pattern(std::string_view expression) : compiled_(std::make_unique<compiled>(std::string{expression})) {
  if (!compiled_->regex.ok()) throw std::invalid_argument("pattern: " + compiled_->regex.error());
}
pattern::~pattern() = default;
pattern::pattern(pattern&&) noexcept = default;
pattern& pattern::operator=(pattern&&) noexcept = default;

bool pattern::matches(std::string_view text) const {
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), compiled_->regex);
}

}  // namespace music
