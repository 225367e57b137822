#include "song_words.hpp"
#include "text_limits.hpp"

#include <music/base/text.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace music;
using namespace music::suno;

TEST_CASE("limits follow the model's prefix, and a model that nobody knows gets the widest") {
  CHECK(limits_for("V4").style == 200);
  CHECK(limits_for("V4").lyrics == 3000);
  CHECK(limits_for("v4_5PLUS").style == 1000);
  CHECK(limits_for("V5").description == 500);
  CHECK(limits_for("V5_5").description == 500);
  CHECK(limits_for("V6_MINI").description == 3000);
  CHECK(limits_for("chirp-v3-5").style == 200);
  CHECK(limits_for("chirp-crow").lyrics == 5000);
  for (const auto* unknown : {"V7", "chirp-zebra", "", "suno/next"}) CHECK(limits_for(unknown).description == 3000);
  CHECK(has_v6_interface("V6"));
  CHECK(has_v6_interface("V7"));
  CHECK(!has_v6_interface("V5_5"));
  CHECK(takes_duration("V5_5"));
  CHECK(!takes_duration("V5"));
}

TEST_CASE("tags are dropped from the end and never cut in half") {
  CHECK(fit_tags("lofi, chill, piano", 100) == "lofi, chill, piano");
  CHECK(fit_tags("lofi, chill, piano", 17) == "lofi, chill");
  CHECK(fit_tags("lofi, chill, piano", 11) == "lofi, chill");
  CHECK(fit_tags("lofi, chill, piano", 5) == "lofi");
  CHECK(fit_tags("a slow waltz for two", 8) == "a slow");
  CHECK(fit_tags("日本語, 音楽", 3) == "日本語");
}

TEST_CASE("prose ends behind a sentence, or behind a word") {
  CHECK(fit_prose("One two. Three four.", 100) == "One two. Three four.");
  CHECK(fit_prose("One two. Three four.", 14) == "One two.");
  CHECK(fit_prose("One. Two three four five six", 20) == "One. Two three four");
  CHECK(fit_prose("One two", 3) == "One");
  CHECK(fit_prose("Unbreakable", 5) == "Unbre");
}

TEST_CASE("lyrics lose their last sections first and keep the chorus") {
  const std::string verse1 = "[Verse 1]\nRain on the roof";
  const std::string chorus = "[Chorus]\nNeon, neon";
  const std::string verse2 = "[Verse 2]\nSteps in the hall";
  const std::string outro = "[Outro]\nGood night";
  const auto whole = verse1 + "\n\n" + chorus + "\n\n" + verse2 + "\n\n" + outro;
  CHECK(fit_lyrics(whole, whole.size()) == whole);
  CHECK(fit_lyrics(whole, whole.size() - 1) == verse1 + "\n\n" + chorus + "\n\n" + verse2);
  CHECK(fit_lyrics(whole, 60) == verse1 + "\n\n" + chorus);
  CHECK(fit_lyrics(whole, 25) == chorus);
  CHECK(fit_lyrics("line one\nline two\nline three", 18) == "line one\nline two");
}

TEST_CASE("whatever the text, it fits") {
  const std::string words = "één 日本 [Chorus]\n\n, . word ";
  std::string text;
  for (int i = 0; i < 40; ++i) text += words;
  for (std::size_t most = 1; most < 200; most += 7) {
    CHECK(*count_code_points(fit_tags(text, most)) <= most);
    CHECK(*count_code_points(fit_prose(text, most)) <= most);
    CHECK(*count_code_points(fit_lyrics(text, most)) <= most);
  }
}

TEST_CASE("a description tells what its mode has no fields for, and the prompt gives way") {
  song_request request;
  request.prompt = std::string(600, 'p');
  request.tags = "lofi";
  request.title = "Neon";
  request.negative_tags = "drums";
  const auto text = description_of(request, limits_for("V5"));
  CHECK(text.size() <= 500);
  CHECK(text.ends_with(" Style: lofi. Avoid: drums. Title: Neon."));
}
