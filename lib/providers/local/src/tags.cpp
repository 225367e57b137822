#include "tags.hpp"

#include "cover.hpp"

#include <attachedpictureframe.h>
#include <flacfile.h>
#include <flacpicture.h>
#include <id3v2framefactory.h>
#include <id3v2tag.h>
#include <mpegfile.h>
#include <tbytevectorstream.h>
#include <tpropertymap.h>
#include <vorbisfile.h>
#include <xiphcomment.h>

#include <cmath>
#include <memory>
#include <utility>

namespace music::local {
namespace {

TagLib::String utf8(const std::string& text) { return {text, TagLib::String::UTF8}; }

TagLib::ByteVector bytes_of(const std::string& text) { return {text.data(), static_cast<unsigned int>(text.size())}; }

TagLib::PropertyMap properties_of(const song_tags& tags) {
  TagLib::PropertyMap map;
  map.insert("TITLE", utf8(tags.title));
  map.insert("ARTIST", utf8(tags.artist));
  map.insert("GENRE", utf8(tags.genre));
  map.insert("COMMENT", utf8(tags.comment));
  map.insert("BPM", TagLib::String::number(tags.bpm));
  map.insert("INITIALKEY", utf8(tags.initial_key));
  return map;
}

std::unique_ptr<TagLib::FLAC::Picture> picture_of(const std::string& png) {
  auto picture = std::make_unique<TagLib::FLAC::Picture>();
  picture->setType(TagLib::FLAC::Picture::FrontCover);
  picture->setMimeType("image/png");
  picture->setDescription("piano roll");
  picture->setWidth(cover_size);
  picture->setHeight(cover_size);
  picture->setColorDepth(24);
  picture->setData(bytes_of(png));
  return picture;
}

void fill(TagLib::ID3v2::Tag& tag, const song_tags& tags, const std::string& png) {
  tag.setProperties(properties_of(tags));
  auto picture = std::make_unique<TagLib::ID3v2::AttachedPictureFrame>();
  picture->setType(TagLib::ID3v2::AttachedPictureFrame::FrontCover);
  picture->setMimeType("image/png");
  picture->setDescription("piano roll");
  picture->setPicture(bytes_of(png));
  tag.addFrame(picture.release());  // the tag owns it now
}

bool tag_mp3(TagLib::IOStream& stream, const song_tags& tags, const std::string& png) {
  TagLib::MPEG::File file{&stream, TagLib::ID3v2::FrameFactory::instance(), false};
  if (!file.isValid()) return false;
  fill(*file.ID3v2Tag(true), tags, png);
  using file_type = TagLib::MPEG::File;
  return file.save(file_type::ID3v2, file_type::StripOthers, TagLib::ID3v2::v4, file_type::DoNotDuplicate);
}

bool tag_ogg(TagLib::IOStream& stream, const song_tags& tags, const std::string& png) {
  TagLib::Ogg::Vorbis::File file{&stream, false};
  if (!file.isValid()) return false;
  file.tag()->setProperties(properties_of(tags));
  file.tag()->addPicture(picture_of(png).release());
  return file.save();
}

bool tag_flac(TagLib::IOStream& stream, const song_tags& tags, const std::string& png) {
  TagLib::FLAC::File file{&stream, TagLib::ID3v2::FrameFactory::instance(), false};
  if (!file.isValid()) return false;
  file.xiphComment(true)->setProperties(properties_of(tags));
  file.addPicture(picture_of(png).release());
  return file.save();
}

/// Appends an ID3v2 chunk by hand: TagLib would hold a five-minute WAV in memory three times.
result<std::string> tag_wav(std::string bytes, const song_tags& tags, const std::string& png) {
  constexpr std::size_t riff_size_at = 4;
  constexpr std::size_t riff_header = 8;
  if (bytes.size() < riff_header || !bytes.starts_with("RIFF")) return error{errc::internal, "not a RIFF file"};
  TagLib::ID3v2::Tag tag;
  fill(tag, tags, png);
  const TagLib::ByteVector chunk = tag.render();
  const auto put_size = [&bytes](std::size_t at, std::size_t size) {
    for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(size >> (8 * i) & 0xFFU);
  };
  bytes += "id3 ";
  bytes.append(4, '\0');
  put_size(bytes.size() - 4, chunk.size());
  bytes.append(chunk.data(), chunk.size());
  if (chunk.size() % 2 != 0) bytes.push_back('\0');  // chunks begin at even positions
  put_size(riff_size_at, bytes.size() - riff_header);
  return bytes;
}

bool tag(TagLib::IOStream& stream, audio_format format, const song_tags& tags, const std::string& png) {
  switch (format) {
    case audio_format::mp3: return tag_mp3(stream, tags, png);
    case audio_format::ogg: return tag_ogg(stream, tags, png);
    case audio_format::flac: return tag_flac(stream, tags, png);
    case audio_format::wav: return false;  // has a way of its own
  }
  return false;
}

}  // namespace

song_tags tags_of(const score& piece) {
  std::string key = piece.key.substr(0, piece.key.find(' '));
  if (piece.minor && !key.empty()) key += 'm';
  return {.title = piece.title,
          .artist = "openclaw-music sketch composer",
          .genre = piece.style,
          .comment = "seed " + std::to_string(piece.seed) + "; composed locally, no AI model",
          .initial_key = std::move(key),
          .bpm = static_cast<int>(std::lround(piece.bpm))};
}

result<std::string> write_tags(std::string bytes, audio_format format, const song_tags& tags, const std::string& cover_png) {
  if (format == audio_format::wav) return tag_wav(std::move(bytes), tags, cover_png);
  TagLib::ByteVectorStream stream{bytes_of(bytes)};
  std::string{}.swap(bytes);  // the stream has a copy
  if (!tag(stream, format, tags, cover_png)) return error{errc::internal, "TagLib refused the encoded file"};
  const TagLib::ByteVector& tagged = *stream.data();
  return std::string{tagged.data(), tagged.size()};
}

}  // namespace music::local
