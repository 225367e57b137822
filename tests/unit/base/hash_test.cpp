#include <music/base/hash.hpp>

#include <catch2/catch.hpp>

using namespace music;

TEST_CASE("SHA-256 gives the digests of FIPS 180-4") {
  CHECK(to_hex(sha256_of("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256_of("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("hashing in pieces gives the digest of the whole") {
  sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");

  CHECK(hash.finish() == sha256_of("abc"));
}

TEST_CASE("digests compare by value whatever byte differs") {
  const auto a = sha256_of("a");
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto b = a;
    b[i] ^= 1;
    CHECK_FALSE(equal_in_constant_time(a, b));
  }
  CHECK(equal_in_constant_time(a, sha256_of("a")));
}
