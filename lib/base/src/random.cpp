#include <music/base/random.hpp>

#include <sys/random.h>

#include <cstdlib>

namespace music {
namespace {

class kernel_random final : public random_source {
 public:
  std::uint64_t next() override {
    std::uint64_t word = 0;
    if (getrandom(&word, sizeof word, 0) != static_cast<ssize_t>(sizeof word)) std::abort();
    return word;
  }
};

}  // namespace

random_source& system_random() noexcept {
  static kernel_random random;
  return random;
}

std::uint64_t seeded_random::next() {
  // splitmix64 (Steele, Lea, Flood 2014), public domain constants
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

double unit(random_source& random) { return static_cast<double>(random.next() >> 11) * 0x1.0p-53; }

}  // namespace music
