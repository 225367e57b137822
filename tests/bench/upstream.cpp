// bench_upstream PORT DELAY_MS [mute]: OpenAI and classic Suno for jobs whose theme is "bench song N", each answer after
// DELAY_MS. Songs go on being made until POST /finish. GET /report tells what was asked, POST /mark begins a new series of poll
// spacings. Mute takes every request and answers none, so that jobs stay where they are.

#include "epoll_server.hpp"
#include "upstream_ledger.hpp"

#include <optional>

namespace music::bench {
namespace {

constexpr std::string_view theme_words = "bench song ";
constexpr std::size_t most_songs = 10'000'000;

std::string answer(std::string_view type, std::string_view body) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Type: ";
  return text.append(type).append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

std::string json_answer(std::string_view body) { return answer("application/json", body); }

std::optional<std::size_t> number_after(std::string_view text, std::string_view words) {
  const auto at = text.find(words);
  if (at == std::string_view::npos) return std::nullopt;
  std::size_t number = 0;
  const auto [end, failed] = std::from_chars(text.data() + at + words.size(), text.data() + text.size(), number);
  return failed == std::errc{} && number < most_songs ? std::optional{number} : std::nullopt;
}

/// A second of silence: 8 kHz, 8 bit, mono.
std::string silent_wav() {
  using namespace std::string_view_literals;
  auto wav = std::string{"RIFF\x64\x1f\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x40\x1f\0\0"sv};
  return wav.append(8000, '\x80');
}

class fake_upstream {
 public:
  void handle(const request& in, reply& out) {
    const auto target = in.target();
    if (target == "/report") {
      out.now += json_answer(ledger_.report());
    } else if (target == "/mark") {
      ledger_.mark();
      out.now += json_answer("{}");
    } else if (target == "/finish") {
      finishing_ = true;
      out.now += json_answer("{}");
    } else {
      out.later = upstream_answer(in, target, out.tag);
    }
  }

  /// `tag` is 0 or, for polls, the song's number and one.
  void sent(std::uint64_t tag) {
    if (tag > 0) ledger_.answered_poll(tag - 1, steady::now());
  }

 private:
  std::string upstream_answer(const request& in, std::string_view target, std::uint64_t& tag) {
    if (target == "/v1/chat/completions") return prompt(number_after(in.body, theme_words));
    if (target == "/v1/generate") return submission(number_after(in.body, theme_words));
    if (const auto song = number_after(target, "/v1/songs/song-")) {
      tag = *song + 1;
      return poll(in, *song);
    }
    ledger_.downloaded();
    return audio_;
  }

  std::string prompt(std::optional<std::size_t> song) {
    if (!song) return json_answer(R"({"error":{"message":"no such theme"}})");
    ledger_.asked_for_prompt(*song);
    const auto name = std::string{theme_words} + std::to_string(*song);
    const auto text = "A calm lofi piece in A minor at 80 BPM with soft drums and warm keys, " + name;
    return json_answer(R"({"choices":[{"message":{"content":")" + text +
                       R"("},"finish_reason":"stop"}],"usage":{"total_tokens":145}})");
  }

  std::string submission(std::optional<std::size_t> song) {
    if (!song) return json_answer(R"({"error":"no such prompt"})");
    ledger_.submitted(*song);
    return json_answer(R"({"id":"song-)" + std::to_string(*song) + R"("})");
  }

  std::string poll(const request& in, std::size_t song) {
    ledger_.polled(song, steady::now());
    const auto id = "song-" + std::to_string(song);
    if (!finishing_)
      return json_answer(R"({"id":")" + id + R"(","status":"generating","audio_url":null,"title":null,"duration":null})");
    const auto from = in.head.find("Host: ") + 6;
    const std::string host{in.head.substr(from, in.head.find('\r', from) - from)};
    return json_answer(R"({"id":")" + id + R"(","status":"complete","audio_url":"http://)" + host + "/audio/" + id +
                       R"(","title":"Bench","duration":1,"created_at":"2026-01-01T00:00:00Z","tags":"lofi"})");
  }

  upstream_ledger ledger_;
  bool finishing_ = false;
  std::string audio_ = answer("audio/wav", silent_wav());
};

}  // namespace
}  // namespace music::bench

int main(int count, char** arguments) {
  if (count < 3) {
    std::fputs("usage: bench_upstream PORT DELAY_MS [mute]\n", stderr);
    return 2;
  }
  using namespace music::bench;
  const bool mute = count > 3;
  fake_upstream upstream;
  epoll_server server{static_cast<std::uint16_t>(std::atoi(arguments[1])), std::chrono::milliseconds{std::atoi(arguments[2])}};
  server.run(
      [&](const request& in, reply& out) {
        if (!mute) upstream.handle(in, out);
      },
      [&](std::uint64_t tag) { upstream.sent(tag); });
}
