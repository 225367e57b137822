#include "openclaw_call.hpp"

#include <music/base/text.hpp>

#include <algorithm>
#include <array>

namespace music::http {
namespace {

constexpr unsigned deepest_member = 3;  // parameters / metadata / entry
constexpr std::size_t longest_named_field = 64;

struct called_skill {
  std::string_view name;
  decoded_body<generate_request> (*decode)(const json_document& parameters);
};

constexpr std::array skills{called_skill{"chatgpt-prompt-generator", decode_prompt_job},
                            called_skill{"suno-music-generator", decode_music_skill},
                            called_skill{"music-orchestrator", decode_generate}};

std::vector<field_error> check_outline(const json_document& call) {
  std::vector<field_error> wrong;
  for (const auto& member : call) {
    if (member.depth > 1) continue;
    const bool object = member.name == "parameters" || member.name == "reply";
    if (!object && member.name != "skill") {
      wrong.push_back({std::string{first_code_points(member.name, longest_named_field)}, "is not a known field"});
    } else if (object && member.kind != json_kind::object) {
      wrong.push_back({member.name, "must be an object"});
    }
  }
  return wrong;
}

/// The body of POST /skills/<skill> that this call stands for, with `reply` as its `webhook`.
json_document body_of(const json_document& call) {
  auto body = members_of(call, "parameters");
  if (find_member(call, "reply") == nullptr) return body;
  const auto reply = members_of(call, "reply");
  body.push_back({.depth = 1, .name = "webhook", .kind = json_kind::object});
  if (find_member(reply, "format") == nullptr)
    body.push_back({.depth = 2, .name = "format", .kind = json_kind::text, .text = "openclaw"});
  for (const auto& member : reply) {
    body.push_back(member);
    ++body.back().depth;
  }
  return body;
}

refusal in_their_place(refusal why) {
  constexpr std::string_view inner = "webhook";
  for (auto& wrong : why.fields) {
    const bool of_reply = wrong.field == inner || wrong.field.starts_with("webhook.");
    wrong.field = of_reply ? "reply" + wrong.field.substr(inner.size()) : "parameters." + wrong.field;
  }
  return why;
}

}  // namespace

decoded_body<generate_request> decode_openclaw_call(std::string_view body) {
  const auto call = parse_json_object(body, deepest_member);
  if (!call) return refusal{problem::malformed_json};
  const auto* const named = find_member(*call, "skill");
  if (named == nullptr) return refusal{problem::missing_parameter, {{"skill", "is required"}}};
  auto wrong = check_outline(*call);
  if (find_member(members_of(*call, "parameters"), "webhook") != nullptr)
    wrong.push_back({"parameters.webhook", "belongs in reply"});
  const auto skill = std::ranges::find(skills, std::string_view{named->text}, &called_skill::name);
  if (skill == skills.end())
    wrong.push_back({"skill", "must be chatgpt-prompt-generator, suno-music-generator or music-orchestrator"});
  if (!wrong.empty()) return refusal{problem::validation_error, std::move(wrong)};
  auto decoded = skill->decode(body_of(*call));
  if (!decoded) return in_their_place(decoded.error());
  return decoded;
}

}  // namespace music::http
