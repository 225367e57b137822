#include <music/base/log.hpp>
#include <music/store/job_record.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <charconv>

namespace music {
namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

template <class Integer>
bool read_integer(const json::value& from, Integer& into) {
  boost::json::error_code failure;
  const auto number = from.to_number<Integer>(failure);
  if (!failure) into = number;
  return !failure;
}

/// Reads the members of one object into fields. A missing member leaves its field alone; one of another type or with an
/// unknown name is remembered as the failure, and the first one stays.
class record_reader {
 public:
  record_reader(const json::object& from, std::string& failure) : from_(from), failure_(failure) {}

  void text(std::string_view name, std::string& into) {
    read(name, [&](const json::value& value) {
      if (value.is_string()) into = view(value.get_string());
      return value.is_string();
    });
  }

  void flag(std::string_view name, bool& into) {
    read(name, [&](const json::value& value) {
      if (value.is_bool()) into = value.get_bool();
      return value.is_bool();
    });
  }

  template <class Integer>
  void number(std::string_view name, Integer& into) {
    read(name, [&](const json::value& value) { return read_integer(value, into); });
  }

  void fraction(std::string_view name, double& into) {
    read(name, [&](const json::value& value) {
      if (!value.is_string()) return false;
      const auto digits = view(value.get_string());
      const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
      return failure == std::errc{} && end == digits.data() + digits.size();
    });
  }

  void time(std::string_view name, wall_time& into) {
    std::int64_t count = into.time_since_epoch().count();
    number(name, count);
    into = wall_time{std::chrono::milliseconds{count}};
  }

  template <class Enum>
  void named(std::string_view name, Enum& into, std::optional<Enum> (*parse)(std::string_view) noexcept) {
    read(name, [&](const json::value& value) {
      const auto known = value.is_string() ? parse(view(value.get_string())) : std::nullopt;
      if (known) into = *known;
      return known.has_value();
    });
  }

  /// Reads an optional field with `read_one(value)` if the member is there.
  template <class T, class ReadOne>
  void maybe(std::string_view name, std::optional<T>& into, ReadOne read_one) {
    if (from_.contains(name)) read_one(into.emplace());
  }

  template <class ReadMembers>
  void object(std::string_view name, ReadMembers read_members) {
    read(name, [&](const json::value& value) {
      if (!value.is_object()) return false;
      record_reader members{value.get_object(), failure_};
      read_members(members);
      return true;
    });
  }

  /// Calls `read_element(value)`, which tells whether it was right, for each element.
  template <class ReadElement>
  void array(std::string_view name, ReadElement read_element) {
    read(name, [&](const json::value& value) {
      if (!value.is_array()) return false;
      for (const auto& element : value.get_array()) {
        if (!read_element(element)) return false;
      }
      return true;
    });
  }

  [[nodiscard]] std::string& failure() const { return failure_; }

 private:
  template <class ReadValue>
  void read(std::string_view name, ReadValue read_value) {
    const auto* value = from_.if_contains(name);
    if (value == nullptr || read_value(*value)) return;
    if (failure_.empty()) failure_ = name;
  }

  const json::object& from_;
  std::string& failure_;
};

bool read_webhook_event(const json::value& element, std::vector<webhook_event>& events) {
  const auto known = element.is_string() ? parse_webhook_event(view(element.get_string())) : std::nullopt;
  if (known) events.push_back(*known);
  return known.has_value();
}

void read_webhook(record_reader& in, webhook_request& webhook) {
  in.named("format", webhook.format, &parse_webhook_format);
  in.named("hook", webhook.hook, &parse_openclaw_hook);
  in.text("url", webhook.url);
  in.text("session_key", webhook.session_key);
  in.text("agent_id", webhook.agent_id);
  in.text("channel", webhook.channel);
  in.text("to", webhook.to);
  in.array("events", [&](const json::value& element) { return read_webhook_event(element, webhook.events); });
}

void read_request(record_reader& in, generate_request& request) {
  in.text("theme", request.theme);
  in.text("tags", request.tags);
  in.text("title", request.title);
  in.text("style", request.style);
  in.text("provider", request.provider);
  in.text("prompt", request.prompt);
  in.text("model", request.model);
  in.text("lyrics", request.lyrics);
  in.text("negative_tags", request.negative_tags);
  in.maybe("instrumental", request.instrumental, [&](bool& into) { in.flag("instrumental", into); });
  in.maybe("duration_seconds", request.duration_seconds, [&](double& into) { in.fraction("duration_seconds", into); });
  in.maybe("seed", request.seed, [&](std::uint64_t& into) { in.number("seed", into); });
  in.maybe("format", request.format, [&](audio_format& into) { in.named("format", into, &parse_audio_format); });
  in.maybe("quality", request.quality, [&](audio_quality& into) { in.named("quality", into, &parse_audio_quality); });
  in.maybe("deadline_seconds", request.deadline, [&](std::chrono::seconds& into) {
    std::int64_t count = 0;
    in.number("deadline_seconds", count);
    into = std::chrono::seconds{count};
  });
  in.array("metadata", [&](const json::value& pair) {
    if (!pair.is_array() || pair.get_array().size() != 2) return false;
    const auto& key = pair.get_array()[0];
    const auto& value = pair.get_array()[1];
    if (!key.is_string() || !value.is_string()) return false;
    request.metadata.emplace_back(view(key.get_string()), view(value.get_string()));
    return true;
  });
  in.maybe("webhook", request.webhook,
           [&](webhook_request& into) { in.object("webhook", [&](record_reader& members) { read_webhook(members, into); }); });
  in.named("goal", request.goal, &parse_job_goal);
}

void read_failure(record_reader& in, std::optional<errc>& failure) {
  in.maybe("failure", failure, [&](errc& into) { in.named("failure", into, &parse_errc); });
}

void read_plan(record_reader& in, song_plan& plan) {
  in.text("title", plan.title);
  in.text("tags", plan.tags);
  in.text("lyrics", plan.lyrics);
  in.text("negative_tags", plan.negative_tags);
  in.maybe("instrumental", plan.instrumental, [&](bool& into) { in.flag("instrumental", into); });
  in.maybe("bpm", plan.bpm, [&](int& into) { in.number("bpm", into); });
  in.text("key", plan.key);
}

void read_prompt(record_reader& in, prompt_step& step) {
  in.named("status", step.status, &parse_step_status);
  in.text("text", step.text);
  in.text("model", step.model);
  in.number("tokens_used", step.tokens_used);
  in.object("plan", [&](record_reader& members) { read_plan(members, step.plan); });
  in.flag("cached", step.cached);
  read_failure(in, step.failure);
}

void read_music(record_reader& in, music_step& step) {
  in.named("status", step.status, &parse_step_status);
  in.text("provider", step.provider);
  in.named("submission", step.submission, &parse_submission_state);
  in.text("song_id", step.song_id);
  in.text("preview", step.preview);
  in.number("polls", step.polls);
  in.text("title", step.title);
  in.fraction("duration_seconds", step.duration_seconds);
  in.text("created_at", step.created_at);
  in.text("tags", step.tags);
  read_failure(in, step.failure);
}

bool read_track(const json::value& element, std::vector<track>& tracks, std::string& failure) {
  if (!element.is_object()) return false;
  auto& track = tracks.emplace_back();
  record_reader in{element.get_object(), failure};
  in.text("song_id", track.song_id);
  in.text("title", track.title);
  in.fraction("duration_seconds", track.duration_seconds);
  in.text("content_type", track.content_type);
  in.text("audio_key", track.audio_key);
  in.text("sha256", track.sha256);
  in.number("size_bytes", track.size_bytes);
  return true;
}

bool read_warning(const json::value& element, std::vector<std::string>& warnings) {
  if (!element.is_string()) return false;
  warnings.emplace_back(view(element.get_string()));
  return true;
}

void read_id(record_reader& in, job_id& id) {
  std::string text;
  in.text("id", text);
  const auto known = job_id::parse(text);
  if (known) id = *known;
  if (!known && in.failure().empty()) in.failure() = "id";
}

void read_batch(record_reader& in, batch_id& batch) {
  std::string text;
  in.text("batch", text);
  if (text.empty()) return;
  const auto known = batch_id::parse(text);
  if (known) batch = *known;
  if (!known && in.failure().empty()) in.failure() = "batch";
}

void read_times(record_reader& in, job& job) {
  in.time("created_at", job.created_at);
  in.time("updated_at", job.updated_at);
  in.time("deadline_at", job.deadline_at);
  in.maybe("completed_at", job.completed_at, [&](wall_time& into) { in.time("completed_at", into); });
  in.maybe("expires_at", job.expires_at, [&](wall_time& into) { in.time("expires_at", into); });
}

void read_job(record_reader& in, job& job) {
  read_id(in, job.id);
  in.text("owner", job.owner);
  read_batch(in, job.batch);
  in.object("request", [&](record_reader& members) { read_request(members, job.request); });
  in.named("status", job.status, &parse_job_status);
  in.named("stage", job.stage, &parse_job_stage);
  in.number("version", job.version);
  in.flag("cancel_requested", job.cancel_requested);
  in.object("prompt", [&](record_reader& members) { read_prompt(members, job.prompt); });
  in.object("music", [&](record_reader& members) { read_music(members, job.music); });
  in.array("tracks", [&](const json::value& element) { return read_track(element, job.tracks, in.failure()); });
  in.maybe("failure", job.failure, [&](failure_kind& into) { in.named("failure", into, &parse_failure_kind); });
  in.named("charged", job.charged, &parse_charge);
  in.array("warnings", [&](const json::value& element) { return read_warning(element, job.warnings); });
  read_times(in, job);
}

/// The first id in a record that cannot be read; empty if there is none.
std::string id_in(std::string_view record) {
  constexpr std::string_view before = R"("id":")";
  const auto at = record.find(before);
  if (at == std::string_view::npos) return {};
  record.remove_prefix(at + before.size());
  const auto id = job_id::parse(record.substr(0, record.find('"')));
  return id ? id->text() : std::string{};
}

}  // namespace

result<job> decode_job(std::string_view record) {
  unsigned char scratch[8192];
  json::monotonic_resource memory{scratch, sizeof scratch};
  json::error_code failure;
  const auto document = json::parse({record.data(), record.size()}, failure, &memory);
  if (failure || !document.is_object()) return error{errc::internal, "job record: not a JSON object"};

  std::string wrong;
  record_reader in{document.get_object(), wrong};
  int version = 0;
  in.number("record", version);
  if (version < 1 || version > job_record_version) return error{errc::internal, "job record: of an unknown version"};
  job decoded;
  read_job(in, decoded);
  if (!wrong.empty()) return error{errc::internal, "job record: member " + wrong};
  return decoded;
}

std::optional<job> decode_job_or_report(std::string_view record) {
  auto decoded = decode_job(record);
  if (decoded) return std::move(*decoded);
  log::error({"job_store", "job_store", "read", "unreadable_record"},
             {{"job", id_in(record)}, {"detail", decoded.error().detail}});
  return std::nullopt;
}

}  // namespace music
