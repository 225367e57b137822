// The grammars of single header values under libFuzzer: what is accepted keeps its promise.
#include "header_values.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace music::http;
  constexpr std::uint64_t file_size = 1000;
  const std::string_view value{reinterpret_cast<const char*>(data), size};  // NOLINT: libFuzzer's type

  const auto key = parse_idempotency_key(value);
  require(!key || (!key->empty() && key->size() <= 255));
  const auto wait = parse_wait(value);
  require(!wait || wait->count() >= 0);
  const auto range = choose_range(value, file_size);
  require(range.outcome != range_outcome::part ||
          (range.part.length > 0 && range.part.first < file_size && range.part.length <= file_size - range.part.first));
  static_cast<void>(matches_etag(value, "\"7\""));
  static_cast<void>(is_json(value));
  static_cast<void>(accepts_json(value));
  for (const char c : content_disposition(value, "mp3")) require(c >= 0x20 && c < 0x7f);
  return 0;
}
