#include <music/base/text.hpp>
#include <music/core/rules.hpp>
#include <music/core/song_plan.hpp>
#include <music/core/styles.hpp>

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace music;

namespace {

std::string joined(std::string_view list) {
  std::string text;
  for_each_part(list, [&](std::string_view part) { text += (text.empty() ? "" : ", ") + std::string{part}; });
  return text;
}

bool has_empty_part(std::string_view list) {
  bool found = list.empty();
  for_each_part(list, [&](std::string_view part) { found = found || trim(part).empty() || trim(part) != part; });
  return found;
}

bool lower_word(std::string_view text) {
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string_view::npos;
}

}  // namespace

TEST_CASE("there are at least 24 styles and no id or name twice") {
  std::set<std::string> ids;
  std::set<std::string> names;
  for (const auto& style : song_styles()) {
    CHECK(lower_word(style.id));
    ids.insert(std::string{style.id});
    names.insert(to_lower_ascii(style.name));
  }
  CHECK(ids.size() >= 24);
  CHECK(ids.size() == song_styles().size());
  CHECK(names.size() == song_styles().size());
}

TEST_CASE("every style is whole and could be a request's tags") {
  for (const auto& style : song_styles()) {
    CAPTURE(style.id);
    for (const auto list : {style.tags, style.instruments, style.keys, style.moods, style.names, style.scenes, style.leads,
                            style.beds, style.rhythms, style.productions}) {
      CAPTURE(list);
      CHECK_FALSE(has_empty_part(list));
    }
    CHECK(check_tags(joined(style.tags)) == text_problem::none);
    CHECK(check_line(joined(style.instruments), 1, 200) == text_problem::none);
    CHECK(style.lowest_bpm >= slowest_bpm);
    CHECK(style.highest_bpm <= fastest_bpm);
    CHECK(style.lowest_bpm < style.highest_bpm);
  }
}

TEST_CASE("every template has every slot once and the two that may be left out at its end") {
  for (const auto& style : song_styles()) {
    const std::string text{style.prompt_template};
    CAPTURE(text);
    for (const std::string slot :
         {"{theme}", "{mood}", "{tempo}", "{lead}", "{bed}", "{rhythm}", "{structure}", "{production}"}) {
      const auto at = text.find(slot);
      REQUIRE(at != std::string::npos);
      CHECK(text.find(slot, at + 1) == std::string::npos);
    }
    CHECK(text.ends_with(". {structure}. {production}."));
    CHECK(text.find("\"{theme}\"") != std::string::npos);
  }
}

TEST_CASE("the embedded composer's own styles come first, and the others lean on one of them") {
  std::set<std::string_view> own;
  bool others_began = false;
  for (const auto& style : song_styles()) {
    if (style.played_as == style.id) {
      CHECK_FALSE(others_began);
      own.insert(style.id);
    } else {
      others_began = true;
      CHECK(own.contains(style.played_as));
    }
  }
  CHECK(own.size() == 17);
}

TEST_CASE("a style is found by id and by name whatever the case") {
  CHECK(find_song_style("lofi")->id == "lofi");
  CHECK(find_song_style(" LOFI ")->id == "lofi");
  CHECK(find_song_style("drum and bass")->id == "dnb");
  CHECK(find_song_style("Soul and R&B")->id == "soul");
  CHECK(find_song_style("") == nullptr);
  CHECK(find_song_style("lofi beats with a cat") == nullptr);
}

TEST_CASE("the parts of a list come in order") {
  CHECK(joined("a|b|c") == "a, b, c");
  CHECK(joined("one") == "one");
  CHECK(joined("").empty());
}
