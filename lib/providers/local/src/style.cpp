#include "style.hpp"

#include "styles/styles.hpp"

#include <algorithm>

namespace music::local {

const std::vector<style>& all_styles() {
  static const std::vector<style> list{
      styles::lofi(),  styles::cinematic(), styles::synthwave(), styles::folk(), styles::ambient(), styles::jazz(),
      styles::house(), styles::classical(), styles::bossa(),     styles::rock(), styles::lullaby(), styles::chiptune(),
      styles::waltz(), styles::funk(),      styles::celtic(),    styles::trap(), styles::reggae(),
  };
  return list;
}

const style* find_style(std::string_view id) {
  const auto& list = all_styles();
  const auto found = std::find_if(list.begin(), list.end(), [&](const style& s) { return s.id == id; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace music::local
