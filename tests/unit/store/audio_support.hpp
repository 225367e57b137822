#pragma once

/// What the tests of the audio stores share.

#include "store_support.hpp"

#include <music/core/audio.hpp>

namespace music::test {

inline job_id some_job(std::uint64_t seed) {
  seeded_random random{seed};
  return job_id::make(random, at(1000));
}

inline stored_audio put(audio_store& store, const job_id& owner, const std::string& bytes) {
  const auto writer = await(store.create(owner)).value();
  const auto middle = bytes.size() / 2;
  REQUIRE(await(writer->append(bytes.substr(0, middle))));
  REQUIRE(await(writer->append(bytes.substr(middle))));
  return await(writer->commit()).value();
}

inline std::string get(audio_store& store, const std::string& key, std::uint64_t offset, std::size_t count) {
  const auto reader = await(store.open(key)).value();
  return await(reader->read(offset, count)).value();
}

}  // namespace music::test
