#include "http_fixture.hpp"

#include <music/async/shard.hpp>
#include <music/http/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <filesystem>
#include <future>
#include <set>

#include <sys/resource.h>
#include <unistd.h>

namespace {

using namespace music;
using namespace music::test;
using asio::ip::tcp;

/// A server on a free port of the loopback, on shards of its own. The ports are scripted, one set for all shards, and only
/// read while it runs.
class running_server {
 public:
  explicit running_server(std::size_t shard_count, http::http_options options = {}) {
    for (std::size_t i = 0; i < shard_count; ++i) shards_.push_back(std::make_unique<shard>(i));
    auto& first = *shards_.front();
    jobs = std::make_unique<fake_jobs>(first.clock(), first.get_executor());
    std::vector<http::http_ports> ports;
    for (auto& each : shards_) {
      ports.push_back({each->get_executor(), each->clock(), *jobs, *jobs, audio, ready, system_random()});
    }
    server_ = http::create_http_server(std::move(options), std::move(ports));
    port = server_->listen("127.0.0.1", 0).value();
  }

  ~running_server() { stop(); }

  void start() {
    for (auto& each : shards_) each->start();
    server_->start();
  }

  void stop() {
    if (stopped_) return;
    stopped_ = true;
    std::promise<void> drained;
    auto& first = *shards_.front();
    asio::co_spawn(first.get_executor(), server_->drain(first.clock().now() + std::chrono::seconds{5}),
                   [&](std::exception_ptr) { drained.set_value(); });
    drained.get_future().wait();
    for (auto& each : shards_) each->release();
    for (auto& each : shards_) each->stop();
    for (auto& each : shards_) each->join();
  }

  job_ptr add_song(std::string bytes) {
    seeded_random ids{11};
    job made;
    made.id = job_id::make(ids, wall_time{});
    made.status = job_status::success;
    made.tracks.push_back({"s", "Song", 1, "audio/mpeg", "key", to_hex(sha256_of(bytes)), bytes.size()});
    audio.files["key"] = std::move(bytes);
    auto kept = std::make_shared<const job>(std::move(made));
    jobs->stored[kept->id.text()] = kept;
    return kept;
  }

  std::unique_ptr<fake_jobs> jobs;
  fake_audio audio;
  fake_readiness ready;
  std::uint16_t port = 0;

 private:
  std::vector<std::unique_ptr<shard>> shards_;
  std::unique_ptr<http::http_server> server_;
  bool stopped_ = false;
};

class client {
 public:
  explicit client(std::uint16_t port) : socket_(context_) {
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
    socket_.set_option(tcp::no_delay(true));
  }

  void write(std::string_view bytes) { asio::write(socket_, asio::buffer(bytes)); }

  void end() { socket_.shutdown(tcp::socket::shutdown_send); }

  /// RST instead of FIN.
  void reset() {
    socket_.set_option(asio::socket_base::linger(true, 0));
    socket_.close();
  }

  /// Everything until the server closes.
  std::string read_to_end() {
    std::string bytes;
    boost::system::error_code ec;
    asio::read(socket_, asio::dynamic_buffer(bytes), ec);
    return bytes;
  }

  /// One answer with a Content-Length.
  parsed_answer read_answer() {
    const auto head_end = asio::read_until(socket_, asio::dynamic_buffer(kept_), "\r\n\r\n");
    const auto length = std::stoul(parse_answers(kept_.substr(0, head_end), true).at(0).headers.at("content-length"));
    if (kept_.size() < head_end + length) {
      asio::read(socket_, asio::dynamic_buffer(kept_), asio::transfer_exactly(head_end + length - kept_.size()));
    }
    auto answer = parse_answers(kept_.substr(0, head_end + length)).at(0);
    kept_.erase(0, head_end + length);
    return answer;
  }

  /// The interim answer that says the header was read.
  std::string read_interim() {
    const auto end = asio::read_until(socket_, asio::dynamic_buffer(kept_), "\r\n\r\n");
    auto interim = kept_.substr(0, end);
    kept_.erase(0, end);
    return interim;
  }

 private:
  asio::io_context context_;
  tcp::socket socket_;
  std::string kept_;
};

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// While it lives, the process cannot open another descriptor.
class full_descriptor_table {
 public:
  full_descriptor_table() {
    ::getrlimit(RLIMIT_NOFILE, &normal_);
    rlimit small = normal_;
    small.rlim_cur = 256;
    ::setrlimit(RLIMIT_NOFILE, &small);
    for (int filler = ::dup(0); filler >= 0; filler = ::dup(0)) fillers_.push_back(filler);
  }
  ~full_descriptor_table() {
    for (const int filler : fillers_) ::close(filler);
    ::setrlimit(RLIMIT_NOFILE, &normal_);
  }
  full_descriptor_table(const full_descriptor_table&) = delete;
  full_descriptor_table& operator=(const full_descriptor_table&) = delete;

 private:
  rlimit normal_{};
  std::vector<int> fillers_;
};

const std::string closing_get = "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

}  // namespace

TEST_CASE("a song of ten megabytes arrives as it is, whole and in parts") {
  std::string song;
  song.resize(10'000'000);
  seeded_random random{5};
  for (auto& c : song) c = static_cast<char>(random.next());
  running_server server{1};
  const auto job = server.add_song(song);
  server.start();
  const std::string target = "GET /jobs/" + job->id.text() + "/audio HTTP/1.1\r\nHost: a\r\n";
  client one{server.port};

  one.write(target + "\r\n");
  const auto whole = one.read_answer();
  one.write(target + "Range: bytes=9000000-\r\n\r\n");
  const auto part = one.read_answer();

  CHECK(whole.body == song);
  CHECK(part.status == 206);
  CHECK(part.body == song.substr(9'000'000));
}

TEST_CASE("HEAD over a socket sends no body") {
  running_server server{1};
  const auto job = server.add_song("0123456789");
  server.start();
  client one{server.port};

  one.write("HEAD /jobs/" + job->id.text() + "/audio HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

  const auto bytes = one.read_to_end();
  CHECK(bytes.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(bytes.ends_with("\r\n\r\n"));
}

TEST_CASE("a client that ends its side after the request gets its answer") {
  running_server server{1};
  server.start();
  client one{server.port};

  one.write("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
  one.end();

  CHECK(parse_answers(one.read_to_end()).at(0).status == 200);
}

TEST_CASE("resets in the middle of a body leave nothing behind") {
  running_server server{1};
  server.start();
  {
    client warm_up{server.port};
    warm_up.write(closing_get);
    static_cast<void>(warm_up.read_to_end());
  }
  const auto before = open_descriptors();

  for (int i = 0; i < 200; ++i) {
    client one{server.port};
    one.write("POST /generate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"theme\":");
    one.reset();
  }
  {
    client last{server.port};
    last.write(closing_get);
    CHECK(parse_answers(last.read_to_end()).at(0).status == 200);
  }

  server.stop();
  CHECK(server.jobs->submitted.empty());
  CHECK(open_descriptors() <= before);
}

TEST_CASE("a body that is refused unread does not reset the answer away") {
  running_server server{1};
  server.start();
  client one{server.port};

  one.write("POST /generate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 70000\r\n\r\n" +
            std::string(60'000, 'x'));
  one.end();

  const auto answers = parse_answers(one.read_to_end());
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].status == 413);
}

TEST_CASE("connections are spread over the shards and all are served") {
  running_server server{3};
  const auto job = server.add_song("0123456789");
  server.start();
  std::vector<std::unique_ptr<client>> clients;
  for (int i = 0; i < 30; ++i) clients.push_back(std::make_unique<client>(server.port));

  for (auto& each : clients) each->write("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");

  std::set<std::string> shard_prefixes;
  for (auto& each : clients) {
    const auto answer = each->read_answer();
    CHECK(answer.status == 200);
    shard_prefixes.insert(answer.headers.at("x-request-id").substr(0, 16));
  }
  CHECK(shard_prefixes.size() == 3);
}

TEST_CASE("when a server drains, idle connections of every shard end at once, and requests that have begun are answered") {
  running_server server{2};
  server.start();
  std::vector<std::unique_ptr<client>> slow;
  std::vector<std::unique_ptr<client>> idle;
  for (int i = 0; i < 4; ++i) {  // they are handed out in turn: one of each kind to each shard
    auto& all = i < 2 ? slow : idle;
    all.push_back(std::make_unique<client>(server.port));
    all.back()->write("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(all.back()->read_answer().status == 200);
  }
  for (auto& each : slow) {
    each->write(
        "POST /generate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    CHECK(each->read_interim() == "HTTP/1.1 100 Continue\r\n\r\n");  // it has begun
  }

  auto stopping = std::async(std::launch::async, [&] { server.stop(); });
  for (auto& each : idle) CHECK(each->read_to_end().empty());

  for (auto& each : slow) {
    each->write("{}");
    CHECK(each->read_answer().status == 400);
  }
  stopping.get();
}

// Not under UBSan: its vptr check needs descriptors of its own and takes their lack for a bad object.
#if !__has_feature(undefined_behavior_sanitizer)
TEST_CASE("a server without descriptors turns clients away and recovers") {
  running_server server{1};
  server.start();
  asio::io_context context;
  tcp::socket late{context};
  late.open(tcp::v4());  // before the table is full: the server accepts after that
  boost::system::error_code ec;
  {
    const full_descriptor_table full;  // no CHECK in here: UBSan needs descriptors of its own to look at objects
    late.connect({asio::ip::make_address("127.0.0.1"), server.port});
    std::array<char, 1> byte{};
    late.read_some(asio::buffer(byte), ec);
  }
  CHECK(ec == asio::error::eof);
  client after{server.port};
  after.write(closing_get);

  CHECK(parse_answers(after.read_to_end()).at(0).status == 200);
}
#endif

TEST_CASE("a port in use is refused") {
  running_server server{1};
  asio::io_context context;
  auto clock = create_system_clock(context.get_executor());
  auto second = http::create_http_server(
      {}, {{context.get_executor(), *clock, *server.jobs, *server.jobs, server.audio, server.ready, system_random()}});

  const auto port = second->listen("127.0.0.1", server.port);

  REQUIRE(port.has_error());
  CHECK(port.error().code == errc::invalid_argument);
  server.start();
}
