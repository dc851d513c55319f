#pragma once

#include "worker/process/call_filter.hpp"

namespace concd::worker {

// What a worker's work needs of the system calls, tried with the libraries of Debian 12 and 13, and generous
// with what harms nobody.

/// Memory, time, waiting, reading and writing of what is open, opening for reading.
void allow_common_calls(CallFilter& filter);
/// More threads of this process, and no other process.
void allow_threads(CallFilter& filter);
/// openat2(2), which has its flags in memory: what may be opened is left to Landlock.
void allow_opening_below(CallFilter& filter);
/// Speaking by sockets that are there, such as the daemon's, and by pairs of them.
void allow_open_sockets(CallFilter& filter);
/// Sockets of IPv4, IPv6 and routing information, which resolving a name asks for; none that listens.
void allow_network_calls(CallFilter& filter);
/// Making, changing and removing files, folders and links.
void allow_making_calls(CallFilter& filter);

}  // namespace concd::worker
