#pragma once

#include <string_view>
#include <vector>

namespace concd::engine {

/// Gathers the small pieces in which libcurl hands out what one recv(2) brought, and passes them on in one.
/// One a transfer thread; lives there.
class Staging {
 public:
  class Owner {
   public:
    /// Takes the bytes; keeps what goes wrong to itself.
    virtual void flush(std::string_view data) noexcept = 0;

   protected:
    ~Owner() = default;
  };

  /// Bytes of another owner that are still here are passed on first.
  void append(Owner& owner, std::string_view data);
  /// Passes on what is here.
  void flush() noexcept;
  /// Gives the memory back, for a thread that will be idle. Nothing must be left here.
  void release();

 private:
  Owner* m_owner = nullptr;
  std::vector<char> m_data;
};

}  // namespace concd::engine
