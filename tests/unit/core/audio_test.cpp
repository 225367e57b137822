#include <music/core/audio.hpp>

#include <catch2/catch.hpp>

using namespace music;
using namespace std::string_literals;

TEST_CASE("containers are recognised by their first bytes") {
  CHECK(recognise_audio("ID3\x04\0\0"s) == audio_format::mp3);
  CHECK(recognise_audio("\xff\xfb\x90\x64"s) == audio_format::mp3);
  CHECK(recognise_audio("OggS\0\x02"s) == audio_format::ogg);
  CHECK(recognise_audio("fLaC\0\0"s) == audio_format::flac);
  CHECK(recognise_audio("RIFF\x24\0\0\0WAVEfmt "s) == audio_format::wav);
  CHECK(recognise_audio("\0\0\0\x20"
                        "ftypM4A "s) == audio_format::mp4);
}

TEST_CASE("what is not audio is not recognised, whatever it is called") {
  const auto bytes = GENERATE(as<std::string>{}, "", "<!DOCTYPE html>", "{\"error\":1}", "RIFF\x24\0\0\0AVI "s,
                              "\xff\xff\xff\xff"s, "\xff\xfb"s, "Ogg", "\xff\xd8\xff\xe0"s);

  CHECK_FALSE(recognise_audio(bytes));
}

TEST_CASE("formats have a name and a media type") {
  CHECK(parse_audio_format("flac") == audio_format::flac);
  CHECK_FALSE(parse_audio_format("FLAC"));
  CHECK(content_type(audio_format::mp3) == "audio/mpeg");
  CHECK(name(audio_format::ogg) == "ogg");
}
