#include "api.hpp"

#include "header_values.hpp"

#include <charconv>

namespace music::http {
namespace {

std::optional<audio_format> format_of(std::string_view media_type) noexcept {
  for (const auto format : {audio_format::mp3, audio_format::ogg, audio_format::flac, audio_format::wav, audio_format::mp4}) {
    if (content_type(format) == media_type) return format;
  }
  return std::nullopt;
}

/// `/jobs/<id>/audio` is the first track. Numbers have no leading zeros: one song, one address.
const track* chosen_track(const job& job, const route_match& where) noexcept {
  std::size_t index = 0;
  if (where.found->where == endpoint::track_audio) {
    const auto text = where.number;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (ec != std::errc{} || end != text.data() + text.size() || (text.size() > 1 && text.front() == '0')) return nullptr;
  }
  return index < job.tracks.size() ? &job.tracks[index] : nullptr;
}

/// A date in If-Range never matches, because answers carry no Last-Modified.
bool range_applies(const request_head& head, std::string_view etag) noexcept {
  return head.has(field::range) && (!head.has(field::if_range) || head.value(field::if_range) == etag);
}

void describe_song(response& answer, const track& song, std::string_view etag) {
  const auto format = format_of(song.content_type);
  answer.content_type = format ? content_type(*format) : "application/octet-stream";
  answer.headers.add("ETag", etag);
  answer.headers.add("Cache-Control", revalidated);
  answer.headers.add("Accept-Ranges", "bytes");
  answer.headers.add("Content-Disposition", content_disposition(song.title, format ? name(*format) : "bin"));
}

void describe_part(response& answer, const byte_range& part, std::uint64_t size) {
  answer.status = 206;
  answer.headers.add("Content-Range", "bytes " + std::to_string(part.first) + "-" + std::to_string(part.first + part.length - 1) +
                                          "/" + std::to_string(size));
}

}  // namespace

task<response> api::get_audio(request in) {
  auto finding = lookup_.find(in.where.id, in.by);
  const auto job = co_await std::move(finding);
  if (!job) co_return fail(job.error(), in);
  const auto* const song = chosen_track(**job, in.where);
  if (song == nullptr) co_return fail(problem::not_found, in);
  const auto etag = '"' + song->sha256 + '"';
  if (matches_etag(in.head->value(field::if_none_match), etag)) co_return not_modified(etag);

  auto opening = ports_.audio.open(song->audio_key);
  auto opened = co_await std::move(opening);
  if (!opened) co_return fail(opened.error(), in);
  const auto size = (*opened)->size();
  range_choice choice{range_outcome::whole, {0, size}};
  if (in.head->verb == method::get && range_applies(*in.head, etag)) choice = choose_range(in.head->value(field::range), size);
  if (choice.outcome == range_outcome::unsatisfiable) {
    auto answer = fail(problem::range_not_satisfiable, in);
    answer.headers.add("Content-Range", "bytes */" + std::to_string(size));
    co_return answer;
  }
  response answer;
  describe_song(answer, *song, etag);
  if (choice.outcome == range_outcome::part) describe_part(answer, choice.part, size);
  if (choice.outcome == range_outcome::whole) choice.part = {0, size};
  answer.audio = {std::move(*opened), choice.part.first, choice.part.length};
  co_return answer;
}

}  // namespace music::http
