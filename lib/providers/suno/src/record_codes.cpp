#include "record_codes.hpp"

#include "gateway_answer.hpp"

#include <algorithm>
#include <array>

namespace music::suno {
namespace {

// docs.sunoapi.org, generate-music and get-music-generation-details, V6 era (read 2026-11-22)
constexpr std::array sunoapi{code_row{400, code_meaning::refused},        code_row{401, code_meaning::authentication},
                             code_row{403, code_meaning::authentication}, code_row{404, code_meaning::unknown_task},
                             code_row{405, code_meaning::rate},           code_row{413, code_meaning::refused},
                             code_row{429, code_meaning::quota},          code_row{430, code_meaning::rate},
                             code_row{455, code_meaning::maintenance},    code_row{503, code_meaning::maintenance}};

// docs.kie.ai, suno-api (read 2026-11-22); 531 is hearsay
constexpr std::array kie{code_row{400, code_meaning::refused},      code_row{401, code_meaning::authentication},
                         code_row{402, code_meaning::quota},        code_row{403, code_meaning::authentication},
                         code_row{404, code_meaning::unknown_task}, code_row{405, code_meaning::rate},
                         code_row{409, code_meaning::refused},      code_row{422, code_meaning::refused},
                         code_row{429, code_meaning::rate},         code_row{430, code_meaning::rate},
                         code_row{451, code_meaning::refused},      code_row{455, code_meaning::maintenance},
                         code_row{501, code_meaning::failed_song},  code_row{503, code_meaning::maintenance},
                         code_row{531, code_meaning::failed_song}};

}  // namespace

std::span<const code_row> sunoapi_codes() noexcept { return sunoapi; }
std::span<const code_row> kie_codes() noexcept { return kie; }

code_meaning meaning_of(int code, std::span<const code_row> host) noexcept {
  const auto found = std::ranges::find(host, code, &code_row::code);
  if (found != host.end()) return found->meaning;
  return code >= 500 ? code_meaning::server : code_meaning::refused;
}

error failure_of(code_meaning meaning, const upstream::complaint& why, std::optional<std::chrono::seconds> wait) {
  std::string detail = "code " + std::to_string(why.code.value_or(0));
  switch (meaning) {
    case code_meaning::refused:
      if (says_moderation(why)) return error{errc::content_rejected, std::move(detail)};
      return error{says_quota(why) ? errc::quota_exhausted : errc::api_error, std::move(detail)};
    case code_meaning::authentication: return error{errc::authentication, std::move(detail)};
    case code_meaning::unknown_task: return upstream::passing(errc::song_unknown, std::move(detail), wait);  // or not known yet
    case code_meaning::quota: return error{errc::quota_exhausted, std::move(detail)};
    case code_meaning::rate:
      if (says_quota(why)) return error{errc::quota_exhausted, std::move(detail)};
      return upstream::passing(errc::rate_limit, std::move(detail), wait);
    case code_meaning::maintenance:
    case code_meaning::server: return upstream::passing(errc::api_error, std::move(detail), wait);
    case code_meaning::failed_song: return error{errc::generation_failed, std::move(detail)};
  }
  return error{errc::internal};
}

submission_fate fate_of(code_meaning meaning) noexcept {
  const bool open = meaning == code_meaning::server || meaning == code_meaning::failed_song;
  return open ? submission_fate::unknown : submission_fate::refused;
}

}  // namespace music::suno
