#include "providers_json.hpp"

#include <music/base/json_writer.hpp>

namespace music::http {
namespace {

/// Which fields of a request it keeps; what it does not keep is told in a job's warnings.
void append_honours(json_writer& json, const provider_info& info) {
  json.key("honours").begin_object();
  json.field("title", info.honours_title).field("lyrics", info.honours_lyrics).field("negative_tags", info.honours_negative_tags);
  json.field("vocals", info.honours_vocals).field("duration_seconds", info.honours_duration).field("seed", info.honours_seed);
  json.field("format", !info.formats.empty()).field("quality", info.honours_quality).field("model", info.honours_model);
  json.end_object();
}

void append_provider(json_writer& json, const provider_entry& entry) {
  const auto& info = entry.info;
  json.begin_object().field("name", info.name).field("configured", entry.configured).field("paid", info.paid);
  append_honours(json, info);
  json.key("models").begin_array();
  for (const auto& model : info.models) json.value(model);
  json.end_array().key("formats").begin_array();
  for (const auto format : info.formats) json.value(name(format));
  json.end_array();
  if (info.honours_duration) json.field("longest_duration_seconds", info.longest_duration);
  if (info.honours_lyrics) json.field("most_lyrics", info.most_lyrics);
  json.end_object();
}

}  // namespace

std::string render_providers(std::span<const provider_entry> providers) {
  std::string body;
  json_writer json{body};
  json.begin_object().key("data").begin_array();
  for (const auto& entry : providers) append_provider(json, entry);
  json.end_array().end_object();
  return body;
}

}  // namespace music::http
