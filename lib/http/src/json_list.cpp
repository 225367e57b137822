#include "json_list.hpp"

#include "json_collector.hpp"

#include <boost/json/basic_parser_impl.hpp>

namespace music::http {
namespace {

constexpr std::size_t deepest_nesting = 10;  // a document of eight levels, in a list, in an object
constexpr std::size_t list_depth = 2;
constexpr unsigned kept_depth = 2;  // of an element's members

/// Tells every event to the collector of the whole, which checks it, and those inside an element to one of its own as well.
class list_collector {
 public:
  static constexpr std::size_t max_object_size = json_collector::max_object_size;
  static constexpr std::size_t max_array_size = json_collector::max_array_size;
  static constexpr std::size_t max_key_size = json_collector::max_key_size;
  static constexpr std::size_t max_string_size = json_collector::max_string_size;

  using error_code = json_collector::error_code;
  using view = json_collector::view;

  list_collector(std::string_view name, std::size_t most) : name_(name), most_(most) {}

  [[nodiscard]] bool is_object() const noexcept { return whole_.is_object(); }
  [[nodiscard]] json_list take() {
    list_.members = whole_.take();
    return std::move(list_);
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code& ec) {
    if (at_element()) begin_element(true);
    ++depth_;
    return tell([&](json_collector& to) { return to.on_object_begin(ec); });
  }
  bool on_object_end(std::size_t size, error_code& ec) {
    const bool well = tell([&](json_collector& to) { return to.on_object_end(size, ec); });
    --depth_;
    if (at_element() && element_) list_.elements.back() = element_->take();
    if (at_element()) element_.reset();
    return well;
  }
  bool on_array_begin(error_code& ec) {
    if (at_element()) begin_element(false);
    const bool is_list = depth_ == 1 && !whole_.so_far().empty() && whole_.so_far().back().name == name_;
    if (++depth_ == list_depth) in_list_ = is_list;
    return tell([&](json_collector& to) { return to.on_array_begin(ec); });
  }
  bool on_array_end(std::size_t size, error_code& ec) {
    const bool well = tell([&](json_collector& to) { return to.on_array_end(size, ec); });
    if (depth_-- == list_depth) in_list_ = false;
    return well;
  }

  bool on_key_part(view part, std::size_t size, error_code& ec) {
    return tell([&](json_collector& to) { return to.on_key_part(part, size, ec); });
  }
  bool on_key(view part, std::size_t size, error_code& ec) {
    return tell([&](json_collector& to) { return to.on_key(part, size, ec); });
  }
  bool on_string_part(view part, std::size_t size, error_code& ec) {
    return tell([&](json_collector& to) { return to.on_string_part(part, size, ec); });
  }
  bool on_string(view part, std::size_t size, error_code& ec) {
    return scalar([&](json_collector& to) { return to.on_string(part, size, ec); });
  }
  bool on_number_part(view, error_code&) { return true; }
  bool on_int64(std::int64_t number, view text, error_code& ec) {
    return scalar([&](json_collector& to) { return to.on_int64(number, text, ec); });
  }
  bool on_uint64(std::uint64_t number, view text, error_code& ec) {
    return scalar([&](json_collector& to) { return to.on_uint64(number, text, ec); });
  }
  bool on_double(double number, view text, error_code& ec) {
    return scalar([&](json_collector& to) { return to.on_double(number, text, ec); });
  }
  bool on_bool(bool flag, error_code& ec) {
    return scalar([&](json_collector& to) { return to.on_bool(flag, ec); });
  }
  bool on_null(error_code& ec) {
    return scalar([&](json_collector& to) { return to.on_null(ec); });
  }
  bool on_comment_part(view, error_code&) { return true; }
  bool on_comment(view, error_code&) { return true; }

 private:
  /// Between elements of the list, where the next thing is one.
  [[nodiscard]] bool at_element() const noexcept { return in_list_ && depth_ == list_depth; }

  void begin_element(bool object) {
    if (++list_.count > most_) return;
    list_.elements.emplace_back();
    if (object) element_.emplace(kept_depth);
  }

  template <class Event>
  bool scalar(Event event) {
    if (at_element()) begin_element(false);
    return tell(event);
  }

  template <class Event>
  bool tell(Event event) {
    return event(whole_) && (!element_ || event(*element_));
  }

  std::string_view name_;
  std::size_t most_;
  json_collector whole_{1};
  std::optional<json_collector> element_;  ///< of the element that the parser is in, if it is an object and kept
  json_list list_;
  std::size_t depth_ = 0;
  bool in_list_ = false;
};

}  // namespace

std::optional<json_list> parse_json_list(std::string_view body, std::string_view name, std::size_t most) {
  boost::json::parse_options options;
  options.max_depth = deepest_nesting;
  boost::json::basic_parser<list_collector> parser{options, name, most};
  boost::json::error_code ec;
  const auto used = parser.write_some(false, body.data(), body.size(), ec);
  if (ec || used < body.size() || !parser.done() || !parser.handler().is_object()) return std::nullopt;
  return parser.handler().take();
}

}  // namespace music::http
