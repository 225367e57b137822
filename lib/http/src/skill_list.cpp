#include "skill_list.hpp"

#include "router.hpp"

#include <music/base/json_writer.hpp>

#include <array>

namespace music::http {
namespace {

struct skill_entry {
  std::string_view name;
  std::string_view description;
  std::string_view answers;
  std::string_view parameters;
};

constexpr std::array skills{
    skill_entry{
        "chatgpt-prompt-generator", "Turns a theme into a detailed music prompt.", "result",
        R"({"type":"object","required":["theme"],"properties":{"theme":{"type":"string","minLength":3,"maxLength":500}}})"},
    skill_entry{
        "suno-music-generator", "Turns a music prompt into a song, whichever music provider is configured.", "job",
        R"({"type":"object","required":["prompt"],"properties":{"prompt":{"type":"string","minLength":10,"maxLength":2000},)"
        R"("tags":{"type":"string","maxLength":200}}})"},
    skill_entry{"music-orchestrator", "Turns a theme into a song: writes the prompt, then makes the music.", "job",
                R"({"type":"object","required":["theme"],"properties":{"theme":{"type":"string","minLength":3,"maxLength":500},)"
                R"("tags":{"type":"string","maxLength":200}}})"},
};

}  // namespace

std::string render_skills(std::string_view base_url, served_role role) {
  std::string body;
  json_writer json{body};
  json.begin_object().key("data").begin_array();
  for (const auto& each : skills) {
    if (match("/skills/" + std::string{each.name}, role).found == nullptr) continue;
    json.begin_object().field("name", each.name).field("description", each.description);
    json.field("url", std::string{base_url} + "/skills/" + std::string{each.name}).field("answers", each.answers);
    json.key("parameters").raw(each.parameters).end_object();
  }
  json.end_array().end_object();
  return body;
}

}  // namespace music::http
