#include "webhook_check.hpp"

namespace music::http {

std::vector<field_error> check_webhook(const http_ports& ports, const generate_request& wanted) {
  if (!wanted.webhook) return {};
  if (ports.webhooks == nullptr) return {{"webhook", "is not available here"}};
  return ports.webhooks->check(*wanted.webhook);
}

}  // namespace music::http
