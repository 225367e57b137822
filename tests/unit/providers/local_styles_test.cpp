// What the service calls a style against what the embedded composer plays.

#include "composer.hpp"
#include "intent.hpp"
#include "style.hpp"

#include <music/core/styles.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace music;

namespace {

std::string joined(std::string_view list) {
  std::string text;
  for_each_part(list, [&](std::string_view part) { text += (text.empty() ? "" : ", ") + std::string{part}; });
  return text;
}

}  // namespace

TEST_CASE("every style of the composer can be asked for by its own id") {
  for (const auto& own : local::all_styles()) {
    CAPTURE(own.id);
    const auto* known = find_song_style(own.id);
    REQUIRE(known != nullptr);
    CHECK(known->played_as == own.id);
  }
}

TEST_CASE("every style is played as one that the composer has") {
  for (const auto& style : song_styles()) {
    CAPTURE(style.id);
    CHECK(local::find_style(style.played_as) != nullptr);
  }
}

TEST_CASE("the tags of a style lead the composer to the style that plays it") {
  for (const auto& style : song_styles()) {
    local::composition_request request;
    request.theme = "zzqx";
    request.tags = joined(style.tags);
    CAPTURE(style.id, request.tags);
    CHECK(local::read_intent(request).chosen->id == style.played_as);
  }
}
