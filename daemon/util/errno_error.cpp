#include "util/errno_error.hpp"

namespace concd {

std::system_error errno_error(const std::string& context, int error) {
  return {error, std::generic_category(), context};
}

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

}  // namespace concd
