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

TEST_CASE("HMAC-SHA-256 gives the values of RFC 4231") {
  CHECK(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
