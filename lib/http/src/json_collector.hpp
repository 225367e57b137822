#pragma once

/// What `parse_json_object` and `parse_json_list` are made of.

#include "json_document.hpp"

#include <boost/json/basic_parser.hpp>
#include <boost/json/error.hpp>
#include <boost/json/string_view.hpp>

#include <set>
#include <string>
#include <vector>

namespace music::http {

/// Boost.JSON's event interface. Returning false with an error code ends the parse.
class json_collector {
 public:
  explicit json_collector(unsigned deepest) : deepest_(deepest) {}

  static constexpr std::size_t max_object_size = 256;  // a valid request has far fewer members; more only cost time
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  using error_code = boost::json::error_code;
  using view = boost::json::string_view;

  [[nodiscard]] json_document take() { return std::move(document_); }
  [[nodiscard]] const json_document& so_far() const noexcept { return document_; }
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

}  // namespace music::http
