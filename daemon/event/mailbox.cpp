#include "event/mailbox.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "util/errno_error.hpp"

namespace concd::event {

Mailbox::Mailbox(Loop& loop)
    : m_eventfd(check_errno(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      m_io(loop, m_eventfd.get(), EPOLLIN, [this](std::uint32_t) { drain(); }) {}

void Mailbox::post(Letter letter) {
  const bool first = m_letters.with([&](auto& letters) {
    letters.push_back(std::move(letter));
    return letters.size() == 1;
  });
  // Only the first letter needs to wake the loop: drain() takes all that are there.
  if (first) eventfd_write(m_eventfd.get(), 1);
}

void Mailbox::drain() {
  eventfd_t count = 0;
  eventfd_read(m_eventfd.get(), &count);
  const auto letters = m_letters.with([](auto& all) { return std::exchange(all, {}); });
  for (const auto& letter : letters) letter();
}

}  // namespace concd::event
