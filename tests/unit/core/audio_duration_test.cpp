#include <music/core/audio_duration.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace music;

namespace {

std::string big(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

/// MPEG-1 layer III at 44,100 Hz: 128 kbit/s has 417 bytes a frame, 320 kbit/s 1044; each plays 1152 samples.
std::string mp3_frames(int count, char rate_byte = '\x90', std::size_t bytes = 417) {
  std::string out;
  for (int i = 0; i < count; ++i) out += std::string{"\xff\xfb"} + rate_byte + '\x64' + std::string(bytes - 4, '\0');
  return out;
}

constexpr double frame_seconds = 1152.0 / 44'100;

std::string id3(std::size_t bytes) {
  std::string size;
  for (int i = 3; i >= 0; --i) size += static_cast<char>(bytes >> (7 * i) & 0x7f);
  return std::string{"ID3\x04\x00\x00", 6} + size + std::string(bytes, '\xff');
}

std::string chunk(const std::string& name, const std::string& body) {
  return name + little(body.size(), 4) + body + std::string(body.size() % 2, '\0');
}

std::string wav(const std::string& data_header, std::size_t data_bytes) {
  const auto format = little(1, 2) + little(2, 2) + little(44'100, 4) + little(176'400, 4) + little(4, 2) + little(16, 2);
  return "RIFF" + little(0, 4) + "WAVE" + chunk("LIST", "odd") + chunk("fmt ", format + "xx") + data_header +
         std::string(data_bytes, 'a');
}

std::string flac(std::uint64_t rate, std::uint64_t samples) {
  const auto rate_and_shape = rate << 4U | 0x2;  // two channels
  const auto info = std::string(10, '\x10') + big(rate_and_shape, 3) + big(0xf0'0000'0000U | samples, 5) + std::string(16, 'm');
  return std::string{"fLaC"} + '\0' + big(info.size(), 3) + info + std::string(5'000, 'a');
}

std::string page(std::uint64_t position, std::uint32_t serial, const std::string& body) {
  std::string lacing(body.size() / 255, '\xff');
  lacing += static_cast<char>(body.size() % 255);
  return std::string{"OggS\0\0", 6} + little(position, 8) + little(serial, 4) + little(0, 8) + static_cast<char>(lacing.size()) +
         lacing + body;
}

std::string vorbis(std::uint64_t samples) {
  const auto identification = "\x01vorbis" + little(0, 4) + '\x02' + little(48'000, 4) + std::string(14, '\0');
  return page(0, 7, identification) + page(0, 7, std::string(3'000, 'c')) + page(samples / 2, 7, std::string(900, 'a')) +
         page(999'999'999, 8, "another stream's") + page(samples, 7, std::string(100, 'a'));
}

std::string opus(std::uint64_t samples) {
  const auto head = std::string{"OpusHead\x01\x02"} + little(312, 2) + little(44'100, 4) + std::string(3, '\0');
  return page(0, 7, head) + page(~std::uint64_t{0}, 7, "tags") + page(samples + 312, 7, std::string(500, 'a'));
}

std::string box(const std::string& name, const std::string& body) { return big(body.size() + 8, 4) + name + body; }

std::string movie(bool wide) {
  const auto header =
      wide ? '\x01' + std::string(3, '\0') + std::string(16, 't') + big(1'000, 4) + big(183'400, 8) + std::string(80, 'x')
           : std::string(4, '\0') + std::string(8, 't') + big(1'000, 4) + big(183'400, 4) + std::string(80, 'x');
  return box("moov", box("udta", "words") + box("mvhd", header) + box("trak", "more"));
}

std::string large_box(const std::string& name, const std::string& body) {
  return big(1, 4) + name + big(body.size() + 16, 8) + body;
}

std::optional<double> read_in_pieces(const std::string& file, std::size_t piece) {
  duration_reader reader;
  for (std::size_t at = 0; at < file.size(); at += piece) reader.feed(std::string_view{file}.substr(at, piece));
  return reader.seconds();
}

struct file_row {
  const char* what;
  std::string bytes;
  double seconds;
};

}  // namespace

TEST_CASE("how long a file plays is read from its bytes, however they come") {
  const auto type = box("ftyp", "M4A mp42");
  const std::vector<file_row> rows{
      {"MP3", mp3_frames(100), 100 * frame_seconds},
      {"MP3 of several bit rates", mp3_frames(30) + mp3_frames(70, '\xe0', 1044), 100 * frame_seconds},
      {"MP3 with a tag before and one behind", id3(100'000) + mp3_frames(50) + "TAG" + std::string(125, ' '), 50 * frame_seconds},
      {"MP3 with rubbish between frames", mp3_frames(10) + "rubbish" + mp3_frames(10), 20 * frame_seconds},
      {"WAV", wav("data" + little(352'800, 4), 352'800), 2},
      {"WAV that was streamed", wav("data" + little(0xffffffff, 4), 176'400), 1},
      {"WAV cut short", wav("data" + little(352'800, 4), 88'200), 0.5},
      {"FLAC", flac(48'000, 48'000 * 90), 90},
      {"OGG Vorbis", vorbis(48'000 * 12), 12},
      {"OGG Opus", opus(48'000 * 7), 7},
      {"MP4", type + movie(false) + box("mdat", std::string(5'000, 'a')), 183.4},
      {"MP4 with the movie behind the data", type + large_box("mdat", std::string(70'000, 'a')) + movie(true), 183.4},
  };
  for (const auto& row : rows) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4'096}, row.bytes.size()}) {
      CAPTURE(row.what, piece);
      const auto seconds = read_in_pieces(row.bytes, piece);
      REQUIRE(seconds);
      CHECK(*seconds == Approx(row.seconds).margin(0.001));
    }
  }
}

TEST_CASE("a file that does not tell how long it plays gives nothing") {
  const std::vector<std::string> files{"",
                                       "ID3",
                                       "<html>an error page that is long enough to be recognised</html>",
                                       id3(2'000),
                                       flac(0, 1),
                                       flac(48'000, 0),
                                       box("ftyp", "M4A mp42") + box("mdat", "aaaa"),
                                       box("ftyp", "M4A mp42") + big(3, 4) + "free",
                                       wav("fact" + little(0, 4), 0),
                                       page(0, 7, std::string(30, 'x')) + page(99, 7, "a"),
                                       std::string{"\xff\xfb\x90\x64"} + std::string(5, '\0')};
  for (std::size_t i = 0; i < files.size(); ++i) {
    CAPTURE(i);
    CHECK(!read_in_pieces(files[i], 5));
  }
}

TEST_CASE("lengths that are lies end the reading and nothing else") {
  for (const auto& file : {box("ftyp", "M4A mp42") + big(1, 4) + "mdat" + big(~std::uint64_t{0}, 8) + movie(false),
                           wav("data" + little(0xfffffff0, 4), 17'640), id3(0x0fffffff) + mp3_frames(5)}) {
    const auto seconds = read_in_pieces(file, 64);
    if (seconds) CHECK(*seconds <= 0.2);
  }
}
