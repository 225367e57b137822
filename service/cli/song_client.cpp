#include "song_client.hpp"

#include <music/base/json_writer.hpp>

#include <boost/json/parse.hpp>

#include <cstdio>
#include <memory>

namespace music::service {
namespace {

using namespace std::chrono_literals;

constexpr auto long_poll = 10s;
constexpr auto patience_with_one_answer = 20s;
constexpr auto patience_with_the_service = 60s;
constexpr auto pause_after_failure = 1s;
constexpr auto download_patience = 300s;
constexpr std::size_t largest_song = 256u * 1024 * 1024;

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string{} : std::string{std::string_view{*text}};
}

result<job_view> read_job(std::string body) {
  boost::system::error_code ec;
  const auto value = boost::json::parse(body, ec);
  const auto* object = ec ? nullptr : value.if_object();
  if (object == nullptr) return error{errc::invalid_response, "the service's answer is not a job"};
  job_view job;
  job.status = text_of(*object, "status");
  job.stage = text_of(*object, "stage");
  job.message = text_of(*object, "message");
  job.audio_url = text_of(*object, "download_url");
  if (const auto* done = object->if_contains("done"); done != nullptr && done->is_bool()) job.done = done->get_bool();
  if (const auto* urls = object->if_contains("urls"); urls != nullptr && urls->is_object())
    job.url = text_of(urls->get_object(), "self");
  const auto* tracks = object->if_contains("tracks");
  if (tracks != nullptr && tracks->is_array() && !tracks->get_array().empty() && tracks->get_array().front().is_object()) {
    const auto& first = tracks->get_array().front().get_object();
    job.title = text_of(first, "title");
    job.content_type = text_of(first, "content_type");
  }
  job.json = std::move(body);
  return job;
}

/// The service's refusal in its own words: the message, and which fields are wrong.
std::string refusal_of(const std::string& body) {
  boost::system::error_code ec;
  const auto value = boost::json::parse(body, ec);
  const auto* object = ec ? nullptr : value.if_object();
  if (object == nullptr) return "the service refused the request";
  auto text = text_of(*object, "message");
  const auto* errors = object->if_contains("errors");
  if (errors == nullptr || !errors->is_array()) return text;
  for (const auto& each : errors->get_array()) {
    if (const auto* field = each.if_object()) text += "; " + text_of(*field, "field") + ' ' + text_of(*field, "message");
  }
  return text;
}

/// A file being downloaded; removed again unless it is completed.
class file_sink final : public net::body_sink {
 public:
  explicit file_sink(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wb")) {}
  ~file_sink() override {
    if (file_ != nullptr) {
      std::fclose(file_);
      std::remove(path_.c_str());
    }
  }
  file_sink(const file_sink&) = delete;
  file_sink& operator=(const file_sink&) = delete;

  [[nodiscard]] bool is_open() const noexcept { return file_ != nullptr; }

  task<result<void>> begin(net::http_response) override { co_return result<void>{}; }

  task<result<void>> write(std::string piece) override {
    if (std::fwrite(piece.data(), 1, piece.size(), file_) != piece.size())
      co_return error{errc::store_unavailable, "cannot write " + path_};
    size_ += piece.size();
    co_return result<void>{};
  }

  result<std::uint64_t> complete() {
    const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
    if (!closed) return error{errc::store_unavailable, "cannot write " + path_};
    return size_;
  }

 private:
  std::string path_;
  std::FILE* file_;
  std::uint64_t size_ = 0;
};

}  // namespace

task<result<job_view>> song_client::make(std::string theme, std::string tags, job_watcher watch) {
  const auto address = net::join(base_, "/generate");
  if (address.has_error()) co_return address.error();
  auto request = request_to(net::http_method::post, *address);
  request.headers.push_back({"Content-Type", "application/json"});
  json_writer json{request.body};
  json.begin_object().field("theme", theme);
  if (!tags.empty()) json.field("tags", tags);
  json.end_object();
  auto job = co_await ask(std::move(request), patience_with_one_answer);
  if (job.has_error()) co_return job;

  auto last_seen = clock_.now();
  while (!job->done) {
    watch(*job);
    const auto where = net::parse_url(job->url);
    if (where.has_error()) co_return error{errc::invalid_response, "the service's link cannot be followed"};
    auto look = request_to(net::http_method::get, *where);
    look.headers.push_back({"Prefer", "wait=" + std::to_string(long_poll.count())});
    auto next = co_await ask(std::move(look), long_poll + patience_with_one_answer);
    if (next) {
      job = std::move(next);
      last_seen = clock_.now();
      continue;
    }
    if (next.error().code == errc::invalid_argument || clock_.now() - last_seen > patience_with_the_service) co_return next;
    co_await clock_.sleep_until(clock_.now() + pause_after_failure, use_task);
  }
  watch(*job);
  co_return job;
}

task<result<std::uint64_t>> song_client::save(job_view job, std::string path) {
  const auto where = net::parse_url(job.audio_url);
  if (where.has_error()) co_return error{errc::invalid_response, "the service's download link cannot be followed"};
  file_sink sink{path};
  if (!sink.is_open()) co_return error{errc::store_unavailable, "cannot write " + path};
  net::exchange_limits limits;
  limits.max_body_bytes = largest_song;
  auto request = request_to(net::http_method::get, *where);
  auto answer = co_await client_.download(std::move(request), sink, limits, clock_.now() + download_patience);
  if (answer.has_error()) co_return answer.error().why;
  if (answer->status != 200) co_return error{errc::result_unavailable, "the service did not give the audio"};
  co_return sink.complete();
}

task<result<job_view>> song_client::ask(net::http_request request, std::chrono::seconds patience) {
  auto answer = co_await client_.send(std::move(request), {}, clock_.now() + patience);
  if (answer.has_error()) co_return answer.error().why;
  const bool good = answer->status >= 200 && answer->status < 300;
  if (!good) co_return error{errc::invalid_argument, refusal_of(answer->body)};
  co_return read_job(std::move(answer->body));
}

net::http_request song_client::request_to(net::http_method method, net::url address) const {
  net::http_request request;
  request.method = method;
  request.address = std::move(address);
  if (!key_.empty()) request.headers.push_back({"Authorization", "Bearer " + std::string{key_.reveal()}});
  return request;
}

}  // namespace music::service
