#include <music/async/blocking_pool.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <optional>

namespace music {
namespace {

using completion = asio::any_completion_handler<void(std::exception_ptr)>;

/// One piece of work under way. The handler is touched on the awaiting shard only, so it needs no lock: whichever of
/// "done" and "cancelled" comes first takes it.
struct pending {
  pending(executor on, completion then) : handler(std::move(then)), work(asio::make_work_guard(on)) {}
  std::optional<completion> handler;
  asio::executor_work_guard<executor> work;
};

void finish(const std::shared_ptr<pending>& waiting, std::exception_ptr thrown) {
  if (!waiting->handler) return;
  auto handler = std::move(*waiting->handler);
  waiting->handler.reset();
  asio::get_associated_cancellation_slot(handler).clear();
  waiting->work.reset();
  std::move(handler)(std::move(thrown));
}

std::exception_ptr aborted() { return std::make_exception_ptr(boost::system::system_error{asio::error::operation_aborted}); }

}  // namespace

task<void> blocking_pool::execute(std::function<void()> work) {
  const auto ex = co_await asio::this_coro::executor;
  auto initiate = [this, ex](auto handler, std::function<void()> job) {
    auto waiting = std::make_shared<pending>(ex, completion{std::move(handler)});
    auto slot = asio::get_associated_cancellation_slot(*waiting->handler);
    if (slot.is_connected()) {
      slot.assign([waiting, ex](asio::cancellation_type) { asio::post(ex, [waiting] { finish(waiting, aborted()); }); });
    }
    asio::post(pool_, [waiting, ex, job = std::move(job)] {
      std::exception_ptr thrown;
      try {
        job();
      } catch (...) {
        thrown = std::current_exception();
      }
      // Moved, so that the exception is released on the awaiting thread: libstdc++ counts its owners where ThreadSanitizer cannot see.
      asio::post(ex, [waiting, thrown = std::move(thrown)]() mutable { finish(waiting, std::move(thrown)); });
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<executor>&, void(std::exception_ptr)>(initiate, use_task,
                                                                                                  std::move(work));
}

}  // namespace music
