#pragma once

/// What the tests of the PostgreSQL stores share.

#include "postgres_server.hpp"

#include <music/store/postgres_store.hpp>

#include <stdexcept>
#include <string>

namespace music::test {

/// Makes a database that no other test uses and gives its name.
inline std::string fresh_database() {
  static int count = 0;
  auto name = "music_" + std::to_string(++count);
  postgres_server::shared().run("postgres", "CREATE DATABASE " + name);
  return name;
}

/// Opens the stores of a database as one more instance.
inline postgres_stores opened(const std::string& url, std::size_t connections = 8) {
  auto stores = open_postgres_stores({.url = secret{url}, .connections = connections});
  if (!stores) throw std::runtime_error(stores.error().detail);
  return std::move(*stores);
}

inline std::string url_of(const std::string& database) {
  return postgres_server::url(database, postgres_server::shared().directory());
}

}  // namespace music::test
