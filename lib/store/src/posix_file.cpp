#include "posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

namespace music::posix {
namespace {

constexpr mode_t private_directory = S_IRWXU;
constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

/// A mode that is too wide is narrowed: a person may have made the directory by hand.
result<descriptor> narrowed(descriptor directory, const std::string& name) {
  struct stat about{};
  if (fstat(directory.get(), &about) != 0) return failed("stat " + name, errno);
  const bool narrow = (about.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  if (!narrow && fchmod(directory.get(), private_directory) != 0) return failed("chmod 0700 " + name, errno);
  return directory;
}

}  // namespace

void descriptor::close() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

error failed(std::string_view what, int number) {
  return {errc::store_unavailable, std::string{what} + ": " + std::generic_category().message(number)};
}

result<descriptor> open_private_directory(const std::filesystem::path& path) {
  std::error_code failure;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failure);
  if (failure) return failed("mkdir " + path.parent_path().string(), failure.value());
  if (mkdir(path.c_str(), private_directory) != 0 && errno != EEXIST) return failed("mkdir " + path.string(), errno);
  descriptor directory{::open(path.c_str(), directory_flags)};
  if (!directory) return failed("open " + path.string(), errno);
  return narrowed(std::move(directory), path.string());
}

result<descriptor> open_private_directory_at(const descriptor& parent, const std::string& name) {
  const bool made = mkdirat(parent.get(), name.c_str(), private_directory) == 0;
  if (!made && errno != EEXIST) return failed("mkdir " + name, errno);
  descriptor directory{openat(parent.get(), name.c_str(), directory_flags | O_NOFOLLOW)};
  if (!directory) return failed("open " + name, errno);
  if (made) {
    auto synced = sync(parent, "the directory of " + name);
    if (!synced) return synced.error();
  }
  return narrowed(std::move(directory), name);
}

result<void> sync(const descriptor& file, std::string_view what) {
  if (fsync(file.get()) != 0) return failed("fsync " + std::string{what}, errno);
  return {};
}

result<void> write_all(const descriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

result<std::string> read_at(const descriptor& file, std::uint64_t offset, std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const auto got = pread(file.get(), bytes.data() + filled, count - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace music::posix
