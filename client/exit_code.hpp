#pragma once

#include "job/view.hpp"
#include "protocol/error.hpp"

namespace concd::client {

/// How concctl ends, concctl(1). Where wget(1) has a class for it, the number is wget's.
namespace exit_code {
inline constexpr int k_complete = 0;        ///< all is complete and verified
inline constexpr int k_other = 1;           ///< none of the below
inline constexpr int k_usage = 2;           ///< an argument is wrong, or names nothing that concd knows
inline constexpr int k_file = 3;            ///< a local file or disk
inline constexpr int k_network = 4;         ///< no name, no route, no connection
inline constexpr int k_tls = 5;             ///< certificate or handshake
inline constexpr int k_authentication = 6;  ///< the server wants other credentials
inline constexpr int k_server = 8;          ///< the server answered an error
inline constexpr int k_verification = 10;   ///< digest or size are not the expected ones
inline constexpr int k_no_daemon = 11;      ///< concd cannot be reached, or did not come back
inline constexpr int k_cancelled = 12;      ///< somebody cancelled the job
inline constexpr int k_not_permitted = 13;  ///< the socket or the job is not the caller's
inline constexpr int k_queue_full = 14;     ///< concd takes no more jobs for now
inline constexpr int k_limit = 15;          ///< a limit of the caller's is reached
inline constexpr int k_timeout = 124;       ///< --timeout ran out, as timeout(1) says it
inline constexpr int k_interrupted = 130;   ///< detached or cancelled by SIGINT, 128 + 2
inline constexpr int k_terminated = 143;    ///< detached or cancelled by SIGTERM, 128 + 15

/// Of a job that has ended; k_complete for one that has not.
[[nodiscard]] int of(const job::View& job);
/// Of an error that the daemon replied.
[[nodiscard]] int of(const protocol::WireError& error);
/// Of a socket that could not be connected, by its errno.
[[nodiscard]] int of_connect_error(int error);
}  // namespace exit_code

}  // namespace concd::client
