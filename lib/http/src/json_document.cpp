#include "json_document.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <set>

namespace music::http {
namespace {

constexpr std::size_t deepest_nesting = 8;
constexpr std::size_t most_members = 256;  // a valid request has far fewer; more only cost time

/// Boost.JSON's event interface. Returning false with an error code ends the parse.
class collector {
 public:
  explicit collector(unsigned deepest) : deepest_(deepest) {}

  static constexpr std::size_t max_object_size = most_members;
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  using error_code = boost::json::error_code;
  using view = boost::json::string_view;

  [[nodiscard]] json_document take() { return std::move(document_); }
  [[nodiscard]] bool is_object() const noexcept { return root_is_object_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code&) {
    if (depth() == 0) root_is_object_ = true;
    note_other_element();
    set_kind(json_kind::object);
    names_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, error_code&) {
    names_.pop_back();
    return true;
  }
  bool on_array_begin(error_code&) {
    note_other_element();
    set_kind(json_kind::array);
    names_.emplace_back();
    if (++arrays_ == 1) array_depth_ = depth();
    return true;
  }
  bool on_array_end(std::size_t, error_code&) {
    names_.pop_back();
    --arrays_;
    return true;
  }

  bool on_key_part(view part, std::size_t, error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_key(view part, std::size_t, error_code& ec) {
    text_.append(part.data(), part.size());
    if (!names_.back().insert(text_).second) {
      ec = boost::json::error::syntax;
      return false;
    }
    if (wanted()) document_.push_back({static_cast<unsigned>(depth()), text_});
    text_.clear();
    return true;
  }

  bool on_string_part(view part, std::size_t, error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_string(view part, std::size_t, error_code&) {
    text_.append(part.data(), part.size());
    set_kind(json_kind::text);
    if (in_wanted_array()) document_.back().texts.push_back(text_);
    if (wanted() && !document_.empty()) document_.back().text = std::move(text_);
    text_.clear();
    return true;
  }

  bool on_number_part(view, error_code&) { return true; }
  bool on_int64(std::int64_t number, view, error_code&) { return set_number(static_cast<double>(number)); }
  bool on_uint64(std::uint64_t number, view, error_code&) { return set_number(static_cast<double>(number)); }
  bool on_double(double number, view, error_code&) { return set_number(number); }

  bool on_bool(bool flag, error_code&) {
    note_other_element();
    set_kind(json_kind::boolean);
    if (wanted() && !document_.empty()) document_.back().flag = flag;
    return true;
  }
  bool on_null(error_code&) {
    note_other_element();
    set_kind(json_kind::null);
    return true;
  }
  bool on_comment_part(view, error_code&) { return true; }
  bool on_comment(view, error_code&) { return true; }

 private:
  [[nodiscard]] std::size_t depth() const noexcept { return names_.size(); }
  [[nodiscard]] bool wanted() const noexcept { return arrays_ == 0 && depth() >= 1 && depth() <= deepest_; }

  void set_kind(json_kind kind) {
    if (wanted() && !document_.empty()) document_.back().kind = kind;
  }
  /// Directly in an array that is the value of a member, which is then the last one of the document.
  [[nodiscard]] bool in_wanted_array() const noexcept {
    return arrays_ == 1 && array_depth_ == depth() && depth() >= 2 && depth() <= deepest_ + 1;
  }
  void note_other_element() {
    if (in_wanted_array()) document_.back().only_texts = false;
  }
  bool set_number(double number) {
    note_other_element();
    set_kind(json_kind::number);
    if (wanted() && !document_.empty()) document_.back().number = number;
    return true;
  }

  unsigned deepest_;
  json_document document_;
  std::vector<std::set<std::string>> names_;  ///< those seen in each open object; arrays have an empty set
  std::string text_;
  std::size_t arrays_ = 0;
  std::size_t array_depth_ = 0;  ///< of the outermost open array
  bool root_is_object_ = false;
};

}  // namespace

std::optional<json_document> parse_json_object(std::string_view body, unsigned deepest) {
  boost::json::parse_options options;
  options.max_depth = deepest_nesting;
  boost::json::basic_parser<collector> parser{options, deepest};
  boost::json::error_code ec;
  const auto used = parser.write_some(false, body.data(), body.size(), ec);
  if (ec || used < body.size() || !parser.done() || !parser.handler().is_object()) return std::nullopt;
  return parser.handler().take();
}

const json_member* find_member(const json_document& document, std::string_view name) noexcept {
  for (const auto& member : document) {
    if (member.depth == 1 && member.name == name) return &member;
  }
  return nullptr;
}

json_document members_of(const json_document& document, std::string_view name) {
  json_document inner;
  bool inside = false;
  for (const auto& member : document) {
    if (member.depth == 1) {
      inside = member.name == name && member.kind == json_kind::object;
    } else if (inside) {
      inner.push_back(member);
      --inner.back().depth;
    }
  }
  return inner;
}

}  // namespace music::http
