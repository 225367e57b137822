#include "catch_result.hpp"
#include "run_virtual.hpp"

#include <music/base/random.hpp>
#include <music/base/text.hpp>
#include <music/core/rules.hpp>
#include <music/core/styles.hpp>
#include <music/providers/template/template_writer.hpp>

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <vector>

using namespace music;

namespace {

written_prompt write(prompt_request request) {
  asio::io_context context{1};
  test::manual_clock clock{context.get_executor()};
  const auto writer = create_template_writer();
  auto written = test::run_virtual_for(context, clock, writer->write(std::move(request), clock.now()));
  REQUIRE(written);
  return std::move(*written);
}

std::string write_about(std::string theme, std::string tags = {}) {
  return write({.theme = std::move(theme), .tags = std::move(tags), .style = {}, .instrumental = {}}).text;
}

bool says(const std::string& text, std::string_view words) { return text.find(words) != std::string::npos; }

/// What the template says after the mood and before the theme, e.g. "lofi beat inspired by".
std::string_view phrase_of(const song_style& style) {
  const auto text = style.prompt_template;
  const auto begin = text.find("{mood} ") + 7;
  return text.substr(begin, text.find(" \"{theme}\"") - begin);
}

/// A valid theme of random words, scripts, punctuation and emoji.
std::string random_theme(random_source& random) {
  const std::vector<std::string> pieces{"rain",
                                        "Tokyo",
                                        "é",
                                        "ночь",
                                        "夜",
                                        "雨の東京",
                                        "ليل",
                                        "हवा",
                                        "!",
                                        "?",
                                        "\"",
                                        "'",
                                        "#1",
                                        "+",
                                        "(so)",
                                        "—",
                                        "👩\xE2\x80\x8D🚀",
                                        "🔥",
                                        "1\xEF\xB8\x8F\xE2\x83\xA3",
                                        "♯",
                                        "ß",
                                        "Ω",
                                        "비",
                                        "ไทย",
                                        ";",
                                        ",",
                                        "…",
                                        "92 bpm",
                                        "&"};
  std::string theme;
  const auto wanted = 1 + random.next() % 80;
  for (std::uint64_t i = 0; i < wanted; ++i) {
    if (!theme.empty() && random.next() % 3 != 0) theme += ' ';
    theme += pieces[random.next() % pieces.size()];
  }
  return std::string{trim(first_code_points(theme, longest_theme))};
}

}  // namespace

TEST_CASE("every valid theme gets a valid prompt of 120 to 600 characters") {
  seeded_random random{20260215};
  int tried = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto theme = random_theme(random);
    const auto tags = i % 3 == 0 ? std::string{first_code_points(random_theme(random), longest_tags)} : std::string{};
    if (check_theme(theme) != text_problem::none) continue;
    ++tried;
    const auto text = write({.theme = theme, .tags = tags, .style = {}, .instrumental = i % 2 == 0}).text;
    CAPTURE(theme, text);
    REQUIRE(check_prompt(text) == text_problem::none);
    const auto length = count_code_points(text).value_or(0);
    REQUIRE(length >= 120);
    REQUIRE(length <= 600);
  }
  CHECK(tried > 2000);
}

TEST_CASE("the same request gives the same prompt and another theme another one") {
  CHECK(write_about("rainy night in Tokyo") == write_about("rainy night in Tokyo"));
  CHECK(write_about("qwertz one") != write_about("qwertz two"));
}

TEST_CASE("model and tokens say that no language model was asked") {
  const auto written = write({.theme = "rain", .tags = {}, .style = {}, .instrumental = {}});
  CHECK(written.model == "template-2");
  CHECK(written.tokens_used == 0);
}

TEST_CASE("words of the request choose the genre") {
  CHECK(says(write_about("rainy night in Tokyo, lofi"), "lofi beat"));
  CHECK(says(write_about("a dragon's last battle"), "cinematic orchestral"));
  CHECK(says(write_about("雨の東京"), "lofi beat"));
  CHECK(says(write_about("something", "jazz"), "jazz piece"));
  CHECK(says(write_about("тихий дождь"), "lofi beat"));
  CHECK(says(write_about("something about my cat", "synthwave, 80s"), "synthwave track"));
}

TEST_CASE("every style id chooses its genre whatever the theme says") {
  for (const auto& style : song_styles()) {
    const auto text =
        write({.theme = "epic jazz in the rain", .tags = {}, .style = std::string{style.id}, .instrumental = {}}).text;
    CAPTURE(style.id, text);
    CHECK(says(text, phrase_of(style)));
  }
}

TEST_CASE("tempo and key that the request names are kept") {
  CHECK(says(write_about("night drive 97 bpm"), "97 BPM"));
  CHECK(!says(write_about("night drive 900 bpm"), "900 BPM in"));
  CHECK(!says(write_about("a song in c minor"), "BPM in "));
}

TEST_CASE("voices are described only when they are wanted") {
  const prompt_request request{.theme = "a quiet lake", .tags = {}, .style = {}, .instrumental = {}};
  auto sung = request;
  sung.instrumental = false;
  auto played = request;
  played.instrumental = true;
  CHECK(says(write(sung).text, "Sung by"));
  CHECK(says(write(played).text, "no vocals"));
  CHECK(!says(write(request).text, "Sung by"));
}

TEST_CASE("the plan names the style, the tempo and the key of the prompt") {
  const auto written = write({.theme = "a quiet lake", .tags = {}, .style = "lofi", .instrumental = true});

  const auto& plan = written.plan;
  REQUIRE(plan.bpm);
  CHECK(says(written.text, std::to_string(*plan.bpm) + " BPM in " + plan.key));
  CHECK(plan.tags.starts_with("lofi hip hop, "));
  CHECK(plan.tags.ends_with(", " + std::to_string(*plan.bpm) + " BPM, " + plan.key));
  CHECK(plan.negative_tags == "vocals");
  CHECK(plan.lyrics.empty());
}

TEST_CASE("every plan satisfies the rules of a request") {
  for (const auto& style : song_styles()) {
    for (int i = 0; i < 20; ++i) {
      const auto plan =
          write({.theme = "theme " + std::to_string(i), .tags = {}, .style = std::string{style.id}, .instrumental = {}}).plan;
      CAPTURE(style.id, plan.tags);
      CHECK(check_tags(plan.tags) == text_problem::none);
      CHECK(plan.bpm.value_or(0) >= style.lowest_bpm);
      CHECK(plan.bpm.value_or(999) <= style.highest_bpm);
    }
  }
}

TEST_CASE("a long theme is not repeated whole") {
  std::string theme;
  while (theme.size() < 480) theme += "word ";
  const auto text = write_about(std::string{trim(theme)});
  CHECK(count_code_points(text).value_or(0) <= 600);
  CHECK(!says(text, theme.substr(0, 150)));
}

TEST_CASE("themes without known words are spread over the genres") {
  std::set<std::string_view> used;
  for (int i = 0; i < 200; ++i) {
    const auto text = write_about("zzqx " + std::to_string(i));
    for (const auto& style : song_styles()) {
      if (says(text, phrase_of(style))) used.insert(style.id);
    }
  }
  CHECK(used.size() > 12);
  for (const auto id : used) CHECK(find_song_style(id)->played_as == id);
}
