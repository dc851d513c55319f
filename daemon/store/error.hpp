#pragma once

#include <stdexcept>

namespace concd::store {

/// The database cannot be used: one sentence that names the file and says what to do.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The file holds something else than a whole database of concd; recover() may help.
class DamagedError : public StoreError {
 public:
  using StoreError::StoreError;
};

}  // namespace concd::store
