#include <music/store/memory_store.hpp>

#include <music/base/hash.hpp>

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace music {
namespace {

using shared_bytes = std::shared_ptr<const std::string>;

/// What the store and its writers share, so that a writer may outlive the store.
struct audio_shelf {
  std::mutex mutex;
  std::unordered_map<std::string, shared_bytes> files;
  std::uint64_t next = 0;
};

class memory_writer final : public audio_writer {
 public:
  memory_writer(std::shared_ptr<audio_shelf> shelf, job_id owner) : shelf_(std::move(shelf)), owner_(std::move(owner)) {}

  task<result<void>> append(std::string bytes) override {
    bytes_ += bytes;
    co_return result<void>{};
  }

  task<result<stored_audio>> commit() override {
    stored_audio stored{{}, to_hex(sha256_of(bytes_)), bytes_.size()};
    auto bytes = std::make_shared<const std::string>(std::move(bytes_));
    const std::lock_guard lock{shelf_->mutex};
    stored.key = stored.sha256 + "-" + owner_.text() + "-" + std::to_string(shelf_->next++);
    shelf_->files.emplace(stored.key, std::move(bytes));
    co_return stored;
  }

 private:
  std::shared_ptr<audio_shelf> shelf_;
  job_id owner_;
  std::string bytes_;
};

class memory_reader final : public audio_reader {
 public:
  explicit memory_reader(shared_bytes bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t size() const noexcept override { return bytes_->size(); }

  task<result<std::string>> read(std::uint64_t offset, std::size_t count) override {
    const auto from = static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_->size()));
    co_return bytes_->substr(from, count);
  }

 private:
  shared_bytes bytes_;
};

class memory_audio_store final : public audio_store {
 public:
  task<result<std::unique_ptr<audio_writer>>> create(job_id owner) override {
    std::unique_ptr<audio_writer> writer = std::make_unique<memory_writer>(shelf_, std::move(owner));
    co_return writer;
  }

  task<result<std::unique_ptr<audio_reader>>> open(std::string key) override {
    auto bytes = bytes_of(key);
    if (!bytes) co_return error{errc::not_found};
    std::unique_ptr<audio_reader> reader = std::make_unique<memory_reader>(std::move(bytes));
    co_return reader;
  }

  task<result<void>> erase(std::string key) override {
    const std::lock_guard lock{shelf_->mutex};
    shelf_->files.erase(key);
    co_return result<void>{};
  }

  task<result<std::vector<std::string>>> find(job_id owner) override {
    std::vector<std::string> keys;
    const auto mark = "-" + owner.text() + "-";
    const std::lock_guard lock{shelf_->mutex};
    for (const auto& [key, bytes] : shelf_->files) {
      if (key.find(mark) != std::string::npos) keys.push_back(key);
    }
    co_return keys;
  }

 private:
  shared_bytes bytes_of(const std::string& key) {
    const std::lock_guard lock{shelf_->mutex};
    const auto at = shelf_->files.find(key);
    return at == shelf_->files.end() ? nullptr : at->second;
  }

  std::shared_ptr<audio_shelf> shelf_ = std::make_shared<audio_shelf>();
};

}  // namespace

std::unique_ptr<audio_store> create_memory_audio_store() { return std::make_unique<memory_audio_store>(); }

}  // namespace music
