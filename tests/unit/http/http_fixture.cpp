#include "http_fixture.hpp"

#include <music/async/deadline.hpp>
#include <music/base/text.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace music::test {
namespace {

class wire_transport final : public net::transport {
 public:
  wire_transport(executor ex, std::shared_ptr<wire> over) : executor_(ex), wire_(std::move(over)) {}
  ~wire_transport() override { wire_->closed = true; }

  task<net::io_result> read_some(asio::mutable_buffer into) override {
    for (;;) {
      net::error_code ec;
      const auto got = try_read(into, ec);
      if (ec != asio::error::would_block) co_return net::io_result{ec, got};
      wire_->readable = std::make_unique<event>(executor_);
      co_await wire_->readable->wait(use_task);
    }
  }

  task<net::error_code> write(asio::const_buffer from) override {
    for (;;) {
      net::error_code ec;
      from += try_write(from, ec);
      if (from.size() == 0) co_return net::error_code{};
      if (ec && ec != asio::error::would_block) co_return ec;
      wire_->writable = std::make_unique<event>(executor_);
      co_await wire_->writable->wait(use_task);
    }
  }

  task<net::error_code> wait_readable() override {
    for (;;) {
      if (const auto refused = refusal()) co_return refused;
      if (!wire_->incoming.empty() || wire_->peer_ended) co_return net::error_code{};
      wire_->readable = std::make_unique<event>(executor_);
      co_await wire_->readable->wait(use_task);
    }
  }

  std::size_t try_read(asio::mutable_buffer into, net::error_code& ec) noexcept override {
    ec = refusal();
    if (ec) return 0;
    if (wire_->incoming.empty()) {
      ec = wire_->peer_ended ? asio::error::eof : net::error_code{asio::error::would_block};
      return 0;
    }
    const auto count = std::min({into.size(), wire_->incoming.size(), wire_->most_per_read});
    wire_->incoming.copy(static_cast<char*>(into.data()), count);
    wire_->incoming.erase(0, count);
    return count;
  }

  std::size_t try_write(asio::const_buffer from, net::error_code& ec) noexcept override {
    ec = refusal();
    if (ec) return 0;
    const auto count = std::min(from.size(), wire_->window);
    wire_->outgoing.append(static_cast<const char*>(from.data()), count);
    wire_->window -= count;
    if (count == 0) ec = asio::error::would_block;
    return count;
  }

  task<net::error_code> handshake_server() override { co_return net::error_code{}; }
  bool quiet() noexcept override { return true; }
  void shutdown_send() noexcept override { wire_->ended = true; }
  bool is_open() const noexcept override { return !wire_->closed; }
  const std::string& peer() const noexcept override { return peer_; }

  void close() noexcept override {
    wire_->closed = true;
    wire_->wake();
  }

 protected:
  void cancel() noexcept override { wire_->wake(); }

 private:
  [[nodiscard]] net::error_code refusal() const noexcept {
    if (expired()) return asio::error::timed_out;
    if (wire_->closed) return asio::error::operation_aborted;
    return {};
  }

  executor executor_;
  std::shared_ptr<wire> wire_;
  std::string peer_ = "192.0.2.1:1";
};

class string_reader final : public audio_reader {
 public:
  string_reader(fake_audio& owner, std::string bytes) : owner_(owner), bytes_(std::move(bytes)) {}
  std::uint64_t size() const noexcept override { return bytes_.size(); }
  task<result<std::string>> read(std::uint64_t offset, std::size_t count) override {
    owner_.largest_read = std::max(owner_.largest_read, count);
    if (offset >= owner_.fail_after) co_return error{errc::store_unavailable};
    co_return bytes_.substr(static_cast<std::size_t>(offset), count);
  }

 private:
  fake_audio& owner_;
  std::string bytes_;
};

}  // namespace

void wire::wake() {
  if (readable) readable->set();
  if (writable) writable->set();
}

std::unique_ptr<net::transport> make_wire_transport(executor ex, std::shared_ptr<wire> over) {
  return std::make_unique<wire_transport>(ex, std::move(over));
}

std::vector<parsed_answer> parse_answers(std::string bytes, bool head_only) {
  std::vector<parsed_answer> answers;
  while (!bytes.empty()) {
    const auto end = bytes.find("\r\n\r\n");
    if (!bytes.starts_with("HTTP/1.1 ") || end == std::string::npos) throw std::runtime_error("not an answer: " + bytes);
    parsed_answer answer;
    answer.status = static_cast<unsigned>(std::stoul(bytes.substr(9, 3)));
    std::string head = bytes.substr(0, end + 2);
    bytes.erase(0, end + 4);
    for (auto at = head.find("\r\n") + 2; at < head.size();) {
      const auto line_end = head.find("\r\n", at);
      const auto colon = head.find(": ", at);
      answer.headers[to_lower_ascii(head.substr(at, colon - at))] = head.substr(colon + 2, line_end - colon - 2);
      at = line_end + 2;
    }
    if (!head_only && answer.headers.contains("content-length")) {
      const auto length = std::stoul(answer.headers.at("content-length"));
      answer.body = bytes.substr(0, length);
      bytes.erase(0, length);
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

// --- ports ------------------------------------------------------------------------------------------------------------

task<result<admission>> fake_jobs::submit(generate_request request, caller by, std::optional<request_key> key) {
  if (throws) throw std::runtime_error("scripted");
  submitted_by.push_back(by.name);
  keys.push_back(std::move(key));
  if (failure) co_return error{*failure};
  submitted.push_back(request);
  job fresh;
  fresh.id = job_id::make(random_, clock_.wall_now());
  fresh.owner = by.name;
  fresh.request = std::move(request);
  fresh.created_at = fresh.updated_at = clock_.wall_now();
  fresh.deadline_at = fresh.created_at + std::chrono::minutes{15};
  auto kept = std::make_shared<const job>(std::move(fresh));
  stored[kept->id.text()] = kept;
  co_return admission{kept, replay};
}

task<result<batch_admission>> fake_batches::submit_batch(std::vector<generate_request> requests, caller by,
                                                         std::optional<request_key> key) {
  keys.push_back(std::move(key));
  if (failure) co_return error{*failure};
  submitted.push_back(requests);
  batch made{batch_id::make(random_, clock_.wall_now(), requests.size()), {}};
  for (auto& request : requests) {
    job fresh;
    fresh.id = made.id.job(made.jobs.size());
    fresh.batch = made.id;
    fresh.owner = by.name;
    fresh.request = std::move(request);
    made.jobs.push_back(std::make_shared<const job>(std::move(fresh)));
    jobs_.stored[made.jobs.back()->id.text()] = made.jobs.back();
  }
  last = made.id;
  co_return batch_admission{std::move(made), replay};
}

task<result<batch>> fake_batches::find_batch(batch_id id, caller by) {
  if (failure) co_return error{*failure};
  batch found{id, {}};
  bool any = false;
  for (std::size_t place = 0; place < id.size(); ++place) {
    found.jobs.push_back(jobs_.peek(id.job(place).text(), by));
    any = any || found.jobs.back();
  }
  if (!any) co_return error{errc::not_found};
  co_return found;
}

job_ptr fake_jobs::peek(std::string_view id, const caller& by) {
  ++peeks;
  if (!in_memory) return nullptr;
  const auto place = stored.find(std::string{id});
  return place != stored.end() && place->second->owner == by.name ? place->second : nullptr;
}

result<job_ptr> fake_jobs::found(const job_id& id, const caller& by) const {
  if (throws) throw std::runtime_error("scripted");
  if (failure) return error{*failure};
  const auto place = stored.find(id.text());
  if (place == stored.end() || place->second->owner != by.name) return error{errc::not_found};
  return place->second;
}

task<result<job_ptr>> fake_jobs::find(job_id id, caller by) { co_return found(id, by); }

task<result<job_page>> fake_jobs::list(job_query query, caller by) {
  if (failure) co_return error{*failure};
  queries.push_back(query);
  job_page page;
  for (const auto& [id, job] : stored) {
    if (job->owner == by.name) page.jobs.push_back(job);
  }
  if (page.jobs.size() > query.limit) {
    page.jobs.resize(query.limit);
    page.next_cursor = page.jobs.back()->id;
  }
  co_return page;
}

task<result<job_ptr>> fake_jobs::wait(job_id id, caller by, wait_for what, std::uint64_t seen_version, time_point until) {
  for (;;) {
    auto now = found(id, by);
    if (!now) co_return now;
    const bool enough = (*now)->done() || (what == wait_for::change && (*now)->version > seen_version);
    if (enough || clock_.now() >= until) co_return now;
    auto sleeping = sleep_unless(clock_, until, changed_.get());
    co_await std::move(sleeping);
  }
}

task<result<job_ptr>> fake_jobs::cancel(job_id id, caller by) { co_return found(id, by); }

task<result<job_ptr>> fake_jobs::retry(job_id id, caller by, bool resubmit) {
  retried.push_back(resubmit);
  co_return found(id, by);
}

task<result<void>> fake_jobs::erase(job_id id, caller by) {
  const auto there = found(id, by);
  if (!there) co_return there.error();
  if (!(*there)->done()) co_return error{errc::conflict};
  stored.erase(id.text());
  co_return result<void>{};
}

void fake_jobs::put(job changed) {
  const auto before = stored.find(changed.id.text());
  if (before != stored.end()) changed.version = before->second->version + 1;
  stored[changed.id.text()] = std::make_shared<const job>(changed);
  auto waking = std::exchange(changed_, std::make_unique<event>(executor_));
  waking->set();
}

task<result<std::vector<delivery>>> fake_outbox::of_job(job_id job) {
  if (down) co_return error{errc::store_unavailable};
  std::vector<delivery> found;
  std::ranges::copy_if(all, std::back_inserter(found), [&](const delivery& each) { return each.job == job; });
  co_return found;
}

task<result<delivery>> fake_outbox::redeliver(std::string id, std::string owner, wall_time now) {
  if (down) co_return error{errc::store_unavailable};
  const auto found = std::ranges::find(all, id, &delivery::id);
  if (found == all.end() || found->owner != owner) co_return error{errc::not_found};
  if (found->state == delivery_state::pending) co_return error{errc::conflict};
  found->state = delivery_state::pending;
  found->attempts = 0;
  found->due_at = now;
  found->ended_at.reset();
  co_return *found;
}

task<result<written_prompt>> fake_prompts::write(prompt_request request, event* stop) {
  asked.push_back(std::move(request));
  given_stop = stop;
  if (failure) co_return error{*failure};
  co_return written_prompt{"A slow lofi beat with soft rain.", "gpt-4", 145};
}

task<result<std::unique_ptr<audio_writer>>> fake_audio::create(job_id) { co_return error{errc::unsupported}; }

task<result<std::unique_ptr<audio_reader>>> fake_audio::open(std::string key) {
  const auto place = files.find(key);
  if (place == files.end()) co_return error{errc::not_found};
  std::unique_ptr<audio_reader> reader = std::make_unique<string_reader>(*this, place->second);
  co_return reader;
}

task<result<void>> fake_audio::erase(std::string key) {
  files.erase(key);
  co_return result<void>{};
}

task<result<std::vector<std::string>>> fake_audio::find(job_id) { co_return std::vector<std::string>{}; }

std::vector<provider_entry> two_providers() {
  provider_entry able;
  able.configured = true;
  able.info.name = "able";
  able.info.honours_duration = able.info.honours_seed = able.info.honours_vocals = able.info.honours_title = true;
  able.info.honours_lyrics = able.info.honours_negative_tags = able.info.honours_model = able.info.honours_quality = true;
  able.info.formats = {audio_format::mp3, audio_format::wav};
  able.info.longest_duration = 190;
  able.info.models = {"m1"};
  provider_entry other;
  other.info.name = "other";
  other.info.paid = false;
  return {able, other};
}

// --- the fixture ------------------------------------------------------------------------------------------------------

http_fixture::http_fixture(http::http_options options)
    : settings_{.options = options,
                .keys = http::authenticator{options.keys},
                .base_url = "http://test.invalid",
                .connections_per_shard = options.limits.max_connections} {
  const http::http_ports ports{context.get_executor(),
                               clock,
                               jobs,
                               jobs,
                               audio,
                               ready,
                               random,
                               &prompts,
                               &callbacks,
                               &metrics,
                               &deliveries,
                               &webhooks,
                               &batches,
                               providers};
  worker_ = std::make_unique<http::worker>(ports, settings_);
  settings_.counted.push_back(worker_->counters());
  worker_->start();
}

http_fixture::~http_fixture() {
  if (!drained_) drain(std::chrono::seconds{1});
}

std::shared_ptr<wire> http_fixture::connect() {
  auto fresh = std::make_shared<wire>();
  worker_->adopt(make_wire_transport(context.get_executor(), fresh));
  settle();
  return fresh;
}

void http_fixture::settle() {
  context.restart();
  context.poll();
}

void http_fixture::send(wire& on, std::string_view bytes) {
  on.incoming += bytes;
  on.wake();
  settle();
}

void http_fixture::pass(std::chrono::seconds span) {
  for (auto left = span; left.count() > 0; --left) {
    clock.advance(std::chrono::seconds{1});
    settle();
  }
}

parsed_answer http_fixture::ask(std::string_view bytes, bool head_only) {
  auto connection = connect();
  send(*connection, bytes);
  auto answers = parse_answers(connection->outgoing, head_only);
  connection->peer_ended = true;
  connection->wake();
  settle();
  if (answers.size() != 1) throw std::runtime_error("expected one answer, got " + std::to_string(answers.size()));
  return answers.front();
}

parsed_answer http_fixture::get(std::string_view target, std::string_view more_header) {
  std::string request = "GET ";
  request.append(target).append(" HTTP/1.1\r\nHost: test\r\n").append(more_header).append("\r\n");
  return ask(request);
}

parsed_answer http_fixture::post(std::string_view target, std::string_view body, std::string_view more_header) {
  std::string request = "POST ";
  request.append(target).append(" HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: ");
  request.append(std::to_string(body.size())).append("\r\n").append(more_header).append("\r\n").append(body);
  return ask(request);
}

void http_fixture::drain(std::chrono::seconds budget) {
  drained_ = true;
  bool done = false;
  worker_->begin_drain();
  asio::co_spawn(context.get_executor(), worker_->drain(clock.now() + budget), [&](std::exception_ptr) { done = true; });
  settle();
  for (int i = 0; i < 1000 && !done; ++i) {
    clock.advance_to_next();
    settle();
  }
  if (!done) throw std::logic_error("stuck: draining did not end");
}

job http_fixture::base_job() {
  job made;
  made.id = job_id::make(ids_, clock.wall_now());
  made.request.theme = "rainy night";
  made.request.tags = "lofi";
  made.created_at = made.updated_at = clock.wall_now();
  made.deadline_at = made.created_at + std::chrono::minutes{15};
  return made;
}

job_ptr http_fixture::finished_job(std::string song_bytes) {
  auto made = base_job();
  made.status = job_status::success;
  made.stage = job_stage::finished;
  made.version = 7;
  made.charged = charge::yes;
  made.prompt = {step_status::complete, "soft rain", "gpt-4", 145, std::nullopt};
  made.music.status = step_status::complete;
  made.music.provider = "suno";
  made.music.song_id = "song-1";
  made.music.title = "Rainy Night";
  made.completed_at = made.expires_at = made.created_at;
  made.tracks.push_back(
      {"song-1", "Rainy Night", 183.4, "audio/mpeg", "private-key", to_hex(sha256_of(song_bytes)), song_bytes.size()});
  audio.files["private-key"] = std::move(song_bytes);
  auto kept = std::make_shared<const job>(std::move(made));
  jobs.stored[kept->id.text()] = kept;
  return kept;
}

job_ptr http_fixture::running_job() {
  auto made = base_job();
  made.status = job_status::running;
  made.stage = job_stage::generating;
  made.version = 3;
  auto kept = std::make_shared<const job>(std::move(made));
  jobs.stored[kept->id.text()] = kept;
  return kept;
}

http::api_key make_key(std::string name, std::string_view secret) { return {std::move(name), sha256_of(secret)}; }

}  // namespace music::test
