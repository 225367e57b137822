#include <music/base/time.hpp>

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace music {
namespace {

using namespace std::chrono;

constexpr std::array weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr seconds longest_duration = days{3653};
constexpr seconds longest_retry_after = hours{24};

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size() || value < 0 || text.empty()) return std::nullopt;
  return value;
}

std::optional<wall_time> parse_date(const char* format, const std::string& text) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), format, &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return wall_time{seconds{timegm(&parts)}};
}

}  // namespace

std::string to_rfc3339(wall_time time) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  char text[40];
  const int length = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                   static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                                   static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text, static_cast<std::size_t>(length)};
}

std::optional<wall_time> parse_rfc3339(std::string_view text) {
  if (text.size() != 24 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text[19] != '.' || text[23] != 'Z') {
    return std::nullopt;
  }
  const auto y = digits(text, 0, 4), mo = digits(text, 5, 2), d = digits(text, 8, 2), h = digits(text, 11, 2),
             mi = digits(text, 14, 2), s = digits(text, 17, 2), ms = digits(text, 20, 3);
  if (!y || !mo || !d || !h || !mi || !s || !ms) return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok() || *h > 23 || *mi > 59 || *s > 59) return std::nullopt;
  return wall_time{sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s} + milliseconds{*ms}};
}

std::string to_http_date(wall_time time) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(time - day)};
  char text[64];
  const int length = std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT", weekdays[weekday{day}.c_encoding()],
                                   static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                                   static_cast<int>(date.year()), static_cast<int>(clock.hours().count()),
                                   static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return {text, static_cast<std::size_t>(length)};
}

result<seconds> parse_duration(std::string_view text) {
  std::int64_t unit_seconds = 1;
  if (!text.empty()) {
    const char last = text.back();
    unit_seconds = last == 'd' ? 86400 : last == 'h' ? 3600 : last == 'm' ? 60 : 1;
    if (last == 's' || last == 'm' || last == 'h' || last == 'd') text.remove_suffix(1);
  }
  const auto value = whole_number(text);
  if (!value || *value > longest_duration.count() / unit_seconds) return error{errc::invalid_argument};
  return seconds{*value * unit_seconds};
}

std::optional<seconds> parse_retry_after(std::string_view text, wall_time now) {
  if (const auto value = whole_number(text)) return std::min(seconds{*value}, longest_retry_after);
  const std::string date{text};
  // RFC 9110 5.6.7: IMF-fixdate, then the two obsolete forms that a recipient must still read
  auto at = parse_date("%a, %d %b %Y %H:%M:%S GMT", date);
  if (!at) at = parse_date("%A, %d-%b-%y %H:%M:%S GMT", date);
  if (!at) at = parse_date("%a %b %d %H:%M:%S %Y", date);
  if (!at) return std::nullopt;
  if (*at <= now) return seconds{0};
  return std::min(ceil<seconds>(*at - now), longest_retry_after);
}

}  // namespace music
