#pragma once

namespace concd {

/// Allows the process as many descriptors as its hard limit has, setrlimit(2): a shell's soft limit is far
/// below what many transfers, connections and files need. Children are given a limit of their own.
void raise_descriptor_limit();

}  // namespace concd
