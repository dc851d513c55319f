#pragma once

#include <csignal>
#include <cstddef>

#include <sys/resource.h>

#include "support/catch.hpp"

namespace concd::test {

/// While it lives no file may grow beyond `size` bytes: a write there fails with EFBIG, setrlimit(2).
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::size_t size) : m_handler(::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &m_before) == 0);
    const rlimit limit{size, m_before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &m_before);
    ::signal(SIGXFSZ, m_handler);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*m_handler)(int);
  rlimit m_before{};
};

}  // namespace concd::test
