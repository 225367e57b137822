#pragma once

/// A worker of lib/http on virtual time, with scripted ports and connections that are strings.

#include "worker.hpp"

#include <manual_clock.hpp>

#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace music::test {

/// Both directions of one connection. The test adds to `incoming` and wakes the transport; what the server said is in
/// `outgoing`.
struct wire {
  std::string incoming;
  std::string outgoing;
  std::size_t most_per_read = 65536;
  std::size_t window = static_cast<std::size_t>(-1);  ///< how much more the peer takes
  bool peer_ended = false;
  bool ended = false;   ///< the server closed its sending side
  bool closed = false;  ///< the server closed the connection, or gave it up
  std::unique_ptr<event> readable;
  std::unique_ptr<event> writable;

  void wake();
};

[[nodiscard]] std::unique_ptr<net::transport> make_wire_transport(executor ex, std::shared_ptr<wire> over);

/// An answer, taken apart. Header names in lower case.
struct parsed_answer {
  unsigned status = 0;
  std::map<std::string, std::string> headers;
  std::string body;
};

/// Cuts all answers out of what a server sent; `head_only` when they have no bodies. Throws on anything that is not HTTP.
[[nodiscard]] std::vector<parsed_answer> parse_answers(std::string bytes, bool head_only = false);

class fake_jobs final : public job_service, public job_control {
 public:
  explicit fake_jobs(clock& clock, executor ex) : clock_(clock), executor_(ex), changed_(std::make_unique<event>(ex)) {}

  task<result<admission>> submit(generate_request request, caller by, std::optional<request_key> key) override;
  job_ptr peek(std::string_view id, const caller& by) override;
  task<result<job_ptr>> find(job_id id, caller by) override;
  task<result<job_page>> list(job_query query, caller by) override;
  task<result<job_ptr>> wait(job_id id, caller by, wait_for what, std::uint64_t seen_version, time_point until) override;
  task<result<job_ptr>> cancel(job_id id, caller by) override;
  task<result<job_ptr>> retry(job_id id, caller by, bool resubmit) override;
  task<result<void>> erase(job_id id, caller by) override;

  /// Stores the value, one version on, and wakes whoever waits.
  void put(job changed);

  std::map<std::string, job_ptr> stored;
  std::optional<errc> failure;          ///< every call but `peek` fails with it
  bool in_memory = true;                ///< whether `peek` finds anything
  bool throws = false;                  ///< every call but `peek` throws
  bool replay = false;
  std::vector<generate_request> submitted;
  std::vector<std::string> submitted_by;
  std::vector<std::optional<request_key>> keys;
  std::vector<job_query> queries;
  std::vector<bool> retried;
  std::size_t peeks = 0;

 private:
  [[nodiscard]] result<job_ptr> found(const job_id& id, const caller& by) const;

  clock& clock_;
  executor executor_;
  std::unique_ptr<event> changed_;
  seeded_random random_{7};
};

/// Batches whose jobs are those of `fake_jobs`.
class fake_batches final : public batch_service {
 public:
  fake_batches(fake_jobs& jobs, clock& clock) : jobs_(jobs), clock_(clock) {}

  task<result<batch_admission>> submit_batch(std::vector<generate_request> requests, caller by,
                                             std::optional<request_key> key) override;
  task<result<batch>> find_batch(batch_id id, caller by) override;

  std::optional<errc> failure;  ///< every call fails with it
  bool replay = false;
  std::vector<std::vector<generate_request>> submitted;
  std::vector<std::optional<request_key>> keys;
  std::optional<batch_id> last;

 private:
  fake_jobs& jobs_;
  clock& clock_;
  seeded_random random_{11};
};

class fake_audio final : public audio_store {
 public:
  task<result<std::unique_ptr<audio_writer>>> create(job_id owner) override;
  task<result<std::unique_ptr<audio_reader>>> open(std::string key) override;
  task<result<void>> erase(std::string key) override;
  task<result<std::vector<std::string>>> find(job_id owner) override;

  std::map<std::string, std::string> files;
  std::size_t fail_after = static_cast<std::size_t>(-1);  ///< reads from this offset on fail
  std::size_t largest_read = 0;
};

class fake_prompts final : public prompt_service {
 public:
  task<result<written_prompt>> write(prompt_request request, event* stop) override;

  std::optional<errc> failure;
  std::vector<prompt_request> asked;
  event* given_stop = nullptr;
};

class fake_callbacks final : public song_callbacks {
 public:
  bool receive(std::string_view token, std::string_view body) override {
    received.emplace_back(token, body);
    return token == "known";
  }

  std::vector<std::pair<std::string, std::string>> received;
};

class fake_metrics final : public metrics_source {
 public:
  void append(std::string& out) const override { out += "# HELP more\n"; }
};

/// An outbox that holds what a test puts there.
class fake_outbox final : public outbox {
 public:
  task<result<std::vector<delivery>>> take_due(delivery_order) override { co_return std::vector<delivery>{}; }
  task<result<void>> settle(delivery) override { co_return result<void>{}; }
  task<result<void>> give_up(std::string, wall_time) override { co_return result<void>{}; }
  task<result<std::vector<delivery>>> of_job(job_id job) override;
  task<result<delivery>> redeliver(std::string id, std::string owner, wall_time now) override;

  std::vector<delivery> all;
  bool down = false;
};

/// Refuses URLs on port 99, and counts how often it was called to look.
class fake_notifier final : public notifier {
 public:
  [[nodiscard]] std::vector<field_error> check(const webhook_request& wanted) const override {
    if (wanted.url.find(":99/") == std::string::npos) return {};
    return {{"webhook.url", "may not be asked"}};
  }
  [[nodiscard]] std::vector<delivery> deliveries_for(const job&, const job&) const override { return {}; }
  void stored() noexcept override { ++looks; }

  int looks = 0;
};

class fake_readiness final : public readiness {
 public:
  std::string_view state() const noexcept override { return now; }
  std::string_view now = "ok";
};

/// A configured provider that can do everything, and one that is not configured.
[[nodiscard]] std::vector<provider_entry> two_providers();

/// One shard of the server without sockets and threads.
class http_fixture {
 public:
  explicit http_fixture(http::http_options options = {});
  ~http_fixture();

  [[nodiscard]] std::shared_ptr<wire> connect();

  /// Gives the bytes to the server and lets it work until nothing is left to do at this instant.
  void send(wire& on, std::string_view bytes);

  /// Lets time pass in steps of the sweep.
  void pass(std::chrono::seconds span);
  void settle();

  /// One request on a connection of its own.
  [[nodiscard]] parsed_answer ask(std::string_view bytes, bool head_only = false);
  [[nodiscard]] parsed_answer get(std::string_view target, std::string_view more_header = {});
  [[nodiscard]] parsed_answer post(std::string_view target, std::string_view body, std::string_view more_header = {});

  /// Runs `drain` to its end on virtual time.
  void drain(std::chrono::seconds budget);

  /// A finished job in the store, with one song of `song_bytes`.
  [[nodiscard]] job_ptr finished_job(std::string song_bytes = "0123456789");
  [[nodiscard]] job_ptr running_job();

  asio::io_context context{1};
  manual_clock clock{context.get_executor()};
  fake_jobs jobs{clock, context.get_executor()};
  fake_batches batches{jobs, clock};
  fake_audio audio;
  fake_readiness ready;
  fake_prompts prompts;
  fake_callbacks callbacks;
  fake_metrics metrics;
  fake_outbox deliveries;
  fake_notifier webhooks;
  std::vector<provider_entry> providers = two_providers();
  seeded_random random{1};

 private:
  [[nodiscard]] job base_job();

  http::server_settings settings_;
  std::unique_ptr<http::worker> worker_;
  seeded_random ids_{3};
  bool drained_ = false;
};

/// "name" with the digest of `secret`, as an entry of API_KEYS.
[[nodiscard]] http::api_key make_key(std::string name, std::string_view secret);

}  // namespace music::test
