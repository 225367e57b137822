#pragma once

/// Sends what lies in the outbox.

#include <music/async/clock.hpp>
#include <music/async/task.hpp>
#include <music/base/random.hpp>
#include <music/core/outbox.hpp>
#include <music/net/http_client.hpp>
#include <music/webhooks/settings.hpp>

#include <memory>

namespace music::webhooks {

/// Takes due deliveries, sends each at least once until its receiver has it or it is given up, and writes down what came of
/// it. One for the process, on one shard; several processes may share an outbox. Jobs never wait for it.
///
/// Bounds: 64 deliveries at once, of these about 8 to one endpoint, so that a receiver that is slow or away holds up nobody
/// else. An answer's body is never read, logged or kept.
class sender {
 public:
  virtual ~sender() = default;

  /// Begins; looks once a second. Call it on the sender's shard, once.
  virtual void start() = 0;

  /// Something may be due. Thread-safe.
  virtual void look() = 0;

  /// Begins nothing any more, lets what is under way come to its end for a second, but not past `until`, and cuts off the rest: the
  /// next process sends it again. True if all is at rest a second later. Await it on the sender's shard before it is destroyed.
  [[nodiscard]] virtual task<bool> drain(time_point until) = 0;
};

/// What a sender works with; all of it must outlive it. `client` must be its own, with a resolver for names from outside.
struct sender_parts {
  executor ex;
  music::clock& clock;
  random_source& random;
  music::outbox& outbox;
  net::http_client& client;
};

[[nodiscard]] std::unique_ptr<sender> create_sender(const settings& chosen, sender_parts parts);

}  // namespace music::webhooks
