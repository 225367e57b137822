#include "json_mending.hpp"

#include <algorithm>

namespace music::openai {
namespace {

class mender {
 public:
  void read(char c) {
    if (inside_string_) {
      read_inside(c);
    } else {
      read_outside(c);
    }
  }

  [[nodiscard]] bool complete() const noexcept { return begun_ && owed_.empty(); }

  mended_json finish() {
    const bool cut = !owed_.empty();
    if (inside_string_) {
      drop_half_escape();
      text_ += '"';
    }
    std::reverse(owed_.begin(), owed_.end());
    return {text_ + owed_, cut};
  }

 private:
  void read_inside(char c) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      inside_string_ = false;
    } else if (static_cast<unsigned char>(c) < ' ') {
      if (c == '\n') text_ += "\\n";
      if (c == '\t') text_ += "\\t";
      return;
    }
    text_ += c;
  }

  void read_outside(char c) {
    if (c == '"') inside_string_ = true;
    if (c == '{') owed_ += '}';
    if (c == '[') owed_ += ']';
    if (!owed_.empty() && c == owed_.back()) owed_.pop_back();
    begun_ = true;
    text_ += c;
  }

  /// "\" or "\u12" at the very end.
  void drop_half_escape() {
    constexpr std::size_t whole_escape = 6;
    if (escaped_) {
      text_.pop_back();
      return;
    }
    const auto at = text_.rfind("\\u");
    if (at != std::string::npos && text_.size() - at < whole_escape) text_.resize(at);
  }

  std::string text_;
  std::string owed_;  ///< the marks that would close what is open, the innermost last
  bool begun_ = false;
  bool inside_string_ = false;
  bool escaped_ = false;
};

}  // namespace

mended_json mend_json(std::string_view text) {
  mender at_work;
  for (const char c : text) {
    at_work.read(c);
    if (at_work.complete()) break;
  }
  return at_work.finish();
}

}  // namespace music::openai
