#include "mcp_tools.hpp"

#include <music/base/json_writer.hpp>

#include <array>

namespace music::http {
namespace {

struct tool_entry {
  std::string_view name;
  std::string_view title;
  std::string_view description;
  std::string_view input;        ///< JSON Schema, as is `output`
  std::string_view output;
  std::string_view annotations;  ///< JSON
};

/// What all tools but one give: a job.
constexpr std::string_view job_schema =
    R"({"type":"object","required":["job_id","status","done","stage","theme","tracks","charged","warnings","next"],"properties":{)"
    R"("job_id":{"type":"string"},)"
    R"("status":{"type":"string","enum":["queued","running","canceling","success","error","canceled","expired"]},)"
    R"("done":{"type":"boolean","description":"Whether the job has ended; until then nothing else needs to be read."},)"
    R"("stage":{"type":"string","enum":["accepted","prompting","submitting","generating","fetching","finished"]},)"
    R"("theme":{"type":"string"},)"
    R"("generated_prompt":{"type":"string","description":"Of a job that was for its prompt alone: what it made."},)"
    R"("download_url":{"type":"string","format":"uri","description":"The first track's audio; only after success."},)"
    R"("tracks":{"type":"array","items":{"type":"object","required":["title","duration_seconds","url","content_type","size_bytes","sha256"],"properties":{)"
    R"("title":{"type":"string"},"duration_seconds":{"type":"number"},"url":{"type":"string","format":"uri"},)"
    R"("content_type":{"type":"string"},"size_bytes":{"type":"integer"},"sha256":{"type":"string"}}}},)"
    R"("error_type":{"type":"string","description":"Which step ended the job."},"message":{"type":"string"},)"
    R"("cause":{"type":"string","description":"Why that step failed."},"cause_message":{"type":"string"},)"
    R"("charged":{"type":"string","enum":["no","maybe","yes"],"description":"Whether a paid provider took the request."},)"
    R"("warnings":{"type":"array","items":{"type":"string"}},)"
    R"("poll_after_seconds":{"type":"integer"},)"
    R"("next":{"type":"string","description":"What to do now."}}})";

constexpr std::string_view generate_schema =
    R"({"type":"object","additionalProperties":false,"required":["theme"],"properties":{)"
    R"("theme":{"type":"string","minLength":3,"maxLength":500,"description":"What the song is about, in plain words: letters, digits and punctuation, none of < > { } [ ] @ % * $ ^ | ~ = and backticks."},)"
    R"("idempotency_key":{"type":"string","minLength":1,"maxLength":255,"description":"Choose one value per song you want. If a call fails or times out, call again with the SAME value: you get the same job and nothing is charged twice. Use a new value only for another song."},)"
    R"("wait_seconds":{"type":"integer","minimum":0,"maximum":25,"description":"Hold the answer until the job has ended, at most this long. 0 (the default) answers at once."},)"
    R"("tags":{"type":"string","maxLength":200,"description":"Genre, mood and instruments, separated by commas."},)"
    R"("title":{"type":"string","maxLength":80},)"
    R"("lyrics":{"type":"string","maxLength":5000,"description":"What is to be sung, with sections such as [Verse] and [Chorus] on lines of their own."},)"
    R"("instrumental":{"type":"boolean","description":"true: without vocals."},)"
    R"("negative_tags":{"type":"string","maxLength":1000,"description":"What the song must not have."},)"
    R"("style":{"type":"string","maxLength":200,"description":"An id of list_styles, or words of your own."},)"
    R"("duration_seconds":{"type":"number","minimum":20,"maximum":300,"description":"The wished length; a provider that cannot keep it says so in warnings."},)"
    R"("format":{"type":"string","enum":["mp3","ogg","flac","wav","mp4"]},)"
    R"("quality":{"type":"string","enum":["draft","standard","high"]},)"
    R"("seed":{"type":"integer","minimum":0,"maximum":2147483647},)"
    R"("provider":{"type":"string","description":"One of the configured providers; leave it out unless the user names one."},)"
    R"("model":{"type":"string","maxLength":100,"description":"The provider's own name of a model; leave it out unless the user names one."},)"
    R"("deadline_seconds":{"type":"integer","minimum":5,"maximum":86400},)"
    R"("metadata":{"type":"object","maxProperties":16,"additionalProperties":{"type":"string"},"description":"Notes that stay with the job."}}})";

constexpr std::string_view get_schema =
    R"({"type":"object","additionalProperties":false,"required":["job_id"],"properties":{)"
    R"("job_id":{"type":"string","description":"As generate_music gave it."},)"
    R"("wait_seconds":{"type":"integer","minimum":0,"maximum":25,"description":"25 is a good value."}}})";

constexpr std::string_view cancel_schema =
    R"({"type":"object","additionalProperties":false,"required":["job_id"],"properties":{"job_id":{"type":"string"}}})";

constexpr std::string_view styles_schema =
    R"({"type":"object","required":["styles"],"properties":{"styles":{"type":"array","items":{"type":"object",)"
    R"("required":["id","name","tags","moods"],"properties":{"id":{"type":"string"},"name":{"type":"string"},)"
    R"("tags":{"type":"string"},"moods":{"type":"string"}}}}}})";

constexpr std::array entries{
    tool_entry{
        "generate_music", "Generate music",
        "Makes a song from a theme. Answers at once with a job; the song takes from seconds to minutes, and get_music_job tells "
        "when it is there. Always send an idempotency_key.",
        generate_schema, job_schema,
        R"({"readOnlyHint":false,"destructiveHint":false,"idempotentHint":false,"openWorldHint":true})"},
    tool_entry{
        "get_music_job", "Look at a music job",
        "Tells how a job goes and, after success, where its audio files are. With wait_seconds it answers when the job has ended "
        "or the time has passed.",
        get_schema, job_schema, R"({"readOnlyHint":true,"openWorldHint":false})"},
    tool_entry{
        "cancel_music_job", "Cancel a music job",
        "Asks a job to end. A song that was already ordered from a paid provider stays charged; an ended job is given back as it is.",
        cancel_schema, job_schema,
        R"({"readOnlyHint":false,"destructiveHint":true,"idempotentHint":true,"openWorldHint":false})"},
    tool_entry{
        "list_styles", "List the styles", "The styles that generate_music can be asked for by the id in its argument style.",
        R"({"type":"object","additionalProperties":false})", styles_schema, R"({"readOnlyHint":true,"openWorldHint":false})"},
};

std::string render_list() {
  std::string list;
  json_writer json{list};
  json.begin_array();
  for (const auto& each : entries) {
    json.begin_object().field("name", each.name).field("title", each.title).field("description", each.description);
    json.key("inputSchema")
        .raw(each.input)
        .key("outputSchema")
        .raw(each.output)
        .key("annotations")
        .raw(each.annotations)
        .end_object();
  }
  json.end_array();
  return list;
}

}  // namespace

std::string_view mcp_instructions() noexcept {
  return "Call generate_music once for each song, with an idempotency_key of its own, then get_music_job with wait_seconds 25 until done is "
         "true. When a call fails or times out, repeat it with the same arguments and the same idempotency_key.";
}

std::string_view mcp_tool_list() {
  static const std::string list = render_list();
  return list;
}

}  // namespace music::http
