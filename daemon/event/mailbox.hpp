#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "event/io.hpp"
#include "util/synchronized.hpp"
#include "util/unique_fd.hpp"

namespace concd::event {

/// Brings calls from any thread onto the loop's thread, in the order they were posted, by an eventfd(2).
class Mailbox {
 public:
  using Letter = std::function<void()>;

  explicit Mailbox(Loop& loop);

  /// Any thread. The letter runs on the loop's thread, or never when the mailbox is destroyed first.
  void post(Letter letter);
  /// Loop's thread: runs what has been posted so far. For shutdown, when the loop turns no more.
  void drain();

 private:
  UniqueFd m_eventfd;
  Synchronized<std::vector<Letter>> m_letters;
  Io m_io;
};

}  // namespace concd::event
