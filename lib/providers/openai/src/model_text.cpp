#include "model_text.hpp"

#include <music/base/text.hpp>
#include <music/core/rules.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace music::openai {
namespace {

constexpr std::string_view fence = "```";

std::string_view without_label(std::string_view text) {
  for (const std::string_view label : {"music prompt:", "prompt:", "**prompt:**", "**music prompt:**"}) {
    if (equal_ignoring_case(text.substr(0, label.size()), label)) return trim(text.substr(label.size()));
  }
  return text;
}

/// One pair around the whole; a quotation mark inside means that the outer two do not belong together.
std::string_view without_quotes(std::string_view text) {
  constexpr std::array pairs{
      std::pair<std::string_view, std::string_view>{"**", "**"}, std::pair<std::string_view, std::string_view>{"\"", "\""},
      std::pair<std::string_view, std::string_view>{"“", "”"},   std::pair<std::string_view, std::string_view>{"«", "»"},
      std::pair<std::string_view, std::string_view>{"„", "“"},   std::pair<std::string_view, std::string_view>{"「", "」"},
      std::pair<std::string_view, std::string_view>{"'", "'"},   std::pair<std::string_view, std::string_view>{"`", "`"}};
  for (const auto& [left, right] : pairs) {
    if (text.size() < left.size() + right.size() || !text.starts_with(left) || !text.ends_with(right)) continue;
    const auto inside = text.substr(left.size(), text.size() - left.size() - right.size());
    if (inside.find(left) == std::string_view::npos) return trim(inside);
  }
  return text;
}

std::string with_plain_line_ends(std::string_view text) {
  std::string plain{text};
  std::erase(plain, '\r');
  return plain;
}

/// Where the last whole sentence or line ends; 0 if none does.
std::size_t sentence_end(std::string_view text) {
  std::size_t best = 0;
  for (const std::string_view mark : {". ", "! ", "? ", ".\n", "!\n", "?\n", "\n", "。", "！", "？", "।"}) {
    const auto at = text.rfind(mark);
    if (at != std::string_view::npos) best = std::max(best, at + mark.size());
  }
  const bool ends_there = !text.empty() && (text.back() == '.' || text.back() == '!' || text.back() == '?');
  return ends_there ? text.size() : best;
}

}  // namespace

std::string_view without_thoughts(std::string_view answer) {
  const auto text = trim(answer);
  constexpr std::array marks{std::pair<std::string_view, std::string_view>{"<think>", "</think>"},
                             std::pair<std::string_view, std::string_view>{"<thinking>", "</thinking>"}};
  for (const auto& [opening, closing] : marks) {
    // Some templates swallow the opening mark, so the closing one decides.
    if (const auto end = text.rfind(closing); end != std::string_view::npos) return trim(text.substr(end + closing.size()));
    if (text.starts_with(opening)) return {};
  }
  return text;
}

std::string_view without_fence(std::string_view text) {
  const auto opening = text.find(fence);
  if (opening == std::string_view::npos) return text;
  const auto line_end = text.find('\n', opening);
  if (line_end == std::string_view::npos) {
    const auto inside = text.substr(opening + fence.size());
    return trim(inside.substr(0, inside.find(fence)));
  }
  const auto inside = text.substr(line_end + 1);
  return trim(inside.substr(0, inside.find(fence)));
}

result<std::string> prompt_from(std::string_view text, bool cut_off) {
  text = without_quotes(without_label(without_fence(trim(text))));
  const auto fitting = first_code_points(text, longest_prompt);
  if (cut_off || fitting.size() < text.size()) text = trim(fitting.substr(0, sentence_end(fitting)));
  auto prompt = with_plain_line_ends(text);
  if (check_prompt(prompt) != text_problem::none)
    return error{errc::invalid_response, "the model's text breaks the prompt's rules"};
  return prompt;
}

}  // namespace music::openai
