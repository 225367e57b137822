#include <music/webhooks/signer.hpp>

#include "catch_result.hpp"

#include <music/base/base64.hpp>

#include <catch2/catch.hpp>

#include <array>

using namespace music;
using namespace music::webhooks;

namespace {

secret made_of(std::string bytes) { return secret{"whsec_" + to_base64(bytes)}; }

signer signing_with(std::string first, std::string second = {}) {
  std::vector<secret> secrets;
  secrets.push_back(secret{std::move(first)});
  if (!second.empty()) secrets.push_back(secret{std::move(second)});
  return signer::create(secrets).value();
}

}  // namespace

TEST_CASE("a signature is the one of the reference libraries") {
  // The example that the libraries of Standard Webhooks test themselves with.
  const auto signs = signing_with(std::string("whsec_") + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

  CHECK(signs.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", R"({"test": 2432232314})") ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("whoever changes the secret signs with both, the new one first") {
  const auto now = to_base64(std::string(32, 'n'));
  const auto before = to_base64(std::string(24, 'b'));
  const auto both = signing_with("whsec_" + now, "whsec_" + before).sign("msg_1", "1", "{}");

  CHECK(both ==
        signing_with("whsec_" + now).sign("msg_1", "1", "{}") + ' ' + signing_with("whsec_" + before).sign("msg_1", "1", "{}"));
}

TEST_CASE("id, time and every byte of the body are signed") {
  const auto signs = signing_with("whsec_" + to_base64(std::string(32, 's')));
  const auto signature = signs.sign("msg_1", "100", "{\"a\":1}");

  CHECK(signs.sign("msg_2", "100", "{\"a\":1}") != signature);
  CHECK(signs.sign("msg_1", "101", "{\"a\":1}") != signature);
  CHECK(signs.sign("msg_1", "100", "{\"a\":2}") != signature);
  CHECK(signs.sign("msg_1", "100", "{\"a\":1} ") != signature);
}

TEST_CASE("a secret that is not of 24 to 64 bytes, or not written as one, is refused and not quoted") {
  const std::string text = GENERATE(as<std::string>{}, "", "whsec_", "whsec_Zm9v", "whsk_" + to_base64(std::string(32, 's')),
                                    to_base64(std::string(32, 's')), "whsec_" + to_base64(std::string(23, 's')),
                                    "whsec_" + to_base64(std::string(65, 's')), "whsec_" + to_base64(std::string(32, 's')) + "=");
  const std::array secrets{secret{text}};

  const auto made = signer::create(secrets);

  INFO(text);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == errc::invalid_argument);
  CHECK((text.empty() || text == "whsec_" || made.error().detail.find(text) == std::string::npos));
}

TEST_CASE("secrets of the shortest and the longest length are taken") {
  const std::array secrets{made_of(std::string(24, 'a')), made_of(std::string(64, 'b'))};

  CHECK(signer::create(secrets)->ready());
  CHECK_FALSE(signer{}.ready());
}
