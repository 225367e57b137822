#include "styles_json.hpp"

#include <music/base/json_writer.hpp>
#include <music/core/styles.hpp>

namespace music::http {
namespace {

void append_list(json_writer& json, std::string_view name, std::string_view list) {
  json.key(name).begin_array();
  for_each_part(list, [&](std::string_view part) { json.value(part); });
  json.end_array();
}

std::string render() {
  std::string body;
  json_writer json{body};
  json.begin_object().key("data").begin_array();
  for (const auto& style : song_styles()) {
    json.begin_object().field("id", style.id).field("name", style.name);
    append_list(json, "tags", style.tags);
    append_list(json, "instruments", style.instruments);
    json.key("tempo").begin_object().field("min_bpm", style.lowest_bpm).field("max_bpm", style.highest_bpm).end_object();
    append_list(json, "keys", style.keys);
    append_list(json, "moods", style.moods);
    json.field("prompt_template", style.prompt_template).field("played_as", style.played_as).end_object();
  }
  json.end_array().end_object();
  return body;
}

}  // namespace

const std::string& styles_document() {
  static const std::string document = render();
  return document;
}

}  // namespace music::http
