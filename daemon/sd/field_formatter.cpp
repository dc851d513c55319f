#include "sd/field_formatter.hpp"

#include <string>

#include <spdlog/pattern_formatter.h>

#include "util/log.hpp"
#include "util/shown.hpp"

namespace concd::sd {
namespace {

class FieldFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& destination) override {
    const auto entry = log::split({message.payload.data(), message.payload.size()});
    auto text = printable(entry.message);
    for (const auto field : entry.fields) text.append(1, ' ').append(printable(field));
    auto plain = message;
    plain.payload = spdlog::string_view_t(text.data(), text.size());
    m_pattern.format(plain, destination);
  }

  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<FieldFormatter>();
  }

 private:
  spdlog::pattern_formatter m_pattern{"%Y-%m-%d %H:%M:%S.%e %^%l%$ %v"};
};

}  // namespace

std::unique_ptr<spdlog::formatter> make_field_formatter() {
  return std::make_unique<FieldFormatter>();
}

}  // namespace concd::sd
