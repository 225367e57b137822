#include <music/base/redact.hpp>

#include <cctype>
#include <cstdio>
#include <mutex>
#include <vector>

namespace music {
namespace {

constexpr std::size_t shortest_secret = 6;
constexpr std::size_t longest_output = 512;
constexpr std::string_view mask = "[redacted]";

struct registry {
  std::mutex mutex;
  std::vector<std::string> values;
};

registry& secrets() {
  static registry instance;
  return instance;
}

bool token_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || c == '+' || c == '/' || c == '=';
}

/// Masks the run of token bytes that follows each occurrence of `marker`, if the run is long enough to be a key.
void mask_tokens_after(std::string& text, std::string_view marker, std::size_t shortest, bool mask_marker) {
  for (std::size_t at = text.find(marker); at != std::string::npos; at = text.find(marker, at)) {
    const std::size_t begin = at + marker.size();
    std::size_t end = begin;
    while (end < text.size() && token_byte(text[end])) ++end;
    if (end - begin < shortest) {
      at = begin;
      continue;
    }
    const std::size_t from = mask_marker ? at : begin;
    text.replace(from, end - from, mask);
    at = from + mask.size();
  }
}

std::string escape_controls(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      safe.push_back(c);
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
      safe += escaped;
    }
  }
  return safe;
}

}  // namespace

void register_secret(std::string_view value) {
  if (value.size() < shortest_secret) return;
  auto& known = secrets();
  const std::lock_guard lock{known.mutex};
  known.values.emplace_back(value);
}

std::string redact(std::string_view text) {
  std::string safe{text.substr(0, longest_output * 4)};
  {
    auto& known = secrets();
    const std::lock_guard lock{known.mutex};
    for (const auto& value : known.values) {
      for (std::size_t at = safe.find(value); at != std::string::npos; at = safe.find(value, at + mask.size())) {
        safe.replace(at, value.size(), mask);
      }
    }
  }
  mask_tokens_after(safe, "Bearer ", 1, false);
  mask_tokens_after(safe, "bearer ", 1, false);
  mask_tokens_after(safe, "sk-", 8, true);
  safe = escape_controls(safe);
  if (safe.size() > longest_output) safe.resize(longest_output);
  return safe;
}

}  // namespace music
