// bench_epoll_floor PORT GET_ANSWER POST_ANSWER: the floor. Answers every GET with the bytes of one file and every POST with
// those of another, header included: what the kernel and a loop without any service in it cost.

#include "epoll_server.hpp"

#include <fstream>
#include <iterator>

namespace {

std::string contents(const char* path) {
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (text.empty()) {
    std::fprintf(stderr, "cannot read %s\n", path);
    std::exit(2);
  }
  return text;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::fputs("usage: bench_epoll_floor PORT GET_ANSWER POST_ANSWER\n", stderr);
    return 2;
  }
  const auto got = contents(arguments[2]);
  const auto posted = contents(arguments[3]);
  music::bench::epoll_server server{static_cast<std::uint16_t>(std::atoi(arguments[1]))};
  server.run([&](const music::bench::request& in, music::bench::reply& out) { out.now += in.is_post() ? posted : got; },
             [](std::uint64_t) {});
}
