#pragma once

/// Decides what is told about a job, to whom, in which words.

#include <music/core/outbox.hpp>
#include <music/webhooks/settings.hpp>

#include <functional>
#include <memory>
#include <string>

namespace music::webhooks {

/// The notifier, which learns late where the service is to be found.
class announcer : public notifier {
 public:
  /// What links begin with, without a final slash. Call it once, before anything is told.
  virtual void set_base_url(std::string base_url) = 0;
};

/// `chosen` must outlive it. `look` is called on any thread when something may be due, and must stay callable until the
/// notifier ends.
[[nodiscard]] std::unique_ptr<announcer> create_notifier(const settings& chosen, std::function<void()> look);

}  // namespace music::webhooks
