#pragma once

/// How variables are read: the same words for the same mistakes.

#include "config.hpp"

#include <charconv>
#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace music::service {

/// API keys; some are JSON Web Tokens.
inline constexpr std::size_t longest_secret = 4096;
/// Browsers hold at least 4096 bytes for each cookie (RFC 6265, section 6.1), and an account can have several.
inline constexpr std::size_t longest_header_value = 8192;

/// Reads the variables one after another and keeps the first thing that is wrong. What is not set leaves `into` as it is.
class reader {
 public:
  /// `lookup` must outlive it.
  explicit reader(const environment& lookup) : lookup_(lookup) {}

  /// Nothing for an empty value.
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;

  void refuse(std::string_view name, std::string_view accepted);

  void set_text(std::string_view name, std::string& into) const;
  void set_duration(std::string_view name, std::chrono::seconds& into, std::chrono::seconds least);
  void set_flag(std::string_view name, bool& into);

  /// A key: visible ASCII, no placeholder left over from the template.
  void set_secret(std::string_view name, secret& into);

  /// A secret that is sent as a header's whole value: printable ASCII without a blank at either end (RFC 9110, section 5.5).
  void set_header_value(std::string_view name, secret& into);

  template <class Number>
  void set_number(std::string_view name, Number& into, Number least, Number most) {
    const auto value = text(name);
    if (!value) return;
    Number number{};
    const auto [end, ec] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (ec == std::errc{} && end == value->data() + value->size() && number >= least && number <= most) into = number;
    else refuse(name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }

  template <class Choice>
  void set_choice(std::string_view name, Choice& into, std::initializer_list<std::pair<std::string_view, Choice>> choices) {
    const auto value = text(name);
    if (!value) return;
    std::string accepted;
    for (const auto& [word, choice] : choices) {
      if (*value == word) {
        into = choice;
        return;
      }
      accepted += accepted.empty() ? "" : ", ";
      accepted += word;
    }
    refuse(name, "one of " + accepted);
  }

  /// Empty if nothing is wrong.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

 private:
  const environment& lookup_;
  std::string problem_;
};

/// The parts of a comma-separated list, trimmed, without the empty ones. The views are into `list`, which must outlive them.
[[nodiscard]] std::vector<std::string_view> split(std::string_view list);

/// 1 to 64 characters of A-Z a-z 0-9 _ - .
[[nodiscard]] bool plain_name(std::string_view name);

/// 0x21 to 0x7e and nothing else.
[[nodiscard]] bool is_visible(std::string_view text);

/// An https:// URL without query; http:// on a loopback address if `insecure_allowed`. What `into` holds is checked too.
void read_base_url(reader& in, std::string_view name, std::string& into, bool insecure_allowed);

}  // namespace music::service
