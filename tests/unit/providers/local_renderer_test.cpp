#include "cover.hpp"
#include "encode.hpp"
#include "renderer.hpp"
#include "synth_timeline.hpp"

#include <catch2/catch.hpp>

#include <ebur128.h>
#include <flacfile.h>
#include <id3v2framefactory.h>
#include <id3v2tag.h>
#include <mpegfile.h>
#include <sndfile.h>
#include <tbytevectorstream.h>
#include <tpropertymap.h>
#include <vorbisfile.h>
#include <wavfile.h>
#include <xiphcomment.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace music;
using namespace music::local;

namespace {

constexpr const char* font = "/usr/share/sounds/sf3/FluidR3Mono_GM.sf3";  // Debian's fluidr3mono-gm-soundfont
constexpr double song_seconds = 2.5;
constexpr std::array all_formats{audio_format::mp3, audio_format::ogg, audio_format::flac, audio_format::wav};

/// A bar for electric piano, bass and drums, with every colour of the mix switched on.
score small_score() {
  score piece;
  piece.title = "Rainy Night 雨";
  piece.style = "lofi";
  piece.key = "A minor";
  piece.key_root = 9;
  piece.minor = true;
  piece.bpm = 120;
  piece.seed = 42;
  piece.duration_seconds = song_seconds;
  piece.form = {{section_kind::verse, 0, 1, 0.4}, {section_kind::chorus, 1, 1, 0.8}};
  piece.parts = {{"keys", part_role::chords, 4, -20, -0.2, 0.3, 0.1},
                 {"bass", part_role::bass, 38, -20, 0, 0, 0},
                 {"drums", part_role::drums, 0, -18, 0, 0.1, 0}};
  piece.mix = {.low_pass_hz = 9000, .sidechain_depth = 0.5, .vinyl_noise = 0.4, .wow_cents = 6};
  constexpr std::array<std::uint8_t, 3> chord{57, 60, 64};
  for (int beat = 0; beat < 4; ++beat) {
    const double start = beat;
    for (const std::uint8_t pitch : chord) piece.notes.push_back({start, 0.9, 0, pitch, 80, 3});
    piece.notes.push_back({start, 0.9, 1, 33, 90, 0});
    piece.notes.push_back({start, 0.2, 2, static_cast<std::uint8_t>(beat % 2 == 0 ? 36 : 38), 100, 0});
  }
  return piece;
}

render_options options_for(audio_format format) { return {.format = format, .soundfont = font, .on_progress = {}, .stop = {}}; }

/// Each format is rendered once for all tests that only look at the outcome.
const rendered_audio& rendered(audio_format format) {
  static std::map<audio_format, rendered_audio> kept;
  if (const auto found = kept.find(format); found != kept.end()) return found->second;
  auto audio = render(small_score(), options_for(format));
  REQUIRE(audio.has_value());
  return kept.emplace(format, std::move(*audio)).first->second;
}

struct decoded_audio {
  SF_INFO info{};
  std::vector<float> samples;
};

struct reading {
  const std::string& bytes;
  sf_count_t at = 0;
};

decoded_audio decode(const std::string& bytes) {
  SF_VIRTUAL_IO io{};
  io.get_filelen = [](void* user) { return static_cast<sf_count_t>(static_cast<reading*>(user)->bytes.size()); };
  io.seek = [](sf_count_t offset, int whence, void* user) {
    auto& file = *static_cast<reading*>(user);
    const auto base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? file.at : static_cast<sf_count_t>(file.bytes.size());
    return file.at = base + offset;
  };
  io.read = [](void* target, sf_count_t count, void* user) {
    auto& file = *static_cast<reading*>(user);
    const auto size = std::clamp<sf_count_t>(static_cast<sf_count_t>(file.bytes.size()) - file.at, 0, count);
    std::memcpy(target, file.bytes.data() + file.at, static_cast<std::size_t>(size));
    file.at += size;
    return size;
  };
  io.tell = [](void* user) { return static_cast<reading*>(user)->at; };
  reading source{bytes};
  decoded_audio out;
  SNDFILE* file = sf_open_virtual(&io, SFM_READ, &out.info, &source);
  REQUIRE(file != nullptr);
  out.samples.resize(static_cast<std::size_t>(out.info.frames * out.info.channels));
  const sf_count_t frames = sf_readf_float(file, out.samples.data(), out.info.frames);
  out.samples.resize(static_cast<std::size_t>(frames * out.info.channels));
  sf_close(file);
  return out;
}

struct levels {
  double lufs = 0;
  double true_peak = 0;
};

levels measure(const decoded_audio& audio) {
  ebur128_state* state =
      ebur128_init(2, static_cast<unsigned long>(audio.info.samplerate), EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
  REQUIRE(ebur128_add_frames_float(state, audio.samples.data(), audio.samples.size() / 2) == EBUR128_SUCCESS);
  levels found;
  double left = 0;
  double right = 0;
  ebur128_loudness_global(state, &found.lufs);
  ebur128_true_peak(state, 0, &left);
  ebur128_true_peak(state, 1, &right);
  found.true_peak = 20 * std::log10(std::max(left, right));
  ebur128_destroy(&state);
  return found;
}

std::string text(const TagLib::PropertyMap& map, const char* name) { return map[name].toString().to8Bit(true); }

void check_tags(const TagLib::PropertyMap& map) {
  CHECK(text(map, "TITLE") == "Rainy Night 雨");
  CHECK(text(map, "ARTIST") == "openclaw-music sketch composer");
  CHECK(text(map, "GENRE") == "lofi");
  CHECK(text(map, "BPM") == "120");
  CHECK(text(map, "INITIALKEY") == "Am");
  CHECK(text(map, "COMMENT") == "seed 42; composed locally, no AI model");
  CHECK_FALSE(map.contains("DATE"));
}

TagLib::ByteVectorStream stream_of(const std::string& bytes) {
  return TagLib::ByteVectorStream{TagLib::ByteVector{bytes.data(), static_cast<unsigned int>(bytes.size())}};
}

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

/// The chunks of a PNG, each with its checksum verified.
std::vector<std::pair<std::string, std::string>> chunks_of(std::string_view png) {
  REQUIRE(png.starts_with("\x89PNG\r\n\x1a\n"));
  std::vector<std::pair<std::string, std::string>> chunks;
  for (std::size_t at = 8; at < png.size();) {
    const std::size_t size = big_endian(png, at);
    REQUIRE(at + 12 + size <= png.size());
    const auto covered = png.substr(at + 4, 4 + size);
    const auto sum = crc32(0, reinterpret_cast<const Bytef*>(covered.data()), static_cast<uInt>(covered.size()));
    CHECK(sum == big_endian(png, at + 8 + size));
    chunks.emplace_back(covered.substr(0, 4), covered.substr(4));
    at += 12 + size;
  }
  return chunks;
}

}  // namespace

TEST_CASE("every format decodes to 44.1 kHz stereo of the score's duration", "[local][renderer]") {
  for (const audio_format format : all_formats) {
    const auto& audio = rendered(format);
    CAPTURE(audio.content_type);

    const decoded_audio back = decode(audio.bytes);

    CHECK(back.info.samplerate == 44100);
    CHECK(back.info.channels == 2);
    CHECK(static_cast<double>(back.samples.size()) / 2 / 44100 == Approx(song_seconds).margin(0.06));
    CHECK(audio.duration_seconds == Approx(song_seconds).margin(0.001));
  }
}

TEST_CASE("the content type names the format", "[local][renderer]") {
  CHECK(content_type_of(audio_format::mp3) == "audio/mpeg");
  CHECK(content_type_of(audio_format::ogg) == "audio/ogg");
  CHECK(content_type_of(audio_format::flac) == "audio/flac");
  CHECK(content_type_of(audio_format::wav) == "audio/wav");
  CHECK(rendered(audio_format::mp3).content_type == "audio/mpeg");
}

TEST_CASE("the decoded song is as loud as promised and stays under its peak", "[local][renderer]") {
  for (const audio_format format : all_formats) {
    const auto& audio = rendered(format);
    CAPTURE(audio.content_type);

    const levels found = measure(decode(audio.bytes));

    CHECK(found.lufs == Approx(-14).margin(0.5));
    CHECK(found.true_peak < -1);
    CHECK(audio.integrated_lufs == Approx(-14).margin(0.5));
    CHECK(audio.true_peak_dbtp <= -1.9);
  }
}

TEST_CASE("the song has no constant offset and ends in silence", "[local][renderer]") {
  const decoded_audio back = decode(rendered(audio_format::wav).bytes);

  double sum = 0;
  for (const float sample : back.samples) sum += sample;
  const float last = std::abs(back.samples.back());

  CHECK(std::abs(sum / static_cast<double>(back.samples.size())) < 0.001);
  CHECK(last < 0.001F);
}

TEST_CASE("the same score gives the same bytes, also from two threads at once", "[local][renderer]") {
  for (const audio_format format : all_formats) {
    std::string first;
    std::string second;
    const auto work = [format](std::string& bytes) {
      auto audio = render(small_score(), options_for(format));
      if (audio) bytes = std::move(audio->bytes);
    };

    std::thread other{work, std::ref(first)};
    work(second);
    other.join();

    CAPTURE(content_type_of(format));
    CHECK(first == rendered(format).bytes);
    CHECK(second == rendered(format).bytes);
  }
}

TEST_CASE("another seed makes other noise and so other bytes", "[local][renderer]") {
  score piece = small_score();
  piece.seed = 43;

  const auto audio = render(piece, options_for(audio_format::wav));

  REQUIRE(audio.has_value());
  CHECK(audio->bytes != rendered(audio_format::wav).bytes);
}

TEST_CASE("a stop request ends the render", "[local][renderer]") {
  std::stop_source source;
  auto options = options_for(audio_format::mp3);
  options.stop = source.get_token();

  SECTION("before it begins") { source.request_stop(); }
  SECTION("while parts are measured") {
    options.on_progress = [&](double share) {
      if (share > 0.1) source.request_stop();
    };
  }
  SECTION("while it is mixed") {
    options.on_progress = [&](double share) {
      if (share > 0.5) source.request_stop();
    };
  }
  SECTION("while it is mastered") {
    options.on_progress = [&](double share) {
      if (share > 0.78) source.request_stop();
    };
  }
  const auto audio = render(small_score(), options);

  REQUIRE_FALSE(audio.has_value());
  CHECK(audio.error().code == errc::canceled);
}

TEST_CASE("progress grows to the end and is told at most a hundred times", "[local][renderer]") {
  std::vector<double> told;
  auto options = options_for(audio_format::wav);
  options.on_progress = [&](double share) { told.push_back(share); };

  REQUIRE(render(small_score(), options).has_value());

  CHECK(told.size() <= 100);
  CHECK(told.size() > 50);
  CHECK(std::is_sorted(told.begin(), told.end()));
  CHECK(told.back() == 1.0);
}

TEST_CASE("a missing or broken SoundFont is not supported", "[local][renderer]") {
  auto options = options_for(audio_format::mp3);

  SECTION("no such file") { options.soundfont = "/nonexistent/font.sf3"; }
  SECTION("no path") { options.soundfont.clear(); }
  SECTION("a directory") { options.soundfont = "/"; }
  SECTION("another file") { options.soundfont = "/etc/passwd"; }
  const auto audio = render(small_score(), options);

  REQUIRE_FALSE(audio.has_value());
  CHECK(audio.error().code == errc::unsupported);
}

TEST_CASE("an exception of the progress callback stays inside", "[local][renderer]") {
  auto options = options_for(audio_format::wav);
  options.on_progress = [](double) { throw std::runtime_error("listener failed"); };

  const auto audio = render(small_score(), options);

  REQUIRE_FALSE(audio.has_value());
  CHECK(audio.error().code == errc::internal);
}

TEST_CASE("a score without notes renders to silence, one without parts is refused", "[local][renderer]") {
  score piece = small_score();
  piece.mix = {};
  piece.duration_seconds = 1;
  piece.notes.clear();

  CHECK(render(piece, options_for(audio_format::mp3)).has_value());
  piece.parts.clear();
  const auto refused = render(piece, options_for(audio_format::mp3));

  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == errc::invalid_argument);
}

TEST_CASE("tags and cover are read back from every format", "[local][renderer]") {
  SECTION("mp3") {
    auto stream = stream_of(rendered(audio_format::mp3).bytes);
    TagLib::MPEG::File file{&stream, TagLib::ID3v2::FrameFactory::instance()};
    check_tags(file.properties());
    CHECK(file.ID3v2Tag()->frameList("APIC").size() == 1);
  }
  SECTION("ogg") {
    auto stream = stream_of(rendered(audio_format::ogg).bytes);
    TagLib::Ogg::Vorbis::File file{&stream};
    check_tags(file.properties());
    CHECK(file.tag()->pictureList().size() == 1);
  }
  SECTION("flac") {
    auto stream = stream_of(rendered(audio_format::flac).bytes);
    TagLib::FLAC::File file{&stream, TagLib::ID3v2::FrameFactory::instance()};
    check_tags(file.properties());
    REQUIRE(file.pictureList().size() == 1);
    CHECK(file.pictureList().front()->mimeType() == "image/png");
  }
  SECTION("wav") {
    auto stream = stream_of(rendered(audio_format::wav).bytes);
    TagLib::RIFF::WAV::File file{&stream};
    check_tags(file.properties());
    CHECK(file.ID3v2Tag()->frameList("APIC").size() == 1);
  }
}

TEST_CASE("the cover is a valid PNG and not one flat colour", "[local][renderer]") {
  const std::string png = png_of(draw_cover(small_score()));

  const auto chunks = chunks_of(png);

  REQUIRE(chunks.size() == 3);
  CHECK(chunks[0].first == "IHDR");
  CHECK(big_endian(chunks[0].second, 0) == 600);
  CHECK(big_endian(chunks[0].second, 4) == 600);
  CHECK(chunks[2].first == "IEND");
  std::vector<Bytef> rows(600 * (1 + 600 * 3));
  uLongf size = rows.size();
  const auto& data = chunks[1].second;
  REQUIRE(uncompress(rows.data(), &size, reinterpret_cast<const Bytef*>(data.data()), static_cast<uLong>(data.size())) == Z_OK);
  CHECK(size == rows.size());
  CHECK(draw_cover(small_score()).pixels.size() == 600 * 600);
  CHECK(png != png_of(draw_cover(score{})));
}

TEST_CASE("what is not Ogg is refused where the serial is replaced", "[local][renderer]") {
  std::string bytes = rendered(audio_format::ogg).bytes;

  SECTION("another magic") { bytes[0] = 'X'; }
  SECTION("cut off") { bytes.resize(bytes.size() - 1); }
  SECTION("cut off in a header") { bytes.resize(20); }

  CHECK_FALSE(fix_ogg_serial(bytes, 1).has_value());
}

TEST_CASE("a tempo change moves what comes after it", "[local][renderer]") {
  score piece;
  piece.bpm = 120;
  piece.tempo = {{4, 60}, {8, 240}};

  const tempo_map tempo{piece};

  CHECK(tempo.seconds_at(4) == Approx(2));
  CHECK(tempo.seconds_at(6) == Approx(4));
  CHECK(tempo.seconds_at(8) == Approx(6));
  CHECK(tempo.seconds_at(12) == Approx(7));
}

TEST_CASE("a note ends before the same key begins again", "[local][renderer]") {
  score piece;
  piece.bpm = 60;
  piece.parts = {{}};
  piece.notes = {{0, 2, 0, 60, 80, 0}, {1, 1, 0, 60, 80, 0}};

  const auto events = timeline_of(piece);

  REQUIRE(events.size() == 4);
  CHECK(events[1].kind == synth_event_kind::note_off);
  CHECK(events[1].seconds == Approx(1));
  CHECK(events[2].kind == synth_event_kind::note_on);
  CHECK(events[2].seconds == Approx(1));
  CHECK(events[3].seconds == Approx(2));
}

TEST_CASE("events of parts that do not exist are left out and none comes before the start", "[local][renderer]") {
  score piece;
  piece.parts = {{}};
  piece.notes = {{0, 1, 0, 60, 80, -20}, {0, 1, 7, 60, 80, 0}};
  piece.controls = {{0, 9, 11, 100}};

  const auto events = timeline_of(piece);

  REQUIRE(events.size() == 2);
  CHECK(events.front().seconds == 0);
}
