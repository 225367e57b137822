#include "pending.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace music {
namespace {

using group = std::vector<std::shared_ptr<pending>>;

/// Those of one shard that wait, on their way to it. Whoever is left when this ends (the loop is being destroyed) is dropped.
struct awakening {
  executor on;
  group waiting;

  awakening(executor where, group who) : on(where), waiting(std::move(who)) {}
  awakening(awakening&&) noexcept = default;
  awakening& operator=(awakening&&) = delete;
  ~awakening() {
    for (const auto& request : waiting) request->drop();
  }

  /// Wakes them in order. If one throws out of its loop, the rest are woken all the same.
  void operator()() {
    for (auto at = waiting.begin(); at != waiting.end(); ++at) {
      try {
        (*at)->answered();
      } catch (...) {
        group rest{std::next(at), waiting.end()};
        waiting.clear();
        asio::post(on, awakening{on, std::move(rest)});
        throw;
      }
    }
  }
};

}  // namespace

void pending::arm(const std::shared_ptr<pending>& self, executor awaiting, completion then) {
  self->awaiting_ = awaiting;
  self->work_.emplace(awaiting);
  self->then_ = std::move(then);
  auto slot = asio::get_associated_cancellation_slot(*self->then_);
  if (!slot.is_connected()) return;
  // weak: the handler owns the coroutine, which owns the slot, which would own the handler
  slot.assign([awaiting, weak = std::weak_ptr{self}](asio::cancellation_type) {
    asio::post(awaiting, [weak] {
      if (const auto request = weak.lock()) request->finish(asio::error::operation_aborted);
    });
  });
}

void pending::answered() {
  work_.reset();
  finish({});
}

void pending::drop() noexcept {
  work_.reset();
  then_.reset();
}

void pending::finish(boost::system::error_code how) {
  if (!then_) return;
  auto then = std::move(*then_);
  then_.reset();
  asio::get_associated_cancellation_slot(then).clear();
  std::move(then)(how);
}

void complete_all(group answered) {
  std::vector<group> by_shard;  // a handful, so looking through them is quickest
  for (auto& request : answered) {
    const auto mine = [&](const group& waiting) { return waiting.front()->awaiting() == request->awaiting(); };
    auto at = std::ranges::find_if(by_shard, mine);
    if (at == by_shard.end()) at = by_shard.emplace(at);
    at->push_back(std::move(request));
  }
  for (auto& waiting : by_shard) {
    const auto on = waiting.front()->awaiting();
    asio::post(on, awakening{on, std::move(waiting)});
  }
}

}  // namespace music
