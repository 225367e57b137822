#include "midi.hpp"

#include "form.hpp"
#include "theory.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

namespace music::local {

namespace {

constexpr int percussion_channel = 9;

struct event {
  int at = 0;
  int order = 0;  ///< at the same tick: note-offs, then programs and controllers, then note-ons
  std::string bytes;
};

char byte(int value) { return static_cast<char>(static_cast<unsigned char>(value & 0xFF)); }

std::string big_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text.push_back(byte(static_cast<int>((value >> static_cast<unsigned>(shift)) & 0xFFU)));
  }
  return text;
}

std::string variable_length(std::uint32_t value) {
  std::string text{byte(static_cast<int>(value & 0x7FU))};
  while ((value >>= 7U) != 0) {
    text.insert(text.begin(), byte(static_cast<int>((value & 0x7FU) | 0x80U)));
  }
  return text;
}

std::string meta(int type, const std::string& payload) {
  return std::string{byte(0xFF), byte(type)} + variable_length(static_cast<std::uint32_t>(payload.size())) + payload;
}

std::string channel_message(int status, int channel, int first, int second) {
  return {byte(status | channel), byte(first & 0x7F), byte(second & 0x7F)};
}

std::string track(std::vector<event> events) {
  std::sort(events.begin(), events.end(),
            [](const event& a, const event& b) { return std::tie(a.at, a.order, a.bytes) < std::tie(b.at, b.order, b.bytes); });
  std::string body;
  int now = 0;
  for (const auto& e : events) {
    body += variable_length(static_cast<std::uint32_t>(e.at - now)) + e.bytes;
    now = e.at;
  }
  body += variable_length(0) + meta(0x2F, "");
  return "MTrk" + big_endian(static_cast<std::uint32_t>(body.size()), 4) + body;
}

int ticks(double beats) { return static_cast<int>(std::lround(std::max(beats, 0.0) * ticks_per_beat)); }

double bpm_at(const score& piece, double beat) {
  double bpm = piece.bpm;
  for (const auto& t : piece.tempo) {
    bpm = t.at <= beat ? t.bpm : bpm;
  }
  return bpm;
}

/// Sharps (positive) or flats of the key signature.
int signature(const score& piece) {
  const int major = pitch_class(piece.minor ? piece.key_root + 3 : piece.key_root);
  const int fifths = major * 7 % 12;
  return fifths > 6 ? fifths - 12 : fifths;
}

std::string conductor(const score& piece) {
  std::vector<event> events;
  events.push_back({0, 0, meta(0x03, piece.title)});
  events.push_back({0, 0, meta(0x58, {byte(piece.beats_per_bar), byte(2), byte(24), byte(8)})});
  events.push_back({0, 0, meta(0x59, {byte(signature(piece)), byte(piece.minor ? 1 : 0)})});
  for (const auto& t : piece.tempo) {
    const auto microseconds = static_cast<std::uint32_t>(std::lround(60'000'000 / t.bpm));
    events.push_back({ticks(t.at), 0, meta(0x51, big_endian(microseconds, 3))});
  }
  return track(std::move(events));
}

std::string part_track(const score& piece, std::size_t index, int channel) {
  const auto& p = piece.parts[index];
  std::vector<event> events;
  events.push_back({0, 1, meta(0x03, p.name)});
  events.push_back({0, 1, {byte(0xC0 | channel), byte(p.program & 0x7F)}});
  events.push_back({0, 1, channel_message(0xB0, channel, 10, static_cast<int>(std::lround(64 + 63 * p.pan)))});
  for (const auto& c : piece.controls) {
    if (c.part == index) {
      events.push_back({ticks(c.at), 1, channel_message(0xB0, channel, c.controller, c.value)});
    }
  }
  for (const auto& n : piece.notes) {
    if (n.part != index) {
      continue;
    }
    const double shift = static_cast<double>(n.offset_ms) * bpm_at(piece, n.start) / 60'000;
    const int start = ticks(n.start + shift);
    const int end = std::max(start + 1, ticks(n.start + n.length));
    events.push_back({start, 2, channel_message(0x90, channel, n.pitch, n.velocity)});
    events.push_back({end, 0, channel_message(0x80, channel, n.pitch, 64)});
  }
  return track(std::move(events));
}

}  // namespace

std::string to_midi(const score& piece) {
  std::string file = "MThd" + big_endian(6, 4) + big_endian(1, 2) +
                     big_endian(static_cast<std::uint32_t>(piece.parts.size() + 1), 2) + big_endian(ticks_per_beat, 2);
  file += conductor(piece);
  int next_channel = 0;
  for (std::size_t i = 0; i < piece.parts.size(); ++i) {
    const bool drums = piece.parts[i].role == part_role::drums;
    next_channel += next_channel == percussion_channel ? 1 : 0;
    file += part_track(piece, i, drums ? percussion_channel : next_channel);
    next_channel = drums ? next_channel : (next_channel + 1) % 16;
  }
  return file;
}

}  // namespace music::local
