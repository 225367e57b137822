#include <music/base/text.hpp>
#include <music/providers/upstream/answer.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace music::upstream {
namespace {

constexpr std::size_t deepest_json = 32;
constexpr std::ptrdiff_t most_commas = 100'000;
constexpr std::size_t longest_complaint = 4096;
constexpr std::size_t longest_request_id = 64;
constexpr double largest_whole_double = 9007199254740992.0;  // 2^53
constexpr double longest_wait_ms = 86'400'000;               // a day

bool json_media_type(std::string_view header) {
  const auto type = to_lower_ascii(trim(header.substr(0, header.find(';'))));
  return type == "application/json" || type == "text/json" || type == "text/plain" || type.ends_with("+json");
}

void append_words(std::string& words, std::string_view text) {
  if (words.size() >= longest_complaint) return;
  words += to_lower_ascii(text.substr(0, longest_complaint - words.size()));
  words += '\n';
}

std::optional<int> number_from(std::string_view digits) {
  int value = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (ec != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

void read_members(const json::object& from, complaint& into) {
  for (const auto* member : {"message", "msg", "detail", "type", "code", "param", "error", "error_message"}) {
    if (const auto text = text_of(from, member)) append_words(into.words, *text);
  }
  for (const auto* member : {"code", "status_code", "status"}) {
    if (into.code) return;
    if (const auto number = natural_of(from, member); number && *number <= 999) into.code = static_cast<int>(*number);
    if (const auto text = text_of(from, member); text && !into.code) into.code = number_from(*text);
  }
}

std::optional<std::chrono::seconds> milliseconds_asked_for(std::string_view text) {
  double ms = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (ec != std::errc{} || end != text.data() + text.size() || !(ms >= 0)) return std::nullopt;
  return std::chrono::seconds{static_cast<std::int64_t>(std::ceil(std::min(ms, longest_wait_ms) / 1000))};
}

}  // namespace

result<json::value> read_value(const net::http_response& response) {
  if (const auto type = response.header("Content-Type"); type && !json_media_type(*type)) {
    return error{errc::invalid_response, "not a JSON media type"};
  }
  if (std::ranges::count(response.body, ',') > most_commas) return error{errc::invalid_response, "JSON of too many values"};
  json::parse_options strict;
  strict.max_depth = deepest_json;
  boost::system::error_code ec;
  auto document = json::parse(response.body, ec, {}, strict);
  if (ec) return error{errc::invalid_response, "not JSON: " + ec.message()};
  return document;
}

result<json::object> read_object(const net::http_response& response) {
  auto document = read_value(response);
  if (!document) return document.error();
  if (!document->is_object()) return error{errc::invalid_response, "JSON, but no object"};
  return std::move(document->get_object());
}

std::optional<std::string_view> text_of(const json::object& from, std::string_view member) {
  const auto* found = from.if_contains(member);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return std::string_view{found->get_string().data(), found->get_string().size()};
}

std::optional<std::int64_t> natural_of(const json::object& from, std::string_view member) {
  const auto* found = from.if_contains(member);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  const auto value = found->to_number<double>();
  if (!(value >= 0) || value > largest_whole_double || value != std::floor(value)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

const json::object* object_of(const json::object& from, std::string_view member) {
  const auto* found = from.if_contains(member);
  return found == nullptr ? nullptr : found->if_object();
}

bool complaint::says(std::initializer_list<std::string_view> any_of) const {
  return std::any_of(any_of.begin(), any_of.end(),
                     [this](std::string_view word) { return words.find(word) != std::string::npos; });
}

complaint read_complaint(const json::object& body) {
  complaint found;
  if (const auto* nested = object_of(body, "error")) read_members(*nested, found);
  if (const auto* nested = object_of(body, "detail")) read_members(*nested, found);
  read_members(body, found);
  return found;
}

complaint read_complaint(const net::http_response& response) {
  const auto body = read_object(response);
  return body ? read_complaint(*body) : complaint{};
}

std::optional<std::chrono::seconds> wait_asked_for(const net::http_response& response, wall_time now) {
  if (const auto exact = response.header("retry-after-ms")) {
    if (const auto wait = milliseconds_asked_for(trim(*exact))) return wait;
  }
  const auto header = response.header("Retry-After");
  return header ? parse_retry_after(trim(*header), now) : std::nullopt;
}

std::string request_id_of(const net::http_response& response) {
  std::string id{response.header("x-request-id").value_or("").substr(0, longest_request_id)};
  std::erase_if(id, [](char c) { return c <= ' ' || c > '~'; });
  return id;
}

error passing(errc code, std::string detail, std::optional<std::chrono::seconds> retry_after) {
  error failure{code, std::move(detail)};
  failure.retry_after = retry_after;
  failure.transient = true;
  return failure;
}

error failure_of(const net::exchange_failure& failure) {
  switch (failure.why.code) {
    case errc::timeout:
    case errc::request_error: return passing(failure.why.code, failure.why.detail);
    case errc::invalid_response: return error{errc::invalid_response, failure.why.detail};
    default: return error{errc::api_error, "the request could not be sent: " + failure.why.detail};
  }
}

}  // namespace music::upstream
