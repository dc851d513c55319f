#pragma once

#include <string>

#include "engine/response.hpp"

namespace concd::engine {

/// What to do about the Content-Encoding of a body, which was never asked for.
enum class BodyCoding {
  plain,    ///< nothing: the bytes are the file, be it that the coded form is what was asked for
  coded,    ///< a Decoder gets the file out of them
  foreign,  ///< a coding that is not known here
};

/// `asked` and `found`: the URL before and after redirects. A name that ends in .gz or .tgz, or a media type
/// of gzip, says that the gzip form is the file: old servers send the type of what is inside along.
[[nodiscard]] BodyCoding coding_of(const Response& response, const std::string& asked,
                                   const std::string& found);

}  // namespace concd::engine
