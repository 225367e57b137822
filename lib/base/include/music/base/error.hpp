#pragma once

/// What can go wrong, as values.
///
/// Expected failures travel as `result<T>`; exceptions are for cancellation, broken invariants and start-up.
/// An `error` says what happened (`code`), carries a private `detail` for the log and, where an upstream said so, how
/// long to wait. The text that a client sees is a pure function of the code, made in `lib/http`: nothing in this
/// header can be serialised to a client by accident.

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace music {

/// Every way an operation of this service is expected to fail. The comment says what the caller may do.
enum class errc : std::uint8_t {
  // the caller's doing
  invalid_argument,   ///< a value outside its rules; correct it
  unauthorized,       ///< no key, or none that we know
  forbidden,          ///< a known key that may not do this
  not_found,          ///< no such thing, or not the caller's
  conflict,           ///< the thing's state does not allow it now
  key_reused,         ///< an idempotency key with another request
  key_spent,          ///< an idempotency key whose job was erased
  queue_full,         ///< too many jobs; try later
  draining,           ///< the process is ending; try another or later

  // an upstream's doing
  rate_limit,         ///< wait `retry_after`, then try again
  authentication,     ///< our key was refused; a person must look
  quota_exhausted,    ///< paid quota is used up; a person must look
  openai_api,         ///< the language model's server failed
  timeout,            ///< no answer in time
  request_error,      ///< the connection failed
  api_error,          ///< the music service's server failed or refused
  invalid_response,   ///< an answer outside the documented form
  content_rejected,   ///< refused by moderation
  generation_failed,  ///< the music service says that this song failed
  generation_timeout, ///< the polling budget is spent and the song is not there
  submission_unknown, ///< a paid request may or may not have been accepted; never resubmit by itself
  song_unknown,       ///< the music service does not know the song (any more)
  result_unavailable, ///< the song is said to be ready and its bytes cannot be had

  // ours
  deadline_exceeded,  ///< the caller's own deadline passed
  canceled,           ///< somebody asked to stop
  store_unavailable,  ///< database or disk; try later
  lease_lost,         ///< another instance works on the job now
  unsupported,        ///< not possible with what is configured
  internal,           ///< a bug or an invariant; look at the log
};

/// The code's name as it is spelt in the contract and in logs, e.g. "rate_limit". Never null.
[[nodiscard]] std::string_view name(errc code) noexcept;

/// An expected failure. Cheap to move; `detail` is PRIVATE: for logs only, it may quote an upstream.
struct [[nodiscard]] error {
  errc code = errc::internal;
  std::string detail{};
  std::optional<std::chrono::seconds> retry_after{};
  bool transient = false;  ///< the same again a little later may succeed: 408, 425, 429, 5xx, a lost connection
  boost::source_location where{};

  error() = default;
  error(errc c, std::string d = {}, boost::source_location w = BOOST_CURRENT_LOCATION)  // NOLINT(google-explicit-constructor)
      : code(c), detail(std::move(d)), where(w) {}
};

/// Thrown by `result::value()` on an error: asking without looking is a broken invariant.
[[noreturn]] void throw_exception_from_error(const error& failure, const boost::source_location& where);

template <class T>
using result = boost::system::result<T, error>;

}  // namespace music
