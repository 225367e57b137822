#pragma once

/// What an operator configures of a music service.

#include <music/base/secret.hpp>
#include <music/net/url.hpp>

#include <chrono>
#include <string>

namespace music::upstream {

struct account {
  net::url base;
  secret key;         ///< empty: none is sent
  std::string model;  ///< for requests that name none
  std::chrono::seconds timeout{60};  ///< for one API call; where its answer is the song, as long as a song takes
};

}  // namespace music::upstream
