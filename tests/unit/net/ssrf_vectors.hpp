#pragma once

/// The vectors for the guard against server-side request forgery, beside this file.

#include <boost/json.hpp>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace music::test {

/// The rows of one section.
inline boost::json::array ssrf_vectors(std::string_view section) {
  std::ifstream file(MUSIC_SSRF_VECTORS);
  if (!file) throw std::runtime_error("the vectors cannot be read");
  std::stringstream text;
  text << file.rdbuf();
  return boost::json::parse(text.str()).at(section).as_array();
}

}  // namespace music::test
