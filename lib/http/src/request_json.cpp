#include "request_json.hpp"

#include <music/base/text.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace music::http {
namespace {

constexpr std::size_t most_field_errors = 20;
constexpr std::size_t longest_named_field = 64;

/// Collects what is wrong; a body of garbage must not make an answer of the same size.
class complaints {
 public:
  void add(std::string_view field, std::string_view message) {
    if (list_.size() < most_field_errors) {
      list_.push_back({std::string{first_code_points(field, longest_named_field)}, std::string{message}});
    }
  }
  void unknown(std::string_view field) { add(field, "is not a known field"); }
  [[nodiscard]] bool empty() const noexcept { return list_.empty(); }
  [[nodiscard]] std::vector<field_error> take() { return std::move(list_); }

 private:
  std::vector<field_error> list_;
};

void read_text(const json_member& member, std::string& into, complaints& wrong) {
  if (member.kind != json_kind::text) return wrong.add(member.name, "must be a string");
  into = member.text;
}

/// 5.0 is a whole number as JSON Schema sees it; 2^53 bounds what a double can tell apart.
std::optional<std::uint64_t> whole(const json_member& member) {
  constexpr double largest = 9'007'199'254'740'992.0;
  const double number = member.number;
  if (member.kind != json_kind::number || !std::isfinite(number)) return std::nullopt;
  if (number < 0 || number > largest || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

void read_instrumental(const json_member& member, generate_request& into, complaints& wrong) {
  if (member.kind != json_kind::boolean) return wrong.add(member.name, "must be true or false");
  into.instrumental = member.flag;
}

void read_duration(const json_member& member, generate_request& into, complaints& wrong) {
  if (member.kind != json_kind::number || !std::isfinite(member.number))
    return wrong.add(member.name, "must be a number from 20 to 300");
  into.duration_seconds = member.number;
}

void read_seed(const json_member& member, generate_request& into, complaints& wrong) {
  const auto number = whole(member);
  if (!number) return wrong.add(member.name, "must be a whole number from 0 to 2147483647");
  into.seed = number;
}

void read_deadline(const json_member& member, generate_request& into, complaints& wrong) {
  constexpr std::uint64_t a_day = 86'400;
  const auto number = whole(member);
  if (!number || *number > a_day) return wrong.add(member.name, "must be a whole number from 5 to 86400");
  into.deadline = std::chrono::seconds{*number};
}

void read_format(const json_member& member, generate_request& into, complaints& wrong) {
  if (member.kind == json_kind::text) into.format = parse_audio_format(member.text);
  if (!into.format) wrong.add(member.name, "must be one of mp3, ogg, flac, wav, mp4");
}

void read_quality(const json_member& member, generate_request& into, complaints& wrong) {
  if (member.kind == json_kind::text) into.quality = parse_audio_quality(member.text);
  if (!into.quality) wrong.add(member.name, "must be one of draft, standard, high");
}

void read_metadata(const json_member& member, complaints& wrong) {
  if (member.kind != json_kind::object) wrong.add(member.name, "must be an object of strings");
}

void read_metadata_entry(const json_member& member, generate_request& into, complaints& wrong) {
  if (member.kind != json_kind::text) return wrong.add("metadata", "must be an object of strings");
  into.metadata.emplace_back(member.name, member.text);
}

void read_webhook(const json_member& member, generate_request& into, complaints& wrong) {
  if (member.kind != json_kind::object) return wrong.add(member.name, "must be an object");
  into.webhook.emplace();
}

void read_webhook_events(const json_member& member, webhook_request& into, complaints& wrong) {
  constexpr std::string_view accepted =
      "must be a list of job.started, job.prompt_ready, job.track_ready, job.success, job.error, job.canceled, job.expired, each once";
  const auto refuse = [&] { wrong.add("webhook.events", accepted); };
  if (member.kind != json_kind::array || !member.only_texts || member.texts.empty()) return refuse();
  for (const auto& text : member.texts) {
    const auto event = parse_webhook_event(text);
    if (!event || std::ranges::find(into.events, *event) != into.events.end()) return refuse();
    into.events.push_back(*event);
  }
}

template <class Enum>
void read_webhook_choice(const json_member& member, Enum& into, std::optional<Enum> (*parse)(std::string_view) noexcept,
                         std::string_view accepted, complaints& wrong) {
  const auto known = member.kind == json_kind::text ? parse(member.text) : std::nullopt;
  if (known) into = *known;
  if (!known) wrong.add("webhook." + member.name, accepted);
}

void read_webhook_member(const json_member& member, webhook_request& into, complaints& wrong) {
  struct known_text {
    std::string_view name;
    std::string webhook_request::* field;
  };
  static constexpr std::array texts{known_text{"url", &webhook_request::url},
                                    known_text{"session_key", &webhook_request::session_key},
                                    known_text{"agent_id", &webhook_request::agent_id},
                                    known_text{"channel", &webhook_request::channel}, known_text{"to", &webhook_request::to}};
  if (member.name == "events") return read_webhook_events(member, into, wrong);
  if (member.name == "format") {
    return read_webhook_choice(member, into.format, &parse_webhook_format, "must be standard or openclaw", wrong);
  }
  if (member.name == "hook") return read_webhook_choice(member, into.hook, &parse_openclaw_hook, "must be agent or wake", wrong);
  const auto known = std::ranges::find(texts, std::string_view{member.name}, &known_text::name);
  if (known == texts.end()) return wrong.unknown("webhook." + member.name);
  if (member.kind != json_kind::text) return wrong.add("webhook." + member.name, "must be a string");
  into.*known->field = member.text;
}

using field_reader = void (*)(const json_member&, generate_request&, complaints&);

struct known_field {
  std::string_view name;
  field_reader read;
};

template <std::string generate_request::* Field>
void read_text_field(const json_member& member, generate_request& into, complaints& wrong) {
  read_text(member, into.*Field, wrong);
}

constexpr std::array known_fields{
    known_field{"prompt", read_text_field<&generate_request::prompt>},
    known_field{"theme", read_text_field<&generate_request::theme>},
    known_field{"tags", read_text_field<&generate_request::tags>},
    known_field{"title", read_text_field<&generate_request::title>},
    known_field{"style", read_text_field<&generate_request::style>},
    known_field{"provider", read_text_field<&generate_request::provider>},
    known_field{"model", read_text_field<&generate_request::model>},
    known_field{"lyrics", read_text_field<&generate_request::lyrics>},
    known_field{"negative_tags", read_text_field<&generate_request::negative_tags>},
    known_field{"instrumental", read_instrumental},
    known_field{"duration_seconds", read_duration},
    known_field{"seed", read_seed},
    known_field{"format", read_format},
    known_field{"quality", read_quality},
    known_field{"deadline_seconds", read_deadline},
    known_field{"metadata",
                [](const json_member& member, generate_request&, complaints& wrong) { read_metadata(member, wrong); }},
    known_field{"webhook", read_webhook},
};

/// Which of the known fields a body may have, and the one that it must have.
struct body_form {
  std::string_view required;
  bool (*allows)(std::string_view name);
};

constexpr body_form song_by_theme{"theme", [](std::string_view name) { return name != "prompt"; }};
constexpr body_form song_by_prompt{"prompt", [](std::string_view) { return true; }};

/// What a prompt writer knows to do something with.
bool helps_writing(std::string_view name) {
  return name == "theme" || name == "tags" || name == "style" || name == "instrumental";
}

constexpr body_form prompt_by_theme{"theme", helps_writing};
constexpr body_form told_prompt_by_theme{"theme", [](std::string_view name) { return helps_writing(name) || name == "webhook"; }};

void read_field(const json_member& member, const body_form& form, generate_request& into, complaints& wrong) {
  for (const auto& known : known_fields) {
    if (known.name == member.name && form.allows(member.name)) return known.read(member, into, wrong);
  }
  wrong.unknown(member.name);
}

/// Members of an inner object follow the member that holds it.
generate_request read_members(const json_document& document, const body_form& form, complaints& wrong) {
  generate_request request;
  std::string_view holder;
  for (const auto& member : document) {
    if (member.depth == 1) {
      holder = member.name;
      read_field(member, form, request, wrong);
    } else if (holder == "metadata") {
      read_metadata_entry(member, request, wrong);
    } else if (holder == "webhook" && request.webhook) {
      read_webhook_member(member, *request.webhook, wrong);
    }
  }
  return request;
}

decoded_body<generate_request> decode(const json_document& document, const body_form& form) {
  if (find_member(document, form.required) == nullptr)
    return refusal{problem::missing_parameter, {{std::string{form.required}, "is required"}}};
  complaints wrong;
  auto request = read_members(document, form, wrong);
  if (form.required == "prompt" && request.prompt.empty() && wrong.empty()) {
    wrong.add("prompt", describe(text_problem::too_short, shortest_prompt, longest_prompt));
  }
  if (!wrong.empty()) return refusal{problem::validation_error, wrong.take()};
  auto broken_rules = validate(request);
  if (!broken_rules.empty()) return refusal{problem::validation_error, std::move(broken_rules)};
  return request;
}

decoded_body<generate_request> decode(std::string_view body, const body_form& form) {
  const auto document = parse_json_object(body);
  if (!document) return refusal{problem::malformed_json};
  return decode(*document, form);
}

}  // namespace

decoded_body<generate_request> decode_generate(std::string_view body) { return decode(body, song_by_theme); }

decoded_body<generate_request> decode_generate(const json_document& document) { return decode(document, song_by_theme); }

decoded_body<generate_request> decode_music_skill(std::string_view body) { return decode(body, song_by_prompt); }

decoded_body<generate_request> decode_music_skill(const json_document& document) { return decode(document, song_by_prompt); }

decoded_body<prompt_request> decode_prompt_skill(std::string_view body) {
  auto decoded = decode(body, prompt_by_theme);
  if (!decoded) return decoded.error();
  return prompt_request{std::move(decoded->theme), std::move(decoded->tags), std::move(decoded->style), decoded->instrumental};
}

decoded_body<generate_request> decode_prompt_job(const json_document& document) {
  auto decoded = decode(document, told_prompt_by_theme);
  if (decoded) decoded->goal = job_goal::prompt;
  return decoded;
}

decoded_body<bool> decode_retry(std::string_view body) {
  if (body.empty()) return false;
  const auto document = parse_json_object(body);
  if (!document) return refusal{problem::malformed_json};
  complaints wrong;
  bool resubmit = false;
  for (const auto& member : *document) {
    if (member.depth > 1) continue;
    if (member.name != "on_unknown") {
      wrong.unknown(member.name);
    } else if (member.kind != json_kind::text || (member.text != "resubmit" && member.text != "fail")) {
      wrong.add(member.name, "must be \"fail\" or \"resubmit\"");
    } else {
      resubmit = member.text == "resubmit";
    }
  }
  if (!wrong.empty()) return refusal{problem::validation_error, wrong.take()};
  return resubmit;
}

decoded_body<void> decode_nothing(std::string_view body) {
  if (body.empty()) return {};
  const auto document = parse_json_object(body);
  if (!document) return refusal{problem::malformed_json};
  complaints wrong;
  for (const auto& member : *document) {
    if (member.depth == 1) wrong.unknown(member.name);
  }
  if (!wrong.empty()) return refusal{problem::validation_error, wrong.take()};
  return {};
}

void throw_exception_from_error(const refusal&, const boost::source_location& where) {
  throw std::logic_error("a refused body has no value, at " + where.to_string());
}

}  // namespace music::http
