#include "fault_bench.hpp"

#include "run_loop.hpp"

#include <music/async/blocking_pool.hpp>
#include <music/base/random.hpp>
#include <music/providers/acestep/acestep_provider.hpp>
#include <music/providers/elevenlabs/elevenlabs_provider.hpp>
#include <music/providers/fal/fal_provider.hpp>
#include <music/providers/minimax/minimax_provider.hpp>
#include <music/providers/openai/openai_writer.hpp>
#include <music/providers/remote/remote_skills.hpp>
#include <music/providers/replicate/replicate_provider.hpp>
#include <music/providers/stability/stability_provider.hpp>
#include <music/providers/suno/suno_provider.hpp>
#include <music/store/memory_store.hpp>

#include <algorithm>
#include <utility>

namespace music::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view test_key = "test-key-not-real";
constexpr auto one_send = 900ms;
constexpr std::string_view result_name = "fal-result";

upstream::account account_of(const surroundings& at, std::string model) {
  return {.base = at.base, .key = secret{std::string{test_key}}, .model = std::move(model), .timeout = at.timeout};
}

music_subject suno(suno_dialect dialect, std::string purchase, std::string taken) {
  const auto make = [dialect](surroundings at) {
    suno_options options{.base = at.base, .key = secret{std::string{test_key}}, .cookie = {}};
    options.dialect = dialect;
    return create_suno_provider(std::move(options), at.client, at.time);
  };
  const bool self_hosted = dialect == suno_dialect::gcui || dialect == suno_dialect::fastapi;  // whose polls are for many songs
  return {.name = "suno-" + std::string{name(dialect)},
          .purchase = std::move(purchase),
          .song = "song-1",
          .taken = std::move(taken),
          .make = make,
          .not_found = self_hosted ? errc::api_error : errc::song_unknown};
}

using direct_factory = std::unique_ptr<music_provider> (*)(upstream::account, net::http_client&, audio_store&, music::clock&);
using queued_factory = std::unique_ptr<music_provider> (*)(upstream::account, net::http_client&, music::clock&);

music_subject direct(std::string name, std::string purchase, direct_factory create) {
  const auto make = [create](surroundings at) { return create(account_of(at, "music-1"), at.client, at.audio, at.time); };
  return {.name = std::move(name), .purchase = std::move(purchase), .song = "song-1", .taken = {}, .make = make, .direct = true};
}

music_subject queued(std::string name, std::string model, std::string purchase, std::string song, std::string taken,
                     queued_factory create, errc not_found = errc::song_unknown) {
  const auto make = [create, model = std::move(model)](surroundings at) {
    return create(account_of(at, model), at.client, at.time);
  };
  return {.name = std::move(name),
          .purchase = std::move(purchase),
          .song = std::move(song),
          .taken = std::move(taken),
          .make = make,
          .not_found = not_found};
}

music_subject fal(std::string name) {
  return queued(std::move(name), "fal-ai/elevenlabs/music/v2", "/fal-ai/elevenlabs/music/v2", "fal-ai:elevenlabs:song-1",
                R"({"request_id":$id,"response_url":"https://queue.fal.run/fal-ai/elevenlabs/requests/song-1"})",
                create_fal_provider);
}

remote_skill_options remote_at(const surroundings& at) {
  return {.base = at.base, .key = secret{std::string{test_key}}, .timeout = at.timeout};
}

song_request some_song(music::clock& time) {
  seeded_random random{7};
  song_request request;
  request.job = job_id::make(random, time.wall_now());
  request.theme = "rainy night";
  request.prompt = "A mellow lofi beat with a vibraphone.";
  return request;
}

struct counting_writer final : audio_writer {
  explicit counting_writer(std::size_t& total) : bytes(total) {}
  std::size_t& bytes;
  task<result<void>> append(std::string more) override {
    bytes += more.size();
    co_return result<void>{};
  }
  task<result<stored_audio>> commit() override { co_return error{errc::internal}; }
};

// Each of these lets one answer come into its place in the outcome, which must outlive it.

task<void> buy(music_provider& provider, song_request request, time_point deadline, music_outcome& into) {
  into.bought = co_await provider.submit(std::move(request), deadline);
}

task<void> poll(music_provider& provider, std::string song, time_point deadline, music_outcome& into) {
  into.polled = co_await provider.poll(std::move(song), deadline);
}

task<void> fetch(music_provider& provider, std::string source, time_point deadline, music_outcome& into) {
  counting_writer file{into.bytes_kept};
  remote_track track;
  track.source = std::move(source);
  into.fetched = co_await provider.fetch(std::move(track), file, deadline);
}

task<void> write(prompt_writer& writer, time_point deadline, result<written_prompt>& into) {
  prompt_request request{.theme = "rainy night", .tags = "lofi", .style = {}, .instrumental = {}};
  into = co_await writer.write(std::move(request), deadline);
}

upstream_handler with_finished_result(upstream_handler handler) {
  return [handler = std::move(handler)](const upstream_request& request) {
    const bool status = request.target.starts_with('/' + std::string{result_name} + '/') && request.target.ends_with("/status");
    return status ? upstream_reply::json(R"({"status":"COMPLETED"})") : handler(request);
  };
}

}  // namespace

const std::vector<music_subject>& music_subjects() {
  static const std::vector<music_subject> all{
      suno(suno_dialect::classic, "/v1/generate", R"({"id":$id})"),
      suno(suno_dialect::sunoapi, "/api/v1/generate", R"({"code":200,"data":{"taskId":$id}})"),
      suno(suno_dialect::kie, "/api/v1/generate", R"({"code":200,"data":{"taskId":$id}})"),
      suno(suno_dialect::gcui, "/api/", R"([{"id":$id}])"),
      suno(suno_dialect::fastapi, "/generate", R"({"clips":[{"id":$id}]})"),
      direct("elevenlabs", "/v1/music", create_elevenlabs_provider),
      direct("minimax", "/v1/music_generation", create_minimax_provider),
      direct("stability", "/v2beta/audio", create_stability_provider),
      fal("fal"),
      fal(std::string{result_name}),
      queued("replicate", "stability-ai/stable-audio-2.5", "/v1/models", "song-1", R"({"id":$id})", create_replicate_provider),
      queued("acestep", "", "/release_task", "song-1:1771151445", R"({"data":{"task_id":$id},"code":200})",
             create_acestep_provider, errc::api_error),
      {.name = "remote",
       .purchase = "/skills/suno-music-generator",
       .song = "song-1",
       .taken = R"({"id":$id})",
       .make = [](surroundings at) { return create_remote_provider(remote_at(at), at.client, at.time); },
       .resends = true},
  };
  return all;
}

const std::vector<writer_subject>& writer_subjects() {
  static const std::vector<writer_subject> all{
      {"openai",
       [](surroundings at) {
         return create_openai_writer({.base = at.base, .key = secret{std::string{test_key}}}, at.client, at.time);
       }},
      {"remote-writer", [](surroundings at) { return create_remote_writer(remote_at(at), at.client, at.time); }},
  };
  return all;
}

const music_subject* asker_of(const upstream_request& request) {
  const auto& all = music_subjects();
  const auto found = std::ranges::find_if(all, [&](const auto& one) { return request.target.starts_with('/' + one.name + '/'); });
  return found == all.end() ? nullptr : &*found;
}

struct fault_bench::parts {
  fake_upstream upstream;
  asio::io_context context{1};
  std::unique_ptr<music::clock> time = create_system_clock(context.get_executor());
  blocking_pool pool{1};
  std::unique_ptr<net::resolver> names = net::create_resolver(context.get_executor(), *time, pool);
  net::tls_context tls = net::tls_context::client({}).value();
  std::unique_ptr<net::http_client> client = net::create_http_client(context.get_executor(), *time, *names, tls);
  std::unique_ptr<audio_store> audio = create_memory_audio_store();

  explicit parts(upstream_handler handler) : upstream(with_finished_result(std::move(handler))) {}

  [[nodiscard]] surroundings below(const std::string& name, std::chrono::seconds timeout) {
    return {net::parse_url(upstream.base_url() + '/' + name).value(), *client, *audio, *time, timeout};
  }
};

fault_bench::fault_bench(upstream_handler handler) : parts_(std::make_unique<parts>(std::move(handler))) {}

fault_bench::~fault_bench() = default;

std::vector<music_outcome> fault_bench::ask_for_music(std::chrono::seconds patience) {
  const auto& subjects = music_subjects();
  std::vector<std::unique_ptr<music_provider>> providers;
  std::vector<music_outcome> outcomes(subjects.size());
  std::vector<task<void>> work;
  const auto now = parts_->time->now();
  const auto soon = now + patience;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const auto& subject = subjects[i];
    auto& provider = *providers.emplace_back(subject.make(parts_->below(subject.name, patience)));
    const auto until = subject.direct ? now + 2 * patience : subject.resends ? now + one_send : soon;
    work.push_back(buy(provider, some_song(*parts_->time), until, outcomes[i]));
    work.push_back(poll(provider, subject.song, soon, outcomes[i]));
    work.push_back(fetch(provider, parts_->upstream.base_url() + '/' + subject.name + "/a.mp3", soon, outcomes[i]));
  }
  run_loop(parts_->context, std::move(work));
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    outcomes[i].purchases = parts_->upstream.count("POST", '/' + subjects[i].name + subjects[i].purchase);
    outcomes[i].other_gets = parts_->upstream.count("GET", '/' + subjects[i].name + '/');
  }
  return outcomes;
}

std::vector<result<written_prompt>> fault_bench::ask_for_prompts(std::chrono::seconds patience) {
  std::vector<std::unique_ptr<prompt_writer>> writers;
  std::vector<result<written_prompt>> outcomes(writer_subjects().size(), error{errc::internal});
  std::vector<task<void>> work;
  const auto soon = parts_->time->now() + patience;
  for (const auto& subject : writer_subjects()) {
    writers.push_back(subject.make(parts_->below(subject.name, patience)));
    work.push_back(write(*writers.back(), soon, outcomes[writers.size() - 1]));
  }
  run_loop(parts_->context, std::move(work));
  return outcomes;
}

fake_upstream& fault_bench::upstream() noexcept { return parts_->upstream; }

bool fault_bench::leaves_nothing_open() {
  parts_->client->close_idle();
  parts_->context.restart();
  parts_->context.poll();
  return parts_->upstream.wait_until_left();
}

}  // namespace music::test
