#pragma once

/// libsndfile on memory instead of a file, because a song may never touch the disk.

#include <sndfile.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string>

namespace music::local {

/// A file that libsndfile reads and writes in memory. Must outlive the SNDFILE that was opened on it.
struct memory_file {
  std::string bytes;
  std::size_t at = 0;

  [[nodiscard]] static SF_VIRTUAL_IO callbacks() noexcept { return {length, seek, read, write, tell}; }

 private:
  static memory_file& of(void* user) noexcept { return *static_cast<memory_file*>(user); }

  static sf_count_t length(void* user) noexcept { return static_cast<sf_count_t>(of(user).bytes.size()); }

  static sf_count_t seek(sf_count_t offset, int whence, void* user) noexcept {
    memory_file& file = of(user);
    const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? tell(user) : length(user);
    file.at = static_cast<std::size_t>(std::max<sf_count_t>(0, base + offset));
    return tell(user);
  }

  static sf_count_t read(void* target, sf_count_t count, void* user) noexcept {
    memory_file& file = of(user);
    if (file.at >= file.bytes.size()) return 0;
    const std::size_t size = std::min(static_cast<std::size_t>(count), file.bytes.size() - file.at);
    std::memcpy(target, file.bytes.data() + file.at, size);
    file.at += size;
    return static_cast<sf_count_t>(size);
  }

  static sf_count_t write(const void* source, sf_count_t count, void* user) noexcept {
    memory_file& file = of(user);
    const auto size = static_cast<std::size_t>(count);
    try {
      file.bytes.resize(std::max(file.bytes.size(), file.at + size));
    } catch (const std::bad_alloc&) {
      return 0;  // libsndfile is C: it must see a short write, not an exception
    }
    std::memcpy(file.bytes.data() + file.at, source, size);
    file.at += size;
    return count;
  }

  static sf_count_t tell(void* user) noexcept { return static_cast<sf_count_t>(of(user).at); }
};

struct sndfile_closer {
  void operator()(SNDFILE* file) const noexcept { sf_close(file); }
};
using sndfile = std::unique_ptr<SNDFILE, sndfile_closer>;

}  // namespace music::local
