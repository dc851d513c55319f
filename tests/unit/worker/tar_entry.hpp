#pragma once

#include <iomanip>
#include <sstream>
#include <string>

namespace concd::worker {

/// What a header of a tar says about its entry.
struct TarEntry {
  std::string mode = "0000644";
  char type = '0';
  std::string target = {};
};

/// The header of an entry in a tar, ustar as POSIX.1-1988 has it.
inline std::string tar_header(const std::string& name, long long size, const TarEntry& entry = {}) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t position, const std::string& text) {
    header.replace(position, text.size(), text);
  };
  const auto octal = [](long long value, int digits) {
    std::ostringstream text;
    text << std::oct << std::setw(digits) << std::setfill('0') << value;
    return text.str();
  };
  put(0, name);
  put(100, entry.mode);
  put(124, octal(size, 11));
  put(136, "00000000000");
  put(148, std::string("        ") + entry.type);
  put(157, entry.target);
  put(257, std::string("ustar\0"
                       "00",
                       8));
  long long sum = 0;
  for (const unsigned char byte : header) sum += byte;
  put(148, octal(sum, 6) + '\0');
  return header;
}

inline std::string padded(std::string data) {
  data.resize((data.size() + 511) / 512 * 512);
  return data;
}

/// An entry of a pax archive, where a hard link may have data: a header of its own comes before it.
inline std::string pax_entry(const std::string& name, const std::string& data, const TarEntry& entry) {
  const std::string record = "19 atime=1000000000\n";
  return tar_header("PaxHeaders/" + name, static_cast<long long>(record.size()), {"0000644", 'x', ""}) +
         padded(record) + tar_header(name, static_cast<long long>(data.size()), entry) + padded(data);
}

}  // namespace concd::worker
