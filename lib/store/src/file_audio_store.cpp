#include "posix_file.hpp"

#include <music/async/blocking_pool.hpp>
#include <music/base/hash.hpp>
#include <music/base/random.hpp>
#include <music/store/file_audio_store.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <set>

namespace music {
namespace {

using posix::descriptor;

constexpr std::size_t hash_digits = 64;
constexpr std::size_t folder_digits = 2;
constexpr std::size_t suffix_characters = 8;
constexpr mode_t private_file = S_IRUSR | S_IWUSR;

/// The open directories. Shared by all that works on them, so that abandoned work on the pool stays safe.
struct audio_directory {
  descriptor root;
  descriptor incoming;  ///< holds what is being written; on the same file system, so that renaming is atomic
  descriptor lock;      ///< held for as long as the store lives
};
using directory_ptr = std::shared_ptr<const audio_directory>;

/// Whose a well-formed key is.
std::string_view owner_of(std::string_view key) {
  return key.substr(hash_digits + 1, key.size() - hash_digits - suffix_characters - 2);
}

/// Keys come from our own database; all the same nothing else than a key's exact form ever becomes a path.
bool well_formed(std::string_view key) {
  if (key.size() < hash_digits + 1 + suffix_characters + 1) return false;
  const auto hash = key.substr(0, hash_digits);
  const auto suffix = key.substr(key.size() - suffix_characters);
  return hash.find_first_not_of("0123456789abcdef") == std::string_view::npos && key[hash_digits] == '-' &&
         job_id::parse(owner_of(key)) && key[key.size() - suffix_characters - 1] == '-' &&
         suffix.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz") == std::string_view::npos;
}

/// Where a key's file lies below the root.
std::string path_of(const std::string& key) { return key.substr(0, folder_digits) + "/" + key; }

/// A file on its way in. Lives on the pool and in the writer; whoever lets go last removes the file, unless it was committed
/// and its key handed over.
class incoming_file {
 public:
  incoming_file(directory_ptr directory, job_id owner)
      : directory_(std::move(directory)), owner_(std::move(owner)), name_(make_request_id(system_random())) {}

  ~incoming_file() {
    if (!file_ || kept_) return;
    if (placed_.empty()) {
      unlinkat(directory_->incoming.get(), name_.c_str(), 0);
    } else {
      unlinkat(directory_->root.get(), placed_.c_str(), 0);
    }
  }
  incoming_file(const incoming_file&) = delete;
  incoming_file& operator=(const incoming_file&) = delete;

  result<void> create() {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    file_ = descriptor{openat(directory_->incoming.get(), name_.c_str(), flags, private_file)};
    if (!file_) return posix::failed("create audio file", errno);
    return {};
  }

  result<void> append(std::string_view bytes) {
    hash_.update(bytes);
    size_ += bytes.size();
    return remember(posix::write_all(file_, bytes));
  }

  result<stored_audio> commit() {
    auto state = failure_ ? result<void>{*failure_} : remember(posix::sync(file_, "audio file"));
    if (!state) return state.error();
    stored_audio stored{{}, to_hex(hash_.finish()), size_};
    stored.key = stored.sha256 + "-" + owner_.text() + "-" + name_.substr(0, suffix_characters);
    state = remember(place(stored.key));
    if (!state) return state.error();
    return stored;
  }

  /// The key has reached its owner: from now on the file is the owner's to erase.
  void keep() { kept_ = true; }

 private:
  result<void> place(const std::string& key) {
    const auto folder = posix::open_private_directory_at(directory_->root, key.substr(0, folder_digits));
    if (!folder) return folder.error();
    if (renameat(directory_->incoming.get(), name_.c_str(), folder->get(), key.c_str()) != 0) {
      return posix::failed("rename audio file", errno);
    }
    placed_ = path_of(key);
    return posix::sync(*folder, "audio folder");
  }

  /// A file that failed once is never committed: what it lacks would be found too late.
  result<void> remember(result<void> state) {
    if (!state) failure_ = state.error();
    return state;
  }

  directory_ptr directory_;
  job_id owner_;
  std::string name_;
  descriptor file_;
  sha256 hash_;
  std::uint64_t size_ = 0;
  std::optional<error> failure_;
  std::string placed_;
  bool kept_ = false;
};

class file_writer final : public audio_writer {
 public:
  file_writer(blocking_pool& pool, std::shared_ptr<incoming_file> file) : pool_(pool), file_(std::move(file)) {}

  task<result<void>> append(std::string bytes) override {
    auto work = [file = file_, bytes = std::move(bytes)] { return file->append(bytes); };
    co_return co_await pool_.run(std::move(work));
  }

  task<result<stored_audio>> commit() override {
    auto file = std::move(file_);
    if (!file) co_return error{errc::internal, "audio file: committed twice"};
    auto work = [file] { return file->commit(); };
    auto stored = co_await pool_.run(std::move(work));
    if (stored) file->keep();
    co_return stored;
  }

 private:
  blocking_pool& pool_;
  std::shared_ptr<incoming_file> file_;
};

class file_reader final : public audio_reader {
 public:
  file_reader(blocking_pool& pool, descriptor file, std::uint64_t size)
      : pool_(pool), file_(std::make_shared<descriptor>(std::move(file))), size_(size) {}

  std::uint64_t size() const noexcept override { return size_; }

  task<result<std::string>> read(std::uint64_t offset, std::size_t count) override {
    if (offset >= size_) co_return std::string{};
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - offset));
    auto work = [file = file_, offset, part] { return posix::read_at(*file, offset, part); };
    co_return co_await pool_.run(std::move(work));
  }

 private:
  blocking_pool& pool_;
  std::shared_ptr<descriptor> file_;
  std::uint64_t size_;
};

/// An open file and how long it is.
struct opened_file {
  descriptor file;
  std::uint64_t size = 0;
};

result<opened_file> open_file(const audio_directory& directory, const std::string& key) {
  descriptor file{openat(directory.root.get(), path_of(key).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
  if (!file && errno == ENOENT) return error{errc::not_found};
  if (!file) return posix::failed("open audio file", errno);
  struct stat about{};
  if (fstat(file.get(), &about) != 0) return posix::failed("stat audio file", errno);
  if (!S_ISREG(about.st_mode)) return error{errc::not_found};
  return opened_file{std::move(file), static_cast<std::uint64_t>(about.st_size)};
}

result<void> erase_file(const audio_directory& directory, const std::string& key) {
  if (unlinkat(directory.root.get(), path_of(key).c_str(), 0) != 0) {
    if (errno == ENOENT) return {};
    return posix::failed("erase audio file", errno);
  }
  const auto folder = posix::open_private_directory_at(directory.root, key.substr(0, folder_digits));
  if (!folder) return folder.error();
  return posix::sync(*folder, "audio folder");
}

/// The names in a directory, without . and .. themselves.
result<std::vector<std::string>> names_in(const descriptor& directory, std::string_view what) {
  DIR* const listing = fdopendir(fcntl(directory.get(), F_DUPFD_CLOEXEC, 0));
  if (listing == nullptr) return posix::failed("list " + std::string{what}, errno);
  rewinddir(listing);
  std::vector<std::string> names;
  while (const dirent* const entry = readdir(listing)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(listing);
  return names;
}

result<std::vector<std::string>> files_of(const audio_directory& directory, std::string_view owner) {
  const auto folders = names_in(directory.root, "audio directory");
  if (!folders) return folders.error();
  std::vector<std::string> keys;
  for (const auto& name : *folders) {
    if (name.size() != folder_digits) continue;
    const auto folder = posix::open_private_directory_at(directory.root, name);
    if (!folder) return folder.error();
    auto files = names_in(*folder, "audio folder");
    if (!files) return files.error();
    for (auto& key : *files) {
      if (well_formed(key) && owner_of(key) == owner) keys.push_back(std::move(key));
    }
  }
  return keys;
}

class file_audio_store final : public audio_store {
 public:
  file_audio_store(directory_ptr directory, std::size_t threads) : directory_(std::move(directory)), pool_(threads) {}

  task<result<std::unique_ptr<audio_writer>>> create(job_id owner) override {
    auto file = std::make_shared<incoming_file>(directory_, std::move(owner));
    auto work = [file] { return file->create(); };
    auto created = co_await pool_.run(std::move(work));
    if (!created) co_return created.error();
    std::unique_ptr<audio_writer> writer = std::make_unique<file_writer>(pool_, std::move(file));
    co_return writer;
  }

  task<result<std::unique_ptr<audio_reader>>> open(std::string key) override {
    if (!well_formed(key)) co_return error{errc::not_found};
    auto work = [directory = directory_, key = std::move(key)] { return open_file(*directory, key); };
    auto opened = co_await pool_.run(std::move(work));
    if (!opened) co_return opened.error();
    std::unique_ptr<audio_reader> reader = std::make_unique<file_reader>(pool_, std::move(opened->file), opened->size);
    co_return reader;
  }

  task<result<void>> erase(std::string key) override {
    if (!well_formed(key)) co_return result<void>{};
    auto work = [directory = directory_, key = std::move(key)] { return erase_file(*directory, key); };
    co_return co_await pool_.run(std::move(work));
  }

  task<result<std::vector<std::string>>> find(job_id owner) override {
    auto work = [directory = directory_, owner = std::move(owner)] { return files_of(*directory, owner.text()); };
    co_return co_await pool_.run(std::move(work));
  }

 private:
  directory_ptr directory_;
  blocking_pool pool_;
};

result<void> take_lock(audio_directory& directory) {
  directory.lock = descriptor{openat(directory.root.get(), "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, private_file)};
  if (!directory.lock) return posix::failed("create the audio directory's lock", errno);
  if (flock(directory.lock.get(), LOCK_EX | LOCK_NB) == 0) return {};
  if (errno == EWOULDBLOCK) return error{errc::store_unavailable, "another process uses this audio directory"};
  return posix::failed("lock the audio directory", errno);
}

/// Nobody writes while we hold the lock and have not begun: whatever lies here was left by a crash.
result<void> remove_leftovers(const descriptor& incoming) {
  const auto names = names_in(incoming, "unfinished audio files");
  if (!names) return names.error();
  for (const auto& name : *names) unlinkat(incoming.get(), name.c_str(), 0);
  return {};
}

/// Erases the owners' files in one of the folders that are named by two digits.
result<std::size_t> erase_in_folder(const descriptor& root, const std::string& folder_name,
                                    const std::set<std::string, std::less<>>& owners,
                                    const std::set<std::string, std::less<>>& named) {
  const auto folder = posix::open_private_directory_at(root, folder_name);
  if (!folder) return folder.error();
  const auto keys = names_in(*folder, "audio folder");
  if (!keys) return keys.error();
  std::size_t erased = 0;
  for (const auto& key : *keys) {
    if (!well_formed(key) || !owners.contains(owner_of(key)) || named.contains(key)) continue;
    if (unlinkat(folder->get(), key.c_str(), 0) != 0) return posix::failed("erase audio file", errno);
    ++erased;
  }
  if (erased == 0) return erased;
  const auto synced = posix::sync(*folder, "audio folder");
  if (!synced) return synced.error();
  return erased;
}

}  // namespace

result<std::unique_ptr<audio_store>> open_file_audio_store(const std::filesystem::path& directory, std::size_t threads) {
  const auto parent = posix::open_private_directory(directory);
  if (!parent) return parent.error();
  auto opened = std::make_shared<audio_directory>();
  auto root = posix::open_private_directory_at(*parent, "audio");
  if (!root) return root.error();
  opened->root = std::move(*root);
  auto state = take_lock(*opened);
  if (!state) return state.error();
  auto incoming = posix::open_private_directory_at(opened->root, "incoming");
  if (!incoming) return incoming.error();
  opened->incoming = std::move(*incoming);
  state = remove_leftovers(opened->incoming);
  if (!state) return state.error();
  std::unique_ptr<audio_store> store = std::make_unique<file_audio_store>(std::move(opened), threads);
  return store;
}

result<std::size_t> erase_unnamed_audio(const std::filesystem::path& directory, const std::vector<job_id>& owners,
                                        const std::set<std::string, std::less<>>& named) {
  std::set<std::string, std::less<>> texts;
  for (const auto& owner : owners) texts.insert(owner.text());
  const auto parent = posix::open_private_directory(directory);
  if (!parent) return parent.error();
  const auto root = posix::open_private_directory_at(*parent, "audio");
  if (!root) return root.error();
  const auto folders = names_in(*root, "audio directory");
  if (!folders) return folders.error();
  std::size_t erased = 0;
  for (const auto& name : *folders) {
    if (name.size() != folder_digits) continue;
    const auto here = erase_in_folder(*root, name, texts, named);
    if (!here) return here.error();
    erased += *here;
  }
  return erased;
}

}  // namespace music
