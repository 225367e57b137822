#include "audio_walkers.hpp"

#include "mpeg_frames.hpp"

namespace music {
namespace {

std::optional<double> seconds_of(std::uint64_t samples, std::uint64_t rate) noexcept {
  if (rate == 0) return std::nullopt;
  return static_cast<double>(samples) / static_cast<double>(rate);
}

/// Frame by frame; what lies between them (tags, covers, rubbish) is stepped over.
class mp3_walker final : public duration_reader::walker {
 public:
  mp3_walker() : walker(id3_header) {}

  std::optional<double> seconds() const override { return frames_ == 0 ? std::nullopt : std::optional{seconds_}; }

 private:
  static constexpr std::size_t id3_header = 10;
  static constexpr std::size_t frame_header = 4;

  void on_part(std::string& part) override {
    want(frame_header);
    if (part.size() == id3_header && part.starts_with("ID3")) {
      std::uint64_t tag = 0;  // 7 bits a byte (ID3v2.4, 3.1)
      for (std::size_t i = 6; i < id3_header; ++i) tag = tag << 7U | (static_cast<unsigned char>(part[i]) & 0x7fU);
      const bool footer = (static_cast<unsigned char>(part[5]) & 0x10U) != 0;
      part.clear();
      skip(tag + (footer ? id3_header : 0));
      return;
    }
    while (part.size() >= frame_header) {
      const auto frame = read_mpeg_frame(part);
      if (frame && frame->bytes > frame_header) {
        count(*frame);
        const auto behind = part.size();
        if (frame->bytes >= behind) {
          part.clear();
          skip(frame->bytes - behind);
        } else {
          part.erase(0, frame->bytes);
        }
        continue;
      }
      part.erase(0, 1);
    }
  }

  void count(const mpeg_frame& frame) {
    ++frames_;
    seconds_ += static_cast<double>(frame.samples) / frame.rate;
  }

  std::uint64_t frames_ = 0;
  double seconds_ = 0;
};

/// RIFF chunks: the byte rate of `fmt `, and how much of `data` there is.
class wav_walker final : public duration_reader::walker {
 public:
  wav_walker() : walker(riff_header) {}

  std::optional<double> seconds() const override {
    if (byte_rate_ == 0 || data_at_ == 0) return std::nullopt;
    // Writers that stream put 0 or the largest number where they do not know the size yet.
    const auto there = total() - std::min(total(), data_at_);
    const auto bytes = data_bytes_ == 0 ? there : std::min(data_bytes_, there);
    return static_cast<double>(bytes) / static_cast<double>(byte_rate_);
  }

 private:
  static constexpr std::size_t riff_header = 12;
  static constexpr std::size_t chunk_header = 8;
  static constexpr std::size_t format_fields = 16;

  void on_part(std::string& part) override {
    if (in_format_) {
      byte_rate_ = little_endian(part, 8, 4);
      in_format_ = false;
      skip(format_rest_);
      want(chunk_header);
    } else if (at_ == 0) {
      at_ = riff_header;
      want(chunk_header);
    } else {
      on_chunk(part.substr(0, 4), little_endian(part, 4, 4));
    }
    part.clear();
  }

  void on_chunk(std::string_view name, std::uint64_t bytes) {
    at_ += chunk_header;
    const auto padded = bytes + bytes % 2;
    if (name == "data") {
      data_at_ = at_;
      data_bytes_ = bytes == 0xffffffff ? 0 : bytes;
      return stop();
    }
    at_ += padded;
    in_format_ = name == "fmt " && bytes >= format_fields;
    if (in_format_) {
      format_rest_ = padded - format_fields;
      want(format_fields);
    } else {
      skip(padded);
      want(chunk_header);
    }
  }

  std::uint64_t at_ = 0;
  bool in_format_ = false;
  std::uint64_t format_rest_ = 0;
  std::uint64_t byte_rate_ = 0;
  std::uint64_t data_at_ = 0;
  std::uint64_t data_bytes_ = 0;
};

/// STREAMINFO comes first and tells everything (RFC 9639, 8.2).
class flac_walker final : public duration_reader::walker {
 public:
  flac_walker() : walker(8 + 18) {}

  std::optional<double> seconds() const override { return seconds_of(samples_, rate_); }

 private:
  void on_part(std::string& part) override {
    const bool stream_info = (static_cast<unsigned char>(part[4]) & 0x7fU) == 0;
    if (stream_info) {
      rate_ = big_endian(part, 18, 3) >> 4U;
      samples_ = big_endian(part, 21, 5) & 0xfffffffffU;
    }
    part.clear();
    stop();
  }

  std::uint64_t rate_ = 0;
  std::uint64_t samples_ = 0;
};

/// Pages (RFC 3533): the first one's packet tells the codec's rate, the last one's granule position the samples.
class ogg_walker final : public duration_reader::walker {
 public:
  ogg_walker() : walker(page_header) {}

  std::optional<double> seconds() const override {
    if (last_ <= before_) return std::nullopt;
    return seconds_of(last_ - before_, rate_);
  }

 private:
  static constexpr std::size_t page_header = 27;
  static constexpr std::size_t codec_header = 19;  ///< enough of an identification header
  static constexpr std::uint64_t no_position = ~std::uint64_t{0};
  static constexpr std::uint64_t opus_rate = 48'000;  // RFC 7845, 4

  enum class part_kind : std::uint8_t { header, lacing, codec };

  void on_part(std::string& part) override {
    switch (next_) {
      case part_kind::header: return on_header(part);
      case part_kind::lacing: return on_lacing(part);
      case part_kind::codec: return on_codec(part);
    }
  }

  void on_header(std::string& part) {
    const bool page = part.starts_with("OggS");
    const auto position = little_endian(part, 6, 8);
    const auto serial = little_endian(part, 14, 4);
    const auto segments = static_cast<unsigned char>(part[26]);
    part.clear();
    if (!page) return stop();  // lost: what was read so far is told
    if (!known_) serial_ = serial;
    if (serial == serial_ && position != no_position) last_ = position;
    if (segments == 0) return want(page_header);
    next_ = part_kind::lacing;
    want(segments);
  }

  void on_lacing(std::string& part) {
    std::uint64_t bytes = 0;
    for (const char segment : part) bytes += static_cast<unsigned char>(segment);
    part.clear();
    if (!known_ && bytes >= codec_header) {
      known_ = true;
      next_ = part_kind::codec;
      body_rest_ = bytes - codec_header;
      return want(codec_header);
    }
    next_page(bytes);
  }

  void on_codec(std::string& part) {
    if (part.starts_with("\x01vorbis")) rate_ = little_endian(part, 12, 4);
    if (part.starts_with("OpusHead")) {
      rate_ = opus_rate;
      before_ = little_endian(part, 10, 2);
    }
    part.clear();
    next_page(body_rest_);
  }

  void next_page(std::uint64_t body) {
    next_ = part_kind::header;
    skip(body);
    want(page_header);
  }

  part_kind next_ = part_kind::header;
  bool known_ = false;
  std::uint64_t serial_ = 0;
  std::uint64_t rate_ = 0;
  std::uint64_t before_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t body_rest_ = 0;
};

/// Boxes (ISO 14496-12): `moov` is entered, its `mvhd` read, everything else stepped over.
class mp4_walker final : public duration_reader::walker {
 public:
  mp4_walker() : walker(box_header) {}

  std::optional<double> seconds() const override { return seconds_of(duration_, scale_); }

 private:
  static constexpr std::size_t box_header = 8;
  static constexpr std::size_t large_box_header = 16;
  static constexpr std::size_t movie_header = 32;  ///< of either version as far as the duration

  void on_part(std::string& part) override {
    if (in_movie_header_) return on_movie_header(part);
    std::uint64_t bytes = big_endian(part, 0, 4);
    const auto name = part.substr(4, 4);
    if (bytes == 1 && part.size() == box_header) return want(large_box_header);  // the size follows the name
    if (bytes == 1) bytes = big_endian(part, 8, 8);
    const auto header = part.size();
    part.clear();
    want(box_header);
    if (name == "moov") return;  // its boxes come next
    if (bytes < header) return stop();  // 0: to the end of the file
    in_movie_header_ = name == "mvhd" && bytes - header >= movie_header;
    if (in_movie_header_) want(movie_header);
    else skip(bytes - header);
  }

  void on_movie_header(std::string& part) {
    const bool wide = part[0] == 1;
    scale_ = big_endian(part, wide ? 20 : 12, 4);
    duration_ = big_endian(part, wide ? 24 : 16, wide ? 8 : 4);
    part.clear();
    stop();
  }

  bool in_movie_header_ = false;
  std::uint64_t scale_ = 0;
  std::uint64_t duration_ = 0;
};

}  // namespace

std::unique_ptr<duration_reader::walker> make_mp3_walker() { return std::make_unique<mp3_walker>(); }
std::unique_ptr<duration_reader::walker> make_wav_walker() { return std::make_unique<wav_walker>(); }
std::unique_ptr<duration_reader::walker> make_flac_walker() { return std::make_unique<flac_walker>(); }
std::unique_ptr<duration_reader::walker> make_ogg_walker() { return std::make_unique<ogg_walker>(); }
std::unique_ptr<duration_reader::walker> make_mp4_walker() { return std::make_unique<mp4_walker>(); }

}  // namespace music
